"""Parquet and Arrow files: types kept where they can be analysed."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.parquet import read_arrow, read_arrow_stream, read_parquet
from clinical_nb.intake.upload import read_upload


def written(**columns):
    buffer = BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


def read(column):
    """Return one column as read, and the findings' texts."""
    reading = read_parquet(written(x=column), "x.parquet", "x")
    return reading.tables[0].scan.collect()["x"], [finding.text for finding in reading.findings]


@pytest.mark.parametrize(
    ("column", "dtype", "values"),
    [
        (pl.Series([1, None], dtype=pl.Int8), pl.Int64, [1, None]),
        (pl.Series([1, None], dtype=pl.UInt64), pl.Int64, [1, None]),
        (pl.Series([0.5, None], dtype=pl.Float32), pl.Float64, [0.5, None]),
        (pl.Series(["a", None], dtype=pl.Categorical), pl.String, ["a", None]),
        (pl.Series(["a", None], dtype=pl.Enum(["a"])), pl.String, ["a", None]),
        (pl.Series([True, None]), pl.Boolean, [True, None]),
        (pl.Series([None, None]), pl.String, [None, None]),
        (pl.Series(["007", "8"]), pl.String, ["007", "8"]),
    ],
)
def test_plain_types_are_read_without_a_word(column, dtype, values):
    found, findings = read(column)

    assert (found.dtype, found.to_list(), findings) == (dtype, values, [])


def test_times_with_a_zone_are_utc():
    zoned = pl.Series([datetime(2020, 6, 1, 12)], dtype=pl.Datetime("ns")).dt.replace_time_zone("Europe/Berlin")  # noqa: DTZ001 - zoned on this line

    column, _ = read(zoned)

    assert column.to_list() == [datetime(2020, 6, 1, 10, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        (pl.Series([Decimal("1.5")]), [1.5], "Exact decimals"),
        (pl.Series([float("inf"), float("nan"), 1.0]), [None, None, 1.0], "2 cells infinite or not a number"),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), ["18446744073709551615"], "Some numbers are too large"),
        (pl.Series([[1, None], None]), ["[1,null]", None], "Lists or structures"),
        (pl.Series([{"a": 1, "b": "}"}, None]), ['{"a":1,"b":"}"}', None], "Lists or structures"),
        (pl.Series([timedelta(seconds=90)]), [90.0], "Durations read as seconds"),
        (pl.Series([time(10, 30)]), ["10:30:00"], "Time kept as text"),
        (pl.Series([b"ab", b"\xff"]), ["6162", "ff"], "Binary kept as text"),
        (pl.Series(["NA", "x"]), [None, "x"], "1 cell with 'NA' read as missing"),
    ],
)
def test_what_changes_is_told(column, values, told):
    found, findings = read(column)

    assert found.to_list() == values
    assert [text.startswith(told) for text in findings] == [True]


def test_names_that_differ_only_in_case_become_distinct():
    reading = read_parquet(written(Age=[1], AGE=[2]), "x.parquet", "x")

    assert reading.tables[0].scan.collect_schema().names() == ["Age", "AGE_2"]


@pytest.mark.parametrize("kept", [slice(0, -20), slice(40, None)])
def test_a_damaged_file_is_refused_in_a_sentence(kept):
    data = b"PAR1" + written(x=list(range(1000)))[kept] + b"PAR1"

    with pytest.raises(FileError, match="damaged Parquet file"):
        read_parquet(data, "x.parquet", "x")


