"""Withholding: what of a question and its plan the history only points at, because it would tell on a person."""

import json
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from typing import TYPE_CHECKING, Any, cast

from clinical_nb.errors import ClinicalError
from clinical_nb.history.events import Attempt
from clinical_nb.history.privacy import FEWEST_TOLD, MASK, as_typed, mask, may_be_threshold
from clinical_nb.history.references import References, is_token, with_tokens
from clinical_nb.plan import Plan, canonical_json, name_of_derived, numbers_of, plan_from_json, to_json

if TYPE_CHECKING:  # these import Polars and pydantic, which %load_ext must not wait for
    from clinical_nb.ask.stages import Tried
    from clinical_nb.dataset import Dataset
    from clinical_nb.dictionary.meaning import Code, Dictionary
    from clinical_nb.store.datastore import DataStore

# ruff: noqa: PLC0415 - Polars comes with the first question, so that %load_ext is quick

# What people call their files of data by; any other word may be a name, which no list has all of.
_GENERAL = frozenset(
    """analysis arm baseline case clean cleaned clinical cohort control copy csv data dataset demo example
    export extract file final follow followup lab labs latest long main master merged my new old outcome
    outcomes part patient patients pilot public raw registry release sample sheet site sites small study
    subset table test trial trials up update visit visits wide""".split()  # noqa: SIM905 - words read better than a list of quoted words
)
_NAME_PART = re.compile(r"\d+|[^\W\d_]+")
_LONG_NUMBER = re.compile(
    r"\d{5}|@"
)  # a record's, a telephone's, an address: also where it is a word of the dictionary
_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_NUMBER = re.compile(rf"(?<![\w.{MASK}])(?<!\d-)\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)")


def mask_question(question: str, plans: tuple[Plan, ...], dataset: "Dataset", references: References) -> str:
    """Return a question as the history keeps it: what nobody else can have typed is a token.

    Kept are the words of the grammar, of columns, and of levels that enough persons share; and the numbers of `plans`
    that are told.
    """
    from clinical_nb.ask.following.following import turn_vocabulary
    from clinical_nb.ask.reading import known_words

    known = (known_words(question, dataset.dictionary) - rare_words(question, dataset, references)) | turn_vocabulary(
        question
    )
    told = (_without_values(plan, dataset, references) for plan in plans)
    thresholds = as_typed(frozenset[float]().union(*map(numbers_of, told)))
    known = frozenset(word for word in known if not _LONG_NUMBER.search(word))
    typed = _words_of([*dataset.dictionary.cohorts, *_synonyms_of(dataset.dictionary)])

    def refer(hidden: str) -> str:  # what a person called a cohort or a column is a name where it is shown at home
        words = _words_of([hidden])
        return references.refer(hidden, dataset.name, "name" if words and words <= typed else "value")

    return mask(question, known, thresholds, refer)


def withhold(plan: Plan, dataset: "Dataset", references: References) -> dict[str, Any]:
    """Return a plan's JSON with tokens for the values that fewer persons share than may be told, and for names."""

    def visit(value: Any) -> Any:  # noqa: ANN401 - JSON values
        if isinstance(value, list):
            return [visit(item) for item in cast("list[Any]", value)]
        if not isinstance(value, dict):
            return value
        parts = {name: visit(part) for name, part in cast("dict[str, Any]", value).items()}
        parts |= {name: references.name(parts[name]) for name in ("dataset", "table") if name in parts}
        return parts | ({"joined": [*map(references.name, parts["joined"])]} if "joined" in parts else {})

    return visit(_without_values(plan, dataset, references))


