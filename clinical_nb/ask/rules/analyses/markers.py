"""Markers and tests: how well a number tells who has an event, how well a test finds it, whether two readings agree."""

from collections.abc import Iterator

from clinical_nb.ask.rules.analyses.asked import Asked, distinct
from clinical_nb.plan import Agree, Diagnose, Discriminate, Plan

_PAIR = 2


def discriminate(asked: Asked) -> Iterator[Plan]:
    """Yield how well one marker, or two, tell who has an event; of a test that is yes or no, how accurate it is."""
    if not asked.says_only("asks", "items", "aims"):
        return
    markers = [item for item in asked.pool if asked.is_number(item)]
    happened = [item for item in asked.pool if not asked.is_number(item)]
    if not markers and "howwell" in asked.parts.asks:
        yield from diagnose(asked)
    if len(markers) not in (1, _PAIR) or len(happened) != 1 or not asked.happens(happened[0]):
        return
    if "bettermarker" in asked.parts.asks and len(markers) != _PAIR:
        return
    event = asked.event(happened[0])
    is_asked = asked.asks_only("auc", "cutoff", "howwell", "bettermarker", "curve")
    if event is not None and is_asked and distinct(event, *markers):
        first, *others = (str(each) for each in markers)
        yield Discriminate(asked.cohort(), first, event, others[0] if others else "")


def diagnose(asked: Asked) -> Iterator[Plan]:
    """Yield how well a test finds what a reference says: "of" the test, "for" what it looks for."""
    is_asked = asked.asks_only("accuracy", "howwell") and asked.says_only("asks", "items", "aims", "by", "contrast")
    if not is_asked or len(asked.parts.items) != 1 or len(asked.parts.aims) != 1 or len(asked.groups) > 1:
        return
    test, reference = asked.event(asked.parts.items[0]), asked.event(asked.parts.aims[0])
    if test and reference and asked.happens(asked.parts.aims[0]) and distinct(test, reference, *asked.groups):
        yield Diagnose(asked.cohort(), test, reference, asked.groups)


def agree(asked: Asked) -> Iterator[Plan]:
    """Yield whether two columns of one kind say the same."""
    if not asked.says_only("asks", "items", "aims") or not asked.asks_only("kappa", "blandaltman", "icc", "agreement"):
        return
    if len(asked.pool) != _PAIR:
        return
    names = list(asked.index.columns)
    # "for A and B" tells A apart from B by its place only
    one, other = (
        sorted(asked.pool, key=lambda item: names.index(str(item)) if isinstance(item, str) else -1)
        if (asked.parts.aims)
        else asked.pool
    )
    numbers = asked.is_number(one) and asked.is_number(other)
    levels = asked.is_group(one) and asked.is_group(other)
    is_right = levels if "kappa" in asked.parts.asks else numbers
    if asked.asks_only("agreement"):
        is_right = numbers or levels
    if is_right:
        yield Agree(asked.cohort(), str(one), str(other))
