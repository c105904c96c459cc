"""Readers: what reads questions over one table or all of a dataset, made once of its dictionary and kept ready."""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from clinical_nb.ask.across import Places, all_columns, naming_columns, repeated_columns
from clinical_nb.ask.assembling import Assembly
from clinical_nb.ask.choosing import contradicts, fullest, uncounted
from clinical_nb.ask.cohorts import Named, cohort_words, named_across, named_in
from clinical_nb.ask.language.lexicon import Lexicon, Phrase, lexicon
from clinical_nb.ask.language.parsing import Parser
from clinical_nb.ask.language.words import Word, name_words
from clinical_nb.ask.linking.coordinated import of_own_rows, with_nouns
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.making import Columns, complete
from clinical_nb.ask.linking.parameters import Parameter, events_of, expanded, parameters_of, watched_columns
from clinical_nb.ask.rules.analyses.plans import plans_of
from clinical_nb.ask.rules.conditions import condition_rules
from clinical_nb.ask.rules.deriving import derived_rules
from clinical_nb.ask.rules.dispositions import disposition_rules
from clinical_nb.ask.rules.frame import frame_rules
from clinical_nb.ask.rules.frequencies import frequency_rules
from clinical_nb.ask.rules.models import side_by_side_rules
from clinical_nb.ask.rules.questions import question_rules
from clinical_nb.ask.rules.scopes import tells_by_who
from clinical_nb.ask.rules.shorter import short_rules
from clinical_nb.ask.rules.typed import asks_something, typed_rules
from clinical_nb.ask.stages import Stages
from clinical_nb.ask.terminals import Terminals
from clinical_nb.ask.timing import split_by_levels, takes_event_for_condition
from clinical_nb.dictionary.joining import code_lists, patients_table
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.garbage import uncollected
from clinical_nb.plan import Plan

MOST_DICTIONARIES = 4  # that are kept ready: those of the datasets that a person goes to and fro between


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads questions about one table."""

    dataset: str
    table: str
    index: Index
    named: Named
    rows: Mapping[Phrase, str]  # what rows are called of which table it reads

    def plans(self, words: tuple[Word, ...], stages: Stages, *, guessing: bool) -> list[Plan]:
        """Return each plan that the words can mean."""
        words = of_own_rows(with_nouns(words, self.index), self.index, self.rows)
        found = (expanded(plan, self.index.parameters) for plan in self._plans(words, stages, guessing=guessing))
        plans = [split_by_levels(plan, self.index, words) for plan in found if plan is not None]
        return [plan for plan in plans if not takes_event_for_condition(words, self.index, plan)]

    def _plans(self, words: tuple[Word, ...], stages: Stages, *, guessing: bool) -> list[Plan]:
        since = time.perf_counter()
        is_typed = asks_something(tuple(word.normal for word in words))
        parser = self._parser(words, is_typed=is_typed, guessing=guessing)
        whole = [plan for plan, end in parser.read("question", 0) if end == len(words) and not contradicts(plan)]
        stages.note("guesses" if guessing else "rules", since, whole)
        if whole:
            return uncounted([complete(plan, self.index.columns) for plan in whole])
        if is_typed:
            since = time.perf_counter()
            typed = [parts for parts, _ in parser.read("typed", 0)]
            named = plans_of(typed, self.index, self.dataset, self.table)
            stages.note("guesses" if guessing else "typed", since, named)
            if named:
                return [complete(plan, self.index.columns) for plan in named]
        since = time.perf_counter()
        is_of_who = tells_by_who(tuple(word.normal for word in words))
        assembly = Assembly(self.index, self.dataset, self.table, is_of_who)
        plans = [plan for frame, _ in parser.read("frame", 0) if (plan := assembly.plan(frame)) is not None]
        stages.note("guesses" if guessing else "parts", since, plans)
        return fullest([complete(plan, self.index.columns) for plan in plans])

    def _parser(self, words: tuple[Word, ...], *, is_typed: bool, guessing: bool) -> Parser:
        said = {word.normal for word in words}
        asked = question_rules(self.index, self.dataset, self.table)
        contrasts = [rule for rule in asked if rule.phrase == "contrast" and "@than" not in rule.pattern]
        typed_too = typed_rules(self.index) if is_typed else ()
        made = derived_rules(self.index, self.dataset, self.table)
        more = (
            *short_rules(self.index, self.dataset, self.table, is_rate="mortality" in said),
            *self.named.rules(),
            *frequency_rules(self.index),
            *disposition_rules(self.index),
            *(side_by_side_rules() if guessing else ()),
        )
        rules = (*asked, *condition_rules(self.index), *made, *frame_rules(contrasts), *typed_too, *more)
        return Parser(rules, self.named.beside(Terminals(words, self.index, guessing)))

    def understood(self, words: tuple[Word, ...]) -> frozenset[int]:
        """Return the places of the words that something explains."""
        return Terminals(words, self.index).linked() | self.named.places(words)


@dataclass
class Readers:
    """The readers of a dictionary's tables, and the words that they know."""

    dictionary: Dictionary

    @cached_property
    def tables(self) -> tuple[Reader, ...]:
        """The reader of each table."""
        lists = code_lists(self.dictionary)
        with uncollected():
            tables = [table for table in self.dictionary.tables if table not in lists]
            return tuple(_reader_of("", self.dictionary, table) for table in tables)

    @cached_property
    def across(self) -> tuple[Reader, Places]:
        """The reader of all tables together, and where each column that it names lies."""
        with uncollected():
            columns, places = all_columns(self.dictionary)
            return _reader_of_all("", self.dictionary, columns, places), places

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the dictionary and of the grammar."""
        with uncollected():
            return _vocabulary([reader.index for reader in self.tables]) | cohort_words(self.dictionary)


_LAST: deque[Readers] = deque(maxlen=MOST_DICTIONARIES)


def readers_of(dictionary: Dictionary) -> Readers:
    """Return what reads questions over a dictionary, as it was made for the question before."""
    found = [kept for kept in tuple(_LAST) if kept.dictionary is dictionary or kept.dictionary == dictionary]
    if not found:
        _LAST.append(Readers(dictionary))
    return found[0] if found else _LAST[-1]


def _reader_of(dataset: str, dictionary: Dictionary, table: str) -> Reader:
    """Return the reader of one table; whether a patient has rows of others is asked of the patients' table alone."""
    rows = _rows(dictionary)
    of_table = rows if table == patients_table(dictionary) else dict.fromkeys(rows, "")
    columns = dictionary.tables[table]
    places = {name: (table, name) for name in columns}
    many, beside = repeated_columns(dictionary, places), naming_columns(dictionary, places)
    owner = dict.fromkeys(columns, table)
    watched = _watched(dictionary, places)
    parameters = {**parameters_of(columns, owner, lexicon()), **events_of(columns, watched, owner)}
    index = Index(
        Columns({**columns, **{name: each.meaning for name, each in parameters.items()}}), lexicon(), of_table,
        many=many, beside=beside, owner={**owner, **_owners(parameters, owner)}, parameters=parameters,
        watched=watched,
    )  # fmt: skip
    called = (*_rows_of(table), *_places_of(table)) if len(dictionary.tables) > 1 else ()
    return Reader(dataset, table, index, named_in(dictionary, table), dict.fromkeys(called, table))


