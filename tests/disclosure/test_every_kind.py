"""Every kind of plan under a profile, in every way out: no small count of persons, and no person's own value."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

import clinical_nb
from clinical_nb.dictionary.meaning import to_yaml
from clinical_nb.disclosure.profile import Profile
from clinical_nb.disclosure.rules import RULES, Rule, rule_of
from clinical_nb.errors import ClinicalError
from clinical_nb.plan import Cohort, Count, Extremes, OneOf, Plan, Proportion, Survive
from clinical_nb.result import SUPPRESSED

sys.path.insert(0, str(Path(__file__).parent.parent))

from lying import PLANS, read_trial

COUNTS = ("n", "N", "N_miss", "n_unknown", "n.risk", "n.rows", "N.rows", "n.competing")
HERE = [replace(plan, cohort=replace(plan.cohort, table="d")) for plan in PLANS]
OWN_VALUES = ("min", "max", "mode", "threshold", "sensitivity", "specificity", "decimals")
CURVES = re.compile(r"_curve|_at$|_bin$|extreme|cut_off|restricted_mean|pattern")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    frame, dictionary = read_trial()
    frame.write_csv(folder / "t.csv")
    (folder / "d.yaml").write_text(to_yaml(dictionary))
    with clinical_nb.Session(folder / "home") as session:
        session.upload(folder / "t.csv", name="d", dictionary=folder / "d.yaml")
        session.disclosure("cms11")
    return folder / "home"


@pytest.fixture
def session(home):
    with clinical_nb.Session(home) as session:
        yield session


def test_every_kind_of_plan_has_a_rule_and_nothing_else_has():
    assert set(RULES) == set(get_args(Plan))
    for rule in RULES.values():
        assert bool(rule.why) != bool(rule.contexts)
        assert bool(rule.contexts) == bool(rule.crossings)


def test_what_has_no_rule_shows_nothing(monkeypatch):
    monkeypatch.delitem(RULES, Count)

    assert rule_of(Count(Cohort("d", "d"))) == Rule(why="there is no rule of what of it is safe")


@pytest.mark.slow
@pytest.mark.parametrize("plan", HERE, ids=lambda plan: type(plan).__name__)
def test_no_way_out_has_a_small_count_or_a_persons_own_value(session, tmp_path, plan):
    session.disclosure(anew=True)  # as the first answer, of which most may be shown

    answer = session.run(plan)

    assert answer.status == "answered", answer.reason
    for each in answer.result.statistics:
        assert not CURVES.search(each.context), each
        if each.stat is None and answer.result.partial:
            assert each.warning == SUPPRESSED
        elif each.stat is None:  # all is shown that it rests on
            assert each.warning
            assert not re.search(r"[1-9]", each.warning)
        elif each.stat_name in COUNTS:
            assert each.stat == 0 or each.stat > 10, each
        assert each.stat is None or each.stat_name not in OWN_VALUES, each
    saved = {ending: answer.save(tmp_path / f"answer{ending}") for ending in (".txt", ".html", ".csv", ".json", ".py")}
    shown = [str(answer), answer.html(), answer.table().as_raw_html(), *answer._repr_mimebundle_().values()]
    shown += [saved[ending].read_text() for ending in (".txt", ".html")]
    for text in shown:
        assert_nothing_small(re.sub(r"base64,[^\"]*", "", text))
    if (spec := answer.chart()) is not None:
        assert_no_small_values(spec["data"]["values"])
        assert "data" not in answer.save(tmp_path / "answer.svg").read_text().split("<svg")[0]
    kept = json.loads(saved[".json"].read_text())
    assert [row["stat"] for row in kept["statistics"]] == [each.stat for each in answer.result.statistics]
    assert pl.read_csv(saved[".csv"], infer_schema=False)["stat"].null_count() == sum(
        each.stat is None for each in answer.result.statistics
    )


def assert_nothing_small(text):
    """Look for a number from 1 to 10 where a count of persons is said."""
    plain = re.sub(r"<[^>]+>", " ", text).replace("counts of 1 to 10", "")
    plain = re.sub(r"(margin|within)( of)? [\d.]+", "", plain)  # which the person said
    for said in (
        r"\bn (\d+)\b(?!\.)",
        r"\bN (\d+)\b(?!\.)",
        r"\bmissing (\d+)\b",
        r"\bof (\d+)\b(?! to)",
        r"n = (\d+)\b",
    ):
        small = [found for found in re.findall(said, plain) if 1 <= int(found) <= 10]
        assert not small, (said, plain)
    assert not re.search(r"\b([1-9]|10) (persons|rows|patients|have no known|more|events)\b", plain), plain


def assert_no_small_values(values):
    for row in values:
        for name in ("n", "of", "N"):
            value = row.get(name)
            assert value is None or value == 0 or value > 10, row


def test_the_history_keeps_the_profile_and_what_it_did_and_no_number(session):
    session.disclosure(anew=True)

    session.run(Proportion(Cohort("d", "d"), OneOf("stage", (1,)), ("trt",)))

    files = sorted((session.home / "history").glob("queries-*"))
    entries = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    chosen = [each for each in entries if each["event"] == "disclosure"]
    assert (chosen[0]["profile"], chosen[0]["most"], chosen[0]["base"]) == ("cms11", 10, 1)
    assert chosen[-1]["anew"] is True
    told = [each for each in entries if each["event"] == "disclosed"]
    assert told[-1]["profile"] == "cms11"
    assert told[-1]["shown"] + told[-1]["suppressed"] > 0
    runs = session.history()
    assert runs["disclosure"][-1].startswith("cms11: ")
    assert "chosen" in runs["status"].to_list()
    assert session.verify().is_whole


def test_the_same_question_has_the_same_answer_after_others(session):
    session.disclosure(anew=True)
    plan = Count(Cohort("d", "d"), ("sex", "trt"))

    first = session.run(plan).result
    session.run(Count(Cohort("d", "d", (OneOf("stage", (4,)),)), ("sex",)))

    assert session.run(plan).result == first


def test_what_was_shown_of_an_earlier_version_counts_for_the_next(session):
    session.disclosure(anew=True)
    session.run(Count(Cohort("d", "d", (OneOf("stage", (1, 2, 3, 4)),)), ("sex",)))

    dataset = session.define("elders", "age over 60")
    later = session.run(Count(Cohort("d", "d"), ("sex",)))

    assert dataset.number > 1
    n = [each.stat for each in later.result.statistics if each.stat_name == "n" and each.group1_level]
    assert None in n  # women with a known stage were told, and 6 have none


def test_rows_do_not_leave_under_a_profile(session, tmp_path):
    for act in (
        lambda: session.sql("SELECT * FROM d"),
        lambda: session.export("d", tmp_path / "out"),
        lambda: session.archive("d", tmp_path / "d.zip"),
        lambda: session.diff("d"),
    ):
        with pytest.raises(ClinicalError, match="shows rows of persons, which nothing does under the profile cms11"):
            act()
    assert not (tmp_path / "out").exists()


def test_off_shows_all_again_and_says_so_in_the_history(home):
    with clinical_nb.Session(home) as session:
        session.disclosure("off")
        try:
            answer = session.run(Extremes(Cohort("d", "d"), "bili", "highest", 3))
        finally:
            session.disclosure("cms11")
        assert answer.result.statistics
        assert not answer.result.partial
        assert "all is shown" in session.history()["summary"].to_list()


def test_another_kernel_of_the_store_has_the_same_profile(home):
    with clinical_nb.Session(home) as session:
        assert session.profile == Profile("cms11", 10)


def test_a_profile_that_cannot_be_read_shows_nothing(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "disclosure.json").write_text("{")
    with clinical_nb.Session(tmp_path / "home") as session, pytest.raises(ClinicalError, match="not known what may be"):
        _ = session.profile


@pytest.mark.parametrize(
    ("name", "most", "base", "said"),
    [
        ("cms12", None, None, "no disclosure profile 'cms12'"),
        ("custom", None, None, "needs the largest count"),
        ("cms11", 5, None, "has its own numbers"),
        ("custom", 0, None, "make no profile"),
        ("custom", 5, 9, "make no profile"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(session, name, most, base, said):
    with pytest.raises(ClinicalError, match=said):
        session.disclosure(name, most, base)
    assert session.profile == Profile("cms11", 10)


def test_a_curve_has_no_event_time_of_anybody(session):
    session.disclosure(anew=True)

    answer = session.run(Survive(Cohort("d", "d"), "time", OneOf("status", (2,)), ("trt",)))

    times = set(read_trial()[0]["time"].to_list())
    assert not {row["time"] for row in answer.chart()["data"]["values"]} & {time for time in times if time % 100}
    assert "Curves, numbers at risk at single times and what single persons have are withheld whole." in str(answer)
    assert {each.context for each in answer.result.statistics} >= {"survival", "log_rank", "hazard_ratio"}
    assert {each.context for each in answer.result.statistics if each.variable_level} == {"life_table"}
    ends = {float(each.variable_level.rpartition(" ")[2]) for each in answer.result.statistics if each.variable_level}
    assert all(end % 100 == 0 for end in ends)
