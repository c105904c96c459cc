"""Units behind numbers: one that all have, several that measure one thing and are converted, percents and fractions."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.dictionary.steps import ReadNumbers, Recode
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import Doubt, is_any, is_number, quoted
from clinical_nb.quality.missing_codes import numbers_of
from clinical_nb.quality.numerals import factors_of, in_one_unit, in_plain_digits, take_apart, without_accounting
from clinical_nb.quality.shapes import Shape, shape_of, units_of

_Family = Mapping[str, float]
# How much of a small unit each unit is; units of one family are converted, and nothing else ever is.
_MICROGRAMS: _Family = dict.fromkeys(
    ("mcg", "ug", "\u00b5g", "\u03bcg"), 1e-3
)  # the sign is one of two, which look alike
_MASS: _Family = {
    "kg": 1e6,
    "g": 1e3,
    "mg": 1.0,
    **_MICROGRAMS,
    "ng": 1e-6,
    "lb": 453_592.37,
    "lbs": 453_592.37,
    "oz": 28_349.523_125,
}
_FEET: _Family = dict.fromkeys(("ft", "feet", "foot"), 304.8)
_INCHES: _Family = dict.fromkeys(("in", "inch", "inches"), 25.4)
_LENGTH: _Family = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "km": 1e6, **_FEET, **_INCHES}
_VOLUME: _Family = {"ml": 1.0, "cl": 10.0, "dl": 100.0, "l": 1000.0}
_YEARS: _Family = dict.fromkeys(
    ("y", "yr", "yrs", "year", "years", "yo", "jahr", "jahre", "an", "ans", "año", "años", "anni", "anno", "jaar"),
    365.25,
)
_MONTHS: _Family = dict.fromkeys(
    (
        *("mo", "mos", "mth", "mths", "month", "months", "monat", "monate", "mois", "mes", "meses", "mesi", "mese"),
        *("maand", "maanden"),
    ),
    365.25 / 12,
)
_WEEKS: _Family = dict.fromkeys(
    ("w", "wk", "wks", "week", "weeks", "woche", "wochen", "semaine", "semaines", "semana", "semanas", "weken"), 7.0
)
_DAYS: _Family = dict.fromkeys(
    ("d", "day", "days", "tag", "tage", "jour", "jours", "día", "días", "dia", "dias", "giorni", "dag", "dagen"), 1.0
)
_HOURS: _Family = dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 1 / 24)
_TIME: _Family = {**_YEARS, **_MONTHS, **_WEEKS, **_DAYS, **_HOURS}
_AGES: _Family = {**_TIME, "m": 365.25 / 12}  # beside years nobody measures in metres or minutes
_AGE = frozenset({"age", "alter", "edad", "âge", "eta", "età", "leeftijd", "idade", "ages"})
_TALL = (100, 250)  # cm, of a person whose height is also written in feet
# A comma before other than three digits, or behind other marks between thousands, can only be a decimal mark.
_DECIMAL_COMMA = re.compile(r",(?:\d{1,2}|\d{4,})(?!\d)(?!,\d{3})|[. '\u2019\u00a0\u202f]\d{3},\d")
_DECIMAL_POINT = re.compile(r"\.(?:\d{1,2}|\d{4,})(?![\d.,])|[, '\u2019\u00a0\u202f]\d{3}\.\d|\d{4,}\.\d|\b0\.\d")
_POINT_OR_THOUSANDS = re.compile(r"\d\.\d{3}(?!\d)")
_CELLS = "\u00d710^"  # of a unit such as x10^9/L
_LARGE = 1e3  # no count of cells in such a unit: 5200 beside 5.2 x10^9/L is in another
_FEW_SLIPS = 10  # numbers to one that is mistyped
_READINGS = (
    ReadNumbers(),
    *(ReadNumbers(thousands=mark) for mark in (",", " ", "'")),
    ReadNumbers(decimal=","),
    *(ReadNumbers(decimal=",", thousands=mark) for mark in (".", " ", "'")),
)
_MARKS = {",": "commas", ".": "points", " ": "blanks", "'": "apostrophes"}


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Texts of a column that are numbers as they are to be read; `odd` are those that a plain reader does not read."""

    counts: Counts
    odd: Mapping[str, int]
    texts: Sequence[str]
    units: Counter[str]

    @property
    def where(self) -> pl.Expr:
        """The rows of those that are odd."""
        return is_any(self.counts.name, self.odd)


