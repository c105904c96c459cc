"""What a person should know of how tables belong together: rows of nobody, keys that repeat or are written unlike."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from clinical_nb.dictionary.keys import is_unique, known, patient_of
from clinical_nb.dictionary.matching import Match, count_differing, match_rows
from clinical_nb.dictionary.meaning import Column, Grain, Relation
from clinical_nb.dictionary.vocabulary import squeeze

_NAMED = 4
_FEW_DIFFER = 0.2  # of the rows; where more do, it is another thing of the same name, such as a weight at each visit


@dataclass(frozen=True, slots=True)
class Told:
    """Something about how tables belong together that a person should know; `rows` is how many it concerns."""

    table: str
    column: str
    rows: int
    text: str
    proposal: str = ""


def tell_types(scans: Mapping[str, pl.LazyFrame], table: str, column: str, patients: str, key: str) -> Told | None:
    """Tell that keys are of different types, and whether they would meet if they were written alike."""
    if not all(scans[each].head(1).collect().height for each in (table, patients)):
        return None  # without a row there is no type
    text = f"It is of another type than '{key}' of '{patients}': the tables were not compared."
    alike = _say_alike(scans, table, Relation(table=patients, columns=(column,), keys=(key,)))
    return Told(table, column, 0, text, alike or "Clean one of the two, so that both are text or both numbers.")


def _say_alike(scans: Mapping[str, pl.LazyFrame], table: str, relation: Relation) -> str:
    """Propose to write keys alike where they differ in nothing but capital letters, blanks and zeros before them."""
    if len(relation.columns) != 1:
        return ""
    sides = ((table, relation.columns[0]), (relation.table, relation.keys[0]))
    plain = [
        scans[of].select(
            known(scans[of], name)
            .cast(pl.String)
            .str.strip_chars()
            .str.to_lowercase()
            .str.replace(r"\.0+$", "")
            .str.strip_chars_start("0")
            .alias("key")
        )
        for of, name in sides
    ]
    match = match_rows(plain[0], ("key",), plain[1].drop_nulls().unique(), ("key",))
    if match is None or match.without or not match.values:
        return ""
    return "They are the same but for capital letters, blanks or zeros before them: write them alike in both files."


def are_alike(columns: Mapping[str, Mapping[str, Column]], table: str, other: str) -> bool:
    """Tell whether two tables without patients have the same columns, as a sheet for each patient or each site has."""
    own, others = ({squeeze(name) for name in columns[each]} for each in (table, other))
    return own == others and len(own) > 1 and patient_of(columns[table]) is None


def tell_alike(columns: Mapping[str, Mapping[str, Column]]) -> Iterator[Told]:
    """Tell of tables that may be the parts of one: of each row it is not known whose it is."""
    left = list(columns)
    while left:
        first, *rest = left
        alike = [first, *(each for each in rest if are_alike(columns, first, each))]
        left = [each for each in rest if each not in alike]
        if len(alike) > 1:
            named = ", ".join(f"'{each}'" for each in alike[:_NAMED]) + (", …" if len(alike) > _NAMED else "")
            text = f"{len(alike)} tables have the same columns and no patient: {named}. They were not related."
            ask = "If they are one patient's or one site's each, put them in one table, with a column that says whose."
            yield Told(first, "", 0, text, ask)


def tell_orphans(table: str, relation: Relation, match: Match) -> Told:
    """Tell of tables that belong together how many rows belong to no row of the other."""
    has, other = match.rows - match.missing, relation.table
    text = (
        f"{say_rows(match.without)} a {say_names(relation.columns)} that '{other}' does not have "
        f"({match.without / has:.1%} of {has:,}): they belong to no row there."
    )
    ask = (
        f"Add what is missing to '{other}', or mend the values; reject that the tables belong together if they do not."
    )
    return Told(table, relation.columns[0], match.without, text, ask)


def tell_without(scans: Mapping[str, pl.LazyFrame], table: str, relation: Relation, match: Match) -> Told:
    """Tell of tables that are not related how many rows have no key of the other, and if it is written unlike."""
    has, other = match.rows - match.missing, relation.table
    text = (
        f"{say_rows(match.without)} a {say_names(relation.columns)} that '{other}' does not have "
        f"({match.without / has:.1%} of {has:,}): '{table}' is not taken to belong to '{other}'."
    )
    proposal = f"Add what is missing to '{other}', or mend the values."
    if match.without == has:
        proposal = (
            _say_alike(scans, table, relation)
            or "If the two are parts of one table, put them together in one file; else mend the values."
        )
    return Told(table, relation.columns[0], match.without, text, proposal)


def say_names(names: Iterable[str]) -> str:
    """Enumerate the columns of a key: "'site' and 'id'"."""
    return " and ".join(f"'{name}'" for name in names)


def tell_repeated(scans: Mapping[str, pl.LazyFrame], table: str, grain: Grain) -> Told | None:
    """Tell where a declared key no longer tells the rows of its table apart."""
    is_there = table in scans and set(grain.key) <= set(scans[table].collect_schema().names())
    if not (grain.key and is_there) or is_unique(scans[table], grain.key):
        return None
    names = say_names(grain.key)
    text = f"Some rows have the same {names}, or none, though it was said to tell the rows of '{table}' apart."
    proposal = "Mend these rows, or correct the key: what would multiply rows is refused until then."
    return Told(table, grain.key[0], 0, text, proposal)


def tell_contradicted(scans: Mapping[str, pl.LazyFrame], table: str, grain: Grain) -> Iterator[Told]:
    """Tell of columns that two tables have, and that say something else in a few rows of one than in the other's."""
    for each in grain.relations:
        if each.table not in scans:
            continue
        for column, (both, differ) in count_differing(scans[table], each.columns, scans[each.table], each.keys).items():
            if 0 < differ <= _FEW_DIFFER * both:
                text = (
                    f"{say_rows(differ)} another '{column}' than '{each.table}' has ({differ / both:.1%} of {both:,})."
                )
                ask = "Correct it at its source: each table is read as it stands, and they do not agree."
                yield Told(table, column, differ, text, ask)


def say_rows(number: int) -> str:
    """Say how many rows have."""
    return f"{number:,} row has" if number == 1 else f"{number:,} rows have"
