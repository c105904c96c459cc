"""The report from upload to the cleaned table: proposals accepted, all at once, and what is left to say afterwards."""

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.errors import FileError
from clinical_nb.session import Session

FILES = Path(__file__).parent.parent / "files"
REFUSED = {"ragged_rows.csv", "many_files_3000.zip", "tables.tar.gz"}
LINES = [line.split("\t") for line in (FILES / "manifest.tsv").read_text("utf-8").splitlines()]
MESSES = [file for file, kind, *_ in LINES if kind == "warn" and file not in REFUSED]


@pytest.fixture
def session(tmp_path):
    with Session(tmp_path / "store") as session:
        yield session


def accept_each(session, dataset):
    """Accept each step that is open, those that ask for a decision too."""
    wanted = [at for at, each in enumerate(dataset.proposals, 1) if each.step and not each.is_done]
    return session.accept(*wanted) if wanted else dataset


def accepted(session, file):
    return accept_each(session, session.upload(FILES / file)).lazy().collect()


def test_words_among_numbers_are_missing_at_once_with_the_word_beside(session):
    dataset = session.upload(FILES / "mixed_types.csv")

    frame = dataset.lazy().collect()
    assert frame["value"].to_list() == [5.1, None, 7.0, None, 6.2]
    assert frame["value_missing"].to_list() == [None, "high", None, "see note", None]
    done = [each.column for each in dataset.proposals if each.is_done]
    assert done == ["age", "value"]


def test_one_word_in_twenty_thousand_numbers_leaves_the_column_one_of_numbers(session):
    frame = session.upload(FILES / "mixed_types_late.csv").lazy().collect()

    assert frame["lab"].dtype == pl.Int64
    assert frame["lab"].null_count() == 1
    assert frame["lab_missing"].drop_nulls().to_list() == ["pending"]


def test_what_was_done_at_once_can_be_rejected(session):
    session.upload(FILES / "mixed_types.csv")

    frame = session.reject("value").lazy().collect()

    assert frame["value"].to_list() == ["5.1", "high", "7", "see note", "6.2"]


def test_dates_in_nine_notations_are_one_day_and_impossible_ones_missing(session):
    frame = accepted(session, "dates_five_formats.csv")

    day = date(2023, 4, 5)
    assert frame["visit"].to_list() == [day, day, date(2023, 4, 25), day, day, None, day, day, None]
    assert frame["visit_missing"].drop_nulls().to_list() == ["Apr-2023", "31/02/2023"]


def test_yes_and_no_are_two_levels(session):
    frame = accepted(session, "boolean_like.csv")

    assert frame["dead"].to_list() == ["yes", "no", "yes", "no", "yes", None]
    assert set(frame["diab"]) == {"yes", "no"}
    assert frame["smoke"].to_list() == [1, 0, 1, 2, 0, None]


def test_units_are_converted_only_where_they_measure_one_thing(session):
    frame = accepted(session, "numbers_with_units.csv")

    assert frame["weight"].to_list() == pytest.approx([70, 69.853225, 65])
    assert frame["change"].to_list() == [5, -3, -2]
    assert frame["creat"].to_list() == ["1.2 mg/dl", "88 umol/l", "1.0"]


def test_impossible_values_are_missing_once_that_is_accepted(session):
    frame = accepted(session, "outliers_impossible.csv")

    assert frame["age"].to_list() == [45, None, None, 52, 60]
    assert frame["sbp"].to_list() == [120, None, None, 118, 130]