def doubt_units(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]], odd: Mapping[str, int]) -> Doubt:
    """Return how numbers with units, signs or separators are read, or that they are in units that do not agree."""
    if "accounting" in shapes:
        return _accounting(counts, shapes, odd)
    units: Counter[str] = Counter()
    for text, rows in odd.items():
        units.update(dict.fromkeys(units_of(text), rows))
    numbers = _Numbers(counts, odd, [*odd, *shapes.get("number", {})], units)
    if set(units) == {"%"} and (doubt := _percents(numbers)):
        return doubt
    family = _family(units, counts.name)
    if units and _is_age(counts.name) and family is None:
        text = f"with what measures no age behind them{_quoted(numbers)}."
        return Doubt("no numbers", text, "Say what they mean, or correct them.", "value", numbers.where)
    bare = _bare(numbers)
    if family is not None and (len(units) > 1 or (_is_age(counts.name) and bare and not set(units) & set(_YEARS))):
        return _convert(numbers, family, bare)
    if len(units) > 1:
        said = ", ".join(sorted(units)[:5])
        ask = "Write them in one unit and upload the file again; they are never converted by guess."
        return Doubt("mixed units", f"in different units ({said}){_quoted(numbers)}.", ask, "number", numbers.where)
    main = next(iter(units), "")
    return _one_unit(numbers, main, bare)


def factor_of(unit: str, main: str) -> float | None:
    """Return by what numbers in a unit are multiplied to be in another; None where they measure different things."""
    family = next((each for each in (_MASS, _LENGTH, _VOLUME, _TIME) if unit in each and main in each), None)
    return family[unit] / family[main] if family else None


def _reading_of(texts: Sequence[str], factors: Mapping[str, float]) -> ReadNumbers | None:
    """Return how all texts are numbers; None where some are not, or two marks may be the decimal one."""
    texts = [in_plain_digits(text) for text in texts]
    commas = any(_DECIMAL_COMMA.search(text) for text in texts)
    points = any(_DECIMAL_POINT.search(text) for text in texts)
    if commas and points:
        return None
    if not (commas or points) and any("," in text for text in texts) and any(map(_POINT_OR_THOUSANDS.search, texts)):
        return None  # 1.234 beside 1,234: one is a thousand times the other, and nothing says which
    decimal = "," if commas else "."
    steps = (step.model_copy(update={"factors": factors}) for step in _READINGS if step.decimal == decimal)
    return next((step for step in steps if _reads(texts, step)), None)


def _reads(texts: Sequence[str], step: ReadNumbers) -> bool:
    found = take_apart(pl.Series(texts, dtype=pl.String), step)
    return not in_one_unit(found, factors_of(found, step)).null_count()


def _quoted(numbers: _Numbers) -> str:
    return quoted(numbers.odd, numbers.counts.name)


def _accounting(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]], odd: Mapping[str, int]) -> Doubt:
    """Return how numbers are read of which some are in brackets, or have their minus behind them."""
    signed = shapes["accounting"]
    text = f"in brackets or with a minus behind them{quoted(signed, counts.name)}."
    where = is_any(counts.name, signed)
    plain = without_accounting(pl.Series([*odd, *shapes.get("number", {})], dtype=pl.String)).to_list()
    units = {unit for each in plain for unit in units_of(each)}
    step = _reading_of(plain, dict.fromkeys([*units, ""], 1.0) if units else {}) if len(units) <= 1 else None
    if step is None:
        return Doubt("no numbers", text, "Say what they mean, or correct them.", "number", where)
    ask = "Are they below zero, as accountants write them? Then read (12) and 12- as -12; until then they are text."
    return Doubt("units", text, ask, "number", where, step=step.model_copy(update={"accounting": True}))


def _one_unit(numbers: _Numbers, main: str, bare: Sequence[float]) -> Doubt:
    text = f"with a unit, a sign or separators{_quoted(numbers)}."
    # said in the step, so that a newer file in another unit is not read by it
    step = _reading_of(numbers.texts, {main: 1.0, "": 1.0} if main else {})
    if step is None or (_CELLS in main and any(number >= _LARGE for number in bare)):
        return _slips(numbers) or _unclear(numbers)
    between = f" with {_MARKS[step.thousands]} between thousands" if step.thousands else ""
    also = f"; one without a unit is taken to be in {main}" if main and bare else ""
    return Doubt("units", text, f"Read them as numbers{between}{also}.", "number", numbers.where, step=step)


