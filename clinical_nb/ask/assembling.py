"""Assembling: the plan that the parts of a question make together; none where it is open what a part is for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from clinical_nb.ask.choosing import contradicts
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import GROUPABLE
from clinical_nb.ask.linking.senses import OUTCOMES
from clinical_nb.ask.rules.conditions import Conditions, Meaning
from clinical_nb.ask.rules.contrasting import Contrasts
from clinical_nb.ask.rules.frame import Frame
from clinical_nb.ask.rules.frequencies import Frequencies, has_only
from clinical_nb.ask.rules.models import Model, Models
from clinical_nb.ask.rules.scopes import Scope
from clinical_nb.ask.rules.survival import Timed, all_timed, points_in_unit, timed_death, timed_event
from clinical_nb.dictionary.deriving import MadeColumn
from clinical_nb.dictionary.meaning import Column
from clinical_nb.plan import (
    AnyRow,
    Cohort,
    Compare,
    Condition,
    Count,
    Describe,
    Known,
    Missingness,
    OneOf,
    Pair,
    Plan,
    Proportion,
    Rank,
    Survive,
    Variable,
    all_of,
    columns_of,
)

_MODELS: tuple[Model, ...] = ("cox", "linear", "logistic", "any")


@dataclass(frozen=True, slots=True)
class Assembly:
    """Makes plans about one table of frames; `is_of_who` where a "who" may say what happened."""

    index: Index
    dataset: str
    table: str
    is_of_who: bool = False

    def plan(self, frame: Frame) -> Plan | None:
        """Return the plan of a frame, where there is one."""
        is_within = "related" in frame.asks and frame.by and len((*frame.targets, *frame.said, *frame.events)) > 1
        if {"amount", "more"} <= frame.asks or is_within:
            return None  # a larger change is one of two; "is death associated with arm in each sex" is within groups
        if "more" in frame.asks and frame.timed and not frame.by:
            return self._is_better(frame)
        if "percent" in frame.asks and (shares := self._shares(frame)):
            return shares
        asks = frame.asks - {"after", "amount", "more", "related", "percent"}
        found = [plan for plan in self._plans(replace(frame, asks=asks)) if plan is not None]
        if "related" in frame.asks:  # "does diabetes influence survival" is not of those with diabetes alone
            found = [plan for plan in found if not isinstance(plan, Survive) or plan.by]
        is_timed, is_ranked = (
            any(isinstance(plan, kinds) for plan in found) for kinds in (Survive, Count | Rank | Missingness)
        )
        if (frame.point and not is_timed) or (frame.most and not is_ranked):
            return None  # a time beside what has none, or "top 5" of what is not counted
        if len(found) != 1 or contradicts(found[0]) or ("after" in frame.asks and not self._has_outcome(found[0])):
            return None
        return found[0]

    def _frequency(self, frame: Frame) -> Iterator[Plan | None]:
        """Yield what a question of frequencies means: bands, ranks, rows; nothing of another question."""
        asks, of = frame.asks, Frequencies(self.index, self.dataset, self.table)
        if frame.bands:
            grouped = of.in_bands(frame) if frame.targets and frame.statistics and not asks else None
            yield self._describe(grouped) if grouped else of.bands(frame)
        elif "most" in asks and (ranked := of.ranked(frame)):
            yield ranked
        elif asks & {"each", "rows"} or (
            _are_rows(frame) and ((len(asks) == 1 and "count" in asks) or of.is_by_own(frame))
        ):
            yield of.records(frame)

    def _plans(self, frame: Frame) -> Iterator[Plan | None]:  # noqa: C901 - one branch a kind of question
        asks = frame.asks - {"people"}
        if found := list(self._frequency(frame)):
            yield from found
        elif frame.terms or asks & {*_MODELS}:
            yield self._model(frame)
        elif frame.twice or "change" in asks:
            yield self._change(frame)
        elif asks & {"missing", "columns"}:
            yield self._missing(frame) if "columns" in asks or (asks <= {"missing"} and has_only(frame)) else None
        elif frame.timed or "curve" in asks:
            yield self._survive(frame)
        elif "most" in asks:
            yield self._most(frame)
        elif frame.statistics and not asks & {"count", "share"}:
            yield self._describe(frame) if not asks else self._compare(frame)  # with no groups: "mean weight change"
        elif asks & {"compare", "ratio"} or (frame.by and not asks and not self._is_of_people(frame)):
            yield self._compare(frame if frame.by else self._grouped(frame))
        elif "share" in asks:
            yield self._share(frame)
        elif asks or self._is_of_people(frame):
            yield self._count(frame)

    def _is_of_people(self, frame: Frame) -> bool:
        """Whether only people and groups are named: "patients per arm"."""
        return bool(frame.by) and "people" in frame.asks and not (frame.said or frame.events or frame.targets)

    def _model(self, frame: Frame) -> Plan | None:
        asked: list[Model] = [each for each in _MODELS if each in frame.asks]
        asked = asked[:-1] if len(asked) > 1 else asked  # "logistic regression: predictors of"
        is_more = frame.by or frame.statistics or frame.asks & {"count", "share", "change"}
        if len(asked) != 1 or not frame.terms or is_more:
            return None
        of, scope = Models(self.index, self.dataset, self.table), Scope(frame.where)
        conditions = frame.said + frame.events
        if asked == ["cox"]:
            timed = [frame.timed] if frame.timed else [self._until(each) for each in conditions]
            is_one = len(conditions) <= 1 and not frame.targets and None not in timed
            return of.hazard(timed[0] if timed else None, ((), frame.terms), scope) if is_one else None
        outcomes = (*conditions, *frame.targets)
        return of.regress(outcomes[0], ((), frame.terms), scope, asked[0]) if len(outcomes) == 1 else None

    def _until(self, event: Condition) -> Timed | None:
        timed = timed_event(self.index, event)
        return timed if timed and timed in all_timed(self.index) else None

    def _change(self, frame: Frame) -> Plan | None:
        is_more = frame.targets or frame.asks - {"change", "compare", "people"}
        if frame.twice is None or "change" not in frame.asks or is_more or frame.by:
            return None
        return Pair(self._cohort(frame.where + frame.said + frame.events), *frame.twice)

    def _missing(self, frame: Frame) -> Plan | None:
        is_more = frame.targets or frame.said or frame.events or frame.statistics or len(frame.by) > 1
        if is_more or "missing" not in frame.asks:
            return None
        groups = {name for each in frame.by for name in columns_of(each)}
        found = [name for name, column in self.index.columns.items() if self._is_counted(name, column)]
        columns = [name for name in found if name not in groups]
        return Missingness(self._cohort(frame.where), tuple(columns), frame.by)

    def _outcomes_among(self, frame: Frame) -> Conditions:
        """Return what comes out among those whom a question seems to be about: "odds ratio for diabetes, A vs B"."""
        apart = [each for each in frame.where if set(columns_of(each)).isdisjoint(columns_of(frame.by[0]))]
        is_yes = [isinstance(each, OneOf) and Meaning(self.index).plain_yes(each.column) == each for each in apart]
        is_only = "ratio" in frame.asks and is_yes == [True]
        return tuple(each for each in apart if is_only or self._has_outcome(each))

    def _is_counted(self, name: str, column: Column) -> bool:
        is_held = column.kind != "identifier" and not isinstance(column, MadeColumn)
        return is_held and name not in self.index.parameters

    def _survive(self, frame: Frame) -> Plan | None:
        timed, others = self._timed(frame)
        if (
            timed is None
            or frame.asks & {"most", "change", "count", "ratio"}
            or frame.targets
            or any(self.index.columns[name].role == "event" for each in others for name in columns_of(each))
            or frame.statistics not in ((), ("median",))
            or (frame.statistics and frame.point)
            or "share" in frame.asks
        ):
            return None
        at = points_in_unit(self.index, timed.time, frame.point)
        if at is None:
            return None
        return Survive(self._cohort(timed.where + frame.where + others), timed.time, timed.event, frame.by, (), at)

    def _is_better(self, frame: Frame) -> Plan | None:
        """Return the survival of those who are named held against the others: "is survival better in women"."""
        named = (*frame.where, *frame.said, *frame.events)
        if len(named) != 1 or (contrast := Contrasts(self.index).against_others(named[0])) is None:
            return None
        asks = frame.asks - {"more"}
        return self.plan(replace(frame, asks=asks, where=(), said=(), events=(), by=(contrast.by,)))

    def _timed(self, frame: Frame) -> tuple[Timed | None, tuple[Condition, ...]]:
        """Return what is timed, with the conditions that are left: an event that has its own time is no condition."""
        conditions = frame.said + frame.events
        if frame.timed:
            return frame.timed, conditions
        named = [(timed, each) for each in conditions if (timed := self._until(each))]
        if not named:
            return timed_death(self.index), conditions
        ((timed, event), *others) = named
        return (None if others else timed), tuple(each for each in conditions if each != event)

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
            or any(isinstance(each, AnyRow) for each in frame.said)
        ):
            return None
        grouped = isinstance(groups[0], str) and self.index.columns[groups[0]].kind in GROUPABLE
        return Count(self._cohort(frame.where + frame.said + frame.events), groups) if grouped else None

    def _count(self, frame: Frame) -> Plan | None:
        if frame.targets or frame.statistics:
            return None
        if "people" not in frame.asks and any(isinstance(each, AnyRow) for each in frame.said):
            return None  # the events, or those who had any?
        if frame.events and frame.said and not frame.by:  # "age over 60: how many, and how many of them got it"
            return Proportion(self._cohort(frame.where + frame.said), all_of(*frame.events), ())
        conditions = frame.said + frame.events
        if conditions and frame.by:
            return Proportion(self._cohort(frame.where), all_of(*conditions), frame.by)
        return Count(self._cohort(frame.where + conditions), frame.by)

    def _share(self, frame: Frame) -> Plan | None:
        if frame.targets or frame.statistics or len(frame.by) > 1:
            return None
        happened = frame.events or tuple(each for each in frame.said if self._has_outcome(each)) or frame.said
        if not happened or (not frame.events and len(happened) != 1):
            return None
        if self.is_of_who and not frame.events:
            return None  # "percentage of women who died": the noun is whom it is about, and not the event
        others = tuple(each for each in frame.said if each not in happened)
        if any(isinstance(each, AnyRow) and not each.where for each in (*others, *frame.where)):
            return None  # of the persons with an event, or of the events?
        return Proportion(self._cohort(frame.where + others), all_of(*happened), frame.by)

    def _shares(self, frame: Frame) -> Plan | None:
        """Return how many have each level of a column that no level says yes of: "fracture types, n and %"."""
        is_more = bool(frame.asks - {"share", "percent"}) or frame.statistics not in ((), ("distribution",))
        if not is_more and frame.by and has_only(frame, "where", "by"):
            return Count(self._cohort(frame.where), frame.by)  # "n and % by sex"
        if is_more or len(frame.targets) != 1 or not has_only(frame, "targets", "where", "by", "statistics"):
            return None
        (column,) = frame.targets
        if self.index.columns[column].kind not in GROUPABLE or Meaning(self.index).yes(column):
            return None
        return Describe(self._cohort(frame.where), column, frame.by, ("distribution",))

    def _compare(self, frame: Frame | None) -> Plan | None:  # noqa: PLR0911 - one a reason why it is open
        if frame is None or len(frame.by) != 1 or len(frame.targets) > 1:
            return None
        if frame.targets and self.index.is_flag(frame.targets[0]):
            frame = replace(frame, targets=(), said=(*frame.said, Known(frame.targets[0])))
        conditions = frame.events or tuple(each for each in frame.said if self._has_outcome(each)) or frame.said
        if not conditions and not frame.targets:  # "the relative risk for relapse"
            conditions = self._outcomes_among(frame)
            frame = replace(frame, where=tuple(each for each in frame.where if each not in conditions))
        outcome: Variable | None = frame.targets[0] if frame.targets else conditions[0] if conditions else None
        if outcome is None or (frame.targets and frame.events) or (not frame.targets and len(conditions) != 1):
            return None
        rest = tuple(each for each in (*frame.said, *frame.events) if each != outcome)
        owners = {self.index.owner.get(name) for name in columns_of(outcome)}
        if any(isinstance(each, AnyRow) and each.table in owners for each in rest):
            return None  # of the rows, or of the persons who have any?
        if set(columns_of(outcome)) & set(columns_of(frame.by[0])) or (frame.targets and "share" in frame.asks):
            return None
        is_set = isinstance(outcome, Known) and self.index.is_flag(outcome.column)
        names = [] if is_set else [name for name in columns_of(outcome) if name in self.index.columns]
        if any(len(self.index.columns[name].levels) == 1 for name in names):
            return None  # a flag that is set or empty: whether empty means no is not known
        if isinstance(outcome, str) and self.index.columns[outcome].kind not in ("numeric", "categorical", "binary"):
            return None
        if isinstance(outcome, OneOf) and self.index.polar(outcome.column, positive=True) in outcome.values:
            outcome = outcome.column
        against = frame.against if "ratio" in frame.asks else ()
        return Compare(self._cohort(frame.where + rest), outcome, frame.by[0], against=against)

    def _grouped(self, frame: Frame) -> Frame | None:
        """Take a level of the arm, or a risk, that is said beside an outcome as what is compared with the others."""
        parts = (*frame.said, *frame.where, *frame.events)
        if len(frame.targets) == 1 and self.index.columns[frame.targets[0]].role == "arm":
            is_one = len(frame.said) + len(frame.events) == 1  # "is nausea related to the arm"
            return replace(frame, targets=(), by=frame.targets) if is_one else None
        outcomes = [each for each in parts if self._has_outcome(each)] + [
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

    def _has_outcome(self, asked: Plan | Condition) -> bool:
        """Whether a plan or a condition is of what happened to people."""
        roles = {self.index.columns[name].role for name in columns_of(asked) if name in self.index.columns}
        return not roles.isdisjoint(OUTCOMES)

    def _is_arm(self, condition: Condition) -> bool:
        return isinstance(condition, OneOf) and self.index.columns[condition.column].role == "arm"

    def _cohort(self, where: Conditions) -> Cohort:
        return Cohort(self.dataset, self.table, where)


def _are_rows(frame: Frame) -> bool:
    """Whether rows of a table are all that is counted: those and the persons who have any are told together."""
    return len(frame.said) == 1 and isinstance(frame.said[0], AnyRow)
