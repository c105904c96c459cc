"""Markers against an event: the area under the curve with its error, two areas compared, and the best cut-off."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import Z95, normal_two_sided
from clinical_nb.analysis.distribution import Counts, Floats

TOO_FEW = "fewer than 2 rows with the event, or without"
_HALF = 0.5
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker's values, with the rows of each that had the event and that had not; a value may stand several times.

    `sign` is 1 where those with the event have the higher values, -1 where they have the lower ones.
    """

    values: Floats
    events: Counts
    others: Counts
    sign: int = 1

    @property
    def cases(self) -> int:
        """Rows with the event."""
        return int(self.events.sum())

    @property
    def controls(self) -> int:
        """Rows without the event."""
        return int(self.others.sum())


@dataclass(frozen=True, slots=True)
class Points:
    """The curve: at each distinct value, how many of either kind the test calls positive that begins there."""

    cut_offs: Floats
    true: Counts
    false: Counts


def directed(values: Floats, events: Counts, others: Counts) -> Marker:
    """Return a marker that points the way in which its area is at least a half."""
    found = Marker(values, events, others)
    return (
        found if not found.cases or not found.controls or _area(found) >= _HALF else Marker(values, events, others, -1)
    )


def points_of(marker: Marker) -> Points:
    """Return the curve from the strictest cut-off to the one that calls all positive."""
    distinct, places = np.unique(marker.values * marker.sign, return_inverse=True)
    found = [
        np.bincount(places, of, len(distinct))[::-1].cumsum().astype(np.int64) for of in (marker.events, marker.others)
    ]
    return Points(distinct[::-1] * marker.sign, *found)


def best_cut_off(marker: Marker) -> tuple[float, int, int] | None:
    """Return where sensitivity and specificity add up to most (Youden 1950), with the true positives and negatives.

    Of several, the one with the highest sensitivity; None where the marker tells nothing.
    """
    points, cases, controls = points_of(marker), marker.cases, marker.controls
    gain = [int(t) * controls - int(f) * cases for t, f in zip(points.true, points.false, strict=True)]
    most = max(gain, default=0)
    if most <= 0:
        return None
    place = max(at for at, each in enumerate(gain) if each == most)
    return float(points.cut_offs[place]), int(points.true[place]), controls - int(points.false[place])


def area_of(marker: Marker) -> Inference:
    """Return the area under the curve with its interval (DeLong 1988); R's `pROC::ci.auc`."""
    if min(marker.cases, marker.controls) < _LEAST:
        return Inference(reason=TOO_FEW)
    area = _area(marker)
    error = math.sqrt(_covariance(marker, marker))
    if not error:
        return Inference(estimate=area, reason="the marker separates them entirely, so there is no interval")
    return Inference(estimate=area, low=max(0.0, area - Z95 * error), high=min(1.0, area + Z95 * error))


def compare_areas(one: Marker, other: Marker) -> Inference:
    """Test whether two markers of the same rows have one area (DeLong 1988); R's `roc.test(paired = TRUE)`.

    Both markers' values stand in the same order of rows.
    """
    if min(one.cases, one.controls) < _LEAST:
        return Inference(reason=TOO_FEW)
    difference = _area(one) - _area(other)
    error = math.sqrt(max(0.0, _covariance(one, one) + _covariance(other, other) - 2 * _covariance(one, other)))
    if error < 1e-12:  # noqa: PLR2004 - what rounding leaves of nothing
        return Inference(estimate=difference, reason="the two markers rank all rows alike")
    z = difference / error
    reach = Z95 * error
    return Inference(difference, difference - reach, difference + reach, statistic=z, p=normal_two_sided(z))


def _area(marker: Marker) -> float:
    below, _ = _placements(marker)
    return float((marker.events * below).sum() / marker.cases)


def _covariance(one: Marker, other: Marker) -> float:
    parts: list[float] = []
    areas = (_area(one), _area(other))
    for side, rows in enumerate((one.events, one.others)):
        places: Sequence[Floats] = [_placements(each)[side] for each in (one, other)]
        n = int(rows.sum())
        parts.append(float((rows * (places[0] - areas[0]) * (places[1] - areas[1])).sum()) / (n - 1) / n)
    return math.fsum(parts)


def _placements(marker: Marker) -> tuple[Floats, Floats]:
    """Return for each value the share of rows without the event below it, and of those with it above; ties half."""
    distinct, places = np.unique(marker.values * marker.sign, return_inverse=True)
    events, others = (np.bincount(places, of, len(distinct)) for of in (marker.events, marker.others))
    below = (np.cumsum(others) - others / 2) / marker.controls
    above = 1 - (np.cumsum(events) - events / 2) / marker.cases
    return below[places], above[places]
