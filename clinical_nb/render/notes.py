"""Notes with their facts filled in: what was said by code, around what was computed or supplied by people."""

import re
from collections.abc import Iterable

from clinical_nb.render import numbers
from clinical_nb.render.phrase import Mark, Phrase, number, plain
from clinical_nb.result import Note

_WHY = ("test", "alternative", "assumption")
_PLACE = re.compile(r"\{(\w+)\}")


def fill(note: Note) -> Phrase:
    """Return a note's sentence with its facts.

    A fact is put in as it is and never read again, so that braces in a name that a person supplied stay braces. A
    number whose fact is called `p` or begins with `p_` is shown as a p-value, a whole number as a count, another as an
    estimate. A place without a fact stays as it was written.
    """
    parts: list[str | Mark] = []
    end = 0
    for place in _PLACE.finditer(note.text):
        fact = _fact(place.group(1), note) if place.group(1) in note.facts else place.group(0)
        before = note.text[end : place.start()]
        bound = isinstance(fact, Mark) and fact.text[0] in "<>"  # "p = <0.001" would be two signs
        parts += [before.removesuffix("= ") if bound else before, fact]
        end = place.end()
    parts.append(note.text[end:])
    return tuple(part for part in parts if part)


def explain(notes: Iterable[Note]) -> tuple[str, ...]:
    """Return as plain text why it was done so: the notes on the test, on what else could be, and on what is assumed."""
    return tuple(plain(fill(note)) for note in notes if note.kind in _WHY)


def _fact(name: str, note: Note) -> str | Mark:
    fact = note.facts[name]
    if isinstance(fact, str):
        return fact
    if name == "p" or name.startswith("p_"):
        return number(numbers.p_value(fact))
    return number(numbers.count(fact) if float(fact).is_integer() else numbers.estimate(fact))
