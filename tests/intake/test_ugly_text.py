"""Tables of text as programs and people leave them: two headers, notes, tables below each other, stray marks."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from clinical_nb.errors import FileError
from clinical_nb.intake.upload import read_upload

THREE = "id,age,sex\n1,50,M\n2,51,F\n3,52,M\n"


def read(tmp_path, content, name="trial.csv"):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_upload(file)


def frame(upload, at=0):
    return upload.tables[at].scan.collect()


def said(upload):
    return " ".join(each.text for each in upload.findings)


def test_groups_above_what_was_measured_in_each_are_joined_into_one_name(tmp_path):
    upload = read(tmp_path, "patient,Baseline,,Week 12,\n,SBP,DBP,SBP,DBP\n1,140,90,130,85\n2,150,95,135,80\n")

    assert frame(upload).columns == ["patient", "Baseline SBP", "Baseline DBP", "Week 12 SBP", "Week 12 DBP"]
    assert frame(upload)["Week 12 SBP"].to_list() == [130, 135]
    assert "2 header lines joined into one name a column." in said(upload)


def test_groups_that_are_written_above_each_column_or_sparsely_are_joined_too(tmp_path):
    each = read(tmp_path, "id,V1,V1,V2,V2\nid,crp,hb,crp,hb\n1,5,13,4,12\n2,6,12,3,13\n")
    sparse = read(tmp_path, ",Visit 1,,,Visit 2,,\nid,crp,hb,alt,crp,hb,alt\n1,5,13,20,4,12,21\n2,6,12,30,3,13,31\n")

    assert frame(each).columns == ["id", "V1 crp", "V1 hb", "V2 crp", "V2 hb"]
    assert frame(sparse).columns[1:] == [f"Visit {n} {name}" for n in (1, 2) for name in ("crp", "hb", "alt")]
    assert frame(sparse).height == 2


@pytest.mark.parametrize(
    "text",
    [
        "id,sex,arm,\n1,m,A,x\n2,f,B,y\n3,m,A,x\n",  # a column without a name, above words
        "name,,sex\nAnna,F,f\nBert,M,m\nCarl,M,m\n",
        "drug,drug,drug\naspirin,statin,none\nstatin,none,aspirin\n",
        ",sex,crp,val\nA,m,pending,\nB,f,5,6\nC,m,6,7\nD,f,7,8\n",  # R leaves the name of the first column out
    ],
)
def test_a_row_of_words_is_data_where_nothing_says_otherwise(tmp_path, text):
    assert frame(read(tmp_path, text)).height == text.count("\n") - 1


@pytest.mark.parametrize(
    ("notes", "lines"),
    [
        ("\n* age at baseline\nSource: hospital register, exported 2023-05-01\n", 2),
        ("Note: ages are at baseline,,\nExported by Dr X,,\n", 2),
        ("\nLegend: M male, F female\n", 1),
    ],
)
def test_notes_below_a_table_are_left_out_and_told(tmp_path, notes, lines):
    upload = read(tmp_path, THREE + notes)

    assert frame(upload)["age"].to_list() == [50, 51, 52]
    assert f"{lines} line{'s' if lines > 1 else ''} below the table left out" in said(upload)


@pytest.mark.parametrize("row", ["Smith John Paul Jr,53,M\n", "four,53,M\n", "four,,\n"])
def test_a_last_row_of_data_is_never_taken_for_a_note(tmp_path, row):
    assert frame(read(tmp_path, THREE + row)).height == 4


@pytest.mark.parametrize("row", ["4,53\n", "\n4,53\n", "four,53\n"])
def test_a_last_row_that_is_cut_is_refused(tmp_path, row):
    with pytest.raises(FileError, match="another number of fields"):
        read(tmp_path, THREE + row)


def test_a_header_that_is_said_again_in_another_case_is_left_out(tmp_path):
    upload = read(tmp_path, THREE + "ID,Age,Sex\n4,53,F\n id , age,sex\n5,54,M\n")

    assert frame(upload)["id"].to_list() == [1, 2, 3, 4, 5]
    assert "2 repeated header lines left out." in said(upload)


def test_a_delimiter_at_the_end_of_each_row_but_the_header_is_no_column(tmp_path):
    upload = read(tmp_path, 'id;age;note\n1;50;a;\n2;51;"b; c";\n3;52;;\n')

    assert frame(upload).columns == ["id", "age", "note"]
    assert frame(upload)["note"].to_list() == ["a", "b; c", None]


def test_rows_with_one_field_more_than_the_header_are_refused_still(tmp_path):
    for text in (
        "id,age,sex\n1,50,M,\n2,51,F,x\n3,52,M,\n",
        "age,sex,note\n1,50,M,\n2,51,F,\n3,52,M,\n",  # R's row numbers, and a last column that is empty
    ):
        with pytest.raises(FileError, match="another number of fields"):
            read(tmp_path, text)


def test_lines_that_are_quoted_as_a_whole_are_parted_and_told(tmp_path):
    upload = read(tmp_path, '"id,age,note"\n"1,50,""a, b"""\n"2,51,c"\n"3,52,d"\n')

    assert frame(upload)["age"].to_list() == [50, 51, 52]
    assert frame(upload)["note"].to_list() == ["a, b", "c", "d"]
    assert "around each whole line" in said(upload)


