"""What stands among the numbers of a column that stayed text: words, limits, two numbers in a cell, units."""

import re
from collections.abc import Mapping, Sequence
from functools import partial

import polars as pl

from clinical_nb.dictionary.identifiers import names_private, names_row
from clinical_nb.dictionary.steps import Censor, ReadNumbers, Recode, TreatAsMissing
from clinical_nb.intake.thousands import are_unclear
from clinical_nb.quality.applying import Values, apply_step
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import Context, Doubt, is_any, quoted, total
from clinical_nb.quality.flags import doubt_flags
from clinical_nb.quality.groups import are_groups
from clinical_nb.quality.missing_codes import say_kept
from clinical_nb.quality.own_ways import OWN_WAYS, are_titres, doubt_own_ways
from clinical_nb.quality.pairs import find_split, is_of_parts, say_split, split_into
from clinical_nb.quality.shapes import Shape, by_shape
from clinical_nb.quality.units import doubt_units

_MOSTLY = 0.5  # of the values are numbers, or the column is one of words
_FEW_WORDS = 10  # which a person can look through; more are remarks
_RARE = 1_000  # numbers to a word that is no level of its own, also among codes
_RARE_ODD = 9  # numbers to a text with digits that may be a value
_FEWEST_BESIDE = 5  # numbers beside a single one
_FEW_CODES = 10  # as scales and forms have them
_LARGEST_CODE = 100  # beyond which numbers measure
_MOST_DIGITS = 15  # that a number keeps
_LEADING = re.compile(r"[-+]?0\d.*|\+.*")
_TWO = 2  # numbers in a cell
_MOST_FALL = 0.9  # of the texts with a dash, where they are no ranges
_NUMERIC: tuple[Shape, ...] = ("marks", "comma", "limit", *OWN_WAYS, "accounting", "pair", "unit", "compound")
# Results of a measurement that found less than it can: to leave them out would make the others look like all.
_UNDETECTED = frozenset(
    {"undetectable", "undetected", "not detected", "not detectable", "none detected", "nondetect", "non-detect", "bdl"}
    | {"blq", "bloq", "blod", "below detection", "below detection limit", "below limit of detection", "below lod"}
    | {"below loq", "below limit", "<lod", "<loq", "<lloq", "< lod", "< loq", "< lloq", "neg", "neg.", "negative"}
    | {"negativ", "nicht nachweisbar", "n.n.", "indétectable", "indetectable", "no detectable", "négatif", "negativo"}
)
# In words, as people write small numbers of children, visits, drinks.
_IN_WORDS: Mapping[str, str] = {
    word: str(number)
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
}
_YES_NO = frozenset({"yes", "no", "y", "n", "true", "false", "ja", "nein", "oui", "non", "si", "sí"})


def doubt_numbers(counts: Counts, context: Context) -> list[Doubt]:
    """Return what stands among numbers, in the order in which steps have to be applied."""
    column = counts.name
    if not counts.is_text or not counts.is_whole:
        return []
    shapes = _with_pairs(by_shape({str(text): rows for text, rows in counts.values.items()}), counts)
    if are_groups(shapes, counts):
        return []
    words, plain = shapes.get("word", {}), shapes.get("number", {})
    numbers = total(plain) + counts.numbers
    like = numbers + sum(total(shapes.get(shape, {})) for shape in _NUMERIC)
    if not like or like < _MOSTLY * counts.known:
        return []
    if names_row(column) or names_private(column):
        return _in_identifiers(counts, words, numbers)
    if not counts.numbers and (
        flagged := doubt_flags(counts, {str(text): rows for text, rows in counts.values.items()})
    ):
        return [flagged]
    found: list[Doubt] = []
    odd = {text: rows for shape in ("range", "date") for text, rows in shapes.get(shape, {}).items()}
    odd |= {text: rows for text, rows in words.items() if any(sign.isdigit() for sign in text)}  # may be values
    words = {text: rows for text, rows in words.items() if text not in odd}
    found += _in_words(counts, {text: rows for text, rows in words.items() if text.casefold() in _IN_WORDS})
    words = {text: rows for text, rows in words.items() if text.casefold() not in _IN_WORDS}
    undetected = {text: rows for text, rows in words.items() if text.casefold().strip() in _UNDETECTED}
    if undetected:
        found.append(_undetected(counts, undetected, [*shapes.get("limit", {}), *shapes.get("titre", {})]))
    words = {text: rows for text, rows in words.items() if text not in undetected}
    if words:
        found.append(_words(counts, words, plain, numbers))
    if odd:
        found.append(_odd(counts, odd, plain, numbers))
    return found + _not_plain(counts, shapes, context)


