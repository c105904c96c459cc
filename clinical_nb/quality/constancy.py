"""What is the same of a person for life, and differs over the rows of one: sex, birth, race, blood group."""

from collections.abc import Iterator, Sequence

import polars as pl

from clinical_nb.dictionary.identifiers import may_name_person, names_birthday, names_person, words_of
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.missing_codes import WORDS

_FIRST = 5
_LOOKED_AT_ONCE = 500  # columns
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
    if person is None:
        return
    for_life = [name for name in names if name != person and _is_for_life(name)]
    for start in range(0, len(for_life), _LOOKED_AT_ONCE):
        yield from _doubt_some(table, person, for_life[start : start + _LOOKED_AT_ONCE])


def _doubt_some(table: Table, person: str, columns: Sequence[str]) -> Iterator[Finding]:
    """Yield the findings of some columns, which are looked at together: a wide table is no one query a column."""
    raw = table.scan.select(person, *columns).collect(engine="streaming")
    repeated = raw[person].is_duplicated() & raw[person].is_not_null()
    if not repeated.any():
        return
    # eager: the streaming engine takes 100 times as long for 500 such expressions
    plain = (_plain(column).alias(str(at)) for at, column in enumerate(columns))
    frame = raw.select(pl.col(person).alias("person"), *plain).with_row_index("row", offset=1).filter(repeated)
    each = frame.group_by("person", maintain_order=True).agg(pl.exclude("row").drop_nulls().n_unique() > 1)
    for at, column in enumerate(columns):
        differing = each.filter(pl.col(str(at)))["person"]
        persons = differing.len()
        if not persons or persons > max(1, _MANY * each.height):
            continue
        rows = frame.filter(pl.col("person").is_in(differing.implode()))["row"]
        text = f"{counted(persons, 'patient')} with several values of '{column}' over {counted(rows.len(), 'row')}."
        ask = "It is the same for life: correct it at its source, or see whether two patients share a number."
        yield Finding(table.name, column, rows.len(), text, ask, "conflicts", tuple(rows.head(_FIRST).to_list()))


def _is_for_life(column: str) -> bool:
    words = frozenset(words_of(column))
    if words & _OTHERWISE:
        return False
    return bool(words & _FOR_LIFE) or names_birthday(column) or any(both <= words for both in _TOGETHER)


def _plain(column: str) -> pl.Expr:
    """Return values as text without case, words for missing as such, and each sex in one spelling."""
    text = pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(~text.is_in(list(WORDS))).then(text.replace(_SHORT))
