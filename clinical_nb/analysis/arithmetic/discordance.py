"""An event before and after in the same persons: McNemar's tests and the difference of the shares, from four counts."""

import math
from dataclasses import dataclass

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.intervals import wilson_interval
from clinical_nb.analysis.arithmetic.tails import chi_squared_upper

_NOBODY = "nobody changed"


@dataclass(frozen=True, slots=True)
class Twice:
    """How many had the event both times, only before, only after, and never."""

    both: int
    before: int
    after: int
    never: int

    @property
    def n(self) -> int:
        """Persons of whom it is known both times."""
        return self.both + self.before + self.after + self.never


def mcnemar(twice: Twice) -> Inference:
    """Return McNemar's test without continuity correction; R's `mcnemar.test(table, correct = FALSE)`."""
    changed = twice.before + twice.after
    if not changed:
        return Inference(reason=_NOBODY)
    statistic = (twice.before - twice.after) ** 2 / changed
    return Inference(statistic=statistic, df=1, p=chi_squared_upper(statistic, 1))


def mcnemar_exact(twice: Twice) -> Inference:
    """Return the exact test of those who changed; R's `binom.test(before, before + after)`."""
    changed = twice.before + twice.after
    if not changed:
        return Inference(reason=_NOBODY)
    tail = sum(math.comb(changed, each) for each in range(min(twice.before, twice.after) + 1))
    return Inference(p=min(1.0, 2 * tail / 2**changed))


def paired_difference(twice: Twice) -> Inference:
    """Return the share after less the share before, with the square-and-add interval (Newcombe 1998b, method 10)."""
    n = twice.n
    if not n:
        return Inference(reason="nobody has both values")
    after, before = twice.both + twice.after, twice.both + twice.before
    difference = (after - before) / n
    low, high = wilson_interval(after, n)
    low_before, high_before = wilson_interval(before, n)
    phi = _correlation(twice)
    down, up = (after / n - low, high_before - before / n), (high - after / n, before / n - low_before)
    return Inference(
        estimate=difference,
        low=difference - math.sqrt(max(0.0, down[0] ** 2 - 2 * phi * down[0] * down[1] + down[1] ** 2)),
        high=difference + math.sqrt(max(0.0, up[0] ** 2 - 2 * phi * up[0] * up[1] + up[1] ** 2)),
    )


def _correlation(twice: Twice) -> float:
    """Return the correlation of the event before and after, corrected for continuity as the method has it."""
    a, b, c, d = twice.both, twice.before, twice.after, twice.never
    product = (a + b) * (c + d) * (a + c) * (b + d)
    score = a * d - b * c
    corrected = max(score - twice.n / 2, 0.0) if score > 0 else float(score)
    return corrected / math.sqrt(product) if product else 0.0
