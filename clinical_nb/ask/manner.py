"""Manner: words that say how something is to be computed, taken out of a question whose other words are read alone."""

from collections.abc import Callable
from dataclasses import replace

from clinical_nb.ask.language.lexicon import lexicon
from clinical_nb.ask.language.phrases import Words, places
from clinical_nb.ask.language.words import words_of
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import (
    Compare,
    Count,
    FollowUp,
    Hazard,
    Missingness,
    Plan,
    Rate,
    Regress,
    Stratified,
    Survive,
    Variable,
    columns_of,
)

Plans = Callable[[Words], tuple[Plan, ...]]
_NO_TREND = (
    "A log-rank test of a trend needs three groups or more that have an order, as stages and grades do. "
    "Ask for the log-rank test, or say in the dictionary that the levels are ordered."
)
# What stands in a question for the words that are taken out of it.
_INSTEAD = {
    "cohens_d": "compare", "hedges_g": "compare", "effect_size": "compare", "rate_ratio": "incidence rate",
    "missing_where": "missing values per variable", "log_rank_trend": "log-rank test",
    "reversed": "median",
}  # fmt: skip


def read_in_manner(words: Words, plans: Plans, dictionary: Dictionary) -> Plan | str | None:
    """Return what a question means that says how to compute it, as `plans` has it of its other words.

    None where it says no such thing, or is read as it stands; the reason where it asks for what cannot be computed so.
    """
    left, said = _taken_out(words)
    left, strata = _without_strata(left, plans)
    if not said and not strata:
        return None
    is_trend = "log_rank_trend" in said
    if not is_trend and plans(words):
        return None
    found = {
        changed: None for plan in plans(left) if (changed := _computed(plan, said, strata, dictionary)) is not None
    }
    return next(iter(found)) if len(found) == 1 else _NO_TREND if is_trend else None


def _taken_out(words: Words) -> tuple[Words, tuple[str, ...]]:
    """Return the words without those that say how, and what these say."""
    said: list[str] = []
    for name, phrases in lexicon().manner.items():
        if not (found := places(words, phrases)):
            continue
        start, end = found[0]
        is_told = name == "reversed" and any(word.normal == "median" for word in words)
        instead = () if is_told else words_of(_INSTEAD.get(name, ""))
        words = (*words[:start], *instead, *words[end:])
        said.append(name)
    while words and words[-1].normal in (",", "(", ")"):
        words = words[:-1]
    return words, tuple(said)


def _without_strata(words: Words, plans: Plans) -> tuple[Words, tuple[Variable, ...]]:
    """Return the words before the strata within which times are compared, or odds pooled, and the strata."""
    said = {word.normal for word in words}
    phrases = lexicon().stratifying
    of_times = not said.isdisjoint(("cox", "hazard", "hr", "logrank")) or {"log", "rank"} <= said
    pooled = not said.isdisjoint(("haenszel", "cmh", "mh"))
    found = places(words, phrases["within"] if of_times else phrases["over"] if pooled else frozenset())
    if not found:
        return words, ()
    start, end = found[-1]
    made = plans((*words_of("how many patients by"), *words[end:])) if end < len(words) else ()
    strata = made[0].by if len(made) == 1 and isinstance(made[0], Count) and not made[0].cohort.where else ()
    if pooled and strata:  # the rules have "stratified by" of these
        return (*words[:start], *words_of("stratified by"), *words[end:]), strata
    before = words[:start]
    named = [at for at, _ in places(before, phrases["stratified"])]
    left = tuple(word for at, word in enumerate(before) if at not in named)
    while left and left[-1].normal == ",":
        left = left[:-1]
    return (left, strata) if strata else (words, ())


def _computed(plan: Plan, said: tuple[str, ...], strata: tuple[Variable, ...], dictionary: Dictionary) -> Plan | None:
    """Return a plan that is computed as said; None where it cannot be."""
    changed: Plan | None = _within(plan, strata) if strata else plan
    for name in said:
        changed = None if changed is None else _changed(changed, name, dictionary)
    return changed


def _within(plan: Plan, strata: tuple[Variable, ...]) -> Plan | None:
    own = {name for each in strata for name in columns_of(each)}
    match plan:
        case Stratified():
            return plan if plan.strata == strata else None
        case Survive(strata=(), by=(by,), until=(), told="") if own.isdisjoint(columns_of(by)):
            return replace(plan, strata=strata)
        case Hazard(strata=(), terms=terms) if own.isdisjoint(name for each in terms for name in columns_of(each)):
            return replace(plan, strata=strata)
        case _:
            return None


def _changed(plan: Plan, name: str, dictionary: Dictionary) -> Plan | None:  # noqa: C901, PLR0911, PLR0912 - one branch a manner
    match name, plan:
        case "robust", Hazard(competing=(), errors="") | Regress(errors="", family="linear" | "logistic" | "poisson"):
            return replace(plan, errors="robust")
        case "robust", Survive(by=(by,), at=(), against=(), until=(), told=""):
            return Hazard(plan.cohort, plan.time, plan.event, (by,), plan.strata, errors="robust")
        case "profile", Regress(errors="", family="logistic"):
            return replace(plan, intervals="profile")
        case "calibration", Regress(family="logistic"):
            return plan
        case "inflation", Regress(terms=(_, _, *_)):
            return plan
        case "explained", Regress(family="linear"):
            return plan
        case "proportional", Hazard(competing=()) | Survive(by=(_,), until=(), told=""):
            return plan
        case "reversed", FollowUp():
            return plan
        case "rate_ratio", Rate(by=(_,)):
            return plan
        case "missing_where", Missingness():
            return plan
        case (("cohens_d" | "hedges_g"), Compare(outcome=str() as outcome, test="", pairwise="")):
            is_number = _kind(dictionary, plan.cohort.table, outcome) == "numeric"
            return replace(plan, effect="cohens_d" if name == "cohens_d" else "hedges_g") if is_number else None
        case "effect_size", Compare(test="", pairwise=""):
            return plan
        case "log_rank_trend", Survive(by=(str() as by,), until=(), told=""):
            column = dictionary.tables.get(plan.cohort.table, {}).get(by)
            return plan if column is not None and column.ordered and column.kind != "binary" else None
        case _:
            return None


def _kind(dictionary: Dictionary, table: str, name: str) -> str:
    column = dictionary.tables.get(table, {}).get(name)
    return column.kind if column is not None else ""
