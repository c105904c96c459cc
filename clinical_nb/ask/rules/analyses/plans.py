"""Plans: which analysis a typed question names, and the plans that it makes of the question's parts."""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import replace

from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.rules.analyses.asked import Asked
from clinical_nb.ask.rules.analyses.effects import (
    adjusted_odds,
    again,
    change,
    interaction,
    margin,
    ratio,
    strata_of_times,
)
from clinical_nb.ask.rules.analyses.events import incidence, rate, trend
from clinical_nb.ask.rules.analyses.markers import agree, diagnose, discriminate
from clinical_nb.ask.rules.analyses.numbers import correlations, missing_by, named_test, paired, regress, repeated
from clinical_nb.ask.rules.analyses.single import extremes, measured
from clinical_nb.ask.rules.analyses.times import effect, times
from clinical_nb.ask.rules.typed import Parts
from clinical_nb.errors import PlanError
from clinical_nb.plan import Agree, Correlations, FollowUp, NoneOf, OneOf, Plan, columns_of, parts_of

Builder = Callable[[Asked], Iterator[Plan]]
_NAMED: dict[str, Builder] = {  # tests of other things than of independent groups
    **dict.fromkeys(("pearson", "spearman", "kendall"), correlations),
    **dict.fromkeys(("t_test_paired", "signed_rank", "mcnemar", "mcnemar_exact"), paired),
    **dict.fromkeys(("friedman", "cochran_q"), repeated),
}
_BUILDERS: dict[str, Builder] = {
    **dict.fromkeys(("auc", "cutoff", "howwell", "bettermarker"), discriminate),
    "accuracy": diagnose,
    **dict.fromkeys(("kappa", "blandaltman", "icc", "agreement"), agree),
    **dict.fromkeys(("interaction", "modify", "subgroup"), interaction),
    "effect": effect,
    **dict.fromkeys(("mantelhaenszel", "oddsratio"), ratio),
    "odds": adjusted_odds,
    **dict.fromkeys(("noninferior", "equivalent"), margin),
    "ancova": change,
    "again": again,
    "repeated": repeated,
    **dict.fromkeys(("matrix", "partial", "correlation"), correlations),
    "persontime": rate,
    **dict.fromkeys(("cumulative", "finegray"), incidence),
    **dict.fromkeys(("poisson", "negativebinomial", "ordinal"), regress),
    **dict.fromkeys(("pairwise", "tukey"), named_test),
    "pairedtest": paired,
    **dict.fromkeys(("highest", "lowest"), extremes),
    **dict.fromkeys(
        ("percentile", "mode", "variance", "standarderror", "geometricmean", "skewness", "meaninterval"), measured
    ),
    "dependence": missing_by,
    **dict.fromkeys(
        ("hazardof", "logrank", "mortality", "risk", "surviving", "atrisk", "meantime", "affects", "followed"), times
    ),
}


def plans_of(found: Iterable[Parts], index: Index, dataset: str, table: str) -> list[Plan]:
    """Return the plans that the parts of a question make, by the one analysis that they name."""
    plans: list[Plan] = []
    every = dict.fromkeys(found)
    for parts in sorted(every, key=lambda parts: len(parts.aims)):
        asked = Asked(index, dataset, table, parts)
        for build in _builders(parts):
            if build is times and _leaves_out(parts, every):
                continue
            try:
                plans += [plan for plan in build(asked) if not _contradicts(plan)]
            except PlanError:  # its parts do not make such a plan
                continue
    return list({_whatever_order(plan): plan for plan in reversed(plans)}.values())[::-1]


def _leaves_out(parts: Parts, found: Container[Parts]) -> bool:
    """Tell whether others say the same of a time and how many too, which these pass over."""
    counted = replace(parts, asks=parts.asks | {"count"})
    return bool(parts.point) and counted != parts and counted in found


def _whatever_order(plan: Plan) -> Plan:
    """Return what two plans share that differ in no more than the order in which columns are named."""
    match plan:
        case Agree(_, one, other):
            return replace(plan, one=min(one, other), other=max(one, other))
        case Correlations(_, columns):
            return replace(plan, columns=tuple(sorted(columns)))
        case _:
            return plan


def _builders(parts: Parts) -> list[Builder]:
    named = {_BUILDERS[each] for each in parts.asks if each in _BUILDERS}
    if times in named and len(named) > 1:
        named.discard(times if named & {rate, incidence, interaction} else effect)
    if interaction in named:
        named.discard(effect)
    if not named and (parts.timed or parts.point):
        named.add(times)
    if parts.test:
        named.add(_NAMED.get(parts.test, named_test))
    if repeated in named and parts.test in ("", "friedman", "cochran_q"):
        named.discard(named_test)
    if parts.period:
        named.add(trend)
    if "missing" in parts.asks and not named:
        named.add(missing_by)
    if (parts.percentiles or "withinterval" in parts.asks) and not named:
        named.add(measured)
    if parts.strata and not named:
        named.add(strata_of_times if parts.timed else ratio)
    return list(named) if len(named) == 1 else []


def _contradicts(plan: Plan) -> bool:
    """Whether whom the question is about is said by what is asked of them, or by two levels of one column."""
    where = [each.column for each in plan.cohort.where if isinstance(each, OneOf | NoneOf)]
    if isinstance(plan, FollowUp):  # of those without the event that cuts it short: survivors
        return len(set(where)) < len(where)
    asked = {name for part in parts_of(plan).values() for each in part for name in columns_of(each)}
    groups = {name for each in parts_of(plan).get("by", ()) for name in columns_of(each)}
    return len(set(where)) < len(where) or bool(set(where) & (asked - groups))
