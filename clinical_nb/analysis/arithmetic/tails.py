"""Tail probabilities and critical values of the usual distributions, and what a gamma function needs: scipy's, typed.

`scipy.special` is a third of the import time of `scipy.stats`.
"""

# scipy ships no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from numpy import float64
from numpy.typing import NDArray
from scipy import special

Z95 = float(special.ndtri(0.975))


def normal_two_sided(z: float) -> float:
    """Return the probability of a standard normal value at least this far from 0."""
    return min(1.0, 2.0 * float(special.ndtr(-abs(z))))


def t_two_sided(t: float, df: float) -> float:
    """Return the probability of a value of Student's t at least this far from 0."""
    return min(1.0, 2.0 * float(special.stdtr(df, -abs(t))))


def t_critical(df: float, below: float = 0.975) -> float:
    """Return the value of Student's t below which so much lies: as it is, what is exceeded either way in 5 of 100."""
    return float(special.stdtrit(df, below))


def t_upper(t: float, df: float) -> float:
    """Return the probability of a value of Student's t above this."""
    return float(special.stdtr(df, -t))


def f_upper(f: float, df: float, df2: float) -> float:
    """Return the probability of a value of F above this."""
    return float(special.fdtrc(df, df2, f))


def beta_critical(a: float, b: float, below: float) -> float:
    """Return the value of the beta distribution below which so much lies."""
    return float(special.betaincinv(a, b, below))


def chi_squared_upper(x: float, df: float) -> float:
    """Return the probability of a value of chi-squared above this."""
    return float(special.chdtrc(df, x))


def normal_upper(z: float) -> float:
    """Return the probability of a standard normal value above this."""
    return float(special.ndtr(-z))


def log_gamma(values: NDArray[float64]) -> NDArray[float64]:
    """Return the logarithm of the gamma function."""
    return special.gammaln(values)


def digamma(values: NDArray[float64]) -> NDArray[float64]:
    """Return the slope of the logarithm of the gamma function."""
    return special.psi(values)


def trigamma(values: NDArray[float64]) -> NDArray[float64]:
    """Return the slope of the digamma function."""
    return special.polygamma(1, values)
