"""From a file to the answer and on: what its columns make is answered, followed up and run again to the last bit."""

from datetime import date, timedelta

import pytest

import clinical_nb
from clinical_nb.plan import Cohort, Compare, Describe, Difference, Elapsed, Merged, PartOf, name_of_derived

HEADER = "id,birth date,inclusion date,last visit,arm,BP (sys/dia),town,acq_pre,acq_post"


def lines() -> list[str]:
    """40 persons: every fifth above 140/90, one whose last visit is before the first."""
    found = [HEADER]
    for place in range(40):
        first = date(2020, 1, 1) + timedelta(10 * place)
        last = first + timedelta(90 if place else -3)
        pressure = "150/80" if place % 5 == 0 else "120/70"
        town = "oslo" if place == 7 else ("Oslo", "Bergen")[place % 2]
        arm = ("bud", "pla", "mom")[place % 3]
        found.append(
            f"p{place},{1950 + place}-06-15,{first},{last},{arm},{pressure},{town},{3 + place / 20},{1 + place % 7 / 8}"
        )
    return found


@pytest.fixture
def session(tmp_path):
    file = tmp_path / "asthma.csv"
    file.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    with clinical_nb.Session(tmp_path / "store") as opened:
        opened.upload(file, name="asthma")
        yield opened


def numbers(answer: "clinical_nb.Answer", name: str) -> list[object]:
    return [each.stat for each in answer.result.statistics if each.stat_name == name]


def test_halves_of_a_cell_are_thresholds_and_those_who_meet_them_can_be_gone_on_from(session):
    answer = session.ask("how many had BP above 140/90")
    assert (answer.status, numbers(answer, "n")) == ("answered", [8])

    of_those = session.ask("of those, how many were included before June 2020?")

    assert of_those.status == "answered"
    assert numbers(of_those, "n") == [4]  # included on day 0, 50, 100 and 150 of 2020
    assert {type(how) for how in of_those.plan.cohort.derived} == {PartOf}


def test_a_time_says_how_many_ends_lie_before_their_start(session):
    answer = session.ask("median days from inclusion to last visit")

    assert answer.plan.cohort.derived == (Elapsed("inclusion date", "last visit", "day"),)
    assert numbers(answer, "median") == [90.0]
    assert "1 rows have last visit before inclusion date, which cannot be" in str(answer)


def test_an_improvement_is_compared_by_arm_and_in_pairs(session):
    answer = session.ask("mean improvement in ACQ by arm, does it differ?")
    assert answer.plan == Compare(
        Cohort("asthma", answer.plan.cohort.table, derived=(Difference("acq_pre", "acq_post"),)),
        "acq_pre - acq_post",
        "arm",
    )

    pairs = session.ask("which pairs of arms differ?")

    assert (pairs.status, pairs.plan.pairwise) == ("answered", "holm")


def test_an_age_at_a_date_is_the_age_and_runs_again_to_the_last_bit(session):
    answer = session.ask("mean age of patients on budesonide")
    age = Elapsed("birth date", "inclusion date", "year")
    assert isinstance(answer.plan, Describe)
    assert answer.plan.column == name_of_derived(age)
    assert "arm = bud" in answer.reading

    again = session.rerun(answer.run_id)

    assert any("to the last bit" in remark for remark in again.remarks)


def test_spellings_of_one_level_make_one_group_in_an_answer(session):
    answer = session.ask("mean age by town")

    assert [type(how) for how in answer.plan.cohort.derived] == [Merged, Elapsed]
    assert {each.group1_level for each in answer.result.statistics if each.group1_level} == {"Oslo", "Bergen"}
    assert "counted as they are" not in str(answer)


@pytest.mark.parametrize(
    "question",
    [
        "mean improvement in town by arm",
        "median days from surgery to last visit",
        "how many had heart rate above 140/90",
        "mean age at death",
        "mean ACQ",
        "how many were operated before June 2020",
        "mean change in creatinine by arm",
    ],
)
def test_what_the_columns_do_not_make_is_refused(session, question):
    assert session.ask(question).status in ("declined", "unclear")
