"""Defining: a name for a condition that is written as in a question, refused where either means something else."""

from collections.abc import Iterator, Mapping
from typing import Any

from clinical_nb.ask.across import all_columns, with_names
from clinical_nb.ask.cohorts import LONGEST_NAME, Named, called_as, named_across, named_in
from clinical_nb.ask.following.turns import turn_words
from clinical_nb.ask.language.lexicon import lexicon, spoken
from clinical_nb.ask.language.parsing import Parser
from clinical_nb.ask.language.words import Word, words_of
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.rules.conditions import Conditions, condition_rules
from clinical_nb.ask.terminals import Terminals
from clinical_nb.dictionary.meaning import Dictionary, NamedCohort
from clinical_nb.errors import DictionaryError
from clinical_nb.plan import AllOf, columns_of, name_of, to_json


def define(name: str, text: str, dictionary: Dictionary) -> NamedCohort:
    """Return the cohort that a text describes.

    Raises
    ------
    DictionaryError
        When the name means something already, or the text is not read as one condition.

    """
    check_name(name, dictionary)
    return NamedCohort(text=" ".join(text.split()), where=_read(text, dictionary))


def check_name(name: str, dictionary: Dictionary) -> None:
    """Refuse a name that cannot be told from other words of a question.

    Raises
    ------
    DictionaryError
        When it is empty or long, or means something already.

    """
    words, phrase = words_of(name), called_as(name)
    if not phrase or len(words) > LONGEST_NAME or len(words) != len(spoken(name)):
        raise DictionaryError(
            f"A cohort cannot be called '{name}'.", f"Use up to {LONGEST_NAME} words, of letters and digits."
        )
    general = {
        word for known in (lexicon().keywords, turn_words()) for each in known.values() for p in each for word in p
    }
    columns_called = {called_as(column) for columns in dictionary.tables.values() for column in columns}
    if phrase not in columns_called and all(word in general or word.isdecimal() for word in phrase):
        raise DictionaryError(f"'{name}' is of the words that questions are made of.", "Choose a name of its own.")
    for table, columns in dictionary.tables.items():
        index = Index(columns, lexicon())
        taken = index.link(phrase) or index.near(phrase) or index.values(phrase)
        if taken:
            column = taken[0] if isinstance(taken[0], str) else taken[0].column
            raise DictionaryError(f"'{name}' is a word for '{column}' of '{table}' already.", "Choose another name.")
        if any(end == len(words) for _, end in _parser(words, index, Named({})).read("conditions", 0)):
            raise DictionaryError(f"'{name}' can be read as it is, without a definition.", "Choose another name.")


def _parser(words: tuple[Word, ...], index: Index, named: Named) -> Parser:
    return Parser((*condition_rules(index), *named.rules()), named.beside(Terminals(words, index)))


def _read(text: str, dictionary: Dictionary) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """Return the conditions that a text says, by table, as JSON values: of one table, else of several."""
    words = words_of(text.strip().rstrip(".;"))
    within = [
        {table: where}
        for table, columns in dictionary.tables.items()
        for where in _readings(words, Index(columns, lexicon()), named_in(dictionary, table))
    ]
    found = within or list(_read_across(words, dictionary))
    if len(found) > 1:
        raise DictionaryError(
            f"'{text.strip()}' can be read in {len(found)} ways: {'; or '.join(_say(each) for each in found)}.",
            "Say it so that only one is meant.",
        )
    if not found:
        raise DictionaryError(
            f"'{text.strip()}' is not read as a condition{_unknown(words, dictionary)}.",
            "Write one as in a question: age over 65 and diabetes = yes.",
        )
    return {table: tuple(to_json(each) for each in where) for table, where in found[0].items()}


def _readings(words: tuple[Word, ...], index: Index, named: Named) -> list[Conditions]:
    read = _parser(words, index, named).read("conditions", 0)
    return list(dict.fromkeys(_flat(where) for where, end in read if end == len(words)))


def _read_across(words: tuple[Word, ...], dictionary: Dictionary) -> Iterator[dict[str, Conditions]]:
    """Yield conditions that are on several tables, each by itself on one."""
    if len(dictionary.tables) == 1:
        return
    columns, places = all_columns(dictionary)
    for where in _readings(words, Index(columns, lexicon()), named_across(dictionary, places)):
        by_table: dict[str, Conditions] = {}
        for each in where:
            tables = {places[column][0] for column in columns_of(each)}
            if len(tables) > 1:
                raise DictionaryError(
                    f"One of these conditions is on the rows of {' and '.join(sorted(tables))} at once.",
                    "Define a cohort for each, and use both names.",
                )
            own = with_names(each, {column: places[column][1] for column in columns_of(each)})
            (table,) = tables
            by_table[table] = (*by_table.get(table, ()), own)
        yield by_table


def _flat(where: Conditions) -> Conditions:
    return tuple(part for each in where for part in (each.conditions if isinstance(each, AllOf) else (each,)))


def _say(found: Mapping[str, Conditions]) -> str:
    return " and ".join(name_of(each) for where in found.values() for each in where)


def _unknown(words: tuple[Word, ...], dictionary: Dictionary) -> str:
    known = [
        Terminals(words, Index(columns, lexicon())).linked() | named_in(dictionary, table).places(words)
        for table, columns in dictionary.tables.items()
    ]
    understood = frozenset[int]().union(*known)
    unknown = [word.typed for at, word in enumerate(words) if at not in understood and word.normal[0].isalnum()]
    return f": nothing here is called {', '.join(repr(word) for word in dict.fromkeys(unknown))}" if unknown else ""
