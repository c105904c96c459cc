"""Supposing: a question read as the report proposes where nobody has settled it, and what it then supposes, said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from clinical_nb.plan import (
    AnyOf,
    Condition,
    Count,
    Known,
    Merged,
    Missing,
    NoneOf,
    OneOf,
    Plan,
    Proportion,
    Threshold,
    all_of,
    columns_of,
    name_of_derived,
    parts_of,
    with_parts,
)

if TYPE_CHECKING:  # these import Polars and pydantic, which %load_ext must not wait for
    from clinical_nb.ask.reading import Reading
    from clinical_nb.dataset import Dataset
    from clinical_nb.dictionary.meaning import Column, Dictionary, Level
    from clinical_nb.dictionary.steps import Split
    from clinical_nb.plan import Variable
    from clinical_nb.store.datastore import DataStore

    Codes = tuple[float, ...] | tuple[str, ...]

# ruff: noqa: PLC0415 - the steps come with the first question, so that %load_ext is quick

_FEWEST_ROWS = 11  # a text that fewer share may tell on somebody, and is not looked for
_LONGEST_TEXT = 80
_MOST_LEVELS = 2_000
_MOST_TEXTS = 30
_MOST_ROWS = 2_000_000
_LEAST_CODE = 999  # 99 may be an age; numbers below zero are codes where no other value is


def read_supposing(dataset: "Dataset") -> "Dictionary":
    """Return the dictionary for reading a question with it.

    Spellings that look alike are one level, and texts that many rows share are levels: a diagnosis, a drug.
    """
    from clinical_nb.dictionary.meaning import Level

    meaning = dataset.dictionary
    tables = {name: {**columns, **_with_texts(dataset, name, columns)} for name, columns in meaning.tables.items()}
    for (table, column), spellings in _spellings(dataset).items():
        found = tables[table][column]
        levels = [level for level in found.levels if spellings.get(str(level.value), level.value) == level.value]
        told = {str(level.value) for level in levels}  # of 'Y' and 'y' none may be what both become
        levels += [Level(value=of, label=of) for of in dict.fromkeys(spellings.values()) if of not in told]
        merged = [
            level.model_copy(
                update={"synonyms": (*level.synonyms, *(s for s, of in spellings.items() if of == level.value))}
            )
            for level in levels
        ]
        tables[table][column] = _with_levels(found, merged)
    for table, columns in tables.items():
        for column, codes in _codes(dataset, table):
            found = columns[column]
            if found.kind == "categorical":
                columns[column] = _with_levels(found, [each for each in found.levels if each.value not in codes])
    for table, column, step in _splits(dataset):
        found = tables[table][column]
        tables[table][column] = found.model_copy(update={"kind": "text", "levels": (), "clean": (*found.clean, step)})
    return meaning.model_copy(update={"tables": tables})


def _with_levels(column: "Column", levels: "Sequence[Level]") -> "Column":
    """Return a column with the levels that are left, of which two make it one of either or."""
    kind = "binary" if len(levels) == 2 else column.kind  # noqa: PLR2004
    return column.model_copy(update={"levels": tuple(levels), "kind": kind})


def _splits(dataset: "Dataset") -> "Iterator[tuple[str, str, Split]]":
    """Yield the columns of text whose values are two numbers each, as the report proposes to split them."""
    from clinical_nb.dictionary.steps import Split

    for each in dataset.proposals:
        if isinstance(each.step, Split) and each.column and not each.is_done:
            yield each.table, each.column, each.step


def _with_texts(dataset: "Dataset", table: str, columns: "Mapping[str, Column]") -> "dict[str, Column]":
    """Return the columns of free text with the texts that enough rows share as their levels."""
    from clinical_nb.dictionary.identifiers import names_private, names_row
    from clinical_nb.dictionary.meaning import Level

    texts = [
        name
        for name, column in columns.items()
        if column.kind == "text" and not (column.role or names_private(name) or names_row(name))
    ]
    if not texts or dataset.is_attached or dataset.tables[table][0] > _MOST_ROWS or len(texts) > _MOST_TEXTS:
        return {}
    shared = _shared_texts(dataset.store, dataset.stored.tables[table].hash, tuple(texts))
    return {
        name: columns[name].model_copy(
            update={"kind": "categorical", "levels": tuple(Level(value=text, label=text) for text in found)}
        )
        for name, found in shared.items()
        if found
    }


@lru_cache(maxsize=32)
def _shared_texts(store: "DataStore", table_hash: str, columns: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    import polars as pl
    from polars.selectors import by_name

    scan = store.load_table(table_hash)
    schema = scan.collect_schema()
    found: dict[str, tuple[str, ...]] = {}
    for name in columns:
        if schema[name] != pl.String:
            continue
        texts = scan.select(by_name(name).alias("text"))  # a name may be '*', which pl.col reads as all of them
        counts = texts.group_by("text").len("rows").head(_MOST_LEVELS + 1).collect()
        often = counts.filter((pl.col("rows") >= _FEWEST_ROWS) & (pl.col("text").str.len_chars() <= _LONGEST_TEXT))
        few_enough = counts.height <= _MOST_LEVELS
        found[name] = tuple(sorted(often.get_column("text").drop_nulls())) if few_enough else ()
    return found


def suppose(dataset: "Dataset", reading: "Reading") -> "Reading":
    """Return a reading whose plans have what the report proposes of their columns, with a remark for each of it.

    A level stands for all its spellings. Numbers that stand for missing (-99) are left out of what is measured, and are
    among those whose value is missing.
    """
    from clinical_nb.ask.reading import Declined, Read, Unclear

    match reading:
        case Read(plan, remarks):
            supposed, said = _suppose(dataset, plan)
            return Read(supposed, (*said, *remarks))
        case Unclear(_, plans):
            return replace(reading, plans=tuple(_suppose(dataset, plan)[0] for plan in plans))
        case Declined():
            return reading


def _suppose(dataset: "Dataset", plan: Plan) -> tuple[Plan, tuple[str, ...]]:
    table, remarks = plan.cohort.table, list[str]()
    for (of, column), spellings in _spellings(dataset).items():
        if of == table and column in columns_of(plan):
            changed = _changed(plan, column, spellings)
            if changed != plan:
                plan = changed
                remarks.append(f"Spellings of {column} that look alike count as one, as the report proposes.")
    for column, codes in _codes(dataset, table):
        if column in columns_of(plan):
            plan = _of_the_known(dataset, plan, column, codes)
            said = " and ".join(code if isinstance(code, str) else f"{code:g}" for code in codes)
            remarks.append(f"{said} in {column} counts as missing, as the report proposes and nobody confirmed.")
    return plan, tuple(remarks)


def _spellings(dataset: "Dataset") -> Mapping[tuple[str, str], Mapping[str, str]]:
    from clinical_nb.dictionary.steps import Recode

    return {
        (each.table, each.column): each.step.values
        for each in dataset.proposals
        if isinstance(each.step, Recode) and each.column and not each.is_done and _is_respelled(each.text)
    }


def _is_respelled(text: str) -> bool:
    return "look alike" in text or "of yes or no in" in text


def _codes(dataset: "Dataset", table: str) -> "Iterator[tuple[str, Codes]]":
    from clinical_nb.dictionary.steps import TreatAsMissing

    for each in dataset.proposals:
        if not isinstance(each.step, TreatAsMissing) or each.is_done or each.table != table or not each.column:
            continue
        kind = dataset.dictionary.column(table, each.column).kind
        if kind in ("categorical", "binary") and "apart from" in each.text:
            yield each.column, each.step.values
        elif kind == "numeric" and "apart from" in each.text:
            codes = tuple(float(value) for value in each.step.values)
            if all(code < 0 or code >= _LEAST_CODE for code in codes):
                yield each.column, codes


def _of_the_known(dataset: "Dataset", plan: Plan, column: str, codes: "Codes") -> Plan:
    """Return a plan without codes; a count as the share of those whose value is known, where a row is a person."""
    columns = dataset.dictionary.tables[plan.cohort.table].values()
    grain = dataset.dictionary.grains.get(plan.cohort.table)
    is_person = all(each.kind != "identifier" for each in columns) or (grain is not None and grain.row == "patient")
    match plan:
        case Count(cohort, ()) if is_person and not cohort.joined and column in _told_apart(cohort.where, codes):
            known = replace(cohort, where=(NoneOf(column, codes),))
            return Proportion(known, all_of(*cohort.where))
        case _:
            return _without_codes(plan, column, codes)


def _told_apart(where: Iterable[Condition], codes: "Codes") -> set[str]:
    """Return the columns of conditions by their known values; none where any condition is of what is missing."""
    where = tuple(where)
    if not all(isinstance(each, OneOf | NoneOf | Threshold) for each in where):
        return set()
    named = [each for each in where if isinstance(each, OneOf | NoneOf) and not set(each.values).isdisjoint(codes)]
    return set() if named else {name for each in where for name in columns_of(each)}


def _without_codes(plan: Plan, column: str, codes: "Codes") -> Plan:
    """Take numbers that stand for missing for what they mean, in the conditions and in what is measured."""

    def missing(condition: Condition) -> Condition:
        match condition:
            case Missing(name) if name == column:
                return AnyOf((condition, OneOf(column, codes)))
            case Known(name) if name == column:
                return NoneOf(column, codes)
            case NoneOf(name, values) if name == column and set(values).isdisjoint(codes):
                return NoneOf(column, (*values, *codes))
            case _:
                return condition

    where = tuple(missing(each) for each in plan.cohort.where)
    parts = {
        name: tuple(each if isinstance(each, str) else missing(each) for each in part)
        for name, part in parts_of(plan).items()
    }
    said = [condition for condition in where if column in columns_of(condition)]
    is_counted = where != plan.cohort.where or parts != parts_of(plan)
    if not is_counted and not any(isinstance(each, NoneOf | OneOf) for each in said):
        where = (*where, NoneOf(column, codes))
    return with_parts(plan, replace(plan.cohort, where=where), parts)


def _changed(plan: Plan, column: str, spellings: Mapping[str, str]) -> Plan:
    """Let each level of a column stand for all its spellings, and its groups be those of the levels."""
    merged = Merged(column, tuple(spellings.items()))

    def spelled(variable: "Variable") -> "Variable":
        match variable:
            case str() if variable == column:
                return name_of_derived(merged)
            case OneOf(name, values) if name == column:
                return OneOf(name, (*values, *(s for s, of in spellings.items() if of in values)))
            case NoneOf(name, values) if name == column:
                return NoneOf(name, (*values, *(s for s, of in spellings.items() if of in values)))
            case _:
                return variable

    where = tuple(each for each in map(spelled, plan.cohort.where) if not isinstance(each, str))
    asked = parts_of(plan)
    parts = {name: tuple(map(spelled, part)) for name, part in asked.items()}
    named = any(each == column for part in asked.values() for each in part)
    derived = (*plan.cohort.derived, merged) if named else plan.cohort.derived
    return with_parts(plan, replace(plan.cohort, where=where, derived=derived), parts)
