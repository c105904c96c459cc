"""What is the same of a person for life, and differs over the rows of one: sex, birth, race, blood group."""

from collections.abc import Iterator, Sequence

import polars as pl

from clinical_nb.dictionary.identifiers import may_name_person, names_birthday, names_person, words_of
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.missing_codes import WORDS

_FIRST = 5
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
    for column in (name for name in names if name != person and _is_for_life(name)):
        frame = table.scan.select(person=pl.col(person), value=_plain(column)).collect(engine="streaming")
        several = pl.col("value").drop_nulls().n_unique().over("person") > 1
        rows = frame.select((pl.col("person").is_not_null() & several).alias("differs"))["differs"]
        persons = frame.filter(rows)["person"].n_unique()
        if not persons or persons > max(1, _MANY * _repeated(frame)):
            continue
        text = (
            f"{counted(persons, 'patient')} with several values of '{column}' over {counted(int(rows.sum()), 'row')}."
        )
        ask = "It is the same for life: correct it at its source, or see whether two patients share a number."
        first = tuple(int(at) + 1 for at in rows.arg_true().head(_FIRST))
        yield Finding(table.name, column, int(rows.sum()), text, ask, "conflicts", first)


def _is_for_life(column: str) -> bool:
    words = frozenset(words_of(column))
    if words & _OTHERWISE:
        return False
    return bool(words & _FOR_LIFE) or names_birthday(column) or any(both <= words for both in _TOGETHER)


def _plain(column: str) -> pl.Expr:
    """Return values as text without case, words for missing as such, and each sex in one spelling."""
    text = pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(~text.is_in(list(WORDS))).then(text.replace(_SHORT))


def _repeated(frame: pl.DataFrame) -> int:
    """Return how many persons have more than one row."""
    return frame.filter(pl.col("person").is_not_null() & pl.col("person").is_duplicated())["person"].n_unique()
