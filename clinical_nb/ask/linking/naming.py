"""Naming: by which words a dictionary calls its columns and levels."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from clinical_nb.ask.language.lexicon import Lexicon, Phrase, lexicon, phrase_of, spoken
from clinical_nb.ask.language.words import name_words, root
from clinical_nb.dictionary.codes import says_unknown
from clinical_nb.dictionary.deriving import MadeColumn
from clinical_nb.dictionary.meaning import Code, Column, Level, value_text
from clinical_nb.dictionary.pairing import happening

GROUPABLE = ("categorical", "binary")
UNTIL = (("time", "to"), ("time", "until"))  # how the name of a time until an event begins
_SHORTEST_SHORT, LONGEST_SHORT = 3, 6  # letters of what stands for a longer name
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_COUNTED: tuple[Phrase, ...] = (("number", "of"), ("total", "number", "of"), ("count", "of"), ("no", "of"))
_COLUMNS = 1 << 15  # whose words are remembered, each asked for several times while a dictionary is learnt
_NAMED_YEAR = 3  # words of "year of birth"
_ANY = (("any",), ("all",))  # before "cause"
DIED: Phrase = ("died",)
BORN: tuple[Phrase, ...] = (("birth", "weight"),)  # of which who has it is a baby
_CONTROL: tuple[Phrase, ...] = (("control",), ("control", "arm"), ("control", "group"))
_OF_BIRTH: tuple[Phrase, ...] = (("birth",),)
WOMEN: frozenset[Phrase] = frozenset({("woman",), ("lady",)})
_DEATH = frozenset({"death"})
_BELOW_ZERO = re.compile(r"-\d+(\.0*)?")
# "CRP mg/l" is called CRP too
_UNIT_AFTER_NAME = re.compile(r"[\s_.]+(?:[a-zµ%]+/[a-z0-9]+|kg|cm|mg|mmhg|bpm|mmol|umol)$", re.IGNORECASE)
# "Diabetes (y/n)" and "AKI stage (0-3)" are called as what stands before their codes
_CODES_AFTER_NAME = re.compile(
    r"\s*[(\[]\s*(?:y(?:es)?\s*/\s*no?|m\s*/\s*f|f\s*/\s*m|[cfgm]|\d+\s*(?:(?:-|\u2013|to|/|,)\s*\d+\s*)+)[)\]]\s*$",
    re.IGNORECASE,
)
_UNIT_WITHIN_NAME = re.compile(r"\s*\((?:[a-zµμ%]+(?:/[a-z0-9²]+)?|10\^\d+/l)\)\s+(?=\w)", re.IGNORECASE)
_IN_PARENTHESES = re.compile(r"\(([^()]*)\)")
_EMPTY_BELOW = frozenset({
    "type", "name", "date", "day", "time", "group", "number", "no", "id", "code", "year", "age", "sex", "test",
    "category", "start", "end", "note", "comment", "status", "duration", "death",
})  # fmt: skip
_JOINED = frozenset({"of", "at", "after", "before", "for", "to", "from", "in", "on", "by", "with", "and", "or", "is"})
_OR = re.compile(r"\s+or\s+|/", re.IGNORECASE)
_DENIED = re.compile(r"\b(not|non|no|unknown|other)\b", re.IGNORECASE)


class LevelLink(NamedTuple):
    """A level that words can mean: a stored value of a column."""

    column: str
    value: Code


_CLASSES = frozenset({"class", "soc", "bodsys", "system"})  # what events of several names belong to
Target = str | LevelLink  # a column's name, or a level


def column_of(target: Target) -> str:
    """Return the column that a target is, or is a level of."""
    return target if isinstance(target, str) else target.column


def phrases_of_column(name: str, column: Column) -> tuple[Phrase, ...]:
    """Return the words of a column's name, apart and joined, of its label and of its synonyms.

    The name of what is made of columns only says how it is made.
    """
    called = "" if isinstance(column, MadeColumn) else name
    label, is_number, died = label_of(name, column), column.kind == "numeric", is_date_of_death(column)
    return _phrases(called, label, column.synonyms, is_number=is_number, is_date_of_death=died)


@lru_cache(maxsize=_COLUMNS)
def _phrases(
    name: str, label: str, synonyms: tuple[str, ...], *, is_number: bool, is_date_of_death: bool
) -> tuple[Phrase, ...]:
    words = name_words(name)
    joined = ("".join(words),) if words else ()
    bare = name_words(without_unit(name))
    said = phrases_of_label(label)
    counted = [phrase[len(begin) :] for phrase in said for begin in _COUNTED if is_number and _counts(phrase, begin)]
    died = (DIED,) if is_date_of_death else ()
    headed = _below_heading((words, bare, *said))
    return tuple(dict.fromkeys((words, joined, bare, *said, *headed, *counted, *map(phrase_of, synonyms), *died)))


def _below_heading(phrases: Iterable[Phrase]) -> tuple[Phrase, ...]:
    """Return what columns are called below a heading that a spreadsheet has for several: "Outcome complication".

    What says nothing by itself, the "type" of an operation or the "score" of a test, is called so with its heading.
    """
    empty = lexicon().neutral | {(word,) for word in _EMPTY_BELOW} | lexicon().weak
    found = [
        phrase[len(heading) :]
        for phrase in phrases
        for heading in lexicon().headings
        if phrase[: len(heading)] == heading
    ]
    return tuple(rest for rest in found if rest and rest not in empty and _is_wordy(rest[0]) and rest[0] not in _JOINED)


def without_unit(name: str) -> str:
    """Return a name without the unit or codes that it ends with, or has before a time: "CRP mg/l", "Hb (g/l) pre"."""
    return _UNIT_AFTER_NAME.sub("", _CODES_AFTER_NAME.sub("", _UNIT_WITHIN_NAME.sub(" ", name)))


def is_count(column: Column) -> bool:
    """Whether a column of numbers says of how many things, as in "number of visits": none of them is 0."""
    said = phrases_of_label(column.label)
    return column.kind == "numeric" and any(_counts(phrase, begin) for phrase in said for begin in _COUNTED)


def _counts(phrase: Phrase, begin: Phrase) -> bool:
    return phrase[: len(begin)] == begin and len(phrase) > len(begin)


def deaths_among(columns: Mapping[str, Column]) -> list[str]:
    """Name the events that are deaths by their names or codes: `os_event`."""
    events = [name for name, column in columns.items() if column.role == "event"]
    return [name for name in events if happening(name, columns[name]) == _DEATH]


def is_date_of_death(column: Column) -> bool:
    """Whether a column has a date for who died, and none for who did not."""
    return column.kind == "date" and column.role == "death"


def label_of(name: str, column: Column) -> str:
    """Return a column's label; where it has none, that of the standard which gives such names."""
    return column.label or lexicon().names.get(name.casefold(), "")


