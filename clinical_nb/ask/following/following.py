"""Following: a question that goes on from the one before, as the plan that it makes of that one's plan."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from clinical_nb.ask.across import all_columns, place, with_names
from clinical_nb.ask.censoring import why_censored
from clinical_nb.ask.cohorts import Named, named_across, named_in
from clinical_nb.ask.following.altering import Altering, Ways
from clinical_nb.ask.following.recasting import Recasting
from clinical_nb.ask.following.turns import (
    Adjust,
    At,
    Change,
    Exclude,
    Group,
    Lack,
    Restrict,
    Show,
    Summarise,
    Topic,
    Whole,
    Why,
    names_outcome,
    read_turn,
    turn_lexicon,
    turn_words,
)
from clinical_nb.ask.language.lexicon import Phrase
from clinical_nb.ask.language.words import Word, words_of
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.making import Columns, complete
from clinical_nb.ask.reading import MOST_CHOICES, MOST_WORDS, Declined, Read, Reading, Unclear
from clinical_nb.dictionary.joining import original_of, widen
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Cohort,
    Condition,
    Count,
    NoRow,
    Plan,
    Variable,
    canonical_json,
    parts_of,
    with_parts,
)

NOTHING_BEFORE = "That goes on from a question before, and none was answered here. Ask the whole question."
NOT_ANSWERED = "The question before was not answered, so that there is nothing to go on from. Ask the whole question."
_SEVERAL = "Of the question before, that can be meant in more than one way. Which is meant?"
_LONGEST = 6
_SHORT = 6  # words


@dataclass(frozen=True, slots=True)
class Followed:
    """How a question goes on from the one before; `why` is what it asks of how that was done, and changes nothing."""

    reading: Reading
    why: Why | None = None


def is_follow_up(question: str, dataset: str, dictionary: Dictionary) -> bool:
    """Tell whether all words of a question can go on from one before, whichever that would be.

    A long one that does not begin so is none, and is not looked at further.
    """
    if len(words_of(question)) > _SHORT and not begins_as_follow_up(question):
        return False
    counts = (Count(Cohort(dataset, table)) for table in dictionary.tables)
    return any(follow(question, before, dictionary) for before in counts)


def begins_as_follow_up(question: str) -> bool:
    """Tell whether a question begins as one that changes another, whatever else is in it: "and in …", "same …"."""
    words, own = tuple(word.normal for word in words_of(question)), turn_words()
    keywords = turn_lexicon().keywords
    begins = frozenset[Phrase]().union(own["exclude"], own["adjust"], own["only"], own["cue"])
    if _begins(words, begins):
        return True
    rests = [words[end:] for end in range(1, _LONGEST) if words[:end] in own["lead"]]
    return any(_begins(rest, begins | keywords["prep"] | keywords["by"] | keywords["lack"]) for rest in rests)


def _begins(words: Phrase, phrases: frozenset[Phrase]) -> bool:
    return any(words[:end] in phrases for end in range(1, _LONGEST))


def turn_vocabulary(question: str) -> frozenset[str]:
    """Return the words of a question, in lower case, that are general words of follow-ups."""
    known = {word for phrases in turn_words().values() for phrase in phrases for word in phrase}
    return frozenset(word.typed.casefold() for word in words_of(question) if word.normal in known)


def follow(question: str, before: Plan, dictionary: Dictionary) -> Followed | None:
    """Read a question as one that changes the plan before; None where its words do not all say how.

    Parameters
    ----------
    question : str
        As typed.
    before : Plan
        What was answered before, of the same dataset.
    dictionary : Dictionary
        What its tables' columns mean.

    """
    return _follow(question, before, _scopes(before, dictionary))


def reader_of(before: Plan, dictionary: Dictionary) -> Callable[[str], Reading | None]:
    """Return what reads one question after the other as one that changes the plan, by the columns of its own rows."""
    scope = next(_scopes(before, dictionary))

    def read(question: str) -> Reading | None:
        followed = _follow(question, before, (scope,))
        return followed.reading if followed else None

    return read


def _follow(question: str, before: Plan, scopes: Iterable["_Scope"]) -> Followed | None:
    words = words_of(question)
    if not 0 < len(words) <= MOST_WORDS:
        return None
    for scope in scopes:
        if names_outcome(words, scope.index):  # it is whole by itself
            return None
        turns = read_turn(words, scope.index, scope.named, before.cohort.dataset, before.cohort.table)
        whys = [change for turn in turns for change in turn if isinstance(change, Why)]
        if whys:
            return Followed(Read(before, ()), whys[0])
        if turns:
            return Followed(_read(turns, scope, words))
    return None


@dataclass(frozen=True, slots=True)
class _Scope:
    """The plan before by the names of columns that a follow-up can use, and what they mean."""

    plan: Plan
    index: Index
    named: Named
    dictionary: Dictionary
    places: Mapping[str, tuple[str, str]] | None = None

    def placed(self, plan: Plan) -> Plan:
        """Return a plan by the names that its own table has for the columns."""
        return complete(plan, self.index.columns) if self.places is None else place(plan, self.places, self.dictionary)


def _scopes(before: Plan, dictionary: Dictionary) -> Iterator[_Scope]:
    """Yield the plan's own table, with what it joins; then, where it is about that table alone, all tables."""
    cohort = before.cohort
    own = Columns(widen(dictionary, cohort.table, cohort.joined).tables[cohort.table])
    for each in cohort.derived:
        own.make(each)
    yield _Scope(before, Index(own, turn_lexicon()), named_in(dictionary, cohort.table), dictionary)
    variables = [each for part in parts_of(before).values() for each in part]
    if (
        len(dictionary.tables) == 1
        or cohort.joined
        or cohort.derived
        or any(map(_is_on_rows, (*variables, *cohort.where)))
    ):
        return
    columns, places = all_columns(dictionary)
    called = {place: name for name, place in places.items()}
    originals = {name: original_of(dictionary, cohort.table, name) for name in dictionary.tables[cohort.table]}
    names = {name: called[original] for name, original in originals.items() if original in called}
    named = named_across(dictionary, places)
    yield _Scope(_renamed(before, names), Index(columns, turn_lexicon()), named, dictionary, places)


