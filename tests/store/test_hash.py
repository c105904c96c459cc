"""The table hash: the same for the same data, another for any other, today and after every upgrade."""

import hashlib
import json
import math
import struct
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clinical_nb.errors import StoreError
from clinical_nb.store.hash import hash_table

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
CELLS = {
    pl.Int64: st.integers(-(2**63), 2**63 - 1),
    pl.Float64: st.floats(allow_nan=False),
    pl.String: st.text(st.characters(codec="utf-8"), max_size=90),
    pl.Boolean: st.booleans(),
    pl.Date: st.dates(),
    pl.Datetime("us"): st.datetimes(),
    pl.Binary: st.binary(max_size=90),
}
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def frames(draw, min_rows=0):
    rows = draw(st.integers(min_rows, 12))
    columns = draw(st.dictionaries(NAMES, st.sampled_from(list(CELLS)), min_size=1, max_size=5))
    return pl.DataFrame(
        [
            pl.Series(values=draw(st.lists(st.none() | CELLS[dtype], min_size=rows, max_size=rows)), dtype=dtype).alias(
                name
            )
            for name, dtype in columns.items()
        ]
    )


def plain_hash(frame):
    """The encoding, read off the module's docstring and written in plain Python."""
    columns = sorted((unicodedata.normalize("NFC", name), kind_of(frame[name]), name) for name in frame.columns)
    sums = [0, 0]
    for at in range(frame.height):
        row = (0, 0)
        for _, kind, name in columns:
            row = absorb(row, words_of(frame[name], at, kind))
        sums = [(total + word) % 2**64 for total, word in zip(sums, row, strict=True)]
    header = [1, [[name, kind] for name, kind, _ in columns], frame.height, *sums]
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def kind_of(column):
    match column.dtype:
        case pl.Int64() | pl.UInt64():
            return "integer"
        case pl.Float64():
            return "float"
        case pl.String():
            return "text"
        case pl.Binary():
            return "bytes"
        case pl.Datetime(time_zone=str(zone)):
            return f"datetime[{zone}]"
        case dtype:
            return str(dtype.base_type()).lower()


def words_of(column, at, kind):
    value = column[at]
    match kind:
        case _ if value is None:
            return 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
        case "text":
            return digest(unicodedata.normalize("NFC", value).encode())
        case "bytes":
            return digest(value)
        case "decimal":
            text = format(value, "f")
            return digest((text.rstrip("0").rstrip(".") if "." in text else text).encode())
        case "integer" if not -(2**63) <= value < 2**63:
            return digest(str(value).encode())
        case "float":
            value = math.nan if math.isnan(value) else value or 0.0
            (word,) = struct.unpack("<Q", struct.pack("<d", value))
        case "integer" | "boolean":
            word = int(value) % 2**64
        case _:
            word = column.alias("named").to_physical()[at] % 2**64  # a name such as ^.*$ is a pattern
    return word, word


def digest(content):
    if len(content) > 64:
        return struct.unpack("<QQ", hashlib.blake2b(content, digest_size=16).digest())
    words = (len(content), 2**64 - 1 - len(content))
    for start in range(0, len(content), 8):
        (word,) = struct.unpack("<Q", content[start : start + 8].ljust(8, b"\0"))
        words = absorb(words, (word, word))
    return words


def absorb(into, words):
    return (
        scramble(into[0] ^ words[0], 0x9E3779B97F4A7C15, (30, 27, 31), (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)),
        scramble(into[1] ^ words[1], 0xD1B54A32D192ED03, (33, 33, 33), (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)),
    )


def scramble(word, increment, shifts, factors):
    word = (word + increment) % 2**64
    for shift, factor in zip(shifts, (*factors, 1), strict=True):
        word = (word ^ (word >> shift)) * factor % 2**64
    return word


@QUIET
@given(frames())
def test_the_hash_is_of_the_documented_encoding(frame):
    assert hash_table(frame) == plain_hash(frame)


@pytest.mark.parametrize("name", ["^$", "^[$", "^.*$", "*"])
def test_a_name_that_polars_reads_as_a_pattern_is_hashed_as_any_other(name):
    frame = pl.DataFrame([pl.Series(name, [1, None, 2**63 - 1]), pl.Series("other", ["a", "b", None])])

    assert hash_table(frame) == plain_hash(frame)


