"""A text in pieces of whole lines, and a table that is the same in however many pieces it is read."""

import csv
from io import BytesIO, StringIO

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clinical_nb.errors import FileError
from clinical_nb.intake.delimited import read_delimited
from clinical_nb.intake.pieces import PIECE, cut
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.typed import read_typed

# What stands in a column of one kind, with what may stand among it and change what the column is.
KINDS = {
    "whole": ["1", "-20", "300", "9007199254740993", "007", "+5"],
    "number": ["1.5", "-0.25", "1e3", "12", "inf", "1e999"],
    "comma": ["1,5", "-2,25", "3", "4.5"],
    "infinite": ["inf", "-inf", "1e999", "7", "x"],
    "boolean": ["true", "FALSE", "True", "T"],
    "date": ["2020-01-31", "1999-12-01", "2020-02-30", "31.01.2020"],
    "time": ["2020-01-31 10:00", "2020-01-31T10:00:01.25", "2020-01-31T10:00Z"],
    "text": ["high", "High", "12 mg", "<5", "a,b", 'said "no"', "two\nlines", " padded ", "Zoe\u0301", "€ é 漢"],
}
EVERYWHERE = ["", "NA", "."]


@st.composite
def tables(draw):
    """Return a text with its delimiter: columns mostly of one kind each, in whole runs of values."""
    delimiter = draw(st.sampled_from(",;"))
    width = draw(st.integers(2, 4))
    columns = []
    for _ in range(width):
        kind = KINDS[draw(st.sampled_from(list(KINDS)))]
        runs = draw(st.lists(st.tuples(st.sampled_from(kind + EVERYWHERE), st.integers(1, 12)), min_size=1, max_size=5))
        columns.append([value for value, times in runs for _ in range(times)] + kind[:1])
    rows = max(map(len, columns))
    # the last line has every value, or it would be taken for a remark below the table, which a tiny piece cannot show
    filled = [column + column[-1:] * (rows - len(column)) for column in columns]
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n", quoting=draw(st.sampled_from([0, 1])))
    writer.writerow(["id", "age", "sex", "note"][:width])
    writer.writerows(zip(*filled, strict=True))
    return buffer.getvalue()


def read(text, size):
    """Return all that comes of a text: the names and types of its columns, its rows, its findings; or the refusal."""
    try:
        reading = read_delimited(BytesIO(text.encode()), "x.csv", "x", size=size)
    except FileError as error:
        return str(error)
    (table,) = reading.tables
    frame = table.scan.collect()
    assert frame.height == table.rows
    return frame.schema, frame.rows(), reading.findings


def in_bits(text, size=7):
    """Return the bytes of a text bit by bit."""
    data = text.encode()
    return iter([data[at : at + size] for at in range(0, len(data), size)])


@settings(max_examples=60, deadline=None)
@example("id,age\n" + "1,2\n" * 10 + "3,x\n", 16)
@example("id,age\n" + "1,9007199254740993\n" * 3 + "3,0.5\n" * 5, 40)
@example('id,note\n1,"' + "line\n" * 30 + '"\n2,b\n', 16)
@given(tables(), st.integers(8, 400))
def test_a_table_is_the_same_in_however_many_pieces_it_is_read(text, size):
    whole = read(text, 10**6)
    in_pieces = read(text, size)

    assert in_pieces == whole


@given(
    st.lists(st.sampled_from(["a,b\n", '1,"x\ny"\n', '"q ""w"" e",2\n', "\n", "é,漢\n"]), max_size=40),
    st.integers(1, 50),
)
def test_pieces_are_the_lines_of_the_text_and_no_quoted_field_is_cut(lines, size):
    text = "".join(lines)

    pieces = list(cut(in_bits(text), size))

    assert "\n".join(piece.text for piece in pieces).rstrip("\n") == text.rstrip("\n")
    assert [piece.line for piece in pieces] == [
        sum(before.text.count("\n") + 1 for before in pieces[:number]) for number in range(len(pieces))
    ]
    assert all(piece.text.count('"') % 2 == 0 for piece in pieces)
    assert [piece.is_last for piece in pieces] == [False] * (len(pieces) - 1) + [True]


def test_what_is_wrong_in_a_later_piece_is_told_with_its_line():
    text = "id,age\n" + "1,2\n" * 1000 + "1,2,3\n" + "1,2\n" * 1000

    with pytest.raises(FileError, match="line 1002 has 3"):
        read_delimited(BytesIO(text.encode()), "x.csv", "x", size=500)


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line():
    text = "id,age\n" + "1,2\n" * 1000 + '1,"2\n' + "1,2\n" * 10_000

    with pytest.raises(FileError, match="quotation mark on line 1002"):
        read_delimited(BytesIO(text.encode()), "x.csv", "x", size=500)


