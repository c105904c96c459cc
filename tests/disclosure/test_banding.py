"""Survival under a profile: a life table of bands of many or none, from which nobody's time can be solved."""

# ruff: noqa: S311 - tables are generated, not secrets

import json
import random
import re
import sys
from itertools import product
from pathlib import Path

import polars as pl
import pytest

import clinical_nb
from clinical_nb.analysis.rows.joining import join_tables
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.disclosure.disclose import Known, disclose
from clinical_nb.disclosure.profile import PROFILES
from clinical_nb.plan import Cohort, FollowUp, OneOf, Survive
from clinical_nb.result import SUPPRESSED

sys.path.insert(0, str(Path(__file__).parent))

from attack import Attack, true_count

ALL = Cohort("d", "t")
DIED = OneOf("died", ("yes",))
LEVELS = {"arm": ("x", "y"), "died": ("no", "yes"), "time": tuple(str(time) for time in range(1, 11))}
CODED = Column(kind="categorical", levels=(Level(value="no", label="no"), Level(value="yes", label="yes")))
DICTIONARY = Dictionary(
    tables={"t": {"arm": Column(kind="categorical"), "died": CODED, "time": Column(kind="numeric")}}
)
REFERENCE = Path(__file__).parent.parent / "reference" / "life_table.json"
PBC = Path(__file__).parent.parent.parent / "data" / "pbc"


def show(plan, rows, before=(), profile="cms11"):
    frame = pl.DataFrame(rows, schema=dict.fromkeys(LEVELS, pl.String)).with_columns(pl.col("time").cast(pl.Float64))
    frame = frame.lazy()
    result = run(plan, frame, DICTIONARY)
    scan, _ = join_tables(plan, frame, DICTIONARY, {})
    return disclose(plan, result, scan, PROFILES[profile], Known("t", before))


def make_rows(chance):
    """Between 60 and 400 persons of two arms who die or are last seen, at ten times; some times are not known."""
    missing = chance.choice((0, 0, 0.03))
    hazard = chance.choice((0.05, 0.15, 0.3))
    rows = []
    for _ in range(chance.randint(60, 400)):
        time = next((at for at in range(1, 10) if chance.random() < hazard), 10)
        known = None if chance.random() < missing else str(time)
        rows.append({"arm": chance.choices("xy", (2, 1))[0], "died": chance.choice(("yes", "no")), "time": known})
    return rows


def bands_of(level):
    """Return the times that a label of a band says, as anybody would read it."""
    low, high = re.fullmatch(r"(?:over )?([\d.]+)(?: to ([\d.]+))?", level).groups()
    low, high = (float(low), float(high or "inf"))
    return [time for time in LEVELS["time"] if (low < float(time) or (low == 0 and high)) and float(time) <= high]


def learn(attack, plan, result):
    """Turn each number that is shown into an equation, by its labels alone."""
    where = {each.column: each.values[0] for each in plan.cohort.where}
    for each in result.statistics:
        if each.stat is None:
            continue
        cell = where | ({"arm": each.group1_level} if each.group1_level else dict.fromkeys(plan.by, "*"))
        if each.context == "life_table" and each.stat_name in ("n.event", "n.censored"):
            died = "yes" if each.stat_name == "n.event" else "no"
            inside = [attack.those(**cell, died=died, time=time) for time in bands_of(each.variable_level)]
            attack.learn(sum(inside), each.stat)
        elif each.context == "life_table" and each.stat_name == "n.risk":
            first = float(min(bands_of(each.variable_level), key=float, default="inf"))
            later = [time for time in LEVELS["time"] if float(time) >= first]
            attack.learn(sum(attack.those(**cell, died="*", time=time) for time in later), each.stat)
        elif each.context == "survival" and each.stat_name in ("N", "n"):
            died = "*" if each.stat_name == "N" else "yes"
            attack.learn(attack.those(**cell, died=died, time="*"), each.stat)


def found_out(attack, rows):
    """Return who can be solved for: 1 to 10 persons of an arm who died, or were last seen, at any time or until it."""
    found = []
    for arm, died, time in product(LEVELS["arm"], LEVELS["died"], (*LEVELS["time"], None)):
        until = [each for each in LEVELS["time"] if time is not None and float(each) <= float(time)]
        for times in ([time], until):
            true = sum(true_count(rows, {"arm": arm, "died": died, "time": each}) for each in times)
            if 1 <= true <= 10:
                low, high = attack.bounds(sum(attack.those(arm=arm, died=died, time=each) for each in times))
                if high < 10.5 or high - low < 4.5:
                    found.append((arm, died, times, low, high))
    return found


def check(seed):
    chance = random.Random(f"survival {seed}")
    rows = make_rows(chance)
    attack, before, told = Attack(LEVELS, len(rows)), [], 0
    cohorts = (ALL, ALL, Cohort("d", "t", (OneOf("arm", ("x",)),)))
    for cohort in chance.sample(cohorts, 2):
        by = () if cohort.where else chance.choice(((), ("arm",)))
        plan = Survive(cohort, "time", DIED, by, at=chance.choice(((), (5.0,))))
        shown = show(plan, rows, before)
        before += [shown.told] if shown.told else []
        learn(attack, plan, shown.result)
        bands = [each for each in shown.result.statistics if each.context == "life_table" and each.stat is not None]
        assert not any(1 <= each.stat <= 10 for each in bands if each.stat_name.startswith("n."))
        told += len(bands)
    assert found_out(attack, rows) == []
    return told


def test_nobody_can_be_solved_for_from_the_bands_that_are_shown():
    assert sum(check(seed) for seed in range(8)) > 60


@pytest.mark.slow
def test_nobody_can_be_solved_for_from_the_bands_of_two_hundred_sessions():
    assert sum(check(seed) for seed in range(200)) > 1_500