@QUIET
@given(frames(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_and_the_chunks_do_not_matter(frame, random):
    order = random.sample(range(frame.height), frame.height)
    columns = random.sample(frame.columns, frame.width)
    half = frame.height // 2

    shuffled = pl.DataFrame([frame[order].get_column(name) for name in columns])  # select takes "*" for every column
    chunked = pl.concat([frame[:half], frame[half:]], rechunk=False)

    assert hash_table(shuffled) == hash_table(chunked) == hash_table(frame)


@QUIET
@given(frames(min_rows=1), st.data())
def test_changing_any_cell_changes_the_hash(frame, data):
    name = data.draw(st.sampled_from(frame.columns))
    at = data.draw(st.integers(0, frame.height - 1))
    cells = frame[name].to_list()
    other = data.draw(st.none() | CELLS[frame[name].dtype if frame[name].dtype != pl.Datetime else pl.Datetime("us")])
    assume(not same_cell(other, cells[at]))

    cells[at] = other
    changed = frame.with_columns(pl.Series(name, cells, dtype=frame[name].dtype))

    assert hash_table(changed) != hash_table(frame)


def same_cell(one, other):
    if isinstance(one, str) and isinstance(other, str):
        return pl.Series([one]).str.normalize("NFC").equals(pl.Series([other]).str.normalize("NFC"))
    return one == other and type(one) is type(other)


@QUIET
@given(frames(min_rows=1), st.data())
def test_duplicating_a_row_changes_the_hash(frame, data):
    at = data.draw(st.integers(0, frame.height - 1))

    twice = pl.concat([frame, frame[at : at + 1]])

    assert hash_table(twice) != hash_table(frame)


@QUIET
@given(frames())
def test_renaming_a_column_changes_the_hash(frame):
    name = frame.columns[0]

    renamed = frame.rename({name: name + "x"}) if name + "x" not in frame.columns else frame.drop(name)

    assert hash_table(renamed) != hash_table(frame)


def test_swapping_cells_between_rows_or_columns_changes_the_hash():
    frame = pl.DataFrame({"a": [1, 2], "b": [3, 4]})

    between_rows = pl.DataFrame({"a": [2, 1], "b": [3, 4]})
    between_columns = pl.DataFrame({"a": [3, 4], "b": [1, 2]})

    assert len({hash_table(frame), hash_table(between_rows), hash_table(between_columns)}) == 3


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt64, pl.Int128])
def test_whole_numbers_are_the_same_data_in_any_width(dtype):
    narrow = pl.DataFrame({"a": pl.Series([1, None, 100], dtype=dtype)})

    assert hash_table(narrow) == hash_table(pl.DataFrame({"a": [1, None, 100]}))


def test_whole_numbers_beyond_int64_differ_from_what_they_would_wrap_to():
    large = pl.DataFrame({"a": pl.Series([2**64 - 1], dtype=pl.UInt64)})

    assert hash_table(large) != hash_table(pl.DataFrame({"a": [-1]}))
    assert hash_table(large) == hash_table(large.cast(pl.Int128))


def test_floats_are_compared_by_value_and_not_with_whole_numbers():
    doubles = pl.DataFrame({"a": [0.5, 2.0]})

    assert hash_table(doubles) == hash_table(doubles.cast(pl.Float32))
    assert hash_table(pl.DataFrame({"a": [1.0]})) != hash_table(pl.DataFrame({"a": [1]}))


def test_zero_has_no_sign_and_there_is_one_nan():
    other_nan = pl.Series("a", [0x7FF8000000000123], dtype=pl.UInt64).reinterpret(dtype=pl.Float64)

    assert hash_table(pl.DataFrame({"a": [-0.0]})) == hash_table(pl.DataFrame({"a": [0.0]}))
    assert hash_table(pl.DataFrame({"a": [math.nan]})) == hash_table(other_nan.to_frame())
    assert hash_table(pl.DataFrame({"a": [math.nan]})) != hash_table(pl.DataFrame({"a": [None]}, {"a": pl.Float64}))


def test_an_empty_text_is_not_a_missing_one():
    assert hash_table(pl.DataFrame({"a": [""]})) != hash_table(pl.DataFrame({"a": [None]}, {"a": pl.String}))


def test_unicode_is_compared_in_normal_form():
    composed, decomposed = "caf\u00e9", "cafe\u0301"

    assert hash_table(pl.DataFrame({composed: [composed]})) == hash_table(pl.DataFrame({decomposed: [decomposed]}))


def test_text_is_told_apart_at_every_length_around_the_blocks():
    texts = ["", *("x" * size for size in range(1, 140)), *("x" * size + "\0" for size in (0, 7, 8, 63, 64))]

    hashes = {hash_table(pl.DataFrame({"a": [text]})) for text in texts}

    assert len(hashes) == len(texts)


def test_repeated_texts_are_digested_once_to_the_same_words():
    often = pl.DataFrame({"a": ["yes", "no", "yes", None, "yes", "yes", "no", "yes"]})
    categories = often.cast(pl.Categorical)
    parts = [often[at : at + 1] for at in range(8)]

    assert hash_table(often) == hash_table(categories) == hash_table(pl.concat(parts))
    assert hash_table(often) == hash_table(often.cast(pl.Enum(["no", "yes"])))


