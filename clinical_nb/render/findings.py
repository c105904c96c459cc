"""Statistics found by what they are about: the rows of a result, gathered by group, variable and level."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from clinical_nb.dictionary.meaning import Dictionary
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
    Variable,
    Visits,
)
from clinical_nb.render.numbers import COMPUTED, decimals_of
from clinical_nb.render.wording import say_level, say_within
from clinical_nb.result import Result, Statistic

SUMMARIES = (
    "count",
    "proportion",
    "continuous",
    "categorical",
    "survival",
    "follow_up",
    "paired",
    "paired_share",
    "missing",
    "group",
    "changed",
    "stratum",
    "repeated",
    "repeated_share",
    "mixed_mean",
    "matrix_pearson",
    "matrix_spearman",
    "rate",
    "diagnosis",
    "auc",
    "agreement",
    "incidence",
    "trend",
    "bands",
    "extreme",
    "measured",
    "rank",
    "records",
    "records_share",
)
TESTS = {
    "t_test_welch": "Welch's t test",
    "t_test_student": "Student's t test",
    "wilcoxon": "Wilcoxon's rank-sum test",
    "anova_welch": "Welch's ANOVA",
    "anova": "ANOVA",
    "kruskal_wallis": "Kruskal-Wallis test",
    "chi_squared": "chi-squared test",
    "fisher": "Fisher's exact test",
    "cochran_armitage": "Cochran-Armitage test of trend",
    "jonckheere": "Jonckheere-Terpstra test of trend",
    "log_rank": "log-rank test",
    "ancova": "ANCOVA",
    "equal_slopes": "test of equal slopes",
    "friedman": "Friedman test",
    "cochran_q": "Cochran's Q test",
    "tost": "two one-sided tests (the larger p)",
    "noninferiority": "one-sided test of non-inferiority",
    "not_lower": "one-sided test against the lower margin",
    "not_higher": "one-sided test against the upper margin",
    "cmh": "Cochran-Mantel-Haenszel test",
    "breslow_day": "Breslow-Day test of one odds ratio",
    "pearson": "Pearson's correlation",
    "spearman": "Spearman's rank correlation",
    "kendall": "Kendall's rank correlation",
    "t_test_paired": "paired t test",
    "signed_rank": "Wilcoxon's signed-rank test",
    "mcnemar": "McNemar's test",
    "mcnemar_exact": "exact McNemar test",
    "robust_rates": "Wald's test of rates with robust errors",
    "poisson_exact": "exact test of two rates",
    "delong": "DeLong's test",
    "gray": "Gray's test",
    "log_rank_trend": "log-rank test of a trend",
    "equal_rates": "chi-squared test of equal rates",
    "mixed_interaction": "mixed model's test of one course in all groups",
    "mixed_visits": "mixed model's test of the visits",
}
MEASURES = {
    "risk_difference": "risk difference",
    "risk_ratio": "risk ratio",
    "odds_ratio": "odds ratio",
    "kendalls_w": "Kendall's W (agreement in the order of the times)",
    "mantel_haenszel": "odds ratio within strata (Mantel-Haenszel)",
    "mantel_haenszel_risk_ratio": "risk ratio within strata (Mantel-Haenszel)",
    "nnt": "number needed to treat",
    "cramers_v": "Cramér's V",
    "hodges_lehmann": "Hodges-Lehmann estimate of the difference",
    "cohens_d": "Cohen's d (difference in standard deviations)",
    "hedges_g": "Hedges' g (difference in standard deviations)",
    "rank_biserial": "rank-biserial correlation",
    "eta_squared": "eta² (share of the variance that is between groups)",
    "epsilon_squared": "epsilon² of the ranks",
    "hazard_ratio": "hazard ratio",
    "paired_difference": "difference of the shares",
    "restricted_mean_difference": "difference of the mean times",
    "rate_ratio": "rate ratio",
    "rate_difference": "rate difference",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was computed of one variable (and level) in one group: statistics by name."""

    context: str
    groups: tuple[str | None, str | None]
    variable: str | None
    level: str | None
    stats: dict[str, float | None] = field(default_factory=dict[str, float | None])
    warnings: dict[str, str] = field(default_factory=dict[str, str])

    def get(self, name: str) -> float | None:
        """Return a statistic, None where it is absent or could not be estimated."""
        return self.stats.get(name)

    @property
    def of(self) -> float:
        """What `p` is a share of: those for whom it is known."""
        return self.number("N") - self.number("n_unknown")

    @property
    def grouped(self) -> bool:
        """Whether this is about a group, as against about all."""
        return self.groups != (None, None)

    def number(self, name: str) -> float:
        """Return a count, zero where it is absent."""
        return self.stats.get(name) or 0.0


def gather(result: Result, contexts: Sequence[str] | None = None) -> tuple[Finding, ...]:
    """Return a result's rows as findings, in the order in which they were computed."""
    found: dict[tuple[object, ...], Finding] = {}
    for row in result.statistics:
        if contexts is not None and row.context not in contexts:
            continue
        key = _key(row)
        finding = found.setdefault(
            key, Finding(row.context, (row.group1_level, row.group2_level), row.variable, row.variable_level)
        )
        finding.stats[row.stat_name] = row.stat
        if row.warning:
            finding.warnings[row.stat_name] = row.warning
    return tuple(found.values())


