"""What is the same of a person for life, and differs over the rows of one: sex, birth, race, blood group."""

from collections.abc import Iterator, Sequence

import polars as pl

from clinical_nb.dictionary.identifiers import may_name_person, names_birthday, names_person, words_of
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.quality.counts import MOST_COMPARED, Counts, is_any_repeated
from clinical_nb.quality.missing_codes import are_missing_words

_FIRST = 5  # row numbers that are told
_LOOKED_AT_ONCE = 500  # columns
_ROWS_AT_ONCE = 2_000_000
_FOR_LIFE = frozenset(
    {"sex", "gender", "geschlecht", "sexe", "sexo", "sesso", "race", "ethnicity", "ethnic", "birthyear", "yob"}
    | {"blutgruppe", "abo"}
)
_TOGETHER = (frozenset({"birth", "year"}), frozenset({"blood", "group"}), frozenset({"blood", "type"}))
_OTHERWISE = frozenset(
    {"partner", "partners", "donor", "spouse", "mother", "father", "child", "infant", "baby", "sibling"}
)
_SHORT = {
    **dict.fromkeys(("female", "woman", "w", "weiblich", "femme", "mujer", "girl"), "f"),
    **dict.fromkeys(("male", "man", "männlich", "homme", "hombre", "boy"), "m"),
}
_MANY = 0.5  # of the persons; where more differ, the column is about something else


def doubt_constancy(table: Table, counts: Sequence[Counts]) -> Iterator[Finding]:
    """Yield a finding for each column that is constant by nature and has several values for one person.

    A word for missing and another spelling of a sex are no other value. No person's number is told.
    """
    names = [each.name for each in counts]
    person = next((name for name in names if names_person(name)), None)
    person = person or next((name for name in names if may_name_person(name)), None)
    for_life = [name for name in names if name != person and _is_for_life(name)]
    if person is None or not for_life or table.rows > MOST_COMPARED:
        return
    marks = table.scan.select(pl.when(pl.col(person).is_not_null()).then(pl.col(person).hash()))
    if not is_any_repeated(marks.collect(engine="streaming").to_series()):
        return
    for start in range(0, len(for_life), _LOOKED_AT_ONCE):
        yield from _doubt_some(table, person, for_life[start : start + _LOOKED_AT_ONCE])


def _doubt_some(table: Table, person: str, columns: Sequence[str]) -> Iterator[Finding]:
    """Yield the findings of some columns, which are looked at together: a wide table is no one query a column."""
    differing = [0] * len(columns)
    rows = [list[pl.Series]() for _ in columns]
    persons = 0
    for frame in _parts(table, person, columns):
        each = frame.group_by("person").agg(pl.exclude("row").drop_nulls().n_unique() > 1)
        persons += each.height
        for at in range(len(columns)):
            those = each.filter(pl.col(str(at)))["person"]
            differing[at] += those.len()
            rows[at].append(frame.filter(pl.col("person").is_in(those.implode()))["row"])
    for at, column in enumerate(columns):
        if not differing[at] or differing[at] > max(1, _MANY * persons):
            continue
        where = pl.concat(rows[at]).sort()
        text = (
            f"{counted(differing[at], 'patient')} with several values of '{column}' over {counted(where.len(), 'row')}."
        )
        ask = "It is the same for life: correct it at its source, or see whether two patients share a number."
        yield Finding(table.name, column, where.len(), text, ask, "conflicts", tuple(where.head(_FIRST).to_list()))


def _parts(table: Table, person: str, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the rows of persons who have several, some persons at a time, so that a long table takes no more memory."""
    named = (pl.col(column).alias(str(at)) for at, column in enumerate(columns))
    scan = table.scan.select(pl.col(person).alias("person"), *named).with_row_index("row", offset=1)
    parts = -(-table.rows // _ROWS_AT_ONCE)
    for part in range(parts):
        those = pl.col("person").is_not_null() & (pl.col("person").hash() % parts == part)
        raw = scan.filter(those).collect(engine="streaming")
        # eager: the streaming engine takes 100 times as long for 500 such expressions
        yield raw.filter(raw["person"].is_duplicated()).with_columns(_plain(str(at)) for at in range(len(columns)))


def _is_for_life(column: str) -> bool:
    words = frozenset(words_of(column))
    if words & _OTHERWISE:
        return False
    return bool(words & _FOR_LIFE) or names_birthday(column) or any(both <= words for both in _TOGETHER)


def _plain(column: str) -> pl.Expr:
    """Return values as text without case, words for missing as such, and each sex in one spelling."""
    text = pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(~are_missing_words(text)).then(text.replace(_SHORT))
