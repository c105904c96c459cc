"""What changed of rows: matched by what identifies them, or counted whole where nothing does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl
from polars.exceptions import ComputeError

from clinical_nb.changes.alike import alike, as_text, is_text
from clinical_nb.changes.values import KeyFault, RowChanges
from clinical_nb.dictionary.identifiers import names_row, words_of
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import DeletedTableError, UnreadableTableError

# What tells the rows of one person apart, by a word of its name: only beside an identifier is it a key.
_WITHIN_PERSON = frozenset(
    """visit visitnum day date week month year cycle time timepoint wave occasion episode event period sequence seq
    line repeat repetition test testcd param paramcd parameter analyte eye side site tooth sample record""".split()  # noqa: SIM905 - words read better than a list of quoted words
)
_MOST_WITHIN = 5  # columns that may complete a key: each is tried, and each pair of them
# Rows that are matched at once, so that memory hardly grows with the table: 0.6 GB for 4 million rows of 9 columns.
_ROWS_AT_ONCE = 1_000_000
_COUNT = "rows"

Alike = Callable[[pl.Expr, pl.DataType, pl.Expr, pl.DataType], tuple[pl.Expr, pl.Expr]]


@dataclass(frozen=True, slots=True)
class Pair:
    """The two versions' rows in the columns that both have, which are called `names[0]`, … in either's `c0`, …."""

    names: tuple[str, ...]
    numbers: tuple[int, int]
    rows: tuple[int, int]
    frames: tuple[pl.LazyFrame, pl.LazyFrame]
    types: tuple[Mapping[str, pl.DataType], Mapping[str, pl.DataType]]

    def columns(self, names: Sequence[str], prefix: str, bring_together: Alike) -> tuple[list[pl.Expr], list[pl.Expr]]:
        """Return some columns of both versions in one type each, called by a prefix and their place."""
        both: tuple[list[pl.Expr], list[pl.Expr]] = ([], [])
        for place, name in enumerate(names):
            column = pl.col(f"c{self.names.index(name)}")
            found = bring_together(column, self.types[0][name], column, self.types[1][name])
            for side, expression in zip(both, found, strict=True):
                side.append(expression.alias(f"{prefix}{place}"))
        return both


def pair_rows(
    names: Sequence[str], numbers: tuple[int, int], rows: tuple[int, int], frames: tuple[pl.LazyFrame, pl.LazyFrame]
) -> Pair:
    """Return the rows of two versions in the columns named, which both have.

    Columns are called by their place, since Polars takes a name such as `^.*$` for a pattern. Text is brought to
    Unicode's normal form C, in which the store's hash knows it, where it has more than ASCII.
    """
    schemas = [frame.collect_schema() for frame in frames]
    narrow = [_narrow(frame, schema, names) for frame, schema in zip(frames, schemas, strict=True)]
    return Pair(tuple(names), numbers, rows, (narrow[0], narrow[1]), (schemas[0], schemas[1]))


def _narrow(frame: pl.LazyFrame, schema: pl.Schema, names: Sequence[str]) -> pl.LazyFrame:
    columns = {f"c{place}": pl.nth(schema.names().index(name)) for place, name in enumerate(names)}
    texts = {
        called: columns[called].cast(pl.String)
        for called, name in zip(columns, names, strict=True)
        if is_text(schema[name])
    }
    beyond = collect(
        frame.select(
            (each.str.len_bytes() != each.str.len_chars()).any().alias(called) for called, each in texts.items()
        )
    )
    rare = {called for called in texts if beyond[called].item()}
    return frame.select(
        (texts[called].str.normalize("NFC") if called in rare else each).alias(called)
        for called, each in columns.items()
    )


def compare_rows(pair: Pair, before: Mapping[str, Column], after: Mapping[str, Column]) -> RowChanges:
    """Match the rows by the smallest key that both versions have, and count what changed; else count whole rows.

    A key is what the dictionary says identifies a row or a person, or what is called so; a person's together with a
    column that tells her rows apart by its name. It is used where it is never missing and never repeated, in both.

    Raises
    ------
    UnreadableTableError
        When a stored file is damaged inside.

    """
    faults: list[KeyFault] = []
    for key in _find_candidates(pair.names, before, after):
        found = _find_faults(pair, key)
        first = next(found, None)
        if first is None:
            return _match(pair, key)
        faults += (first, *found) if len(key) == 1 else ()
    return _count_whole(pair, tuple(faults))


def _find_candidates(
    names: Sequence[str], before: Mapping[str, Column], after: Mapping[str, Column]
) -> Iterator[tuple[str, ...]]:
    """Yield what may be a key, the smallest first."""
    identifiers = [name for name in names if "identifier" in (before[name].kind, after[name].kind)]
    others = [name for name in names if name not in identifiers]
    named = [name for name in others if names_row(name)]  # beside a person's, the dictionary does not call it one
    yield from ((name,) for name in (*identifiers, *named))
    if not identifiers:
        return
    if len(identifiers) > 1:
        yield tuple(identifiers)
    within = [name for name in others if after[name].kind == "date" or not _WITHIN_PERSON.isdisjoint(words_of(name))]
    for size in (1, 2):
        yield from ((*identifiers, *more) for more in combinations(within[:_MOST_WITHIN], size))


def _find_faults(pair: Pair, key: Sequence[str]) -> Iterator[KeyFault]:
    """Yield in which of the versions a key is missing or repeated, and in how many rows."""
    for number, frame, columns in zip(pair.numbers, pair.frames, pair.columns(key, "k", _as_keys), strict=True):
        keys = [f"k{place}" for place in range(len(key))]
        is_missing = pl.any_horizontal(pl.col(keys).is_null())
        counted = frame.select(columns).group_by(keys).agg(pl.len().alias(_COUNT))
        missing, repeated = collect(
            counted.select(
                missing=pl.col(_COUNT).filter(is_missing).sum(),
                repeated=pl.col(_COUNT).filter(~is_missing & (pl.col(_COUNT) > 1)).sum(),
            )
        ).row(0)
        if missing or repeated:
            yield KeyFault(key[0], number, repeated, missing)


def _match(pair: Pair, key: tuple[str, ...]) -> RowChanges:
    """Count by a key which rows only one version has, and in which columns the others differ."""
    others = [name for name in pair.names if name not in key]
    keys = [f"k{place}" for place in range(len(key))]
    cells = [f"n{place}" for place in range(len(others))]
    differs = [pl.col(f"v{place}").ne_missing(pl.col(f"w{place}")) for place in range(len(others))]
    total = dict.fromkeys([_COUNT, "changed", *cells], 0)
    sides = [
        frame.select(*columns, *values)
        for frame, columns, values in zip(
            pair.frames,
            pair.columns(key, "k", _as_keys),
            (pair.columns(others, "v", alike)[0], pair.columns(others, "w", alike)[1]),
            strict=True,
        )
    ]
    for part in _parts(pair, [pl.col(name) for name in keys]):
        matched = sides[0].filter(part).join(sides[1].filter(part), on=keys)
        counted = matched.select(
            pl.len().alias(_COUNT),
            (pl.any_horizontal(differs).sum() if differs else pl.lit(0)).alias("changed"),
            *(each.sum().alias(name) for each, name in zip(differs, cells, strict=True)),
        )
        total = {name: total[name] + number for name, number in collect(counted).row(0, named=True).items()}
    changed = {name: total[cell] for name, cell in zip(others, cells, strict=True) if total[cell]}
    return RowChanges(
        key,
        added=pair.rows[1] - total[_COUNT],
        removed=pair.rows[0] - total[_COUNT],
        changed=total["changed"],
        unchanged=total[_COUNT] - total["changed"],
        cells=dict(sorted(changed.items(), key=lambda each: -each[1])),
    )


def _count_whole(pair: Pair, faults: tuple[KeyFault, ...]) -> RowChanges:
    """Count the rows that one version has more often than the other: a row that changed is one gone and one new."""
    values = [f"v{place}" for place in range(len(pair.names))]
    sides = [
        frame.select(*columns, pl.lit(sign, dtype=pl.Int64).alias(_COUNT))
        for frame, columns, sign in zip(pair.frames, pair.columns(pair.names, "v", alike), (-1, 1), strict=True)
    ]
    whole = pl.concat(sides)
    # a float is left out of what makes the parts: 0.0 and -0.0 are one value, and need not have one hash
    kinds = whole.collect_schema()
    hashed = [pl.col(name) for name in values if not kinds[name].is_float()]
    added = removed = 0
    for part in _parts(pair, hashed):
        counted = whole.filter(part).group_by(values).agg(pl.col(_COUNT).sum())
        more, fewer = collect(
            counted.select(
                more=pl.col(_COUNT).filter(pl.col(_COUNT) > 0).sum(),
                fewer=-pl.col(_COUNT).filter(pl.col(_COUNT) < 0).sum(),
            )
        ).row(0)
        added, removed = added + more, removed + fewer
    return RowChanges((), added, removed, 0, pair.rows[1] - added, faults=faults)


def _parts(pair: Pair, by: Sequence[pl.Expr]) -> list[pl.Expr]:
    """Return conditions that part the rows, equal ones together, so that no part has more than memory is meant for."""
    count = -(-max(*pair.rows, 1) // _ROWS_AT_ONCE) if by else 1
    if count == 1:
        return [pl.lit(value=True)]
    return [pl.struct(by).hash() % count == part for part in range(count)]


def _as_keys(before: pl.Expr, then: pl.DataType, after: pl.Expr, now: pl.DataType) -> tuple[pl.Expr, pl.Expr]:
    """Return a key's column of both versions in one type that can be matched: what is not a number is missing."""
    if then.is_float() or now.is_float():
        sides = [each.fill_nan(None) if dtype.is_float() else each for each, dtype in ((before, then), (after, now))]
        return as_text(sides[0], then), as_text(sides[1], now)
    return alike(before, then, after, now)


def collect(query: pl.LazyFrame) -> pl.DataFrame:
    """Read the data, a batch at a time.

    Raises
    ------
    DeletedTableError
        When a stored file is not there any more.
    UnreadableTableError
        When a stored file is damaged inside.

    """
    try:
        return query.collect(engine="streaming")
    except FileNotFoundError as error:
        raise DeletedTableError from error
    except ComputeError as error:
        raise UnreadableTableError from error
