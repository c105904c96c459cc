"""Times: plans about time until an event whose parts stand in whatever order: ratios, shares by a time, follow-up."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from clinical_nb.ask.language.lexicon import phrase_of
from clinical_nb.ask.rules.analyses.asked import Asked, distinct
from clinical_nb.ask.rules.analyses.effects import interaction
from clinical_nb.ask.rules.analyses.events import death_beside
from clinical_nb.ask.rules.scopes import Contrast
from clinical_nb.ask.rules.survival import Timed, points_in_unit, timed_death, timed_event, timed_until_death
from clinical_nb.dictionary.pairing import says_none
from clinical_nb.plan import (
    Count,
    FollowUp,
    Hazard,
    Incidence,
    NoneOf,
    OneOf,
    Plan,
    Scalar,
    Survive,
    Threshold,
    Variable,
    all_of,
    columns_of,
)

_EXPLAINING = frozenset({"affects", "effect"})
_SHARES = ("mortality", "risk", "count", "share", "curve", "later")
_OF_DEATH = frozenset({"mortality", "surviving"})


@dataclass(frozen=True, slots=True)
class _About:
    """What is timed in a question, and what else it names: groups or terms."""

    timed: Timed
    rest: tuple[Variable, ...]
    is_named: bool  # whether the event is, and not only meant


def effect(asked: Asked) -> Iterator[Plan]:
    """Yield whether an effect differs by something, else the effect of one thing on time until an event."""
    found = list(interaction(asked))
    yield from found or times(asked)


def times(asked: Asked) -> Iterator[Plan]:
    """Yield what is asked of a time until an event: one plan, or none where it is open what a part is for."""
    names = (
        "asks", "items", "aims", "effect", "terms", "given", "by", "contrast", "point", "timed", "statistics", "step",
        "unit",
    )  # fmt: skip
    held = _with_others(asked)
    about = _about(held) if held else None
    if held is None or about is None or not held.says_only(*names):
        return
    parts, asks = held.parts, held.parts.asks - {"differs", "curve"}
    if "hazardof" in asks:
        yield from _ratio(held, about)
    elif asks & _EXPLAINING:
        yield from _explained(held, about)
    elif "followed" in asks:
        yield from _followed(held, about)
    elif not (parts.given or parts.terms or parts.effect or parts.step is not None or parts.statistics):
        named = [way for name, way in _WAYS.items() if name in asks]
        yield from (named or [_had if asks or not parts.timed else _compared])[0](held, about)


def _about(asked: Asked) -> _About | None:
    """Return what is timed: what is named, else death where it is meant, else the event of the study's time."""
    parts, index = asked.parts, asked.index
    found: dict[Timed, list[Variable]] = {}
    for item in asked.pool:
        if any(index.columns[name].role in ("event", "time") for name in columns_of(item)):
            timed = _ended(asked, item)
            if timed is None:  # a time, or who has no event
                return None
            found.setdefault(timed, []).append(item)
    named = list(found)
    if parts.timed:
        named = [parts.timed] if all(each.event == parts.timed.event for each in found) else [*named, parts.timed]
    if len(named) > 1:
        return None
    meant = named[0] if named else timed_until_death(index) if parts.asks & _OF_DEATH else timed_death(index)
    if meant is None or ("mortality" in parts.asks and found and meant != timed_until_death(index)):
        return None
    told = [each for items in found.values() for each in items]
    return _About(meant, tuple(each for each in asked.pool if each not in told), bool(named))


def _ended(asked: Asked, item: Variable) -> Timed | None:
    """Return the time until what an item is, where it is an event that happened."""
    if isinstance(item, str):
        code = asked.index.columns[item].event
        return None if code is None else timed_event(asked.index, OneOf(item, (code,)))
    if not isinstance(item, OneOf) or item.column not in asked.index.columns:
        return None
    column = asked.index.columns[item.column]
    is_none = any(says_none(column.label_of(value)) for value in item.values)
    is_other = column.kind == "binary" and column.event is not None and item.values != (column.event,)
    return None if is_none or is_other else timed_event(asked.index, item)


def _survive(
    asked: Asked,
    about: _About,
    by: tuple[Variable, ...],
    at: tuple[float, ...] = (),
    against: tuple[Scalar, ...] = (),
) -> Iterator[Survive]:
    if len(by) <= 1 and distinct(about.timed.time, about.timed.event, *by):
        cohort = asked.cohort(*about.timed.where)
        yield Survive(cohort, about.timed.time, about.timed.event, by, (), at, against)


