"""Telling: what a language model may know of a dataset for one question, and nothing beside it.

The question with what is not vocabulary withheld and its numbers as tokens; names, labels and units of columns that say
nothing of a single person; and of their levels those that at least 11 persons share.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.selectors import by_name

from clinical_nb.answering.withholding import rare_words
from clinical_nb.ask.across import Place, all_columns
from clinical_nb.ask.following.following import turn_vocabulary
from clinical_nb.ask.language.words import name_words, words_of
from clinical_nb.ask.model.form import ToldColumn
from clinical_nb.ask.model.request import Told
from clinical_nb.ask.reading import known_words
from clinical_nb.dictionary.identifiers import names_person, names_private, names_row
from clinical_nb.dictionary.meaning import Code, Column, Dictionary
from clinical_nb.history.privacy import FEWEST_TOLD, MASK, mask
from clinical_nb.history.references import References

if TYPE_CHECKING:
    from clinical_nb.dataset import Dataset
    from clinical_nb.store.datastore import DataStore

MOST_COLUMNS = 60  # that are told, those of the question's words first: a small model reads no more
_MOST_LEVELS = 12
_LONGEST = 60  # letters of a label or a level
_UNTOLD_KINDS = frozenset({"identifier", "text"})
_UNTOLD_ROLES = frozenset({"patient", "birth"})
_FIRST_ROLES = frozenset({"arm", "outcome", "event", "time", "death"})
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w)")
_DIGITS = re.compile(r"\d+")


def tell_model(question: str, dataset: "Dataset", meaning: Dictionary, references: References) -> Told:
    """Return what a model is told for a question, by a dictionary by which it is read."""
    columns = tuple(_told_columns(question, dataset, meaning))
    said, numbers = _told_question(question, columns, dataset, references)
    return Told(said, numbers, columns)


def _told_columns(question: str, dataset: "Dataset", meaning: Dictionary) -> Iterator[ToldColumn]:
    columns, places = all_columns(meaning)
    asked = {word.normal for word in words_of(question)}
    free = [name for name in columns if not _is_personal(*places[name], dataset.dictionary)]
    free.sort(key=lambda name: (-len(asked & _words_of(name, columns[name])), columns[name].role not in _FIRST_ROLES))
    chosen = free[:MOST_COLUMNS]
    tables = list(dataset.tables)
    shared = _shared_levels(dataset, [places[name] for name in chosen if columns[name].levels])
    for name in chosen:
        table, own = places[name]
        column = columns[name]
        called = own if name == own else f"{own} ({tables.index(table) + 1})"  # a file's name may be somebody's
        label = "" if column.label in (own, name) else _cut(column.label)
        levels = _told_levels(column, shared.get((table, own), frozenset()))
        yield ToldColumn(_cut(called), name, column.kind, label, _cut(column.unit), levels)


def _is_personal(table: str, name: str, declared: Dictionary) -> bool:
    """Tell whether a column, as it is declared, may say something of a single person by its values or its name."""
    column = declared.column(table, name)
    return (
        column.kind in _UNTOLD_KINDS
        or column.role in _UNTOLD_ROLES
        or names_private(name)
        or names_person(name)
        or names_row(name)
    )


def _words_of(name: str, column: Column) -> frozenset[str]:
    said = (name, column.label, *column.synonyms, *(level.label for level in column.levels))
    return frozenset(word for text in said for word in name_words(text))


def _told_levels(column: Column, shared: frozenset[Code]) -> Mapping[str, Code]:
    """Return the shared levels by what they are called; those that are called alike are left out."""
    levels = [level for level in column.levels if level.value in shared][:_MOST_LEVELS]
    called = [_cut(level.label) for level in levels]
    return {said: level.value for said, level in zip(called, levels, strict=True) if said and called.count(said) == 1}


def _cut(text: str) -> str:
    """Return a text on one line, and no longer than it need be."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:_LONGEST]


def _shared_levels(dataset: "Dataset", places: Sequence[Place]) -> Mapping[Place, frozenset[Code]]:
    """Return the values of columns that at least 11 persons share; none where the data lie elsewhere."""
    if dataset.is_attached:
        return {}
    found: dict[Place, frozenset[Code]] = {}
    for table, column in places:
        person = dataset.dictionary.identifier(table)
        found[table, column] = _count(dataset.store, dataset.stored.tables[table].hash, column, person)
    return found


@lru_cache(maxsize=1024)
def _count(store: "DataStore", table_hash: str, column: str, person: str | None) -> frozenset[Code]:
    scan = store.load_table(table_hash).select(
        by_name(column).alias("value"), by_name(person or column).alias("person")
    )
    counted = pl.col("person").n_unique() if person else pl.len()
    counts = scan.drop_nulls("value").group_by("value").agg(counted.alias("persons"))
    told: Any = counts.filter(pl.col("persons") >= FEWEST_TOLD).collect().get_column("value").to_list()
    return frozenset(each for each in told if isinstance(each, str | int | float))


@lru_cache(maxsize=1)
def plain_words() -> frozenset[str]:
    """Return ordinary words that say nothing of a person, from `plain_words.txt`."""
    text = files("clinical_nb.ask.model").joinpath("plain_words.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word.normal for line in lines for word in words_of(line))


def _told_question(
    question: str, columns: Sequence[ToldColumn], dataset: "Dataset", references: References
) -> tuple[str, Mapping[str, float]]:
    """Return a question with ▢ for what is not vocabulary, tokens for its numbers, and the number of each token.

    A number that is a level of a told column, as in "stage 3", stays as it is.
    """
    plain = {word.typed.casefold() for word in words_of(question) if word.normal in plain_words()}
    known = (known_words(question, dataset.dictionary) | turn_vocabulary(question) | plain) - rare_words(
        question, dataset, references
    )
    told = {word for column in columns for text in (column.called, *column.levels) for word in name_words(text)}
    numbers: dict[str, float] = {}

    def token(found: re.Match[str]) -> str:
        text = found[0]
        called = text if text in told else f"NUM{len(numbers) + 1}"
        numbers[called] = float(text.replace(",", ""))
        return called

    def hidden(found: re.Match[str]) -> str:
        digits = found[0]
        return digits if digits in told or digits in numbers or f"NUM{digits}" in numbers else MASK

    names = {column.called.casefold() for column in columns}
    chunks: list[str] = []
    for chunk in mask(question, known, None).split(" "):
        if chunk.strip(".,;:?!()").casefold() in names:
            chunks.append(chunk)
            continue
        chunks.append(_DIGITS.sub(hidden, _NUMBER.sub(token, chunk)))
    return " ".join(chunks), numbers
