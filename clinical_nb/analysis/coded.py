"""How the levels that an answer calls by their labels are written in the data, so that a person finds them there."""

from collections.abc import Sequence

from clinical_nb.analysis.counts import Scan
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.plan import Variable
from clinical_nb.result import Note

_LEVELS = range(3, 13)  # a yes and a no are known by their labels, and a long list is looked up
_TEXT = "In the data, {column} is written {codes}."


def note_codes(scan: Scan, variables: Sequence[Variable]) -> list[Note]:
    """Return a note for each column of a few levels whose codes are texts of their own."""
    notes: list[Note] = []
    for name in variables:
        levels = scan.columns[name].levels if isinstance(name, str) and name in scan.columns else ()
        codes = [level for level in levels if isinstance(level.value, str) and level.value != level.label]
        if len(levels) in _LEVELS and len(codes) == len(levels):
            said = ", ".join(f"'{value_text(level.value)}' for {level.label}" for level in codes)
            notes.append(Note("assumption", _TEXT, {"column": str(name), "codes": said}))
    return notes
