"""Mixed models of repeated visits: R's means, intervals, tests and spreads (reference/mixed.R), and what is refused."""

import json
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.models.random_intercept import fit_random_intercept, sum_cells
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Mixed, OneOf, Threshold

REFERENCE = Path(__file__).parent.parent / "reference"
R = json.loads((REFERENCE / "mixed.json").read_text(encoding="utf-8"))
C = Cohort("d", "t")
NEAR = 2e-6  # lme4 stops where its optimiser does; both agree on the likelihood to 1e-12


def meaning_of(frame: pl.DataFrame, first_arm) -> Dictionary:
    arms = [first_arm, *(each for each in frame["arm"].unique().sort().drop_nulls() if each != first_arm)]
    columns = {
        "id": Column(role="patient", kind="identifier"),
        "visit": Column(
            kind="categorical", ordered=True, levels=tuple(Level(value=v, label=str(v)) for v in visits_of(frame))
        ),
        "arm": Column(kind="categorical", levels=tuple(Level(value=arm, label=str(arm)) for arm in arms)),
        "y": Column(kind="numeric"),
    }
    return Dictionary(tables={"t": columns})


def visits_of(frame: pl.DataFrame) -> list[int]:
    return frame["visit"].unique().sort().to_list()


def read(name: str) -> tuple[pl.DataFrame, Dictionary]:
    frame = pl.read_csv(REFERENCE / f"mixed_{name}.csv")
    return frame, meaning_of(frame, {"orthodont": "Male", "pbcseq": 1, "chick": 1, "sleep": "all"}[name])


def found_of(result, context):
    return {
        (row.group1_level, row.variable_level, row.stat_name): row.stat
        for row in result.statistics
        if row.context == context
    }


@pytest.mark.parametrize("name", R)
def test_a_mixed_model_is_that_of_r(name):
    frame, dictionary = read(name)
    expected = R[name]
    by = ("arm",) if "interaction" in expected else ()

    result = run(Mixed(C, "y", "visit", by), frame.lazy(), dictionary)

    parts = {"mixed_mean": expected["means"], "mixed_difference": expected.get("differences", {})}
    for context, groups in parts.items():
        found = found_of(result, context)
        for group, visits in groups.items():
            for visit, (estimate, low, high, t, df, p) in visits.items():
                key = (group if by else None, visit)
                got = [found[*key, stat] for stat in ("estimate", "conf.low", "conf.high")]
                assert got == pytest.approx([estimate, low, high], rel=NEAR, abs=NEAR)
                if context == "mixed_difference":
                    got = [found[*key, stat] for stat in ("statistic", "parameter", "p.value")]
                    assert got == pytest.approx([t, df, p], rel=1e-4, abs=NEAR)
    tests = {"mixed_visits": expected["visits"], **({"mixed_interaction": expected["interaction"]} if by else {})}
    for context, numbers in tests.items():
        found = {stat: value for (_, _, stat), value in found_of(result, context).items()}
        got = [found[stat] for stat in ("statistic", "parameter", "parameter2", "p.value")]
        assert got == pytest.approx(numbers, rel=1e-4, abs=1e-12)
    sds = found_of(result, "mixed_sd")
    assert [sds[None, each, "estimate"] for each in ("between persons", "within a person")] == pytest.approx(
        expected["sd"], rel=NEAR
    )


rows = st.lists(st.tuples(st.integers(0, 1), *[st.integers(0, 9)] * 3), min_size=6, max_size=20)


@given(rows, st.randoms())
def test_the_order_of_rows_changes_no_bit(persons, chance):
    table = [
        (n, visit, "ab"[arm], value) for n, (arm, *values) in enumerate(persons) for visit, value in enumerate(values)
    ]
    shuffled = list(table)
    chance.shuffle(shuffled)

    def answer(found):
        frame = pl.DataFrame(found, schema=["id", "visit", "arm", "y"], orient="row")
        try:
            return run(Mixed(C, "y", "visit", ("arm",)), frame.lazy(), meaning_of(frame, "a")).statistics
        except PlanError as error:
            return str(error)

    assert answer(table) == answer(shuffled)