def test_names_with_a_comma_in_one_quoted_column_stay_one(tmp_path):
    upload = read(tmp_path, '"Name, first"\n"Smith, John"\n"Doe, Jane"\n')

    assert frame(upload).shape == (2, 1)


def test_zero_bytes_at_the_end_or_here_and_there_are_left_out_and_told(tmp_path):
    padded = read(tmp_path, THREE.encode() + bytes(500))
    strewn = read(tmp_path, (THREE * 20).replace("52", "52\0", 2).encode())

    assert_frame_equal(frame(padded), pl.DataFrame({"id": [1, 2, 3], "age": [50, 51, 52], "sex": ["M", "F", "M"]}))
    assert "500 zero bytes left out" in said(padded)
    assert frame(strewn)["age"].dtype == pl.Int64
    assert "2 zero bytes left out" in said(strewn)


def test_a_file_full_of_zero_bytes_is_no_table(tmp_path):
    with pytest.raises(FileError, match="not a table of text"):
        read(tmp_path, b"id,age\n1,50\0\0\0\0\n2\0\0\0,51\n" * 20)


def test_tables_below_each_other_are_read_as_one_each_and_told(tmp_path):
    upload = read(tmp_path, THREE + "\nid,visit,sbp\n1,1,120\n1,2,130\n2,1,140\n")

    assert [(table.name, table.rows) for table in upload.tables] == [("trial", 3), ("trial_2", 3)]
    assert frame(upload, 1)["sbp"].to_list() == [120, 130, 140]
    assert "2 tables below each other" in said(upload)


def test_tables_below_each_other_may_differ_in_width_as_spreadsheets_write_them(tmp_path):
    upload = read(tmp_path, "id,age,,\n1,50,,\n2,51,,\n,,,\nid,visit,sbp,dbp\n1,1,120,80\n1,2,130,85\n")

    assert [frame(upload, at).columns for at in (0, 1)] == [["id", "age"], ["id", "visit", "sbp", "dbp"]]


@pytest.mark.parametrize(
    "text",
    [
        "id,age,sex\n1,50,M\n\n2,51,F\n3,52,M\n",
        "id,age,sex\n1,50,M\n\nid,age,sex\n2,51,F\n3,52,M\n",
        "Study X, 2023\n\nid,age,sex\n1,50,M\n2,51,F\n3,52,M\n",
        "name,age,sex\nAnna,50,M\n\nBert,51,F\nCarl,52,M\n",
    ],
)
def test_a_blank_line_alone_begins_no_table(tmp_path, text):
    upload = read(tmp_path, text)

    assert frame(upload)["age"].to_list() == [50, 51, 52]
    assert len(upload.tables) == 1


def test_records_of_fixed_width_without_a_header_lose_no_first_row(tmp_path):
    upload = read(tmp_path, "00150M0712\n00251F0600\n00352M0801\n", "export.dat")

    assert frame(upload).height == 3
    assert "looks like data" in said(upload)


