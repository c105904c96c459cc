"""The index: which columns and levels of one table a run of words can mean."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from clinical_nb.ask.language.lexicon import Lexicon, Phrase, phrase_of, spoken, without_signs
from clinical_nb.ask.language.words import name_words
from clinical_nb.ask.linking.endpoints import Endpoints, endpoints_of
from clinical_nb.ask.linking.naming import (
    BORN,
    DIED,
    GROUPABLE,
    LONGEST_SHORT,
    UNTIL,
    WOMEN,
    LevelLink,
    Target,
    arms_called,
    column_of,
    contenders,
    deaths_among,
    is_date_of_death,
    is_of_another,
    is_strong,
    is_unknown,
    label_of,
    numerals_of,
    persons_called,
    phrases_of_column,
    phrases_of_label,
    short_arms,
    without_shared_word,
    years_called,
)
from clinical_nb.ask.linking.parameters import Parameter, is_timed, names_parameters
from clinical_nb.ask.linking.senses import Senses
from clinical_nb.ask.linking.terms import Terms, terms_among
from clinical_nb.ask.linking.twice import names_at_times
from clinical_nb.dictionary.meaning import Code, Column, Level, value_text
from clinical_nb.dictionary.pairing import paired

LONGEST_LINK = 10
_WHICHEVER = frozenset({"first", "any"})
_SEX = ("sex",)


@dataclass
class Index:
    """What the words of one table's dictionary mean.

    `exact` holds names, labels and synonyms as they are, `core` the same without neutral words; both in the lexicon's
    canonical words. `contained` (every word of a label) is never a reading, only something to ask back about.
    """

    columns: Mapping[str, Column]
    lexicon: Lexicon
    tables: Mapping[Phrase, str] = field(default_factory=dict[Phrase, str])  # what one row of each is called
    first: frozenset[str] = frozenset()  # columns that are meant where others are called the same: the patients' own
    many: frozenset[str] = frozenset()  # columns of which a person may have several values: one for each row of a table
    owner: Mapping[str, str] = field(default_factory=dict[str, str])  # the table that each column lies in
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])  # as if columns of their own
    beside: frozenset[str] = frozenset()  # columns that say of what the number beside them is: the name of a test
    watched: frozenset[str] = frozenset()  # columns that say for which event each of a person's rows is watched
    exact: dict[Phrase, dict[Target, None]] = field(default_factory=dict[Phrase, dict[Target, None]])
    core: dict[Phrase, dict[Target, None]] = field(default_factory=dict[Phrase, dict[Target, None]])
    weak: dict[Phrase, dict[LevelLink, None]] = field(default_factory=dict[Phrase, dict[LevelLink, None]])
    contained: dict[Target, list[frozenset[str]]] = field(default_factory=dict[Target, list[frozenset[str]]])

    def __post_init__(self) -> None:
        for name, column in self.columns.items():
            self._learn(name, self.named[name])
            if column.kind in GROUPABLE:
                is_own = not is_of_another(self.named[name], self.lexicon)
                numbers = {level.value: numerals_of(rest) for level, rest in without_shared_word(column.levels)}
                for level in column.levels:
                    link = LevelLink(name, level.value)
                    said = [*phrases_of_label(level.label), *map(spoken, level.synonyms)]
                    self._learn_level(link, [spoken(value_text(level.value)), *said], is_own=is_own)
                    for numeral in numbers[level.value] if all(numbers.values()) else ():
                        self.weak.setdefault((numeral,), {})[link] = None
        for phrase, target in arms_called(self.columns, self.first, self.lexicon).items():
            self.exact.setdefault(phrase, {target: None})
        self.exact = {**names_at_times(self.senses.twice, self.lexicon), **self.exact}
        if self.age:
            self.exact.setdefault(("age",), {self.age: None})
        self._learn_deaths()

    def _learn_deaths(self) -> None:
        """Let the one event that is a death by its name be called so, where nothing else is: `os_event`."""
        deaths = [name for name in deaths_among(self.columns) if self.polar(name, positive=True) is not None]
        if len(deaths) == 1 and not self.near(DIED):
            self.exact.setdefault(DIED, {deaths[0]: None})

    @cached_property
    def age(self) -> str | None:
        """The numeric column that holds the age, where exactly one does."""
        canonical = {self.lexicon.canonical(phrase) for phrase in self.lexicon.age}
        found = {
            name
            for phrase in canonical
            for name in self.exact.get(phrase, {})
            if isinstance(name, str) and self.columns[name].kind == "numeric"
        }
        return found.pop() if len(found) == 1 else None

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each time with the event that it is until, of which one table has both."""
        pairs = paired(self.columns)
        return tuple(pair for pair in pairs if len(pairs) == 1 or len({self.owner.get(each) for each in pair}) == 1)

    @cached_property
    def initials(self) -> Mapping[str, LevelLink]:
        """The levels that F and M stand for, where one column is the sex."""
        columns = [
            name
            for name, column in self.columns.items()
            if column.kind in GROUPABLE
            and _SEX in {self.lexicon.canonical(phrase) for phrase in phrases_of_column(name, column)}
        ]
        if len(columns) != 1:
            return {}
        found = {level.value: self.lexicon.canonical(spoken(level.label)) for level in self.columns[columns[0]].levels}
        return {
            initial: LevelLink(columns[0], value)
            for initial, said in (("F", ("female",)), ("M", ("male",)))
            for value, label in found.items()
            if label in (said, (initial.casefold(),))
        }

    @cached_property
    def members(self) -> frozenset[Phrase]:
        """What those are called of whom a row is: "children" of `child_id`, "mothers" of whom the age is."""
        is_sex_known = any(map(self.near, (_SEX, ("female",), ("male",))))
        told = [*self.named.get(self.age or "", ()), *(phrase for phrase in BORN if phrase in self.exact)]
        are_women = not is_sex_known and not self.lexicon.of_women.isdisjoint(self._having)
        return persons_called(self.columns, told, self.lexicon) | (WOMEN if are_women else frozenset[Phrase]())

    @cached_property
    def years(self) -> Mapping[str, str]:
        """The columns that hold the year of something, by the root of what."""
        numbers = {name: self.named[name] for name, column in self.columns.items() if column.kind == "numeric"}
        return years_called(numbers, self.lexicon)

    @cached_property
    def endings(self) -> Endpoints:
        """What the codes of the events are called that end the times of the table."""
        return endpoints_of(self.columns, self.lexicon, self.tables)

    @cached_property
    def senses(self) -> Senses:
        """What words come to in another order, at another time, or in part."""
        return Senses(self.columns, self.named, self.lexicon, self.first)

    @cached_property
    def terms(self) -> Terms:
        """What the rows of the tables beside the patients' are of."""
        many = {name: self.columns[name] for name in self.many - self.beside if name in self.columns}
        return terms_among(many, self.named, self.owner, self.senses.contents)

    @cached_property
    def named(self) -> Mapping[str, Sequence[Phrase]]:
        """The words of each column's name, label and synonyms.

        What says why another column's values are missing has no name of its own: "age missing" is of the age.
        """
        reasons = {column.reasons for column in self.columns.values()}
        return {
            name: phrases_of_label(column.label) if name in reasons else phrases_of_column(name, column)
            for name, column in self.columns.items()
        }

    @cached_property
    def endpoints(self) -> Mapping[frozenset[str], tuple[LevelLink, ...]]:
        """The levels that name what the times of a long table are until, by the words of what that is."""
        found: dict[frozenset[str], list[LevelLink]] = {}
        for name, column in self.columns.items():
            names_times = name in self.naming_times
            levels = column.levels if column.kind in (*GROUPABLE, "text") else ()
            for level in levels if names_times else filter(_may_name_time, levels):
                for said in self._names_of(level):
                    what = said[2:] if said[:2] in UNTIL else said if names_times else ()
                    if what and (words := self.endpoint_words(what)):
                        found.setdefault(words, []).append(LevelLink(name, level.value))
        return {words: tuple(links) for words, links in found.items()}

    def _names_of(self, level: Level) -> Iterable[Phrase]:
        said = dict.fromkeys([*phrases_of_label(level.label), spoken(value_text(level.value))])
        return [phrase for phrase in said if phrase not in self.units]

    @cached_property
    def naming_times(self) -> frozenset[str]:
        """The columns that say until what the times beside them are: the parameter of each row of a long table."""
        tables: dict[str, dict[str, Column]] = {}
        for name, table in self.owner.items():
            tables.setdefault(table, {})[name] = self.columns[name]
        timed = [columns for columns in tables.values() if is_timed(columns)]
        return frozenset(
            name
            for columns in timed
            for name, column in columns.items()
            if (name in self.watched or names_parameters(name, column, self.lexicon)) and len(column.levels) > 1
        )

    def endpoint_words(self, words: Phrase) -> frozenset[str]:
        """Return what words say of an event, whichever of a person's it is: "the first dermatologic event"."""
        return self.senses.contents.of(words).words - _WHICHEVER

    @cached_property
    def units(self) -> Mapping[Phrase, Phrase]:
        """The units that a number can have here: those of the columns and of the lexicon, in canonical words."""
        declared = {phrase_of(column.unit) for column in self.columns.values() if column.unit}
        return {**{unit: self.lexicon.units.get(unit, unit) for unit in declared}, **self.lexicon.units}

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the table's names, labels and levels, and of the lexicon's synonyms for them."""
        known = set(chain(chain.from_iterable(self.exact), chain.from_iterable(self.weak)))
        synonyms = [phrase for phrase, same in self.lexicon.same.items() if known.issuperset(same)]
        return frozenset(known.union(chain.from_iterable(synonyms), self._having))

    def link(self, words: Phrase) -> tuple[Target, ...]:
        """Return what the whole run of words means: several targets where it is ambiguous."""
        canonical = self.lexicon.canonical(words)
        exact = self.exact.get(canonical) or self.exact.get(("".join(words),), {})
        if words in self.tables:  # "adverse event" is a row of its table, and no level of another
            return tuple(target for target in exact if isinstance(target, str))
        if exact and all(isinstance(target, LevelLink) for target in exact):
            visits = [each for each in exact if self.columns[column_of(each)].role == "visit"]
            return self.senses.preferred(visits or [*exact, *self._contenders(words, exact)])
        if exact or {words[0], words[-1]} & self.lexicon.function:
            return tuple(exact)
        left = self.lexicon.core(canonical)
        core = {} if {left[0], left[-1]} & self.lexicon.function else self.core.get(left, {})
        others = [target for target in self.near(words) if target not in core]
        return () if others else tuple(core)

    def meant(self, words: Phrase) -> tuple[Target, ...]:
        """Return what the words mean as they are, else what they come to."""
        return self.link(words) or self.senses.link(words)

    def one_column(self, words: Phrase) -> str | None:
        """Return the column that the words mean, where they mean nothing else."""
        found = self.meant(said) if (said := without_signs(words)) else ()
        return found[0] if len(found) == 1 and isinstance(found[0], str) else None

    def begun(self, word: str) -> tuple[Target, ...]:
        """Return the level of the arm that a word begins with, where it is written short and no other is: `dap`."""
        found = [link for short, link in self._short_arms.items() if word.startswith(short)]
        return tuple(found) if len(found) == 1 and len(word) >= LONGEST_SHORT and not self.near((word,)) else ()

    @cached_property
    def _short_arms(self) -> Mapping[str, LevelLink]:
        return short_arms(self.columns)

    def near(self, words: Phrase) -> tuple[Target, ...]:
        """Return what has all these words, and others too, in its name or label: to ask back about, never to assume."""
        wanted = frozenset(self.lexicon.core(self.lexicon.canonical(words)))
        nothing = dict[Target, None]()
        rarest = min((self._having.get(word, nothing) for word in wanted), key=len, default=nothing)
        return tuple(target for target in rarest if any(wanted <= phrase for phrase in self.contained[target]))

    @cached_property
    def _having(self) -> Mapping[str, Mapping[Target, None]]:
        """The names, labels and levels that have a word, in the order in which they were learnt."""
        found: defaultdict[str, dict[Target, None]] = defaultdict(dict)
        for target, phrases in self.contained.items():
            for word in chain.from_iterable(phrases):
                found[word][target] = None
        return found

    def _contenders(self, words: Phrase, levels: Iterable[Target]) -> list[Target]:
        """Return the events and levels of other columns that a level's word may mean: `died` may be of two deaths."""
        return contenders(self.near(words), levels, lambda name: self.polar(name, positive=True) is not None)

    def values(self, words: Phrase) -> tuple[LevelLink, ...]:
        """Return the levels that the words can mean after their column's name, where `yes` and `4` mean something."""
        return tuple(self.weak.get(self.lexicon.canonical(words), {}))

    def polar(self, column: str, *, positive: bool) -> Code | None:
        """Return the level of a binary column that says yes, or no; None where no level says so."""
        meaning = self.columns[column]
        said = self.lexicon.yes if positive else self.lexicon.no
        found = [level.value for level in meaning.levels if spoken(level.label) in said]
        return found[0] if meaning.kind == "binary" and len(found) == 1 else None

    def is_flag(self, column: str) -> bool:
        """Tell whether a column is set to yes or left empty, and calls itself a flag or a question: empty means no.

        So is the date of a death.
        """
        meaning = self.columns[column]
        if is_date_of_death(meaning):
            return True
        if len(meaning.levels) != 1 or spoken(meaning.levels[0].label) not in self.lexicon.yes:
            return False
        label = label_of(column, meaning)
        said = {*name_words(column), *spoken(label)}
        return "flag" in said or column.casefold().endswith("fl") or label.strip().endswith("?")

    def yes_of_several(self, column: str) -> Code | None:
        """Return the one level that says yes, where one says no and the others that nothing is known."""
        meaning = self.columns[column]
        said = [level.value for level in meaning.levels if spoken(level.label) in self.lexicon.yes]
        others = [level for level in self._beside_no(column) if level.value not in said]
        is_one = len(said) == 1 and all(map(is_unknown, others))
        return said[0] if is_one and self._no_of_several(column) is not None else None

    def none_of_graded(self, column: str) -> tuple[Code, ...]:
        """Return the level that says no and those of the unknown, where the others are grades of a yes: mild, severe.

        A plain yes among them, and what is over or never was (ex-smoker), are no grades: who is meant then is open.
        """
        no, others = self._no_of_several(column), self._beside_no(column)
        unknown = tuple(level.value for level in others if is_unknown(level))
        grades = [spoken(level.label) for level in others if level.value not in unknown]
        is_open = any(grade in self.lexicon.yes or set(grade) & self.lexicon.ungraded for grade in grades)
        return () if no is None or not grades or is_open else (no, *unknown)

    def _no_of_several(self, column: str) -> Code | None:
        meaning = self.columns[column]
        denied = [level.value for level in meaning.levels if spoken(level.label) in self.lexicon.no]
        return denied[0] if meaning.kind == "categorical" and len(denied) == 1 else None

    def _beside_no(self, column: str) -> list[Level]:
        no = self._no_of_several(column)
        return [level for level in self.columns[column].levels if level.value != no]

    def _learn(self, target: Target, phrases: Iterable[Phrase]) -> None:
        for phrase in filter(None, phrases):
            canonical = self.lexicon.canonical(phrase)
            self.exact.setdefault(canonical, {})[target] = None
            self.core.setdefault(self.lexicon.core(canonical), {})[target] = None
            self.contained.setdefault(target, []).append(frozenset(canonical))

    def _learn_level(self, link: LevelLink, phrases: Iterable[Phrase], *, is_own: bool) -> None:
        for phrase in filter(None, phrases):
            self.weak.setdefault(self.lexicon.canonical(phrase), {})[link] = None
        if is_own:
            self._learn(link, [phrase for phrase in phrases if is_strong(phrase, self.lexicon)])


def _may_name_time(level: Level) -> bool:
    return any(begin[0] in spoken(text) for begin in UNTIL for text in (level.label, value_text(level.value)))
