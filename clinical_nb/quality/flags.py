"""Signs among values that stand for something else: a laboratory's flags behind numbers (12 H), and ditto marks."""

import re
from collections.abc import Mapping

from clinical_nb.dictionary.steps import ReadNumbers
from clinical_nb.intake.literals import PLAIN_NUMBER
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import Doubt, is_any, quoted, total

_FLAG = r"\(?(?:HH?|LL?)\)?|\*{1,3}|[\u2191\u2193!]{1,2}"
_FLAGGED = re.compile(rf"({PLAIN_NUMBER})\s*({_FLAG})")
_LIMIT = re.compile(rf"[<>≤≥]=?\s*{PLAIN_NUMBER}\s*(?:{_FLAG})?")
_MOSTLY = 0.5  # behind more of the numbers it is a unit (3.2 L), and no flag
# As people write them below a cell: quotation marks, the signs of Chinese and Japanese, and the words.
_DITTO = frozenset(
    {'"', '""', "''", "\u3003", "\u2033", "\u201d", "\u201c", "ditto", "do.", "idem", "dito", "s.o.", "same as above"}
)


def doubt_flags(counts: Counts, texts: Mapping[str, int]) -> Doubt | None:
    """Return how numbers are read of which some have a flag for high or low behind them; None where none has.

    Capital letters alone are flags, behind few of the numbers: "3.2 L" on each is litres.
    """
    found = {text: parts for text in texts if (parts := _FLAGGED.fullmatch(text))}
    flags = {parts[2] for parts in found.values()}
    flagged = {text: texts[text] for text in found}
    limits = {text: rows for text, rows in texts.items() if _LIMIT.fullmatch(text)}
    plain = {text: rows for text, rows in texts.items() if re.fullmatch(PLAIN_NUMBER, text)}
    rest = total(texts) - total(flagged) - total(limits) - total(plain)
    if not flagged or rest or total(flagged) > _MOSTLY * (counts.known or 1):
        return None
    text = f"with a flag of the laboratory{quoted(flagged, counts.name)}."
    where = is_any(counts.name, flagged)
    if limits:
        ask = "Write the flags in a column of their own; then values beyond a limit can be read beside the numbers."
        return Doubt("flags", text, ask, "number", is_any(counts.name, [*flagged, *limits]))
    step = ReadNumbers(flags=tuple(sorted(flags)))
    return Doubt("flags", text, "Read them as numbers without the flag.", "number", where, step=step)


def doubt_ditto(counts: Counts) -> list[Doubt]:
    """Return which values say that they are as the one above."""
    if not counts.is_text:
        return []
    marks = [str(text) for text in counts.values if str(text).casefold() in _DITTO]
    if not marks or len(marks) == len(counts.values):
        return []
    said = ", ".join(sorted(marks))
    text = f"standing for the one above ({said})."
    ask = "Fill them in at the source: here they are a value of their own, and counted as one."
    return [Doubt("ditto marks", text, ask, "value", is_any(counts.name, marks))]
