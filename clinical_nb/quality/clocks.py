"""Hours and minutes as text: how long something took (25:30), and at what time of the day it was (08:15)."""

import re

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import Doubt, is_any, total
from clinical_nb.quality.own_ways import are_titres

_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?(?:\s*[ap]\.?m\.?)?", re.IGNORECASE)
_MOSTLY = 0.9  # of the values, or 10:30 is something else among words
_OF_A_DAY = 24  # hours: what has more is a duration
_LASTS = frozenset({"duration", "dur", "length", "los", "elapsed", "dauer", "durée", "duración", "durata"})


def doubt_clocks(counts: Counts) -> list[Doubt]:
    """Return a word on a column of hours and minutes, which nothing averages as it stands."""
    if not counts.is_text or not counts.is_whole or counts.numbers:
        return []
    found = {str(text): parts for text in counts.values if (parts := _CLOCK.fullmatch(str(text)))}
    rows = total({text: int(counts.values[text]) for text in found})
    if not found or rows < _MOSTLY * counts.known or are_titres(counts.name, found):
        return []
    where = is_any(counts.name, found)
    if any(int(parts[1]) >= _OF_A_DAY for parts in found.values()) or set(words_of(counts.name)) & _LASTS:
        text = "of hours and minutes, how long something took, as text."
        ask = "Write them in minutes, or as hours with decimals: as they stand they cannot be averaged."
        return [Doubt("times as text", text, ask, "value", where)]
    text = "of a time of the day, as text."
    ask = "Nothing to do if they only describe; write minutes since midnight where they are to be averaged."
    return [Doubt("times as text", text, ask, "value", where)]
