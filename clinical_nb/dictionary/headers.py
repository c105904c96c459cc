"""Meaning written into a column's name or label: a unit in brackets, a codebook (`Smoker (1: Yes 2: No)`)."""

import re
from collections.abc import Collection, Sequence

from clinical_nb.dictionary.codes import read_number
from clinical_nb.dictionary.meaning import Code, Level, value_text
from clinical_nb.dictionary.said import Said

_BRACKETS = re.compile(r"^(?P<before>.*?)\s*[(\[{](?P<inside>[^()\[\]{}]*)[)\]}]\s*$", re.DOTALL)
# A code with its word: `1: Yes`, `1=Yes`, `1. Yes`, `1 - Yes`; the word ends where the next code begins.
_CODE = r"(?<![\w.])(?P<code>-?\d{1,3})\s*(?P<mark>[:=.]|\s*[-–]|\)\s)\s*(?=[^\W\d_])"  # noqa: RUF001 - the dash that people type
_CODES = re.compile(_CODE)
_LASTED = re.compile(
    r"(?P<first>days|weeks|months|years) (?:to|until|till|from|since|between) .*"
    r"|.* in (?P<last>days|weeks|months|years)$",
    re.IGNORECASE,
)
_IN_UNIT = re.compile(r".*\bin (?P<unit>\S{2,})$", re.IGNORECASE)  # "Weight in kg"; one letter may be anything
_NUMBERED = re.compile(r"\s*(?:no\.|nr\.|#|num\.)[\s_]*(?:of[\s_]+)?(?P<what>[^\W\d_].*)", re.IGNORECASE)  # "No. drugs"
_COUNTS = re.compile(r"\s*(?:total )?(?:number|no\.?|count) of\b", re.IGNORECASE)
_BETWEEN = " \t\n,;/|"
# Unmistakable only: what measures, alone or per another; a single letter other than these may be anything.
_SCALE = r"(?:[kcmµμuundp]|da)?"
_MASS = rf"(?:{_SCALE}g|(?:kilo|milli)?grams?|kg|lbs?|pounds?|oz|{_SCALE}mol|{_SCALE}eq|{_SCALE}[iI]?[uU]|{_SCALE}kat)"
_VOLUME = rf"(?:{_SCALE}[lL]|dl|dL|cc|mm3|mm\^3|mm³|cm3|m2|m²|m\^2|1\.73\s?m2|1\.73\s?m²|100\s?ml|100\s?mL)"
_LENGTH = rf"(?:{_SCALE}m|inch(?:es)?|in|ft)"
_TIME = (
    r"(?:s|sec|secs|seconds?|min|mins|minutes?|h|hr|hrs|hours?|d|days?|w|wk|weeks?|mo|months?|y|yr|yrs|years?|ms|msec)"
)
_COUNT = r"(?:10\^?\d{1,2}|×?10[⁰¹²³⁴-⁹]{1,2}|x10\^?\d{1,2}|cells|copies|beats|breaths)"  # noqa: RUF001 - the sign for times is what people write
_OTHER = (
    r"(?:%|percent|mm\s?Hg|cm\s?H2O|k?Pa|bpm|°\s?[CF]|deg(?:rees)?\s?C|kcal|k?J|mSv|m?Gy|mV|Hz|kHz|dB|k?W|U|IU|mIU)"
)
_ONE = rf"(?:{_OTHER}|{_MASS}|{_VOLUME}|{_LENGTH}|{_TIME}|{_COUNT})"
_UNIT = re.compile(rf"{_ONE}(?:\s?(?:/|\bper\b|·|\*)\s?{_ONE}){{0,3}}")


def is_unit(text: str) -> bool:
    """Tell whether a text is surely a unit."""
    return _UNIT.fullmatch(text.strip()) is not None


def unit_of(label: str) -> str:
    """Return the unit that a label surely says: at its end, `Weight (kg)`, `weight in kg`; or of a time, `Days to`."""
    found = _BRACKETS.match(label.strip())
    inside = found["inside"].strip() if found else ""
    if is_unit(inside):
        return inside
    if lasted := _LASTED.match(label.strip()):
        return (lasted["first"] or lasted["last"]).casefold()
    told = _IN_UNIT.match(label.strip())
    return told["unit"] if told and is_unit(told["unit"]) else ""


def says_count(label: str, levels: Sequence[Level]) -> bool:
    """Tell whether a label is of the number of something, and nobody gave its whole numbers a label."""
    is_bare = all(type(level.value) is int and level.label == str(level.value) for level in levels)
    return bool(levels) and is_bare and _COUNTS.match(label) is not None


def has_brackets_or_codes(name: str) -> bool:
    """Tell whether a name may say more than what its column is called."""
    return bool(unit_of(name) or len(split_codebook(name)[1]) > 1 or _NUMBERED.match(name))


def read_header(name: str, values: Collection[Code]) -> Said:
    """Return what a column's name says of it: a label without the brackets, its unit, the words of its codes.

    Parameters
    ----------
    name : str
        The column's name.
    values : collection of Code
        The values that it has, as far as they are few; codes that do not fit them all say nothing.

    Returns
    -------
    Said
        Empty where the name is just a name.

    """
    unit = unit_of(name)
    if unit:
        return Said(label=_bare(name), unit=unit)
    label, levels = split_codebook(name)
    said = {value_text(level.value) for level in levels}
    known = {value_text(value): value for value in values}
    if counted := _NUMBERED.match(name):
        return Said(label=f"number of {counted['what']}")
    if len(levels) < 2 or not known or not known.keys() <= said:  # noqa: PLR2004 - one code is no codebook
        return Said()
    fitted = tuple(
        level.model_copy(update={"value": known.get(value_text(level.value), level.value)}) for level in levels
    )
    return Said(label=label, levels=fitted)


def _bare(name: str) -> str:
    found = _BRACKETS.match(name.strip())
    return found["before"].strip() if found else name


def split_codebook(name: str) -> tuple[str, tuple[Level, ...]]:
    """Return what stands before the first code of a text, and the codes with their words; none where it is no such."""
    found = list(_CODES.finditer(name))
    if len({match["mark"].strip() for match in found}) != 1:
        return name, ()
    ends = [*(match.start() for match in found[1:]), len(name)]
    levels: list[Level] = []
    for match, end in zip(found, ends, strict=True):
        code, word = read_number(match["code"]), name[match.end() : end].strip(_BETWEEN)
        word = word if word.count("(") == word.count(")") and word.count("[") == word.count("]") else word.rstrip(")]}")
        if not word or code is None:
            return name, ()
        levels.append(Level(value=code, label=word))
    if len({level.value for level in levels}) < len(levels):
        return name, ()
    return name[: found[0].start()].rstrip(_BETWEEN + ":-([{"), tuple(levels)
