"""One line about an answer for the history: no names, no levels, and no number of a group that is small."""

from clinical_nb.render import numbers
from clinical_nb.render.findings import MEASURES, Finding, data_decimals, headline, measure, summaries
from clinical_nb.result import Result

SMALLEST = 11  # a count below this could point at a person
WITHHELD = "answered"
SAME_PERSONS = ("repeated", "repeated_share", "matrix_pearson", "matrix_spearman")
FEW = 4  # groups whose estimates one line holds


def summarise(result: Result) -> str:
    """Return such as "risk ratio 0.540 (95 % CI 0.349 to 0.836), p = 0.0047, n = 602".

    Where any count behind it is below 11, the line says that there was an answer and no more.
    """
    if result.partial:
        return WITHHELD
    found = summaries(result)
    if not found or found[0].context == "group" or any(count < SMALLEST for count in _counts(found)):
        return WITHHELD
    parts = _effect(result) or _estimates(found)
    test = headline(result)
    if test is not None:
        parts.append(numbers.equation("p", test.get("p.value")))
    if not _leaves_few_out(result):
        parts += _persons(found)
    return ", ".join(parts) or WITHHELD


def _counts(found: tuple[Finding, ...]) -> list[float]:
    """List every number of persons that the line could give away, the complement of an event included."""
    events = [each for each in found if each.get("n") is not None and each.get("N") is not None]
    complements = [each.of - each.number("n") for each in events]
    return [
        *(value for each in found for name in ("n", "N") if (value := each.get(name)) is not None),
        *(rest for rest in complements if rest > 0),
    ]


def _leaves_few_out(result: Result) -> bool:
    """Tell whether so few were left out, for whom something is not known, that their number would tell on them."""
    missing = [each.stat or 0 for each in result.statistics if each.stat_name == "N_miss"]
    who = [note.facts for note in result.notes if note.kind == "who"]
    missing += [int(facts["rows"]) - int(facts["used"]) for facts in who if {"rows", "used"} <= facts.keys()]
    return any(0 < rest < SMALLEST for rest in missing)


def _effect(result: Result) -> list[str]:
    ratio = measure(result, "risk_ratio")
    if ratio is None or ratio.get("estimate") is None:
        return []
    interval = numbers.interval(ratio.get("conf.low"), ratio.get("conf.high"))
    return [f"{MEASURES['risk_ratio']} {numbers.estimate(ratio.get('estimate'))} ({interval})"]


def _estimates(found: tuple[Finding, ...]) -> list[str]:
    context = found[0].context
    if len(found) > FEW or context == "categorical":
        return []
    digits = data_decimals(found)
    match context:
        case "continuous":
            return [
                f"{name}{'s' if len(found) > 1 else ''} "
                f"{' and '.join(numbers.estimate(each.get(name), digits) for each in found)}"
                for name in ("mean", "median")
            ]
        case "proportion":
            return [" and ".join(numbers.percent(each.get("p"), each.of) for each in found)]
        case _:
            return []


def _persons(found: tuple[Finding, ...]) -> list[str]:
    """Say how many were counted, where groups do not overlap."""
    context = found[0].context
    if context in SAME_PERSONS:  # of whom each is in every group
        total = max(each.number("N") for each in found)
    elif any(not each.grouped for each in found):
        total = next(each.number("n" if context == "count" else "N") for each in found if not each.grouped)
    else:
        total = sum({each.groups: each.number("n" if context == "count" else "N") for each in found}.values())
    return [f"n = {numbers.count(total)}"] if total else []