@lru_cache(maxsize=_COLUMNS)
def phrases_of_label(label: str) -> tuple[Phrase, ...]:
    """Return a label's words: whole, without what is in parentheses, and what is in each parenthesis."""
    if "(" not in label:
        return (said,) if (said := spoken(label)) else ()
    outside = label if label.endswith("(N)") else _IN_PARENTHESES.sub(" ", label)  # CDISC's numbers for another's texts
    inside = [text for text in _IN_PARENTHESES.findall(label) if len(text) > 1]  # "Race (N)" is not called n
    texts = dict.fromkeys((label, outside, *inside))
    return tuple([phrase for text in texts if (phrase := spoken(text))])


def has_doses(arm: Column) -> bool:
    """Whether two levels of the arm or more differ by dose, as they say."""
    return sum("dose" in spoken(level.label) for level in arm.levels) > 1


def is_arm(name: str, column: Column, lexicon: Lexicon) -> bool:
    """Whether a column with levels is called as what has the arm."""
    said = {name_words(name), *phrases_of_label(column.label)}
    return column.kind in GROUPABLE and not lexicon.arm_named.isdisjoint(said)


def is_strong(phrase: Phrase, lexicon: Lexicon) -> bool:
    """Whether a level's words say by themselves which column they are of."""
    return phrase not in lexicon.weak and any(map(_is_wordy, phrase))


