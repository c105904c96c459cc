"""Text as spreadsheets, laboratories and programs write it: what stands around the rows, and what is no number."""

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.upload import read_upload

ROWS = "1,A,50,60.5\n2,B,51,61.5\n3,A,52,62.5\n4,B,53,63.5\n5,A,54,64.5\n"
PLACE = '{"type": "Feature", "properties": {"id": %d, "age": %d}, "geometry": null}'


def read(tmp_path, text, name="table.csv"):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    upload = read_upload(file)
    return upload, [table.scan.collect() for table in upload.tables]


@pytest.mark.parametrize("said", [",(A/B),(years),(kg)", "(no),(A/B),(years),(kg)", ",,years,kg", "[],[],[years],[kg]"])
def test_a_row_of_units_is_no_patient(tmp_path, said):
    upload, (frame,) = read(tmp_path, f"id,arm,age,weight\n{said}\n{ROWS}")

    assert frame.height == 5
    assert frame["weight"].to_list() == [60.5, 61.5, 62.5, 63.5, 64.5]
    assert upload.tables[0].said["weight"].unit == "kg"


def test_a_row_of_types_is_no_patient(tmp_path):
    _, (frame,) = read(tmp_path, f"id,arm,age,weight\nint,char,integer,float\n{ROWS}")

    assert frame["id"].to_list() == [1, 2, 3, 4, 5]


def test_a_row_of_words_that_only_some_columns_have_as_types_is_a_patient(tmp_path):
    _, (frame,) = read(tmp_path, "id,kind\n1,text\n2,date\n3,text\n")

    assert frame.height == 3


def test_statistics_below_the_table_are_left_out_whichever_stands_last(tmp_path):
    below = "Mean,,52,62.5\nSD,,1.6,1.6\nN,,5,5\nMedian,,52,62.5\nMin,,50,60.5\nMax,,54,64.5\n"

    upload, (frame,) = read(tmp_path, f"id,arm,age,weight\n{ROWS}{below}")

    assert frame["id"].to_list() == [1, 2, 3, 4, 5]
    assert any("6 lines below the table" in each.text for each in upload.findings)


def test_a_last_row_called_n_alone_is_data(tmp_path):
    _, (frame,) = read(tmp_path, "answer,age\nY,50\nYY,51\nYN,52\nNY,53\nN,54\n")

    assert frame.height == 5


def test_a_last_row_without_a_name_is_a_total_where_it_sums_up_the_others(tmp_path):
    _, (total,) = read(tmp_path, f"id,arm,age,weight\n{ROWS},,260,312.5\n")
    _, (patient,) = read(tmp_path, f"id,arm,age,weight\n{ROWS},,55,312.5\n")
    _, (zeros,) = read(tmp_path, "id,events\n1,0\n2,0\n3,1\n4,0\n,1\n")

    assert (total.height, patient.height, zeros.height) == (5, 6, 5)


def test_a_header_that_names_half_of_the_columns_is_one_also_without_the_first(tmp_path):
    _, (frame,) = read(tmp_path, ",arm,,age\n1,A,3,50\n2,B,4,51\n3,A,5,53\n")

    assert frame.columns == ["column_1", "arm", "column_3", "age"]
    assert frame.height == 3


def test_files_put_together_with_their_marks_have_one_header(tmp_path):
    one = f"\ufeffid,arm,age,weight\n{ROWS}"

    upload, (frame,) = read(tmp_path, one + one.replace("\n1,", "\n9,"))

    assert frame.columns == ["id", "arm", "age", "weight"]
    assert frame.height == 10
    assert any("1 repeated header line left out" in each.text for each in upload.findings)


def test_tables_with_a_title_each_are_read_as_one_each(tmp_path):
    text = f"Table 1: patients\nid,arm,age,weight\n{ROWS}\nTable 2: labs\nid,test,value\n1,hb,12\n1,wbc,5\n2,hb,13\n"

    _, (patients, labs) = read(tmp_path, text)

    assert (patients.height, labs.height) == (5, 3)
    assert labs.columns == ["id", "test", "value"]


def test_lines_of_a_name_and_what_it_is_are_no_table(tmp_path):
    _, (frame,) = read(tmp_path, f"Study:,ABC\nSite:,01\nExported:,2024-01-01\n\nid,arm,age,weight\n{ROWS}")

    assert frame.columns == ["id", "arm", "age", "weight"]


def test_several_delimiters_at_the_end_of_each_row_but_the_header_are_no_columns(tmp_path):
    _, (frame,) = read(tmp_path, "id,arm,age,weight\n" + ROWS.replace("\n", ",,\n"))

    assert frame.columns == ["id", "arm", "age", "weight"]


