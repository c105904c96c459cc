"""What stands in a file and is no record: headings of rows, subtotals, forms of names and values; and kept damage."""

import openpyxl
import pytest

import clinical_nb
from clinical_nb.dictionary.steps import Recode
from clinical_nb.intake.table import finding_from_json, finding_to_json
from clinical_nb.intake.upload import read_upload
from clinical_nb.quality.report import inspect


def report(tmp_path, text, name="table.csv"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return {(each.kind, each.column): each for each in inspect(read_upload(file).tables)}


def test_headings_among_the_rows_are_told(tmp_path):
    first, second = ("".join(f"{n},{50 + n},{120 + n}\n" for n in numbers) for numbers in (range(1, 5), range(5, 9)))
    text = f"id,age,sbp\nGroup A,,\n{first}Group B,,\n{second}"

    finding = report(tmp_path, text)["blocks", "id"]

    assert (finding.rows, finding.at) == (2, (1, 6))
    assert "headings" in finding.proposal


def test_words_in_a_full_row_are_no_heading(tmp_path):
    assert ("blocks", "id") not in report(tmp_path, "id,age\n1,50\n2,51\n3,52\n4,53\nscreen,54\n")


def test_subtotals_are_told_whichever_word_comes_first(tmp_path):
    text = "site,n\nOslo,5\nOslo,6\nOslo total,11\nBergen,7\nBergen,8\nBergen total,15\n"

    finding = report(tmp_path, text)["totals", "site"]

    assert (finding.rows, finding.at) == (2, (3, 6))


@pytest.mark.parametrize(
    "text",
    [
        "Patient ID,101\nAge,54\nSex,F\nWeight,70\n\nPatient ID,102\nAge,61\nSex,M\nWeight,81\n",
        "Patient ID: 101\nAge: 54\nSex: F\nWeight: 70\n\nPatient ID: 102\nAge: 61\nSex: M\nWeight: 81\n",
        "Case;17\nAge;54\nSex;F\nSmoker;no\n",
    ],
)
def test_a_form_is_told_and_nothing_in_it_is_cleaned(tmp_path, text):
    file = tmp_path / "form.csv"
    file.write_text(text)

    with clinical_nb.Session(tmp_path / "store") as session:
        dataset = session.upload(file)

    (finding,) = [each for each in dataset.report if each.kind == "turned round"]
    assert "names and values below each other ('" in finding.text
    assert all(not each.step for each in dataset.report)


@pytest.mark.parametrize("text", ["drug,dose\nage,5\nsex,6\nweight,7\n", "id,age\n1,50\n2,51\n3,52\n"])
def test_other_tables_of_two_columns_are_no_forms(tmp_path, text):
    assert not [kind for kind, _ in report(tmp_path, text) if kind == "turned round"]


def test_remarks_and_a_total_without_its_values_stand_below_a_sheet(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "sbp", "dbp"])
    for number in range(1, 9):
        sheet.append([number, 120 + number, 70 + number])
    sheet.append([])
    sheet.append(["Mean", "=AVERAGE(B2:B9)", None])
    sheet.append(["Source: ward 3"])
    book.save(tmp_path / "ward.xlsx")

    upload = read_upload(tmp_path / "ward.xlsx")

    (table,) = upload.tables
    assert table.scan.collect()["id"].to_list() == list(range(1, 9))
    assert "2 rows below the table left out (totals or remarks)." in [each.text for each in upload.findings]


def test_missing_words_in_a_measurement_are_no_pivot(tmp_path):
    text = "id,albumin,age\n1,35,50\n2,,51\n3,not done,52\n4,,53\n5,41,54\n"

    assert ("blocks", "albumin") not in report(tmp_path, text)


def test_spellings_of_few_levels_in_a_short_file_are_told(tmp_path):
    words = ("Female", "female", "F", "FEMALE", "f", "Male", "male", "M", "Male", "m")
    finding = report(tmp_path, "id,sex\n" + "".join(f"{n},{word}\n" for n, word in enumerate(words, 1)))[
        "look-alike levels", "sex"
    ]

    assert isinstance(finding.step, Recode)
    assert {finding.step.values.get(word, word) for word in words[5:]} == {"Male"}


def test_identifiers_cut_to_six_digits_are_told(tmp_path):
    cut = report(tmp_path, "id,barcode\n1,1.23457E+12\n2,1.23457E+12\n3,2.51934E+12\n4,3.10278E+12\n")
    assert cut["spreadsheet damage", "barcode"].rows == 4

    whole = report(tmp_path, "id,barcode\n1,1234571234567\n2,1234571234568\n3,2519341234567\n", "whole.csv")
    assert ("spreadsheet damage", "barcode") not in whole


def test_several_units_of_one_parameter_in_a_long_table_are_told(tmp_path):
    rows = [(n, "glucose", 5 + n / 10, "mmol/L") for n in range(1, 5)]
    rows += [(n, "hb", 12 + n / 10, "g/dL") for n in range(1, 7)] + [
        (5, "glucose", 95, "mg/dL"),
        (6, "glucose", 99, "mg/dL"),
    ]
    text = "id,test,result,unit\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)

    finding = report(tmp_path, text)["mixed units", "result"]

    assert (finding.rows, finding.at) == (2, (11, 12))
    assert (finding.says_units, finding.parameter) == ("unit", "glucose")
    older = {name: value for name, value in finding_to_json(finding).items() if name not in ("says_units", "parameter")}
    assert finding_from_json(older) == finding  # as it was stored before it had these fields
    assert "mmol/l in 4 rows, mg/dl in 2 rows" in finding.text
