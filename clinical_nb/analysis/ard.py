"""Statistics as rows of analysis results data, under the names that R's `cards` uses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.intervals import mean_interval, wilson_interval
from clinical_nb.analysis.distribution import Distribution
from clinical_nb.result import Statistic

LABELS = {
    "n": "n",
    "N": "N",
    "p": "share",
    "n_unknown": "N undecided",
    "N_miss": "N missing",
    "mean": "mean",
    "sd": "SD",
    "conf.low": "95 % CI, lower",
    "conf.high": "95 % CI, upper",
    "exact.low": "exact 95 % CI, lower",
    "exact.high": "exact 95 % CI, upper",
    "median": "median",
    "p25": "first quartile",
    "p75": "third quartile",
    "min": "minimum",
    "max": "maximum",
    "skewness": "skewness",
    "estimate": "estimate",
    "value": "value",
    "mode": "mode",
    "variance": "variance",
    "standard_error": "standard error of the mean",
    "geometric_mean": "geometric mean",
    "superiority": "probability of superiority",
    "statistic": "statistic",
    "parameter": "degrees of freedom",
    "parameter2": "denominator degrees of freedom",
    "p.value": "p",
    "n.risk": "number at risk",
    "n.event": "events until then",
    "n.censored": "last seen before then without the event",
    "n.rows": "n of rows",
    "N.rows": "N of rows",
    "p.holm": "p, adjusted by Holm",
    "time": "person-time",
    "n.competing": "n with the competing event",
    "threshold": "cut-off",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "conf90.low": "90 % CI, lower",
    "conf90.high": "90 % CI, upper",
    "p.adjusted": "p, corrected for the number of comparisons",
}
_NO_ROWS = "no row has a known value"
_TOO_FEW = "fewer than 2 rows have a known value"

Group = tuple[str, str | None]


def write_rows(  # noqa: PLR0913 - one argument a column of the results
    context: str,
    variable: str | None,
    numbers: Mapping[str, float | None],
    groups: Sequence[Group] = (),
    *,
    level: str | None = None,
    reason: str | None = None,
) -> list[Statistic]:
    """Return one row a number; `reason` goes with those that are None."""
    first, second = [*groups, (None, None), (None, None)][:2]
    return [
        Statistic(
            variable=variable,
            variable_level=level,
            stat_name=name,
            stat_label=LABELS[name],
            stat=number,
            context=context,
            group1=first[0],
            group1_level=first[1],
            group2=second[0],
            group2_level=second[1],
            warning=reason if number is None else None,
        )
        for name, number in numbers.items()
    ]


def write_share(  # noqa: PLR0913 - one argument a column of the results
    context: str,
    variable: str | None,
    n: int,
    total: int,
    groups: Sequence[Group] = (),
    *,
    level: str | None = None,
) -> list[Statistic]:
    """Return n, N and their ratio, null where N is 0."""
    share = n / total if total else None
    return write_rows(context, variable, {"n": n, "N": total, "p": share}, groups, level=level, reason=_NO_ROWS)


def write_proportion(  # noqa: PLR0913 - one argument a column of the results
    variable: str, n: int, total: int, missing: int, groups: Sequence[Group] = (), *, level: str = "yes"
) -> list[Statistic]:
    """Return n, N, the proportion with its Wilson interval, and the rows that have no known value."""
    low, high = wilson_interval(n, total) if total else (None, None)
    more = {"conf.low": low, "conf.high": high, "N_miss": missing}
    return [
        *write_share("proportion", variable, n, total, groups, level=level),
        *write_rows("proportion", variable, more, groups, level=level, reason=_NO_ROWS),
    ]


def write_distribution(variable: str, found: Distribution, groups: Sequence[Group] = ()) -> list[Statistic]:
    """Return all that describes a numeric column."""
    mean, sd = found.mean, found.sd
    low, high = mean_interval(mean, sd, found.n) if mean is not None and sd is not None else (None, None)
    numbers = {
        "N": found.n,
        "N_miss": found.missing,
        "mean": mean,
        "sd": sd,
        "conf.low": low,
        "conf.high": high,
        **quartiles_of(found),
        "min": float(found.values[0]) if found.n else None,
        "max": float(found.values[-1]) if found.n else None,
    }
    reason = _TOO_FEW if found.n else _NO_ROWS
    skewness = "the values do not vary" if found.n else _NO_ROWS
    return [
        *write_rows("continuous", variable, numbers, groups, reason=reason),
        *write_rows("continuous", variable, {"skewness": found.skewness}, groups, reason=skewness),
    ]


def quartiles_of(found: Distribution) -> dict[str, float | None]:
    """Return the median and the quartiles under their names."""
    return {"median": found.quantile(2), "p25": found.quantile(1), "p75": found.quantile(3)}


def write_inference(
    context: str, variable: str, found: Inference, groups: Sequence[Group], *, level: str | None = None
) -> list[Statistic]:
    """Return a row for each number of an estimate or a test; where there is none, one null row with the reason."""
    numbers = {
        "estimate": found.estimate,
        "conf.low": found.low,
        "conf.high": found.high,
        "superiority": found.superiority,
        "statistic": found.statistic,
        "parameter": found.df,
        "parameter2": found.df2,
        "p.value": found.p,
    }
    known: dict[str, float | None] = {name: number for name, number in numbers.items() if number is not None}
    rows = write_rows(context, variable, known, groups, level=level)
    if found.reason is None:
        return rows
    missing = "p.value" if context in TESTS else "estimate"
    if missing not in known:
        return [*rows, *write_rows(context, variable, {missing: None}, groups, level=level, reason=found.reason)]
    return [*rows[:-1], replace(rows[-1], warning=found.reason)]


TESTS = {
    "t_test_welch": "Welch's t test",
    "t_test_student": "Student's t test",
    "wilcoxon": "Wilcoxon's rank-sum test",
    "anova_welch": "Welch's analysis of variance",
    "anova": "the classical analysis of variance",
    "kruskal_wallis": "the Kruskal-Wallis test",
    "chi_squared": "the chi-squared test",
    "fisher": "Fisher's exact test",
    "cochran_armitage": "the Cochran-Armitage test of trend",
    "jonckheere": "the Jonckheere-Terpstra test of trend",
    "log_rank": "the log-rank test",
    "ancova": "the analysis of covariance",
    "equal_slopes": "the test of equal slopes",
    "friedman": "Friedman's test",
    "cochran_q": "Cochran's Q test",
    "tost": "two one-sided tests",
    "noninferiority": "the one-sided test of non-inferiority",
    "not_lower": "the test against the lower margin",
    "not_higher": "the test against the upper margin",
    "cmh": "the Cochran-Mantel-Haenszel test",
    "breslow_day": "the Breslow-Day test",
    "pearson": "Pearson's correlation",
    "spearman": "Spearman's rank correlation",
    "kendall": "Kendall's rank correlation",
    "t_test_paired": "the paired t test",
    "signed_rank": "Wilcoxon's signed-rank test",
    "mcnemar": "McNemar's test",
    "mcnemar_exact": "the exact McNemar test",
    "proportional_hazards": "the test of proportional hazards",
    "proportional_odds": "Brant's test of proportional odds",
    "term_test": "the test of all levels of a term",
    "interaction_test": "the test of an interaction",
    "model_test": "the test of all terms",
    "hosmer_lemeshow": "the Hosmer-Lemeshow test",
    "robust_rates": "Wald's test of rates with robust errors",
    "poisson_exact": "the exact test of two rates",
    "delong": "DeLong's test",
    "gray": "Gray's test",
    "log_rank_trend": "the log-rank test of a trend",
    "equal_rates": "the chi-squared test of equal rates",
    "mixed_interaction": "the mixed model's test of one course in all groups",
    "mixed_visits": "the mixed model's test of the visits",
}
