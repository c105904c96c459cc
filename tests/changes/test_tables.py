"""A table of two versions: what is the same is not read, and values are told of categories only."""

from dataclasses import replace
from typing import NoReturn

import polars as pl

from clinical_nb.changes.tables import TableVersion, compare_tables
from clinical_nb.changes.values import ColumnChanges, LevelChanges, MeaningChange
from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.meaning import Column, Grain
from clinical_nb.store.hash import hash_table, logical_type


def version(number: int, frame: pl.DataFrame, meaning: dict[str, Column] | None = None) -> TableVersion:
    return TableVersion(
        number,
        hash_table(frame),
        frame.height,
        {name: logical_type(name, dtype) for name, dtype in frame.schema.items()},
        meaning or infer({"t": frame}).tables["t"],
        frame.lazy,
    )


def test_a_table_with_the_same_content_is_not_read():
    frame = pl.DataFrame({"id": [1, 2], "weight": [60.5, 71.0]})

    def refuse() -> NoReturn:
        raise AssertionError

    one = version(1, frame, {"id": Column(kind="identifier"), "weight": Column(kind="numeric", unit="kg")})
    other = version(2, frame, {"id": Column(kind="identifier"), "weight": Column(kind="numeric", unit="lb")})
    sides = (replace(each, scan=refuse) for each in (one, other))

    found = compare_tables("t", *sides)

    assert found.content_is_same
    assert found.meaning == (MeaningChange("weight", "unit", "kg", "lb"),)


def test_levels_that_appeared_and_are_gone_are_told_with_their_labels():
    before = pl.DataFrame({"id": range(8), "arm": ["a", "b"] * 4, "sex": ["f", "m"] * 4, "stage": [1, 2] * 4})
    after = before.with_columns(
        arm=pl.Series(["a", "c"] * 4), sex=pl.Series(["f", None] * 4), stage=pl.Series([1.0, 3.0] * 4)
    )

    found = compare_tables("t", version(1, before), version(2, after))

    assert found.levels == (
        LevelChanges("arm", {"c": "c"}, {"b": "b"}),
        LevelChanges("sex", {}, {"m": "male"}),
        LevelChanges("stage", {"3": "3"}, {"2": "2"}),
    )


def test_a_column_that_is_no_category_in_both_versions_tells_no_value():
    meaning = {"word": Column(kind="categorical"), "surname": Column(kind="categorical"), "arm": Column(kind="binary")}
    before = pl.DataFrame({"word": ["x"], "surname": ["Miller"], "arm": ["a"]})
    after = pl.DataFrame({"word": ["said Miller"], "surname": ["Smith"], "arm": ["b"]})

    found = compare_tables(
        "t", version(1, before, meaning), version(2, after, {**meaning, "word": Column(kind="text")})
    )

    assert [each.column for each in found.levels] == ["arm"]


def test_a_table_with_no_column_in_common_is_compared_by_its_columns_only():
    found = compare_tables("t", version(1, pl.DataFrame({"a": [1]})), version(2, pl.DataFrame({"b": [1, 2]})))

    assert (found.rows_before, found.rows_after, found.rows) == (1, 2, None)
    assert found.columns == ColumnChanges({"b": "integer"}, {"a": "integer"})


def test_what_a_row_is_is_told_though_the_content_is_the_same():
    frame = pl.DataFrame({"id": [1, 2], "weight": [60.5, 71.0]})
    before = version(1, frame)

    found = compare_tables("t", before, replace(before, number=2, grain=Grain(row="patient", key=("id",))))

    assert found.content_is_same
    assert found.meaning == (MeaningChange("rows", "one is a", "", "patient"), MeaningChange("rows", "key", "", "id"))
