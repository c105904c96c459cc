"""What stands among the numbers of a column that stayed text: words, limits, two numbers in a cell, units."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from clinical_nb.dictionary.identifiers import names_private, names_row, words_of
from clinical_nb.dictionary.steps import Censor, ReadNumbers, Split, TreatAsMissing
from clinical_nb.quality.applying import Values, apply_step
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import Context, Doubt, is_any, quoted, total
from clinical_nb.quality.groups import are_groups
from clinical_nb.quality.shapes import Shape, by_shape, unit_of

_MOSTLY = 0.5
_FEW_WORDS = 10
_RARE = 1_000  # numbers to a word that is no level of its own, also among codes
_FEW_CODES = 10
_LARGEST_CODE = 100
_LEADING = re.compile(r"[-+]?0\d.*|\+.*")
# Factors to the first unit of each family; nothing else is ever converted.
_FAMILIES: tuple[Mapping[str, float], ...] = (
    {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "lbs": 0.45359237},
    {"cm": 1.0, "m": 100.0, "in": 2.54},
)
# A comma before other than three digits, or behind points between thousands, can only be a decimal mark.
_DECIMAL_COMMA = re.compile(r",(?:\d{1,2}|\d{4,})(?!\d)(?!,\d{3})|\.\d{3},\d")
_DECIMAL_POINT = re.compile(r"\.\d+(?![\d.,])")
_READINGS = (
    ReadNumbers(),
    *(ReadNumbers(thousands=mark) for mark in (",", " ", "'")),
    ReadNumbers(decimal=","),
    *(ReadNumbers(decimal=",", thousands=mark) for mark in (".", " ", "'")),
)
_PRESSURE = frozenset({"bp", "pressure", "rr", "nibp"})


def doubt_numbers(counts: Counts, context: Context) -> list[Doubt]:
    """Return what stands among numbers, in the order in which steps have to be applied."""
    column = counts.name
    if not counts.is_text or not counts.is_whole:
        return []
    shapes = by_shape({str(text): rows for text, rows in counts.values.items()})
    if are_groups(shapes, counts):
        return []
    words, plain = shapes.get("word", {}), shapes.get("number", {})
    numbers = total(plain) + counts.numbers
    like = numbers + sum(total(shapes.get(shape, {})) for shape in _NUMERIC)
    if not like or like < _MOSTLY * counts.known:
        return []
    if names_row(column) or names_private(column):
        return _in_identifiers(counts, words, numbers)
    found: list[Doubt] = []
    odd = {text: rows for shape in ("range", "date") for text, rows in shapes.get(shape, {}).items()}
    odd |= {text: rows for text, rows in words.items() if any(sign.isdigit() for sign in text)}  # may be values
    words = {text: rows for text, rows in words.items() if text not in odd}
    if words:
        found.append(_words(counts, words, plain, numbers))
    if odd:
        text = f"among numbers not a number{quoted(odd, column)}."
        found.append(Doubt("no numbers", text, "Say what they mean, or correct them.", "value", is_any(column, odd)))
    return found + _not_plain(counts, shapes, context)


_NUMERIC: tuple[Shape, ...] = ("marks", "comma", "limit", "pair", "unit")


def _in_identifiers(counts: Counts, words: Mapping[str, int], numbers: int) -> list[Doubt]:
    if not words or not numbers:
        return []
    text = "among numbers not a number."
    return [Doubt("no numbers", text, "Nothing to do if these are codes.", "value", is_any(counts.name, words))]


def _words(counts: Counts, words: Mapping[str, int], plain: Mapping[str, int], numbers: int) -> Doubt:
    column = counts.name
    text = f"among numbers not a number{quoted(words, column)}."
    few = len(words) <= _FEW_WORDS
    if not few:
        proposal = "Correct them in the file, or say which mean that a value is missing."
        return Doubt("words among numbers", text, proposal, "value", is_any(column, words))
    automatic = (
        numbers >= _MOSTLY * counts.known
        and not any(sign in "<>≤≥" for word in words for sign in word)
        and (counts.numbers > 0 or total(words) * _RARE <= numbers or not _are_codes(plain))
    )
    proposal = "Taken as missing, with the word kept as the reason." if automatic else "Treat them as missing."
    step = TreatAsMissing(values=tuple(sorted(words)))
    return Doubt("words among numbers", text, proposal, "value", is_any(column, words), step=step, automatic=automatic)


def _are_codes(plain: Mapping[str, int]) -> bool:
    """Tell whether numbers look like codes: few small whole ones that repeat."""
    if len(plain) > _FEW_CODES or total(plain) <= len(plain):
        return False
    return all(text.lstrip("-").isdecimal() and abs(float(text)) <= _LARGEST_CODE for text in plain)


def _not_plain(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]], context: Context) -> list[Doubt]:
    present: set[Shape] = {shape for shape in _NUMERIC if shape in shapes}
    odd = {text: rows for shape in present for text, rows in shapes[shape].items()}
    if not present:
        return _kept_digits(counts, shapes)
    if "limit" in present and present <= {"limit", "comma"}:
        return [_limits(counts, shapes)]
    if present == {"pair"}:
        return _pairs(counts, shapes["pair"], context)
    if present & {"limit", "pair"}:
        text = f"among numbers that are none as they stand, of several kinds{quoted(odd, counts.name)}."
        proposal = "Write each kind in a column of its own, or correct them."
        return [Doubt("no numbers", text, proposal, "value", is_any(counts.name, odd))]
    return [_units(counts, shapes, odd)]


def _kept_digits(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]]) -> list[Doubt]:
    """Numbers only, but with leading zeros: codes of which digits would be lost."""
    plain = shapes.get("number", {})
    odd = {text: rows for text, rows in plain.items() if _LEADING.fullmatch(text)}
    if not odd or total(plain) + counts.numbers < counts.known:
        return []
    text = "with leading zeros or a plus sign, so the column was kept as text."
    proposal = "Nothing to do if these are codes or identifiers."
    return [Doubt("kept digits", text, proposal, "number", is_any(counts.name, odd))]


def _limits(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]]) -> Doubt:
    column, limits = counts.name, shapes["limit"]
    commas = bool(shapes.get("comma")) or any("," in text for text in limits)
    text = f"beyond a limit{quoted(limits, column)}."
    proposal = "Keep them as censored; statistics count a value below a limit as half of it."
    step = Censor(decimal="," if commas else ".")
    if not _reads([*limits, *shapes.get("comma", {}), *shapes.get("number", {})], step):
        return Doubt("limits", text, "Write them with one decimal mark.", "value", is_any(column, limits))
    return Doubt("limits", text, proposal, "value", is_any(column, limits), step=step)


def _pairs(counts: Counts, pairs: Mapping[str, int], context: Context) -> list[Doubt]:
    column = counts.name
    into = _names_of_parts(column)
    if total(pairs) < _MOSTLY * counts.known or all(name in context.names for name in into):
        return []
    text = f"of two numbers each{quoted(pairs, column)}."
    proposal = f"Read them as two columns, {into[0]} and {into[1]}."
    step = Split(into=_free(into, context.names))
    return [Doubt("two in one", text, proposal, "value", is_any(column, pairs), step=step)]


def _names_of_parts(column: str) -> tuple[str, str]:
    """Return what the header calls two parts ("pre/post_wt_kg"), else by what is measured, else by number."""
    first, slash, rest = column.partition("/")
    second, _, common = rest.partition("_")
    if slash and first and second and common:
        return f"{first.strip()}_{common}", f"{second.strip()}_{common}"
    if slash and first and rest:
        return first.strip(), rest.strip()
    if set(words_of(column)) & _PRESSURE:
        return f"{column}_systolic", f"{column}_diastolic"
    return f"{column}_1", f"{column}_2"


def _free(names: Iterable[str], taken: frozenset[str]) -> tuple[str, ...]:
    folded = {name.casefold() for name in taken}
    return tuple(f"{name}_part" if name.casefold() in folded else name for name in names)


def _units(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]], odd: Mapping[str, int]) -> Doubt:
    column = counts.name
    units: Counter[str] = Counter()
    for text, rows in odd.items():
        if unit := unit_of(text):
            units[unit] += rows
    text = f"with a unit, a sign or separators{quoted(odd, column)}."
    where = is_any(column, odd)
    family = next((each for each in _FAMILIES if set(units) <= set(each)), None)
    if len(units) > 1 and family is None:
        said = ", ".join(sorted(units)[:5])
        ask = "Write them in one unit and upload the file again; they are never converted by guess."
        return Doubt("mixed units", f"in different units ({said}){quoted(odd, column)}.", ask, "number", where)
    main = units.most_common(1)[0][0] if units else ""
    factors = {unit: family[unit] / family[main] for unit in units} | {"": 1.0} if len(units) > 1 and family else {}
    step = _reading([*odd, *shapes.get("number", {})], factors)
    if step is None:
        ask = "Say which mark is the decimal one, or write them in one way; until then the column is text."
        return Doubt("separators", text, ask, "number", where)
    if factors:
        proposal = f"Convert them to {main}; a number without unit is taken to be in {main}."
        return Doubt("mixed units", text, proposal, "number", where, step=step)
    marks = {",": "commas", ".": "points", " ": "blanks", "'": "apostrophes"}
    between = f" with {marks[step.thousands]} between thousands" if step.thousands else ""
    return Doubt("units", text, f"Read them as numbers{between}.", "number", where, step=step)


def _reading(texts: Sequence[str], factors: Mapping[str, float]) -> ReadNumbers | None:
    """Return how all texts are numbers; None where some are not, or two marks may be the decimal one."""
    commas = any(_DECIMAL_COMMA.search(text) for text in texts)
    points = any(_DECIMAL_POINT.search(text) for text in texts)
    if commas and points:
        return None
    decimal = "," if commas else "."
    steps = (step.model_copy(update={"factors": factors}) for step in _READINGS if step.decimal == decimal)
    return next((step for step in steps if _reads(texts, step)), None)


def _reads(texts: Sequence[str], step: ReadNumbers | Censor) -> bool:
    return not apply_step(Values(pl.Series(texts, dtype=pl.String)), step).values.null_count()