@pytest.mark.parametrize(
    "text",
    [
        "| id | age | sex |\n|----|:---:|-----|\n| 1 | 50 | M |\n| 2 | 51 | F |\n",
        "+---+----+---+\n|id |age |sex|\n+---+----+---+\n| 1 | 50 | M |\n| 2 | 51 | F |\n+---+----+---+\n",
        " id | age | sex\n----+-----+-----\n  1 |  50 | M\n  2 |  51 | F\n(2 rows)\n",
    ],
)
def test_bars_and_rules_around_cells_are_taken_away_and_told(tmp_path, text):
    upload = read(tmp_path, text, "table.txt")

    assert_frame_equal(frame(upload), pl.DataFrame({"id": [1, 2], "age": [50, 51], "sex": ["M", "F"]}))
    assert "bars and rules" in said(upload)


def test_the_questions_of_qualtrics_are_labels_however_few_answered(tmp_path):
    lines = ["StartDate,Q1", "Start Date,How old?", '"{""ImportId"":""a""}","{""ImportId"":""b""}"', "2023-01-01,50"]

    (table,) = read(tmp_path, "\n".join(lines)).tables

    assert table.rows == 1
    assert table.said["Q1"].label == "How old?"


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ('id,note,age\n1,"he said "ok" and left",40\n2,"fine",50\n', ['he said "ok" and left', "fine"]),
        ('id;note;age\n1;"5 \\"drops\\"; then 3";40\n2;"fine";50\n', ['5 "drops"; then 3', "fine"]),
        ('id,note,age\n1,"a ""b"" c "d" e",40\n2,f,50\n', ['a "b" c "d" e', "f"]),
    ],
)
def test_quotation_marks_within_quoted_fields_are_text_where_no_other_reading_fits(tmp_path, text, notes):
    (tmp_path / "notes.csv").write_text(text)

    upload = read_upload(tmp_path / "notes.csv")

    (table,) = upload.tables
    assert table.scan.collect().to_dict(as_series=False) == {"id": [1, 2], "note": notes, "age": [40, 50]}
    assert "Quotation marks within quoted fields taken for a part of their text." in [
        each.text for each in upload.findings
    ]


@pytest.mark.parametrize("text", ['id,note,age\n1,"a "b", c",40\n2,d,50\n', 'id,note\n1,"a "b\n2,c\n'])
def test_quotation_marks_that_can_be_read_in_two_ways_are_refused(tmp_path, text):
    (tmp_path / "notes.csv").write_text(text)

    with pytest.raises(FileError, match="line 2"):
        read_upload(tmp_path / "notes.csv")


def test_inches_and_doubled_marks_stay_as_they_are(tmp_path):
    (tmp_path / "notes.csv").write_text('id,note\n1,"say ""so"" twice"\n2,5" pipe\n')

    upload = read_upload(tmp_path / "notes.csv")

    assert upload.tables[0].scan.collect()["note"].to_list() == ['say "so" twice', '5" pipe']


@pytest.mark.parametrize(
    ("text", "column", "values"),
    [
        ("id,drug,age\n1,'aspirin, low dose',50\n2,'none',61\n3,'',44\n", "drug", ["aspirin, low dose", "none", None]),
        ("'id','drug'\n'1','don''t know'\n'2','none'\n", "drug", ["don't know", "none"]),
        ("id;drug\n1;'a; b'\n2;c\n", "drug", ["a; b", "c"]),
        ("'id'\t'drug'\n1\t'it\\'s'\n2\t'x'\n", "drug", ["it's", "x"]),
    ],
)
def test_fields_in_apostrophes_are_read_without_them_and_it_is_told(tmp_path, text, column, values):
    (tmp_path / "sql.csv").write_text(text)

    upload = read_upload(tmp_path / "sql.csv", tmp_path)

    assert upload.tables[0].scan.collect()[column].to_list() == values
    assert "Apostrophes around fields taken for quotation marks." in [each.text for each in upload.findings]


@pytest.mark.parametrize(
    "text", ["id,word\n1,'tis\n2,rock 'n' roll\n3,'x'\n", "id,word\n1,O'Brien\n2,'quoted'\n3,d'Arc\n"]
)
def test_apostrophes_within_words_stay(tmp_path, text):
    (tmp_path / "words.csv").write_text(text)

    upload = read_upload(tmp_path / "words.csv", tmp_path)

    assert "Apostrophes around fields taken for quotation marks." not in [each.text for each in upload.findings]
    assert upload.tables[0].rows == 3


