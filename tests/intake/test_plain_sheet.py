"""A sheet that is plain is typed by its cells, and gives the very table that its texts would."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from clinical_nb.errors import FileError
from clinical_nb.intake.plain_sheet import find_plain
from clinical_nb.intake.sheet_reader import Asked, opened
from clinical_nb.intake.workbook import read_workbook

NAMES = ["id", "Age (years)", "group", " visit  date", "Größe", "x_1", "x", "2020", "", "#N/A", "true", "1.5", "Total"]
NUMBERS = st.integers(-1000, 1000) | st.floats(-1e6, 1e6) | st.floats(-1e-7, 1e-7) | st.sampled_from([0.1 + 0.2, -0.0])
LARGE = st.sampled_from([10**15, 1e20, 12345678901234567, 2**53 + 1, 1e-300, 999999999999999])
DAYS = st.dates(date(1900, 3, 1), date(2100, 1, 1))
TIMES = st.times().map(lambda at: at.replace(microsecond=0))
MOMENTS = st.tuples(DAYS, TIMES).map(lambda both: datetime.combine(*both, tzinfo=UTC).replace(tzinfo=None))
DURATIONS = st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds))
WORDS = st.sampled_from([
    "a", "b", "<5", "NA", "None", "nan", "n/a", "007", "1.0", "5", " x ", "\u00a0", "#N/A", "#DIV/0!", "Total", "true",
    "TRUE", "2020-01-31", "2020-01-31 10:00:00", "1e5", "inf", "12345678901234567890", "id", "=x", "é", "e\u0301",
    "see the remarks below for this", "1,5", "0.30000000000000004", "group",
])  # fmt: skip
COLUMNS = [
    NUMBERS, st.integers(0, 5), LARGE | NUMBERS, st.booleans(), st.booleans() | st.integers(0, 1), DAYS, MOMENTS,
    DAYS | MOMENTS, TIMES, TIMES | DURATIONS, DURATIONS, WORDS, st.sampled_from(["a", "b"]), WORDS | NUMBERS,
    WORDS | DAYS, WORDS | st.booleans(), NUMBERS | st.sampled_from(["NA", "n/a", "None"]), DAYS | st.just("NA"),
    NUMBERS | st.just("#DIV/0!"), st.none(), DAYS | st.just(date(1904, 1, 1)), DAYS | NUMBERS,
]  # fmt: skip


def workbook(rows, top=0, left=0):
    book = openpyxl.Workbook()
    for at, row in enumerate(rows, 1 + top):
        for place, value in enumerate(row, 1 + left):
            cell = book.active.cell(at, place, value)
            if isinstance(value, str) and value.startswith("="):
                cell.data_type = "s"
    made = BytesIO()
    book.save(made)
    return made


def found_plain(rows):
    with opened(workbook(rows).getvalue(), "trial.xlsx") as reader:
        loaded = reader.load(Asked(0, None, header=0))
        return find_plain(loaded, lambda dtype, at: reader.load(Asked(0, dtype, 0, at)).cells, frozenset(), False)


@st.composite
def sheets(draw):
    width = draw(st.integers(2, 5))
    columns = [draw(st.sampled_from(COLUMNS)) for _ in range(width)]
    is_clean = draw(st.booleans())
    header = [f"name {at}" for at in range(width)] if is_clean else [draw(st.sampled_from(NAMES)) for _ in columns]
    gaps = draw(st.booleans())
    rows = [
        [draw(st.none() | column if gaps else column) for column in columns] for _ in range(draw(st.integers(1, 14)))
    ]
    last = draw(st.sampled_from([[], [], [["Total"]], [[], ["A remark of some words"]], [header], [[None] * width]]))
    return [header, *rows, *last]


def read_or_refuse(file):
    try:
        return read_workbook(file, "trial.xlsx", "trial")
    except FileError as refusal:
        return str(refusal)


@pytest.mark.slow
@given(rows=sheets())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_sheet_gives_the_same_table_whether_it_is_plain_or_stands_apart_from_the_first_cell(rows):
    plain, apart = read_or_refuse(workbook(rows)), read_or_refuse(workbook(rows, left=1))

    if isinstance(plain, str) or isinstance(apart, str):
        assert plain == apart
        return
    assert plain.findings == apart.findings
    assert [(one.name, one.rows) for one in plain.tables] == [(one.name, one.rows) for one in apart.tables]
    for one, other in zip(plain.tables, apart.tables, strict=True):
        assert_frame_equal(one.scan.collect(), other.scan.collect(), check_exact=True)


def test_a_plain_sheet_is_typed_by_its_cells():
    rows = [["id", "group", "born", "half"], *([at, "ab"[at % 2], date(2020, 1, 1 + at), at / 2] for at in range(20))]

    plain = found_plain(rows)

    assert [str(dtype) for dtype in plain.rows.dtypes] == ["Int64", "String", "Date", "Float64"]
    assert plain.header == ["id", "group", "born", "half"]


def test_a_plain_sheet_has_columns_of_several_types_as_text_with_all_digits():
    rows = [["id", "value", "code"], [1, 1.23456789012, "007"], [2, "<5", "008"], [3, 1e-12, "009"]]

    plain = found_plain(rows)

    assert plain.rows.rows() == [(1, "1.23456789012", "007"), (2, "<5", "008"), (3, "1e-12", "009")]


def test_a_sheet_with_a_title_a_total_or_a_blank_row_is_not_plain():
    body = [["id", "age"], [1, 60], [2, 70]]

    found = [found_plain(rows) for rows in ([["Title"], *body], [*body, ["Total", 130]], [*body, [None], [3, 80]])]

    assert found == [None, None, None]


def test_a_total_below_numbers_with_exponents_is_left_out_of_a_plain_sheet():
    rows = [["name 0", "name 1"], [3.4e-164, None], *[[None, 0]] * 7, ["Total"]]

    reading = read_workbook(workbook(rows), "trial.xlsx", "trial")

    assert reading.tables[0].rows == 8
    assert [finding.text for finding in reading.findings] == ["1 row below the table left out (totals or remarks)."]
