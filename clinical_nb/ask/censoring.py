"""Censoring: times of those without an event are no complete numbers, and the dead are not last seen alive."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise

from clinical_nb.ask.language.lexicon import Phrase, lexicon, spoken
from clinical_nb.ask.language.words import Word, name_words
from clinical_nb.ask.linking.endpoints import deaths_in
from clinical_nb.dictionary.joining import widen
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.dictionary.pairing import families, happening, paired
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    Agree,
    Bands,
    Change,
    Compare,
    Correlate,
    Correlations,
    DateOf,
    Describe,
    Discriminate,
    Elapsed,
    Extremes,
    FollowUp,
    Hazard,
    Incidence,
    Margin,
    Measured,
    Mixed,
    OneOf,
    Pair,
    Plan,
    Regress,
    Survive,
    TableOne,
    parts_of,
)

CENSORED = (
    "Those still without the event would be left out, or counted as if it had come when they were last seen. "
    "Ask for the median survival, the survival at some time, or the hazard ratio instead."
)
DEATHS = (
    "Survival free of an event counts a death as one too, and here deaths are in a column of their own, so that the "
    "dead would be counted as last seen alive. Ask for the time to the event instead."
)
COMPLETE = (
    "Times that no event ended are counted as they are, as if they were complete; survival takes account of them."
)
_NUMBERS = (
    Agree | Bands | Change | Compare | Correlate | Correlations | Describe | Discriminate | Extremes | Margin | Measured
    | Mixed | Pair | Regress | TableOne
)  # fmt: skip
_TIMES = Survive | FollowUp | Hazard | Incidence
_LASTING = frozenset({"survival", "survive", "survived", "surviving", "os"})
_UNITS = frozenset({"time", "day", "week", "month", "year"})
_UNTIL = frozenset({"to", "until", "till", "from", "before", "between"})
_SHORT = frozenset({"rfs", "pfs", "dfs", "efs"})
_RELAPSES = frozenset({"death", "relapse", "progression", "disease or death"})  # which may end the time of a survival


def why_censored(words: Sequence[Word], plan: Plan, dictionary: Dictionary) -> str:
    """Return why a plan is no answer to a question, as it takes who was last seen for complete; empty where it is."""
    said = tuple(word.normal for word in words)
    columns = _columns(plan, dictionary)
    if _says_free(said) and isinstance(plan, _TIMES) and _leaves_deaths(plan.time, plan.event, columns):
        return DEATHS
    numbers = _numbers_of(plan)
    is_timed = any(time in numbers for time, _ in paired(columns)) and _says_until(said)
    is_made = any(isinstance(how, Elapsed) and _is_until_event(how, columns) for how in plan.cohort.derived)
    return CENSORED if is_timed or (is_made and numbers) else ""


def remark_on_times(plan: Plan, dictionary: Dictionary) -> tuple[str, ...]:
    """Return what is to be said where a column of times until an event is looked at as plain numbers."""
    numbers = _numbers_of(plan)
    return (COMPLETE,) if any(time in numbers for time, _ in paired(_columns(plan, dictionary))) else ()


def _columns(plan: Plan, dictionary: Dictionary) -> Mapping[str, Column]:
    """Return the columns that a plan has; of tables that cannot be joined, which is refused later, none."""
    with suppress(PlanError):
        return widen(dictionary, plan.cohort.table, plan.cohort.joined).tables[plan.cohort.table]
    return {}


def _numbers_of(plan: Plan) -> frozenset[str]:
    """Return the columns that a plan looks at as numbers, or as groups by them."""
    if not isinstance(plan, _NUMBERS):
        return frozenset()
    return frozenset(each for part in parts_of(plan).values() for each in part if isinstance(each, str))


def _says_until(said: Phrase) -> bool:
    """Tell whether words call a number survival, or a time to something."""
    return not _LASTING.isdisjoint(said) or any(one in _UNITS and other in _UNTIL for one, other in pairwise(said))


def _is_until_event(how: Elapsed, columns: Mapping[str, Column]) -> bool:
    """Tell whether a time between two dates is until an event that not everybody has."""
    if isinstance(how.until, DateOf):
        return False
    label = columns[how.until].label if how.until in columns else ""
    return not _RELAPSES.isdisjoint(families(label) or families(how.until))


def _says_free(said: Phrase) -> bool:
    text = " ".join(said).replace("-", " ").split()
    return ("free", "survival") in pairwise(text) or not _SHORT.isdisjoint(text)


def _leaves_deaths(time: str, event: object, columns: Mapping[str, Column]) -> bool:
    """Tell whether what is timed leaves out deaths, which another column of the table says."""
    if not isinstance(event, OneOf) or event.column not in columns:
        return False
    meaning = columns[event.column]
    deaths = deaths_in(meaning, lexicon())
    said = happening(event.column, meaning)
    is_either = bool(said & {"death", "disease or death"}) or not set(deaths).isdisjoint(event.values)
    is_called_free = _says_free((*name_words(event.column), *spoken(meaning.label)))  # by itself it or death
    if not said or is_either or is_called_free:
        return False
    others = {name: column for name, column in columns.items() if name not in (time, event.column)}
    return any(_says_death(name, column) for name, column in others.items())


def _says_death(name: str, column: Column) -> bool:
    is_known = column.role in ("event", "death") or column.kind in ("binary", "categorical")
    return is_known and (happening(name, column) == frozenset({"death"}) or bool(deaths_in(column, lexicon())))