def is_of_another(phrases: Iterable[Phrase], lexicon: Lexicon) -> bool:
    """Whether a column of these names has levels of something else: the reason for an event, its cause, the mother.

    "Side effects" as the reason for leaving a trial is not that people had side effects.
    """
    return any(not lexicon.elsewhere.isdisjoint(_without_any_cause(phrase)) for phrase in phrases)


def _without_any_cause(phrase: Phrase) -> Phrase:
    """Leave out the "cause" of "death from any cause" and "all-cause mortality", which are of the patient."""
    words = tuple(word for word in phrase if word != "-")
    return tuple(word for at, word in enumerate(words) if word != "cause" or words[at - 1 : at] not in _ANY)


def _is_wordy(word: str) -> bool:
    return len(word) > 1 and word[0].isalpha()


def alternatives(label: str) -> list[str]:
    """Return a level's label, and what it lists: "black" and "african american" of "Black or African American"."""
    parts = [part for part in _OR.split(label) if part.strip()]
    return [label] if len(parts) == 1 or _DENIED.search(label) else [label, *parts]


def without_shared_word(levels: Sequence[Level]) -> list[tuple[Level, str]]:
    """Return each level with its label, without the first word where all begin with the same: "3" of "Stage 3"."""
    parts = [level.label.split(maxsplit=1) for level in levels]
    is_shared = len(levels) > 1 and all(len(each) > 1 for each in parts) and len({each[0] for each in parts}) == 1
    return [(level, part[1] if is_shared else level.label) for level, part in zip(levels, parts, strict=True)]


def numerals_of(label: str) -> tuple[str, ...]:
    """Return a number up to ten as both notations write it: 4 and iv; none where a label is none."""
    said = label.strip().casefold()
    return next(((str(at), roman) for at, roman in enumerate(_ROMAN, 1) if said in (str(at), roman)), ())


def years_called(numbers: Mapping[str, Iterable[Phrase]], lexicon: Lexicon) -> Mapping[str, str]:
    """Return the columns that hold the year of something, by the root of what: the year of diagnosis.

    `numbers` are the columns of numbers, by the words that each is called by.
    """
    found: dict[str, set[str]] = {}
    for name, phrases in numbers.items():
        for what in filter(None, map(_of_what, phrases)):
            found.setdefault(happening_root(what, lexicon), set()).add(name)
    return {called: names.pop() for called, names in found.items() if len(names) == 1}


def happening_root(word: str, lexicon: Lexicon) -> str:
    """Return what the words for something that happens have in common: diagnosis and diagnosed."""
    return root(lexicon.day_words.get(word, word).removesuffix("is")).replace("z", "s")  # excized is of excision


def _of_what(phrase: Phrase) -> str:
    """Return of what a year is: "diagnosis" of "year of diagnosis" and of "diagnosis year"."""
    if phrase[:2] == ("year", "of") and len(phrase) == _NAMED_YEAR:
        return phrase[2]
    return phrase[0] if len(phrase) == _NAMED_YEAR - 1 and phrase[1] == "year" else ""