def _points(asked: Asked, about: _About) -> tuple[float, ...] | None:
    return points_in_unit(asked.index, about.timed.time, asked.parts.point)


def _with_others(asked: Asked) -> Asked | None:
    """Return the parts with a range of numbers that is held against all others as what makes the groups."""
    parts = asked.parts
    if "others" not in parts.asks:
        return asked
    named = (*parts.where, *asked.pool)
    sides = [each for each in named if isinstance(each, Threshold)]
    if len(sides) != 1 or parts.contrast or parts.by:
        return None

    def without(several: tuple[Variable, ...]) -> tuple[Variable, ...]:
        return tuple(each for each in several if each != sides[0])

    left = replace(parts, asks=parts.asks - {"others"}, contrast=Contrast(sides[0]))
    left = replace(left, items=without(parts.items), aims=without(parts.aims))
    return replace(asked, parts=replace(left, where=tuple(each for each in parts.where if each != sides[0])))


def _among(asked: Asked, about: _About) -> tuple[Asked, _About] | None:
    """Return levels that nothing introduces as whom a share is of: "percentage of women alive at 5 years"."""
    levels = [each for each in about.rest if not isinstance(each, str)]
    open_ones = [each for each in about.rest if isinstance(each, str) and asked.event(each)]
    if open_ones:  # those with it, or in groups by it?
        return None
    where = (*asked.parts.where, *(each for each in levels if not isinstance(each, str)))
    left = tuple(each for each in about.rest if isinstance(each, str))
    return replace(asked, parts=replace(asked.parts, where=where)), replace(about, rest=left)


def _groups(asked: Asked, about: _About) -> tuple[Variable, ...] | None:
    """Return what makes groups, named as such or not; None where that is open, or numbers cannot."""
    named = tuple(dict.fromkeys((*asked.groups, *about.rest)))
    can = [each for each in named if isinstance(each, Threshold | OneOf | NoneOf) or asked.is_group(each)]
    return named if len(named) <= 1 and len(can) == len(named) else None


def _ratio(asked: Asked, about: _About) -> Iterator[Plan]:
    """Yield the hazard of one term, adjusted for the others; of groups alone, their curves and ratio."""
    parts = asked.parts
    is_asked = asked.asks_only("hazardof", "risk", "mortality", "differs", "affects")
    is_within = bool(parts.by or parts.terms) and bool(about.rest or parts.effect or parts.contrast)  # or adjusted?
    if parts.point or parts.statistics or not is_asked or is_within:
        return
    others = tuple(dict.fromkeys((*parts.effect, *about.rest, *(() if parts.contrast else parts.by))))
    if not others and parts.step is not None and parts.unit == "year" and asked.index.age:  # "per 10 years of age"
        others = (asked.index.age,)
    contrast = parts.contrast
    if len(others) + bool(contrast) != 1 or parts.terms:  # a list of terms is read as a model
        return
    if contrast and not others and not parts.given and parts.step is None:
        yield from _survive(asked, about, (contrast.by,), (), contrast.against)
        return
    first = asked.held_terms if contrast else ()
    yield from _model(asked, about, (*first, *others))


def _model(asked: Asked, about: _About, terms: tuple[Variable, ...]) -> Iterator[Plan]:
    parts = asked.parts
    every = tuple(dict.fromkeys((*terms, *parts.given)))
    if not terms or not distinct(about.timed.time, about.timed.event, *every):
        return
    (first, *more) = every
    if not more and not asked.is_number(first):
        yield from _survive(asked, about, (first,)) if parts.step is None else ()
        return
    step = (parts.step,) if parts.step is not None else ()
    if step and not (asked.is_number(first) and _is_unit(asked, str(first), parts.unit)):
        return
    if all(isinstance(each, OneOf | Threshold) or asked.is_group(each) or asked.is_number(each) for each in every):
        cohort = asked.cohort(*about.timed.where)
        yield Hazard(cohort, about.timed.time, about.timed.event, every, step=step if step != (1.0,) else ())


