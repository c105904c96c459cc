"""Numbers that cannot be, or lie far from all others: impossible by what is measured, two units, typing errors."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from clinical_nb.dictionary.identifiers import may_name_person, names_private, names_row, words_of
from clinical_nb.dictionary.meaning import load_yaml
from clinical_nb.dictionary.steps import TreatAsMissing
from clinical_nb.quality.counts import EDGE, Counts
from clinical_nb.quality.doubt import Context, Doubt, Kind, is_number
from clinical_nb.quality.missing_codes import numbers_of
from clinical_nb.quality.spread import far_out, median

_FILE = Path(__file__).with_name("ranges.yaml")
# A change, a score or a group of something has another range than the thing itself.
_DERIVED = frozenset(
    {"change", "delta", "diff", "difference", "score", "z", "pct", "percent", "percentile", "log", "ln", "group", "grp"}
    | {
        "cat",
        "category",
        "class",
        "ratio",
        "loss",
        "gain",
        "grade",
        "code",
        "flag",
        "sd",
        "rank",
        "index",
        "time",
        "date",
    }
    | {"n", "count", "missing", "reduction", "onset", "unit", "units", "type", "status", "goal", "target"}
)
_NEVER_NEGATIVE = frozenset({"count", "counts", "days", "weeks", "months", "years", "duration", "visits", "age", "los"})
_PERCENT = frozenset({"percent", "pct", "percentage"})
_NEAR = 1.2  # times beyond the others that a value in another unit may lie
_CLUSTER = 3.0  # times the median, within which values are in one unit
_FEWEST = 10  # values, of which fewer have no spread


@dataclass(frozen=True, slots=True)
class _Range:
    """What is possible of something: its name in words, and bounds by unit."""

    words: tuple[str, ...]
    units: Mapping[str, tuple[float, float]]


def doubt_extremes(counts: Counts, context: Context, codes: Collection[float]) -> list[Doubt]:
    """Return which numbers of a column cannot be, or lie far from the others; `codes` are told as missing already."""
    column = counts.name
    if not counts.is_number or not counts.known or names_row(column) or may_name_person(column):
        return []
    if names_private(column):
        return []
    numbers = numbers_of(counts)
    impossible, out = _impossible(counts, numbers, context, codes)
    rest = {number: rows for number, rows in numbers.items() if number not in out and number not in codes}
    return [*impossible, *_percent(counts, rest), *_negative(counts, rest, impossible), *_far(counts, rest)]


@cache
def _ranges() -> tuple[_Range, ...]:
    entries = load_yaml(_FILE.read_text(encoding="utf-8"))
    found = [
        _Range(words_of(name), {unit: (float(low), float(high)) for unit, (low, high) in entry["units"].items()})
        for entry in entries
        for name in entry["names"]
    ]
    return tuple(sorted(found, key=lambda each: -len(each.words)))  # "gestational age" before "age"


@cache
def _first_words() -> frozenset[str]:
    return frozenset(each.words[0] for each in _ranges())


def _range_of(column: str) -> _Range | None:
    words = words_of(column)
    first = _first_words() & set(words)
    if not first:
        return None
    for each in _ranges():
        if each.words[0] not in first:
            continue
        size = len(each.words)
        if any(words[at : at + size] == each.words for at in range(len(words) - size + 1)):
            return None if (set(words) - set(each.words)) & _DERIVED else each
    return None


def _impossible(
    counts: Counts, numbers: Mapping[float, int], context: Context, codes: Collection[float]
) -> tuple[list[Doubt], set[float]]:
    """Return what is outside the range of the unit that is said, else of the one that most fit; and all that is."""
    known = _range_of(counts.name)
    if not known:
        return [], set()
    unit = _unit(counts.name, known, numbers, context)
    low, high = known.units[unit]
    out = {number for number in numbers if not low <= number <= high}
    if _inside(numbers, low, high) < sum(numbers[number] for number in out):
        return [], set()  # it is something else that has this name
    found, explained = _in_other_units(counts, numbers, known, unit)
    explained |= out & {*codes}
    if left := out - explained:
        where = (pl.col(counts.name) < low) | (pl.col(counts.name) > high)
        text = f"that cannot be: possible is {f'{low:g} to {high:g} {unit}'.strip()}."
        where &= ~is_number(counts.name, explained & out)
        found.append(_missing_instead("impossible values", text, counts, left, where))
    return found, out


def _in_other_units(
    counts: Counts, numbers: Mapping[float, int], known: _Range, unit: str
) -> tuple[list[Doubt], set[float]]:
    """Return which numbers are of the size that others have in another unit, of each unit; and all of them."""
    low, high = known.units[unit]
    middle = median(numbers)
    main = [n for n in numbers if low <= n <= high and middle / _CLUSTER < n < middle * _CLUSTER]
    apart = [n for n in numbers if n > 0 and main and not main[0] <= n <= main[-1]]
    found: list[Doubt] = []
    explained: set[float] = set()
    for other, (_, most) in known.units.items():
        factor = high / most  # bounds of one thing are in proportion, as the units are
        fits = [n for n in apart if other != unit and main[0] / _NEAR <= n * factor <= main[-1] * _NEAR]
        if fits:
            text = f"in {other} by {'its' if len(fits) == 1 else 'their'} size, among others in {unit}."
            proposal = "Write all in one unit; they are never converted by guess."
            found.append(Doubt("mixed units", text, proposal, "value", is_number(counts.name, fits)))
            explained.update(fits)
    return found, explained


def _unit(column: str, known: _Range, numbers: Mapping[float, int], context: Context) -> str:
    said = context.said.unit.casefold()
    words = set(words_of(column))
    for unit in known.units:
        if unit and (unit.casefold() == said or unit.casefold() in words):
            return unit
    return max(known.units, key=lambda unit: _inside(numbers, *known.units[unit]))


def _inside(numbers: Mapping[float, int], low: float, high: float) -> int:
    return sum(rows for number, rows in numbers.items() if low <= number <= high)


def _missing_instead(kind: Kind, text: str, counts: Counts, out: Collection[float], where: pl.Expr) -> Doubt:
    few = len(out) <= EDGE and (counts.is_whole or len(out) < EDGE)
    step = TreatAsMissing(values=tuple(_written(number) for number in sorted(out))) if few else None
    proposal = "Correct them, or treat them as missing." if few else "Correct them at their source."
    return Doubt(kind, text, proposal, "value", where, step=step)


def _written(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _percent(counts: Counts, numbers: Mapping[float, int]) -> list[Doubt]:
    words = set(words_of(counts.name))
    if not words & _PERCENT or words & {"change", "delta", "diff"}:
        return []
    out = [number for number in numbers if number > 100 or number < 0]  # noqa: PLR2004 - per cent
    if not out or _inside(numbers, 0, 100) < counts.known / 2:
        return []
    where = (pl.col(counts.name) > 100) | (pl.col(counts.name) < 0)  # noqa: PLR2004
    return [_missing_instead("impossible values", "that no percentage can be.", counts, out, where)]


def _negative(counts: Counts, numbers: Mapping[float, int], told: Sequence[Doubt]) -> list[Doubt]:
    words = words_of(counts.name)
    if (
        told
        or not words
        or not (words[-1] in _NEVER_NEGATIVE or words[0] in {"n", "num"})
        or set(words) & _DERIVED - {"n", "count"}
    ):
        return []
    out = [number for number in numbers if number < 0]
    if not out or _inside(numbers, 0, math.inf) < counts.known / 2:
        return []
    text = "below 0, which no count or length of time can be."
    return [_missing_instead("impossible values", text, counts, out, pl.col(counts.name) < 0)]


def _far(counts: Counts, numbers: Mapping[float, int]) -> list[Doubt]:
    """Return values that are far from the median on the scale of the values, and on the logarithmic one too."""
    middle = {number: rows for number, rows in numbers.items() if number in counts.values}
    if len(middle) < _FEWEST:
        return []
    out = far_out(numbers, middle, counts.known)
    if not out:
        return []
    said = ", ".join(_written(number) for number in sorted(out))
    text = f"far from all others: {said}."
    return [_missing_instead("outliers", text, counts, out, is_number(counts.name, out))]
