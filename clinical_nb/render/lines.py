"""Lines and parts of them: an estimate with its interval, and how often something happened together."""

from clinical_nb.render import numbers
from clinical_nb.render.findings import Finding, gather
from clinical_nb.render.phrase import Phrase, aside, number
from clinical_nb.result import Result

Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
_SIDES = {
    ("yes", "yes"): "with it both times",
    ("yes", "no"): "with it only before",
    ("no", "yes"): "with it only after",
    ("no", "no"): "without it both times",
}


def pattern_lines(result: Result) -> tuple[Phrase, ...]:
    """Return a line for each of the most frequent patterns of what is missing together."""
    found = gather(result, ("missing_pattern",))
    return tuple((f"{_say_pattern(each.level or '')}: ", *share(each)) for each in found)


def _say_pattern(level: str) -> str:
    return "Nothing missing" if level == "nothing" else f"Missing together: {level}"


def table_lines(result: Result) -> tuple[Phrase, ...]:
    """Return a line with how many had an event before and after, only once, or never; none of other results."""
    found = gather(result, ("paired_table",))
    if not found:
        return ()
    said: list[Phrase] = [
        (number(numbers.count(each.number("n"))), f" {_SIDES[each.groups[0] or '', each.groups[1] or '']}")
        for each in found
    ]
    first, *others = said
    return ((*first, *(part for each in others for part in ("; ", *each))),)


def share(finding: Finding) -> Phrase:
    """Say "28 of 418 (6.7 %)"."""
    n, of = finding.number("n"), finding.number("N")
    counted = number(f"{numbers.count(n)} of {numbers.count(of)}")
    return (counted, " (", aside(numbers.percent(finding.get("p"), of)), ")")


def ratio(finding: Finding, decimals: int | None = None) -> Phrase:
    """Return an estimate with its interval, as it is: a ratio, a number needed to treat."""
    value, low, high = (finding.get(name) for name in ("estimate", "conf.low", "conf.high"))
    shown = number(numbers.estimate(value, decimals))
    return (shown, *bracketed(numbers.interval(low, high, decimals), low if high is None else high))


def points(finding: Finding) -> Phrase:
    """Return a difference of shares with its interval, in percentage points, as it is."""
    value, low, high = (finding.get(each) for each in ("estimate", "conf.low", "conf.high"))
    interval = f"95 % CI {numbers.points(low)} to {numbers.points(high)}"
    return (number(numbers.points(value)), " percentage points", *bracketed(interval, low))


def bracketed(interval: str, bound: float | None) -> Phrase:
    """Put an interval in brackets; nothing where it has no such bound."""
    return () if bound is None else (" (", aside(interval), ")")


def direction(estimate: float, where: str) -> str:
    """Say which group has more: the estimate is the first group's minus the reference's."""
    return f"{'no different' if estimate == 0 else 'higher' if estimate > 0 else 'lower'} {where}"


def further(finding: Finding, where: str, digits: int) -> Phrase:
    """Say which group has more and by how much, with the interval turned to the direction that the words say."""
    value = finding.get("estimate")
    if value is None:
        return ()
    shown = numbers.estimate(abs(value), digits)
    said, sign = _by(value, shown, where)
    low, high = _turned(finding, sign)
    return (said, number(shown), *bracketed(numbers.interval(low, high, digits), low))


def further_in_points(finding: Finding, where: str) -> Phrase:
    """Say the same of shares, in percentage points."""
    value = finding.get("estimate")
    if value is None:
        return ()
    shown = numbers.points(abs(value))
    said, sign = _by(value, shown, where)
    low, high = _turned(finding, sign)
    interval = f"95 % CI {numbers.points(low)} to {numbers.points(high)}"
    return (said, number(shown), " percentage points", *bracketed(interval, low))


def _by(value: float, shown: str, where: str) -> tuple[str, int]:
    """Return "lower with drug by " and the sign that turns it so; what is shown as zero is no difference."""
    if not set(shown) & set("123456789"):
        return f"{direction(0, where)}, the difference is ", 1
    return f"{direction(value, where)} by ", -1 if value < 0 else 1


def _turned(finding: Finding, sign: int) -> tuple[float | None, float | None]:
    low, high = finding.get("conf.low"), finding.get("conf.high")
    if sign > 0:
        return low, high
    return (None if high is None else -high), (None if low is None else -low)