def test_a_time_zone_is_part_of_the_type_and_a_precision_is_not():
    naive = pl.DataFrame({"a": [datetime(2020, 3, 1, 12)]})  # noqa: DTZ001 - a naive time is what is tested
    utc = pl.DataFrame({"a": [datetime(2020, 3, 1, 12, tzinfo=UTC)]})
    paris = utc.with_columns(pl.col("a").dt.convert_time_zone("Europe/Paris"))

    assert len({hash_table(naive), hash_table(utc), hash_table(paris)}) == 3
    for unit in ("ms", "ns"):
        assert hash_table(naive.with_columns(pl.col("a").dt.cast_time_unit(unit))) == hash_table(naive)


def test_a_nanosecond_changes_the_hash():
    one, other = (pl.DataFrame({"a": pl.Series([count], dtype=pl.Datetime("ns"))}) for count in (5000, 5001))

    assert hash_table(one) != hash_table(other)


def test_decimals_are_compared_by_value():
    short = pl.DataFrame({"a": pl.Series([Decimal("1.5"), Decimal(100)], dtype=pl.Decimal(10, 1))})

    assert hash_table(short) == hash_table(short.cast(pl.Decimal(20, 4)))
    assert hash_table(short) != hash_table(short.cast(pl.Float64))


def test_tables_longer_than_one_slice_are_hashed_whole():
    frame = pl.DataFrame({"a": range(150_000)}).with_columns(b=pl.col("a").cast(pl.String))

    assert hash_table(frame.reverse()) == hash_table(frame)
    assert hash_table(frame[:-1]) != hash_table(frame)


def test_a_table_of_a_thousand_columns_is_hashed():
    frame = pl.DataFrame({f"c{at}": [at] for at in range(1000)})

    assert hash_table(frame) == hash_table(frame.select(reversed(frame.columns)))


def test_nested_values_are_refused_with_what_to_do():
    with pytest.raises(StoreError, match=r"Column 'doses'.*columns of their own"):
        hash_table(pl.DataFrame({"doses": [[1, 2]]}))


# Written down once: a hash that changes makes every stored version another one.
GOLDEN = {
    "integer": ([1, -1, None, 2**40], pl.Int64, "b5685e0b87cb84bd9f31bdbfe8c4a8c3"),
    "large": ([2**64 - 1, 1, None], pl.UInt64, "8b11cbe31f3372ea1c8d41988fb2f9ce"),
    "float": ([1.5, -0.0, math.nan, None, math.inf], pl.Float64, "9a78a89385fbe7c56bc9300c042bc2f7"),
    "boolean": ([True, False, None], pl.Boolean, "7594ce9fe531b8246e04852d8be36411"),
    "text": (["", "drug", None, "Zürich 😀", "x" * 64, "x" * 65], pl.String, "e82c308b8e427c8f4d862fc361b25827"),
    "bytes": ([b"", b"\0", None], pl.Binary, "58efd07681b28d324de2347d1c326b34"),
    "date": ([date(1969, 12, 31), date(2024, 2, 29), None], pl.Date, "46e6d72f256917cd8ab05db8f099033c"),
    "datetime": (
        [datetime(2024, 2, 29, 23, 59, 59, 999999), None],  # noqa: DTZ001 - a naive time is what is tested
        pl.Datetime("us"),
        "93d3ac12eef811d4a358f768cfe2f48f",
    ),
    "zoned": ([datetime(2024, 2, 29, tzinfo=UTC), None], pl.Datetime("us", "UTC"), "34dfaf3afc99de6bcd6f5f0d861f1872"),
    "duration": ([timedelta(days=-1), None], pl.Duration("us"), "b1184465abea1f51a329d10a2db4c570"),
    "time": ([time(23, 59, 59, 1), None], pl.Time, "4e2f5798e33e503526fd48d5951468d1"),
    "decimal": ([Decimal("1.50"), Decimal(-200), None], pl.Decimal(10, 2), "bf91e0ded0af4f08239d164220856a1a"),
    "null": ([None, None], pl.Null, "19e4db379cb7b225548d42dd491c6203"),
    "no rows": ([], pl.String, "139a47695115c0e6c0405ff28005b463"),
}


@pytest.mark.parametrize("kind", GOLDEN)
def test_the_hash_is_the_one_that_was_written_down(kind):
    cells, dtype, golden = GOLDEN[kind]
    frame = pl.DataFrame({kind: pl.Series(cells, dtype=dtype)})

    assert hash_table(frame) == golden
    assert plain_hash(frame) == golden


def test_the_hash_of_several_columns_is_the_one_that_was_written_down():
    frame = pl.DataFrame({"arm": ["drug", "placebo", "drug"], "Age": [61, None, 47], "died": [True, False, None]})

    assert hash_table(frame) == "ed62ffd0d1692b8e7c927be25dee80f2"
