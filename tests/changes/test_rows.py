"""Rows are matched or counted as a plain loop over them would, whatever is missing, repeated or not a number."""

import math
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.changes import rows as module
from clinical_nb.changes.rows import compare_rows, pair_rows
from clinical_nb.changes.values import KeyFault, RowChanges
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import UnreadableTableError

NAMES = ("id", "visit", "x", "y")
MEANING = {
    "id": Column(kind="identifier"),
    "visit": Column(kind="numeric"),
    "x": Column(kind="numeric"),
    "y": Column(kind="text"),
}
TYPES = {"id": pl.Int64, "visit": pl.Int64, "x": pl.Float64, "y": pl.String}

Row = tuple[int | None, int | None, float | None, str | None]

cells = st.tuples(
    st.sampled_from([1, 2, None]),
    st.sampled_from([None, 0.0, -0.0, 1.5, math.nan, math.inf]),
    st.sampled_from([None, "", "a", "b", "é", "e\u0301"]),
)
anyhow = st.lists(st.tuples(st.sampled_from([1, 2, 3, None]), *[cells.map(lambda c, i=i: c[i]) for i in range(3)]))
by_id = st.dictionaries(st.integers(1, 6), cells).map(lambda rows: [(key, *rest) for key, rest in rows.items()])
by_visit = st.dictionaries(st.tuples(st.integers(1, 3), st.integers(1, 2)), cells).map(
    lambda rows: [(*key, *rest[1:]) for key, rest in rows.items()]
)


def compare(before: list[Row], after: list[Row], now: dict[str, pl.DataType] | None = None) -> RowChanges:
    frames = [
        pl.DataFrame(rows, schema=types, orient="row", strict=False).lazy()
        for rows, types in ((before, TYPES), (after, {**TYPES, **(now or {})}))
    ]
    pair = pair_rows(NAMES, (1, 2), (len(before), len(after)), (frames[0], frames[1]))
    return compare_rows(pair, MEANING, MEANING)


