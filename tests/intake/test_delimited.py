"""Delimited text as people have it: every delimiter, quoting and edge, read right or refused with the line."""

from datetime import UTC, date, datetime
from io import BytesIO

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_nb.errors import FileError
from clinical_nb.intake.delimited import read_delimited
from clinical_nb.intake.pieces import PIECE
from clinical_nb.intake.tidy import MISSING_TOKENS


def read(text, size=PIECE):
    """Return the rows, with the header first, and the findings' texts."""
    data = text.encode() if isinstance(text, str) else text
    reading = read_delimited(BytesIO(data), "x.csv", "x", size=size)
    frame = reading.tables[0].scan.collect()
    return [tuple(frame.columns), *frame.rows()], [finding.text for finding in reading.findings]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_ends_are_detected(delimiter, end):
    lines = [("id", "age", "sex"), ("1", "40", "m"), ("2", "50", "f")]

    rows, findings = read(end.join(delimiter.join(line) for line in lines) + end)

    assert rows == [("id", "age", "sex"), (1, 40, "m"), (2, 50, "f")]
    assert findings == []


def test_a_delimiter_inside_quotes_is_text_even_where_it_is_frequent():
    rows, _ = read('id;note\n1;"a,b,c,d"\n2;"e,f,g,h"\n')

    assert rows == [("id", "note"), (1, "a,b,c,d"), (2, "e,f,g,h")]


def test_quoted_line_ends_and_quotes_are_kept():
    rows, _ = read('id,note,age\n1,"fell,\nsaid ""ouch""",70\n2,"",55\n3,"x\n\ny",61\n')

    assert rows == [("id", "note", "age"), (1, 'fell,\nsaid "ouch"', 70), (2, None, 55), (3, "x\n\ny", 61)]


def test_a_quotation_mark_inside_an_unquoted_field_is_text():
    assert read('id,size\n1,5" nail\n2,6" nail\n')[0] == [("id", "size"), (1, '5" nail'), (2, '6" nail')]
    assert read('id,size\n1,5" nail\n2,"a, b"\n')[0] == [("id", "size"), (1, '5" nail'), (2, "a, b")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('id,note,age\n1,"never closed,70\n2,ok,55\n', 2),
        ('id,note,age\n1,"ok",70\n2,"open,4\n3,"fine",5\n', 3),
        ('id,note,age\n1,"two\nlines",70\n2,"open,4\n', 4),
    ],
)
def test_a_quotation_mark_that_is_not_closed_is_refused_with_its_line(text, line):
    with pytest.raises(FileError, match=f"quotation mark on line {line} that is never closed"):
        read(text)


def test_torn_lines_are_refused_with_their_numbers():
    lines = ["id,age,sex", *(f"{number},40,m" for number in range(2, 30))]
    lines[5] = "6,40"
    lines[9] = "10,40,m,x,y"

    with pytest.raises(FileError, match="its header, which has 3: line 6 has 2, line 10 has 5"):
        read("\n".join(lines))


def test_numbers_of_torn_lines_count_the_line_ends_in_quotes():
    with pytest.raises(FileError, match="line 4 has 1"):
        read('id,note\n1,"a\nb"\n2\n3,c\n4,d\n')


def test_a_short_line_is_not_made_good_by_a_long_one():
    with pytest.raises(FileError, match="line 3 has 2, line 4 has 4"):
        read("id,age,sex\n1,40,m\n2,50\n3,60,m,x\n4,70,f\n")


@pytest.mark.parametrize("text", ["id,age\n1,40,m\n2,50,f\n", "id\tage\n1\t1\t40\n2\t2\t50\n"])
def test_a_header_that_is_too_short_is_never_shifted(text):
    with pytest.raises(FileError, match=r"its header, which has 2: line 2 has 3.* row\.names = FALSE"):
        read(text)


def test_a_row_that_is_too_long_or_short_far_below_is_refused():
    body = "".join(f"{number},1\n" for number in range(50_000))

    for torn in ("50001\n", "50001,1,2\n"):
        with pytest.raises(FileError, match="line 50002 has"):
            read(f"id,x\n{body}{torn}{body}")


def test_title_lines_and_totals_are_left_out_and_told():
    text = "My registry\nDate: 12/03/2024\n\nid,age,sex\n1,40,m\n2,50,f\n\nTotal,90,\nn = 2 patients,,\n"

    rows, findings = read(text.replace("Total,90,", "Total,,"))

    assert rows == [("id", "age", "sex"), (1, 40, "m"), (2, 50, "f")]
    assert findings == [
        "2 lines above the header left out; the header is line 4.",
        "2 lines below the table left out (totals or remarks).",
    ]


def test_title_lines_padded_by_a_spreadsheet_are_left_out():
    rows, _ = read("My export,,,\n,,,\nid,age,sex,arm\n1,40,m,A\n2,50,f,B\n")

    assert rows == [("id", "age", "sex", "arm"), (1, 40, "m", "A"), (2, 50, "f", "B")]


