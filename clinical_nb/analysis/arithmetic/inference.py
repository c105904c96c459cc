"""What a test or an interval found: the numbers that apply, or the reason why there are none."""

import math
from dataclasses import dataclass

SMALLEST = math.ulp(0.0)


@dataclass(frozen=True, slots=True)
class Inference:
    """An estimate with its 95 % interval, a test, or both; None where a number does not apply.

    `superiority` is how often, of all pairs of one value from each of two groups, the first group's is the higher one
    (ties count half; Mann & Whitney 1947). `reason` says why nothing could be estimated, or what must be known of a
    number that could.
    """

    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    superiority: float | None = None
    statistic: float | None = None
    df: float | None = None
    df2: float | None = None
    p: float | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.p == 0:
            object.__setattr__(self, "p", SMALLEST)
            object.__setattr__(self, "reason", "smaller than a computer's smallest number")
