"""Values as files of hospitals have them: points that are thousands or not, flags, ditto marks, tables turned round."""

import math

import pytest

import clinical_nb
from clinical_nb.dictionary.steps import ReadNumbers
from clinical_nb.quality.proposals import list_proposals
from clinical_nb.render.steps import say_step


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "store") as session:
        yield session


def upload(session, tmp_path, text, name="trial.csv"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return session.upload(file, name="trial")


def column(name, *values):
    return f"id,{name}\n" + "".join(f'{n},"{value}"\n' for n, value in enumerate(values, 1))


def about(dataset, kind):
    (finding,) = [each for each in dataset.report if each.kind == kind]
    return finding


def test_numbers_of_which_each_has_three_digits_behind_its_point_are_asked_about(session, tmp_path):
    dataset = upload(session, tmp_path, column("crp", "1.121", "2.107", "950", "12.300"))

    finding = about(dataset, "separators")
    assert (finding.column, finding.rows, finding.step) == ("crp", 4, ReadNumbers())
    (proposal,) = [each for each in list_proposals(dataset.report, dataset.dictionary) if each.column == "crp"]
    assert proposal.asks
    assert dataset.lazy().collect()["crp"].to_list() == ["1.121", "2.107", "950", "12.300"]
    assert session.accept("crp").lazy().collect()["crp"].to_list() == [1.121, 2.107, 950.0, 12.3]


def test_they_are_thousands_where_somebody_says_so(session, tmp_path):
    upload(session, tmp_path, column("crp", "1.121", "2.107", "950", "12.300"))

    changed = session.accept("crp", instead={"do": "numbers", "decimal": ",", "thousands": "."})

    assert changed.lazy().collect()["crp"].to_list() == [1121, 2107, 950, 12300]


@pytest.mark.parametrize(
    "values",
    [("1.121", "2.107", "0.512"), ("1.121", "2.107", "1234.500"), ("1.121", "2.107", "3.5"), ("1.121", "2.107", "7")],
)
def test_other_decimals_are_numbers_at_once(session, tmp_path, values):
    dataset = upload(session, tmp_path, column("crp", *values))

    assert dataset.lazy().collect()["crp"].to_list() == [float(value) for value in values]


def test_numbers_with_a_flag_behind_some_are_read_without_it_also_from_the_next_file(session, tmp_path):
    dataset = upload(session, tmp_path, column("crp", "12 H", "3", "45 HH", "7", "150*", "8", "2 L", "9"))
    finding = about(dataset, "flags")
    session.accept("crp")

    again = upload(session, tmp_path, column("crp", "13 HH", "4", "4 L", "8"))

    assert (finding.rows, finding.at) == (4, (1, 3, 5, 7))
    assert say_step(finding.step) == "read as numbers; without the flags *, H, HH, L"
    assert again.lazy().collect()["crp"].to_list() == [13, 4, 4, 8]
    assert again.dictionary.tables["trial"]["crp"].unit == ""


def test_litres_behind_each_number_are_no_flags(session, tmp_path):
    dataset = upload(session, tmp_path, column("fev1", "3.2 L", "2.9 L", "4.1 L"))

    assert not [each for each in dataset.report if each.kind == "flags"]


def test_flags_beside_limits_are_told_without_a_step(session, tmp_path):
    finding = about(upload(session, tmp_path, column("crp", "12 H", "3", "<1 L", "7", "9", "8")), "flags")

    assert (finding.rows, finding.step) == (2, None)


def test_powers_of_ten_are_read_as_numbers(session, tmp_path):
    dataset = upload(session, tmp_path, column("viral_load", "1.5E+05", "2.3e4", "1.2 x 10^6", "4.5×10⁵", "3*10^-2"))  # noqa: RUF001

    assert not [each for each in dataset.report if each.kind == "spreadsheet damage"]
    read = session.accept("viral_load").lazy().collect()["viral_load"].to_list()
    expected = [1.5e5, 2.3e4, 1.2e6, 4.5e5, 0.03]
    assert all(math.isclose(value, right) for value, right in zip(read, expected, strict=True))


def test_numbers_beyond_whole_ones_of_the_computer_are_not_lost(session, tmp_path):
    upload(session, tmp_path, column("copies", "6.02E23", "2 x 10^4", "5"))

    assert session.accept("copies").lazy().collect()["copies"].to_list() == [6.02e23, 2e4, 5.0]


def test_digits_that_a_spreadsheet_has_cut_are_told_still(session, tmp_path):
    finding = about(upload(session, tmp_path, column("barcode", "1.23457E+11", "4006381333931x")), "spreadsheet damage")

    assert finding.rows == 1


def test_ditto_marks_are_told_with_their_rows(session, tmp_path):
    dataset = upload(session, tmp_path, 'id,ward\n1,ICU\n2,""""\n3,〃\n4,Surgery\n5,""""\n')

    finding = about(dataset, "ditto marks")
    assert (finding.column, finding.rows, finding.at) == ("ward", 3, (2, 3, 5))


def test_units_in_a_column_beside_are_told_where_they_differ(session, tmp_path):
    dataset = upload(session, tmp_path, "id,age,age_unit\n1,3,months\n2,2,years\n3,18,Months\n4,50,years\n5,66,years\n")

    finding = about(dataset, "mixed units")
    assert (finding.column, finding.rows, finding.at) == ("age", 2, (1, 3))
    assert "years in 3 rows, months in 2 rows" in finding.text


def test_one_unit_in_a_column_beside_is_no_mixture(session, tmp_path):
    dataset = upload(session, tmp_path, "id,age,age_unit\n1,3,years\n2,2,years\n3,18,Years \n")

    assert not [each for each in dataset.report if each.kind == "mixed units"]


@pytest.mark.parametrize(
    "text",
    [
        "variable,P001,P002,P003,P004\nage,54,61,47,70\nsex,M,F,F,M\nbegun,2023-01-02,2023-01-03,2023-01-05,2023-02-01\n",
        ",Pat 1,Pat 2,Pat 3,Pat 4\nAge,54,61,47,70\nWeight,71.2,60.1,55.0,90.3\nHeight,171,160,155,190\n",
    ],
)
def test_a_table_that_is_turned_round_is_told(session, tmp_path, text):
    dataset = upload(session, tmp_path, text)

    finding = about(dataset, "turned round")
    assert finding.rows == text.count("\n") - 1
    assert "4 columns are patients" in finding.text


@pytest.mark.parametrize(
    "text",
    [
        "name,age,sex,weight,smoker\nAnna,54,F,61,no\nBert,61,M,80,no\nCarl,47,M,90,yes\n",
        "site,q1,q2,q3,q4\nBerlin,1,2,3,4\nParis,2,3,4,5\nRome,3,4,5,6\n",
        "drug,sbp_0,sbp_12,arm,note\na,120,110,A,x\nb,130,120,B,y\nc,140,130,A,z\n",
    ],
)
def test_other_tables_with_names_in_their_first_column_are_not(session, tmp_path, text):
    assert not [each for each in upload(session, tmp_path, text).report if each.kind == "turned round"]


@pytest.mark.parametrize("values", [("63", "70", "81"), ("63", "70.5", "81")])
def test_a_newer_file_without_any_unit_is_told_to_be_read_in_the_one_before(session, tmp_path, values):
    upload(session, tmp_path, column("weight", "61 kg", "72 kg", "80 kg"))
    session.accept("weight")

    again = upload(session, tmp_path, column("weight", *values))

    finding = about(again, "units")
    assert (finding.column, finding.rows) == ("weight", 3)
    assert "None of its 3 numbers has a unit in this file: they are taken to be in kg, as before." in finding.text


def test_a_newer_file_with_the_unit_again_is_told_nothing(session, tmp_path):
    upload(session, tmp_path, column("weight", "61 kg", "72 kg", "80 kg"))
    session.accept("weight")

    again = upload(session, tmp_path, column("weight", "63 kg", "70", "81 kg"))

    assert not [each for each in again.report if each.kind == "units"]


def test_a_turned_table_is_left_as_it_is(session, tmp_path):
    dataset = upload(
        session, tmp_path, "Variable,Pat 1,Pat 2,Pat 3,Pat 4\nage,54,61,47,70\nsex,M,F,F,M\nkg,71.2,60,55,90\n"
    )

    assert [each.kind for each in dataset.report] == ["turned round"]
    assert dataset.lazy().collect()["Pat 1"].to_list() == ["54", "M", "71.2"]


@pytest.mark.parametrize(
    ("values", "mark", "rows"),
    [
        (("cough|fever", "fever", "cough|fever|rash", ""), "|", 2),
        (("aspirin, statin", "statin", "aspirin, statin, metformin", "aspirin"), ",", 2),
        (("A; B", "B; C", "A; C", "none"), ";", 3),
    ],
)
def test_cells_that_hold_several_values_are_told(session, tmp_path, values, mark, rows):
    finding = about(upload(session, tmp_path, column("symptoms", *values)), "two in one")

    assert (finding.column, finding.rows) == ("symptoms", rows)
    assert f"parted by '{mark}'" in finding.text


@pytest.mark.parametrize(
    "values",
    [
        ("Smith, John", "Doe, Jane", "Lee, Ann"),
        ("well, no complaints", "in pain, came late", "asked for water"),
        ("1,5", "2,5", "3"),
    ],
)
def test_commas_within_texts_make_no_lists(session, tmp_path, values):
    dataset = upload(session, tmp_path, column("note", *values))

    assert not [each for each in dataset.report if each.kind == "two in one"]


def test_a_label_that_goes_for_the_rows_below_it_is_told(session, tmp_path):
    dataset = upload(session, tmp_path, "ward,patient,age\nICU,1,50\n,2,51\n,3,52\nSurgery,4,53\n,5,54\n")

    finding = about(dataset, "blocks")
    assert (finding.column, finding.rows, finding.at) == ("ward", 3, (2, 3, 5))


@pytest.mark.parametrize(
    "text",
    [
        "ward,patient,age\nICU,1,50\n,2,51\nICU,3,52\n,4,53\n",
        "ward,patient,age\n,1,50\nICU,2,51\n,3,52\nSurgery,4,53\n",
        "ward,patient,age\nICU,1,50\n,2,\n,3,52\nSurgery,4,53\n",
    ],
)
def test_other_empty_cells_are_missing_and_no_more(session, tmp_path, text):
    assert not [each for each in upload(session, tmp_path, text).report if each.kind == "blocks"]


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("op", ("25:30", "30:00", "100:15", "12:00"), "how long something took"),
        ("duration", ("0:45", "2:30:10", "1:15"), "how long something took"),
        ("start", ("08:15", "23:59", "9:05 pm"), "a time of the day"),
    ],
)
def test_hours_and_minutes_as_text_are_told(session, tmp_path, name, values, said):
    finding = about(upload(session, tmp_path, column(name, *values)), "times as text")

    assert (finding.rows, said in finding.text) == (len(values), True)
