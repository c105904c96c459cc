"""The layout of what is known: columns that are told together stand in one block, so that no programme is of all.

Of a table of many columns, each by the same groups, nothing is told of two columns at once: whoever knows the counts of
each column by the groups must hold every person of all columns possible who fits these, as such tables are decomposable
(Lauritzen 1996, "Graphical Models", chapter 3). So each column is laid out by itself, beside the groups and what
decides who is in a cohort, and all blocks have as many persons of each group. Columns that decide each other, or were
told together, are of one block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from clinical_nb.disclosure.crossing import Kinds, Links, Merged, Set, Small, Told, are_same, merge, small_sets
from clinical_nb.disclosure.imagining import imagine, is_tied
from clinical_nb.disclosure.rows import Codes

_MOST_KINDS = 3_000
_MOST_SMALL = 5_000


@dataclass(frozen=True, slots=True)
class Layout:
    """How many persons there are of each kind, which kinds each set of each answer has, and what must not be known."""

    kinds: Kinds
    sets: tuple[tuple[Set, ...], ...]
    small: tuple[Small, ...]
    links: Links


def lay_out(told: Sequence[Told], most: int) -> Layout | None:
    """Return the kinds of persons that some answers tell apart; None where there are too many to be checked."""
    shared, blocks = _blocks(told)
    laid: list[Merged] = []
    small: list[list[Small]] = []
    found: dict[tuple[int, int], tuple[int, Set]] = {}
    for number, block in enumerate(blocks):
        part, places = _narrow(told, block) if block is not None else (told, [range(len(each.sets)) for each in told])
        merged = merge(part)
        if len(merged.kinds) > _MOST_KINDS:
            return None
        laid.append(imagine(part, merged, most))
        few = small_sets(part, laid[-1], most, _MOST_SMALL)
        if few is None:
            return None
        small.append(few)
        for answer, (sets, of) in enumerate(zip(laid[-1].sets, places, strict=True)):
            for inside, place in zip(sets, of, strict=True):
                found.setdefault((answer, place), (number, inside))
    ends = np.cumsum([0, *(len(each.kinds) for each in laid)])
    cells = _shared_cells(told, laid, shared, blocks)

    def wide(number: int, inside: Set) -> Set:
        widened = np.zeros(int(ends[-1]), np.bool_)
        widened[ends[number] : ends[number + 1]] = inside
        return widened

    return Layout(
        np.concatenate([each.kinds for each in laid]),
        tuple(
            tuple(wide(*found[answer, place]) for place in range(len(each.sets))) for answer, each in enumerate(told)
        ),
        tuple(replace(each, inside=wide(number, each.inside)) for number, each in _distinct(small, cells)),
        _links(cells),
    )


def _distinct(small: Sequence[Sequence[Small]], cells: Sequence[Codes]) -> Iterator[tuple[int, Small]]:
    """Yield the small sets of each block; those that are of what all blocks share only once."""
    known: set[frozenset[int]] = set()
    for number, (few, cell) in enumerate(zip(small, cells, strict=True)):
        for each in few:
            having = frozenset[int](cell[each.inside].tolist())
            is_shared = having.isdisjoint(cell[~each.inside].tolist())
            if not is_shared or having not in known:
                yield number, each
            if is_shared:
                known.add(having)


def _blocks(told: Sequence[Told]) -> tuple[frozenset[str], list[frozenset[str] | None]]:
    """Return the columns that all blocks share, and those of each block with these; None for one block of all."""
    if not told[-1].parts_of or not _can_be_parted(told):
        return frozenset(), [None]
    shared = frozenset(name for each in told for feature in each.features[:1] for name in feature.columns)
    for each in told:
        if each.features and (len(each.parts) > 1 or each is told[-1]):  # of one table alone, its columns are a block
            first, *others = (each.columns_of(each.parts_of, place) for place in range(len(each.parts)))
            shared |= first.intersection(*others)
    groups = {name: {name} for each in told for feature in each.features for name in feature.columns}
    together = [
        *(
            each.columns_of(of, place)
            for each in told
            for of in (each.parts_of, each.sets_of)
            for place in range(len(of))
        ),
        *_ties(told),
    ]
    for names in together:
        joined = set[str]().union(*(groups[name] for name in names - shared))
        groups.update(dict.fromkeys(joined, joined))
    apart = {min(group): frozenset(group) for name, group in groups.items() if name not in shared}
    return shared, [shared | apart[name] for name in sorted(apart)] or [shared]


def _can_be_parted(told: Sequence[Told]) -> bool:
    """Tell whether columns tell persons apart, of whom all answers have the same."""
    return are_same(told) and all(each.features or _is_constant(each) for each in told)


def _is_constant(told: Told) -> bool:
    return all((codes == codes[0]).all() for codes in (*told.parts, *told.sets) if len(codes))


def _ties(told: Sequence[Told]) -> list[frozenset[str]]:
    """Return each two columns of which one decides the other."""
    features = {(feature.columns, feature.codes.tobytes()): feature for each in told for feature in each.features[1:]}
    return [
        frozenset((*one.columns, *other.columns))
        for one, other in combinations(features.values(), 2)
        if one.columns != other.columns and is_tied(one.codes, other.codes)
    ]


def _narrow(told: Sequence[Told], block: frozenset[str]) -> tuple[list[Told], list[Sequence[int]]]:
    """Return what each answer tells by the columns of a block alone, and the places of its sets that do."""
    found: list[Told] = []
    places: list[Sequence[int]] = []
    for each in told:
        features = [place for place, feature in enumerate(each.features) if block.issuperset(feature.columns)]
        number = {place: at for at, place in enumerate(features)}
        parts = [place for place in range(len(each.parts)) if block >= each.columns_of(each.parts_of, place)]
        sets = [place for place in range(len(each.sets)) if block >= each.columns_of(each.sets_of, place)]
        found.append(
            replace(
                each,
                parts=tuple(each.parts[place] for place in parts),
                sets=tuple(each.sets[place] for place in sets),
                shown=tuple(each.shown[place] for place in sets),
                features=tuple(each.features[place] for place in features),
                parts_of=tuple(tuple(number[one] for one in each.parts_of[place]) for place in parts)
                if each.features
                else (),
                sets_of=tuple(tuple(number[one] for one in each.sets_of[place]) for place in sets)
                if each.features
                else (),
            )
        )
        places.append(sets)
    return found, places


def _shared_cells(
    told: Sequence[Told], laid: Sequence[Merged], shared: frozenset[str], blocks: Sequence[frozenset[str] | None]
) -> list[Codes]:
    """Return which cell of what all blocks share each kind of each block is in."""
    stacked: list[np.ndarray[tuple[int, int], np.dtype[np.int64]]] = []
    for merged, block in zip(laid, blocks, strict=True):
        found: list[Codes] = [np.zeros(len(merged.kinds), np.int64)]
        for each, values in zip(told, merged.features, strict=True):
            kept = [feature for feature in each.features if block is None or block.issuperset(feature.columns)]
            found += [codes for feature, codes in zip(kept, values, strict=True) if shared.issuperset(feature.columns)]
        stacked.append(np.stack(found))
    cells: Codes = np.unique(np.concatenate(stacked, axis=1), axis=1, return_inverse=True)[1].reshape(-1)
    return np.split(cells, np.cumsum([len(each.kinds) for each in laid])[:-1])


def _links(cells: Sequence[Codes]) -> Links:
    """Return sums that are 0: each block has as many persons of a cell as the first."""
    cell = np.concatenate(cells)
    block = np.repeat(np.arange(len(cells)), [len(each) for each in cells])
    inside = [cell == each for each in range(int(cell.max(initial=-1)) + 1)]
    found = [
        (each & (block == number)).astype(np.float64) - (each & (block == 0))
        for number in range(1, len(cells))
        for each in inside
    ]
    return np.array(found).reshape(-1, len(cell))
