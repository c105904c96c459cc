"""A table of many columns is checked column by column, as strictly as all at once, and in seconds."""

# ruff: noqa: S311 - tables are generated, not secrets

import random
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clinical_nb.analysis.rows.joining import join_tables
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.disclosure.disclose import Known, disclose
from clinical_nb.disclosure.layout import lay_out
from clinical_nb.disclosure.profile import PROFILES
from clinical_nb.disclosure.suppress import Candidate, protect
from clinical_nb.doing import listening
from clinical_nb.plan import Cohort, Count, OneOf, TableOne

sys.path.insert(0, str(Path(__file__).parent))

from attack import Attack
from test_suppress import found_out, learn

CMS = PROFILES["cms11"]
ALL = Cohort("d", "t")
LEVELS = {"arm": ("x", "y"), "sex": ("f", "m"), "stage": ("i", "ii", "iii"), "grade": ("low", "high")}


def show(plan, frame, before=(), most=CMS):
    dictionary = Dictionary(tables={"t": {name: Column(kind="categorical") for name in frame.columns}})
    result = run(plan, frame.lazy(), dictionary)
    scan, _ = join_tables(plan, frame.lazy(), dictionary, {})
    return disclose(plan, result, scan, most, Known("t", before))


def make_rows(chance):
    """Between 60 and 260 rows of four columns, of which the stage decides the grade."""
    rare = chance.choice((0.03, 0.06, 0.12))
    rows = []
    for _ in range(chance.randint(60, 260)):
        stage = chance.choices(LEVELS["stage"], (1, rare, chance.choice((rare, 1))))[0]
        row = {"arm": chance.choice("xy"), "sex": chance.choices("fm", (1, rare * 3))[0], "stage": stage}
        rows.append(row | {"grade": "low" if stage == "i" else "high"})
    return rows


def check_tied(seed):
    """Ask several tables; whoever knows that one column decides another must not solve for a cell either."""
    chance = random.Random(f"tied {seed}")
    rows = make_rows(chance)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(LEVELS, pl.String))
    attack, before, told = Attack(LEVELS, len(rows)), [], 0
    for stage in LEVELS["stage"]:
        attack.learn(attack.those(stage=stage, grade="high" if stage == "i" else "low"), 0)
    for name in LEVELS:
        attack.learn(attack.those(**{name: None}), 0)
    for _ in range(2):
        by, *others = chance.sample(list(LEVELS), 4)
        plan = chance.choice((TableOne(ALL, tuple(others), (by,)), TableOne(ALL, tuple(others)), Count(ALL, (by,))))
        shown = show(plan, frame, before)
        before += [shown.told] if shown.told else []
        learn(attack, plan, shown.result)
        told += sum(each.stat is not None for each in shown.result.statistics)
    crossings = [("stage",), ("grade",), ("arm", "stage"), ("sex", "stage"), ("arm", "sex"), ("arm", "grade")]
    assert found_out(attack, rows, crossings) == []
    return told


def test_columns_that_decide_each_other_are_checked_together():
    assert sum(check_tied(seed) for seed in range(6)) > 60


@pytest.mark.slow
def test_columns_that_decide_each_other_are_checked_together_in_a_hundred_sessions():
    assert sum(check_tied(seed) for seed in range(100)) > 1_500


def wide(rows, columns, seed=0):
    """Return a table of many columns, numbers, rare levels and missing values among them."""
    chance = np.random.default_rng(seed)
    found = {"arm": chance.choice(["x", "y"], rows), "sex": chance.choice(["f", "m"], rows, p=[0.7, 0.3])}
    for place in range(columns):
        weights = ([0.93, 0.07], [0.5, 0.3, 0.15, 0.04, 0.01])[place % 2]
        values = chance.choice(list("uvwxy")[: len(weights)], rows, p=weights).astype(object)
        values[chance.random(rows) < (0, 0.01, 0.05)[place % 3]] = None
        found[f"c{place}"] = values
    return pl.DataFrame({name: list(values) for name, values in found.items()})


def test_a_table_of_thirty_columns_is_laid_out_in_as_many_blocks():
    frame = wide(800, 30)
    names = tuple(name for name in frame.columns if name.startswith("c"))
    first = show(TableOne(ALL, names, ("arm",)), frame).told
    women = show(Count(Cohort("d", "t", (OneOf("sex", ("f",)),))), frame, [first]).told

    alone, both = lay_out([first], 10), lay_out([women, first], 10)

    assert alone is not None
    assert both is not None
    assert len(alone.kinds) < 30 * 2 * 6 + 1  # and not all that go together: 800 kinds of persons
    assert alone.kinds.sum() == 800 * 30
    assert len(both.kinds) < 30 * 4 * 6 * 3
    assert (alone.links @ alone.kinds == 0).all()


def test_a_large_table_is_checked_in_time_and_says_what_is_being_done():
    said = []
    times = []
    for columns in (10, 30):
        frame = wide(1_000, columns)
        names = tuple(name for name in frame.columns if name.startswith("c"))
        began = time.process_time()
        with listening(said.append):
            shown = show(TableOne(ALL, names, ("arm",)), frame)
        times.append(time.process_time() - began)
        assert shown.suppressed > columns

    assert times[1] < 6  # seconds of one processor; it took 15 and more when all columns were checked at once
    assert "Checking what may be shown" in said
    assert any(each.endswith(f"of {each.split()[-1]}") and "Checking what may be shown: " in each for each in said)


def test_many_persons_are_no_reason_to_show_nothing():
    frame = wide(8_000, 6)

    shown = show(TableOne(ALL, tuple(f"c{place}" for place in range(6)), ("arm",)), frame)

    assert shown.told is not None
    assert sum(each.stat is not None for each in shown.result.statistics) > 40


def test_a_sum_of_what_is_shown_is_shown_too():
    """What is known of a column was hidden once for those outside of it, beside the levels that add up to it."""
    one, other, rest, few = (
        np.array(each, dtype=bool) for each in ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
    )
    sets = [one, other, one | other, rest, few, rest | few]
    kinds = np.array([40, 50, 30, 4])

    found = protect([Candidate(each, rank=place == 2) for place, each in enumerate(sets)], [], kinds, CMS)

    shown = [each.shown for each in found]
    assert shown[2] == (shown[0] and shown[1])
    assert not shown[4]