def test_steps_of_one_column_work_one_after_the_other(session, tmp_path):
    file = tmp_path / "labs.csv"
    values = ["<5", "7", "clumped", "-99", "12.5", *(str(5 + at / 10) for at in range(30))]
    file.write_text("id,crp,bp\n" + "".join(f"{at},{value},1{at % 4}0/80\n" for at, value in enumerate(values)))
    session.upload(file)

    dataset = session.accept("all")

    frame = dataset.lazy().collect()
    assert frame["crp"].to_list()[:5] == [2.5, 7.0, None, None, 12.5]
    assert frame["crp_limit"].to_list()[:2] == ["<5", None]
    assert frame["crp_missing"].to_list()[2:4] == ["clumped", "-99"]
    assert frame["bp_systolic"].to_list()[:2] == [100, 110]
    assert frame["bp_diastolic"].to_list()[:2] == [80, 80]
    assert [each for each in dataset.proposals if each.step and not each.is_done] == []


@pytest.mark.parametrize("file", MESSES)
def test_what_was_accepted_is_not_proposed_again(session, file):
    dataset = accept_each(session, session.upload(FILES / file))

    assert [each for each in dataset.proposals if each.step and not each.is_done] == []


def test_what_an_accepted_step_cannot_read_in_a_newer_file_is_told(session, tmp_path):
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    rows = "".join(f"{day},2023-03-{day:02}\n" for day in range(1, 7))
    rows += "".join(f"{day},{day:02}.03.2023\n" for day in range(13, 20))
    old.write_text("id,visit_date\n" + rows)
    new.write_text("id,visit_date\n" + rows + "21,03/25/2023\n22,13.13.2023\n")
    session.upload(old, name="trial")
    session.accept("visit_date")

    dataset = session.upload(new, name="trial")

    assert dataset.lazy().collect()["visit_date"].null_count() == 2
    (unread,) = [each for each in dataset.report if each.kind == "unread"]
    assert unread.text == "2 values not read as a date, and missing now: '03/25/2023', '13.13.2023'."
    assert (unread.column, unread.rows, unread.at) == ("visit_date", 2, (14, 15))


def test_what_is_declared_missing_or_beyond_a_limit_is_not_told_as_unread(session, tmp_path):
    file = tmp_path / "labs.csv"
    file.write_text("id,crp\n1,<5\n2,7\n3,nd\n4,12\n5,9\n")
    session.upload(file)

    steps = [{"do": "missing", "values": ["nd"]}, {"do": "censor", "rule": "missing"}]
    dataset = session.correct({"crp": {"clean": steps}})

    assert dataset.lazy().collect()["crp"].to_list() == [None, 7, None, 12, 9]
    assert not [each for each in dataset.report if each.kind == "unread"]


def test_accepting_all_keeps_yes_and_no_among_ones_and_noughts(session, tmp_path):
    file = tmp_path / "smoking.csv"
    file.write_text("id,raucher\n" + "".join(f"{at},{('1', '0', 'ja', 'nein')[at % 4]}\n" for at in range(1, 25)))
    session.upload(file)

    frame = session.accept("all").lazy().collect()

    assert frame["raucher"].value_counts(sort=True).sort("raucher").rows() == [("no", 12), ("yes", 12)]


def test_the_unit_that_stands_behind_numbers_is_in_the_dictionary_once_they_are_read(session, tmp_path):
    file = tmp_path / "body.csv"
    rows = "".join(f"{at},{60 + at} kg,{at + 0.5} mmol/L,{at}\n" for at in range(1, 25))
    file.write_text("id,weight,glucose,score\n" + rows)
    session.upload(file)

    dataset = session.accept("weight", "glucose")

    units = {name: dataset.dictionary.column("body", name).unit for name in ("weight", "glucose", "score")}
    assert units == {"weight": "kg", "glucose": "mmol/L", "score": ""}
    assert "mean 72.5 kg" in str(session.ask("mean weight"))


def test_of_converted_numbers_the_unit_is_the_one_that_they_were_converted_to(session, tmp_path):
    file = tmp_path / "body.csv"
    file.write_text("id,dose\n1,500 mg\n2,1 g\n3,250 mg\n")
    session.upload(file)

    dataset = session.correct({"dose": {"clean": [{"do": "numbers", "factors": {"mg": 1, "g": 1000}}]}})

    assert dataset.lazy().collect()["dose"].to_list() == [500, 1000, 250]
    assert dataset.dictionary.column("body", "dose").unit == "mg"