def _odd(counts: Counts, odd: Mapping[str, int], plain: Mapping[str, int], numbers: int) -> Doubt:
    """Tell of texts with digits that are no numbers: a few among very many do not keep the others from being some."""
    column = counts.name
    text = f"among numbers not a number{quoted(odd, column)}."
    is_rare = total(odd) * _RARE_ODD <= numbers or (total(odd) == 1 and numbers >= _FEWEST_BESIDE)
    if not is_rare or len(odd) > _FEW_WORDS or (not counts.numbers and _are_codes(plain)):
        return Doubt("no numbers", text, "Say what they mean, or correct them.", "value", is_any(column, odd))
    ask = "Taken as missing, with the text kept as the reason; say what they mean, or correct them."
    step = TreatAsMissing(values=tuple(sorted(odd)))
    return Doubt("no numbers", text, ask, "value", is_any(column, odd), step=step, automatic=True)


def _with_pairs(shapes: dict[Shape, dict[str, int]], counts: Counts) -> dict[Shape, dict[str, int]]:
    """Return shapes in which 114-72 is a pair, where the column's name says so and hardly one rises as ranges do.

    What looks like a titre and may as well be a time is none; 1+ and 2+ of a test strip are levels, and no limits; and
    (1), (2) without anything else number something.
    """
    grades = {text: rows for text, rows in shapes.get("limit", {}).items() if text.endswith("+")}
    signed = shapes.get("accounting", {})
    if len(grades) > 1 or (grades and signed) or total(signed) == counts.known:
        limits = {text: rows for text, rows in shapes.get("limit", {}).items() if text not in grades}
        words = shapes.get("word", {}) | grades | signed
        shapes = {**shapes, "word": words, "limit": limits, "accounting": {}}
        shapes = {shape: texts for shape, texts in shapes.items() if texts}
    titres = shapes.get("titre", {})
    if titres and not are_titres(counts.name, titres):
        shapes = {**shapes, "word": shapes.get("word", {}) | titres}
        del shapes["titre"]
    dashes = shapes.get("range", {})
    if total(dashes) < _MOSTLY * counts.known or not is_of_parts(counts.name, _TWO):
        return shapes
    split = find_split(dashes)
    if split is None or total(split[0]) < _MOST_FALL * total(dashes):
        return shapes
    rest = {text: rows for text, rows in dashes.items() if text not in split[0]}
    return {**shapes, "pair": shapes.get("pair", {}) | split[0], "range": rest}


def _in_words(counts: Counts, words: Mapping[str, int]) -> list[Doubt]:
    if not words:
        return []
    text = f"among numbers a number in words{quoted(words, counts.name)}."
    step = Recode(values={word: _IN_WORDS[word.casefold()] for word in sorted(words)})
    return [
        Doubt("words among numbers", text, "Write them as numbers.", "value", is_any(counts.name, words), step=step)
    ]


