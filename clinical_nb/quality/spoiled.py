"""Columns that tell nothing, and values that a spreadsheet has rewritten."""

import re

import polars as pl

from clinical_nb.dictionary.identifiers import names_row
from clinical_nb.intake.at_once import EXACT_IN_FLOAT
from clinical_nb.intake.literals import PLAIN_NUMBER
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import Doubt, is_any
from clinical_nb.quality.months import ENGLISH

_MONTH = f"(?:{'|'.join(ENGLISH)}|sept)"
_DAY_OF_MONTH = re.compile(rf"\d{{1,2}}-{_MONTH}|{_MONTH}-\d{{2}}", re.IGNORECASE)
_GENE = re.compile(r"(?:SEPT|MARCH|DEC)\d{1,2}", re.IGNORECASE)
_CUT = re.compile(r"[-+]?\d(?:\.\d+)?E\+(?:1[1-9]|[2-9]\d)")  # Excel writes numbers of twelve digits and more so
_ERROR = re.compile(r"#(?:N/A|VALUE!|REF!|DIV/0!|NAME\?|NUM!|NULL!)")
_TICKS = frozenset(
    {"y", "yes", "x", "1", "1.0", "true", "ja", "j", "oui", "si", "\u2713"}
)  # of forms and flags, as in SDTM
# UTF-8 read as Windows-1252 and written again: two or three signs that no word has stand for one.
_TWICE = re.compile("[\u00c2\u00c3][\u0080-\u00bf\u0152-\u2122]|\u00e2\u20ac.")
_LOST = "\ufffd"
_LARGE = 1e11  # from twelve digits on spreadsheets cut numbers
_FEWEST_CUT = 3  # numbers: two may end in zeros by chance
_LEAST_FOR_CONSTANT = 3  # rows


def doubt_constant(counts: Counts) -> list[Doubt]:
    """Return a word on a column with one value or none."""
    if not counts.known:
        return [Doubt("no values", "No cell has a value.", "Leave the column out.", rows=counts.rows)]
    if counts.known < _LEAST_FOR_CONSTANT:
        return []
    one_value = counts.is_whole and len(counts.values) + bool(counts.numbers) == 1
    if counts.is_text or counts.is_number:
        is_constant = one_value
    else:
        is_constant = counts.least is not None and counts.least == counts.most
    if not is_constant:
        return []
    empty = counts.rows - counts.known
    text = f"Every cell has the same value{f' or is missing ({empty:,})' if empty else ''}."
    proposal = "It can explain nothing in an analysis."
    if empty and {str(value).casefold() for value in counts.values} <= _TICKS:
        proposal = (
            "If an empty cell means no here, write that into it: until then it counts as unknown, and all as yes."
        )
    return [Doubt("constant", text, proposal, rows=counts.known)]


def doubt_spoiled(counts: Counts) -> list[Doubt]:
    """Return what a spreadsheet has rewritten: names and doses as dates, long numbers with fewer digits, errors."""
    named = _misread_name(counts.name)
    if counts.is_number:
        return [*named, *_cut_numbers(counts)]
    if not counts.is_text:
        return named
    texts = [str(text) for text in counts.values]
    days = [text for text in texts if _DAY_OF_MONTH.fullmatch(text)]
    genes = [text for text in texts if days and _GENE.fullmatch(text)]
    cut = [text for text in texts if "E+" in text and _CUT.fullmatch(text)]
    found: list[Doubt] = []
    if days or cut:
        text = "that a spreadsheet seems to have rewritten as dates or with fewer digits."
        proposal = "Export the column from its source again, as text."
        where = is_any(counts.name, [*days, *genes, *cut])
        found.append(Doubt("spreadsheet damage", text, proposal, "value", where))
    errors = [text for text in texts if _ERROR.fullmatch(text)]
    if errors and not found:
        where = is_any(counts.name, errors)
        found.append(Doubt("spreadsheet damage", "that are errors of a formula.", "Mend the formula.", "value", where))
    return [*named, *found, *_encoded_twice(counts, texts), *_lost(counts, texts), *_too_large(counts, texts)]


def _misread_name(name: str) -> list[Doubt]:
    if not _TWICE.search(name) and _LOST not in name:
        return []
    text = "The column's name has letters that were read in the wrong encoding before, as Ã¼ for ü, or lost."
    return [Doubt("spreadsheet damage", text, "Name the column anew, or export it again from its source, in UTF-8.")]


def _lost(counts: Counts, texts: list[str]) -> list[Doubt]:
    """Tell of letters that another program could not write, and put a sign for."""
    broken = [text for text in texts if _LOST in text]
    if not broken:
        return []
    text = f"with letters that were lost before ({_LOST} stands for them): different words may be alike here."
    where = is_any(counts.name, broken)
    return [Doubt("spreadsheet damage", text, "Export it again from its source, in UTF-8.", "value", where)]


def _cut_numbers(counts: Counts) -> list[Doubt]:
    """Tell of numbers of twelve digits and more of which all have only zeros behind the sixth, as 1.23457E+12 has."""
    numbers = [float(value) for value in counts.values]
    fewest = counts.known if names_row(counts.name) else len(numbers)  # identifiers that were cut are often alike
    if not counts.is_whole or fewest < _FEWEST_CUT or any(abs(number) < _LARGE for number in numbers):
        return []
    if any(float(f"{number:.5e}") != number for number in numbers) or all(
        float(f"{number:.0e}") == number for number in numbers
    ):
        return []
    text = "of which a spreadsheet seems to have kept six digits (1.23457E+12)."
    proposal = "Export the column from its source again, as text: different identifiers are alike here."
    return [Doubt("spreadsheet damage", text, proposal, "number", pl.col(counts.name).is_not_null())]


def _encoded_twice(counts: Counts, texts: list[str]) -> list[Doubt]:
    """Tell of letters that another program has read in the wrong encoding and written so (Ã¼ for ü)."""
    broken = [text for text in texts if _TWICE.search(text)]
    if not broken:
        return []
    text = "with letters that were read in the wrong encoding before, as Ã¼ for ü."
    where = is_any(counts.name, broken)
    return [Doubt("spreadsheet damage", text, "Export it again from its source, in UTF-8.", "value", where)]


def _too_large(counts: Counts, texts: list[str]) -> list[Doubt]:
    """Tell of whole numbers that no number keeps exactly, in a column of nothing else."""
    if counts.numbers or not all(re.fullmatch(PLAIN_NUMBER, text) for text in texts):
        return []
    large = [text for text in texts if text.lstrip("-").isdecimal() and abs(float(text)) >= EXACT_IN_FLOAT]
    if not large:
        return []
    text = "too large to be kept exactly as numbers, so the column was kept as text."
    proposal = "Nothing to do if these are codes or identifiers."
    return [Doubt("kept digits", text, proposal, "number", is_any(counts.name, large))]
