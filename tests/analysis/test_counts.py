"""The one query: conditions by Kleene's logic, missing codes, types, the same counts on every engine."""

import random

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.counted.pairs import count_pairs
from clinical_nb.analysis.counts import count_persons, count_rows, count_undecided, count_values, open_scan
from clinical_nb.dictionary.meaning import Column, Dictionary, MissingCode
from clinical_nb.errors import DeletedTableError, PlanError, UnknownColumnError, UnknownTableError
from clinical_nb.plan import AllOf, AnyOf, Known, Missing, NoneOf, OneOf, Threshold

YES, NO = Threshold("yes", ">", 0), Threshold("no", ">", 0)
UNKNOWN = Threshold("unknown", ">", 0)


def scan_of(frame, **columns):
    lazy = frame.lazy() if isinstance(frame, pl.DataFrame) else frame
    names = columns or {name: Column(kind="numeric") for name in frame.columns}
    return open_scan(lazy, Dictionary(tables={"t": names}), "t")


def decide(condition):
    frame = pl.DataFrame({"yes": [1], "no": [0], "unknown": [None]}, schema_overrides={"unknown": pl.Int64})
    ((key, rows),) = count_rows(scan_of(frame), (condition,)).items()
    assert rows == 1
    return key[0]


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        (YES, True),
        (NO, False),
        (UNKNOWN, None),
        (AllOf((YES, UNKNOWN)), None),
        (AllOf((NO, UNKNOWN)), False),
        (AnyOf((YES, UNKNOWN)), True),
        (AnyOf((NO, UNKNOWN)), None),
        (AnyOf((AllOf((YES, UNKNOWN)), AllOf((NO, UNKNOWN)))), None),
        (OneOf("unknown", (1,)), None),
        (NoneOf("unknown", (1,)), None),
        (NoneOf("yes", (0,)), True),
        (NoneOf("no", (0, 2)), False),
        (Missing("unknown"), True),
        (Missing("yes"), False),
        (Known("unknown"), False),
        (AllOf((Missing("unknown"), YES)), True),
        (AllOf((UNKNOWN,)), None),
        (AnyOf((NO,)), False),
    ],
)
def test_conditions_follow_kleene(condition, truth):
    assert decide(condition) is truth


@pytest.mark.parametrize(("sign", "rows"), [("<", 1), ("<=", 2), (">", 1), (">=", 2)])
def test_thresholds_are_as_their_sign_says(sign, rows):
    frame = pl.DataFrame({"x": [64.0, 65.0, 66.0]})

    assert count_rows(scan_of(frame), (), (Threshold("x", sign, 65),)) == {(): rows}


def test_nan_and_declared_codes_are_missing():
    frame = pl.DataFrame({"x": [1.0, float("nan"), -9.0, None, 2.0]})
    column = Column(kind="numeric", missing=(MissingCode(value=-9, reason="refused"),))

    scan = scan_of(frame, x=column)

    assert count_rows(scan, ("x",)) == {(1.0,): 1, (2.0,): 1, (None,): 3}
    assert count_values(scan, "x", ())[()].missing == 3
    assert count_rows(scan, (), (Threshold("x", "<", 5),)) == {(): 2}


def test_a_whole_number_stands_for_itself_in_any_type_of_column():
    texts = pl.Series(["1", "2"])
    types = (pl.Int8, pl.UInt64, pl.Int64, pl.Float32, pl.Float64, pl.Decimal(10, 2), pl.String, pl.Enum(["1", "2"]))
    frame = pl.DataFrame({str(dtype): texts.cast(dtype) for dtype in types})

    found = {name: count_rows(scan_of(frame), (), (OneOf(name, (1,)),)) for name in frame.columns}

    assert found == {name: {(): 1} for name in frame.columns}


def test_a_code_beyond_the_columns_type_matches_nothing():
    frame = pl.DataFrame({"x": [1, 2]}, schema={"x": pl.Int8})

    assert count_rows(scan_of(frame), (), (OneOf("x", (999, 2)),)) == {(): 1}


def test_dates_compare_as_written():
    frame = pl.DataFrame({"day": ["2024-01-31", "2024-02-01"]}).with_columns(pl.col("day").str.to_date())

    assert count_rows(scan_of(frame), ("day",), (OneOf("day", ("2024-02-01",)),)) == {("2024-02-01",): 1}


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (OneOf("number", ("female",)), "'female' is not a value that 'number' can have"),
        (OneOf("number", (1.5,)), "'1.5' is not a value"),
        (OneOf("flag", (1,)), "'1' is not a value that 'flag' can have"),
        (OneOf("number", (True,)), "'true' is not a value"),
        (NoneOf("day", ("soon",)), "'soon' is not a value"),
        (Threshold("text", ">", 1), "'text' does not hold numbers"),
    ],
)
def test_a_value_that_a_column_cannot_have_is_refused(condition, sentence):
    frame = pl.DataFrame({"number": [1], "flag": [True], "text": ["a"], "day": ["2024-01-31"]})
    frame = frame.with_columns(pl.col("day").str.to_date())

    with pytest.raises(PlanError, match=sentence):
        count_rows(scan_of(frame), (), (condition,))


def test_an_unknown_column_or_table_is_named():
    frame = pl.DataFrame({"weight": [1]})

    with pytest.raises(UnknownColumnError, match="Did you mean 'weight'"):
        count_rows(scan_of(frame), ("wieght",))
    with pytest.raises(UnknownTableError):
        open_scan(frame.lazy(), Dictionary(tables={"t": {}}), "u")


def test_text_has_no_values_to_add():
    with pytest.raises(PlanError, match="'x' does not hold numbers"):
        count_values(scan_of(pl.DataFrame({"x": ["a"]})), "x", ())


