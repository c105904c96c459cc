"""Rows of one person are treated as independent only where the person who asks says so, which the answer then tells."""

import polars as pl
import pytest

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    Cohort,
    Compare,
    Count,
    Describe,
    Extremes,
    Regress,
    Threshold,
    canonical_json,
    plan_from_json,
    to_json,
)

ROWS = pl.DataFrame(
    {
        "patient": ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e", "f", "f"],
        "visit": [1, 2] * 6,
        "arm": ["x", "x", "y", "y"] * 3,
        "sbp": [120, 124, 131, 135, 118, 128, 140, 133, 127, 122, 138, 129],
    }
)
DICTIONARY = Dictionary(
    tables={
        "visits": {
            "patient": Column(kind="identifier", role="patient"),
            "visit": Column(kind="categorical", levels=(Level(value=1, label="1"), Level(value=2, label="2"))),
            "arm": Column(kind="categorical", levels=(Level(value="x", label="x"), Level(value="y", label="y"))),
            "sbp": Column(kind="numeric"),
        }
    }
)
REFUSED = Cohort("d", "visits")
DESPITE = Cohort("d", "visits", despite=("repeated",))
TOLD = (
    "12 rows of 6 persons by patient are treated as independent. Rows of one person are mostly alike: "
    "intervals are then too narrow and p too small."
)


def asked(plan):
    return run(plan, ROWS.lazy(), DICTIONARY)


@pytest.mark.parametrize(
    ("plan_of", "context"),
    [
        (lambda cohort: Compare(cohort, "sbp", "arm"), "t_test_welch"),
        (lambda cohort: Describe(cohort, "sbp"), "continuous"),
        (lambda cohort: Regress(cohort, "sbp", ("arm",), "linear"), "adjusted"),
    ],
)
def test_what_is_refused_is_answered_and_told_where_the_person_overrides_it(notes, plan_of, context):
    with pytest.raises(PlanError, match=r"12 rows of 6 persons.*end the question with 'treating rows as independent'"):
        asked(plan_of(REFUSED))

    result = asked(plan_of(DESPITE))

    assert context in set(result.ard["context"])
    assert TOLD in notes(result, "caution")
    assert notes(result, "who") == ["12 of 12 rows are used, of 6 persons by patient in all."]


def test_the_rows_count_as_they_would_without_an_identifier():
    nameless = Dictionary(tables={"visits": {**DICTIONARY.tables["visits"], "patient": Column(kind="text")}})

    overridden = asked(Compare(DESPITE, "sbp", "arm"))
    plain = run(Compare(REFUSED, "sbp", "arm"), ROWS.lazy(), nameless)

    assert overridden.statistics == plain.statistics


def test_groups_that_the_same_persons_are_in_are_said_to_overlap(notes):
    overlapping = (
        "Some persons have rows in several of the groups, which overlap: a comparison is partly with themselves."
    )

    assert overlapping in notes(asked(Compare(DESPITE, "sbp", "visit")), "caution")
    assert overlapping in notes(asked(Describe(DESPITE, "sbp", (Threshold("sbp", ">", 125),))), "caution")
    assert overlapping not in notes(asked(Compare(DESPITE, "sbp", "arm")), "caution")


def test_values_that_do_not_differ_within_persons_are_rows_too_where_that_is_asked_for():
    sizes = [asked(Describe(cohort, "arm")).ard.filter(stat_name="N")["stat"][0] for cohort in (REFUSED, DESPITE)]

    assert sizes == [6, 12]


def test_one_row_each_has_nothing_to_override(notes):
    first = run(Compare(DESPITE, "sbp", "arm"), ROWS.filter(visit=1).lazy(), DICTIONARY)

    assert not any("treated as independent" in each for each in notes(first, "caution"))


def test_rows_are_counted_each_by_itself_where_that_is_asked_for(notes):
    found = asked(Count(Cohort("d", "visits", (Threshold("sbp", ">", 130),), despite=("repeated",))))

    assert {row.stat_name: row.stat for row in found.statistics if row.stat_name in ("n", "N")} == {"n": 5, "N": 12}
    assert notes(found, "who") == ["5 of 12 rows; each counts by itself, of which a person may have several."]


@pytest.mark.parametrize(
    "plan",
    [
        Extremes(DESPITE, "sbp", "highest"),
        Regress(DESPITE, "sbp", ("arm",), "linear", errors="clustered"),
    ],
)
def test_what_reckons_with_persons_does_not_take_their_rows_for_independent(plan):
    with pytest.raises(PlanError, match=r"does not take them for independent\. Ask without"):
        asked(plan)


def test_plans_keep_what_is_overridden_and_those_from_before_keep_their_json():
    plan = Compare(DESPITE, "sbp", "arm")

    assert plan_from_json(to_json(plan)) == plan
    assert '"despite":["repeated"]' in canonical_json(plan)
    assert "despite" not in canonical_json(Compare(REFUSED, "sbp", "arm"))
