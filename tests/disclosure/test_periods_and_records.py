"""Trends by period, and who has rows, under a profile: no small count can be solved for from what is shown."""

# ruff: noqa: S311 - tables are generated, not secrets

import random
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import clinical_nb
from clinical_nb.analysis.rows.joining import join_tables
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.disclosure.disclose import Known, disclose
from clinical_nb.disclosure.profile import PROFILES
from clinical_nb.plan import AnyRow, Cohort, Extremes, OneOf, Records, Trend

sys.path.insert(0, str(Path(__file__).parent))

from attack import Attack, true_count

ALL = Cohort("d", "t")
LEVELS = {"arm": ("x", "y"), "sick": ("no", "yes"), "month": ("2020-01", "2020-02", "2020-03", "2020-04")}
KINDS = {"arm": "categorical", "sick": "categorical", "day": "date", "score": "numeric"}
DICTIONARY = Dictionary(tables={"t": {name: Column(kind=kind) for name, kind in KINDS.items()}})
SICK = OneOf("sick", ("yes",))


def show(plan, rows, before=()):
    frame = pl.DataFrame(
        {
            "arm": [row["arm"] for row in rows],
            "sick": [row["sick"] for row in rows],
            "day": [row["month"] and date(2020, int(row["month"][-2:]), 1 + at % 28) for at, row in enumerate(rows)],
            "score": [float(at * 37 % 101) for at in range(len(rows))],
        },
        schema_overrides={"day": pl.Date},
    ).lazy()
    result = run(plan, frame, DICTIONARY)
    scan, _ = join_tables(plan, frame, DICTIONARY, {})
    return disclose(plan, result, scan, PROFILES["cms11"], Known("t", before))


def make_rows(chance):
    rare = chance.choice((0.05, 0.2, 1))
    missing = chance.choice((0, 0, 0.04))
    return [
        {
            "arm": chance.choices("xy", (1, rare))[0],
            "sick": chance.choices(("no", "yes"), (1, rare))[0],
            "month": None if chance.random() < missing else chance.choices(LEVELS["month"], (1, rare, 1, 0.4))[0],
        }
        for _ in range(chance.randint(40, 300))
    ]


def months_of(period):
    """Return the months that a period's name says."""
    quarters = {"2020 Q1": LEVELS["month"][:3], "2020 Q2": LEVELS["month"][3:]}
    return quarters.get(period, (period,))


def learn(attack, plan, result):
    where = {each.column: each.values[0] for each in plan.cohort.where}
    for each in result.statistics:
        if each.stat is None or each.stat_name not in ("n", "N"):
            continue
        cell = where | ({"arm": each.group2_level or each.group1_level} if plan.by else {})
        sick = "*" if plan.of == SICK and each.stat_name == "N" else "yes" if plan.of == SICK else None
        cell |= {"sick": sick} if sick else {}
        inside = [attack.those(**cell, month=month) for month in months_of(each.group1_level)]
        attack.learn(sum(inside), each.stat)


def check(seed):
    chance = random.Random(f"trend {seed}")
    rows = make_rows(chance)
    attack, before, told = Attack(LEVELS, len(rows)), [], 0
    for name in ("arm", "sick"):
        attack.learn(attack.those(**{name: None}), 0)
    for _ in range(3):
        period, by = chance.choice(("month", "quarter")), chance.choice(((), ("arm",)))
        of = chance.choice(("", SICK, "score"))
        some = chance.choice((ALL, ALL, Cohort("d", "t", (SICK,)))) if of != SICK else ALL
        if not any(row["sick"] == "yes" and row["month"] for row in rows):
            continue
        shown = show(Trend(some, "day", period, of, by), rows, before)
        before += [shown.told] if shown.told else []
        learn(attack, Trend(some, "day", period, of, by), shown.result)
        told += sum(each.stat is not None for each in shown.result.statistics)
    found = []
    for names in (("month",), ("arm", "month"), ("sick", "month"), ("arm", "sick", "month")):
        for cell in attack.cells(*names):
            if 1 <= true_count(rows, cell) <= 10:
                low, high = attack.bounds(attack.those(**cell))
                if high < 10.5 or high - low < 4.5:
                    found.append((cell, low, high))
    assert found == []
    return told


def test_no_period_can_be_solved_for():
    assert sum(check(seed) for seed in range(10)) > 60


@pytest.mark.slow
def test_no_period_can_be_solved_for_in_two_hundred_sessions():
    assert sum(check(seed) for seed in range(200)) > 1_500


@pytest.mark.parametrize(("third", "shown"), [(11, [20, 30, 11, 40]), (10, [None, 30, None, 40])])
def test_a_small_period_takes_another_with_it(third, shown):
    rows = [
        {"arm": "x", "sick": "no", "month": month}
        for month, n in zip(LEVELS["month"], (20, 30, third, 40), strict=True)
        for _ in range(n)
    ]

    assert [each.stat for each in show(Trend(ALL, "day", "month"), rows).result.statistics] == shown


def test_a_share_whose_few_are_suppressed_has_no_interval():
    rows = [{"arm": "x", "sick": sick, "month": "2020-01"} for sick in ["yes"] * 4 + ["no"] * 60]

    found = {each.stat_name: each.stat for each in show(Trend(ALL, "day", "month", SICK), rows).result.statistics}

    assert (found["n"], found["p"], found["conf.low"], found["conf.high"]) == (None, None, None, None)


def test_what_cannot_be_shown_says_what_can():
    rows = make_rows(random.Random(3))

    said = show(Extremes(ALL, "score", "highest", 3), rows).result.notes[-1].text

    assert "a value that some person has" in said
    assert "5th and the 95th percentile" in said


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    persons = [(at, "xy"[at % 2]) for at in range(120)]
    few = [(at, event) for at in range(0, 120, 3) for event in range(1 + at % 4)] + [(at, 9) for at in range(1, 9, 2)]
    pl.DataFrame(persons, schema=["patient_id", "arm"], orient="row").write_csv(folder / "people.csv")
    pl.DataFrame(few, schema=["patient_id", "grade"], orient="row").write_csv(folder / "events.csv")
    with clinical_nb.Session(folder / "home") as session:
        session.upload([folder / "people.csv", folder / "events.csv"], name="trial")
        session.disclosure("cms11")
        yield session


def test_rows_are_told_by_how_many_persons_have_any(session):
    answer = session.run(Records(Cohort("trial", "people"), AnyRow("events"), ("arm",)))

    found = {(each.group1_level, each.stat_name): each.stat for each in answer.result.statistics}
    assert found[None, "n"] == 43
    assert found[None, "N"] == 120
    assert (found["x", "n"], found["y", "n"]) == (20, 23)
    assert all(found[None, name] is None for name in ("n.rows", "mean", "sd", "median", "max"))


def test_few_persons_with_rows_are_suppressed_with_the_share(session):
    plan = Records(Cohort("trial", "people"), AnyRow("events", (OneOf("grade", (9,)),)), ())

    answer = session.run(plan)

    assert all(each.stat is None for each in answer.result.statistics if each.stat_name in ("n", "p", "n.rows"))
    assert " 4 " not in str(answer)


def test_a_later_answer_says_that_earlier_ones_are_taken_into_account(session):
    session.disclosure(anew=True)
    grade_nine = AnyRow("events", (OneOf("grade", (9,)),))

    first = session.run(Records(Cohort("trial", "people"), grade_nine, ()))
    second = session.run(Records(Cohort("trial", "people"), grade_nine, ("arm",)))

    assert "shown before" not in str(first)
    assert "Answers on this version were shown before" in str(second)
