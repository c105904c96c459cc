"""Baselines: which columns have one measurement before treatment and after it, by their names or labels."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.dictionary.meaning import Column, value_text
from clinical_nb.dictionary.proposal import RoleProposal
from clinical_nb.dictionary.vocabulary import squeeze, vocabulary

_MOST_DIGITS = 9  # of the number of a visit
_MEASURED = ("numeric", "binary", "categorical")
_IN_PARENTHESES = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class _When:
    """The part of a name that says when: a word (`pre`), or a number with its unit, if it has one (`week`, 12)."""

    word: str
    number: int | None = None


_Stem = tuple[tuple[str, ...], str]  # what was measured, and whether the time stands before or after it


def propose_baselines(table: str, columns: Mapping[str, Column]) -> Iterator[RoleProposal]:
    """Yield for each later measurement the column with the same one before treatment: `sbp_12` has `sbp_0`.

    Both must be of one kind, and in one unit where units are known. Where two columns could be the one before
    treatment, neither is; numbers that only count on (`q_0`, `q_1`) are no times.
    """
    named, labelled = _by_stem(columns, name_splits), _by_stem(columns, lambda name: label_splits(columns[name].label))
    found = dict(_standards(columns))
    numbered = Counter(_numbers(whens) for whens in named.values())
    for (stem, _), whens in named.items():
        for later, before in _match(whens, _alone(stem, columns), is_shared=numbered[_numbers(whens)] > 1).items():
            found.setdefault(later, before)
    by_names = set(found)
    for whens in labelled.values():
        for later, before in _match(whens, None, is_shared=True).items():
            found.setdefault(later, before)
    for later, before in found.items():
        if _is_same_measurement(columns[later], columns[before]) and not columns[later].baseline:
            by = "names" if later in by_names else "labels"
            why = f"{before} has the same measurement as {later} before treatment, by their {by}."
            yield RoleProposal(table, later, why, baseline=before)


def _by_stem(
    columns: Mapping[str, Column], splits: Callable[[str], Iterable[tuple[_Stem, _When]]]
) -> Mapping[_Stem, Mapping[str, _When]]:
    """Return the columns of each measurement with when it was made; start_date and end_date are no measurements."""
    groups: dict[_Stem, dict[str, _When]] = defaultdict(dict)
    for name, column in columns.items():
        for stem, when in splits(name) if column.kind in _MEASURED else ():
            if not set(stem[0]) <= vocabulary().baseline.not_measured:
                groups[stem][name] = when
    return groups


def name_splits(name: str) -> Iterator[tuple[_Stem, _When]]:
    """Yield how a name can be parted into what was measured and when."""
    said = vocabulary().baseline
    words = words_of(name)
    timed = {each for first, after in said.pairs for each in (first, *after)} | said.plain
    yield from _fused(words)
    if len(words) < 2:  # noqa: PLR2004 - what and when
        return
    for when, stem, place in ((words[-1], words[:-1], "after"), (words[0], words[1:], "before")):
        if when in timed:
            yield (stem, place), _When(when)
    if len(words) > 2:  # noqa: PLR2004 - the same
        yield from _followed(words)
    if _is_count(words[-1]):
        if len(words) > 2 and words[-2] in said.units:  # noqa: PLR2004 - sbp_week_12
            yield (words[:-2], "after"), _When(words[-2], int(words[-1]))
        elif len("".join(words[:-1])) > 1:
            yield (words[:-1], "after"), _When("", int(words[-1]))
    for unit, number in (words[:2], words[1::-1]) if len(words) > 2 else ():  # noqa: PLR2004 - week12_sbp, 6 months SBP
        if unit in said.units and _is_count(number):
            yield (words[2:], "before"), _When(unit, int(number))


def _followed(words: Sequence[str]) -> Iterator[tuple[_Stem, _When]]:
    """Yield what was measured at follow up, which is two words before it or after it."""
    if words[-2:] == ("follow", "up"):
        yield (tuple(words[:-2]), "after"), _When("followup")
    if words[:2] == ("follow", "up"):
        yield (tuple(words[2:]), "before"), _When("followup")


def _fused(words: Sequence[str]) -> Iterator[tuple[_Stem, _When]]:
    """Yield what was measured where the time is written into a word of it: `prewt` and `postwt`, `pain_preop`."""
    for when in vocabulary().baseline.fused:
        for at in {0, len(words) - 1} if words else ():
            rest = words[at].removeprefix(when)
            if len(rest) > 1 and rest != words[at] and rest.isalpha():
                place = "before" if at == 0 else "after"
                yield ((*words[:at], rest, *words[at + 1 :]), f"fused {place}"), _When(when)


def label_splits(label: str) -> Iterator[tuple[_Stem, _When]]:
    """Yield how a label can be parted into what was measured and when: weight, and `before` treatment or at week 12.

    What before and after are of must be the same in both: it stays with what was measured.
    """
    said = vocabulary().baseline
    words = words_of(_IN_PARENTHESES.sub(" ", label).replace("-", " "))
    for at, word in enumerate(words):
        if word in said.relative:
            yield (_without(words, at, at + 1), "label"), _When(said.relative[word])
        elif word in said.plain:
            yield (_without(words, at, at + 1), "label at"), _When(word)
        elif words[at : at + 2] == ("follow", "up"):
            yield (_without(words, at, at + 2), "label at"), _When("followup")
        elif word == "followup":
            yield (_without(words, at, at + 1), "label at"), _When(word)
        pair = words[at : at + 2]
        for unit, number in (pair, pair[::-1]) if len(pair) > 1 else ():
            if unit in said.units and len(unit) > 1 and _is_count(number):
                yield (_without(words, at, at + 2), "label at"), _When(unit.removesuffix("s"), int(number))


def _without(words: tuple[str, ...], start: int, end: int) -> tuple[str, ...]:
    """Leave out a time and the preposition that leads to it."""
    before = words[:start]
    return (*(before[:-1] if before[-1:] in (("at",), ("in",), ("on",), ("from",)) else before), *words[end:])


def _is_count(word: str) -> bool:
    return word.isdecimal() and len(word) <= _MOST_DIGITS


def _alone(stem: tuple[str, ...], columns: Mapping[str, Column]) -> str | None:
    """Return the column that is called as what was measured, without a time."""
    called = [name for name in columns if words_of(name) == stem]
    return called[0] if len(called) == 1 else None


def _numbers(whens: Mapping[str, _When]) -> tuple[int, ...]:
    """Return the numbers without a unit that tell the columns of one measurement apart."""
    return tuple(sorted(when.number for when in whens.values() if when.number is not None and not when.word))


def _match(whens: Mapping[str, _When], alone: str | None, *, is_shared: bool) -> dict[str, str]:
    """Return the columns of one measurement that are later than another, each with that one.

    Numbers that count on from 0 are times only where another measurement has the same (`is_shared`), and are few.
    """
    said = vocabulary().baseline
    found: dict[str, set[str]] = defaultdict(set)
    numbers = _numbers(whens)
    counts_on = numbers == tuple(range(len(numbers))) and not (is_shared and len(numbers) <= said.most_in_a_row)
    firsts = {name: when for name, when in whens.items() if _may_be_first(when)}
    for before, first in firsts.items():
        for later, when in whens.items():
            if later == before or (counts_on and not when.word and when.number is not None):
                continue
            if _is_before(first, when):
                found[later].add(before)
        if alone and first.word in said.alone and first.number is None:
            found[alone].add(before)
    return {later: next(iter(before)) for later, before in found.items() if len(before) == 1}


def _may_be_first(when: _When) -> bool:
    said = vocabulary().baseline
    return when.number == 0 if when.number is not None else when.word in said.plain | {word for word, _ in said.pairs}


def _is_before(first: _When, later: _When) -> bool:
    said = vocabulary().baseline
    if first.number is not None:
        return first.number == 0 and bool(later.number) and first.word == later.word
    if later.number is not None:
        return first.word in said.plain and later.number > 0
    return any(first.word == word and later.word in after for word, after in said.pairs)


def _is_same_measurement(later: Column, before: Column) -> bool:
    if later.kind != before.kind:
        return False
    if later.unit and before.unit and later.unit.casefold() != before.unit.casefold():
        return False
    if later.kind == "numeric":
        return True
    codes = [{value_text(level.value) for level in column.levels} for column in (later, before)]
    return not codes[0].isdisjoint(codes[1])


def _standards(columns: Mapping[str, Column]) -> Iterator[tuple[str, str]]:
    called = {squeeze(name): name for name in columns}
    for later, before in vocabulary().baseline.standards:
        if later in called and before in called:
            yield called[later], called[before]