@pytest.mark.parametrize("lines", [5, 12, 40])
@pytest.mark.parametrize(
    ("line", "mark"), [("# Setting {}: of the export", ","), ("Setting {},on", ","), ("Note {}", ";")]
)
def test_a_table_is_found_below_a_preamble_that_is_longer_than_it(tmp_path, lines, line, mark):
    preamble = "".join(line.format(number) + "\n" for number in range(lines))
    table = THREE.replace(",", mark)

    for gap in ("", "\n"):
        upload = read(tmp_path, preamble + gap + table)
        assert frame(upload)["age"].to_list() == [50, 51, 52]
        assert f"{lines} lines above the header left out" in said(upload)


def test_rows_that_have_another_number_of_fields_are_no_preamble(tmp_path):
    with pytest.raises(FileError, match="line 5 has 3"):
        read(tmp_path, "id,age\n1,50\n2,51\n3,52\nno,age,bmi\n4,53,25\n5,54,26\n6,55,27\n")


def test_columns_of_fixed_width_keep_empty_cells_and_words_with_blanks(tmp_path):
    upload = read(
        tmp_path,
        "id    drug               sex  age\n001   acetyl salicylic   M     50\n"
        "002   ibuprofen                60\n003   acetyl salicylic   F     70\n",
    )

    assert frame(upload).rows() == [
        ("001", "acetyl salicylic", "M", 50),
        ("002", "ibuprofen", None, 60),
        ("003", "acetyl salicylic", "F", 70),
    ]
    assert "Columns of fixed width" in said(upload)


def test_a_header_with_another_delimiter_than_its_rows_is_parted_as_they_are(tmp_path):
    upload = read(tmp_path, "id,sex,age\n1;M;50\n2;F;60\n")

    assert frame(upload).rows() == [(1, "M", 50), (2, "F", 60)]
    assert frame(upload).columns == ["id", "sex", "age"]
    assert "have another delimiter" in said(upload)


def test_quotation_marks_of_print_hold_a_field_together(tmp_path):
    upload = read(tmp_path, "id,note,age\n1,“a, b”,50\n2,„c“,60\n3,«d, e»,61\n")

    assert frame(upload)["note"].to_list() == ["a, b", "c", "d, e"]
    assert "Quotation marks of print" in said(upload)


def test_a_second_header_without_a_blank_line_begins_a_table_of_its_own(tmp_path):
    upload = read(tmp_path, THREE + "id,lab,value\n1,CRP,5\n2,CRP,7\n")

    assert [frame(upload, at).columns for at in (0, 1)] == [["id", "age", "sex"], ["id", "lab", "value"]]
    assert frame(upload, 1)["value"].to_list() == [5, 7]


def test_colons_part_columns_where_names_and_rows_have_as_many(tmp_path):
    upload = read(tmp_path, "id:age:sex\n1:41:F\n2::M\n3:43:F\n")

    assert frame(upload).rows() == [(1, 41, "F"), (2, None, "M"), (3, 43, "F")]


@pytest.mark.parametrize(
    "text",
    [
        "start\n08:30\n09:15\n10:00\n",
        "in:out\n08:30\n09:15\n10:00\n",
        "name: Anna\nage: 50\nsex: F\nward: 3\n",
        "code\nA00:1\nB01:2\nC02:3\n",
        "note\nat 8:30 seen: ok\nat 9:30 seen: ok\n",
    ],
)
def test_colons_of_times_codes_and_remarks_part_nothing(tmp_path, text):
    assert frame(read(tmp_path, text)).width == 1


@pytest.mark.parametrize("begin", [0, 1])
def test_a_table_as_r_or_pandas_prints_it_has_its_columns(tmp_path, begin):
    lines = [f"{n:<3d} {100 + n:>4d} {40 + n:>3d} {'FM'[n % 2]:>3s}\n" for n in range(begin, begin + 12)]

    printed = frame(read(tmp_path, "      id age sex\n" + "".join(lines)))

    assert printed.columns == ["column_1", "id", "age", "sex"]
    assert printed.row(0) == (begin, 100 + begin, 40 + begin, "FM"[begin % 2])
    assert printed.height == 12