def _is_unit(asked: Asked, column: str, unit: str) -> bool:
    """Tell whether what a step was said in is the column's own unit, or nothing."""
    said, own = tuple(unit.split()), phrase_of(asked.index.columns[column].unit)
    own = asked.index.units.get(own, own) or (("year",) if column == asked.index.age else ())
    return not said or said == own


def _explained(asked: Asked, about: _About) -> Iterator[Plan]:
    """Yield how far one thing goes with time until an event that was named."""
    parts = asked.parts
    terms = tuple(dict.fromkeys((*parts.effect, *about.rest, *(() if parts.contrast else parts.by))))
    is_named = about.is_named or "mortality" in parts.asks
    is_asked = parts.asks <= _EXPLAINING | {"mortality", "risk"} and not parts.point and not parts.statistics
    if is_asked and is_named and len(terms) == 1 and not parts.contrast and not parts.terms and parts.step is None:
        yield from _model(asked, about, terms)


def _followed(asked: Asked, about: _About) -> Iterator[Plan]:
    groups = _groups(asked, about)
    survivors = "surviving" in asked.parts.asks
    is_asked = asked.says_only("asks", "items", "aims", "by", "contrast", "timed", "statistics")
    if groups is None or not is_asked or asked.parts.statistics not in ((), ("median",)):
        return
    if not asked.asks_only("followed", "surviving") or (survivors and asked.index.link(("alive",))):
        return  # who survived is said by a level of that name
    event = about.timed.event
    alive = (NoneOf(event.column, event.values),) if survivors and isinstance(event, OneOf) else ()
    if bool(alive) == survivors:
        cohort = asked.cohort(*about.timed.where, *alive)
        yield FollowUp(cohort, about.timed.time, event, groups)


def _mean(asked: Asked, about: _About) -> Iterator[Plan]:
    at, groups = _points(asked, about), _groups(asked, about)
    if at and len(at) == 1 and groups is not None and asked.asks_only("meantime", "differs", "surviving"):
        cohort = asked.cohort(*about.timed.where)
        yield Survive(cohort, about.timed.time, about.timed.event, groups, until=at)


def _compared(asked: Asked, about: _About) -> Iterator[Plan]:
    at, groups = _points(asked, about), _groups(asked, about)
    if at is not None and groups and asked.asks_only("logrank", "differs", "curve"):
        yield from _survive(asked, about, groups, at)


def _at_risk(asked: Asked, about: _About) -> Iterator[Plan]:
    """Yield how many are still followed without the event at some times."""
    yield from (replace(plan, told="risk") for plan in _shares(asked, about))


def _shares(asked: Asked, about: _About) -> Iterator[Survive]:
    """Yield the share without the event at some times."""
    if (among := _among(asked, about)) is None:
        return
    asked, about = among
    at, groups = _points(asked, about), _groups(asked, about)
    if (
        at
        and groups is not None
        and asked.asks_only("atrisk", "surviving", "share", "count", "risk", "lasting", "later")
    ):
        cohort, timed = asked.cohort(*about.timed.where), about.timed
        yield Survive(cohort, timed.time, timed.event, groups, (), at)


def _had(asked: Asked, about: _About) -> Iterator[Plan]:
    """Yield the share who have had the event by some times; beside a competing code, its incidence."""
    if (among := _among(asked, about)) is None:
        return
    asked, about = among
    at, groups, event = _points(asked, about), _groups(asked, about), about.timed.event
    is_named = about.is_named or "mortality" in asked.parts.asks
    if {"count", "later"} <= asked.parts.asks:  # those whose event came after it
        return
    if not at or groups is None or not is_named or not isinstance(event, OneOf) or not asked.asks_only(*_SHARES):
        return
    cohort, time = asked.cohort(*about.timed.where), about.timed.time
    competing = None if about.timed.where else asked.index.endings.competing(event)
    if competing is None:
        yield Survive(cohort, time, event, groups, (), at, told="event")
        first = None if about.timed.where or "count" in asked.parts.asks else death_beside(asked, event)
        if first is not None:  # which of both is meant is open
            yield Incidence(cohort, time, event, first, groups, at)
    elif "count" not in asked.parts.asks:
        yield Incidence(cohort, time, event, competing, groups, at)
    elif len(at) == 1:
        yield Count(asked.cohort(all_of(event, Threshold(time, "<=", at[0]))), groups)


_WAYS = {"meantime": _mean, "atrisk": _at_risk, "surviving": _shares, "logrank": _compared}