def _reader_of_all(dataset: str, dictionary: Dictionary, columns: Mapping[str, Column], places: Places) -> Reader:
    patients = patients_table(dictionary)
    # one whose name another table has for something else is asked about
    own = frozenset(called for called, (table, name) in places.items() if table == patients and called == name)
    many, beside = repeated_columns(dictionary, places), naming_columns(dictionary, places)
    owner = {called: table for called, (table, _) in places.items()}
    watched = _watched(dictionary, places)
    parameters = {**parameters_of(columns, owner, lexicon()), **events_of(columns, watched, owner)}
    index = Index(
        {**columns, **{name: each.meaning for name, each in parameters.items()}}, lexicon(), _rows(dictionary), own,
        many=many, beside=beside, owner={**owner, **_owners(parameters, owner)}, parameters=parameters,
        watched=watched,
    )  # fmt: skip
    return Reader(dataset, next(iter(dictionary.tables)), index, named_across(dictionary, places), _rows(dictionary))


def _watched(dictionary: Dictionary, places: Places) -> frozenset[str]:
    watched = watched_columns(dictionary)
    return frozenset(called for called, place in places.items() if place in watched)


def _owners(parameters: Mapping[str, Parameter], owner: Mapping[str, str]) -> Mapping[str, str]:
    return {name: owner[each.value] for name, each in parameters.items()}


def _rows(dictionary: Dictionary) -> Mapping[Phrase, str]:
    """Return what the rows of the tables beside the patients' are called."""
    patients = patients_table(dictionary)
    others = [table for table in dictionary.tables if table != patients] if patients else []
    return {phrase: table for table in others for phrase in _rows_of(table)}


def _rows_of(table: str) -> Iterator[Phrase]:
    """Yield what a row of a table is called, by its name: "adverse event" of `adverse_events` and of `ae`."""
    name, called = name_words(table), lexicon().rows
    yield name
    for phrase, first in called.items():
        if called.get(name) == first:
            yield phrase


def _places_of(table: str) -> Iterator[Phrase]:
    """Yield where the rows of a table happen, by what they are called: a hospital's admissions."""
    rows = lexicon().rows
    if rows.get(name_words(table)) == ("admission",):
        yield ("hospital",)


def _vocabulary(indexes: Iterable[Index]) -> frozenset[str]:
    return frozenset[str]().union(keyword_words(lexicon()), *(index.words for index in indexes))


def keyword_words(of: Lexicon) -> frozenset[str]:
    """Return every word that the grammar has."""
    phrases = [*of.same, *of.neutral, *of.arm_said, *of.age, *of.yes, *of.no, *of.weak, *of.units]
    phrases += [phrase for part in (of.keywords, of.words) for keywords in part.values() for phrase in keywords]
    parts = (*of.independent.values(), *of.manner.values(), *of.stratifying.values())
    phrases += [phrase for part in parts for phrase in part]
    phrases += [phrase for beyond in of.beyond for phrase in beyond.phrases]
    return frozenset(word for phrase in phrases for word in phrase) | frozenset(of.number_words)
