"""Events: how many over the time that people were watched, beside a competing event, and in each period of a date."""

from collections.abc import Iterator

from clinical_nb.ask.analyses.asked import Asked, distinct
from clinical_nb.ask.lexicon import lexicon
from clinical_nb.ask.naming import phrases_of_column
from clinical_nb.ask.survival import points_in_unit, timed_death
from clinical_nb.plan import Condition, Hazard, Incidence, OneOf, Period, Plan, Rate, Trend, Variable, columns_of

_PAIR = 2
_PER = 100.0
_NO_DATES = ("birth",)  # no period is asked of these, unless they are named


def rate(asked: Asked) -> Iterator[Plan]:
    """Yield how many events there are over person-time: of the event that is timed, or of a column that counts them."""
    parts = asked.parts
    if not asked.asks_only("persontime", "count") or not asked.says_only(
        "asks", "items", "aims", "by", "contrast", "per", "timed"
    ):
        return
    times = [name for name, column in asked.index.columns.items() if column.role == "time"]
    event = _counted(asked)
    if len(times) != 1 or event is None or len(asked.groups) > 1 or not distinct(event, times[0], *asked.groups):
        return
    yield Rate(asked.cohort(), event, times[0], asked.groups, parts.per or _PER)


def _counted(asked: Asked) -> Variable | None:
    """Return the event that a rate is of; one that was there before, or that nobody was watched for, has no rate."""
    timed = timed_death(asked.index)
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
    """Yield how many have had an event by which time, where another one makes it impossible."""
    parts = asked.parts
    names = ("asks", "items", "aims", "competing", "by", "contrast", "point", "terms", "given")
    if not asked.asks_only("cumulative", "finegray", "curve", "hazard") or not asked.says_only(*names):
        return
    timed = timed_death(asked.index)
    pool = tuple(each for each in asked.pool if each not in parts.competing)
    if timed is None or len(pool) != 1 or len(parts.competing) != 1 or len(asked.groups) > 1:
        return
    event, competing = asked.event(pool[0]), asked.event(parts.competing[0])
    if not _are_of_one_time(asked, event, competing) or event is None or competing is None:
        return
    if "finegray" in parts.asks:
        terms = tuple(dict.fromkeys((*asked.groups, *parts.terms, *parts.given)))
        if terms and not parts.point and distinct(timed.time, event, *terms):
            yield Hazard(asked.cohort(), timed.time, event, terms, (), (competing,))
        return
    at = points_in_unit(asked.index, timed.time, parts.point)
    if at is not None and not (parts.terms or parts.given) and distinct(timed.time, event, *asked.groups):
        yield Incidence(asked.cohort(), timed.time, event, competing, asked.groups, at)


def _are_of_one_time(asked: Asked, event: Condition | None, competing: Condition | None) -> bool:
    """Tell whether both are ways in which the table's times ended, and not the same."""
    both = [each for each in (event, competing) if isinstance(each, OneOf) and asked.is_timed(each)]
    return len(both) == _PAIR and both[0].values != both[1].values


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
    if asked.parts.dated or asked.parts.table:
        return said
    return dates if len(dates) == 1 or not asked.parts.dated else []
