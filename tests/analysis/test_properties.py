"""What holds for every kind of plan: no order, thread or empty group changes a bit, and parts add up to the whole."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.plan import (
    Cohort,
    Compare,
    Count,
    Hazard,
    Incidence,
    OneOf,
    Plan,
    Proportion,
    Rate,
    Stratified,
    Survive,
    TableOne,
    parts_of,
)
from clinical_nb.result import result_to_json

sys.path.insert(0, str(Path(__file__).parent.parent))

from lying import ALL, DIED, LEFT, PLANS, read_trial

HERE = Path(__file__).parent
FRAME, MEANING = read_trial()
BY_ARM = [plan for plan in PLANS if parts_of(plan).get("by") == ("trt",)]


def bits(plan: Plan, frame: pl.DataFrame, meaning: Dictionary = MEANING) -> str:
    return json.dumps(result_to_json(run(plan, frame.lazy(), meaning)), sort_keys=True)


def kinds(plans):
    return pytest.mark.parametrize("plan", plans, ids=lambda plan: type(plan).__name__)


@kinds(PLANS)
def test_the_order_of_rows_and_columns_and_how_they_lie_changes_no_bit(plan):
    chance = random.Random(7)  # noqa: S311 - any order will do
    rows, columns = list(range(len(FRAME))), list(FRAME.columns)
    chance.shuffle(rows)
    chance.shuffle(columns)
    turned = FRAME[rows].select(columns)
    pieces = pl.concat([turned[:7], turned[7:300], turned[300:]], rechunk=False)

    assert bits(plan, pieces) == bits(plan, FRAME)


ON_THREADS = """
import hashlib, sys
sys.path[:0] = [{tests!r}, {here!r}]
from test_properties import FRAME, PLANS, bits
print(hashlib.sha256("".join(bits(plan, FRAME) for plan in PLANS).encode()).hexdigest())
"""


@pytest.mark.slow
def test_the_number_of_threads_changes_no_bit_of_any_kind():
    script = ON_THREADS.format(tests=str(HERE.parent), here=str(HERE))
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "POLARS_MAX_THREADS": str(threads)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for threads in (1, 2, 5)
    }

    assert len(found) == 1


@kinds(BY_ARM)
def test_a_declared_group_without_rows_changes_nothing(plan):
    arm = MEANING.tables["t"]["trt"]
    more = arm.model_copy(update={"kind": "categorical", "levels": (*arm.levels, Level(value=3, label="neither"))})
    columns = MEANING.tables["t"] | {"trt": arm.model_copy(update={"kind": "categorical"})}

    meanings = [Dictionary(tables={"t": columns | {"trt": each}}) for each in (columns["trt"], more)]

    assert bits(plan, FRAME, meanings[0]) == bits(plan, FRAME, meanings[1])


OMNIBUS = [
    Compare(ALL, "age", "stage"), Compare(ALL, "bili", "stage", "kruskal_wallis"), Compare(ALL, DIED, "stage"),
    Compare(ALL, "status", "stage"), Survive(ALL, "time", DIED, ("stage",)), Rate(ALL, DIED, "time", ("stage",)),
    Incidence(ALL, "time", DIED, LEFT, ("stage",)), TableOne(ALL, ("age", "bili", "sex"), ("stage",), tests=True),
    Stratified(ALL, DIED, "stage", ("sex",)),
]  # fmt: skip
OF_ALL = (
    "anova_welch", "kruskal_wallis", "chi_squared", "fisher", "cramers_v", "log_rank", "equal_rates", "gray", "smd",
    "cmh", "eta_squared", "epsilon_squared",
)  # fmt: skip


@kinds(OMNIBUS)
def test_the_order_of_levels_changes_no_bit_of_what_is_of_all(plan):
    def found(levels):
        column = Column(kind="categorical", levels=tuple(Level(value=each, label=str(each)) for each in levels))
        meaning = Dictionary(tables={"t": MEANING.tables["t"] | {"stage": column}})
        result = run(plan, FRAME.lazy(), meaning)
        return {
            (row.context, row.variable, row.stat_name): row.stat for row in result.statistics if row.context in OF_ALL
        }

    assert found((1, 2, 3, 4)) == found((3, 1, 4, 2))
    assert found((1, 2, 3, 4))


def numbers(plan, context, name, frame=FRAME, meaning=MEANING):
    result = run(plan, frame.lazy(), meaning)
    return {
        (row.group1_level, row.group2_level): row.stat
        for row in result.statistics
        if (row.context, row.stat_name) == (context, name)
    }


def test_groups_add_up_to_those_they_are_parts_of():
    known = Cohort("d", "t", (OneOf("trt", (1, 2)),))
    for name in ("n", "N"):
        both = numbers(Proportion(known, DIED, ("trt", "sex")), "proportion", name)
        arms = numbers(Proportion(known, DIED, ("trt",)), "proportion", name)
        assert {(arm, None): sum(n for (one, _), n in both.items() if one == arm) for arm, _ in arms} == arms
        assert sum(arms.values()) == numbers(Proportion(known, DIED), "proportion", name)[None, None]
    of_time = numbers(Rate(known, DIED, "time", ("trt", "sex")), "rate", "time")
    assert sum(of_time.values()) == numbers(Rate(known, DIED, "time"), "rate", "time")[None, None]
    assert sum(numbers(Count(known, ("trt", "sex")), "count", "n").values()) > 0


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.integers(1, 9)] * 4), st.integers(2, 4))
def test_strata_that_are_alike_say_what_one_table_of_them_says(table, strata):
    cells = [
        (arm, event) for (arm, event), n in zip(((1, 1), (1, 0), (0, 1), (0, 0)), table, strict=True) for _ in range(n)
    ]
    rows = [{"arm": arm, "event": event, "site": site} for site in range(strata) for arm, event in cells]
    meaning = Dictionary(tables={"t": dict.fromkeys(("arm", "event", "site"), Column(kind="categorical"))})
    frame, happened = pl.DataFrame(rows), OneOf("event", (1,))

    within = numbers(Stratified(ALL, happened, "arm", ("site",)), "mantel_haenszel", "estimate", frame, meaning)
    crude = numbers(Compare(ALL, happened, "arm"), "odds_ratio", "estimate", frame, meaning)

    assert list(within.values()) == pytest.approx(list(crude.values()), rel=1e-12)


def test_one_stratum_is_none():
    one = FRAME.with_columns(everyone=pl.lit(1))
    meaning = Dictionary(tables={"t": MEANING.tables["t"] | {"everyone": Column(kind="categorical")}})
    plans = (
        (Survive(ALL, "time", DIED, ("trt",)), "log_rank", "statistic"),
        (Hazard(ALL, "time", DIED, ("age", "trt")), "adjusted", "estimate"),
    )
    for plan, context, name in plans:
        apart = numbers(replace(plan, strata=("everyone",)), context, name, one, meaning)
        assert list(apart.values()) == list(numbers(plan, context, name, one, meaning).values())


@pytest.mark.slow
def test_ten_runs_over_six_million_rows_give_one_set_of_bits(tmp_path):
    chance = np.random.default_rng(5)
    rows = 6_000_000
    file = tmp_path / "many.parquet"
    pl.DataFrame({
        "x": chance.lognormal(1, 1, rows).round(2), "g": np.array(["a", "b", "c"])[chance.integers(0, 3, rows)],
        "time": chance.integers(1, 2000, rows), "died": chance.integers(0, 2, rows),
    }).write_parquet(file)  # fmt: skip
    kinds_of = {"x": "numeric", "time": "numeric", "g": "categorical", "died": "categorical"}
    meaning = Dictionary(tables={"t": {name: Column(kind=kind) for name, kind in kinds_of.items()}})
    plans = (Compare(ALL, "x", "g"), Survive(ALL, "time", OneOf("died", (1,)), ("g",)))

    found = {
        json.dumps([result_to_json(run(plan, pl.scan_parquet(file), meaning)) for plan in plans]) for _ in range(10)
    }

    assert len(found) == 1