def summaries(result: Result) -> tuple[Finding, ...]:
    """Return what was computed within groups, as against between them."""
    return tuple(each for each in gather(result, SUMMARIES) if {"n", "mean", "N"} & each.stats.keys())


def noun_of(result: Result) -> str:
    """Return what was counted: persons where the note on who was used, or on disclosure, names an identifier."""
    of_whom = [note for note in result.notes if note.kind == "who" or "profile" in note.facts]
    return "persons" if any("identifier" in note.facts for note in of_whom) else "rows"


def headline(result: Result) -> Finding | None:
    """Return the first test of a result: the one that METHODS.md puts first."""
    return next(iter(gather(result, tuple(TESTS))), None)


def measure(result: Result, context: str) -> Finding | None:
    """Return a comparison's estimate, such as its risk ratio."""
    return next(iter(gather(result, (context,))), None)


def by_of(plan: Plan) -> tuple[Variable, ...]:
    """Return the variables that make the groups of a plan."""
    match plan:
        case Compare() | Change() | Stratified() | Margin():
            return (plan.by,)
        case (
            Correlate()
            | Pair()
            | Discriminate()
            | Agree()
            | Repeated()
            | Visits()
            | Correlations()
            | Rank()
            | Bands()
            | Extremes()
        ):
            return ()
        case Regress() | Hazard():
            return ()  # its terms are compared within one model, and not its groups
        case _:
            return plan.by


def subject_of(plan: Plan) -> Variable | None:  # noqa: C901, PLR0911 - one return a kind of plan
    """Return the variable that a plan is about; a count is about none."""
    match plan:
        case Count() | TableOne():
            return None
        case Proportion(_, event):
            return event
        case Describe(_, column) | Rank(_, column) | Bands(_, column) | Extremes(_, column) | Measured(_, column):
            return column
        case Compare() | Regress() | Stratified() | Visits() | Margin() | Mixed():
            return plan.outcome
        case Survive(_, _, event) | Hazard(_, _, event) | Incidence(_, _, event) | Rate(_, event):
            return event
        case FollowUp(_, time):
            return time
        case Correlate(_, one) | Diagnose(_, one) | Discriminate(_, one) | Agree(_, one):
            return one
        case Pair(_, _, after) | Change(_, _, after):
            return after
        case Missingness() | Repeated() | Correlations() | Records():
            return None
        case Trend(_, _, _, of):
            return of or None


def say_groups(finding: Finding, plan: Plan, dictionary: Dictionary) -> str:
    """Return the group of a summary by its labels: "placebo", or "placebo, Michigan" for two variables."""
    pairs = zip(by_of(plan), finding.groups, strict=False)
    return ", ".join(
        say_level(variable, level, dictionary, plan.cohort.table) if level else "unknown"
        for variable, level in pairs
        if level is not None
    )


def say_within_groups(finding: Finding, plan: Plan, dictionary: Dictionary) -> str:
    """Return the group of a summary as the end of a sentence; empty where it is about all."""
    pairs = zip(by_of(plan), finding.groups, strict=False)
    said = [
        say_within(variable, level, dictionary, plan.cohort.table) for variable, level in pairs if level is not None
    ]
    return " ".join(said)


def say_within_side(finding: Finding, side: int, plan: Plan, dictionary: Dictionary) -> str:
    """Return one of the two groups of a comparison as the end of a sentence."""
    return say_within(by_of(plan)[0], finding.groups[side] or "", dictionary, plan.cohort.table)


def say_side(finding: Finding, side: int, plan: Plan, dictionary: Dictionary) -> str:
    """Return one of the two groups of a comparison by its label; 0 is compared with the reference, 1."""
    level = finding.groups[side]
    variable = by_of(plan)[0]
    return say_level(variable, level, dictionary, plan.cohort.table) if level else ""


def data_decimals(findings: Sequence[Finding]) -> int:
    """Return how many decimals the data have, from the statistic of that name or else from the extremes.

    Quotients such as an age computed from days have many: they count as none, since they say nothing of precision.
    """
    told = [int(value) for each in findings if (value := each.get("decimals")) is not None]
    seen = [decimals_of(value) for each in findings for name in ("min", "max") if (value := each.get(name)) is not None]
    most = max(told or seen, default=0)
    return most if most <= COMPUTED else 0


def event_level(findings: Sequence[Finding], result: Result, plan: Plan, dictionary: Dictionary) -> str | None:
    """Return the level of a yes-or-no outcome whose risk is reported; None where the outcome has several levels."""
    for context in ("risk_ratio", "risk_difference", "odds_ratio"):
        found = measure(result, context)
        if found is not None and found.level is not None:
            return found.level
    outcome = subject_of(plan)
    levels = list(dict.fromkeys(each.level for each in findings if each.level is not None))
    if len(levels) == 1:
        return levels[0]
    if len(levels) != 2 or outcome is None:  # noqa: PLR2004 - a yes-or-no outcome
        return None
    if not isinstance(outcome, str):
        return "yes"
    column = dictionary.column(plan.cohort.table, outcome)
    return next((each for each in levels if column.label_of(each).casefold() in ("yes", "true", "present")), None)


def _key(row: Statistic) -> tuple[object, ...]:
    return (
        row.context,
        row.group1,
        row.group1_level,
        row.group2,
        row.group2_level,
        row.variable,
        row.variable_level,
    )
