"""A value before and after in the same persons: R's tests and intervals, what comes first, and what is refused."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from clinical_nb.analysis.arithmetic.changes import changes_of, signed_rank
from clinical_nb.analysis.arithmetic.discordance import Twice, mcnemar, mcnemar_exact, paired_difference
from clinical_nb.analysis.counted.pairs import Pairs
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Pair, Threshold
from clinical_nb.result import Result

R = json.loads((Path(__file__).parent.parent / "reference" / "pairs.json").read_text(encoding="utf-8"))
BEFORE = [140.1, 152.2, 138.3, 147.4, 160.5, 155.6, 149.7, 151.8]
AFTER = [135.2, 150.9, 139.4, 140.3, 151.1, 148.8, 147.2, 152.4]
NUMERIC = {"before": Column(kind="numeric", unit="mmHg"), "after": Column(kind="numeric", unit="mmHg")}


def change(table, before="before", after="after") -> Result:
    return table.run(Pair(Cohort("d", "t"), before, after))


def agrees(result, expected, numbers):
    means, ranks = numbers(result, "t_test_paired"), numbers(result, "signed_rank")
    assert means["estimate"] == pytest.approx(expected["mean"], rel=1e-10)
    assert [means["conf.low"], means["conf.high"]] == pytest.approx(expected["interval"], rel=1e-9)
    assert [means["statistic"], means["parameter"]] == pytest.approx([expected["t"], expected["df"]], rel=1e-10)
    assert means["p.value"] == pytest.approx(expected["p"], rel=1e-8)
    assert ranks["statistic"] == expected["V"]
    assert ranks["p.value"] == pytest.approx(expected["wilcoxon_p"], rel=1e-9)
    assert ranks["estimate"] == pytest.approx(expected["pseudo_median"], rel=1e-10)


def test_few_changes_without_ties_agree_with_r_exactly(make_table, numbers, notes):
    result = change(make_table(pl.DataFrame({"before": BEFORE, "after": AFTER}), NUMERIC))

    agrees(result, R["exact"], numbers)
    found = numbers(result, "signed_rank")
    assert [found["conf.low"], found["conf.high"]] == pytest.approx(R["exact"]["wilcoxon_interval"], rel=1e-9)
    assert "How p of the signed-rank test was found: exact." in notes(result, "assumption")


def test_tied_changes_and_zeros_agree_with_r(make_table, numbers):
    frame = pl.DataFrame({"before": [float(round(x)) for x in BEFORE], "after": [float(round(x)) for x in AFTER]})

    agrees(change(make_table(frame, NUMERIC)), R["rounded"], numbers)


@pytest.mark.parametrize(("before", "after", "name"), [("quarter", "copper", "copper"), ("stage", "later", "stages")])
def test_a_real_trial_agrees_with_r_and_the_interval_of_ranks_nearly(pbc_table, numbers, before, after, name):
    step = (pl.col("platelet") % 3 == 0).cast(pl.Int64) - (pl.col("platelet") % 5 == 0).cast(pl.Int64)
    table = pbc_table
    table.frame = table.frame.with_columns(
        quarter=pl.col("chol") / 4,
        later=pl.when((pl.col("stage") + step) > 4).then(4).otherwise(pl.col("stage") + step),
    )
    table.columns |= {each: Column(kind="numeric") for each in ("quarter", "later", "stage")}

    result = change(table, before, after)

    agrees(result, R[name], numbers)
    ranks = numbers(result, "signed_rank")
    assert numbers(result, "paired", variable_level="change")["N"] == R[name]["n"]
    if name == "copper":  # R takes a root between two of the averages, which lie 0.125 apart
        assert [ranks["conf.low"], ranks["conf.high"]] == pytest.approx(R[name]["wilcoxon_interval"], abs=0.126)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("chol", "copper", "signed_rank"),
        ("chol", "copper", "t_test_paired"),
        (Threshold("chol", ">", 300), Threshold("copper", ">", 90), "mcnemar"),
        (Threshold("chol", ">", 300), Threshold("copper", ">", 90), "mcnemar_exact"),
    ],
)
def test_a_test_that_is_named_comes_first_with_the_same_numbers(pbc_table, numbers, notes, before, after, named):  # noqa: PLR0913, PLR0917 - a case
    chosen = change(pbc_table, before, after)

    asked = pbc_table.run(Pair(Cohort("d", "t"), before, after, named))

    assert next(each.context for each in asked.statistics if each.stat_name == "p.value") == named
    assert notes(asked, "test")[0].endswith("because it was asked for.")
    assert numbers(asked, named) == numbers(chosen, named)


def test_a_test_of_other_data_is_refused(pbc_table):
    with pytest.raises(PlanError, match="McNemar's test does not compare 'copper' with before"):
        pbc_table.run(Pair(Cohort("d", "t"), "chol", "copper", "mcnemar"))


def test_differences_that_are_one_in_decimals_are_tied(make_table, notes):
    frame = pl.DataFrame({"before": [0.1, 0.2, 0.5, 0.7], "after": [0.2, 0.3, 0.9, 1.4]})

    result = change(make_table(frame, NUMERIC))

    assert "How p of the signed-rank test was found: normal" in " ".join(notes(result, "assumption"))


@pytest.mark.parametrize(
    ("counts", "name"),
    [
        ((12, 3, 9, 16), "few_discordant"),
        ((44, 31, 12, 55), "many_discordant"),
        ((0, 0, 7, 13), "none_before"),
        ((2, 14, 9, 3), "all_but_opposed"),
    ],
)
def test_an_event_before_and_after_agrees_with_r_and_newcombe(counts, name):
    twice, expected = Twice(*counts), R[name]

    assert mcnemar(twice).statistic == pytest.approx(expected["statistic"], rel=1e-12)
    assert mcnemar(twice).p == pytest.approx(expected["p"], rel=1e-10)
    assert mcnemar_exact(twice).p == pytest.approx(expected["exact"], rel=1e-10)
    found = paired_difference(twice)
    assert [found.estimate, found.low, found.high] == pytest.approx(
        [expected[each] for each in ("difference", "low", "high")], rel=1e-10, abs=1e-14
    )


@pytest.mark.parametrize(("changed", "headline"), [(12, "mcnemar_exact"), (26, "mcnemar")])
def test_the_exact_test_comes_first_where_few_changed(make_table, with_levels, numbers, changed, headline):
    after = ["yes"] * 10 + ["no"] * 20 + ["yes"] * changed
    frame = pl.DataFrame({"before": ["yes"] * 10 + ["no"] * (20 + changed), "after": after})
    yes_no = with_levels("binary", ("no", "no"), ("yes", "yes"))

    result = change(make_table(frame, {"before": yes_no, "after": yes_no}))

    assert next(each.context for each in result.statistics if each.stat_name == "p.value") == headline
    assert numbers(result, "paired_table", group1_level="no", group2_level="yes") == {"n": changed}
    assert numbers(result, "paired_share", variable="before")["n"] == 10


def test_who_has_only_one_value_is_told_and_left_out(make_table, notes, numbers):
    frame = pl.DataFrame({"before": [1.0, 2.0, None, 4.0, None], "after": [2.0, 2.5, 3.0, None, None]})

    result = change(make_table(frame, NUMERIC))

    assert notes(result, "missing") == ["1 have only before, 1 only after, 1 neither: they are left out."]
    assert numbers(result, "paired", variable_level="change")["N"] == 2


def test_other_units_are_refused_and_unknown_ones_told(make_table, notes):
    frame = pl.DataFrame({"before": BEFORE, "after": AFTER})
    other = {**NUMERIC, "after": Column(kind="numeric", unit="kPa")}
    unknown = {**NUMERIC, "after": Column(kind="numeric")}

    with pytest.raises(PlanError, match="'before' is in mmHg and 'after' in kPa"):
        change(make_table(frame, other))
    assert (
        "The unit is not known of both before and after" in notes(change(make_table(frame, unknown)), "assumption")[0]
    )


def test_the_same_change_of_everybody_has_no_test(make_table, notes):
    frame = pl.DataFrame({"before": [1.0, 2.0, 3.0], "after": [2.0, 3.0, 4.0]})

    result = change(make_table(frame, NUMERIC))

    assert notes(result, "test") == ["There is no test, because all changes are the same."]


def test_numbers_and_yes_or_no_are_not_paired(pbc_table):
    with pytest.raises(PlanError, match="are not of one kind"):
        change(pbc_table, "bili", Threshold("copper", ">", 80))


def test_levels_in_an_order_are_ranked_and_other_levels_refused(make_table, with_levels, notes):
    levels = [(1, "I"), (2, "II"), (3, "III")]
    frame = pl.DataFrame({"before": [1, 2, 3, 2, 1, 3], "after": [2, 3, 3, 3, 1, 2]})
    ordered = with_levels("categorical", *levels, ordered=True)
    other = with_levels("categorical", *levels[:2], (3, "more"), ordered=True)

    result = change(make_table(frame, {"before": ordered, "after": ordered}))

    assert notes(result, "test")[0] == "Wilcoxon's signed-rank test, because the levels only rank."
    assert not [each for each in result.statistics if each.context == "t_test_paired" or each.stat_name == "mean"]
    with pytest.raises(PlanError, match="do not have the same levels"):
        change(make_table(frame, {"before": ordered, "after": other}))


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=60).filter(
        lambda rows: any(before != after for before, after in rows)
    )
)
def test_from_counts_the_pseudo_median_and_its_test_are_those_of_the_rows(rows):
    before, after = (np.array(each, dtype=float) / 10 for each in zip(*rows, strict=True))
    distinct, counts = np.unique(np.column_stack([before, after]), axis=0, return_counts=True)
    changes = np.round(after - before, 10)
    walsh = (changes[:, None] + changes[None, :])[np.tril_indices(len(changes))] / 2

    found, _ = signed_rank(changes_of(Pairs(distinct[:, 0], distinct[:, 1], counts)))

    assert found.estimate == pytest.approx(np.median(walsh), abs=1e-9)
    ranks = rankdata(np.abs(changes[changes != 0]))
    assert found.statistic == ranks[changes[changes != 0] > 0].sum()