def plain(value: object) -> object:
    """What two cells must share to be the same: -0.0 is 0.0, every NaN is one, and so are two ways to write é."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    return "é" if value == "e\u0301" else value


def expect(before: list[Row], after: list[Row]) -> RowChanges:
    """The same by a plain loop over the rows."""
    sides = [[tuple(map(plain, row)) for row in rows] for rows in (before, after)]
    faults: list[KeyFault] = []
    for width in (1, 2):
        keys = [[row[:width] for row in rows] for rows in sides]
        missing = [sum(None in key for key in each) for each in keys]
        counts = [Counter(key for key in each if None not in key) for each in keys]
        repeated = [sum(count for count in each.values() if count > 1) for each in counts]
        if not any(missing) and not any(repeated):
            then, now = ({row[:width]: row[width:] for row in rows} for rows in sides)
            both = then.keys() & now.keys()
            changed = [key for key in both if then[key] != now[key]]
            cells = Counter(
                name for key in both for name, a, b in zip(NAMES[width:], then[key], now[key], strict=True) if a != b
            )
            return RowChanges(
                NAMES[:width],
                len(now.keys() - both),
                len(then.keys() - both),
                len(changed),
                len(both) - len(changed),
                dict(cells),
            )
        if width == 1:
            faults = [
                KeyFault("id", side + 1, repeated[side], missing[side])
                for side in (0, 1)
                if missing[side] or repeated[side]
            ]
    then, now = map(Counter, sides)
    return RowChanges((), (now - then).total(), (then - now).total(), 0, (now & then).total(), {}, tuple(faults))


@given(before=st.one_of(anyhow, by_id, by_visit), after=st.one_of(anyhow, by_id, by_visit))
def test_rows_are_compared_as_a_plain_loop_would(before, after):
    assert compare(before, after) == expect(before, after)


@given(before=by_id, after=by_id)
def test_in_several_parts_it_is_the_same(before, after):
    whole = compare(before, after)
    unkeyed = compare([*before, (9, *(None,) * 3)] * 2, after)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ROWS_AT_ONCE", 2)

        assert compare(before, after) == whole
        assert compare([*before, (9, *(None,) * 3)] * 2, after) == unkeyed


@given(rows=by_id)
def test_a_version_differs_in_no_row_from_itself(rows):
    found = compare(rows, rows)

    assert (found.added, found.removed, found.changed, found.unchanged) == (0, 0, 0, len(rows))


def test_a_column_that_became_text_is_compared_by_the_numbers_that_its_text_reads_as():
    before = [(1, 1, 60.0, "a"), (2, 1, 0.5, "a"), (3, 1, 7.0, "a"), (4, 1, None, "a"), (5, 1, 1.0, "a")]
    after = [(1, 1, "60", "a"), (2, 1, "0.50", "a"), (3, 1, "007", "a"), (4, 1, None, "a"), (5, 1, "n/a", "a")]

    found = compare(before, after, {"x": pl.String})

    assert (found.changed, found.cells, found.unchanged) == (1, {"x": 1}, 4)


def test_an_identifier_that_became_text_or_float_still_matches():
    before = [(1, 1, None, "a"), (2, 1, None, "a")]
    as_text = [("1", 1, None, "a"), ("2.0", 1, None, "b"), ("x3", 1, None, "a")]
    as_float = [(1.0, 1, None, "a"), (2.5, 1, None, "b")]

    text = compare(before, as_text, {"id": pl.String})
    numbers = compare(before, as_float, {"id": pl.Float64})

    assert (text.key, text.added, text.removed, text.changed, text.unchanged) == (("id",), 1, 0, 1, 1)
    assert (numbers.key, numbers.added, numbers.removed, numbers.unchanged) == (("id",), 1, 1, 1)


def test_two_identifiers_that_read_as_one_number_are_no_key():
    before = [(7, 1, None, "a"), (8, 1, None, "a")]
    after = [("7", 1, None, "a"), ("007", 1, None, "a")]

    found = compare(before, after, {"id": pl.String})

    assert found.key == ()
    assert found.faults == (KeyFault("id", 2, repeated=2, missing=0),)


def test_an_identifier_that_is_not_a_number_is_missing():
    found = compare([(1, 1, None, "a")], [(math.nan, 1, None, "a")], {"id": pl.Float64})

    assert found.faults == (KeyFault("id", 2, repeated=0, missing=1),)


def test_whole_numbers_that_no_float_holds_differ_from_the_nearest_one():
    big = 2**53 + 1
    frames = [pl.LazyFrame({"id": [1], "x": [big]}), pl.LazyFrame({"id": [1], "x": [float(big)]})]
    pair = pair_rows(("id", "x"), (1, 2), (1, 1), (frames[0], frames[1]))

    assert compare_rows(pair, MEANING, MEANING).cells == {"x": 1}


def test_names_that_are_patterns_to_polars_are_names():
    frame = pl.LazyFrame({"^.*$": [1, 2], "*": ["a", "b"], "id": [1, 2]})
    other = pl.LazyFrame({"^.*$": [1, 3], "*": ["a", "b"], "id": [1, 2]})
    names = ("^.*$", "*", "id")
    meaning = {**MEANING, "^.*$": Column(kind="numeric"), "*": Column(kind="text")}

    found = compare_rows(pair_rows(names, (1, 2), (2, 2), (frame, other)), meaning, meaning)

    assert found.cells == {"^.*$": 1}


def test_a_repeated_person_is_no_key_but_a_record_number_or_a_visit_and_a_test_beside_her_are():
    person, text = Column(kind="identifier"), Column(kind="text")
    meaning = {"patient_id": person, "record_no": text, "visit": text, "test": text, "value": text}
    rows = {"patient_id": [1, 1, 1, 1], "visit": [1, 1, 2, 2], "test": ["a", "b"] * 2, "value": ["x"] * 4}
    numbered = {**rows, "record_no": [1, 2, 3, 4]}

    def key_of(columns: dict[str, list[object]]) -> tuple[str, ...]:
        frame = pl.LazyFrame(columns)
        return compare_rows(pair_rows(tuple(columns), (1, 2), (4, 4), (frame, frame)), meaning, meaning).key

    assert key_of(rows) == ("patient_id", "visit", "test")
    assert key_of(numbered) == ("record_no",)
    assert key_of({**numbered, "record_no": [1, 1, 3, 4]}) == ("patient_id", "visit", "test")
    assert key_of({**rows, "test": ["a"] * 4}) == ()


def test_without_an_identifier_whole_rows_are_counted_and_nothing_is_at_fault():
    frame = pl.LazyFrame({"x": [1.0, 1.0, 2.0]})
    other = pl.LazyFrame({"x": [1.0, 2.0, 2.0]})

    found = compare_rows(pair_rows(("x",), (1, 2), (3, 3), (frame, other)), MEANING, MEANING)

    assert found == RowChanges((), added=1, removed=1, changed=0, unchanged=2)


def test_a_file_that_is_damaged_inside_is_one_sentence(tmp_path):
    file = tmp_path / "t.parquet"
    pl.DataFrame({"id": range(5000), "x": [float(n) for n in range(5000)]}).write_parquet(file, compression="zstd")
    content = bytearray(file.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    file.write_bytes(content)
    damaged = pl.scan_parquet(file)

    with pytest.raises(UnreadableTableError):
        compare_rows(pair_rows(("id", "x"), (1, 2), (5000, 5000), (damaged, damaged)), MEANING, MEANING)