def in_unit(tmp_path, unit):
    file = tmp_path / f"{unit}.csv"
    file.write_text("id,weight\n" + "".join(f"{n},{60 + n} {unit}\n" for n in range(1, 25)))
    return file


@pytest.mark.parametrize("declared", [None, {"weight": {"clean": [{"do": "numbers"}]}}])
def test_no_number_of_a_newer_file_in_another_unit_is_read_until_its_conversion_is_accepted(
    session, tmp_path, declared
):
    session.upload(in_unit(tmp_path, "kg"), name="trial")
    session.correct(declared) if declared else session.accept("weight")

    unread = session.upload(in_unit(tmp_path, "lb"), name="trial")
    remarks = session.ask("mean weight").remarks
    converted = session.accept("weight")

    assert unread.lazy().collect()["weight"].null_count() == 24
    (finding,) = [each for each in unread.report if each.kind == "unread"]
    assert finding.text == "24 numbers in lb, and the step reads kg: missing now."
    assert (finding.rows, finding.at) == (24, (1, 2, 3, 4, 5))
    assert "In doubt, weight: 24 numbers in lb, and the step reads kg: missing now." in remarks
    assert converted.lazy().collect()["weight"].to_list()[:2] == pytest.approx([61 * 0.45359237, 62 * 0.45359237])
    assert converted.dictionary.column("trial", "weight").unit == "kg"


def test_a_unit_that_measures_another_thing_stays_missing_and_nothing_is_proposed(session, tmp_path):
    session.upload(in_unit(tmp_path, "bpm"), name="trial")
    session.accept("weight")

    dataset = session.upload(in_unit(tmp_path, "mg"), name="trial")

    assert dataset.lazy().collect()["weight"].null_count() == 24
    assert [each.step for each in dataset.report if each.kind == "unread"] == [None]


def test_an_unrelated_correction_leaves_the_unit_that_a_step_reads(session, tmp_path):
    session.upload(in_unit(tmp_path, "kg"), name="trial")
    session.correct({"weight": {"clean": [{"do": "numbers"}]}})
    session.upload(in_unit(tmp_path, "lb"), name="trial")

    dataset = session.correct({"id": {"label": "number"}})

    assert dataset.lazy().collect()["weight"].null_count() == 24


def test_percent_and_fraction_are_one_scale_once_it_is_decided_and_no_sooner(session, tmp_path):
    file = tmp_path / "share.csv"
    file.write_text("id,share\n1,55%\n2,0.60\n3,45%\n4,0.5\n5,40%\n")
    session.upload(file)

    undecided = session.accept("all").lazy().collect()
    decided = session.accept("share").lazy().collect()

    assert undecided["share"].to_list() == ["55%", "0.60", "45%", "0.5", "40%"]
    assert decided["share"].to_list() == pytest.approx([0.55, 0.6, 0.45, 0.5, 0.4])


def test_ages_and_heights_in_several_units_are_years_and_centimetres(session, tmp_path):
    file = tmp_path / "body.csv"
    rows = ["41 y,5'11\"", "6 months,6'2", "18 d,5 ft 4 in", "50,5' 14\"", "2 y 3 mo,5 ft"]
    file.write_text("id,age,height\n" + "".join(f"{n},{row}\n" for n, row in enumerate(rows)), encoding="utf-8")
    session.upload(file)

    frame = session.accept("age", "height").lazy().collect()

    assert frame["age"].to_list() == pytest.approx([41, 0.5, 18 / 365.25, 50, 2.25])
    assert frame["height"].to_list() == pytest.approx([180.34, 187.96, 162.56, None, 152.4], nan_ok=True)
    assert frame["height_missing"].to_list()[3] == "5' 14\""


