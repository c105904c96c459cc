"""What is wrong with rows as a whole: the same row twice, one identifier with two rows, an end before its start."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from clinical_nb.dictionary.identifiers import may_name_person, names_private, names_row, words_of
from clinical_nb.dictionary.steps import LeaveOut
from clinical_nb.intake.literals import PLAIN_NUMBER
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.intake.totals import is_sum, summed_level
from clinical_nb.quality.counts import Counts, is_any_repeated
from clinical_nb.quality.doubt import is_any, quoted

_FIRST = 5  # row numbers that are told
_MOSTLY_UNIQUE = 0.9  # of the values: where more repeat, it identifies no rows
_FEW = 0.2  # of the rows: where more are alike, rows of few columns are so by nature
_LEAST_ROWS = 3  # of which fewer show nothing
_FEW_TOTALS = 0.1  # of the rows; more of them are a level that is called so
_FEW_OF_LEVELS = 0.5  # of the rows, where each is the total of a level that is there
_NUMBERED = 0.5  # of the rows have a number where a heading has words
_NUMBER_OF_ROW = re.compile(rf"{PLAIN_NUMBER}|\S*\d\S*")
_WORD = re.compile(r"[^\W\d_]{3}|\s")
# What comes first and what comes after it, as column names say it.
_ORDER = (
    ({"birth", "dob", "birthdate", "born"}, {"death", "dod", "died", "deceased"}),
    ({"start", "begin", "started"}, {"end", "stop", "ended", "finish"}),
    ({"admission", "admit", "admitted"}, {"discharge", "discharged"}),
)


def doubt_rows(table: Table, counts: Sequence[Counts], hashes: pl.Series | None) -> list[Finding]:
    """Return what is wrong with rows of a table, of which each has its hash."""
    found = [*_order_of_dates(table, counts), *_totals(table, counts), *_headings(table, counts)]
    if hashes is None:
        text = f"{counted(table.rows, 'row')} are too many to look for rows and identifiers that occur twice."
        ask = "Look for them where the data are kept."
        return [*found, Finding(table.name, None, 0, text, ask, "not looked at")]
    again = ~hashes.is_first_distinct() if is_any_repeated(hashes) else pl.Series([False])
    rows = int(again.sum())
    identifying = [each for each in counts if names_row(each.name) or may_name_person(each.name)]
    if rows and len(counts) > 1 and (identifying or rows <= _FEW * table.rows):
        text = f"{counted(rows, 'row')} the same as one before in every column."
        ask = "Remove them at their source if they were entered twice."
        first = tuple(int(at) + 1 for at in again.arg_true().head(_FIRST))
        found.append(Finding(table.name, None, rows, text, ask, "duplicated rows", first))
    for each in identifying:
        found += [*_repeated_id(table, each, hashes.len() - rows), *_alike_ids(table, each)]
    return found


def _totals(table: Table, counts: Sequence[Counts]) -> Iterator[Finding]:
    """Tell of rows that are called the total of others, of all or of those with another value of their column."""
    for each in counts:
        texts = {str(value) for value in each.values} if each.is_text and each.is_whole else set[str]()
        named = [text for text in texts if summed_level(text) in texts]
        words = sorted({*named, *(text for text in texts if is_sum(text))})
        rows = sum(each.values[word] for word in words)
        most = _FEW_OF_LEVELS if named else _FEW_TOTALS
        if not 0 < rows <= max(1, most * table.rows) or len(texts) == len(words):
            continue
        at = table.scan.select(is_any(each.name, words).arg_true().alias("at")).collect(engine="streaming")["at"]
        text = f"{counted(rows, 'row')} that {'is' if rows == 1 else 'are'} called a total{quoted(words, each.name)}."
        ask = "Leave totals out of the file: they are counted as records, and their values with those of others."
        yield Finding(table.name, each.name, rows, text, ask, "totals", tuple(int(row) + 1 for row in at.head(_FIRST)))


def _headings(table: Table, counts: Sequence[Counts]) -> Iterator[Finding]:
    """Tell of rows that hold nothing but words in the first column, where the others have a number: "Group A".

    They are left out where that is plain: the column identifies, and no such word stands in any other row.
    """
    first = counts[0]
    if not (first.is_text and first.is_whole) or len(counts) < 2:  # noqa: PLR2004 - a column besides
        return
    texts = [str(value) for value in first.values]
    words = [text for text in texts if not _NUMBER_OF_ROW.fullmatch(text)]
    numbers = first.known - sum(first.values[word] for word in words)
    if not words or numbers < _NUMBERED * first.known:
        return
    alone = pl.all_horizontal(pl.nth(range(1, len(table.scan.collect_schema()))).is_null())
    rows = table.scan.select(pl.nth(0).alias("word"), (is_any(first.name, words) & alone).alias("is alone"))
    found = rows.with_row_index("row").filter("is alone").collect(engine="streaming")
    at, said = found["row"], found["word"].value_counts(name="rows")
    headings = sorted(word for word, times in said.iter_rows() if times == first.values[word])
    if not at.len():
        return
    text = f"{counted(at.len(), 'row')} with nothing but words in this column{quoted(words, first.name)}."
    is_private = names_private(first.name)
    identifies = names_row(first.name) or may_name_person(first.name)
    is_plain = (
        identifies and not is_private and len(headings) == said.height and all(_WORD.search(word) for word in headings)
    )
    ask = "They look like headings of the rows below them, and are left out: write what they say into a column."
    if not is_plain:
        ask = "They look like headings of the rows below them, and are counted as records: leave them out?"
    shown = tuple(int(row) + 1 for row in at.head(_FIRST))
    step = LeaveOut(values=tuple(headings)) if headings and not is_private else None
    yield Finding(table.name, first.name, at.len(), text, ask, "blocks", shown, step, is_plain)


def _repeated_id(table: Table, counts: Counts, different_rows: int) -> list[Finding]:
    """Tell of an identifier that most rows have alone, and some have together though they say different things."""
    if counts.known < _LEAST_ROWS:
        return []
    is_counted = counts.is_whole and not counts.numbers
    if not is_counted and not is_any_repeated(_ids(table, counts).drop_nulls().hash()):
        return []
    distinct = len(counts.values) if is_counted else _ids(table, counts).drop_nulls().n_unique()
    if distinct == counts.known or distinct < _MOSTLY_UNIQUE * counts.known:
        return []
    if different_rows <= distinct + (counts.known < counts.rows):
        return []  # the rows are the same in everything, which is told already
    ids = _ids(table, counts)
    repeated = (ids.is_duplicated() & ids.is_not_null()).fill_null(False)
    rows = int(repeated.sum())
    text = f"{counted(rows, 'row')} with an identifier that another row has too, and most rows have alone."
    first = tuple(int(at) + 1 for at in repeated.arg_true().head(_FIRST))
    ask = "See whether these are the same person; correct them at their source."
    return [Finding(table.name, counts.name, rows, text, ask, "duplicated ids", first)]


def _alike_ids(table: Table, counts: Counts) -> list[Finding]:
    """Tell of identifiers of text that differ by case, or by a mark between letters and digits, alone: P01, p-01."""
    if not counts.is_text:
        return []
    ids = _ids(table, counts)
    bare = ids.str.to_lowercase().str.replace_all(r"(\p{L})[-_ ]+(\d)", "${1}${2}")
    several = pl.DataFrame({"id": ids, "bare": bare}).drop_nulls().unique().filter(pl.col("bare").is_duplicated())
    if several.is_empty():
        return []
    rows = ids.is_in(several["id"].implode()).fill_null(value=False)
    text = (
        f"{counted(int(rows.sum()), 'row')} with identifiers that differ by case or a mark alone, as P01 and p-01 do."
    )
    ask = "They count as different persons: where they are the same, write them alike at their source."
    first = tuple(int(at) + 1 for at in rows.arg_true().head(_FIRST))
    return [Finding(table.name, counts.name, int(rows.sum()), text, ask, "duplicated ids", first)]


def _ids(table: Table, counts: Counts) -> pl.Series:
    return table.scan.select(counts.name).collect(engine="streaming").to_series()


def _order_of_dates(table: Table, counts: Sequence[Counts]) -> Iterator[Finding]:
    dates = {each.name: words_of(each.name) for each in counts if isinstance(each.least, date)}
    for before, after in _ORDER:
        firsts = [name for name, words in dates.items() if set(words) & before]
        seconds = [name for name, words in dates.items() if set(words) & after]
        for first in firsts:
            for second in seconds:
                if _same_thing(dates[first], dates[second], before | after):
                    yield from _told(table, first, second)


def _same_thing(one: Sequence[str], two: Sequence[str], either: set[str]) -> bool:
    """Tell whether two names say the same but for the words of the order: start_date, end_date."""
    neutral = either | {"date", "day", "of", "dt", "time"}
    return set(one) - neutral == set(two) - neutral


def _told(table: Table, first: str, second: str) -> Iterator[Finding]:
    wrong = (pl.col(second).cast(pl.Date) < pl.col(first).cast(pl.Date)).fill_null(False)
    at = table.scan.select(wrong.arg_true().alias("at")).collect(engine="streaming")["at"]
    if at.len():
        text = f"{counted(at.len(), 'row')} with '{second}' before '{first}'."
        rows = tuple(int(each) + 1 for each in at.head(_FIRST))
        yield Finding(table.name, second, at.len(), text, "Correct them at their source.", "order of dates", rows)
