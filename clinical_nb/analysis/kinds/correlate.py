"""Whether two columns rise and fall together: which coefficient is the headline, and what the others say."""

from clinical_nb.analysis.ard import quartiles_of, write_inference, write_rows
from clinical_nb.analysis.arithmetic.correlation import kendall, pearson, spearman
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import measures_or_ranks
from clinical_nb.analysis.counted.pairs import Pairs, bin_pairs, count_pairs
from clinical_nb.analysis.counts import Scan
from clinical_nb.analysis.distribution import Distribution
from clinical_nb.analysis.guards.skew import find_skew, has_few_integers, measure_skew
from clinical_nb.analysis.kinds.comparison import ASKED, Test, note_alternative, note_test
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Correlate
from clinical_nb.result import Note, Result, Statistic

_FEW_ROWS = 10


def correlate(plan: Correlate, scan: Scan) -> Result:
    """Correlate two columns.

    Contexts: "paired" (each column among the rows with both), "pearson", "spearman" and "kendall", the headline
    first, and "pair_bin" (the rows in each cell of a grid, for the figure).

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or neither measures nor ranks, or a person has several rows.

    """
    if plan.one == plan.other:
        raise PlanError("A column cannot be correlated with itself.", "Name another one.")
    for name in (plan.one, plan.other):
        refuse_levels(scan, name)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    pairs = count_pairs(scan, plan.one, plan.other, plan.cohort.where)
    refuse_nobody(pairs.rows)
    columns = pairs.margins
    ordinal = [ranks_only(scan, name, each) for name, each in zip((plan.one, plan.other), columns, strict=True)]
    names = (plan.one, plan.other)
    statistics = [
        row for name, each, ranked in zip(names, columns, ordinal, strict=True) for row in _describe(name, each, ranked)
    ]
    tests, notes = _test(plan, pairs, columns, ordinal)
    for test in tests:
        statistics += write_inference(test.context, plan.one, test.found, [(plan.other, None)])
    statistics += write_bins("pair_bin", names, pairs)
    before = [
        *note_who(scan, who, pairs.n, pairs.rows),
        *(
            note
            for name, each in zip(names, columns, strict=True)
            for note in note_missing(scan, name, each.missing, plan.cohort.where)
        ),
    ]
    return Result(tuple(statistics), (*before, *notes))


def refuse_levels(scan: Scan, name: str) -> None:
    """Refuse a column that can neither rise nor fall.

    Raises
    ------
    UnknownColumnError, PlanError
        When it is not there, or holds neither numbers nor ordered codes.

    """
    if measures_or_ranks(scan, name):
        return
    raise PlanError(
        f"'{name}' holds neither numbers nor levels in an order with numbers as codes, so it cannot rise or fall.",
        "Compare the other column between its groups instead.",
    )


def ranks_only(scan: Scan, name: str, found: Distribution) -> bool:
    """Say whether a column's values rank and measure no distances."""
    column = scan.columns[name]
    return column.kind != "numeric" or (column.ordered and has_few_integers([found]))


def _describe(name: str, found: Distribution, ranked: bool) -> list[Statistic]:  # noqa: FBT001 - what the column is
    if not found.n:
        return write_rows("paired", name, {"N": 0, "N_miss": found.missing})
    means = {} if ranked else {"mean": found.mean, "sd": found.sd}
    ends = {"min": float(found.values[0]), "max": float(found.values[-1])}
    numbers = {"N": found.n, "N_miss": found.missing, **means, **quartiles_of(found), **ends}
    return write_rows("paired", name, numbers, reason="fewer than 2 rows have both values")


def _test(
    plan: Correlate, pairs: Pairs, columns: tuple[Distribution, Distribution], ordinal: list[bool]
) -> tuple[list[Test], list[Note]]:
    """Return the coefficients, the headline first, and what is said of them."""
    (rho, rho_by), (tau, tau_by) = spearman(pairs), kendall(pairs)
    r, rho, tau = Test("pearson", pearson(pairs)), Test("spearman", rho), Test("kendall", tau)
    names = (plan.one, plan.other)
    ranked = next((name for name, only in zip(names, ordinal, strict=True) if only), None)
    if ranked is not None:
        main, others = rho, (tau, r)
        because = Note("test", "the levels of {variable} only rank", {"variable": ranked})
    else:
        skew = next((why for name, each in zip(names, columns, strict=True) if (why := find_skew([each], name))), None)
        main, others = (rho, (r, tau)) if skew else (r, (rho, tau))
        because = skew or _no_skew(names, columns)
    if plan.test:
        because = ASKED
        main, *others = sorted((main, *others), key=lambda test: test.context != plan.test)
    notes = note_test(main, because)
    if main.found.p is not None:
        notes += note_alternative(main, others[0])
        ways = "; ".join(f"{name} {how}" for name, how in (("Spearman", rho_by), ("Kendall", tau_by)) if how)
        text = "How p was found: {ways}. The intervals of rho and tau are Bonett and Wright's, on Fisher's scale."
        notes.append(Note("assumption", text, {"ways": ways}))
    if pairs.n < _FEW_ROWS:
        text = "{rows} pairs are few: the coefficients are not precise."
        notes.append(Note("caution", text, {"rows": pairs.n}))
    return [main, *others], notes


def _no_skew(names: tuple[str, str], columns: tuple[Distribution, Distribution]) -> Note:
    """Say that neither column is clearly skewed, with the figures."""
    seen = [measure_skew([each], name) for name, each in zip(names, columns, strict=True)]
    text = "neither column is clearly skewed (skewness {first} and {second}); it measures a straight line only"
    first, second = (each.facts.get("skewness", 0.0) if each else 0.0 for each in seen)
    return Note("test", text, {"first": first, "second": second})


def write_bins(context: str, names: tuple[str, str], pairs: Pairs) -> list[Statistic]:
    """Return the rows of `pairs` in each cell of a grid, for a figure; `names` are what the two axes are called."""
    if not pairs.n:
        return []
    x, y, cells = bin_pairs(pairs)

    def text(edges: list[float], place: int) -> str:
        return f"{value_text(edges[place])} to {value_text(edges[place + 1])}"

    return [
        row
        for i, j in zip(*(each.tolist() for each in cells.nonzero()), strict=True)
        for row in write_rows(
            context,
            None,
            {"n": int(cells[i, j])},
            [(names[0], text(x.tolist(), i)), (names[1], text(y.tolist(), j))],
        )
    ]
