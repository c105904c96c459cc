"""Events: how many over the time that people were watched, beside a competing event, and in each period of a date."""

from collections.abc import Iterator

from clinical_nb.ask.language.lexicon import lexicon
from clinical_nb.ask.language.words import name_words
from clinical_nb.ask.linking.naming import phrases_of_column
from clinical_nb.ask.rules.analyses.asked import Asked, distinct
from clinical_nb.ask.rules.conditions import negated
from clinical_nb.ask.rules.survival import points_in_unit, timed_death, timed_event, timed_until_death
from clinical_nb.dictionary.pairing import happening
from clinical_nb.plan import (
    Condition,
    Hazard,
    Incidence,
    OneOf,
    Period,
    Plan,
    Rate,
    Survive,
    Trend,
    Variable,
    all_of,
    columns_of,
)

_PER = 100.0
_BEGUN = frozenset({"start", "begin", "date", "admittime", "intime", "starttime", "charttime", "from"})
_NO_DATES = ("birth",)  # no period is asked of these, unless they are named


def rate(asked: Asked) -> Iterator[Plan]:
    """Yield how many events there are over person-time: of the event that is timed, or of a column that counts them."""
    parts = asked.parts
    if not asked.asks_only("persontime", "count", "mortality", "risk") or not asked.says_only(
        "asks", "items", "aims", "by", "contrast", "per", "timed"
    ):
        return
    event = _counted(asked)
    timed = timed_event(asked.index, event)
    times = [timed.time] if timed else [name for name, each in asked.index.columns.items() if each.role == "time"]
    if len(times) != 1 or event is None or len(asked.groups) > 1 or not distinct(event, times[0], *asked.groups):
        return
    yield Rate(asked.cohort(), event, times[0], asked.groups, parts.per or _PER)


def _counted(asked: Asked) -> Variable | None:
    """Return the event that a rate is of; one that was there before, or that nobody was watched for, has no rate."""
    timed = timed_until_death(asked.index) if "mortality" in asked.parts.asks else timed_death(asked.index)
    if not asked.pool:
        return timed.event if timed else None
    if len(asked.pool) != 1:
        return None
    (item,) = asked.pool
    if asked.is_number(item):
        said = {word for phrase in phrases_of_column(str(item), asked.index.columns[str(item)]) for word in phrase}
        return item if "number" in said and not said & lexicon().elsewhere else None
    event = asked.event(item)
    roles = {asked.index.columns[name].role for name in columns_of(item)}
    return event if event and roles & {"event", "outcome"} else None


def incidence(asked: Asked) -> Iterator[Plan]:
    """Yield how many have had an event by which time, where another one makes it impossible.

    Where none is named, the other codes of the event's column compete; where it has none, nothing does.
    """
    parts = asked.parts
    names = ("asks", "items", "aims", "competing", "by", "contrast", "point", "terms", "given")
    if not asked.asks_only("cumulative", "finegray", "curve", "mortality", "later") or not asked.says_only(*names):
        return
    pool = tuple(each for each in asked.pool if each not in parts.competing)
    found = _competing_events(asked, pool)
    if found is None or len(asked.groups) > 1:
        return
    time, event, competing = found
    at = points_in_unit(asked.index, time, parts.point)
    if "finegray" in parts.asks:
        terms = tuple(dict.fromkeys((*asked.groups, *parts.terms, *parts.given)))
        is_told = parts.competing or competing == asked.index.endings.competing(
            event
        )  # another code of the event's own
        if competing and is_told and terms and not parts.point and distinct(time, event, *terms):
            yield Hazard(asked.cohort(), time, event, terms, (), (competing,))
        return
    if at is None or parts.terms or parts.given or not distinct(time, event, *asked.groups):
        return
    if competing is not None:
        yield Incidence(asked.cohort(), time, event, competing, asked.groups, at)
    elif at:
        yield Survive(asked.cohort(), time, event, asked.groups, (), at, told="event")


