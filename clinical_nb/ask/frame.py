"""Frames: a question that no rule reads from end to end, put together from its parts in whatever order they stand.

Every word belongs to a part, as in `questions.py`; what the parts are for is told by what introduces them. Where it is
open which part is for what, there is no plan.
"""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from clinical_nb.ask.conditions import Conditions, negated
from clinical_nb.ask.linking import Index
from clinical_nb.ask.parsing import Rule
from clinical_nb.ask.survival import Timed, timed_death
from clinical_nb.plan import (
    AnyOf,
    AnyRow,
    Cohort,
    Compare,
    Condition,
    Count,
    Describe,
    Missing,
    Missingness,
    NoneOf,
    NoRow,
    OneOf,
    Pair,
    Plan,
    Proportion,
    Statistic,
    Survive,
    Variable,
    all_of,
    columns_of,
)

Ask = Literal["count", "share", "compare", "ratio", "curve", "most", "people", "missing", "columns", "change"]


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts of a question: what is asked, of which columns, of whom, in which groups.

    `said` are conditions that nothing introduces, `events` those that a verb says of people, `where` those that a
    preposition restricts to.
    """

    asks: frozenset[Ask] = frozenset()
    statistics: tuple[Statistic, ...] = ()
    targets: tuple[str, ...] = ()
    said: Conditions = ()
    events: Conditions = ()
    where: Conditions = ()
    by: tuple[Variable, ...] = ()
    twice: tuple[str, str] | None = None
    timed: Timed | None = None
    at: tuple[float, ...] = ()


def frame_rules(index: Index, dataset: str, table: str, contrasts: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules of the phrase `framed`, whose value is a plan about one table.

    `contrasts` are the rules of the phrase `contrast`: here they hold groups against each other by no `and` or `or`.
    """
    of = _Frames(index, dataset, table)

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
        Rule("framed", "frame", of.plan),
        Rule("frame", "piece", lambda piece: piece),
        Rule("frame", "piece frame", _merged),
        *map(silent, ("@filler", "@opening", "@ending", "@tail", "@comma", "@article", "@close")),
        asks("@people", "people"),
        asks("@missingness", "missing"),
        asks("@variables", "columns"),
        asks("@howmany", "count"),
        asks("@anyone", "count"),
        asks("@share", "share"),
        asks("@rateof", "share"),
        asks("@andpercent", "share"),
        asks("@most", "most"),
        asks("@curve", "curve"),
        *(asks(word, "compare") for word in ("@compare", "@difference", "@differ", "@pvalue", "@higher", "@changed")),
        asks("@ratio", "ratio"),
        Rule("piece", "statistic", lambda one: Frame(statistics=(one,))),
        Rule("piece", "@article? atomic @rate", lambda _, event, __: Frame(frozenset({"share"}), events=event)),
        part("@share people? @withword @article? atom", lambda event: Frame(frozenset({"share"}), events=(event,))),
        part("restriction", lambda where: Frame(where=where)),
        part("@who conditions", lambda where: Frame(where=where)),
        part("grouping", lambda by: Frame(by=by)),
        part("@eachof @article? group", lambda group: Frame(by=(group,))),
        part("@prep? held", lambda contrast: Frame(where=contrast.where, by=(contrast.by,))),
        *held_rules,
        part("bare", lambda condition: Frame(said=(condition,))),
        part("@verb @prep? @article? atom", lambda event: Frame(events=(event,))),
        Rule("piece", "@article? COLUMN @values?", lambda _, column, __: Frame(targets=(column,))),
        part("TWICE", lambda pair: Frame(twice=pair)),
        asks("@changein", "change"),
        asks("@changeverb", "change"),
        asks("@beforeafter", "change"),
        asks("@most NUMBER", "most"),
        asks("HOWMANY @most", "most"),
        asks("@from? TIME @andto TIME", "change"),
        asks("@from? TIME @and TIME", "change"),
        asks("@from? TIME @against TIME", "change"),
        part("timed", lambda timed: Frame(timed=timed)),
        Rule("bare", "atom", lambda atom: atom),
        Rule("bare", "either", lambda either: either),
        Rule("bare", "@non atom", lambda _, atom: negated(atom)),
        Rule("bare", "@verb? @lack @article? atom", lambda *parts: negated(parts[-1])),
        Rule("bare", "@verb? @not @prep? @article? atom", lambda *parts: negated(parts[-1])),
    )