def test_the_attack_solves_for_persons_where_the_curve_is_shown_by_single_times():
    rows = make_rows(random.Random(1))
    attack = Attack(LEVELS, len(rows))
    for arm, died, time in product(LEVELS["arm"], LEVELS["died"], LEVELS["time"]):
        cell = {"arm": arm, "died": died, "time": time}
        attack.learn(attack.those(**cell), true_count(rows, cell))

    assert found_out(attack, rows)


def persons(died, seen):
    """Return persons of one arm, of whom some died or were last seen at each time."""
    return [
        {"arm": "x", "died": how, "time": str(time)}
        for how, numbers in (("yes", died), ("no", seen))
        for time, n in numbers.items()
        for _ in range(n)
    ]


def ends_of(shown):
    return [each.variable_level for each in shown.result.statistics if each.stat_name == "n.event"]


@pytest.mark.parametrize(("first", "ends"), [(11, ["0 to 1", "over 1 to 2"]), (10, ["0 to 2", "over 2 to 8"])])
def test_a_band_ends_where_eleven_have_died_in_it_and_not_where_ten_have(first, ends):
    rows = persons({1: first, 2: 20, 9: 30}, {8: 40, 10: 40})

    assert ends_of(show(Survive(ALL, "time", DIED), rows))[:2] == ends


@pytest.mark.parametrize(("seen", "first"), [(0, "0 to 1"), (11, "0 to 1"), (1, "0 to 2"), (10, "0 to 2")])
def test_a_band_has_many_or_none_who_were_last_seen(seen, first):
    rows = persons({1: 20, 2: 20, 9: 30}, {1: seen, 2: 20, 8: 40, 10: 40})

    assert ends_of(show(Survive(ALL, "time", DIED), rows))[0] == first


def test_there_are_no_bands_where_few_died():
    shown = show(Survive(ALL, "time", DIED), persons({1: 4, 9: 6}, {10: 60}))

    assert ends_of(shown) == []
    assert all(each.stat is None for each in shown.result.statistics if each.stat_name == "n")


def test_rounded_counts_have_no_share_that_exact_ones_were_worked_out_for():
    rows = persons({1: 21, 2: 20, 9: 31}, {8: 41, 10: 40})

    found = [
        each
        for each in show(Survive(ALL, "time", DIED), rows, profile="nhs10").result.statistics
        if each.context == "life_table"
    ]

    assert {each.stat % 5 for each in found if each.stat_name.startswith("n.")} == {0}
    assert {each.warning for each in found if each.stat_name == "estimate"} == {SUPPRESSED}


def test_a_median_is_rounded_until_eleven_have_their_time_within_the_rounding():
    rows = persons({1: 12, 4: 12, 5: 3, 6: 12, 9: 12}, {10: 12})

    for plan in (Survive(ALL, "time", DIED), FollowUp(ALL, "time", DIED)):
        shown = show(plan, rows).result
        medians = [each for each in shown.statistics if each.context == "survival" and each.stat_name == "estimate"]
        for each in medians:
            if each.stat is not None:
                unit = next(note.facts["size"] for note in shown.notes if "size" in note.facts)
                near = [r for r in rows if r["died"] == "yes" and abs(float(r["time"]) - each.stat) <= unit / 2]
                assert len(near) > 10
        if any(each.stat_name in ("estimate", "median") and each.stat is not None for each in shown.statistics):
            assert any("Median times are rounded" in note.text for note in shown.notes)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    with clinical_nb.Session(tmp_path_factory.mktemp("bands")) as session:
        session.upload(PBC / "pbc.csv", name="pbc", dictionary=PBC / "pbc_dictionary.csv")
        session.disclosure("cms11")
        yield session


def test_the_life_table_is_that_of_r_and_near_kaplan_meier(session):
    reference = json.loads(REFERENCE.read_text())
    plan = Survive(Cohort("pbc", "pbc"), "time", OneOf("status", (2,)), at=(1826.25,))

    answer = session.run(plan)

    found = {}
    for each in answer.result.statistics:
        if each.context == "life_table":
            found.setdefault(each.variable_level, {})[each.stat_name] = each.stat
    assert len(found) == len(reference["all"]) + 1
    for ours, theirs, curve in zip(found.values(), reference["all"], reference["kaplan_meier"], strict=False):
        assert ours == pytest.approx({name: n for name, n in theirs.items() if name != "end"}, rel=1e-12)
        assert ours["estimate"] == pytest.approx(curve, abs=0.01)


def test_every_way_out_tells_bands_and_says_what_was_done(session, tmp_path):
    session.disclosure(anew=True)
    answer = session.run(Survive(Cohort("pbc", "pbc"), "time", OneOf("status", (2,)), ("trt",)))

    times = set(pl.read_csv(PBC / "pbc.csv")["time"].to_list())
    spec = answer.chart()
    drawn = {row["time"] for row in spec["data"]["values"]}
    said = str(answer)
    assert "Survival is told by a life table of bands of time" in said
    assert "the lines between them are no estimates" in spec["description"]
    assert len(drawn) > 1
    assert all(time % 365.25 == 0 for time in drawn)
    texts = [said, answer.html(), answer.script()]
    texts += [answer.save(tmp_path / f"answer{ending}").read_text() for ending in (".txt", ".csv", ".json")]
    for text in texts:
        shown = {float(each.replace(",", "")) for each in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text)}
        assert not {time for time in shown & times if time > 500 and time % 100}  # which roundings are


@pytest.mark.parametrize("asked", ["5-year survival by sex", "1-year survival", "restricted mean survival at 1 year"])
def test_what_is_asked_at_a_time_is_shown_or_said_not_to_be(session, asked):
    assert "of this answer may be shown" in str(session.ask(asked))
