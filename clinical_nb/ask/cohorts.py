"""Named cohorts: a condition that a person gave a name, read where a question has the name."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinical_nb.ask.across import Places
from clinical_nb.ask.language.lexicon import Phrase, spoken
from clinical_nb.ask.language.parsing import Found, Rule, Terminal
from clinical_nb.ask.language.words import Word
from clinical_nb.ask.recording import with_names
from clinical_nb.ask.rules.conditions import negated
from clinical_nb.ask.terminals import Terminals
from clinical_nb.dictionary.joining import original_of
from clinical_nb.dictionary.meaning import Dictionary, NamedCohort
from clinical_nb.plan import AllOf, Condition, all_of, any_of, columns_of, condition_from_json

LONGEST_NAME = 6  # words
_ARTICLES = {("the",), ("a",), ("an",)}


@dataclass(frozen=True, slots=True)
class Named:
    """The named cohorts that can be told by some columns: the condition of each, by the words of its name."""

    conditions: Mapping[Phrase, Condition]

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules by which a name is a condition, and its contrary one too."""
        if not self.conditions:
            return ()
        return (
            Rule("atom", "COHORT @people?", lambda condition, _: condition),
            Rule("condition", "glue? @not glue? COHORT @people?", lambda *parts: _contrary(parts[3])),
        )

    def beside(self, terminals: Terminals) -> Terminal:
        """Return what finds a name where a rule has one, and all else as the terminals do."""

        def find(part: str, start: int) -> Found:
            return self.find(terminals.words, start) if part == "COHORT" else terminals.find(part, start)

        return find

    def find(self, words: Sequence[Word], start: int) -> Found:
        """Yield the condition of the longest name that begins at a word."""
        for end in range(min(len(words), start + LONGEST_NAME), start, -1):
            phrase = tuple(word.normal for word in words[start:end])
            if phrase in self.conditions:
                yield self.conditions[phrase], end
                return

    def places(self, words: Sequence[Word]) -> frozenset[int]:
        """Return the places of all words that belong to a name."""
        found = ((start, end) for start in range(len(words)) for _, end in self.find(words, start))
        return frozenset(at for start, end in found for at in range(start, end))


def named_in(dictionary: Dictionary, table: str) -> Named:
    """Return the cohorts that the columns of one table tell."""
    names = {(table, column): column for column in dictionary.tables[table]}
    return _named(dictionary, names)


def named_across(dictionary: Dictionary, places: Places) -> Named:
    """Return the cohorts that the columns of all tables tell, by the names that they have together."""
    called = {place: name for name, place in places.items()}
    names = {
        (table, column): called[original]
        for table, columns in dictionary.tables.items()
        for column in columns
        if (original := original_of(dictionary, table, column)) in called
    }
    return _named(dictionary, names)


def called_as(name: str) -> Phrase:
    """Return the words of a name without an article before them, which a question may have or not."""
    words = spoken(name)
    return words[1:] if words[:1] in _ARTICLES else words


def cohort_words(dictionary: Dictionary) -> frozenset[str]:
    """Return the words of all names."""
    return frozenset(word for name in dictionary.cohorts for word in spoken(name))


def conditions_of(cohort: NamedCohort) -> Iterator[tuple[str, Condition]]:
    """Yield each condition of a cohort, with the table whose columns it is on."""
    for table, where in cohort.where.items():
        yield from ((table, condition_from_json(each)) for each in where)


def _named(dictionary: Dictionary, names: Mapping[tuple[str, str], str]) -> Named:
    found: dict[Phrase, Condition] = {}
    for name, cohort in dictionary.cohorts.items():
        parts = list(conditions_of(cohort))
        if all((table, column) in names for table, each in parts for column in columns_of(each)):
            called = [
                with_names(each, {column: names[table, column] for column in columns_of(each)}) for table, each in parts
            ]
            found[called_as(name)] = all_of(*called)
    return Named(found)


def _contrary(condition: Condition) -> Condition | None:
    """Return the condition of those who are known not to be in a cohort: they fail at least one of its conditions."""
    if not isinstance(condition, AllOf):
        return negated(condition)
    denied = [negated(each) for each in condition.conditions]
    return None if None in denied else any_of(*(each for each in denied if each is not None))