def test_numbers_that_a_file_of_records_has_as_text_are_told_and_read_once_it_is_decided(session, tmp_path):
    file = tmp_path / "labs.ndjson"
    file.write_text('{"crp": 55, "n": 1}\n{"crp": "56", "n": 2}\n{"crp": "57.5", "n": 3}\n')
    dataset = session.upload(file)

    undecided = session.accept("all").lazy().collect()
    decided = session.accept("crp").lazy().collect()

    (finding,) = [each for each in dataset.report if each.kind == "numbers as text"]
    assert (finding.column, finding.rows) == ("crp", 3)
    assert undecided["crp"].to_list() == ["55", "56", "57.5"]
    assert decided["crp"].to_list() == [55, 56, 57.5]


@pytest.mark.parametrize("text", ["[]", "5", "[1, 2]"])
def test_json_without_records_is_one_sentence(session, tmp_path, text):
    file = tmp_path / "empty.json"
    file.write_text(text)

    with pytest.raises(FileError, match=r"'empty\.json' is a JSON file without records"):
        session.upload(file)


DAYS = (date(2023, 5, 1), date(2023, 12, 2), date(2022, 3, 3))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("20230501", "20231202", "20220303"), DAYS),
        (("1. Mai 2023", "2. Dezember 2023", "3. März 2022"), DAYS),
        (("1er mai 2023", "2 décembre 2023", "3 mars 2022"), DAYS),
        (("1 de mayo de 2023", "2 de diciembre de 2023", "3 de marzo de 2022"), DAYS),
        (("1 maggio 2023", "2 dicembre 2023", "3 marzo 2022"), DAYS),
        (("1 de maio de 2023", "2 de dezembro de 2023", "3 de março de 2022"), DAYS),
        (("1 mei 2023", "2 december 2023", "3 maart 2022"), DAYS),
        (("May 1, 2023", "Dec. 2, 2023", "March 3rd, 2022"), DAYS),
        (
            ("03/11/2023 2:15 AM", "03/21/2023 11:05 p.m.", "04/11/2023 12:00 PM"),
            (datetime(2023, 3, 11, 2, 15), datetime(2023, 3, 21, 23, 5), datetime(2023, 4, 11, 12)),  # noqa: DTZ001
        ),
        (
            ("01JAN2023:10:15:00", "05MAR2023:23:15:10"),
            (datetime(2023, 1, 1, 10, 15), datetime(2023, 3, 5, 23, 15, 10)),  # noqa: DTZ001
        ),
    ],
)
def test_dates_of_many_notations_are_told_and_read_also_from_the_next_file(session, tmp_path, values, expected):
    file = tmp_path / "visits.csv"
    file.write_text("id,seen\n" + "".join(f'{n},"{value}"\n' for n, value in enumerate(values)), encoding="utf-8")
    dataset = session.upload(file, name="trial")
    session.accept("seen")
    file.write_text("id,seen\n" + "".join(f'{n},"{value}"\n' for n, value in enumerate(values[::-1])), encoding="utf-8")

    replayed = session.upload(file, name="trial").lazy().collect()

    (finding,) = [each for each in dataset.report if each.column == "seen"]
    assert (finding.kind, finding.rows) == ("dates as text", len(values))
    assert replayed["seen"].to_list() == list(expected)[::-1]


@pytest.mark.parametrize(
    ("name", "values"), [("x", (20230301, 20230230, 20230405)), ("sample_id", (20230301, 20230302))]
)
def test_numbers_that_may_be_no_days_are_not_proposed_as_dates(session, tmp_path, name, values):
    file = tmp_path / "visits.csv"
    file.write_text(f"n,{name}\n" + "".join(f"{n},{value}\n" for n, value in enumerate(values)))

    assert not [each for each in session.upload(file).report if each.kind == "dates as text"]


def test_of_dates_with_the_year_first_nobody_says_that_the_day_is(session, tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text("id,seen\n1,2023/03/01\n2,2023/03/02\n")

    (finding,) = [each for each in session.upload(file).report if each.column == "seen"]

    assert finding.proposal == "Read them as dates."
