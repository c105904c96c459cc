"""Values of two types are compared by what they are, not by how they are stored."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from clinical_nb.changes.alike import alike

NOON = datetime(2026, 1, 2, 12)  # noqa: DTZ001 - a time without a zone is meant


def differs(before: pl.Series, after: pl.Series) -> list[bool]:
    """Tell for each pair of values whether they are compared as different."""
    one, other = alike(pl.col("a"), before.dtype, pl.col("b"), after.dtype)
    frame = pl.DataFrame([before.alias("a"), after.alias("b")])
    return frame.select(one.ne_missing(other)).to_series().to_list()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (pl.Series([1, 2, None], dtype=pl.Int8), pl.Series([1, 3, None], dtype=pl.UInt64), [False, True, False]),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), pl.Series([-1], dtype=pl.Int64), [True]),
        (pl.Series([2**63], dtype=pl.UInt64), pl.Series([2.0**63]), [False]),
        (pl.Series([0.5, float("nan")], dtype=pl.Float32), pl.Series([0.5, float("nan")]), [False, False]),
        (pl.Series([1, 0]), pl.Series([1.0, -0.0]), [False, False]),
        (pl.Series([Decimal("1.50"), Decimal("100.00")]), pl.Series([1.5, 100.0]), [False, False]),
        (pl.Series(["a", "b"], dtype=pl.Categorical), pl.Series(["a", "c"]), [False, True]),
        (pl.Series([date(2026, 1, 2), date(1, 1, 1)]), pl.Series([datetime(2026, 1, 2), NOON]), [False, True]),  # noqa: DTZ001 - the same
        (pl.Series([NOON], dtype=pl.Datetime("ms")), pl.Series([NOON], dtype=pl.Datetime("ns")), [False]),
        (pl.Series([date(2026, 1, 2)] * 2), pl.Series(["2026-01-02", "2.1.2026"]), [False, True]),
        (pl.Series([timedelta(1)], dtype=pl.Duration("ms")), pl.Series([timedelta(1)]), [False]),
        (pl.Series([True, False]), pl.Series(["true", "no"]), [False, True]),
        (pl.Series([True]), pl.Series([1]), [True]),
        (pl.Series([None, None], dtype=pl.Null), pl.Series([None, 1]), [False, True]),
        (pl.Series([b"\xab"]), pl.Series(["ab"]), [False]),
    ],
    ids=str,
)
def test_values_of_two_types_are_compared_by_what_they_are(before, after, expected):
    assert differs(before, after) == expected


def test_the_same_instant_in_two_zones_is_the_same():
    utc = pl.Series([NOON]).dt.replace_time_zone("UTC")

    assert differs(utc, utc.dt.convert_time_zone("Asia/Tokyo")) == [False]
