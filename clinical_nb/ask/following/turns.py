"""Turns: the rules by which words go on from the question before: "and in women?", "adjust that for age", "why?"."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from clinical_nb.ask.cohorts import Named
from clinical_nb.ask.language.lexicon import Lexicon, Phrase, lexicon, phrase_of
from clinical_nb.ask.language.parsing import Found, Parser, Rule
from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.rules.conditions import Conditions, condition_rules, negated
from clinical_nb.ask.rules.questions import question_rules
from clinical_nb.ask.terminals import Terminals
from clinical_nb.plan import Condition, OneOf, Statistic, Variable

Shown = Literal[
    "pvalue", "significant", "interval", "oddsratio", "riskratio", "riskdifference", "nnt", "hazardratio", "curve",
    "figure", "pairs",
]  # fmt: skip
_SHOWN: tuple[Shown, ...] = (
    "pvalue", "significant", "interval", "oddsratio", "riskratio", "riskdifference", "nnt", "hazardratio", "curve",
    "figure", "pairs",
)  # fmt: skip
_OF_OUTCOMES = ("oddsratio", "riskratio", "riskdifference", "nnt", "hazardratio")
_OF = (("for",), ("of",), ("to",))


@dataclass(frozen=True, slots=True)
class Restrict:
    """Of those for whom this holds: what was said of the same columns before no longer counts."""

    where: Conditions


@dataclass(frozen=True, slots=True)
class Exclude:
    """Without those for whom this holds, besides what was said before."""

    whom: Conditions


@dataclass(frozen=True, slots=True)
class Lack:
    """Of those without something, or without those who are: whether it takes the place of what was said is open."""

    whom: Condition


@dataclass(frozen=True, slots=True)
class Whole:
    """Of all, or not in groups."""


@dataclass(frozen=True, slots=True)
class Group:
    """By other groups; or by these too, where it is `more`."""

    by: tuple[Variable, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Adjust:
    """Adjusted for these too."""

    terms: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class Summarise:
    """By other statistics."""

    statistics: tuple[Statistic, ...]


@dataclass(frozen=True, slots=True)
class Show:
    """With a number, a test or a figure of what was asked before."""

    what: Shown
    column: str = ""


@dataclass(frozen=True, slots=True)
class At:
    """At these times."""

    times: tuple[float, ...]
    unit: Phrase


@dataclass(frozen=True, slots=True)
class Topic:
    """The same of something else: a level or a column that stands alone."""

    of: Variable


@dataclass(frozen=True, slots=True)
class Why:
    """Why it was done so; `said` is what the question names of it, `other` whether it was something else that was."""

    said: str = ""
    other: bool = False


Change = Restrict | Exclude | Lack | Whole | Group | Adjust | Summarise | Show | At | Topic | Why


@cache
def turn_words() -> Mapping[str, frozenset[Phrase]]:
    """Return the classes of words that only follow-ups have, by their names."""
    data: dict[str, list[str]] = tomllib.loads(files(__package__ or "").joinpath("following.toml").read_text("utf-8"))
    return {name: frozenset(map(phrase_of, phrases)) for name, phrases in data.items()}


@cache
def turn_lexicon() -> Lexicon:
    """Return the lexicon of questions with the words of follow-ups; apart, so that no question is read by them."""
    own = {f"t{name}": phrases for name, phrases in turn_words().items()}
    return replace(lexicon(), keywords={**lexicon().keywords, **own})


def read_turn(
    words: tuple[Word, ...], index: Index, named: Named, dataset: str, table: str
) -> list[tuple[Change, ...]]:
    """Return each way in which the whole run of words changes a question, by an index of `turn_lexicon`."""
    rules = (*_turn_rules(index), *question_rules(index, dataset, table), *condition_rules(index), *named.rules())
    beside = named.beside(Terminals(words, index))

    def find(part: str, start: int) -> Found:
        return _methods(words, start) if part == "METHOD" else beside(part, start)

    found = [changes for changes, end in Parser(rules, find).read("turn", 0) if end == len(words)]
    more = [changes for changes in found if any(isinstance(each, Group) and each.more for each in changes)]
    return more or found  # "also by site" adds site to the groups, though "also" may say nothing


def names_outcome(words: tuple[Word, ...], index: Index) -> bool:
    """Tell whether a question names what a ratio or a difference is of, and so is whole: "odds ratio for death in men".

    Such as "odds ratio for women" names whom it is among or against instead.
    """
    said = tuple(word.normal for word in words)
    places = [
        end + 1
        for name in _OF_OUTCOMES
        for phrase in turn_words()[name]
        for start in range(len(said))
        if said[start : (end := start + len(phrase))] == phrase and said[end : end + 1] in _OF
    ]
    places += [at + 1 for at in places if said[at : at + 1] in index.lexicon.keywords["article"]]
    return any(
        start in places
        and (
            index.polar(target, positive=True) is not None
            if isinstance(target, str)
            else index.columns[target.column].role in ("event", "outcome", "death")
            or index.polar(target.column, positive=True) is not None
        )
        for target, start, _ in Terminals(words, index).targets()
    )


def _methods(words: tuple[Word, ...], start: int) -> Found:
    """Yield the name of a method that begins at a word, as it is said."""
    for end in range(start + 1, len(words) + 1):
        said = tuple(word.normal for word in words[start:end])
        if said in turn_words()["method"]:
            yield " ".join(said), end


def _turn_rules(index: Index) -> Sequence[Rule]:
    return (
        Rule("turn", "lead? parts trail?", lambda _, parts, __: parts),
        Rule("turn", "lead topic trail?", lambda _, topic, __: (topic,)),
        Rule("turn", "lead topic @tjoint? parts trail?", lambda _, topic, __, parts, ___: (topic, *parts)),
        Rule("turn", "why trail?", lambda why, _: (why,)),
        Rule("lead", "@tlead lead?", lambda *_: True),
        Rule("trail", "@ttrail trail?", lambda *_: True),
        Rule("trail", "@ending trail?", lambda *_: True),
        Rule("parts", "part", lambda one: (one,)),
        Rule("parts", "part @tjoint? parts", lambda one, _, more: (one, *more)),
        *_whom_rules(),
        Rule("part", "grouping", Group),
        Rule("part", "@tregroup group", lambda _, group: Group((group,))),
        Rule("part", "@tmore group", lambda _, group: Group((group,), more=True)),
        Rule("part", "@tadjust terms", lambda _, terms: Adjust(terms)),
        Rule("part", "@adjusted terms", lambda _, terms: Adjust(terms)),
        Rule("part", "@tas? @article? statistics", lambda _, __, statistics: Summarise(statistics)),
        *map(_show_rule, _SHOWN),
        Rule("part", "@twhichpairs @of? COLUMN @values? @tdiffer", lambda _, __, of, ___, ____: Show("pairs", of)),
        Rule("part", "at", lambda point: At(*point)),
        Rule("topic", "@article? atom", lambda _, atom: Topic(atom)),
        Rule("topic", "@article? COLUMN @values?", lambda _, column, __: Topic(column)),
        Rule("topic", "@prep @article? amount", lambda *parts: Topic(parts[-1])),
        Rule("why", "@twhy", lambda _: Why()),
        Rule("why", "@twhy @tinstead? @twhich? methods", lambda _, other, __, said: Why(said, other is not None)),
        Rule("why", "@twhy @tinstead? @twhich @tused?", lambda *_: Why()),
        Rule("methods", "METHOD @tused? more_methods?", lambda said, _, __: said),
        Rule("more_methods", "@tinstead @twhich? METHOD", lambda *_: True),
        *_either_or(index),
    )  # fmt: skip


def _show_rule(what: Shown) -> Rule:
    return Rule("part", f"@tas? @article? @t{what}", lambda *_: Show(what))


def _whom_rules() -> Sequence[Rule]:
    """Return the rules of whom the question is now about."""
    return (
        Rule("part", "@tonly? @prep conditions", lambda _, __, where: Restrict(where)),
        Rule("part", "@prep conditions @tonly", lambda _, where, __: Restrict(where)),
        Rule("part", "@tonly conditions", lambda _, where: Restrict(where)),
        Rule("part", "@article? @people conditions", lambda _, __, where: Restrict(where)),
        Rule("part", "@who conditions", lambda _, where: Restrict(where)),
        Rule("part", "@not @prep? @article? atom", lambda *parts: _denied(parts[-1])),
        Rule("part", "@lack @article? @people? @who? @prep? @article? atom", lambda *parts: Lack(parts[-1])),
        Rule("part", "@texclude @tthose? conditions", lambda _, __, whom: Exclude(whom)),
        Rule("part", "@twhole", lambda _: Whole()),
    )


def _denied(condition: Condition) -> Restrict | None:
    denied = negated(condition)
    return None if denied is None else Restrict((denied,))


def _either_or(index: Index) -> Sequence[Rule]:
    """Read two levels of one column that stand alone as either of them: "what about stages 3 and 4"."""

    def both(_: object, one: Condition, __: object, ___: object, other: Condition) -> Topic | None:
        if not (isinstance(one, OneOf) and isinstance(other, OneOf) and one.column == other.column):
            return None
        is_level = bool(index.columns[one.column].levels)
        return Topic(OneOf(one.column, one.values + other.values)) if is_level else None

    return (Rule("topic", "@article? atom @and @article? atom", both),)
