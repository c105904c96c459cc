"""Sized: "thicker than 4" and "diagnosed before 1980", which name a column by what they say of it."""

from collections.abc import Iterator, Sequence

from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import happening_root
from clinical_nb.plan import Sign

_LONGEST = 4  # words before the comparative: "positive lymph nodes larger than"
_HAPPENED = ("ed", "born", "began", "begun")


def sized(words: Sequence[Word], index: Index, start: int) -> Iterator[tuple[tuple[str, Sign], int]]:
    """Yield the column of numbers that a comparative before a number is of, with its sign, and the place of the number.

    "Larger than" alone is of whatever column stands before it; only with a thing is it of the thing's size.
    """
    normal = tuple(word.normal for word in words)
    for at in range(start, min(start + _LONGEST, len(words) - 2)):
        said = index.lexicon.comparatives.get(normal[at])
        if said is None or normal[at + 1] != "than" or words[at + 2].number is None:
            continue
        noun, sign = said
        thing = normal[start:at]
        if not thing and (normal[at], "than") in index.lexicon.phrases("above") | index.lexicon.phrases("below"):
            continue
        column = index.one_column((*thing, noun))
        if column is not None and index.columns[column].kind == "numeric":
            yield (column, sign), at + 2


def year_of_what(words: Sequence[Word], index: Index, start: int) -> Iterator[tuple[str, int]]:
    """Yield the column with the year of what a verb says that happened: "diagnosed", "operated on"."""
    name = index.years.get(happening_root(words[start].normal, index.lexicon)) if start < len(words) else None
    if name is not None and words[start].normal.endswith(_HAPPENED):
        yield name, start + 1