def _undetected(counts: Counts, words: Mapping[str, int], limits: Sequence[str]) -> Doubt:
    """Tell of words for less than can be measured: as the one limit that the column has, else a person has to say."""
    text = f"among numbers that may mean less than can be measured{quoted(words, counts.name)}."
    below = {limit.replace(" ", "") for limit in limits if limit.startswith("<")}
    if len(below) == 1:
        limit = next(each for each in sorted(limits) if each.startswith("<"))
        ask = f"Are they below the limit, as '{limit}' is? Then read them so; to leave them out raises every mean."
        step = Recode(values=dict.fromkeys(sorted(words), limit))
    else:
        ask = "Write the limit for them ('<5') to keep them as censored; as missing, they would raise every mean."
        step = TreatAsMissing(values=tuple(sorted(words)))
    return Doubt("undetected", text, ask, "value", is_any(counts.name, words), step=step)


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
    if {word.casefold() for word in words} & _YES_NO:
        proposal = "Say which numbers they mean, or correct them: as missing, what they say would be lost."
        return Doubt("words among numbers", text, proposal, "value", is_any(column, words))
    proposal = f"Taken as missing, {say_kept(words)}." if automatic else "Treat them as missing."
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
        return _kept_digits(counts, shapes, context)
    if "limit" in present and present <= {"limit", "comma"}:
        return [_limits(counts, shapes)]
    if own := doubt_own_ways(counts, shapes):
        return [own]
    if present == {"pair"}:
        return _pairs(counts, shapes, context)
    if present & {"limit", "pair", *OWN_WAYS}:
        text = f"among numbers that are none as they stand, of several kinds{quoted(odd, counts.name)}."
        proposal = "Write each kind in a column of its own, or correct them."
        return [Doubt("no numbers", text, proposal, "value", is_any(counts.name, odd))]
    return [doubt_units(counts, shapes, odd)]


def _kept_digits(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]], context: Context) -> list[Doubt]:
    """Numbers only, kept as text: with leading zeros, of which digits would be lost, or as their file has them."""
    plain = shapes.get("number", {})
    if total(plain) + counts.numbers < counts.known:
        return []
    odd = {text: rows for text, rows in plain.items() if _LEADING.fullmatch(text)}
    if odd:
        text = "with leading zeros or a plus sign, so the column was kept as text."
        proposal = "Nothing to do if these are codes or identifiers."
        return [Doubt("kept digits", text, proposal, "number", is_any(counts.name, odd))]
    if context.said.levels or any(len(text) > _MOST_DIGITS for text in plain):
        return []
    if are_unclear(list(plain)):
        text = f"with three digits behind the point{quoted(plain, counts.name)}: decimals, or points between thousands?"
        ask = (
            "Proposed is to read them as decimals; where they are thousands, change the step. Until then they are text."
        )
        return [Doubt("separators", text, ask, "number", is_any(counts.name, plain), step=ReadNumbers())]
    text = "Numbers that the file has as text, all or some of them."
    where = pl.col(counts.name).is_not_null()
    ask = "Are they numbers, and no codes? Then read them so; until then they cannot be averaged."
    return [Doubt("numbers as text", text, ask, where=where, rows=counts.known, step=ReadNumbers())]


def _limits(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]]) -> Doubt:
    column, limits = counts.name, shapes["limit"]
    commas = bool(shapes.get("comma")) or any("," in text for text in limits)
    text = f"beyond a limit{quoted(limits, column)}."
    proposal = "Keep them as censored; statistics count a value below a limit as half of it."
    step = Censor(decimal="," if commas else ".")
    if not _reads([*limits, *shapes.get("comma", {}), *shapes.get("number", {})], step):
        return Doubt("limits", text, "Write them with one decimal mark.", "value", is_any(column, limits))
    return Doubt("limits", text, proposal, "value", is_any(column, limits), step=step)


def _pairs(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]], context: Context) -> list[Doubt]:
    column, pairs, plain = counts.name, shapes["pair"], shapes.get("number", {})
    numbers = total(plain) + counts.numbers
    if numbers > total(pairs):  # 1/2 among doses
        return [_odd(counts, pairs, plain, numbers)]
    split = find_split(pairs)
    if split is None or total(split[0]) < _MOSTLY * counts.known:
        return []
    texts, parts = split
    said = context.said
    split_beside = partial(
        split_into, column, parts.separator, len(parts.numbers), label=said.label, unit=said.unit or parts.unit
    )
    if all(name in context.names for name in split_beside(taken=()).into):
        return []  # the file has the parts beside it
    step = split_beside(taken=context.names)
    number = "two" if len(parts.numbers) == _TWO else "three"
    text = f"of {number} numbers each{quoted(texts, column)}."
    return [Doubt("two in one", text, say_split(step), "value", is_any(column, texts), step=step)]


def _reads(texts: Sequence[str], step: Censor) -> bool:
    return not apply_step(Values(pl.Series(texts, dtype=pl.String)), step).values.null_count()
