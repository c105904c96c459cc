"""Days: which date words mean, and the first and last day of what they say of it: "June 2021", "2020", "3 May 2019"."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from clinical_nb.ask.language.lexicon import Phrase, lexicon
from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.naming import phrases_of_column
from clinical_nb.dictionary.deriving import MadeColumn
from clinical_nb.dictionary.meaning import Column
from clinical_nb.plan import DateOf

YEARS = range(1900, 2101)
_ISO = 5  # 2021 - 06 - 01
_HARMLESS = frozenset({"treatment", "study", "trial", "observation"})


def dates_called(columns: Mapping[str, Column]) -> tuple[tuple[str | DateOf, tuple[frozenset[str], ...]], ...]:
    """Return the dates of a table, each with what it is called in the words that tell dates apart."""
    return tuple(
        (_source(name, column), _phrases(name, column)) for name, column in columns.items() if column.kind == "date"
    )


def dates_meant(
    words: Phrase, dates: Sequence[tuple[str | DateOf, tuple[frozenset[str], ...]]]
) -> tuple[str | DateOf, ...]:
    """Return the dates that words mean: those called so, else those called so but for what all dates of a study are."""
    asked = _said(words)
    exact = [source for source, phrases in dates if asked and asked in phrases]
    core = asked - _HARMLESS
    near = [source for source, phrases in dates if core and any(each - _HARMLESS == core for each in phrases)]
    return tuple(dict.fromkeys(exact or near))


def read_day(words: Sequence[Word], start: int) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the first day of what words say and the day after its last, in ISO 8601, with the place after the words."""
    for first, after, end in (*_iso(words, start), *_of_month(words, start), *_whole(words, start)):
        yield (first.isoformat(), after.isoformat()), end


def _iso(words: Sequence[Word], start: int) -> Iterator[tuple[date, date, int]]:
    typed = [word.typed for word in words[start : start + _ISO]]
    if len(typed) == _ISO and typed[1] == typed[3] == "-" and len(typed[0]) == 4:  # noqa: PLR2004 - a year's digits
        yield from _day(words[start], words[start + 2].number, words[start + 4], start + _ISO)


def _of_month(words: Sequence[Word], start: int) -> Iterator[tuple[date, date, int]]:
    """Yield "3 May 2019", "May 3, 2019" and "May 2019"."""
    at = [word.normal for word in words[start : start + 4]]
    months = lexicon().months
    if len(at) > 2 and at[1] in months:  # noqa: PLR2004 - day, month, year
        yield from _day(words[start + 2], months[at[1]], words[start], start + 3)
    if not at or at[0] not in months:
        return
    if len(at) > 3 and at[2] == ",":  # noqa: PLR2004 - month, day, comma, year
        yield from _day(words[start + 3], months[at[0]], words[start + 1], start + 4)
    if len(at) > 1 and (year := year_of(words[start + 1])):
        month = months[at[0]]
        yield date(year, month, 1), date(year, month, monthrange(year, month)[1]) + timedelta(1), start + 2


def _whole(words: Sequence[Word], start: int) -> Iterator[tuple[date, date, int]]:
    if (
        start < len(words)
        and (year := year_of(words[start]))
        and [each.typed for each in words[start + 1 : start + 2]] != ["-"]
    ):
        yield date(year, 1, 1), date(year + 1, 1, 1), start + 1


def _day(year: Word, month: float | None, day: Word, end: int) -> Iterator[tuple[date, date, int]]:
    if (in_year := year_of(year)) and month and day.number and day.number.is_integer():
        try:
            found = date(in_year, int(month), int(day.number))
        except ValueError:
            return
        yield found, found + timedelta(1), end


def year_of(word: Word) -> int | None:
    """Return the year that a word is, in four digits; None where it is none."""
    is_year = len(word.typed) == 4 and word.typed.isdecimal() and int(word.typed) in YEARS  # noqa: PLR2004 - its digits
    return int(word.typed) if is_year else None


def _source(name: str, column: Column) -> str | DateOf:
    return column.how if isinstance(column, MadeColumn) and isinstance(column.how, DateOf) else name


def _phrases(name: str, column: Column) -> tuple[frozenset[str], ...]:
    return tuple(said for phrase in phrases_of_column(name, column) if (said := _said(phrase)))


def _said(words: Phrase) -> frozenset[str]:
    """Return the words that tell a date from others, verbs as what the day is called."""
    lexical = lexicon()
    return frozenset(lexical.day_words.get(word, word) for word in words if word not in lexical.day_empty)