def persons_called(columns: Mapping[str, Column], told: Iterable[Phrase], lexicon: Lexicon) -> frozenset[Phrase]:
    """Return what those are called of whom a row is: by the name of their identifier, and by what is told of them.

    `told` are the words for the age, which may be the mother's, and for the weight at birth.
    """
    phrases = [
        phrase
        for name, column in columns.items()
        if column.kind == "identifier"
        for phrase in phrases_of_column(name, column)
    ]
    words = {(word,) for phrase in (*phrases, *map(lexicon.canonical, told)) for word in phrase}
    of = {**lexicon.members, **dict.fromkeys(_OF_BIRTH, ("infant",))}
    called = {of[word] for word in words & of.keys()}
    return frozenset(phrase for phrase in lexicon.members if of[phrase] in called)


def arms_called(columns: Mapping[str, Column], first: Collection[str], lexicon: Lexicon) -> Mapping[Phrase, Target]:
    """Return what the one column of arms is called, and the one arm that the others are held against.

    Of several columns of arms those that are `first` are meant.
    """
    arms = [name for name, column in columns.items() if is_arm(name, column, lexicon)]
    arms = arms if len(arms) == 1 else [name for name, column in columns.items() if column.role == "arm"]
    arms = [name for name in arms if name in first] or arms
    if len(arms) != 1:
        return {}
    of = columns[arms[0]]
    said = lexicon.arm_said | lexicon.dose_said if has_doses(of) else lexicon.arm_said
    controls = [level.value for level in of.levels if not lexicon.control.isdisjoint(spoken(level.label))]
    control = LevelLink(arms[0], controls[0]) if len(controls) == 1 else None
    return {
        **dict.fromkeys(map(lexicon.canonical, said), arms[0]),
        **(dict.fromkeys(_CONTROL, control) if control else {}),
    }


def short_arms(columns: Mapping[str, Column]) -> Mapping[str, LevelLink]:
    """Return the levels of arms that are written short, by what they are called; none where others are not."""
    arms = [(name, column) for name, column in columns.items() if column.role == "arm"]
    named = {
        value_text(level.value).casefold(): LevelLink(name, level.value)
        for name, column in arms
        for level in column.levels
        if level.label.casefold() == value_text(level.value).casefold()
    }
    is_short = all(short.isalpha() and _SHORTEST_SHORT <= len(short) < LONGEST_SHORT for short in named)
    return named if is_short and len(arms) == 1 else {}


def is_unknown(level: Level) -> bool:
    """Tell whether a level says that nothing is known, or is a code below zero among words, such as -99."""
    return says_unknown(level.label) or _BELOW_ZERO.fullmatch(level.label.strip()) is not None


def first_meant(
    levels: Sequence[LevelLink], columns: Mapping[str, Column], named: Mapping[str, Sequence[Phrase]], lexicon: Lexicon
) -> list[LevelLink]:
    """Leave the level that is meant where several are called the same.

    The arm's goes before those of its copies, a class of events before the event of its name, which it includes, the
    standard term before that as reported, and the visit before what it is called besides.
    """
    ways: tuple[Callable[[str], bool], ...] = (
        lambda name: columns[name].role == "arm",
        lambda name: any(phrase in lexicon.standard for phrase in named[name]),
        lambda name: columns[name].role == "visit",
    )
    classes = [each for each in levels if any(not _CLASSES.isdisjoint(phrase) for phrase in named[each.column])]
    left = classes or list(levels)
    for leave in ways:
        kept = [each for each in left if leave(each.column)]
        left = kept if len(kept) == 1 else left
    return left


def contenders(near: Sequence[Target], levels: Iterable[Target], may_be_yes: Callable[[str], bool]) -> list[Target]:
    """Return of what is near to words the events and levels of other columns that a level's word may mean.

    A column that has the word in several levels is none of these: a drug in two doses is either.
    """
    several = Counter(each.column for each in near if isinstance(each, LevelLink))
    taken = {level.column for level in levels if isinstance(level, LevelLink)}
    taken |= {column for column, number in several.items() if number > 1}
    return [
        target
        for target in near
        if column_of(target) not in taken and (isinstance(target, LevelLink) or may_be_yes(target))
    ]