def _is_on_rows(variable: Variable) -> bool:
    """Whether a condition is on the rows of another table, and has no name of a column of its own."""
    if isinstance(variable, AllOf | AnyOf):
        return any(map(_is_on_rows, variable.conditions))
    return isinstance(variable, AnyRow | NoRow)


def _renamed(plan: Plan, names: Mapping[str, str]) -> Plan:
    def called(variable: Variable) -> Variable:
        return names[variable] if isinstance(variable, str) else with_names(variable, names)

    parts = {name: tuple(map(called, part)) for name, part in parts_of(plan).items()}
    where: tuple[Condition, ...] = tuple(with_names(each, names) for each in plan.cohort.where)
    return with_parts(plan, replace(plan.cohort, where=where), parts)


def _read(turns: Sequence[tuple[Change, ...]], scope: _Scope, words: Sequence[Word]) -> Reading:
    """Return the one plan that the changes make; all of them where they are several; else why there is none."""
    found: dict[str, Plan] = {}
    why = ""
    for turn in turns:
        ways = _changed(scope.plan, turn, scope.index)
        if isinstance(ways, str):
            why = why or ways
            continue
        for plan in ways:
            try:
                placed = scope.placed(plan)
            except PlanError as error:
                why = why or str(error)
                continue
            if reason := why_censored(words, placed, scope.dictionary):
                why = why or reason
                continue
            found[canonical_json(placed)] = placed
    plans = tuple(found.values())
    if len(plans) == 1:
        return Read(plans[0], ())
    if plans:
        return Unclear(_SEVERAL, plans[:MOST_CHOICES])
    return Declined(why)


def _changed(plan: Plan, changes: Sequence[Change], index: Index) -> Ways:
    """Return each plan that changes, one after the other, can make of a plan."""
    plans: tuple[Plan, ...] = (plan,)
    why = ""
    for change in changes:
        made: list[Plan] = []
        for each in plans:
            ways = _change(each, change, index)
            if isinstance(ways, str):
                why = why or ways
            else:
                made += ways
        if not made:
            return why
        plans = tuple(made)
    return plans


def _change(plan: Plan, change: Change, index: Index) -> Ways:  # noqa: C901, PLR0911 - one a kind of change
    altering, recasting = Altering(index), Recasting(index)
    match change:
        case Restrict(where):
            return altering.restrict(plan, where)
        case Exclude(whom):
            return altering.exclude(plan, whom)
        case Lack(whom):
            return altering.lack(plan, whom)
        case Whole():
            return altering.whole(plan)
        case Group(by, more):
            return altering.group(plan, by, more=more)
        case Topic(of):
            return altering.topic(plan, of)
        case Adjust(terms):
            return recasting.adjust(plan, terms)
        case Summarise(statistics):
            return recasting.summarise(plan, statistics)
        case At(times, unit):
            return recasting.at(plan, times, unit)
        case Show(what, column):
            return recasting.show(plan, what, column)
        case Why():
            return (plan,)
