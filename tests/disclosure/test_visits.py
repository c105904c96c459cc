"""Of several visits of the same persons: what is asked of one visit is shown, and two visits do not tell on anybody."""

# ruff: noqa: S311 - tables are generated, not secrets

import random
import sys
from pathlib import Path

import polars as pl
import pytest

import clinical_nb
from clinical_nb.analysis.rows.joining import join_tables
from clinical_nb.analysis.rows.reduction import reduce_to_persons
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.disclosure.disclose import Known, disclose
from clinical_nb.disclosure.profile import PERSONS, PROFILES
from clinical_nb.plan import Cohort, Compare, Describe, Mixed, OneOf, Visits

sys.path.insert(0, str(Path(__file__).parent))

from attack import Attack, true_count

LEVELS = {"four": ("seen",), "twelve": ("seen",), "arm": ("x", "y")}
WEEKS = {"four": 4, "twelve": 12}
KINDS = {"id": "identifier", "week": "categorical", "arm": "categorical", "weight": "numeric"}
DICTIONARY = Dictionary(tables={"t": {name: Column(kind=kind) for name, kind in KINDS.items()}})


def make_persons(chance):
    missing = chance.choice((0.01, 0.04, 0.3))
    rare = chance.choice((0.05, 0.3, 1))
    persons = [
        {"arm": chance.choices("xy", (1, rare))[0]}
        | {name: "seen" if chance.random() > missing else None for name in WEEKS}
        for _ in range(chance.randint(40, 200))
    ]
    return [each for each in persons if any(each[name] for name in WEEKS)]


def rows_of(persons):
    return pl.DataFrame(
        [
            (at, WEEKS[name], each["arm"], float(50 + at * (37 + WEEKS[name]) % 61))
            for at, each in enumerate(persons)
            for name in WEEKS
            if each[name]
        ],
        schema=list(KINDS),
        orient="row",
    ).lazy()


def check_session(seed):
    """Ask of each visit by arm and in all, in any order; return how many numbers are shown."""
    chance = random.Random(f"visits {seed}")
    persons = make_persons(chance)
    attack, before, told = Attack(LEVELS, len(persons)), [], 0
    asked = [(name, by) for name in WEEKS for by in ((), ("arm",))]
    for name, by in chance.sample(asked, len(asked)):
        plan = Describe(Cohort("d", "t", (OneOf("week", (WEEKS[name],)),)), "weight", by)
        frame = rows_of(persons)
        scan, _ = reduce_to_persons(plan, join_tables(plan, frame, DICTIONARY, {})[0])
        shown = disclose(plan, run(plan, frame, DICTIONARY), scan, PROFILES["cms11"], Known(PERSONS, before))
        before += [shown.told] if shown.told else []
        for each in shown.result.statistics:
            told += each.stat is not None
            if each.stat_name == "N" and each.stat is not None:
                group = {"arm": each.group1_level} if each.group1_level else {}
                attack.learn(attack.those(**{name: "seen"}, **group), each.stat)
    for names in (("four",), ("twelve",), ("four", "twelve"), ("four", "twelve", "arm")):
        for cell in attack.cells(*names):
            if 1 <= true_count(persons, cell) <= 10:
                low, high = attack.bounds(attack.those(**cell))
                assert high > 10.5, (seed, cell)
                assert high - low > 4.5, (seed, cell)
    return told


def test_nobody_can_be_solved_for_from_what_is_shown_of_two_visits():
    assert sum(check_session(seed) for seed in range(12)) > 30


@pytest.mark.slow
def test_nobody_can_be_solved_for_from_two_visits_in_two_hundred_sessions():
    assert sum(check_session(seed) for seed in range(200)) > 500


@pytest.fixture
def session(tmp_path):
    persons = [{"arm": "xy"[at % 2], "four": "seen" if at % 9 else None, "twelve": "seen"} for at in range(160)]
    rows_of(persons).collect().rename({"id": "patient_id"}).write_csv(tmp_path / "visits.csv")
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(tmp_path / "visits.csv")
        session.correct({"week": {"role": "visit"}})
        session.disclosure("cms11")
        yield session


@pytest.mark.parametrize("plan", [Mixed, Visits])
def test_what_is_withheld_whole_says_what_can_be_asked_and_that_is_shown(session, plan):
    withheld = session.run(plan(Cohort("visits", "visits"), "weight", "week"))

    assert not withheld.result.statistics
    assert "Ask for the mean at one visit, or compare two" in str(withheld)
    one = {each.stat_name: each.stat for each in session.ask("mean weight at week 12").result.statistics}
    assert one["N"] == 160
    assert 50 < one["mean"] < 111
    two = session.ask("mean change in weight from week 4 to week 12").result.statistics
    assert next(each.stat for each in two if each.stat_name == "N") == 142


def test_groups_are_compared_at_one_visit(session):
    cohort = Cohort("visits", "visits", (OneOf("week", (12,)),))

    found = {
        (each.context, each.stat_name): each.stat
        for each in session.run(Compare(cohort, "weight", "arm")).result.statistics
    }

    assert found["t_test_welch", "p.value"] is not None


def test_of_all_visits_at_once_nothing_is_shown_and_why_is_said(session):
    answer = session.ask("compare weight by arm treating rows as independent")

    assert not answer.result.statistics
    assert "a person has several of these rows" in str(answer)
    assert "Ask of one row a person, as at one visit" in str(answer)
