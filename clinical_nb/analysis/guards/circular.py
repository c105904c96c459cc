"""Circular comparisons: people grouped by the very column that they are then compared on."""

from clinical_nb.plan import Compare, Incidence, Margin, Plan, Rate, Stratified, Survive, columns_of, parts_of
from clinical_nb.result import Note

_COMPARING = (Compare, Margin, Stratified, Survive, Incidence, Rate)
_COMPARED = ("outcome", "event", "competing", "time")


def note_circular(plan: Plan) -> list[Note]:
    """Caution where the groups are made of what is compared between them: that they differ on it is no finding."""
    if not isinstance(plan, _COMPARING):
        return []
    parts = parts_of(plan)
    compared = {column for name in _COMPARED for each in parts.get(name, ()) for column in columns_of(each)}
    own = sorted(compared & {column for each in parts.get("by", ()) for column in columns_of(each)})
    text = "{columns} makes the groups itself: that they differ on it is no finding."
    return [Note("caution", text, {"columns": " and ".join(own)})] if own else []