def _slips(numbers: _Numbers) -> Doubt | None:
    """Tell of a few numbers with the other decimal mark; None where these are many, or may be thousands."""
    odd, known = sum(numbers.odd.values()), numbers.counts.known
    for mark, other in ((",", "."), (".", ",")):
        slip = re.compile(rf"[-+]?\d+\{mark}(?:\d{{1,2}}|\d{{4,}})")
        if odd * _FEW_SLIPS <= known and all(map(slip.fullmatch, numbers.odd)):
            text = f"with another decimal mark than all others{_quoted(numbers)}."
            step = Recode(values={text: text.replace(mark, other) for text in sorted(numbers.odd)})
            ask = f"Is it one, a '{other}' mistyped? Proposed is so; until then the column is text."
            return Doubt("separators", text, ask, "number", numbers.where, step=step)
    return None


def _unclear(numbers: _Numbers) -> Doubt:
    text = f"with a unit, a sign or separators{_quoted(numbers)}."
    ask = "Say which mark is the decimal one, or write them in one way; until then the column is text."
    return Doubt("separators", text, ask, "number", numbers.where)


def _convert(numbers: _Numbers, family: _Family, bare: Sequence[float]) -> Doubt:
    """Propose to convert units of one thing to that which most have; ages to years, feet and inches to centimetres."""
    units = numbers.units
    main = units.most_common(1)[0][0]
    if _is_age(numbers.counts.name) or set(units) & set(_YEARS):
        main = next((unit for unit, _ in units.most_common() if unit in _YEARS), "years")
    feet = bool(set(units) & set(_FEET))
    main = "cm" if feet else main
    takes_bare = not feet or (bool(bare) and all(_TALL[0] <= number <= _TALL[1] for number in bare))
    factors = {unit: family[unit] / family[main] for unit in (main, *units)} | ({"": 1.0} if takes_bare else {})
    plain = [text for text in numbers.texts if (takes_bare or units_of(text)) and shape_of(text) != "compound"]
    step = _reading_of(plain, factors) if plain else ReadNumbers(factors=factors)
    if step is None:
        return _unclear(numbers)
    said = f"a number without unit is taken to be in {main}"
    if not takes_bare:
        said = "a number without unit becomes missing, and is kept as the reason"
    text = f"with a unit, a sign or separators{_quoted(numbers)}."
    return Doubt("mixed units", text, f"Convert them to {main}; {said}.", "number", numbers.where, step=step)


def _percents(numbers: _Numbers) -> Doubt | None:
    """Tell of percents beside numbers that look like fractions; None where nothing looks so."""
    bare = _bare(numbers)
    step = _reading_of(numbers.texts, {"%": 0.01, "": 1.0})
    fractions = [number for number in bare if 0 < abs(number) <= 1]
    if not fractions:
        return None
    if step is None:
        return _unclear(numbers)
    found = take_apart(pl.Series(numbers.texts, dtype=pl.String), step)
    largest = found.filter(pl.col("unit") == "%")["number"].abs().max()
    if not isinstance(largest, float) or largest <= 1:
        return None  # 0.5% beside 0.6: they are of one size
    column = numbers.counts.name
    where = numbers.where | is_number(column, fractions)
    text = f"of percent and fraction in one column (mixed units){_quoted(numbers)}."
    if all(abs(number) <= 1 for number in bare):
        ask = "Read both as fractions: 55% as 0.55, and numbers without % as they are?"
        return Doubt("mixed fractions", text, ask, "number", where, step=step)
    ask = "Is a number without % a percent or a fraction? Proposed is to read none; it becomes missing, with a reason."
    kept = step.model_copy(update={"factors": {"%": 1.0}})
    return Doubt("mixed fractions", text, ask, "number", where, step=kept)


def _bare(numbers: _Numbers) -> list[float]:
    """Return the numbers that stand without a unit."""
    plain = list(numbers_of(numbers.counts)) if numbers.counts.numbers else []
    alone = [text for text in numbers.texts if not units_of(text)]
    step = _reading_of(alone, {"": 1.0}) if alone else None
    found = take_apart(pl.Series(alone, dtype=pl.String), step) if step else None
    return [*plain, *(found["number"].drop_nulls().to_list() if found is not None else [])]


def _family(units: Counter[str], column: str) -> _Family | None:
    """Return what units measure, where it is one thing that has factors."""
    if set(units) & set(_YEARS) or (_is_age(column) and units):
        return _AGES if set(units) <= set(_AGES) else None
    families = (_MASS, _LENGTH, _VOLUME, _TIME)
    return next((family for family in families if units and set(units) <= set(family)), None)


def _is_age(column: str) -> bool:
    return bool(set(words_of(column)) & _AGE)