def test_a_last_patient_with_little_data_is_no_footer():
    rows, findings = read("id,age,sex,arm\n1,40,m,A\n2,50,f,B\n\n3,,,\n")

    assert rows[-1] == (3, None, None, None)
    assert findings == ["1 empty row left out."]


def test_empty_rows_and_edges_of_a_spreadsheet_are_left_out_and_told():
    rows, findings = read("id,age,,\n1,40,,\n,,,\n2,50,,\n\n\n")

    assert rows == [("id", "age"), (1, 40), (2, 50)]
    assert findings == ["1 empty row left out.", "2 columns without a name and any value left out."]


def test_a_header_said_again_is_left_out_and_told():
    rows, findings = read("id,age\n1,40\nid,age\n2,50\n")

    assert rows == [("id", "age"), (1, 40), (2, 50)]
    assert findings == ["1 repeated header line left out."]


def test_a_missing_header_loses_no_row():
    rows, findings = read("1,41,F\n2,42,M\n3,43,F\n")

    assert rows == [("column_1", "column_2", "column_3"), (1, 41, "F"), (2, 42, "M"), (3, 43, "F")]
    assert findings[0].startswith("The first line looks like data")


def test_a_header_alone_loads_without_rows_and_says_so():
    rows, findings = read("id,age,sex\n")

    assert rows == [("id", "age", "sex")]
    assert findings == ["The table has a header but no rows."]


def test_names_made_distinct_are_told():
    rows, findings = read("id,value, value,\n1,2,3,4\n")

    assert rows[0] == ("id", "value", "value_2", "column_4")
    assert findings == ["2 column names made distinct, complete or clean: 'value_2', 'column_4'."]


def test_commas_are_decimal_marks_only_where_semicolons_delimit():
    assert read("id;bmi\n1;22,5\n2;30\n")[0][1:] == [(1, 22.5), (2, 30.0)]
    assert read("id\tbmi\n1\t22,5\n2\t30\n")[0][1:] == [(1, "22,5"), (2, "30")]


def test_windows_text_is_read_and_told():
    rows, findings = read("id,note\n1,Zoë “well”\n".encode("cp1252"))

    assert rows[1] == (1, "Zoë “well”")
    assert findings == ["The file is not UTF-8 and was read as Windows-1252."]


@pytest.mark.parametrize("text", [" \n\t\n  \n", "\n\n", "\ufeff"])
def test_blanks_alone_are_no_data(text):
    with pytest.raises(FileError, match="holds only blanks"):
        read(text)


def test_every_type_is_read_from_the_whole_column():
    late = "id,lab\n" + "".join(f"{number},{number}\n" for number in range(20_000)) + "20000,pending\n"

    rows, findings = read(late)

    assert rows[1] == (0, "0")
    assert findings == []


def test_dates_times_and_truth_have_their_types():
    rows, _ = read("d,t,z,b\n2020-02-29,2020-01-01 10:00,2020-01-01T10:00:00+01:00,TRUE\n,,2020-01-01T09:00Z,false\n")

    assert rows[1] == (
        date(2020, 2, 29),
        datetime(2020, 1, 1, 10),  # noqa: DTZ001 - the file says no zone
        datetime(2020, 1, 1, 9, tzinfo=UTC),
        True,
    )
    assert rows[2][2] == rows[1][2]


TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")) | st.just("\n"), max_size=6).map(
    lambda text: "x" + text + "x"
)
COLUMNS = {"text": TEXTS, "number": st.integers(-(2**63), 2**63 - 1)}


@settings(deadline=None)
@given(st.data(), st.sampled_from([",", ";", "\t", "|"]))
def test_what_polars_writes_is_read_back(data, delimiter):
    """Texts (no missing token, composed, plain blanks) and any integers, with missing cells, under any delimiter."""
    count = data.draw(st.integers(2, 12))
    texts = data.draw(st.lists(st.none() | TEXTS, min_size=count, max_size=count))
    numbers = data.draw(st.lists(st.none() | COLUMNS["number"], min_size=count, max_size=count))
    frame = pl.DataFrame(
        {"row": [f"r{number}" for number in range(count)], "text": texts, "number": numbers},
        schema={"row": pl.String, "text": pl.String, "number": pl.Int64},
    ).with_columns(pl.col("text").str.normalize("NFC").str.replace_all("[\u00a0\u2007\u202f]", " "))

    rows, _ = read(frame.write_csv(separator=delimiter))

    assert rows[0] == ("row", "text", "number")
    assert rows[1:] == frame.rows()


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_read_to_the_last_bit(numbers):
    frame = pl.DataFrame({"row": [f"r{number}" for number in range(len(numbers))], "x": numbers})

    rows, _ = read(frame.write_csv())

    assert [row[1] for row in rows[1:]] == numbers


@pytest.mark.parametrize("token", MISSING_TOKENS)
def test_tokens_for_missing_are_missing_and_told(token):
    rows, findings = read(f"id,x\na,1\nb,{token}\nc,2\n")

    assert [row[1] for row in rows[1:]] == [1, None, 2]
    assert findings == [f"1 cell with '{token}' read as missing."]
