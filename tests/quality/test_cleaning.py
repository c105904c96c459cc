"""Cleaning steps applied to tables: values, why some became missing, limits, parts; and twice as once."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from clinical_nb.dictionary.steps import Censor, ReadDates, ReadNumbers, Recode, Split, TreatAsMissing
from clinical_nb.errors import DictionaryError
from clinical_nb.intake.table import Table
from clinical_nb.quality.cleaning import clean


def table_of(**columns):
    frame = pl.DataFrame(columns)
    return Table("t", frame.lazy(), frame.height)


def cleaned(values, *steps):
    return clean(table_of(x=values), {"x": steps})


def test_words_among_numbers_become_missing_and_are_kept_as_the_reason():
    table = cleaned(["5.1", "hemolyzed", None, "7"], TreatAsMissing(values=("hemolyzed",)))

    frame = table.scan.collect()
    assert frame["x"].to_list() == [5.1, None, None, 7.0]
    assert frame["x_missing"].to_list() == [None, "hemolyzed", None, None]
    assert table.said["x"].reasons == "x_missing"
    assert [code.reason for code in table.said["x"].missing] == ["hemolyzed"]


def test_a_code_of_a_number_is_missing_for_the_reason_that_is_given():
    frame = cleaned([1, -99, 3, -99], TreatAsMissing(values=("-99",), reasons={"-99": "refused"})).scan.collect()

    assert frame["x"].to_list() == [1, None, 3, None]
    assert frame["x_missing"].to_list() == [None, "refused", None, "refused"]


def test_a_code_of_a_float_is_found_as_people_write_it():
    assert cleaned([1.5, -99.0], TreatAsMissing(values=("-99",))).scan.collect()["x"].to_list() == [1.5, None]


def test_spellings_become_one_level_and_codes_numbers():
    recoded = cleaned(["Female", "f", "male", None], Recode(values={"f": "Female"})).scan.collect()
    numbers = cleaned(["one", "2"], Recode(values={"one": "1"})).scan.collect()

    assert recoded["x"].to_list() == ["Female", "Female", "male", None]
    assert recoded.columns == ["x"]
    assert numbers["x"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("values", "step", "expected"),
    [
        (["12 mg", "7mg", "8"], ReadNumbers(), [12, 7, 8]),
        (["1,200.50", "$900", "-3"], ReadNumbers(thousands=","), [1200.5, 900.0, -3.0]),
        (["1.200,5", "3"], ReadNumbers(decimal=",", thousands="."), [1200.5, 3.0]),
        (["\u22122%", "5 %", "98%"], ReadNumbers(), [-2, 5, 98]),
        (["70 kg", "154 lb"], ReadNumbers(factors={"kg": 1, "lb": 0.45359237}), [70.0, 69.85322498]),
        (["1 200 300", "5"], ReadNumbers(thousands=" "), [1200300, 5]),
        (["1.2 mg/dl", "88 umol/l", "1.1 mg/dl", "1.0"], ReadNumbers(), [1.2, None, 1.1, 1.0]),
    ],
)
def test_numbers_are_read_with_their_unit_mark_and_sign(values, step, expected):
    assert cleaned(values, step).scan.collect()["x"].to_list() == pytest.approx(expected, nan_ok=True)


def test_a_number_in_another_unit_is_kept_as_the_reason_and_never_averaged():
    frame = cleaned(["1.2 mg/dl", "88 umol/l", "1.1 mg/dl"], ReadNumbers()).scan.collect()

    assert frame["x_missing"].to_list() == [None, "88 umol/l", None]


def test_dates_are_read_by_formats_and_an_impossible_one_is_missing():
    step = ReadDates(formats=("%Y-%m-%d", "%d/%m/%Y"), excel=True)
    frame = cleaned(["2023-04-05", "05/04/2023", "31/02/2023", "45021"], step).scan.collect()

    assert frame["x"].to_list() == [date(2023, 4, 5), date(2023, 4, 5), None, date(2023, 4, 5)]
    assert frame["x_missing"].to_list() == [None, None, "31/02/2023", None]


def test_a_format_that_is_none_is_refused():
    with pytest.raises(DictionaryError, match="no format"):
        cleaned(["2023"], ReadDates(formats=("%Q",))).scan.collect()


@pytest.mark.parametrize(
    ("rule", "expected"), [("half", [2.5, 7.0, 100.0]), ("limit", [5.0, 7.0, 100.0]), ("missing", [None, 7.0, None])]
)
def test_values_beyond_a_limit_count_by_the_rule_and_stay_known_as_such(rule, expected):
    table = cleaned(["<5", "7", ">100"], Censor(rule=rule))

    frame = table.scan.collect()
    assert frame["x"].to_list() == expected
    assert frame["x_limit"].to_list() == ["<5", None, ">100"]
    assert table.said["x"].limit.column == "x_limit"
    assert table.said["x"].limit.rule == rule


def test_two_numbers_in_one_cell_become_columns_and_the_text_stays():
    table = clean(table_of(bp=["114/72", "clumped", None], z=[1, 2, 3]), {"bp": [Split(into=("sbp", "dbp"))]})

    frame = table.scan.collect()
    assert frame.columns == ["bp", "sbp", "dbp", "z"]
    assert frame["sbp"].to_list() == [114, None, None]
    assert frame["dbp"].to_list() == [72, None, None]
    assert frame["bp"].to_list() == ["114/72", "clumped", None]


def test_a_table_without_steps_is_the_very_same():
    table = table_of(x=[1, 2])

    assert clean(table, {"y": [Censor()]}) is table


def test_a_name_that_is_taken_is_not_taken_again():
    table = clean(table_of(x=["1", "a"], x_missing=["p", "q"]), {"x": [TreatAsMissing(values=("a",))]})

    assert table.scan.collect_schema().names() == ["x", "x_missing_2", "x_missing"]


STEPS = st.sampled_from(
    [
        Recode(values={"f": "female", "F": "female"}),
        TreatAsMissing(values=("-99", "n/d")),
        ReadNumbers(),
        ReadNumbers(factors={"kg": 1, "lb": 0.45359237, "": 1}),
        ReadDates(formats=("%d/%m/%Y",)),
        Censor(),
        Split(into=("a", "b")),
    ]
)
CELLS = st.one_of(
    st.none(), st.sampled_from(["f", "F", "-99", "n/d", "70 kg", "3 lb", "05/04/2023", "<5", "114/72", "7", "1.5", "x"])
)


@given(st.lists(CELLS, min_size=1, max_size=8), st.lists(STEPS, min_size=1, max_size=3))
def test_steps_applied_to_what_they_made_change_nothing(values, steps):
    frame = pl.DataFrame({"x": pl.Series(values, dtype=pl.String)})
    once = clean(Table("t", frame.lazy(), frame.height), {"x": steps})
    whole = once.scan.collect()

    again = clean(Table("t", whole.lazy(), whole.height, once.said), {"x": steps}).scan.collect()

    assert_frame_equal(again.select("x"), whole.select("x"))


@given(st.lists(CELLS, min_size=1, max_size=8), st.lists(STEPS, min_size=1, max_size=3))
def test_a_value_that_became_missing_is_always_kept_as_the_reason(values, steps):
    frame = pl.DataFrame({"x": pl.Series(values, dtype=pl.String)})
    whole = clean(Table("t", frame.lazy(), frame.height), {"x": steps}).scan.collect()

    kept = [name for name in ("x", "x_missing", "x_limit") if name in whole.columns]
    known = whole.select(pl.any_horizontal(pl.col(kept).is_not_null()))
    assert known.to_series().to_list() == [value is not None for value in values]
