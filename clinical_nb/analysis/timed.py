"""What is doubtful of times and events: codes of an event that nobody declared, and events at time 0."""

from clinical_nb.analysis.counts import Scan, count_rows
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.plan import FollowUp, Hazard, Incidence, OneOf, Plan, Rate, Survive, columns_of
from clinical_nb.result import Note


def note_timed(plan: Plan, scan: Scan) -> list[Note]:
    """Caution where a column of the event has codes beside the declared ones, or somebody had the event at time 0."""
    if not isinstance(plan, Survive | FollowUp | Hazard | Incidence | Rate):
        return []
    return [*_note_undeclared(plan, scan), *_note_zero(plan, scan)]


def _note_undeclared(plan: Survive | FollowUp | Hazard | Incidence | Rate, scan: Scan) -> list[Note]:
    competing = (plan.competing,) if isinstance(plan, Incidence) else plan.competing if isinstance(plan, Hazard) else ()
    notes: list[Note] = []
    for column in dict.fromkeys(name for each in (plan.event, *competing) for name in columns_of(each)):
        meaning = scan.columns.get(column)
        if meaning is None or meaning.kind == "numeric" or not meaning.levels:
            continue
        declared = {value_text(level.value) for level in meaning.levels}
        cells = count_rows(scan, (column,), plan.cohort.where)
        other = {value_text(code): n for (code,), n in cells.items() if code is not None}
        beside = [f"{n} with {code}" for code, n in other.items() if code not in declared]
        if beside:
            text = (
                "{column} has codes that are not declared ({beside}): unless the question names them, they count as "
                "followed without the event. Declare what they mean, or that they are missing."
            )
            notes.append(Note("caution", text, {"column": column, "beside": "; ".join(beside)}))
    return notes


def _note_zero(plan: Survive | FollowUp | Hazard | Incidence | Rate, scan: Scan) -> list[Note]:
    if isinstance(plan, FollowUp) or isinstance(plan.event, str):  # no event is waited for, or it counts several
        return []
    rows = count_rows(scan, (plan.event,), (*plan.cohort.where, OneOf(plan.time, (0,)))).get((True,), 0)
    if not rows:
        return []
    text = "{rows} had the event at time 0: they count as at risk then."
    if isinstance(plan, Rate):
        text = "{rows} had the event at time 0: it counts, and adds no time in which it could happen."
    return [Note("caution", text, {"rows": rows})]