def _competing_events(asked: Asked, pool: tuple[Variable, ...]) -> tuple[str, OneOf, Condition | None] | None:
    """Return the time, the event that is asked about, and what competes with it."""
    named = asked.event(pool[0]) if len(pool) == 1 else None
    if not pool and "mortality" in asked.parts.asks:
        death = timed_until_death(asked.index)
        named = death.event if death else None
    timed = timed_event(asked.index, named)
    if timed is None or not isinstance(named, OneOf) or len(asked.parts.competing) > 1:
        return None
    if not asked.parts.competing:
        return timed.time, named, asked.index.endings.competing(named) or death_beside(asked, named)
    competing = asked.event(asked.parts.competing[0])
    if not isinstance(competing, OneOf) or timed_event(asked.index, competing) is None:
        return None
    if competing.column != named.column:
        return None if includes_death(asked, named) else (timed.time, named, first_of(competing, named))
    return (timed.time, named, _apart(competing, named)) if competing.values != named.values else None


def first_of(competing: Condition, event: Condition) -> Condition | None:
    """Return who has what competes and not the event, of which another column tells: "died without a relapse"."""
    without = negated(event)
    return None if without is None else all_of(competing, without)


def death_beside(asked: Asked, event: OneOf) -> Condition | None:
    """Return who died without an event that is not death, where another column says who died."""
    death = timed_until_death(asked.index)
    is_apart = death is not None and not death.where and event.column not in columns_of(death.event)
    return first_of(death.event, event) if death and is_apart and not includes_death(asked, event) else None


def includes_death(asked: Asked, event: OneOf) -> bool:
    """Tell whether an event is death, or that or death, so that death does not compete with it."""
    column = asked.index.columns[event.column]
    return "death" in happening(event.column, column)


def _apart(competing: OneOf, event: OneOf) -> OneOf | None:
    """Return the codes that compete with an event: "death" beside a death of one cause is that of the others."""
    left = tuple(value for value in competing.values if value not in event.values)
    return OneOf(competing.column, left) if left else None


def trend(asked: Asked) -> Iterator[Plan]:
    """Yield how many rows, which mean or which share each period of a date has."""
    parts = asked.parts
    names = ("asks", "period", "items", "aims", "by", "statistics", "table", "dated")
    if not asked.says_only(*names) or not asked.asks_only("count", "share") or parts.statistics not in ((), ("mean",)):
        return
    dates = [each for each in asked.pool if isinstance(each, str) and asked.index.columns[each].kind == "date"]
    of = [each for each in asked.pool if each not in dates]
    if len(of) > 1 or len(dates) > 1 or len(parts.by) > 1:
        return
    told = _told(asked, of[0]) if of else ""
    if (
        told is None
        or ("share" in parts.asks and not of)
        or ((parts.table or parts.statistics) and bool(of) == bool(parts.table))
    ):
        return
    for date in dates or _dates(asked):
        if distinct(str(date), *of, *parts.by):
            yield Trend(asked.cohort(), str(date), _period(parts.period), told, parts.by)


def _period(said: str) -> Period:
    return "month" if said == "month" else "quarter" if said == "quarter" else "year"


def _told(asked: Asked, item: Variable) -> Variable | None:
    """Return what each period is asked of: a mean only where it is said, a share of what happened."""
    if asked.is_number(item):
        return item if asked.parts.statistics else None
    return None if asked.parts.statistics else asked.event(item)


def _dates(asked: Asked) -> list[str]:
    """Return the dates that can be meant: of what is said to have happened then; else the only one there is."""
    columns = asked.index.columns
    dates = [name for name, column in columns.items() if column.kind == "date" and column.role not in _NO_DATES]
    words = (
        {word for phrase in lexicon().keywords[asked.parts.dated] for word in phrase}
        if asked.parts.dated
        else set[str]()
    )
    said = [name for name in dates if any(words & set(phrase) for phrase in phrases_of_column(name, columns[name]))]
    if asked.parts.table and not asked.parts.dated:
        own = [name for name in dates if asked.index.owner.get(name) == asked.parts.table]
        begun = [name for name in own if not _BEGUN.isdisjoint(name_words(name.removeprefix(f"{asked.parts.table}.")))]
        return own if len(own) == 1 else begun if len(begun) == 1 else said
    if asked.parts.dated or asked.parts.table:
        return said
    return dates if len(dates) == 1 or not asked.parts.dated else []
