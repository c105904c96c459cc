"""Timing: "log-rank for relapse" asks for the time until relapse; what the data lack where no time is read."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from clinical_nb.ask.language.lexicon import Phrase
from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.events import is_event
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import deaths_among
from clinical_nb.ask.rules.survival import all_timed, timed_death, timed_until_death
from clinical_nb.ask.terminals import Terminals
from clinical_nb.dictionary.pairing import happened_at
from clinical_nb.plan import Count, Describe, FollowUp, Hazard, Incidence, OneOf, Plan, Rate, Survive

_OF_WHAT = frozenset({"for", "of", "to", "until", "till"})
_EITHER = frozenset({"or", "/", "either"})
_SURVIVAL = frozenset({"survival", "survive"})
_MOST_NAMED = 5
_ARTICLES = frozenset({"the", "a", "an"})


def takes_event_for_condition(words: Sequence[Word], index: Index, plan: Plan) -> bool:
    """Tell whether a plan has as a condition what the question names as what is timed, or may be: "by arm for relapse".

    Of an event whose times no column has, there is no such plan: refused is better than another's.
    """
    if not isinstance(plan, Survive | Hazard | FollowUp):
        return False
    held = {each.column for each in plan.cohort.where if isinstance(each, OneOf)}
    named = [
        (target, start)
        for target, start, _ in Terminals(tuple(words), index).targets()
        if (target if isinstance(target, str) else target.column) in held and _is_said_of(words, start)
    ]
    return any(is_event(index, target) for target, _ in named)


def split_by_levels(plan: Plan, index: Index, words: Sequence[Word]) -> Plan:
    """Return a plan that is among all levels of a column as one in groups by it: "in men and women".

    So are persons counted in arms: "n in drug and placebo".
    """
    if isinstance(plan, Count) and not plan.by:
        arms = [each for each in plan.cohort.where if isinstance(each, OneOf) and _are_arms(each, index)]
        is_either = not _EITHER.isdisjoint(word.normal for word in words)
        return plan if is_either or len(arms) != 1 else replace(plan, by=(arms[0].column,))
    if not isinstance(plan, Survive | FollowUp | Incidence | Rate | Describe) or plan.by:
        return plan
    whole = [each for each in plan.cohort.where if isinstance(each, OneOf) and _is_all_levels(each, index)]
    if len(whole) != 1:
        return plan
    where = tuple(each for each in plan.cohort.where if each != whole[0])
    return replace(plan, cohort=replace(plan.cohort, where=where), by=(whole[0].column,))


def why_untimed(said: Phrase, indexes: Iterable[Index]) -> str:
    """Return what the table that has most of a time until an event lacks; empty where it lacks nothing."""
    is_until_death = not _SURVIVAL.isdisjoint(said) and "free" not in said
    return max((_lack(index, is_until_death=is_until_death) for index in indexes), default=(0, ""))[1]


def _lack(index: Index, *, is_until_death: bool) -> tuple[int, str]:
    """Return how far a table is from a time until one event, and what it lacks for that."""
    if (timed_until_death if is_until_death else timed_death)(index):
        return 6, ""
    coded = [(time, event) for each in all_timed(index) for time, event in index.pairs if time == each.time]
    uncoded = [pair for pair in index.pairs if pair not in coded]
    if len(coded) > 1 or (coded and index.endpoints):
        until = ", ".join(f"'{time}' (until '{event}')" for time, event in coded[:_MOST_NAMED])
        return 5, f"Several times until an event fit: {until}. Say until what, such as 'time to relapse by arm'."
    if coded:
        time, event = coded[0]
        deaths = [name for name in deaths_among(index.columns) if name != event]
        other = f" Deaths ('{deaths[0]}') have another time, or none." if deaths else ""
        return 4, f"'{time}' is until '{event}', which is not death.{other} Ask for the time to that."
    if uncoded:
        time, event = uncoded[0]
        return (
            3,
            f"'{time}' is until '{event}', of which no code is declared as the event: {_correct(event, 'event=CODE')}.",
        )
    return _unpaired(index)


def _unpaired(index: Index) -> tuple[int, str]:
    """Return which of a time and an event a table lacks, where none of its times is known to be until an event."""
    times, events = (
        [name for name, column in index.columns.items() if column.role == role] for role in ("time", "event")
    )
    if times and events:
        return 2, (
            f"It is not known which of the times ({_named(times)}) is until which event "
            f"({_named(events)}). Label each time by its event: %clinical correct COLUMN label='time to …'."
        )
    if times:
        how = _correct("COLUMN", "role=event event=CODE")
        return 1, f"{_named(times)} is a time, but no column is declared as the event that ended it: {how}."
    named = [name for name, column in index.columns.items() if column.kind == "numeric" and happened_at(name, column)]
    maybe = f" ('{named[0]}' may be one)" if len(named) == 1 else ""
    event = f", though '{events[0]}' is an event" if events else ""
    how = _correct("COLUMN", "role=time")
    return 0, f"No column is declared as a time until an event{maybe}{event}; where one is: {how}."


def _named(columns: Sequence[str]) -> str:
    return ", ".join(f"'{column}'" for column in columns[:_MOST_NAMED])


def _correct(column: str, what: str) -> str:
    return f"%clinical correct {column} {what}"


def _is_all_levels(condition: OneOf, index: Index) -> bool:
    levels = index.columns[condition.column].levels if condition.column in index.columns else ()
    return len(levels) > 1 and {level.value for level in levels} == set(condition.values)


def _are_arms(condition: OneOf, index: Index) -> bool:
    is_arm = condition.column in index.columns and index.columns[condition.column].role == "arm"
    return is_arm and len(condition.values) > 1


def _is_said_of(words: Sequence[Word], start: int) -> bool:
    """Tell whether the words before a place are "for", "of the", "until an"; not "in", "with" or "who had"."""
    said = [word.normal for word in words[:start]]
    while said and said[-1] in _ARTICLES:
        said.pop()
    return bool(said) and said[-1] in _OF_WHAT
