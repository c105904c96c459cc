"""Few people: percentages that one moves by many points, numbers that are of one alone, and a single group."""

from collections.abc import Iterator, Sequence

from clinical_nb.plan import (
    Bands,
    Compare,
    Count,
    Describe,
    Measured,
    Plan,
    Proportion,
    Records,
    Stratified,
    TableOne,
    Trend,
    name_of,
    parts_of,
)
from clinical_nb.result import Note, Statistic

_WITH_SHARES = (Bands, Compare, Count, Describe, Proportion, Records, Stratified, TableOne, Trend)
_DESCRIBING = (Describe, Measured, TableOne)
_NUMBERS = ("continuous", "ordinal", "measured")
_FEW = 20  # below which METHODS shows no decimals of a percentage


def note_few(plan: Plan, statistics: Sequence[Statistic]) -> list[Note]:
    """Caution against percentages of fewer than 20, what is described of one alone, and groups that are one."""
    notes: list[Note] = []
    smallest = min(_denominators(statistics), default=_FEW) if isinstance(plan, _WITH_SHARES) else _FEW
    if smallest < _FEW:
        text = "Percentages of {smallest} are of few: one more or less moves them by {points} points."
        notes.append(Note("caution", text, {"smallest": smallest, "points": round(100 / smallest)}))
    alone = list(dict.fromkeys(_alone(statistics))) if isinstance(plan, _DESCRIBING) else []
    if alone:
        text = "{where}: one alone has a known value, which has no SD and says nothing of others."
        notes.append(Note("caution", text, {"where": "; ".join(alone)}))
    return [*notes, *_note_one_group(plan, statistics)]


def _note_one_group(plan: Plan, statistics: Sequence[Statistic]) -> list[Note]:
    by = parts_of(plan).get("by", ())
    if len(by) != 1:
        return []
    name = name_of(by[0])
    levels = {each.group1_level for each in statistics if each.group1 == name and each.group1_level is not None}
    if len(levels) != 1:
        return []
    return [Note("caution", "All with a known {grouping} are of one group: nothing is compared.", {"grouping": name})]


def _denominators(statistics: Sequence[Statistic]) -> Iterator[int]:
    """Yield what each share is of; a count in groups has its denominator under another name, or is its own."""
    sizes = {_place(each): each.stat for each in statistics if each.stat_name == "N"}
    for each in statistics:
        size = sizes.get(_place(each))
        if each.stat_name == "p" and each.stat is not None and size:
            yield int(size)


def _alone(statistics: Sequence[Statistic]) -> Iterator[str]:
    for each in statistics:
        if each.context in _NUMBERS and each.stat_name == "N" and each.stat == 1:
            groups = ((each.group1, each.group1_level), (each.group2, each.group2_level))
            named = ", ".join(f"{group} = {level}" for group, level in groups if group)
            yield f"{each.variable} where {named}" if named else str(each.variable)


def _place(of: Statistic) -> tuple[str | None, ...]:
    return (
        of.context, of.variable, of.variable_level, of.group1, of.group1_level, of.group2, of.group2_level
    )  # fmt: skip
