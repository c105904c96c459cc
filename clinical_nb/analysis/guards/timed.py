"""What is doubtful of times and events: codes that are not the event, and events at time 0."""

from collections.abc import Mapping

from clinical_nb.analysis.counts import Level, Scan, ValueTable, count_rows
from clinical_nb.dictionary.meaning import Column, value_text
from clinical_nb.plan import FollowUp, Hazard, Incidence, OneOf, Plan, Rate, Survive, columns_of
from clinical_nb.result import Note

_WITHOUT = frozenset({"censored", "alive", "no", "none", "no event", "event-free", "lost to follow-up"})
_TWO = 2


def note_codes(plan: Plan, scan: Scan) -> list[Note]:
    """Caution against codes of an event that nobody declared; say what a curve's other codes count as."""
    if not isinstance(plan, Survive | FollowUp | Hazard | Incidence | Rate):
        return []
    competing = (plan.competing,) if isinstance(plan, Incidence) else plan.competing if isinstance(plan, Hazard) else ()
    curve = plan.event if isinstance(plan, Survive) and isinstance(plan.event, OneOf) else None
    notes: list[Note] = []
    for column in dict.fromkeys(name for each in (plan.event, *competing) for name in columns_of(each)):
        meaning = scan.columns.get(column)
        is_declared = meaning is not None and meaning.kind != "numeric" and bool(meaning.levels)
        if meaning is None or not (is_declared or curve):
            continue
        cells = count_rows(scan, (column,), plan.cohort.where)
        found: dict[Level, int] = {level: n for (level,), n in cells.items() if level is not None}
        notes += _note_others(curve, meaning, found) if curve else []
        notes += _note_undeclared(column, meaning, found) if is_declared else []
    return notes


def _note_undeclared(column: str, meaning: Column, found: Mapping[Level, int]) -> list[Note]:
    declared = {value_text(level.value) for level in meaning.levels}
    beside = [f"{n} with {value_text(code)}" for code, n in found.items() if value_text(code) not in declared]
    if not beside:
        return []
    text = (
        "{column} has codes that are not declared ({beside}): unless the question names them, they count as "
        "followed without the event. Declare what they mean, or that they are missing."
    )
    return [Note("caution", text, {"column": column, "beside": "; ".join(beside)})]


def _note_others(event: OneOf, meaning: Column, found: Mapping[Level, int]) -> list[Note]:
    others = {meaning.label_of(level): n for level, n in found.items() if level not in event.values}
    competing = [f"{n} with {label}" for label, n in others.items() if label.casefold() not in _WITHOUT]
    if len(others) < _TWO or not competing:
        return []
    text = (
        "{variable} has more codes than the event: {others} count as followed until then without it. If one of them "
        "makes the event impossible, the curve is of a world without it: ask for either of the two as well."
    )
    return [Note("assumption", text, {"variable": event.column, "others": "; ".join(competing)})]


def events_at_zero(cells: ValueTable) -> int:
    """Count those who had the event at time 0, of times that are counted by whether they end with it first."""
    return sum(int(each.counts[each.values == 0].sum()) for key, each in cells.items() if key[0] is True)


def note_zero(rows: int, *, counts: str = "they count as at risk then") -> list[Note]:
    """Caution where somebody had the event at time 0, and say what that counts as."""
    return [Note("caution", f"{{rows}} had the event at time 0: {counts}.", {"rows": rows})] if rows else []
