"""A session remembers what was asked: a question can go on from it, and what cannot be meant so is refused."""

import pytest

import clinical_nb
from clinical_nb.history.record import read_runs

CSV = (
    "id,sex,age,weight,arm,relapse\n1,f,60,71,a,yes\n2,m,70,80,b,no\n3,f,50,63,b,no\n4,m,66,91,a,yes\n"
    "5,f,71,65,a,no\n6,m,40,77,b,yes\n7,f,45,60,b,no\n8,m,52,85,a,no\n"
)
MEANING = "column,meaning,codes_or_units\nsex,sex,f=female; m=male\nage,age at entry,years\nweight,body weight,kg\n"
MEANING += "arm,treatment arm,a=drug; b=placebo\nrelapse,relapse,\n"


def means(answer):
    assert answer.status == "answered", answer.reason
    rows = answer.result.ard.filter(stat_name="mean")
    return dict(zip(rows["group1_level"], rows["stat"], strict=True))


def test_a_follow_up_is_answered_of_the_changed_question_and_says_what_it_follows(session):
    first = session.ask("mean weight by arm in women")
    second = session.ask("and in men?")

    assert means(first) == {"a": 68.0, "b": 61.5}  # (71 + 65) / 2, (63 + 60) / 2
    assert means(second) == {"a": 88.0, "b": 78.5}  # (91 + 85) / 2, (80 + 77) / 2
    assert second.reading == "Mean of weight (body weight), kg by arm (treatment arm) where sex = male"
    assert f"Follows the question before: {first.reading}." in second.remarks
    assert f"Follows the question before: {first.reading}." in str(second)


def test_follow_ups_go_on_from_each_other(session):
    session.ask("mean weight in women")
    session.ask("by arm")
    session.ask("and in men?")
    answer = session.ask("only those over 50")

    assert means(answer) == {"a": 88.0, "b": 80.0}  # 4 and 8; of 2 and 6 only 2 is over 50


def test_the_history_keeps_from_which_run_a_question_goes_on_and_masks_what_is_no_vocabulary(session, home):
    first = session.ask("mean weight by arm")
    session.ask("same for men, adjusted for Mrs Miller")
    second = session.ask("what about women?")

    rows = session.history()
    assert rows["parent"].to_list() == [None, None, first.run_id]
    assert rows["question"].to_list() == ["mean weight by arm", "same for men, adjusted for ▢", "what about women?"]
    assert second.run_id == read_runs(home / "history").runs[-1].run_id


def test_a_whole_question_is_never_a_follow_up(session):
    session.ask("mean weight in women")
    answer = session.ask("and how many are over 50")

    assert answer.plan.cohort.where == session.ask("how many are over 50").plan.cohort.where
    assert answer.remarks == ()


@pytest.mark.parametrize(
    "whole",
    ["odds ratio for relapse in men", "nnt for relapse in men"],
)
def test_a_whole_question_that_is_refused_leaves_nothing_older_to_go_on_from(session, whole):
    session.ask("compare relapse by arm")
    refused = session.ask(whole)
    answer = session.ask("nnt")

    assert refused.status == "declined"
    assert "before" not in refused.reason
    assert answer.status == "declined"
    assert "The question before was not answered" in answer.reason


def test_of_those_takes_whom_the_question_before_counted(session):
    session.ask("how many women over 48")  # 1, 3 and 5
    answer = session.ask("of those, how many had a relapse?")  # 1

    assert (
        answer.reading
        == "Count the persons of trial where age (age at entry) > 48 years and relapse = yes and sex = female"
    )
    assert answer.result.ard.filter(stat_name="n")["stat"].to_list() == [1.0]


def test_how_many_of_them_is_of_all_where_nothing_was_asked_before(session):
    answer = session.ask("how many of them had a relapse")

    assert answer.plan.cohort.where == session.ask("how many had a relapse").plan.cohort.where


def test_what_could_mean_two_things_is_asked_back_and_picked_by_number(session):
    session.ask("what proportion had a relapse by arm")
    unclear = session.ask("what about women?")
    picked = session.ask("2")
    other = session.ask("1")

    assert unclear.status == "unclear"
    assert [choice.plan for choice in unclear.choices] == [other.plan, picked.plan]
    assert session.history()["parent"].to_list()[2:] == [unclear.run_id, unclear.run_id]


def test_a_follow_up_goes_on_from_the_choice_that_was_picked(session):
    session.ask("what proportion had a relapse by arm")
    session.ask("what about women?")
    session.ask("2")
    answer = session.ask("and in men?")

    assert answer.reading == "Share with relapse = yes by arm (treatment arm) where sex = male"


