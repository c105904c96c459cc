"""Values that a report would mistake: bounds among codes, 90+, days since 1960, letters of another alphabet."""

import pytest

import clinical_nb
from clinical_nb.dictionary.steps import LeaveOut
from clinical_nb.intake.upload import read_upload
from clinical_nb.quality.report import inspect

SECTIONS = "id,arm,age\nGroup A,,\n1,A,50\n2,A,51\n3,A,52\nGroup B,,\n4,B,60\n5,B,61\n6,B,62\n"


def report(tmp_path, text):
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")
    return {(each.kind, each.column): each for each in inspect(read_upload(file).tables)}


def test_headings_among_the_rows_are_left_out_and_come_back_where_that_is_rejected(tmp_path):
    file = tmp_path / "sections.csv"
    file.write_text(SECTIONS)
    with clinical_nb.Session(tmp_path / "store") as session:
        dataset = session.upload(file)
        assert dataset.tables == {"sections": (6, 3)}
        assert dataset.lazy("sections").collect()["id"].to_list() == [1, 2, 3, 4, 5, 6]
        (told,) = [each for each in dataset.report if each.kind == "blocks"]
        assert told.automatic
        assert told.step == LeaveOut(values=("Group A", "Group B"))

        session.reject("id")

        assert session.current.tables == {"sections": (8, 3)}


def test_a_patient_of_whom_nothing_is_known_is_no_heading(tmp_path):
    finding = report(tmp_path, "id,arm,age\n1,A,50\n2,A,51\nX7,,\n4,B,60\nGroup B,,\n5,B,61\n")["blocks", "id"]

    assert finding.step == LeaveOut(values=("Group B",))
    assert ("blocks", "id") not in report(tmp_path, "id,arm,age\n1,A,50\n2,A,51\nX7,,\n4,B,60\n")


def test_names_of_people_are_never_taken_for_headings(tmp_path):
    finding = report(tmp_path, "name,age,crp\nP01,50,2\nP02,51,3\nJohn Smith,,\nP03,60,4\nP04,61,5\n")["blocks", "name"]

    assert finding.step is None
    assert "Smith" not in finding.text


def test_a_value_below_a_limit_among_the_values_is_no_code_for_missing(tmp_path):
    text = "id,egfr\n1,>90\n2,>90\n3,45\n4,60\n5,88\n6,77\n"

    assert ("missing codes", "egfr") not in report(tmp_path, text)


@pytest.mark.parametrize("said", ["90+", "90 or older", "90 and over", "> 90"])
def test_ages_of_90_and_more_are_beyond_a_limit(tmp_path, said):
    file = tmp_path / "ages.csv"
    file.write_text(f"id,age\n1,{said}\n2,55\n3,61\n4,48\n5,72\n")
    with clinical_nb.Session(tmp_path / "store") as session:
        session.upload(file)
        session.accept("age")

        frame = session.current.lazy("ages").collect()

    assert frame["age"].to_list() == [90.0, 55.0, 61.0, 48.0, 72.0]
    assert frame["age_limit"].to_list()[0] == said


def test_grades_of_a_test_strip_are_no_limits(tmp_path):
    assert ("limits", "protein") not in report(tmp_path, "id,protein\n1,1+\n2,2+\n3,0\n4,0\n5,3+\n6,1+\n")


def test_days_that_may_be_counted_from_1960_are_asked_about(tmp_path):
    finding = report(tmp_path, "id,visit_date\n1,22280\n2,22281\n3,22300\n4,22350\n")["mixed dates", "visit_date"]

    assert finding.step is None
    assert "2020-12-31 in SAS" in finding.proposal


def test_thousands_parted_by_blanks_are_no_telephone_numbers(tmp_path):
    found = report(tmp_path, "id;platelets\n1;250 000\n2;180 000\n3;210 000\n4;199 000\n")

    assert ("identifiers", "platelets") not in found
    assert found["units", "platelets"].step.thousands == " "


def test_letters_of_another_alphabet_make_no_level_of_their_own(tmp_path):
    finding = report(tmp_path, "id,arm\n1,A\n2,\u0410\n3,B\n4,\u0412\n5,A\n6,B\n")["look-alike levels", "arm"]

    assert finding.step.values == {"\u0410": "A", "\u0412": "B"}


def test_of_spellings_as_frequent_the_plainest_is_written(tmp_path):
    text = "id,arm\n1,Drug A\n2,drug a\n3,Drug  A\n4,PLACEBO\n5,Placebo\n6,Drug B\n"

    assert report(tmp_path, text)["look-alike levels", "arm"].step.values == {
        "Drug  A": "Drug A",
        "drug a": "Drug A",
        "PLACEBO": "Placebo",
    }


def test_identifiers_said_in_the_first_of_several_rows_are_told(tmp_path):
    finding = report(tmp_path, "id,visit,hb\nP0,0,10\n,1,10.1\n,2,10.2\nP1,0,11\n,1,11.1\n,2,11.2\n")["blocks", "id"]

    assert finding.rows == 4


def test_identifiers_that_differ_by_case_or_a_mark_alone_are_told(tmp_path):
    text = "patient_id,visit,hr\nP01,1,70\np01,2,71\nP-01,3,76\nP02,1,80\nP02,2,82\n"

    assert report(tmp_path, text)["duplicated ids", "patient_id"].rows == 3
    assert ("duplicated ids", "patient_id") not in report(tmp_path, "patient_id,hr\n1-12,70\n11-2,71\nX-1,72\n")


def test_a_word_alone_in_a_measurement_is_no_heading_that_is_left_out(tmp_path):
    finding = report(tmp_path, "hb,crp,wbc\n12,3,5\nnot done,,\n13,4,6\n14,5,7\n")["blocks", "hb"]

    assert not finding.automatic


@pytest.mark.parametrize(
    ("yes", "no"), [("WAHR", "FALSCH"), ("ja", "nein"), ("VRAI", "FAUX"), ("tak", "nie"), ("Sí", "No"), ("sim", "não")]
)
def test_yes_and_no_in_another_language_are_proposed_to_be_written_so(tmp_path, yes, no):
    found = report(tmp_path, "id,died\n" + "".join(f"{at},{yes if at % 3 else no}\n" for at in range(1, 10)))

    finding = found["yes or no", "died"]
    assert finding.rows == 9
    assert finding.step.values == {yes: "yes", no: "no"}


@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), ("Y", "N"), ("TRUE", "FALSE"), ("T", "F")])
def test_yes_and_no_that_are_understood_as_they_are_need_no_step(tmp_path, yes, no):
    found = report(tmp_path, "id,died\n" + "".join(f"{at},{yes if at % 3 else no}\n" for at in range(1, 10)))

    assert not any(column == "died" for _, column in found)


def test_a_decimal_comma_before_a_power_of_ten_is_proposed_to_be_read(tmp_path):
    found = report(tmp_path, "id;load\n" + "".join(f"{at};{at},5E+03\n" for at in range(1, 10)))

    assert found["units", "load"].step.decimal == ","
