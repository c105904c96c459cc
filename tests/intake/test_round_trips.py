"""Any table written as CSV, JSON, Parquet or Arrow comes back with its values, missing cells, types and units."""

import json
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_nb.intake.upload import read_upload
from clinical_nb.session import Session

# Two words: one alone may be the name of a missing value, a truth, a number or a date.
WORDS = st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=8).map(lambda word: f"w {word} w")
COLUMNS = {
    "Weight (kg)": (st.floats(-1e9, 1e9).map(lambda number: round(number, 3) + 0.0001), pl.Float64),
    "visits": (st.integers(-(2**53) + 1, 2**53 - 1), pl.Int64),
    "born": (st.dates(date(1900, 1, 2), date(2100, 1, 1)), pl.Date),
    "seen": (st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)), None),  # noqa: DTZ001 - files have no zone
    "remark": (WORDS, pl.String),
    "treated": (st.booleans(), pl.Boolean),
}
WRITERS = {
    "csv": lambda frame, path: frame.write_csv(path),
    "tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    "parquet": lambda frame, path: frame.write_parquet(path),
    "arrow": lambda frame, path: frame.write_ipc(path),
    "feather": lambda frame, path: frame.write_ipc(path, compression="zstd"),
    "json": lambda frame, path: path.write_text(json.dumps(frame.to_dicts(), default=str)),
    "ndjson": lambda frame, path: frame.write_ndjson(path),
}


@st.composite
def tables(draw):
    """Several columns, each with at least one value, and gaps in all but the first, so that no line is blank."""
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, unique=True))
    height = draw(st.integers(1, 8))
    columns = [pl.Series("key", [f"row {number}" for number in range(height)])]
    for name in names:
        values, dtype = COLUMNS[name]
        cells = draw(st.lists(st.none() | values, min_size=height, max_size=height).filter(any))
        columns.append(pl.Series(name, cells, dtype=dtype or pl.Datetime("us")))
    return pl.DataFrame(columns)


@pytest.mark.slow
@pytest.mark.parametrize("written", WRITERS)
@settings(max_examples=40, deadline=None)
@given(frame=tables())
def test_a_table_comes_back_as_it_was_written(tmp_path_factory, written, frame):
    folder = tmp_path_factory.mktemp("x")
    WRITERS[written](frame, folder / f"data.{written}")

    (table,) = read_upload(folder / f"data.{written}", folder).tables

    back = table.scan.collect()
    assert back.columns == frame.columns
    for column in frame:
        assert back[column.name].to_list() == column.to_list(), column.name


@pytest.mark.parametrize("written", WRITERS)
def test_a_unit_in_a_name_is_in_the_dictionary_whatever_the_format(tmp_path, written):
    frame = pl.DataFrame({"key": ["a", "b"], "Weight (kg)": [80.5, 71.0]})
    WRITERS[written](frame, tmp_path / f"data.{written}")

    with Session(tmp_path / "store") as session:
        dataset = session.upload(tmp_path / f"data.{written}")

    assert dataset.dictionary.column("data", "Weight (kg)").unit == "kg"
