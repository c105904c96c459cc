"""How a number is shown: the only rounding in the project, half-even on the exact value (METHODS.md)."""

from decimal import ROUND_HALF_EVEN, Decimal

SIGNIFICANT = 3  # digits of an estimate
COMPARED = 6  # digits of a number that is compared with another
COMPUTED = 4  # a column with more decimals than this holds quotients (days / 365.25): its decimals are not a precision
NOT_ESTIMABLE = "not estimable"


def count(number: float) -> str:
    """Return a number of rows or persons, with commas between thousands."""
    return f"{_rounded(number, 0):,}"


def p_value(p: float | None) -> str:
    """Return a p-value to two significant digits, never as 0 or 1: "<0.001" and ">0.99" at the ends."""
    if p is None:
        return NOT_ESTIMABLE
    if p < 0.001:  # noqa: PLR2004 - METHODS.md's own limit
        return "<0.001"
    shown = _rounded(p, _decimals_for(p, 2))
    return ">0.99" if shown >= 1 else str(shown)


def equation(symbol: str, p: float | None) -> str:
    """Return "p = 0.012" or "p <0.001"."""
    shown = p_value(p)
    return f"{symbol} {shown}" if shown[0] in "<>n" else f"{symbol} = {shown}"


def percent(fraction: float | None, of: float) -> str:
    """Return a fraction of `of` persons in percent: no decimal where they are fewer than 20, else one.

    More than one decimal is never shown, also for 1,000 and more: a second one is read by nobody. So that nobody reads
    that none or all had something when a few did or did not, the ends are shown as "<0.1 %" and ">99.9 %".
    """
    if fraction is None:
        return NOT_ESTIMABLE
    digits = percent_digits(of)
    shown = _rounded(_exactly(fraction, of) * 100, digits)
    smallest = Decimal(1).scaleb(-digits)
    if shown == 0 and fraction > 0:
        return f"<{smallest} %"
    if shown == 100 and fraction < 1:  # noqa: PLR2004 - a hundred percent
        return f">{100 - smallest} %"
    return f"{shown} %"


def _exactly(fraction: float, of: float) -> Decimal:
    """Return n / N where the fraction is one: 28 of 320 is 8.75 %, though the nearest float lies below it."""
    n = round(fraction * of)
    is_share = of > 0 and abs(fraction * of - n) < 1e-6  # noqa: PLR2004 - far above a float's error, far below a person
    return Decimal(n) / Decimal(of) if is_share else Decimal(fraction)


def percent_digits(of: float) -> int:
    """Return how many decimals a percentage of so many persons deserves."""
    return 0 if of < 20 else 1  # noqa: PLR2004 - METHODS.md's own limit


def percent_interval(low: float | None, high: float | None, of: float) -> str:
    """Return the interval of a fraction of `of` persons, in percent: "95 % CI 6.4 to 13.0 %"."""
    if low is None or high is None:
        return f"95 % CI {NOT_ESTIMABLE}"
    digits = percent_digits(of)
    return f"95 % CI {_signed(Decimal(low) * 100, digits)} to {_signed(Decimal(high) * 100, digits)} %"


def points(difference: float | None) -> str:
    """Return a difference of two fractions in percentage points, with one decimal and without a word for them."""
    return NOT_ESTIMABLE if difference is None else _signed(Decimal(difference) * 100, 1)


def estimate(value: float | None, decimals: int | None = None) -> str:
    """Return an estimate to three significant digits, or to one decimal more than the data where that shows more.

    Parameters
    ----------
    value : float or None
        The estimate, unrounded; None where there is none.
    decimals : int or None
        How many decimals the data have that it is in the unit of; None for a ratio or a test's statistic.

    Returns
    -------
    str
        The number with commas between thousands; below 1e-6 and from 1e15 with a power of ten ("1.23e-9").

    """
    if value is None:
        return NOT_ESTIMABLE
    if value != 0 and not 1e-6 <= abs(value) < 1e15:  # noqa: PLR2004 - where zeros can no longer be counted
        mantissa, exponent = f"{Decimal(value):.{SIGNIFICANT - 1}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    own = decimals + 1 if decimals is not None and decimals <= COMPUTED else 0
    return _signed(value, max(_decimals_for(value, SIGNIFICANT), own))


def observed(value: float | None, decimals: int) -> str:
    """Return a value that somebody has, such as a minimum: as it stands in the data, where its decimals are few."""
    if value is None:
        return NOT_ESTIMABLE
    return _signed(value, decimals) if decimals_of(value) <= COMPUTED else estimate(value, decimals)


def interval(low: float | None, high: float | None, decimals: int | None = None) -> str:
    """Return "95 % CI 1.2 to 3.4"; a bound that cannot be estimated is said."""
    return f"95 % CI {estimate(low, decimals)} to {estimate(high, decimals)}"


def compared(value: float | None) -> str:
    """Return a number beside which another of the same statistic stands: whole, or to six significant digits."""
    if value is None:
        return NOT_ESTIMABLE
    if float(value).is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - where a float still counts
        return f"{int(value):,}"
    return f"{Decimal(value):.{COMPARED}g}"


def decimals_of(value: float) -> int:
    """Return how many decimals it takes to write a value as it was read."""
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _decimals_for(value: float, significant: int) -> int:
    """Return the decimals that show so many significant digits, once the value has been rounded to them."""
    if value == 0:
        return 0
    leading = Decimal(f"{Decimal(value):.{significant - 1}e}").adjusted()
    return max(0, significant - 1 - leading)


def _rounded(value: float | Decimal, digits: int) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def _signed(value: float | Decimal, digits: int) -> str:
    """Write a rounded number with commas; what rounds to nothing has no sign."""
    shown = _rounded(value, digits)
    return f"{abs(shown) if shown == 0 else shown:,}"