def read_withheld(plan: Plan, dataset: "Dataset", references: References) -> str:
    """Return how a plan reads where its values and the names of its tables are withheld."""
    from clinical_nb.render.reading import read_back

    told = plan_from_json(_without_values(plan, dataset, references, thresholds=True))
    reading = read_back(told, widened(told, dataset.dictionary))
    if not _means_months(plan):
        reading = _DAY.sub(lambda day: references.refer(day[0], dataset.name), reading)
    hidden = numbers_of(to_json(plan)) - numbers_of(_without_values(plan, dataset, references))
    reading = _NUMBER.sub(lambda each: _told_number(each[0], hidden, dataset, references), reading)
    for name in sorted({dataset.name, *dataset.tables}, key=len, reverse=True):
        token = references.name(name)
        written = token.replace("\\", r"\\")  # a name may hold what stands for a group
        reading = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", written, reading)
    return reading


def tell_tried(tried: "Tried", run_id: str, dataset: "Dataset", references: References) -> Attempt:
    """Return how a stage tried to read a question as the history keeps it."""
    read: list[str] = []
    for plan in tried.plans:
        with suppress(ClinicalError):  # a plan that cannot be read back is refused with the reason
            read.append(read_withheld(plan, dataset, references))
    unread = [mask_question(word, (), dataset, references) for word in tried.unread]
    return Attempt(run_id, tried.stage, read, unread, tried.milliseconds, tried.failure)


def restore(plan: Mapping[str, Any], references: References) -> dict[str, Any] | None:
    """Return the plan's JSON with what its tokens stand for; None where that is not in this store."""
    from clinical_nb.dictionary.meaning import value_text

    lost: list[str] = []

    def value_of(token: str) -> Any:  # noqa: ANN401 - JSON values
        found = references.resolve(token)
        if found == token:
            lost.append(token)
        return json.loads(found) if found != token and token.startswith(MASK) else found

    def resolved(text: str) -> Any:  # noqa: ANN401 - JSON values
        return value_of(text) if is_token(text) else with_tokens(text, lambda token: value_text(value_of(token)))

    restored = _with_texts(dict(plan), resolved)
    return None if lost else restored


def _without_values(
    plan: Plan, dataset: "Dataset", references: References, *, thresholds: bool = False
) -> dict[str, Any]:
    """Return a plan's JSON with tokens for values that few share, and for days and long numbers of `thresholds`.

    Those stay where `thresholds` are to stay, without which there is no reading a plan back.
    """
    means_months = _means_months(plan)
    hidden: dict[str, str] = {}

    def refer(value: Any) -> str:  # noqa: ANN401 - JSON values
        from clinical_nb.dictionary.meaning import value_text

        return hidden.setdefault(value_text(value), references.refer(json.dumps(value), dataset.name))

    def hide(table: str, column: str, values: list[Any]) -> list[Any]:
        shared = partial(is_shared, dataset, table, column)
        return [each if shared(each) else refer(each) for each in values]

    def threshold(value: float | str) -> float | str:
        is_day = isinstance(value, str)
        is_told = means_months if is_day else may_be_threshold(f"{abs(value)}".removesuffix(".0"))
        return value if is_told else refer(value)

    def visit(value: Any, table: str) -> Any:  # noqa: ANN401 - JSON values
        if isinstance(value, list):
            return [visit(item, table) for item in cast("list[Any]", value)]
        if not isinstance(value, dict):
            return value
        parts = cast("dict[str, Any]", value)
        match parts.get("kind"):
            case "oneof" | "noneof":
                return {**parts, "values": hide(table, parts["column"], parts["values"])}
            case "merged":
                return {**parts, "spellings": [hide(table, parts["column"], pair) for pair in parts["spellings"]]}
            case "threshold" if not thresholds:
                return {**parts, "value": threshold(parts["value"])}
            case _:
                return {name: visit(part, parts.get("table", table)) for name, part in parts.items()}

    said = visit(to_json(plan), plan.cohort.table)
    return _with_texts(said, partial(_renamed, hidden, frozenset(map(name_of_derived, plan.cohort.derived))))


