"""What each kind of plan may show: one table, as data, with nothing shown of a kind that is not in it.

The sources of each rule are in docs/disclosure.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from clinical_nb.plan import (
    Agree,
    Bands,
    Change,
    Compare,
    Correlate,
    Correlations,
    Count,
    Describe,
    Diagnose,
    Discriminate,
    Extremes,
    FollowUp,
    Hazard,
    Incidence,
    Margin,
    Measured,
    Missingness,
    Mixed,
    Pair,
    Plan,
    Proportion,
    Rank,
    Rate,
    Records,
    Regress,
    Repeated,
    Stratified,
    Survive,
    TableOne,
    Trend,
    Visits,
)

# counts: n, N and their share, each suppressed by itself.
# numbers: what describes a numeric column in a group; shown where the group's size is, and nobody makes it up.
# derived: what the counts and numbers behind it determine; shown where none of those is suppressed.
Treatment = Literal["counts", "numbers", "derived"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind of plan is treated, by the context of its statistics; a context that is not named is never shown.

    `crossings` are the tables of counts behind the answer, by the plan's fields; a field that begins with `*` stands
    for one table for each of its variables. `differences` says that numbers are subtracted from each other in each
    person, of which nobody may make up the result either. `sums` says that all its counts are sums of a crossing's,
    `apart` that a variable's statistics rest on its own crossings alone. `why` is said where nothing of it is shown.
    """

    crossings: tuple[tuple[str, ...], ...] = ()
    contexts: Mapping[str, Treatment] = field(default_factory=dict[str, Treatment])
    differences: bool = False
    sums: bool = False
    apart: bool = False
    why: str = ""


def _treated(counts: str = "", numbers: str = "", derived: str = "") -> Mapping[str, Treatment]:
    ways: tuple[tuple[Treatment, str], ...] = (("counts", counts), ("numbers", numbers), ("derived", derived))
    return {context: way for way, contexts in ways for context in contexts.split()}


_BETWEEN = (
    "t_test_welch t_test_student wilcoxon anova_welch anova kruskal_wallis chi_squared fisher cochran_armitage "
    "jonckheere risk_difference risk_ratio odds_ratio nnt cramers_v hodges_lehmann cohens_d hedges_g rank_biserial "
    "eta_squared epsilon_squared pairwise_t_test_welch pairwise_t_test_pooled pairwise_wilcoxon pairwise_chi_squared "
    "pairwise_fisher tukey smd"
)
_MODEL = (
    "unadjusted adjusted term_test model_test r_squared adjusted_r_squared vif auc hosmer_lemeshow shape "
    "interaction_test interaction within cut proportional_hazards"
)
_PAIRED = (
    "signed_rank t_test_paired mcnemar mcnemar_exact paired_difference pairwise_signed_rank pairwise_t_test_paired "
    "pairwise_mcnemar friedman cochran_q kendalls_w"
)
_INDIVIDUAL = (
    "each number is a value that some person has. Ask for the 5th and the 95th percentile instead, which are shown "
    "where enough persons lie beyond them"
)
_ROWS = "rows are counted, which do not tell how many persons are behind them. Ask how many persons have such a row"
_VISITS = (
    "it is of the courses of single persons over their visits, and who has which visits is not checked. Ask for the "
    "mean at one visit, or compare two"
)
_TREND_OF_NUMBERS = Rule((("date", "by"),), _treated("", "trend"))

RULES: Mapping[type[Plan], Rule] = {
    Count: Rule((("by",),), _treated("count")),
    Proportion: Rule((("event", "by"),), _treated("proportion")),
    Describe: Rule((("column", "by"),), _treated("categorical", "continuous ordinal")),
    Compare: Rule((("outcome", "by"),), _treated("categorical proportion", "continuous ordinal", _BETWEEN)),
    Margin: Rule(
        (("outcome", "by"),),
        _treated("proportion", "continuous", "margin margin_difference tost not_lower not_higher noninferiority"),
    ),
    TableOne: Rule((("*columns", "by"),), _treated("group categorical", "continuous ordinal", _BETWEEN), apart=True),
    Missingness: Rule((("*columns", "by"),), _treated("missing", "", "chi_squared fisher"), apart=True),
    Stratified: Rule(
        (("outcome", "by", "strata"),),
        _treated(
            "",
            "",
            "stratum stratum_odds_ratio mantel_haenszel mantel_haenszel_risk_ratio odds_ratio cmh breslow_day",
        ),
        sums=True,
    ),
    Diagnose: Rule(
        (("test", "reference", "by"),), _treated("", "", "diagnosis likelihood_ratio diagnosis_table"), sums=True
    ),
    Bands: Rule((("bands", "events"),), _treated("", "", "bands banded"), sums=True),
    Rank: Rule((("column",),), _treated("rank ranked")),
    Regress: Rule((("outcome",), ("*terms", "outcome")), _treated("model", "", _MODEL)),
    Hazard: Rule((("event",), ("*terms", "event"), ("strata", "event")), _treated("model", "", _MODEL)),
    # Curves, and those at risk, go down by one person at a time, and mean times end at the last time of somebody: they
    # are told by bands of time instead.
    Survive: Rule(
        (("event", "by", "strata"),),
        _treated(
            "",
            "",
            "survival follow_up life_table log_rank log_rank_trend hazard_ratio proportional_hazards",
        ),
        sums=True,
    ),
    FollowUp: Rule((("event", "by"),), _treated("", "", "follow_up"), sums=True),
    Incidence: Rule((("event", "competing", "by"),), _treated("", "", "incidence gray"), sums=True),
    Rate: Rule((("event", "by"),), _treated("", "", "rate rate_ratio rate_difference poisson_exact equal_rates")),
    Discriminate: Rule((("event",),), _treated("", "", "auc delong"), sums=True),
    Agree: Rule(
        (("one", "other"),),
        _treated("", "paired", "agreement kappa kappa_weighted agreement_cell bland_altman icc concordance"),
        differences=True,
        sums=True,
    ),
    Pair: Rule(
        (("before", "after"),),
        _treated("", "paired", f"paired_share paired_table {_PAIRED}"),
        differences=True,
        sums=True,
    ),
    Change: Rule(
        (("by",),),
        _treated("", "changed", "ancova adjusted_mean equal_slopes wilcoxon t_test_welch anova anova_welch"),
        differences=True,
    ),
    Repeated: Rule((("times",),), _treated("", "repeated", f"repeated_share {_PAIRED}"), differences=True),
    Correlate: Rule((("one", "other"),), _treated("", "paired", "spearman pearson kendall")),
    Correlations: Rule((("columns", "given"),), _treated("", "", "matrix_spearman matrix_pearson")),
    Measured: Rule((("column", "by"),), _treated("", "measured")),
    Extremes: Rule(why=_INDIVIDUAL),
    Trend: Rule((("date", "of", "by"),), _treated("trend")),
    Records: Rule((("rows", "by"),), _treated("records")),
    Visits: Rule(why=_VISITS),
    Mixed: Rule(why=_VISITS),
}


def rule_of(plan: Plan) -> Rule:
    """Return how a plan is treated; a kind without a rule shows nothing."""
    if isinstance(plan, Records) and plan.among:
        return Rule(why=_ROWS)
    if isinstance(plan, Trend) and isinstance(plan.of, str) and plan.of:
        return _TREND_OF_NUMBERS
    return RULES.get(type(plan), Rule(why="there is no rule of what of it is safe"))