@given(st.lists(st.lists(st.integers(-50, 50), min_size=3, max_size=3), min_size=4, max_size=15))
def test_complete_and_balanced_courses_have_the_variances_of_the_analysis_of_variance(persons):
    values = np.array(persons, dtype=float)
    n, visits = values.shape
    rest = values - values.mean(axis=0) - values.mean(axis=1)[:, None] + values.mean()
    within = (rest**2).sum() / ((n - 1) * (visits - 1))
    between = (visits * ((values.mean(axis=1) - values.mean()) ** 2).sum() / (n - 1) - within) / visits
    if within < 1e-9 or between < 1e-9 * within:
        return

    model = fit_random_intercept(sum_cells(np.tile(np.arange(visits), (n, 1)), values, np.ones(n, dtype=np.int64)))

    assert model is not None
    assert (model.within, model.between) == pytest.approx((within, between), rel=1e-8)
    assert model.means == pytest.approx(values.mean(axis=0), abs=1e-9)


def table_of(rows):
    frame = pl.DataFrame(rows, schema=["id", "visit", "arm", "y"], orient="row")
    return frame.lazy(), meaning_of(frame, "a")


ALIKE = [(n, visit, "ab"[n % 2], float((n * visit * 7) % 5)) for n in range(12) for visit in (1, 2, 3)]


def test_rows_in_duckdb_give_the_same_bits():
    frame, dictionary = read("pbcseq")
    plan = Mixed(Cohort("d", "t", (Threshold("visit", "<", 5),)), "y", "visit", ("arm",))

    with duckdb.connect() as database:
        database.register("rows", frame.to_arrow())
        lying = run(plan, database.table("rows"), dictionary)

    assert lying == run(plan, frame.lazy(), dictionary)


def test_a_singular_fit_is_told_and_is_the_model_of_independent_values():
    turned = [(n, visit, arm, 10.0 + (-1) ** (visit + n // 2)) for n, visit, arm, _ in ALIKE if visit < 3]

    result = run(Mixed(C, "y", "visit", ("arm",)), *table_of(turned))

    assert any("The fit is singular" in note.text for note in result.notes)
    assert found_of(result, "mixed_sd")[None, "between persons", "estimate"] == 0


def test_those_without_a_group_or_a_value_are_told():
    rows = [*ALIKE, (50, 1, None, 3.0), (51, 1, "a", None), (52, 1, "b", 2.0)]

    result = run(Mixed(C, "y", "visit", ("arm",)), *table_of(rows))

    told = [(note.kind, note.facts.get("used"), note.facts.get("rows")) for note in result.notes]
    assert ("who", 13, 15) in told
    assert [rows for kind, _, rows in told if kind == "missing"] == [1, 1]
    assert ("assumption", None, 1) in told


@pytest.mark.parametrize(
    ("rows", "plan", "said"),
    [
        ([*ALIKE, (0, 1, "a", 4.0)], Mixed(C, "y", "visit", ("arm",)), "up to 2 rows of one 'visit'"),
        ([*ALIKE, (0, 4, "b", 4.0)], Mixed(C, "y", "visit", ("arm",)), "1 persons have rows in several groups"),
        (ALIKE, Mixed(C, "arm", "visit"), "'arm' does not hold numbers"),
        (ALIKE, Mixed(Cohort("d", "t", (OneOf("visit", (1,)),)), "y", "visit"), "'visit' has 1 visits here"),
        (ALIKE, Mixed(Cohort("d", "t", (OneOf("arm", ("a",)),)), "y", "visit", ("arm",)), "nothing to compare"),
        ([*ALIKE, (30, 4, "b", 4.0)], Mixed(C, "y", "visit", ("arm",)), "Nobody in the group a has a known 'y'"),
        ([(n, 1 + n % 2, "a", 1.0 * n) for n in range(9)], Mixed(C, "y", "visit"), "values at two visits"),
        ([(1, 1, "a", 1.0), (1, 2, "a", 2.0)], Mixed(C, "y", "visit"), "two persons or more"),
        ([(n, v, "a", 1.0 * n) for n in range(9) for v in (1, 2)], Mixed(C, "y", "visit"), "leave no variance"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_a_sentence(rows, plan, said):
    with pytest.raises(PlanError, match=said):
        run(plan, *table_of(rows))