def test_a_file_with_more_cells_than_memory_is_refused(monkeypatch):
    monkeypatch.setenv("CLINICAL_NB_LIMITS", "cells=10")

    with pytest.raises(FileError, match="has 11 cells, and at most 10 can be read safely"):
        read_parquet(written(x=list(range(11))), "x.parquet", "x")


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_an_arrow_file_is_read_as_the_same_table_in_parquet_is(compression):
    frame = pl.DataFrame(
        {"id": [1, 2], "arm": pl.Series(["a", None], dtype=pl.Categorical), "dose": [0.5, float("inf")]}
    )
    arrow, parquet = BytesIO(), BytesIO()
    frame.write_ipc(arrow, compression=compression)
    frame.write_parquet(parquet)

    one = read_arrow(arrow.getvalue(), "x.arrow", "x")
    other = read_parquet(parquet.getvalue(), "x.parquet", "x")

    assert one.tables[0].scan.collect().equals(other.tables[0].scan.collect())
    assert one.findings == other.findings


@pytest.mark.parametrize("kept", [8, 100, -3])
def test_a_damaged_arrow_file_is_refused_in_a_sentence(kept):
    buffer = BytesIO()
    pl.DataFrame({"a": range(1000)}).write_ipc(buffer)

    with pytest.raises(FileError, match="damaged Arrow file"):
        read_arrow(buffer.getvalue()[:kept], "x.arrow", "x")


@pytest.mark.parametrize("unit", ["day", "ms", "us", "ns"])
def test_dates_beyond_the_calendar_are_missing_and_told(tmp_path, unit):
    dtype = pl.Date if unit == "day" else pl.Datetime(unit)
    physical = pl.Int32 if unit == "day" else pl.Int64
    most = 2**31 - 1 if unit == "day" else 2**63 - 1
    cells = pl.Series("seen", [0, most, None, -most], dtype=physical).cast(dtype)
    pl.DataFrame([pl.Series("id", [1, 2, 3, 4]), cells]).write_ipc(tmp_path / "data.arrow")

    upload = read_upload(tmp_path / "data.arrow", tmp_path)

    seen = upload.tables[0].scan.collect()["seen"]
    beyond = unit != "ns"  # whose largest number is in the year 2262
    assert seen.is_null().to_list() == [False, beyond, True, beyond]
    assert seen[0].year == 1970
    assert [finding.rows for finding in upload.findings if "no date" in finding.text] == [2] * beyond


def streamed(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_ipc_stream(buffer)
    return buffer.getvalue()


def test_a_stream_of_arrow_is_read_as_its_file_is(tmp_path):
    frame = pl.DataFrame({"id": [1, 2, 3], "sex": ["F", None, "M"], "weight": [50.5, 61.0, None]})
    (tmp_path / "ward.arrows").write_bytes(streamed(frame))

    table = read_upload(tmp_path / "ward.arrows").tables[0]

    assert table.scan.collect().to_dict(as_series=False) == frame.to_dict(as_series=False)


def test_a_stream_that_is_cut_in_a_batch_is_refused():
    data = streamed(pl.DataFrame({"x": list(range(1_000))}))

    with pytest.raises(FileError, match="is a damaged Arrow file"):
        read_arrow_stream(data[: len(data) // 2], "x.arrows", "x")


def test_a_stream_with_far_more_cells_than_bytes_is_refused(monkeypatch):
    monkeypatch.setenv("CLINICAL_NB_LIMITS", "sparse_cells=100, cells_per_byte=1")
    buffer = BytesIO()
    pl.DataFrame({"x": [0] * 100_000}).write_ipc_stream(buffer, compression="zstd")

    with pytest.raises(FileError, match="declares 100,000 cells in"):
        read_arrow_stream(buffer.getvalue(), "x.arrows", "x")


def test_numbers_of_half_precision_are_numbers():
    values, _ = read(pl.Series([1.5, None], dtype=pl.Float16))

    assert values.to_list() == [1.5, None]


def test_decimals_that_are_too_long_are_named_and_no_damage():
    buffer = BytesIO()
    pq.write_table(pa.table({"x": pa.array([Decimal("1e40")], pa.decimal256(60, 0))}), buffer)

    with pytest.raises(FileError, match="more than 38 digits"):
        read_parquet(buffer.getvalue(), "x.parquet", "x")
