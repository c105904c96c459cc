"""Typed questions about a trial in several tables have the numbers that plain Polars has, under two sets of names."""

import random

import polars as pl
import pytest

import clinical_nb

TERMS = ("Vertigo", "Vertigo", "Tinnitus", "Myalgia")
ARMS = ("Placebo", "Active Low Dose", "Active High Dose")
# The standard's names, and those that people give: what is asked in words means the same under both.
STANDARD = {
    "people": "adsl", "events": "adae", "values": "adqs", "times": "adtte", "arm": "TRT01P", "age": "AGE", "sex": "SEX",
    "reason": "DCSREAS", "term": "AEDECOD", "serious": "AESER", "test": "PARAM", "value": "AVAL",
    "visit": "AVISIT", "time": "AVAL", "censored": "CNSR", "endpoint": "PARAM",
}  # fmt: skip
PLAIN = {
    "people": "patients", "events": "adverse_events", "values": "measurements", "times": "event_times",
    "arm": "treatment", "age": "age", "sex": "gender", "reason": "discontinuation_reason", "term": "preferred_term",
    "serious": "serious", "test": "test", "value": "result", "visit": "visit", "time": "time", "censored": "censored",
    "endpoint": "parameter",
}  # fmt: skip


def make(seed):
    """Return the rows of a made-up trial, in the plain words of `PLAIN`'s keys."""
    of = random.Random(seed)  # noqa: S311 - any data will do
    people = [
        {
            "USUBJID": f"P{n:03}",
            "arm": ARMS[n % 3],
            "age": of.randint(20, 89),
            "sex": of.choice("FM"),
            "reason": of.choice(["Completed", "Completed", "Adverse Event", "Lost to Follow-up"]),
        }
        for n in range(1, 151)
    ]
    events = [
        {"USUBJID": each["USUBJID"], "term": of.choice(TERMS), "serious": of.choice("NNNY")}
        for each in people
        for _ in range(of.choice([0, 0, 1, 2, 4]))
    ]  # fmt: skip
    values = [
        {"USUBJID": each["USUBJID"], "test": test, "visit": visit, "value": of.randint(10, 60) / 2}
        for each in people
        for test in ("Dizziness Score", "Grip Strength")
        for visit in ("Baseline", "Week 6", "Week 12")
    ]
    times = [
        {"USUBJID": each["USUBJID"], "endpoint": "Time to First Fall", "time": of.randint(1, 300), "censored": n % 2}
        for n, each in enumerate(people)
    ]  # fmt: skip
    return {"people": people, "events": events, "values": values, "times": times}


@pytest.fixture(name="trial", params=[STANDARD, PLAIN], ids=["standard", "plain"])
def _trial(request, tmp_path):
    names, rows = request.param, make(3)
    paths = []
    for table, each in rows.items():
        frame = pl.DataFrame(each)
        frame = frame.rename({old: names[old] for old in frame.columns if old in names})
        paths.append(tmp_path / f"{names[table]}.csv")
        frame.write_csv(paths[-1])
    session = clinical_nb.Session(tmp_path / "home")
    session.upload(paths, name="trial")
    with session:
        yield session, {table: pl.DataFrame(each) for table, each in rows.items()}


def stats(answer, *names):
    """Return numbers of an answer by group and level; the answer's reason where there are none."""
    assert answer.status == "answered", f"{answer.status}: {answer}"
    wanted = [each for each in answer.result.statistics if each.stat_name in names]
    return {(each.group1_level, each.variable_level, each.stat_name): each.stat for each in wanted}


def test_serious_events_and_the_people_who_had_them_are_told_together(trial):
    session, rows = trial
    serious = rows["events"].filter(pl.col("serious") == "Y")

    found = stats(session.ask("how many serious adverse events were there and in how many people"), "n.rows", "n", "N")

    assert found[None, None, "n.rows"] == serious.height
    assert found[None, None, "n"] == serious["USUBJID"].n_unique()
    assert found[None, None, "N"] == 150


def test_the_mean_number_of_events_counts_those_without_any(trial):
    session, rows = trial
    counted = rows["people"].join(rows["events"].group_by("USUBJID").len("n"), on="USUBJID", how="left")
    expected = dict(counted.group_by("arm").agg(pl.col("n").fill_null(0).mean()).iter_rows())

    found = stats(session.ask("total number of adverse events, and mean per patient by arm"), "mean", "n.rows")

    assert found[None, None, "n.rows"] == rows["events"].height
    for arm, mean in expected.items():
        assert found[arm, None, "mean"] == pytest.approx(mean)


def test_a_share_of_events_is_of_events_and_not_of_people(trial):
    session, rows = trial

    found = stats(session.ask("what percent of adverse events were serious"), "n.rows", "N.rows")

    assert found[None, None, "N.rows"] == rows["events"].height
    assert found[None, None, "n.rows"] == (rows["events"]["serious"] == "Y").sum()


