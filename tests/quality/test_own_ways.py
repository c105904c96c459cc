"""Numbers written in a way of their own: titres, weeks and days, about so much, in words, and less than is measured."""

import pytest

import clinical_nb
from clinical_nb.dictionary.steps import Censor, ReadNumbers, Recode, TreatAsMissing
from clinical_nb.render.steps import say_step


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "store") as session:
        yield session


def upload(session, tmp_path, name, *values):
    file = tmp_path / "trial.csv"
    file.write_text(f"id;{name}\n" + "".join(f"{at};{value}\n" for at, value in enumerate(values, 1)), encoding="utf-8")
    return session.upload(file)


def steps(dataset, column):
    return [each.step for each in dataset.proposals if each.column == column and each.step]


def test_titres_are_read_by_how_far_was_diluted(session, tmp_path):
    dataset = upload(session, tmp_path, "ana", "1:80", "1 : 160", "1:40", "1:320")

    assert steps(dataset, "ana") == [ReadNumbers(before=("1:",))]
    accepted = session.accept("ana")
    assert accepted.lazy().collect()["ana"].to_list() == [80, 160, 40, 320]


def test_titres_below_the_first_dilution_stay_known_as_such(session, tmp_path):
    dataset = upload(session, tmp_path, "titre", "1:80", "<1:20", "1:40", "neg")

    assert steps(dataset, "titre") == [Recode(values={"neg": "<1:20"}), Censor(before=("1:",))]
    rows = session.accept("titre").lazy().collect()
    assert rows["titre"].to_list() == [80, 10, 40, 10]
    assert rows["titre_limit"].to_list() == [None, "<1:20", None, "<1:20"]


def test_times_are_no_titres(session, tmp_path):
    dataset = upload(session, tmp_path, "walked", "1:20", "1:40", "1:35")

    assert steps(dataset, "walked") == []
    assert [each.kind for each in dataset.report if each.column == "walked"] == ["times as text"]


def test_weeks_and_days_are_weeks(session, tmp_path):
    dataset = upload(session, tmp_path, "ga", "38+2", "40+0", "39 + 6", "37")

    assert steps(dataset, "ga") == [ReadNumbers(weeks_and_days=True)]
    assert say_step(ReadNumbers(weeks_and_days=True)) == "read as numbers; 38+2 as 38 weeks and 2 days, in weeks"
    accepted = session.accept("ga")
    assert accepted.lazy().collect()["ga"].to_list() == pytest.approx([38 + 2 / 7, 40, 39 + 6 / 7, 37])
    assert accepted.dictionary.tables["trial"]["ga"].unit == "weeks"


def test_what_is_no_week_of_a_pregnancy_is_not_read_as_one(session, tmp_path):
    dataset = upload(session, tmp_path, "ga", "38+2", "40+0", "60+2")
    assert steps(dataset, "ga") == []

    upload(session, tmp_path, "ga", "38+2", "40+0", "38+7")
    accepted = session.accept("ga")
    assert accepted.lazy().collect()["ga_missing"].to_list() == [None, None, "38+7"]


def test_what_is_about_so_much_is_read_where_somebody_says_so(session, tmp_path):
    dataset = upload(session, tmp_path, "stay", "52", "~52", "48", "ca. 40", "50")

    assert dataset.lazy().collect()["stay"].to_list() == ["52", "~52", "48", "ca. 40", "50"]
    assert steps(dataset, "stay") == [ReadNumbers(before=("ca.", "~"))]
    assert session.accept("stay").lazy().collect()["stay"].to_list() == [52, 52, 48, 40, 50]


def test_limits_in_words_are_limits(session, tmp_path):
    upload(session, tmp_path, "psa", "0.5", "below 0.1", "1.2", "more than 100", "<0.1")

    rows = session.accept("psa").lazy().collect()
    assert rows["psa"].to_list() == [0.5, 0.05, 1.2, 100, 0.05]
    assert rows["psa_limit"].to_list() == [None, "below 0.1", None, "more than 100", "<0.1"]