def test_lines_below_the_table_are_left_out_of_the_last_piece_only():
    rows = "1,2,3\n" * 200 + "4,,\n" * 3 + "5,6,7\n" * 200
    text = "id,age,sex\n" + rows + "\nTotal,,\n"

    reading = read_delimited(BytesIO(text.encode()), "x.csv", "x", size=612)

    assert reading.tables[0].rows == 403
    assert [finding.text for finding in reading.findings] == ["1 line below the table left out (totals or remarks)."]


def test_a_column_without_name_is_left_out_only_where_no_piece_has_a_value_in_it():
    rows = "1,2,,\n" * 300 + "1,2,7,\n" + "1,2,,\n" * 300

    reading = read_delimited(BytesIO(("id,age,,\n" + rows).encode()), "x.csv", "x", size=400)

    assert reading.tables[0].scan.collect_schema().names() == ["id", "age", "column_3"]
    assert reading.findings[0].text == "1 column without a name and any value left out."


@pytest.mark.parametrize("size", [40, 100, 333, 1000])
def test_inch_marks_among_fields_of_several_lines_are_read_in_pieces_as_in_one(size):
    lines = [
        '1,5" nail,a',
        '2,"line one\nline two",b',
        '3,plain,"c, d"',
        '4,6" and 7",e',
        '5,"said ""no""\nand left",f',
    ]
    text = "id,note,x\n" + "".join(f"{lines[number * 7 % 5]}\n" for number in range(500))

    assert read(text, size) == read(text, 10**6)


@pytest.mark.parametrize("rows", [9_000, 60_000])
@pytest.mark.parametrize("footer", ["\nTotal,,\n", "\nTotal: many patients\n"])
def test_a_total_below_a_table_of_any_size_is_no_patient(rows, footer):
    text = "id,age,sex\n" + "".join(f"{number},40,f\n" for number in range(rows)) + footer

    for size in (PIECE, 300_000):
        reading = read_delimited(BytesIO(text.encode()), "x.csv", "x", size=size)

        assert reading.tables[0].rows == rows
        assert reading.tables[0].scan.collect_schema()["id"] == pl.Int64
        assert [finding.text for finding in reading.findings] == [
            "1 line below the table left out (totals or remarks)."
        ]


@pytest.mark.parametrize("length", [1, 65_535, 65_536, 65_537, 131_072])
def test_the_last_piece_holds_the_end_whatever_is_left_for_it(length):
    text = "1,2\n" * (300_000 // 4) + "x" * length

    pieces = list(cut(in_bits(text), 300_000))

    assert "\n".join(piece.text for piece in pieces) == text
    assert len(pieces[-1].text) >= min(len(text), 65_536)


def test_another_encoding_far_into_the_file_holds_for_all_of_it():
    text = "id,name\n" + "1,Bo\n" * 500 + "2,Zoë\n"

    reading = read_delimited(BytesIO(text.encode("cp1252")), "x.csv", "x", size=600)

    assert reading.tables[0].scan.collect()["name"].to_list()[-1] == "Zoë"
    assert "Windows-1252" in reading.findings[0].text


def test_what_is_too_large_for_the_memory_lies_in_the_place_that_was_given(tmp_path, monkeypatch):
    monkeypatch.setattr("clinical_nb.intake.stage._IN_MEMORY", 1000)
    text = "id,age,mixed\n" + "1,2.5,7\n" * 2000 + "2,,x\n"

    reading = read_delimited(BytesIO(text.encode()), "x.csv", "x", Desk(tmp_path), size=1000)

    assert list(tmp_path.iterdir()) != []
    frame = reading.tables[0].scan.collect()
    assert frame.rows() == [(1, 2.5, "7")] * 2000 + [(2, None, "x")]


def test_the_tables_of_an_upload_share_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("clinical_nb.intake.stage._IN_MEMORY", 50_000)
    desk = Desk(tmp_path)

    for number in range(5):
        read_typed(pl.DataFrame({"x": range(5000)}), f"table_{number}", desk)

    assert desk.held <= 50_000
    assert len(list(tmp_path.iterdir())) == 4


def test_what_another_encoding_began_is_taken_away(tmp_path, monkeypatch):
    monkeypatch.setattr("clinical_nb.intake.stage._IN_MEMORY", 1000)
    desk = Desk(tmp_path)
    text = "id,name\n" + "1,Bo\n" * 500 + "2,Zoë\n"

    reading = read_delimited(BytesIO(text.encode("cp1252")), "x.csv", "x", desk, size=600)

    files = [file.name for file in tmp_path.iterdir()]
    plan = reading.tables[0].scan.explain(optimized=False)
    assert files != []
    assert [file for file in files if file not in plan] == []
