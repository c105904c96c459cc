"""Rows around the data: units and labels below the header, totals below the last row; and rows that only look so."""

from io import BytesIO

import polars as pl
import pytest

from clinical_nb.intake.delimited import read_delimited


def read(text):
    return read_delimited(BytesIO(text.encode()), "t.csv", "t")


def frame(text):
    return read(text).tables[0].scan.collect()


def test_a_row_of_units_below_the_header_is_none_of_data():
    text = "id;hb;crp\n;[g/dl];mg/l\n1;12,5;<5\n2;13,1;7\n3;11,0;8,5\n"

    (table,) = read(text).tables

    assert table.scan.collect()["id"].to_list() == [1, 2, 3]
    assert table.scan.collect()["hb"].to_list() == [12.5, 13.1, 11.0]
    assert {name: said.unit for name, said in table.said.items() if said.unit} == {"hb": "g/dl", "crp": "mg/l"}


@pytest.mark.parametrize("text", ["test,unit\nHb,g/dl\nCRP,mg/l\n", "unit,drug\nmg,ASA\nmg,ACE\ng,ASA\n"])
def test_units_that_are_data_stay_rows(text):
    table = frame(text)

    assert table.height == text.count("\n") - 1
    assert table.dtypes == [pl.String, pl.String]


@pytest.mark.parametrize("word", ["Total", "Grand total", "Mean:", "Summe", "Mittelwert"])
def test_a_total_right_below_the_last_row_is_left_out_and_told(word):
    text = f"id,age,los\n1,50,3\n2,60,4\n3,70,5\n{word},180,12\n"

    reading = read(text)

    assert reading.tables[0].scan.collect()["age"].to_list() == [50, 60, 70]
    assert "1 line below the table left out (totals or remarks)." in [each.text for each in reading.findings]


def test_total_as_a_level_of_several_rows_is_data():
    assert frame("resection,age\npartial,50\ntotal,51\npartial,52\ntotal,53\n").height == 4


def test_a_quoted_total_is_one_too():
    assert frame('"id","age"\n"1","50"\n"2","60"\n"3","70"\n"Total","180"\n')["id"].to_list() == [1, 2, 3]


def test_a_row_of_labels_below_the_header_is_none_of_data():
    text = "id,age,sbp\nPatient,Age at entry,Systolic pressure\n" + "".join(
        f"{n},{40 + n},{120 + n}\n" for n in range(5)
    )

    (table,) = read(text).tables

    assert table.scan.collect()["age"].to_list() == [40, 41, 42, 43, 44]
    assert [said.label for said in table.said.values()] == ["Patient", "Age at entry", "Systolic pressure"]


def test_the_three_lines_above_the_data_of_a_survey_are_names_labels_and_what_to_leave_out():
    text = (
        'StartDate,Q1,Q2\nStart Date,How old are you?,"Pain, 0 to 10"\n'
        '"{""ImportId"":""startDate""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n'
        + "".join(f"2023-03-0{n} 10:00:00,{40 + n},{n}\n" for n in range(1, 6))
    )

    reading = read(text)

    assert reading.tables[0].scan.collect()["Q1"].to_list() == [41, 42, 43, 44, 45]
    assert reading.tables[0].said["Q2"].label == "Pain, 0 to 10"
    assert "2 lines of labels or units below the header left out: the dictionary has them." in [
        each.text for each in reading.findings
    ]


@pytest.mark.parametrize(
    "first",
    [
        "1,not done,not done",
        "1,pending,refused",
        "NA,pending,refused",
        "P1,refused,not done",
        ",refused,pending",
        "none,none,none",
    ],
)
def test_a_first_patient_without_values_is_a_row(first):
    ids = "P" if first.startswith("P") else ""

    table = frame(f"id,hb,crp\n{first}\n" + "".join(f"{ids}{n},{10 + n},{n}\n" for n in range(2, 8)))

    assert table.height == 7


def test_a_header_that_names_half_of_the_columns_is_no_title():
    table = frame("id,,age,\n1,x,50,7\n2,y,60,8\n")

    assert table.columns == ["id", "column_2", "age", "column_4"]
    assert table["id"].to_list() == [1, 2]


def test_a_title_in_two_cells_above_a_full_header_is_one():
    assert frame("Study X,,2023 export,\nid,sex,age,crp\n1,m,50,7\n2,f,60,8\n").columns == ["id", "sex", "age", "crp"]
