"""Deriving: what a variable that is made of columns means, and which ones a table's dictionary lets be made."""

import re
from collections.abc import Iterator, Mapping, Sequence

from clinical_nb.dictionary.meaning import Column, kind_of
from clinical_nb.dictionary.steps import Split
from clinical_nb.plans.conditions import OneOf
from clinical_nb.plans.derived import DateOf, Derived, Difference, Elapsed, Merged, OfRows, PartOf, name_of_derived

_MOST_DATES = 12
_EITHER = re.compile(r"([^\W\d_]+)\s*/\s*([^\W\d_]+)")
_PRESSURE = re.compile(r"(?:^|[^a-z])(?:bp|nibp|blood pressure)(?:[^a-z]|$)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_DATE_OF = re.compile(r"^(?:date|day)\s+of\s+(?:the\s+)?|[\s_]*\b(?:date|dt|dat)\b\s*$", re.IGNORECASE)
_UNITS = ("year", "month", "day")
_SPELLED_OUT = {"sys": "systolic", "syst": "systolic", "dia": "diastolic", "diast": "diastolic"}
_UNIT = r"kgs?|kilograms?|lbs?|cm|mm ?hg|g/dl|mg/dl|mmol/l"
_FIRST = frozenset({"before", "pre", "start", "baseline", "initial", "beginning", "entry"})
_LAST = frozenset({"after", "post", "end", "final", "last", "finish"})
_PAIR = 2
_TAKEN = {
    "first": "first ",
    "last": "last ",
    "highest": "highest ",
    "lowest": "lowest ",
    "mean": "own mean of ",
    "only": "",
}


class MadeColumn(Column):
    """A variable that no column holds, with how it is made."""

    how: Derived


def made_column(how: Derived, columns: Mapping[str, Column]) -> MadeColumn:
    """Return what a derived variable means, by what the columns that it is made of mean."""
    match how:
        case PartOf(column, place):
            return _part(how, column, place, columns[column])
        case Merged(column, spellings):
            meaning = columns[column]
            levels = [level for level in meaning.levels if str(level.value) not in dict(spellings)]
            kind, label, role = kind_of(levels), meaning.label or column, meaning.role
            return MadeColumn(kind=kind, label=label, levels=tuple(levels), missing=meaning.missing, role=role, how=how)
        case DateOf(year):
            stem = " ".join(_without_unit(_words(year), "year") or ())
            return MadeColumn(kind="date", label=f"{stem} date".strip(), how=how)
        case OfRows():
            return _of_rows(how, columns)
        case Elapsed(since, until, unit):
            return _elapsed(how, _meaning(since, columns), _meaning(until, columns), unit)
        case Difference(minuend, subtrahend):
            one, other = _meaning(minuend, columns), _meaning(subtrahend, columns)
            unit = one.unit if one.unit == other.unit else ""
            return MadeColumn(kind="numeric", label=_said_minus(one.label, other.label), unit=unit, how=how)


def made_columns(columns: Mapping[str, Column]) -> dict[str, MadeColumn]:
    """Return the variables that can be made whatever is asked: parts of texts, dates, and ages at dates."""
    hows = [*_parts(columns), *(dates := list(_dates(columns)))]
    found = {name_of_derived(how): made_column(how, columns) for how in hows}
    known = [name for name, column in columns.items() if column.kind == "date" and column.role != "birth"]
    births = [name for name, column in columns.items() if column.role == "birth" and column.kind == "date"]
    ends = [*known, *dates]
    if len(births) == 1 and len(ends) <= _MOST_DATES:
        for end in ends:
            how = Elapsed(births[0], end, "year")
            found[name_of_derived(how)] = made_column(how, columns)
    return {name: column for name, column in found.items() if name not in columns}


def _of_rows(how: OfRows, columns: Mapping[str, Column]) -> MadeColumn:
    """Return what a value of several rows means, where their columns are known: "highest creatinine, of each"."""
    if how.take == "number":
        return MadeColumn(kind="numeric", label=name_of_derived(how), how=how)
    of = columns.get(how.column, Column(kind="numeric"))
    named = [columns[each.column] for each in how.where if isinstance(each, OneOf) and each.column in columns]
    said = [
        column.label_of(each.values[0])
        for each, column in zip((each for each in how.where if isinstance(each, OneOf)), named, strict=False)
        if len(each.values) == 1 and column.kind in ("categorical", "binary") and column.role != "visit"
    ]
    label = said[0] if len(said) == 1 else of.label or how.column
    return MadeColumn(kind="numeric", label=f"{_TAKEN[how.take]}{label}", unit=of.unit, how=how)


def _parts_called(name: str, label: str) -> tuple[str, str]:
    """Return what the two numbers of a text are called: by the header or the label ("pre/post"), else by the measure.

    Empty where nothing says so.
    """
    for text in (label, name.replace("_", " ")):
        if (found := _EITHER.search(text)) and found[1].casefold() != found[2].casefold():
            one, other = (_SPELLED_OUT.get(found[place].casefold(), found[place]) for place in (1, 2))
            return one, other
    return ("systolic", "diastolic") if _PRESSURE.search(f"{name.replace('_', ' ')} {label}") else ("", "")


def _times_called(parts: tuple[str, str]) -> tuple[str, str] | None:
    """Return the times of two parts that are called by them: "before/after", "pre/post"."""
    first, last = (part.casefold() for part in parts)
    return ("baseline", "end") if first in _FIRST and last in _LAST else None


def _meaning(source: str | Derived, columns: Mapping[str, Column]) -> Column:
    return columns[source] if isinstance(source, str) else made_column(source, columns)


def _part(how: PartOf, column: str, place: int, meaning: Column) -> MadeColumn:
    called = _parts_called(column, meaning.label)[place]
    said = meaning.label or column.replace("_", " ")
    if not called:
        label, synonyms = f"{('first', 'second')[place]} number of {said}", ()
    elif _EITHER.search(said):
        label = re.sub(
            rf"\s+-\s+|\s*\({called}\)",
            lambda found: f", {called}" if "(" in found[0] else ", ",
            _EITHER.sub(called, said),
        )
        inside = _EITHER.sub(lambda found: found[place + 1], column.replace("_", " "))
        synonyms = (inside,) if _EITHER.search(column) else (f"{called} {column.replace('_', ' ')}",)
    else:
        label, synonyms = f"{called} {said}", (f"{called} {column.replace('_', ' ')}",)
    unit = re.escape(meaning.unit) if meaning.unit else _UNIT
    without_unit = re.compile(rf"\s+(?:in\s+|\()?(?:{unit}|{_UNIT})(?!\w)\)?", re.IGNORECASE)
    if times := _times_called(_parts_called(column, meaning.label)):
        measured = re.sub(r"\s+(?:at|in|-)\s*$", "", f"{_EITHER.sub('', said)} ").strip()
        synonyms = (*synonyms, f"{measured} at {times[place]}", f"{without_unit.sub('', measured)} at {times[place]}")
    synonyms = (*synonyms, without_unit.sub("", label))
    synonyms = tuple(each for each in dict.fromkeys(synonyms) if each != label)
    return MadeColumn(kind="numeric", label=label, unit=meaning.unit, synonyms=synonyms, how=how)


def _elapsed(how: Elapsed, since: Column, until: Column, unit: str) -> MadeColumn:
    start, end = (_said(of, meaning) for of, meaning in ((how.since, since), (how.until, until)))
    if since.role == "birth" and unit == "year":
        named = name_of_derived(how.until).replace("_", " ")
        synonyms = tuple(f"age at {text}" for text in dict.fromkeys((_bare(named), _bare(until.label))) if text)
        return MadeColumn(kind="numeric", label=f"age at {end}", unit="years", synonyms=synonyms, how=how)
    return MadeColumn(kind="numeric", label=f"time from {start} to {end}", unit=f"{unit}s", how=how)


def _said(of: str | Derived, meaning: Column) -> str:
    return _bare(meaning.label) or _bare(name_of_derived(of).replace("_", " "))


def _bare(text: str) -> str:
    """Return what a date is the date of: "start of treatment", "start"."""
    return _DATE_OF.sub("", text).strip()


def _parts(columns: Mapping[str, Column]) -> Iterator[PartOf]:
    for name, column in columns.items():
        for step in column.clean if column.kind == "text" else ():
            if isinstance(step, Split) and len(step.into) == _PAIR and not set(step.into) & columns.keys():
                yield from (PartOf(name, place, step.separator) for place in range(_PAIR))


def _dates(columns: Mapping[str, Column]) -> Iterator[DateOf]:
    """Yield the dates of which year, month and day stand in a column each, called alike but for that."""
    numeric = [name for name, column in columns.items() if column.kind in ("numeric", "categorical")]
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for name in numeric:
        words = _words(name)
        for unit in _UNITS if len(words) > 1 else ():
            if (stem := _without_unit(words, unit)) is not None:
                found.setdefault(stem, {}).setdefault(unit, name)
    for parts in found.values():
        if parts.keys() == {*_UNITS}:
            yield DateOf(*(parts[unit] for unit in _UNITS))


def _words(name: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(name)]


def _without_unit(words: Sequence[str], unit: str) -> tuple[str, ...] | None:
    """Return the words of a name without the one that says that it is a year, a month or a day; None where none is."""
    return tuple(word for word in words if word != unit) if words.count(unit) == 1 and words[1:] else None


def _said_minus(one: str, other: str) -> str:
    """Return what is subtracted from what by two labels: "score at end minus at start"; what both say is said once."""
    here, there = one.split(), other.split()
    if not here or not there or here == there:
        return ""
    first = _shared(here, there)
    last = _shared(here[first:][::-1], there[first:][::-1])
    rest = [" ".join(words[first : len(words) - last]) for words in (here, there)]
    return f"{' '.join(here[:first])} {rest[0]} minus {rest[1]}".strip() if first and all(rest) else ""


def _shared(one: list[str], other: list[str]) -> int:
    """Count the words with which two begin alike."""
    pairs = zip(one, other, strict=False)
    return next(
        (place for place, (a, b) in enumerate(pairs) if a.casefold() != b.casefold()), min(len(one), len(other))
    )