def test_the_most_frequent_terms_are_ranked_by_people(trial):
    session, rows = trial
    joined = rows["events"].join(rows["people"], on="USUBJID").filter(pl.col("arm") == "Active High Dose")
    expected = dict(joined.group_by("term").agg(pl.col("USUBJID").n_unique()).iter_rows())

    answer = session.ask("top 3 most common adverse events on high dose")

    assert {level: n for (_, level, _), n in stats(answer, "n").items() if level} == expected


def test_the_main_reason_leaves_out_those_who_completed(trial):
    session, rows = trial
    left = rows["people"].filter(pl.col("reason") != "Completed", pl.col("arm") == "Active Low Dose")
    expected = dict(left.group_by("reason").len().iter_rows())

    answer = session.ask("main reason for discontinuing on low dose")

    assert {level: n for (_, level, _), n in stats(answer, "n").items() if level} == expected


def test_who_left_for_a_reason_is_no_question_of_cause(trial):
    session, rows = trial
    left = rows["people"].filter(pl.col("reason") == "Adverse Event")

    assert stats(session.ask("how many discontinued due to adverse event"), "n")[None, None, "n"] == left.height
    assert session.ask("did the drug cause the falls?").status == "declined"


def test_bands_of_age_hold_everybody_once(trial):
    session, rows = trial

    found = stats(session.ask("age group breakdown (<50, 50-64, 65+) n and %"), "n")

    ages = rows["people"]["age"]
    assert sorted(found.values()) == sorted([(ages < 50).sum(), ages.is_between(50, 64).sum(), (ages >= 65).sum()])
    assert session.ask("age group breakdown (<50, 60-64, 65+)").status == "declined"


def test_a_measurement_is_that_of_its_rows_at_the_visit_that_is_named(trial):
    session, rows = trial
    there = rows["values"].filter(pl.col("test") == "Dizziness Score", pl.col("visit") == "Week 12")
    expected = dict(there.join(rows["people"], on="USUBJID").group_by("arm").agg(pl.col("value").mean()).iter_rows())

    found = stats(session.ask("mean dizziness score at week 12 by arm"), "mean")

    assert {group: n for (group, _, _), n in found.items()} == pytest.approx(expected)
    scores = rows["values"].filter(pl.col("test") == "Dizziness Score").drop_nulls("value")
    own = scores.group_by("USUBJID").agg(pl.col("value").mean()).join(rows["people"], on="USUBJID")
    expected = dict(own.group_by("arm").agg(pl.col("value").mean()).iter_rows())
    found = stats(session.ask("mean dizziness score by arm"), "mean")
    assert {group: n for (group, _, _), n in found.items()} == pytest.approx(expected)  # each person's own mean
    assert session.ask("mean dizziness score at week 8 by arm").status != "answered"


def test_a_time_until_a_named_event_is_compared_between_arms(trial):
    session, rows = trial

    found = stats(session.ask("time to first fall: median by arm and log-rank p"), "n", "N", "p.value")

    events = rows["times"].filter(pl.col("censored") == 0).join(rows["people"], on="USUBJID").group_by("arm").len()
    for arm, n in events.iter_rows():
        assert found[arm, None, "n"] == n
    assert session.ask("overall survival by arm").status != "answered"


COUNTS = (
    "how many women", "how many patients over 60", "how many completed the study", "how many had an adverse event",
    "how many had vertigo", "how many had a dizziness score over 20 at week 12",
)  # fmt: skip
CONDITIONS = ("on placebo", "over 50 years old", "in men", "with an adverse event")


@pytest.mark.parametrize("question", COUNTS)
def test_a_condition_never_raises_a_count_and_groups_sum_to_it(trial, question):
    session, _ = trial
    whole = session.ask(question)
    n = stats(whole, "n")[None, None, "n"]

    for condition in CONDITIONS:
        fewer = session.ask(f"{question} {condition}")
        if fewer.status == "answered":
            assert min(stats(fewer, "n").values()) <= n
    grouped = session.ask(f"{question} by sex")
    if grouped.status == "answered":
        assert sum(k for (group, level, _), k in stats(grouped, "n").items() if group and level in (None, "yes")) == n


PARAPHRASES = (
    ("top 3 most common adverse events", "3 most frequent adverse events", "three commonest AEs"),
    ("how many discontinued due to adverse event", "how many withdrew because of an adverse event"),
    ("mean dizziness score at week 12 by arm", "average dizziness score at week 12 per arm, please"),
    ("what percent of adverse events were serious", "what proportion of all reported AEs were serious"),
    ("how many completed the study by arm", "how many finished the trial in each arm"),
)


@pytest.mark.parametrize("questions", PARAPHRASES, ids=lambda each: each[0])
def test_paraphrases_have_one_plan(trial, questions):
    session, _ = trial

    plans = {session.ask(question).plan for question in questions}

    assert len(plans) == 1
    assert None not in plans