def _renamed(hidden: Mapping[str, str], made: Collection[str], text: str) -> str:
    """Return a text of a plan; what is made of columns is called by the values that it is of, which may be hidden."""
    longest = sorted(hidden, key=len, reverse=True) if text in made else ()
    return reduce(lambda name, value: name.replace(value, hidden[value]), longest, text)


def _with_texts(data: Any, change: Callable[[str], Any]) -> Any:  # noqa: ANN401 - JSON values
    """Return JSON values with each text in them changed."""
    if isinstance(data, dict):
        return {name: _with_texts(part, change) for name, part in cast("dict[str, Any]", data).items()}
    if isinstance(data, list):
        return [_with_texts(item, change) for item in cast("list[Any]", data)]
    return change(data) if isinstance(data, str) else data


def widened(plan: Plan, meaning: "Dictionary") -> "Dictionary":
    """Return what the columns of a plan mean, with those that joined tables bring to its own, and what it derives."""
    from clinical_nb.dictionary.joining import widen

    return widen(meaning, plan.cohort.table, plan.cohort.joined, plan.cohort.derived)


def is_shared(dataset: "Dataset", table: str, column: str, value: object) -> bool:
    """Tell whether enough persons have a value for it to be told: 11, in a table that has the column.

    A column of names or the like is never told, a clinician's neither: where nothing else says who is who, rows of one
    person would be many.
    """
    if isinstance(value, bool):
        return True
    if _may_name_anybody(dataset, column, value):
        return False
    tables = [table] if column in dataset.dictionary.tables.get(table, {}) else list(dataset.dictionary.tables)
    return any(
        _persons(dataset, each, column, value) >= FEWEST_TOLD
        for each in tables
        if column in dataset.dictionary.tables[each]
    )


def _may_name_anybody(dataset: "Dataset", column: str, value: object) -> bool:
    """Tell whether a value may name anybody: by its column, by what the report says of that, or by a title."""
    from clinical_nb.dictionary.identifiers import is_titled, names_person, names_private, names_staff

    meanings = [columns[column] for columns in dataset.dictionary.tables.values() if column in columns]
    said = [str(value), *(level.label for each in meanings for level in each.levels if level.value == value)]
    found = dataset.stored.provenance.findings
    return (
        any(of(name) for name in (column, *(each.label for each in meanings)) for of in (names_private, names_staff))
        or names_person(column)
        or any(map(is_titled, said))
        or any(each.get("kind") == "identifiers" and each.get("column") == column for each in found)
    )


def _means_months(plan: Plan) -> bool:
    """Tell whether all days of a plan are the first of a month, which a month or a year is meant by: they are told."""
    return all(day.endswith("-01") for day in _DAY.findall(canonical_json(plan)))


def _told_number(number: str, hidden: Collection[float], dataset: "Dataset", references: References) -> str:
    """Return a number of a reading as it may be told: itself, or a token where the plan has one, whatever its sign."""
    size = float(number.replace(",", ""))
    return references.refer(number, dataset.name) if {size, -size} & {*hidden} else number


def _persons(dataset: "Dataset", table: str, column: str, value: object) -> int:
    if dataset.is_attached:
        return 0  # nothing is counted for the log where the data lie elsewhere
    columns = dataset.dictionary.tables[table]
    patient = next((name for name, each in columns.items() if each.role == "patient"), None)
    return _count(dataset.store, dataset.stored.tables[table].hash, column, value, patient)


@lru_cache(maxsize=4096)
def _count(store: "DataStore", table_hash: str, column: str, value: object, patient: str | None) -> int:
    """Count the persons, or where nobody says who is who the rows, that have a value."""
    import polars as pl
    from polars.exceptions import PolarsError
    from polars.selectors import by_name

    scan = store.load_table(table_hash).select(
        by_name(column).alias("value"), by_name(patient or column).alias("person")
    )
    found = scan.filter(pl.col("value") == pl.lit(value)).select(
        pl.col("person").n_unique() if patient else pl.col("person").len()
    )
    try:
        return found.collect().item()
    except PolarsError:  # a value of another type than the column's: none has it
        return 0