def test_a_line_that_is_too_long_is_not_said_to_lack_a_name(tmp_path):
    with pytest.raises(FileError, match="Quote the fields"):
        read(tmp_path, "id,note,age\n1,fell, broke a hip,50\n2,none,51\n3,none,52\n")


def test_blanks_before_quotation_marks_are_taken_away_and_told(tmp_path):
    upload, (frame,) = read(tmp_path, 'id, arm, note\n1, A, "a, b"\n2, B, "c"\n3, A, "d, e"\n')

    assert frame["note"].to_list() == ["a, b", "c", "d, e"]
    assert any("Blanks before quotation marks" in each.text for each in upload.findings)


def test_identifiers_that_look_like_powers_of_ten_stay_apart(tmp_path):
    _, (frame,) = read(tmp_path, "id,age\n1E2,50\n100,51\n10E1,52\n")

    assert frame["id"].to_list() == ["1E2", "100", "10E1"]


def test_numbers_as_programs_write_large_ones_are_numbers(tmp_path):
    _, (frame,) = read(tmp_path, "id,cells\n1,1e16\n2,1.5E5\n3,2e+05\n")

    assert frame["cells"].to_list() == [1e16, 150000.0, 200000.0]


def test_what_databases_and_r_write_for_missing_is_missing(tmp_path):
    _, (frame,) = read(tmp_path, "id\tarm\tage\n1\tA\t50\n2\t\\N\t\\N\n3\tB\t<NA>\n")

    assert frame["arm"].to_list() == ["A", None, "B"]
    assert frame["age"].to_list() == [50, None, None]


def test_marks_of_direction_are_no_part_of_a_level(tmp_path):
    _, (frame,) = read(tmp_path, "id,arm\n1,\u2066B\u2069\n2,B\n3,A\n")

    assert frame["arm"].to_list() == ["B", "B", "A"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'ID;PWXL;N;E\nC;Y1;X1;K"id"\nE\n', "SYLK"),
        (b'TABLE\n0,1\n"EXCEL"\n', "DIF"),
        (b"version https://git-lfs.github.com/spec/v1\nsize 12345\n", "Git LFS"),
        (b"MZ\x90\x00" + bytes(200), "a program"),
        (b"ORC" + bytes(100), "ORC"),
        (b"MATLAB 5.0 MAT-file" + b" " * 100, "MATLAB"),
        (b"\x00\x01\x00\x00Standard ACE DB\x00" + bytes(100), "Access"),
        (b"ab" + bytes(100), "not a table of text"),
        (b"HEADER RECORD*******", "SAS transport"),
    ],
)
def test_what_is_no_table_is_named(tmp_path, data, told):
    with pytest.raises(FileError, match=told):
        read(tmp_path, data)


def test_columns_of_one_name_keep_it_as_their_label(tmp_path):
    upload, (frame,) = read(tmp_path, "id,crp,crp,Crp\n1,2,3,4\n2,3,4,5\n")

    assert frame.columns == ["id", "crp", "crp_2", "Crp_3"]
    assert [upload.tables[0].said[name].label for name in ("crp_2", "Crp_3")] == ["crp", "Crp"]


@pytest.mark.parametrize("cell", ['="{}"', '"=""{}"""'])
def test_texts_that_are_written_as_formulas_are_texts(tmp_path, cell):
    rows = "".join(f"{cell.format(code)},{n}\n" for n, code in enumerate(("00123", "00124", "00125")))

    upload, (frame,) = read(tmp_path, f"id,age\n{rows}")

    assert frame["id"].to_list() == ["00123", "00124", "00125"]
    assert any("signs of a formula" in each.text for each in upload.findings)


def test_other_formulas_stay_as_they_are(tmp_path):
    _, (frame,) = read(tmp_path, 'id,note\n1,"=HYPERLINK(""http://x"")"\n2,=1+1\n')

    assert frame["note"].to_list() == ['=HYPERLINK("http://x")', "=1+1"]


@pytest.mark.parametrize(
    "text",
    [
        '{"columns": ["id", "age"], "index": [0, 1], "data": [[1, 50], [2, 51]]}',
        '[["id", "age"], [1, 50], [2, 51]]',
        f'{{"type": "FeatureCollection", "features": [{PLACE % (1, 50)}, {PLACE % (2, 51)}]}}',
    ],
)
def test_rows_below_names_and_what_is_said_of_places_are_tables(tmp_path, text):
    _, (frame,) = read(tmp_path, text, "table.json")

    assert frame.to_dict(as_series=False) == {"id": [1, 2], "age": [50, 51]}


def test_lists_of_other_lengths_than_the_names_are_no_table(tmp_path):
    with pytest.raises(FileError, match="without records"):
        read(tmp_path, '[["id", "age"], [1, 50], [2]]', "table.json")
