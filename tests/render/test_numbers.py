"""How numbers are shown: the roundings of METHODS.md, and what holds for every number."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.render import numbers


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.043, "0.043"),
        (0.0435, "0.043"),  # the float lies below the half
        (0.5, "0.50"),
        (0.001, "0.0010"),
        (0.00099999, "<0.001"),
        (5e-324, "<0.001"),
        (0.0, "<0.001"),
        (0.99, "0.99"),
        (0.996, ">0.99"),
        (1.0, ">0.99"),
        (None, "not estimable"),
    ],
)
def test_a_p_value_has_two_significant_digits_and_is_never_0_or_1(p, shown):
    assert numbers.p_value(p) == shown


def test_a_p_value_stands_with_its_sign():
    shown = [numbers.equation("p", p) for p in (0.02, 0.0001, 1.0, None)]

    assert shown == ["p = 0.020", "p <0.001", "p >0.99", "p not estimable"]


@pytest.mark.parametrize(
    ("fraction", "of", "shown"),
    [
        (52 / 307, 307, "16.9 %"),
        (7 / 9, 9, "78 %"),
        (1 / 8, 8, "12 %"),  # half-even
        (3 / 8, 8, "38 %"),
        (10 / 20, 20, "50.0 %"),
        (123 / 5678, 5678, "2.2 %"),
        (1 / 5000, 5000, "<0.1 %"),
        (4999 / 5000, 5000, ">99.9 %"),
        (0, 5000, "0.0 %"),
        (1, 12, "100 %"),
        (None, 0, "not estimable"),
    ],
)
def test_a_percentage_has_the_decimals_that_its_denominator_deserves(fraction, of, shown):
    assert numbers.percent(fraction, of) == shown


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (46.0366, 0, "46.0"),
        (13.2979, 0, "13.3"),
        (2.6772, 1, "2.68"),
        (3.2, 1, "3.20"),
        (50.74155, 6, "50.7"),  # six decimals are those of a quotient, not a precision
        (1234.5678, 0, "1,234.6"),
        (17012.5, None, "17,012"),
        (0.54035, None, "0.540"),
        (9.996, None, "10.0"),
        (-0.00012345, None, "-0.000123"),
        (1.2345e-9, None, "1.23e-9"),
        (-2e20, None, "-2.00e20"),
        (0.0, 1, "0.00"),
        (0.0, None, "0"),
        (-0.0, 0, "0.0"),
        (None, 2, "not estimable"),
    ],
)
def test_an_estimate_has_three_digits_or_one_decimal_more_than_the_data(value, decimals, shown):
    assert numbers.estimate(value, decimals) == shown


@pytest.mark.parametrize(("value", "decimals", "shown"), [(90.0, 0, "90"), (0.3, 1, "0.3"), (58.76522929, 0, "58.8")])
def test_a_value_that_somebody_has_stands_as_in_the_data(value, decimals, shown):
    assert numbers.observed(value, decimals) == shown


def test_an_interval_is_written_with_its_level_and_without_a_dash():
    shown = numbers.interval(1.2, 3.4), numbers.interval(-4.0, None, 0), numbers.percent_interval(0.064, 0.13, 295)

    assert shown == ("95 % CI 1.20 to 3.40", "95 % CI -4.00 to not estimable", "95 % CI 6.4 to 13.0 %")


def test_counts_have_commas_and_no_decimals():
    assert [numbers.count(n) for n in (0, 999, 1000, 12345678.0)] == ["0", "999", "1,000", "12,345,678"]


@given(st.floats(min_value=-1e12, max_value=1e12, allow_subnormal=False), st.integers(0, 4))
def test_what_is_shown_is_the_exact_value_rounded_half_to_even(value, decimals):
    shown = numbers.estimate(value, decimals).replace(",", "")

    if "e" in shown:
        assert float(shown) == pytest.approx(value, rel=0.006)
    else:
        places = Decimal(1).scaleb(Decimal(shown).as_tuple().exponent)
        assert Decimal(shown) == Decimal(value).quantize(places, rounding=ROUND_HALF_EVEN)


@given(st.floats(min_value=1e-6, max_value=1e12))
def test_an_estimate_never_shows_fewer_than_three_significant_digits(value):
    shown = numbers.estimate(value).replace(",", "")

    assert len(shown.replace(".", "").lstrip("0")) >= 3


@given(st.floats(min_value=0, max_value=1))
def test_no_p_value_is_shown_as_impossible_or_certain(p):
    shown = numbers.p_value(p)

    assert shown[0] in "<>" or 0 < float(shown) < 1


@given(st.floats(min_value=1e-9, max_value=1 - 1e-9), st.integers(1, 10**7))
def test_a_share_of_some_is_never_shown_as_none_or_all(fraction, of):
    assert numbers.percent(fraction, of) not in ("0 %", "0.0 %", "100 %", "100.0 %")


def test_a_percentage_is_rounded_from_the_counts_and_not_from_their_float():
    assert numbers.percent(28 / 320, 320) == "8.8 %"
    assert numbers.percent(156 / 320, 320) == "48.8 %"
    assert numbers.percent(76 / 320, 320) == "23.8 %"
