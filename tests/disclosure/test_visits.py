"""Several rows a person under a profile: one visit is shown, and who was not seen at it is not told."""

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
from clinical_nb.plan import Cohort, Describe, OneOf

sys.path.insert(0, str(Path(__file__).parent))

from attack import Attack, true_count

VISITS = (1, 2, 3)


@pytest.fixture
def session(tmp_path):
    """Open a store of 150 patients, of whom 3 women have no visit 2 and 40 have no visit 3."""
    rows = [
        (at, "FM"[at % 2], "x" if at % 3 else "y", visit, 40 + (at * 7 + visit * 11) % 60)
        for at in range(150)
        for visit in VISITS
        if not (visit == 2 and at in (0, 2, 4)) and not (visit == 3 and at >= 110)
    ]
    pl.DataFrame(rows, ["patient_id", "sex", "arm", "visit", "weight"], orient="row").write_csv(tmp_path / "visits.csv")
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(tmp_path / "visits.csv")
        session.disclosure("cms11")
        yield session


def numbers(answer, name):
    return [each.stat for each in answer.result.statistics if each.stat_name == name]


def test_what_is_asked_of_one_visit_is_shown_as_of_a_table_of_one_row_each(session):
    answer = session.ask("compare weight by arm where visit = 1")

    assert sorted(numbers(answer, "N")) == [50, 100]
    assert None not in numbers(answer, "mean")
    assert any(each.context == "t_test_welch" and each.stat is not None for each in answer.result.statistics)
    assert sorted(numbers(session.ask("mean weight by arm where visit = 3"), "N")) == [37, 73]


def test_the_few_who_were_not_seen_at_a_visit_are_told_by_no_two_answers(session):
    assert numbers(session.ask("mean weight where visit = 1"), "N") == [150]

    answer = session.ask("mean weight where visit = 2")

    assert 147 not in numbers(answer, "N")
    assert not any(numbers(answer, "mean"))
    assert "Answers on this version were shown before" in str(answer)


def test_by_itself_the_visit_that_few_missed_is_not_shown_beside_all_patients_either(session):
    session.ask("how many patients by sex")

    assert not any(numbers(session.ask("mean weight by sex where visit = 2"), "mean")[:1])


def test_what_is_of_several_visits_says_why_it_is_withheld_and_what_to_ask(session):
    by_visit = str(session.ask("mean weight by visit"))
    over_visits = str(session.ask("does weight change over visits"))

    assert "a person has several rows" in by_visit
    assert "Ask at one visit" in by_visit
    assert "Ask for the mean at one visit, or compare two" in over_visits


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