@pytest.mark.parametrize(
    "question", ["and in women?", "as a median", "same by arm", "of those, how many are women?", "why?"]
)
def test_with_no_question_before_a_sentence_says_so(session, question):
    answer = session.ask(question)

    assert answer.status == "declined"
    assert "goes on from a question before" in answer.reason


def test_another_kernel_remembers_nothing(session, home):
    session.ask("mean weight by arm")

    with clinical_nb.Session(home) as other:
        answer = other.ask("and in women?")

    assert answer.status == "declined"
    assert "goes on from a question before, and none was answered here" in answer.reason


@pytest.mark.parametrize("refused", ["mean xyzzy by arm", "should I give the drug?"])
def test_a_follow_up_to_a_question_that_was_refused_is_refused(session, refused):
    session.ask("mean weight by arm")
    session.ask(refused)
    answer = session.ask("and in women?")

    assert answer.status == "declined"
    assert "The question before was not answered" in answer.reason


@pytest.mark.parametrize("failed", ["and in Rome?", "number needed to treat?", "what about xyzzy"])
def test_a_follow_up_that_fails_leaves_the_question_to_go_on_from(session, failed):
    session.ask("mean weight by arm")
    assert session.ask(failed).status == "declined"

    assert means(session.ask("and in women?")) == {"a": 68.0, "b": 61.5}


def test_each_dataset_has_its_own_question_before(session, files):
    session.ask("mean weight by arm")
    session.upload(files / "trial.csv", name="other", dictionary=files / "meaning.csv")

    assert "goes on from a question before" in session.ask("and in women?").reason
    session.use("trial")
    assert means(session.ask("and in women?")) == {"a": 68.0, "b": 61.5}


def test_a_newer_version_without_the_column_is_told(session, files):
    session.ask("mean weight by arm")
    (files / "trial.csv").write_text(CSV.replace("weight", "mass"))
    session.upload(files / "trial.csv")
    answer = session.ask("and in women?")

    assert answer.status == "declined"
    assert "The question before was of an earlier version of 'trial'" in answer.reason


def test_a_newer_version_with_the_column_is_asked(session, files):
    session.ask("mean weight by arm")
    (files / "trial.csv").write_text(CSV + "9,f,60,98,b,no\n")
    session.upload(files / "trial.csv")

    assert means(session.ask("and in women?")) == {"a": 68.0, "b": pytest.approx((63 + 60 + 98) / 3)}


def test_why_gives_the_same_answer_with_what_its_notes_say_of_the_test(session):
    before = session.ask("compare weight by arm")
    answer = session.ask("why?")

    assert answer.reused
    assert answer.result == before.result
    (because,) = [remark for remark in answer.remarks if remark.startswith("Why so: ")]
    assert "because the values are not clearly skewed" in because


def test_why_something_that_was_not_done_is_declined_with_what_was(session):
    session.ask("compare weight by arm")
    answer = session.ask("why Fisher's exact test?")

    assert answer.status == "declined"
    assert "does not use 'fisher exact test'" in answer.reason
    assert "t test" in answer.reason


def test_why_of_a_count_has_nothing_to_explain(session):
    session.ask("how many women")
    answer = session.ask("why?")

    assert answer.status == "declined"
    assert "nothing was chosen" in answer.reason


def test_what_was_run_as_a_plan_can_be_gone_on_from(session):
    plan = session.ask("mean weight by arm").plan
    session.ask("how many women")
    session.run(plan)

    assert means(session.ask("and in women?")) == {"a": 68.0, "b": 61.5}


def test_an_answer_shows_what_can_be_asked_next_and_that_can_be_asked(session):
    answer = session.ask("mean weight by arm")
    shown = str(answer).splitlines()
    suggestions = answer.suggestions

    assert len(suggestions) == 3
    assert shown[-4:] == ["Ask next:", *(f"  {each}" for each in suggestions)]
    assert all(each in answer.html() for each in suggestions)
    for suggestion in suggestions:
        session.ask("mean weight by arm")
        assert session.ask(suggestion).status == "answered"


def test_what_was_not_answered_suggests_nothing(session):
    assert session.ask("mean xyzzy").suggestions == ()
    assert "Ask next" not in str(session.ask("mean xyzzy"))


def test_suggestions_are_looked_for_once_and_only_when_they_are_shown(session, monkeypatch):
    looked = []
    monkeypatch.setattr("clinical_nb.ask.following.suggesting.suggest", lambda *_: looked.append(1) or ("same by arm",))
    answer = session.ask("mean weight")
    assert looked == []
    str(answer)
    answer.html()

    assert looked == [1]
