"""A piece that is parsed into numbers and days at once: the same table, hash and report as if it were read as text."""

from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clinical_nb.errors import FileError
from clinical_nb.intake import delimited
from clinical_nb.intake.body import Part, make_part
from clinical_nb.intake.delimited import read_delimited
from clinical_nb.intake.layout import find_layout
from clinical_nb.intake.pieces import Piece
from clinical_nb.intake.plain_piece import parse_plain, what_is_known
from clinical_nb.intake.values import type_columns
from clinical_nb.quality.report import inspect
from clinical_nb.store.hash import hash_table

TESTS = Path(__file__).parent.parent
FILES = sorted(
    path
    for folder in ("tests/files", "tests/fuzz/regressions", "tests/intake/files", "data")
    for path in (TESTS.parent / folder).rglob("*")
    if path.suffix in (".csv", ".tsv", ".txt", ".psv")
)
# What columns are made of, and what may stand among it.
PLAIN = {
    "whole": ["0", "1", "-7", "42", "1200", "9007199254740993"],
    "number": ["0.5", "-0.25", ".5", "5.", "1e3", "12", "78.10", "1E-5", "-.75", "0"],
    "thousands": ["1.234", "950", "12.500", "3.125", "0"],
    "day": ["2020-01-31", "1999-12-01", "2024-02-29"],
    "word": ["high", "Site 01", "no", "-", "#1", "€ é 漢"],
    "code": ["007", "012", "+44"],
}
ODD = [
    "",
    "",
    "007",
    "-007",
    "+5",
    " 5",
    "5 ",
    "\t5",
    "NA",
    ".",
    "n/a",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "<5",
    "-99",
    "-0",
]
ODD += ["00", "0", "-0.0", "0x10", "1_0", "1.0", "1,5", "9223372036854775808", "1e20", "100000000000000000000", "true"]
ODD += ["2020-02-30", "2020-1-5", "2020/01/05", "31.01.2020", "'=1+1", "'5", "5\u00a0", "٣", "−5", "1 234", "12 mg"]  # noqa: RUF001 - as typed