def test_infinite_values_are_refused():
    for value in (float("inf"), -float("inf"), 1e101):
        with pytest.raises(PlanError, match="infinite"):
            count_values(scan_of(pl.DataFrame({"x": [1.0, value]})), "x", ())


def test_minus_zero_is_zero():
    found = count_values(scan_of(pl.DataFrame({"x": [0.0, -0.0, 1.0]})), "x", ())[()]

    assert (found.values.tolist(), found.counts.tolist()) == ([0.0, 1.0], [2, 1])


def test_whole_numbers_that_no_float_tells_apart_are_one_value():
    rows = [2**53, 2**53 + 1, 2**53 + 1, 5, None]

    found = count_values(scan_of(pl.DataFrame({"x": rows, "g": ["a"] * 5})), "x", ("g",))[("a",)]

    assert (found.values.tolist(), found.counts.tolist(), found.missing) == ([5.0, 2.0**53], [1, 3], 1)


def test_a_persons_column_names_cannot_clash_with_ours():
    frame = pl.DataFrame({"by0": ["a", "a", "b"], "value": [1, 2, 2], "number": [5, 5, 5]})

    found = count_values(scan_of(frame), "value", ("by0", "number"))

    assert {key: each.values.tolist() for key, each in found.items()} == {("a", 5): [1, 2], ("b", 5): [2]}


def test_undecided_rows_are_counted_with_the_missing_value_wherever_it_is():
    frame = pl.DataFrame({"x": [1, None, 3, None], "y": ["a", "b", None, "a"]})

    assert count_undecided(scan_of(frame), (Threshold("x", ">", 2), OneOf("y", ("a",)))) == 2
    assert count_undecided(scan_of(frame), (Known("x"),)) == 0
    assert count_undecided(scan_of(frame), ()) == 0


def test_more_groups_than_can_be_meant_are_refused():
    with pytest.raises(PlanError, match="100001 groups"):
        count_rows(scan_of(pl.DataFrame({"x": range(100_001)})), ("x",))


def test_polars_and_duckdb_give_the_same_counts():
    frame = pl.DataFrame(
        {
            "id": [1, 1, 2, 3, 4, None],
            "arm": ["a", "a", "b", None, "b", "a"],
            "x": [1.5, float("nan"), -0.0, 2.5, None, 0.0],
            "code": [1, 2, 9, None, 1, 2],
            "flag": [True, None, False, True, None, False],
        }
    )
    columns = {name: Column(kind="numeric") for name in frame.columns}
    columns["code"] = Column(kind="categorical", missing=(MissingCode(value=9, reason="unknown"),))
    relation = duckdb.sql("SELECT * FROM frame")
    where = (AnyOf((Threshold("x", ">=", 0), OneOf("flag", (True,)))),)

    def count(frame):
        scan = scan_of(frame, **columns)
        values = count_values(scan, "x", ("arm", OneOf("flag", (True,))), ())
        return (
            list(count_rows(scan, ("arm", "code", "flag", where[0])).items()),
            list(count_rows(scan, ("arm",), where).items()),
            count_undecided(scan, where),
            count_persons(scan, "id", ("arm",), ()),
            [(key, each.values.tolist(), each.counts.tolist(), each.missing) for key, each in values.items()],
        )

    assert count(frame.lazy()) == count(relation)


def test_pairs_count_minus_zero_as_zero_and_nan_as_missing_wherever_they_lie():
    frame = pl.DataFrame({"x": [0.0, -0.0, 1.5, float("nan"), None, -0.0], "y": [-0.0, 0.0, 2.0, 1.0, 2.0, 5.0]})

    for lying in (frame.lazy(), duckdb.sql("SELECT * FROM frame")):
        found = count_pairs(scan_of(lying, x=Column(kind="numeric"), y=Column(kind="numeric")), "x", "y")

        assert (found.one.tolist(), found.other.tolist()) == ([0.0, 0.0, 1.5], [0.0, 5.0, 2.0])
        assert not np.signbit([found.one, found.other]).any()
        assert (found.counts.tolist(), found.only_one, found.only_other, found.neither) == ([2, 1, 1], 0, 2, 0)


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["a", "b", None]), st.floats(-1e100, 1e100) | st.just(float("nan")) | st.none()),
        min_size=1,
        max_size=60,
    ),
    seed=st.integers(0, 9),
)
def test_row_order_and_chunks_change_no_bit(rows, seed):
    frame = pl.DataFrame(rows, schema={"arm": pl.String, "x": pl.Float64}, orient="row")
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - any order will do
    middle = len(rows) // 2
    other = pl.DataFrame(shuffled, schema=frame.schema, orient="row")
    other = pl.concat([other[:middle], other[middle:]], rechunk=False)

    found, again = (count_values(scan_of(each), "x", ("arm",)) for each in (frame, other))

    assert list(found) == list(again)
    for key in found:
        assert found[key].values.tobytes() == again[key].values.tobytes()
        assert found[key].counts.tobytes() == again[key].counts.tobytes()
        assert (found[key].mean, found[key].moments) == (again[key].mean, again[key].moments)


def test_a_table_that_is_deleted_before_it_is_counted_is_said_to_be_deleted(tmp_path):
    file = tmp_path / "t.parquet"
    pl.DataFrame({"age": [1]}).write_parquet(file)
    stored = pl.scan_parquet(file)
    scan = scan_of(stored, age=Column(kind="numeric"))
    file.unlink()

    with pytest.raises(DeletedTableError, match="deleted meanwhile"):
        count_values(scan, "age", [])
    with pytest.raises(DeletedTableError, match="deleted meanwhile"):
        scan_of(pl.scan_parquet(file), age=Column(kind="numeric"))
