"""Immortal time: people grouped, from the start of follow-up on, by what was only seen after it."""

from collections.abc import Iterator

from clinical_nb.analysis.counts import Scan
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Compare,
    FollowUp,
    Hazard,
    Incidence,
    NoRow,
    Plan,
    Proportion,
    Rate,
    Stratified,
    Survive,
    Variable,
    columns_of,
    name_of,
)
from clinical_nb.result import Note

_TIMED = (Survive, FollowUp, Hazard, Incidence, Rate)


def note_immortal(plan: Plan, scan: Scan) -> list[Note]:
    """Caution where time until an event is compared by, adjusted for, or asked among what came after its start.

    That is a measurement that has its baseline in another column, the event or outcome of the study other than the one
    that is waited for, and whether a finer table has any row of something (Suissa 2008).
    """
    if isinstance(plan, Compare | Proportion | Stratified):
        return _note_of_risk(plan, scan)
    if not isinstance(plan, _TIMED):
        return []
    own = {*columns_of(plan.event), plan.time}
    if isinstance(plan, Incidence):
        own.update(columns_of(plan.competing))
    groups: list[Variable] = [*plan.cohort.where]
    if isinstance(plan, Hazard):
        own.update(column for each in plan.competing for column in columns_of(each))
        groups += [*plan.terms, *plan.strata]
    else:
        groups += [*plan.by, *(plan.strata if isinstance(plan, Survive) else ())]
    late = list(dict.fromkeys(name for each in groups for name in _late(each, scan, own)))
    if not late:
        return []
    text = (
        "{late} was seen after the start of follow-up: who has it had to live or stay long enough for that (immortal "
        "time), which flatters them whatever it does. Group by what was known at the start, or begin at that time."
    )
    return [Note("caution", text, {"late": " and ".join(late)})]


def _note_of_risk(plan: Compare | Proportion | Stratified, scan: Scan) -> list[Note]:
    """Caution where the share with a study's event is compared by what was seen after the start as well."""
    event = plan.event if isinstance(plan, Proportion) else plan.outcome
    own = set(columns_of(event))
    known = [scan.columns[name] for name in own if name in scan.columns]
    if not any(column.role in ("event", "outcome") for column in known):
        return []
    groups = plan.by if isinstance(plan, Proportion) else (plan.by,)
    more = plan.strata if isinstance(plan, Stratified) else ()
    late = list(dict.fromkeys(name for each in (*groups, *more) for name in _late(each, scan, own)))
    if not late:
        return []
    text = (
        "{late} was seen after the start: who has it had to stay long enough for that (immortal time), and who had the "
        "event first could not have it any more. Group by what was known at the start."
    )
    return [Note("caution", text, {"late": " and ".join(late)})]


def _late(variable: Variable, scan: Scan, own: set[str]) -> Iterator[str]:
    """Yield the parts of a variable that are known only after the start."""
    match variable:
        case AllOf() | AnyOf():
            for each in variable.conditions:
                yield from _late(each, scan, own)
        case AnyRow() | NoRow():
            yield name_of(variable)
        case _:
            for column in columns_of(variable):
                known = scan.columns.get(column)
                if known is not None and column not in own and (known.baseline or known.role in ("event", "outcome")):
                    yield column
