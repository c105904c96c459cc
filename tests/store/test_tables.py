"""Tables go to Parquet and come back, from either copy."""

import os
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinical_nb.errors import StoreError
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.hash import hash_table
from clinical_nb.store.record import RECORD
from clinical_nb.store.tables import is_intact
from clinical_nb.store.version import Provenance

EVERY_TYPE = pl.DataFrame(
    {
        "Age": [1, None, -3],
        "AGE": pl.Series([1, None, 2**64 - 1], dtype=pl.UInt64),
        'q"x\n😀; DROP TABLE x': ["a", "", None],
        "SELECT": [0.5, None, float("nan")],
        "narrow": pl.Series([0.5, None, 2], dtype=pl.Float32),
        "x" * 300: [True, False, None],
        "day": [date(1, 1, 1), date(9999, 12, 31), None],
        "naive": pl.Series([0, None, 1], dtype=pl.Datetime("ms")),
        "fine": pl.Series([1, None, 1001], dtype=pl.Datetime("ns")),
        "zoned": pl.Series([datetime(2024, 7, 1, tzinfo=UTC), None, None]).dt.convert_time_zone("Europe/Paris"),
        "long": [timedelta(days=1, microseconds=1), None, timedelta(0)],
        "short": pl.Series([1, None, 2], dtype=pl.Duration("ms")),
        "time": [time(1, 2, 3, 4), None, time(0)],
        "decimal": pl.Series([Decimal("1.50"), None, Decimal("-0.01")], dtype=pl.Decimal(10, 2)),
        "arm": pl.Series(["drug", None, "placebo"], dtype=pl.Categorical),
        "level": pl.Series(["low", None, "high"], dtype=pl.Enum(["low", "high"])),
        "bytes": [b"\0", b"", None],
        "wide": pl.Series([1, None, -1], dtype=pl.Int128),
        "nothing": [None, None, None],
        "": [1, 2, 3],
    }
)


@pytest.fixture
def store(tmp_path):
    return DataStore(tmp_path / "home [1] {a,b} * k=v")


def parquet(store, table_hash):
    return store.home / "parquet" / f"{table_hash}.parquet"


def test_a_table_comes_back_in_the_order_it_had(store):
    loaded = store.load_table(store.save_table(EVERY_TYPE))

    assert isinstance(loaded, pl.LazyFrame)
    assert loaded.collect().columns == EVERY_TYPE.columns
    assert loaded.select('q"x\n😀; DROP TABLE x').collect().to_series().to_list() == ["a", "", None]
    assert hash_table(loaded.collect()) == hash_table(EVERY_TYPE)


def test_the_same_table_is_not_written_again(store):
    file = parquet(store, store.save_table(EVERY_TYPE))
    before = file.stat()

    store.save_table(EVERY_TYPE.reverse().select(reversed(EVERY_TYPE.columns)))

    assert sorted(file.parent.iterdir()) == [file, file.with_suffix(".sha256")]
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("damage", ["lost", "truncated", "empty"])
def test_a_lost_parquet_file_is_rebuilt_from_the_record(store, damage):
    table_hash = store.save_table(EVERY_TYPE)
    store.publish("trial", {"visits": table_hash}, "", Provenance())
    file = parquet(store, table_hash)

    if damage == "lost":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:1000] if damage == "truncated" else b"")
    with pytest.warns(UserWarning, match="rebuilt from the store's record"):
        loaded = store.load_table(table_hash).collect()

    assert loaded.columns == EVERY_TYPE.columns
    assert hash_table(loaded) == table_hash


@pytest.mark.filterwarnings("ignore:A table was damaged")
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_flipped_bit_is_found_and_mended(store, place, bit):
    table_hash = store.save_table(EVERY_TYPE)
    store.publish("trial", {"visits": table_hash}, "", Provenance())
    file = parquet(store, table_hash)
    written = file.read_bytes()
    damaged = bytearray(written)
    damaged[int(place * len(written))] ^= 1 << bit
    replaced = file.with_suffix(".new")
    replaced.write_bytes(damaged)
    replaced.replace(file)

    assert not is_intact(file)
    assert hash_table(store.load_table(table_hash).collect()) == table_hash
    assert is_intact(file)


def test_a_lost_checksum_is_written_anew_from_the_content(store):
    table_hash = store.save_table(EVERY_TYPE)
    file = parquet(store, table_hash)
    checksum = file.with_suffix(".sha256")
    said = checksum.read_text()
    checksum.unlink()
    file.rename(file.with_suffix(".moved")).rename(file)
    os.utime(file)

    assert store.load_table(table_hash).collect().height == EVERY_TYPE.height
    assert checksum.read_text() == said


def test_a_table_that_both_copies_lost_is_named(store):
    table_hash = store.save_table(EVERY_TYPE)
    store.publish("trial", {"t": table_hash}, "", Provenance())
    parquet(store, table_hash).unlink()
    (store.home / RECORD).unlink()

    with pytest.raises(StoreError, match=f"Table {table_hash} of the store is lost"):
        store.load_table(table_hash)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (pl.DataFrame(), "no columns"),
        (pl.DataFrame({"a": [[1]]}), "columns of their own"),
        (pl.DataFrame({"a": pl.Series([2**100], dtype=pl.Int128)}), "beyond 64 bits"),
        (pl.DataFrame({"a": pl.Series([1], dtype=pl.Duration("ns"))}), "finer than microseconds"),
    ],
)
def test_what_cannot_be_kept_twice_is_refused_in_one_sentence(store, frame, sentence):
    with pytest.raises(StoreError, match=sentence):
        store.save_table(frame)


def test_what_is_not_a_hash_is_never_a_path(store):
    with pytest.raises(StoreError, match="not the hash of a table"):
        store.load_table("../" * 10 + "etc/passwd")