def rare_words(question: str, dataset: "Dataset", references: References) -> frozenset[str]:
    """Return the words of a question, as typed, that only rare levels have, or only names of tables or cohorts."""
    from clinical_nb.ask.language.words import words_of

    levels = _levels_of(dataset.dictionary)
    named = [name for name in dataset.tables if not references.is_public(name)]
    names = _words_of([*named, *dataset.dictionary.cohorts, *_synonyms_of(dataset.dictionary)])

    def is_rare(word: str) -> bool:
        having = levels.having.get(word, [])
        return (bool(having) or word in names) and not any(is_shared(dataset, *level) for level in having)

    return frozenset(
        word.typed.casefold()
        for word in words_of(question)
        if word.normal not in levels.elsewhere and is_rare(word.normal)
    )


def _synonyms_of(dictionary: "Dictionary") -> list[str]:
    """Return what people call columns and levels besides their names and labels: nothing but they says so."""
    columns = [column for columns in dictionary.tables.values() for column in columns.values()]
    levels = [level for column in columns for level in column.levels]
    return [synonym for each in (*columns, *levels) for synonym in each.synonyms]


def may_be_written(name: str, meaning: "Dictionary") -> bool:
    """Tell whether the name that a person gave to a dataset may be written into its history as it is.

    It may where each of its words is general, or of the grammar, or of what the dataset's columns are called, and at
    most one number of up to four digits is in it: every other word may be the name of a person, and `@` an address.
    """
    from clinical_nb.ask.language.lexicon import lexicon
    from clinical_nb.ask.readers import keyword_words

    columns = [(name, column.label) for columns in meaning.tables.values() for name, column in columns.items()]
    known = keyword_words(lexicon()) | _words_of(text for each in columns for text in each)
    parts = _NAME_PART.findall(name)
    numbers = [part for part in parts if part.isdecimal()]
    words = [part for part in parts if not part.isdecimal()]
    is_short = len(numbers) <= 1 and all(may_be_threshold(each) for each in numbers)
    return (
        "@" not in name
        and is_short
        and all(word.casefold() in _GENERAL or _words_of([word]) <= known for word in words)
    )


def _words_of(names: Iterable[str]) -> frozenset[str]:
    from clinical_nb.ask.language.words import name_words

    return frozenset(word for name in names for word in name_words(name))


@dataclass(frozen=True, slots=True)
class _Levels:
    """The levels of a dictionary, as table, column and value, by each of their words; and its words elsewhere."""

    dictionary: "Dictionary"
    having: "Mapping[str, list[tuple[str, str, Code]]]"
    elsewhere: frozenset[str]


_LAST: deque[_Levels] = deque(maxlen=4)  # as of the datasets that a person goes to and fro between


def _levels_of(dictionary: "Dictionary") -> _Levels:
    """Return the levels of a dictionary by their words, as they were found for the question before."""
    found = [kept for kept in tuple(_LAST) if kept.dictionary is dictionary]
    if found:
        return found[0]
    from clinical_nb.ask.language.lexicon import lexicon
    from clinical_nb.ask.language.words import name_words
    from clinical_nb.ask.readers import keyword_words

    having: dict[str, list[tuple[str, str, Code]]] = {}
    elsewhere = set(keyword_words(lexicon()))
    for table, columns in dictionary.tables.items():
        for name, column in columns.items():
            elsewhere.update(word for text in (name, column.label) for word in name_words(text))
            for level in column.levels:
                said = {word for text in (str(level.value), level.label) for word in name_words(text)}
                for word in said:
                    having.setdefault(word, []).append((table, name, level.value))
    _LAST.append(_Levels(dictionary, having, frozenset(elsewhere)))
    return _LAST[-1]
