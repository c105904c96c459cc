"""Frames: a question that no rule reads from end to end, put together from its parts in whatever order they stand.

Every word belongs to a part, as in `questions.py`; what the parts are for is told by what introduces them. Where it is
open which part is for what, there is no plan.
"""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.rules.conditions import Conditions, negated
from clinical_nb.ask.rules.survival import Timed
from clinical_nb.plan import (
    AnyOf,
    Condition,
    Missing,
    NoneOf,
    NoRow,
    OneOf,
    Scalar,
    Statistic,
    Variable,
)

Ask = Literal[
    "count", "share", "compare", "ratio", "curve", "most", "people", "missing", "columns", "change",
    "cox", "linear", "logistic", "any", "after", "each", "rows", "amount", "more", "related", "percent",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts of a question: what is asked, of which columns, of whom, in which groups.

    `said` are conditions that nothing introduces, `events` those that a verb says of people, `where` those that a
    preposition restricts to, `against` is the level of the groups that the other is held against.
    """

    asks: frozenset[Ask] = frozenset()
    statistics: tuple[Statistic, ...] = ()
    targets: tuple[str, ...] = ()
    said: Conditions = ()
    events: Conditions = ()
    where: Conditions = ()
    by: tuple[Variable, ...] = ()
    against: tuple[Scalar, ...] = ()
    terms: tuple[Variable, ...] = ()
    twice: tuple[str, str] | None = None
    timed: Timed | None = None
    point: tuple[Any, ...] | None = None
    most: int = 0
    bands: tuple[str, tuple[Condition, ...]] | None = None


def frame_rules(contrasts: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules of the phrase `frame`, whose value is a frame.

    `contrasts` are the rules of the phrase `contrast`: here they hold groups against each other by no `and` or `or`.
    """

    def silent(pattern: str) -> Rule:
        return Rule("piece", pattern, lambda *_: Frame())

    def asks(pattern: str, *what: Ask) -> Rule:
        return Rule("piece", pattern, lambda *_: Frame(asks=frozenset(what)))

    def part(pattern: str, build: Callable[[Any], Frame | None]) -> Rule:
        return Rule("piece", pattern, lambda *parts: build(parts[-1]))

    held_rules = [
        replace(rule, phrase="held", pattern=rule.pattern.replace("@versus", "@against")) for rule in contrasts
    ]
    (versus,) = (rule for rule in contrasts if rule.pattern == "condition @versus condition")
    return (
        Rule("held", "condition @against @share condition", lambda one, _, __, other: versus.build(one, None, other)),
        Rule("frame", "piece END", lambda piece, _: piece),
        Rule("frame", "piece frame", _merged),
        *map(silent, ("@filler", "@opening", "@ending", "@tail", "@comma", "@article", "@close")),
        asks("@people", "people"),
        asks("@missingness", "missing"),
        asks("@variables", "columns"),
        asks("@howmany", "count"),
        asks("@anyone", "count"),
        asks("@share", "share"),
        asks("@rateof", "share"),
        asks("@andpercent", "share", "percent"),
        asks("@most", "most"),
        asks("@curve", "curve"),
        asks("@afterwards", "after"),
        *(asks(word, "compare") for word in ("@compare", "@difference", "@differ", "@pvalue")),
        asks("@changed", "compare", "related"),
        asks("@higher", "compare", "more"),
        asks("@ratio", "ratio"),
        asks("@justnumber", "count"),
        asks("@isdifferent @betweenthem? HOWMANY?", "compare"),
        Rule("piece", "statistic", lambda one: Frame(statistics=(one,))),
        Rule("piece", "@article? atomic @rate", lambda _, event, __: Frame(frozenset({"share"}), events=event)),
        part("@share people? @withword @article? atom", lambda event: Frame(frozenset({"share"}), events=(event,))),
        part("@share @instate @article? atom", lambda event: Frame(frozenset({"share"}), events=(event,))),
        part("restriction", lambda where: Frame(where=where)),
        part("@who conditions", lambda where: Frame(where=where)),
        part("grouping", lambda by: Frame(by=by)),
        part("@eachof @article? group", lambda group: Frame(by=(group,))),
        part("@prep? held", lambda contrast: Frame(where=contrast.where, by=(contrast.by,), against=contrast.against)),
        *held_rules,
        part("bare", lambda condition: Frame(said=(condition,))),
        part("@verb @prep? @article? atom", lambda event: Frame(events=(event,))),
        Rule("piece", "@article? COLUMN @values?", lambda _, column, __: Frame(targets=(column,))),
        Rule("piece", "@countof amount", lambda _, column: Frame(targets=(column,))),
        part("TWICE", lambda pair: Frame(twice=pair)),
        asks("@changein", "change", "amount"),
        asks("@changeverb", "change"),
        asks("@making? @article? @coxmodel", "cox"),
        asks("@making? @article? @linear", "linear"),
        asks("@making? @article? @logistic", "logistic"),
        asks("@making? @article? @regression", "any"),
        asks("@predictors", "any"),
        part("@listing terms", lambda terms: Frame(terms=terms)),
        asks("@beforeafter", "change"),
        asks("LATER", "change"),
        asks("@from? TIME @andto TIME", "change"),
        asks("@from? TIME @and TIME", "change"),
        asks("@from? TIME @against TIME", "change"),
        part("timed", lambda timed: Frame(timed=timed)),
        part("at", lambda point: Frame(point=point)),
        Rule("bare", "atom", lambda atom: atom),
        Rule("bare", "either", lambda either: either),
        Rule("bare", "@non atom", lambda _, atom: negated(atom)),
        Rule("bare", "@verb? @lack @article? atom", lambda *parts: negated(parts[-1])),
        Rule("bare", "@verb? @not @prep? @article? atom", lambda *parts: negated(parts[-1])),
    )


def _merged(one: Frame, other: Frame) -> Frame | None:
    twice_said = any(
        getattr(one, part) and getattr(other, part) and (part != "by" or one.by != other.by)
        for part in ("timed", "terms", "twice", "by", "most", "bands", "point")
    )
    if twice_said:
        return None
    if _is_open(one.said, other.said) or _is_open(one.where, other.said):
        return None
    return Frame(
        one.asks | other.asks,
        tuple(dict.fromkeys((*one.statistics, *other.statistics))),
        tuple(dict.fromkeys((*one.targets, *other.targets))),
        _once(one.said, other.said),
        _once(one.events, other.events),
        _once(one.where, other.where),
        one.by or other.by,
        one.against or other.against,
        one.terms or other.terms,
        one.twice or other.twice,
        one.timed or other.timed,
        one.point or other.point,
        one.most or other.most,
        one.bands or other.bands,
    )


def _is_open(one: Conditions, more: Conditions) -> bool:
    """Whether it is open how far a denial or an or reaches: "without A and B", "A or B without C"."""
    denied = any(isinstance(each, NoneOf | Missing | NoRow) for each in one)
    affirmed = any(not isinstance(each, NoneOf | Missing | NoRow) for each in more)
    either = any(isinstance(each, AnyOf) for each in (*one, *more)) or any(
        isinstance(each, OneOf) and len(each.values) > 1 for each in one
    )
    return (denied and affirmed) or (bool(more) and either)


def _once(one: Conditions, other: Conditions) -> Conditions:
    return tuple(dict.fromkeys((*one, *other)))
