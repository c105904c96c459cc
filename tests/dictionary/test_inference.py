"""What data and names show of a column, and no more."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.meaning import from_yaml, to_yaml


def inferred(values, name="x", dtype=None):
    return infer({"t": pl.DataFrame({name: pl.Series(values, dtype=dtype)})}).column("t", name)


def levels(column):
    return [(level.value, level.label) for level in column.levels]


@pytest.mark.parametrize("name", ["id", "patient_id", "record number", "MRN", "case"])
def test_unique_values_under_a_name_that_says_so_are_an_identifier(name):
    assert inferred(list(range(20)), name).kind == "identifier"
    assert inferred([f"P{number}" for number in range(20)], name).kind == "identifier"


@pytest.mark.parametrize("name", ["incident_bmi", "acid", "width", "age", "score"])
def test_unique_values_under_another_name_are_not(name):
    assert inferred(list(range(20)), name).kind == "numeric"


@pytest.mark.parametrize("values", [[*range(19), None], [*range(19), 0], [number / 2 for number in range(20)]])
def test_a_name_alone_does_not_make_an_identifier(values):
    assert inferred(values, "record_id").kind == "numeric"


def test_an_id_that_repeats_is_of_persons_and_a_few_levels_under_such_a_name_are_not():
    assert inferred([number // 2 for number in range(40)], "id").kind == "identifier"
    assert inferred(["Anna K.", "Berta L."] * 20 + [f"P{n}" for n in range(12)], "patient").kind == "identifier"
    assert inferred(["yes", "no"] * 20, "patient").kind == "binary"


def test_a_persons_identifier_may_repeat_and_is_then_the_only_one():
    frame = pl.DataFrame({"visit_id": range(6), "USUBJID": list("aabbcc"), "x": range(6)})

    dictionary = infer({"visits": frame})

    assert dictionary.identifier("visits") == "USUBJID"
    assert dictionary.column("visits", "visit_id").kind == "text"


def test_the_identifier_of_another_table_identifies_the_persons_of_this_one():
    patients = pl.DataFrame({"id": range(5), "age": [40, 50, 60, 70, 80]})
    labs = pl.DataFrame({"id": [0, 0, 1, 1, 2, 2], "value": range(6)})

    assert infer({"labs": labs, "patients": patients}).identifier("labs") == "id"
    assert infer({"labs": labs}).identifier("labs") is None
    assert infer({"labs": labs.with_columns(id=pl.col("id") + 9), "patients": patients}).identifier("labs") is None


@pytest.mark.parametrize(
    ("values", "kind", "found"),
    [
        ([0, 1, 1, 0, None], "binary", [(0, "no"), (1, "yes")]),
        ([0.0, 1.0, 1.0, 0.0], "binary", [(0, "no"), (1, "yes")]),
        ([1, 2, 2, 1], "binary", [(1, "1"), (2, "2")]),
        ([True, False, None], "binary", [(False, "no"), (True, "yes")]),
        ([3, 1, 2, 1, 2, 3], "categorical", [(1, "1"), (2, "2"), (3, "3")]),
        ([0.0, 0.5, 1.0, 0.0, 0.5, 1.0], "numeric", []),
        ([110, 120, 130] * 5, "numeric", []),
        (list(range(11)) * 5, "numeric", []),
        ([1, 2, 3], "numeric", []),
        (["b", "a", "b", None], "binary", [("a", "a"), ("b", "b")]),
        (["c", "b", "a"] * 2, "categorical", [("a", "a"), ("b", "b"), ("c", "c")]),
        (["yes", "no", "no"], "binary", [("no", "no"), ("yes", "yes")]),
        (["Y", "N", "N"], "binary", [("N", "no"), ("Y", "yes")]),
        (["X", "Y", "Z"] * 5, "categorical", [("X", "X"), ("Y", "Y"), ("Z", "Z")]),
        (["N", "Y", "M"] * 5, "categorical", [("M", "M"), ("N", "N"), ("Y", "Y")]),
        (["Y", "N", "unknown"] * 5, "binary", [("N", "no"), ("Y", "yes")]),
        (["Male", "Female", "Male"], "binary", [("Female", "female"), ("Male", "male")]),
        (["m", "f", "f"], "binary", [("f", "f"), ("m", "m")]),
        (["Y", "yes", "no", "N"] * 2, "categorical", [("N", "N"), ("Y", "Y"), ("no", "no"), ("yes", "yes")]),
        (["1_female", "2_male", "2_male"], "binary", [("1_female", "female"), ("2_male", "male")]),
        (["10: x", "2: y", "1: z"] * 2, "categorical", [("1: z", "z"), ("2: y", "y"), ("10: x", "x")]),
        (["0_no", "1_yes", "NA_NA"] * 2, "categorical", [("0_no", "0_no"), ("1_yes", "1_yes"), ("NA_NA", "NA_NA")]),
        (["a", "b", "c"], "text", []),
        ([f"remark {number}" for number in range(31)] * 3, "text", []),
        ([date(2020, 1, 1)] * 2, "date", []),
        ([datetime(2020, 1, 1)] * 2, "date", []),  # noqa: DTZ001 - naive on purpose
    ],
)
def test_kind_and_levels_follow_the_values(values, kind, found):
    column = inferred(values)

    assert (column.kind, levels(column)) == (kind, found)


@pytest.mark.parametrize("values", [[None, None], []])
def test_a_column_without_values_is_text_or_a_number_and_has_no_levels(values):
    assert inferred(values, dtype=pl.String).kind == "text"
    assert inferred(values, dtype=pl.Int64).kind == "numeric"
    assert inferred(values, dtype=pl.Float64).levels == ()


@pytest.mark.parametrize("name", ["sex", "gender", "patient_sex", "Gender"])
def test_letters_and_codes_of_sex_are_read_as_such(name):
    assert levels(inferred(["m", "f", "f"], name)) == [("f", "female"), ("m", "male")]
    assert levels(inferred([0, 1, 1, 0], name)) == [(0, "0"), (1, "1")]


@pytest.mark.parametrize("name", ["stage", "NYHA_class", "severity grade", "visit", "number_of_falls"])
def test_only_codes_that_the_name_says_to_rise_are_ordered(name):
    assert inferred([1, 2, 3] * 2, name).ordered
    assert not inferred([1, 2, 9] * 2, name).ordered
    assert not inferred(["a", "b", "c"] * 2, name).ordered
    assert not inferred([1, 2] * 2, name).ordered


@pytest.mark.parametrize("name", ["race", "ethnic_group", "region", "blood_type", "marital_status", "x1"])
def test_codes_are_groups_where_the_name_says_of_no_order(name):
    assert not inferred([1, 2, 3] * 2, name).ordered


def test_what_finds_people_has_no_levels():
    assert inferred(["Smith", "Jones"] * 4, "last_name") == inferred(["x", "y", "z"], "note")
    assert inferred([5550111, 5550112] * 4, "phone").kind == "text"


@settings(deadline=None)
@given(
    st.lists(st.none() | st.integers() | st.just(float("nan")) | st.floats(-3, 3).map(round), min_size=1, max_size=30)
)
def test_levels_are_native_distinct_ascending_and_survive_yaml(values):
    numbers = [None if value is None else float(value) for value in values]
    dictionary = infer({"t": pl.DataFrame({"x": numbers}, schema={"x": pl.Float64})})

    codes = [level.value for level in dictionary.column("t", "x").levels]

    assert codes == sorted(set(codes))
    assert {type(code) for code in codes} <= {int}
    assert from_yaml(to_yaml(dictionary)) == dictionary


def test_a_text_that_says_nothing_is_known_is_missing_and_no_level():
    column = inferred(["yes", "no", "unknown"] * 10, "diabetes")

    assert (column.kind, [level.value for level in column.levels]) == ("binary", ["no", "yes"])
    assert [(code.value, code.reason) for code in column.missing] == [("unknown", "unknown")]


def test_not_done_may_be_an_answer():
    assert [level.value for level in inferred(["done", "not done"] * 10, "biopsy").levels] == ["done", "not done"]


def test_codes_with_a_gap_are_in_no_order():
    assert inferred([1, 2, 3] * 10, "stage").ordered
    assert not inferred([0, 1, 9] * 10, "diabetes").ordered


@pytest.mark.parametrize("name", ["institution", "centre", "site_no", "study site", "hospital code", "surgeon"])
def test_numbers_of_those_who_treat_are_levels_or_text_and_never_counted_with(name):
    few = infer({"t": pl.DataFrame({name: [101, 205, 7, 33, 101, 205, 7, 33] * 3})}).tables["t"][name]
    many = infer({"t": pl.DataFrame({name: list(range(100, 160))})}).tables["t"][name]

    assert (few.kind, few.ordered) == ("categorical", False)
    assert many.kind == "text"


@pytest.mark.parametrize("name", ["hospital_days", "number of sites", "region_area"])
def test_what_is_counted_of_places_is_a_number(name):
    assert infer({"t": pl.DataFrame({name: list(range(60))})}).tables["t"][name].kind == "numeric"


def test_a_score_of_many_steps_is_a_number_and_a_grade_is_not():
    pain = infer({"t": pl.DataFrame({"pain": [0, 2, 3, 5, 7, 8] * 4})}).tables["t"]["pain"]
    grade = infer({"t": pl.DataFrame({"asa score": [1, 2, 3, 4] * 4})}).tables["t"]["asa score"]

    assert (pain.kind, grade.kind) == ("numeric", "categorical")