@st.composite
def texts(draw):
    """Return a text of a header and a hundred lines and more, most columns of one kind, a few cells of anything."""
    delimiter = draw(st.sampled_from(",;\t|"))
    kinds = draw(st.lists(st.sampled_from(list(PLAIN)), min_size=1, max_size=5))
    height = draw(st.integers(60, 160))
    columns = [
        [PLAIN[kind][(at * step + at // 7) % len(PLAIN[kind])] for at in range(height)]
        for kind in kinds
        for step in [draw(st.integers(1, 5))]
    ]
    for _ in range(draw(st.integers(0, 3))):
        columns[draw(st.integers(0, len(kinds) - 1))][draw(st.integers(0, height - 1))] = draw(st.sampled_from(ODD))
    header = [draw(st.sampled_from(["age", "2020", "x y", "1.5", ""])) + str(at) * (at > 0) for at in range(len(kinds))]
    lines = [delimiter.join(each) for each in [header, *zip(*columns, strict=True)]]
    for _ in range(draw(st.integers(0, 1))):
        odd = ["", lines[0], delimiter * (len(kinds) - 1), lines[5] + delimiter, lines[-1].rpartition(delimiter)[0]]
        lines.insert(draw(st.integers(1, height)), draw(st.sampled_from(odd)))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n"]))


def read(data, size):
    """Return all that comes of a text: its columns, hash, findings and report; or the refusal."""
    try:
        reading = read_delimited(BytesIO(data), "x.csv", "x", size=size)
    except FileError as error:
        return str(error)
    tables = [table.scan.collect() for table in reading.tables]
    hashes = [hash_table(table) for table in tables]
    return [(table.schema, table.rows()) for table in tables], hashes, reading.findings, inspect(reading.tables)


def read_as_text(data, size):
    """Return the same where no piece is parsed into its types at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "parse_plain", lambda *_: None)
        return read(data, size)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@example("age,b\n" + "1,2\n" * 30 + "1,007\n" + "1,2\n" * 60, 40)
@example("age,b\n" + "0.5,2\n" * 30 + "-0,2\n" * 30 + "0,x\n" * 30, 40)
@given(texts(), st.integers(20, 600))
def test_a_piece_parsed_at_once_gives_what_its_text_gives(text, size):
    assert repr(read(text.encode(), size)) == repr(read_as_text(text.encode(), size))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_file_gives_what_its_text_gives(file):
    data = file.read_bytes()
    if len(data) > 2_000_000:
        pytest.skip("takes long in small pieces")
    size = max(1500, len(data) // 8)

    assert repr(read(data, size)) == repr(read_as_text(data, size))


def parse(lines, before="1,0.5,2020-01-31,high,1\n2,1.25,2020-02-01,low,2\n" * 60):
    """Return the rows of lines that stand below others of a whole number, a decimal, a day, a word and a code."""
    first = Piece(b"id,weight,visit,grade,code\n" + before.encode().rstrip(), is_last=False)
    layout = find_layout(first, None, "x.csv")
    cells = pl.read_csv(first.data, has_header=False, schema=dict.fromkeys(map(str, range(5)), pl.String))
    part: Part = make_part(cells, layout, is_last=False)
    _, seen = type_columns(part.rows, decimal_comma=False)
    return parse_plain(Piece(lines.encode().rstrip(), 121, is_last=False), what_is_known(part, seen))


def test_plain_numbers_and_days_are_parsed_as_such_and_words_as_text():
    rows = parse("7,0.25,2021-03-04,high,3\n8,,,low,\n")

    assert rows.dtypes == [pl.Int64, pl.Float64, pl.Date, pl.String, pl.Int64]
    assert [str(cell) for cell in rows.row(0)] == ["7", "0.25", "2021-03-04", "high", "3"]
    assert rows.row(1) == (8, None, None, "low", None)


@pytest.mark.parametrize("code", ["007", "-01", "+5", " 5", "00"])
def test_a_column_whose_numbers_say_more_than_their_value_is_parsed_as_text_and_the_others_are_not(code):
    rows = parse(f"7,0.25,2021-03-04,high,3\n8,0.5,2021-03-05,low,{code}\n9,1.25,2021-03-05,low,4\n")

    assert rows.dtypes == [pl.Int64, pl.Float64, pl.Date, pl.String, pl.String]
    assert rows["field_4"].to_list() == ["3", code, "4"]


@pytest.mark.parametrize("day", ["2021-3-4", "04.03.2021", "2021-02-30", "20210304", "unknown"])
def test_a_column_with_what_is_no_iso_day_is_parsed_as_text(day):
    rows = parse(f"7,0.25,2021-03-04,high,3\n8,0.5,{day},low,2\n")

    assert rows["field_2"].to_list() == ["2021-03-04", day]
    assert rows.dtypes[:2] == [pl.Int64, pl.Float64]


@pytest.mark.parametrize(
    "line",
    ["<5,1,,x,1", "5 ,1,,x,1", "NA,1,,x,1", "1,1e999,,x,1", "1,inf,,x,1", "1,9007199254740993,,x,1"],
)
def test_a_piece_with_what_is_no_plain_number_is_read_as_text(line):
    assert parse("7,0.25,2021-03-04,high,3\n") is not None
    assert parse(f"7,0.25,2021-03-04,high,3\n{line}\n7,0.25,2021-03-04,high,3\n") is None


@pytest.mark.parametrize(
    "line",
    [
        '"1",1,,x,1',
        "1,1,,'=x,1",
        "1,1,,x",
        "1,1,,x,1,1",
        "",
        "id,weight,visit,grade,code",
        "9223372036854775808,1,,x,1",
    ],
)
def test_a_piece_of_which_anything_is_in_doubt_is_read_as_text(line):
    assert parse(f"7,0.25,2021-03-04,high,3\n{line}\n7,0.25,2021-03-04,high,3\n") is None


def test_numbers_whose_points_may_part_thousands_are_parsed_as_text():
    assert parse("7,1.234,,high,3\n8,950,,low,2\n9,12.500,,low,2\n").dtypes[1] == pl.String
    assert parse("7,1.234,,high,3\n8,950,,low,2\n9,12.5,,low,2\n").dtypes[1] == pl.Float64


def test_apostrophes_in_some_pieces_only_are_told():
    text = "id,note\n" + "1,a\n" * 100 + "2,'=1+1\n" + "1,a\n" * 100

    reading = read_delimited(BytesIO(text.encode()), "x.csv", "x", size=100)

    assert reading.tables[0].scan.collect()["note"].to_list()[100] == "=1+1"
    assert any("1 cell" in finding.text and finding.column == "note" for finding in reading.findings)