def _merged(one: Frame, other: Frame) -> Frame | None:
    if (one.timed and other.timed) or (one.twice and other.twice) or (one.by and other.by and one.by != other.by):
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
        one.twice or other.twice,
        one.timed or other.timed,
        one.at or other.at,
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


@dataclass(frozen=True, slots=True)
class _Frames:
    """Makes plans about one table of frames; None where it is open what a part is for."""

    index: Index
    dataset: str
    table: str

    def plan(self, frame: Frame) -> Plan | None:
        found = [plan for plan in self._plans(frame) if plan is not None]
        return found[0] if len(found) == 1 and not _contradicts(found[0]) else None

    def _plans(self, frame: Frame) -> Iterator[Plan | None]:
        asks = frame.asks - {"people"}
        if frame.twice or "change" in asks:
            yield self._change(frame)
        elif asks & {"missing", "columns"}:
            yield self._missing(frame) if {"missing", "columns"} <= asks else None
        elif frame.timed or "curve" in asks:
            yield self._survive(frame)
        elif "most" in asks:
            yield self._most(frame)
        elif frame.statistics and not asks & {"count", "share"}:
            yield self._compare(frame) if asks and frame.by else self._describe(frame)
        elif asks & {"compare", "ratio"} or (frame.by and not asks and not self._is_of_people(frame)):
            yield self._compare(frame if frame.by else self._grouped(frame))
        elif "share" in asks:
            yield self._share(frame)
        elif asks or self._is_of_people(frame):
            yield self._count(frame)

    def _is_of_people(self, frame: Frame) -> bool:
        """Whether only people and groups are named: "patients per arm"."""
        return bool(frame.by) and "people" in frame.asks and not (frame.said or frame.events or frame.targets)

    def _change(self, frame: Frame) -> Plan | None:
        is_more = frame.targets or frame.asks - {"change", "compare", "people"}
        if frame.twice is None or "change" not in frame.asks or is_more or frame.by:
            return None
        return Pair(self._cohort(frame.where + frame.said + frame.events), *frame.twice)

    def _missing(self, frame: Frame) -> Plan | None:
        if frame.targets or frame.said or frame.events or frame.statistics or len(frame.by) > 1:
            return None
        columns = tuple(name for name, column in self.index.columns.items() if column.kind != "identifier")
        return Missingness(self._cohort(frame.where), columns, frame.by)

    def _survive(self, frame: Frame) -> Plan | None:
        timed = frame.timed or timed_death(self.index)
        if timed is None or frame.targets or frame.statistics not in ((), ("median",)) or "share" in frame.asks:
            return None
        where = frame.where + frame.said + frame.events
        return Survive(self._cohort(where), timed.time, timed.event, frame.by, (), frame.at)

    def _describe(self, frame: Frame) -> Plan | None:
        if len(frame.targets) != 1 or self.index.columns[frame.targets[0]].kind != "numeric":
            return None
        cohort = self._cohort(frame.where + frame.said + frame.events)
        return Describe(cohort, frame.targets[0], frame.by, frame.statistics)

    def _most(self, frame: Frame) -> Plan | None:
        groups = frame.by or frame.targets
        if (
            len(groups) != 1
            or (frame.by and frame.targets)
            or frame.asks - {"most", "count", "people"}
            or frame.statistics
        ):
            return None
        grouped = isinstance(groups[0], str) and self.index.columns[groups[0]].kind in ("categorical", "binary")
        return Count(self._cohort(frame.where + frame.said + frame.events), groups) if grouped else None

    def _count(self, frame: Frame) -> Plan | None:
        if frame.targets or frame.statistics:
            return None
        if frame.events and frame.said and not frame.by:  # "age over 60: how many, and how many of them got it"
            return Proportion(self._cohort(frame.where + frame.said), all_of(*frame.events), ())
        conditions = frame.said + frame.events
        if conditions and frame.by:
            return Proportion(self._cohort(frame.where), all_of(*conditions), frame.by)
        return Count(self._cohort(frame.where + conditions), frame.by)

    def _share(self, frame: Frame) -> Plan | None:
        if frame.targets or frame.statistics or len(frame.by) > 1:
            return None
        happened = frame.events or tuple(each for each in frame.said if self._is_outcome(each)) or frame.said
        if not happened or (not frame.events and len(happened) != 1):
            return None
        others = tuple(each for each in frame.said if each not in happened)
        if any(isinstance(each, AnyRow) and not each.where for each in (*others, *frame.where)):
            return None  # of the persons with an event, or of the events?
        return Proportion(self._cohort(frame.where + others), all_of(*happened), frame.by)

    def _compare(self, frame: Frame | None) -> Plan | None:
        if frame is None or len(frame.by) != 1 or len(frame.targets) > 1:
            return None
        conditions = frame.events or tuple(each for each in frame.said if self._is_outcome(each)) or frame.said
        if not conditions and not frame.targets:  # "the relative risk for relapse"
            conditions = tuple(each for each in frame.where if self._is_outcome(each))
            frame = replace(frame, where=tuple(each for each in frame.where if each not in conditions))
        outcome: Variable | None = frame.targets[0] if frame.targets else conditions[0] if conditions else None
        if outcome is None or (frame.targets and frame.events) or (not frame.targets and len(conditions) != 1):
            return None
        rest = tuple(each for each in (*frame.said, *frame.events) if each != outcome)
        if set(columns_of(outcome)) & set(columns_of(frame.by[0])) or (frame.targets and "share" in frame.asks):
            return None
        if isinstance(outcome, str) and self.index.columns[outcome].kind not in ("numeric", "categorical", "binary"):
            return None
        if isinstance(outcome, OneOf) and self.index.polar(outcome.column, positive=True) in outcome.values:
            outcome = outcome.column
        return Compare(self._cohort(frame.where + rest), outcome, frame.by[0])

    def _grouped(self, frame: Frame) -> Frame | None:
        """Take a level of the arm, or a risk, that is said beside an outcome as what is compared with the others."""
        parts = (*frame.said, *frame.where, *frame.events)
        outcomes = [each for each in parts if self._is_outcome(each)] + [
            each for each in frame.targets if self.index.columns[each].role == "outcome"
        ]
        others = [each for each in parts if each not in outcomes]
        arms = [each for each in others if self._is_arm(each)] or (others if outcomes else [])
        rest = [each for each in (*frame.said, *frame.events) if each not in arms]
        if len(arms) != 1 or len(rest) + len(frame.targets) != 1 or not isinstance(arms[0], OneOf):
            return None
        column = arms[0].column
        by: Variable = column if self.index.columns[column].kind == "binary" else arms[0]
        said, where, events = (
            tuple(each for each in part if each != arms[0]) for part in (frame.said, frame.where, frame.events)
        )
        return replace(frame, said=said, where=where, events=events, by=(by,))

    def _is_outcome(self, condition: Condition) -> bool:
        roles = {self.index.columns[name].role for name in columns_of(condition) if name in self.index.columns}
        return bool(roles & {"outcome", "event", "death"})

    def _is_arm(self, condition: Condition) -> bool:
        return isinstance(condition, OneOf) and self.index.columns[condition.column].role == "arm"

    def _cohort(self, where: Conditions) -> Cohort:
        return Cohort(self.dataset, self.table, where)


def _contradicts(plan: Plan) -> bool:
    """Whether two conditions cannot both hold: two levels of one column that were said apart."""
    levels = [each for each in plan.cohort.where if isinstance(each, OneOf)]
    columns = [each.column for each in levels]
    return len(set(columns)) < len(columns)