def test_what_was_not_detected_is_never_left_out_unasked(session, tmp_path):
    values = ("120", "340", "56", "undetectable", "78", "91", "203", "45")
    dataset = upload(session, tmp_path, "viral_load", *values)

    assert dataset.lazy().collect()["viral_load"].to_list() == list(values)
    assert steps(dataset, "viral_load") == [TreatAsMissing(values=("undetectable",))]
    assert session.accept("all").lazy().collect()["viral_load"].to_list() == list(values)


def test_numbers_in_words_are_written_as_numbers(session, tmp_path):
    dataset = upload(session, tmp_path, "children", "one", "Two", "3", "0", "1", "2")

    assert steps(dataset, "children") == [Recode(values={"Two": "2", "one": "1"})]
    assert session.accept("children").lazy().collect()["children"].to_list() == [1, 2, 3, 0, 1, 2]


def test_yes_and_no_among_codes_are_not_proposed_to_be_missing(session, tmp_path):
    dataset = upload(session, tmp_path, "dead", "0", "1", "1", "0", "No", "Yes", "0", "1", "alive", "0")

    assert steps(dataset, "dead") == []


def test_ages_with_a_unit_that_measures_none_are_told(session, tmp_path):
    dataset = upload(session, tmp_path, "age", "5l", "60", "61", "62", "63")

    (finding,) = [each for each in dataset.report if each.column == "age"]
    assert (finding.kind, finding.rows) == ("no numbers", 1)
    assert "'5l'" in finding.text


def test_micrograms_are_converted(session, tmp_path):
    upload(session, tmp_path, "dose", "12 mg", "15mg", "500 mcg", "1.2 g", "250 \u00b5g")

    assert session.accept("dose").lazy().collect()["dose"].to_list() == pytest.approx([12, 15, 0.5, 1200, 0.25])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("1", "(12)", "3", "(4.5)"), [1, -12, 3, -4.5]),
        (("1", "12-", "3", "4.5-"), [1, -12, 3, -4.5]),
        (("1,200.50", "(1,300.25)", "3", "€(4)"), [1200.5, -1300.25, 3, -4]),
        (("1,5", "(2,5)", "3,5", "($4,5)"), [1.5, -2.5, 3.5, -4.5]),
    ],
)
def test_numbers_below_zero_as_accountants_write_them_are_proposed_to_be_read_so(session, tmp_path, values, expected):
    dataset = upload(session, tmp_path, "change", *values)

    assert dataset.lazy().collect()["change"].to_list() == list(values)  # nothing is done before somebody agrees
    step = steps(dataset, "change")[0]
    assert step.accounting
    assert "(12) and 12- as -12" in say_step(step)
    assert session.accept("change").lazy().collect()["change"].to_list() == expected


@pytest.mark.parametrize("values", [("(1)", "(2)", "(3)"), ("1+", "2-", "3", "4"), ("(-5)", "1", "2", "3")])
def test_what_only_looks_like_it_is_left_as_it_is(session, tmp_path, values):
    dataset = upload(session, tmp_path, "grade", *values)

    assert not any(isinstance(each, ReadNumbers) and each.accounting for each in steps(dataset, "grade"))


def test_a_newer_file_is_read_by_the_accepted_step_and_not_without_it(session, tmp_path):
    upload(session, tmp_path, "change", "1,200.5", "1,300.5", "1,400.5", "1,500.5")
    session.accept("change")
    again = upload(session, tmp_path, "change", "1,200.5", "(1,300.5)", "1,400.5", "1,500.5")

    assert again.lazy().collect()["change"].to_list() == [1200.5, None, 1400.5, 1500.5]  # brackets were not agreed to
    assert again.lazy().collect()["change_missing"].to_list() == [None, "(1,300.5)", None, None]
