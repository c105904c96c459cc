"""What is known of a value that lies beyond a limit of detection ("<5"), and what is said of such values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clinical_nb.analysis.counts import Scan, count_rows
from clinical_nb.dictionary.steps import LimitRule
from clinical_nb.plan import (
    Agree,
    Change,
    Compare,
    Correlate,
    Correlations,
    Describe,
    Discriminate,
    Extremes,
    Hazard,
    Known,
    Margin,
    Measured,
    Mixed,
    Pair,
    Plan,
    Regress,
    Repeated,
    Visits,
    columns_of,
    variables_of,
)
from clinical_nb.result import Note

_COUNT_AS = {"half": "half the limit below it, and as the limit above it", "limit": "the limit", "missing": "missing"}
_MANY = 0.15  # above this share, the rule that replaces them moves a mean or an SD noticeably
_MOST = 0.5  # from here on the median itself lies beyond the limit
_MOST_BOUNDS = 4  # limits that are named


@dataclass(frozen=True, slots=True)
class _Censored:
    beyond: int
    values: int
    bounds: tuple[str, ...]


def note_beyond(plan: Plan, scan: Scan) -> list[Note]:
    """Say of each column that a plan uses how many of its values lie beyond a limit, and what they count as.

    A column that is described or compared is counted within the cohort; one that is a condition of the cohort is
    counted in the whole table, because the limit may be what leaves a row out.
    """
    conditions = {column for condition in plan.cohort.where for column in columns_of(condition)}
    notes: list[Note] = []
    for column in columns_of(plan):
        limit = scan.columns[column].limit if column in scan.columns else None
        if limit is None:
            continue
        found = _count(plan, scan, column, limit.column, whole=column in conditions)
        if not found.beyond:
            continue
        whole = " in the whole table" if column in conditions else ""
        text = (
            f"{{beyond}} of {{values}} values of {{column}}{whole} lie beyond a limit of detection ({{bounds}}): they "
        )
        facts: dict[str, float | int | str] = {
            "beyond": found.beyond,
            "values": found.values,
            "column": column,
            "bounds": ", ".join(found.bounds[:_MOST_BOUNDS]) + (", …" if len(found.bounds) > _MOST_BOUNDS else ""),
        }
        text += f"count as {_COUNT_AS[limit.rule]}."
        if _in_conditions(plan, column):
            text += " A condition that a limit leaves open holds for none of them, nor does its opposite."
        notes.append(Note("caution", text, facts))
        if column in _measured(plan):
            notes += _advise(found, limit.rule)
    return notes


def _advise(found: _Censored, rule: LimitRule) -> list[Note]:
    share = found.beyond / found.values
    if rule == "missing":
        text = "Leaving them out shifts every statistic, the median too: it uses only values within the limits."
        return [Note("caution", text)] if share > _MANY else []
    if share >= _MOST:
        return [Note("caution", "Half of the values or more lie beyond a limit: the median depends on the rule too.")]
    if share > _MANY:
        text = "So many move a mean, an SD and a t-test by the rule; the median and rank tests hardly depend on it."
        return [Note("caution", text)]
    return []


def _count(plan: Plan, scan: Scan, column: str, beside: str, *, whole: bool) -> _Censored:
    cells = count_rows(scan, (beside, Known(column)), () if whole else plan.cohort.where)
    bounds = _sums((str(key[0]), n) for key, n in cells.items() if key[0] is not None)
    values = sum(n for key, n in cells.items() if key[0] is not None or key[1])
    return _Censored(sum(bounds.values()), values, tuple(sorted(bounds, key=lambda bound: (-bounds[bound], bound))))


def _sums(numbers: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    sums: dict[str, int] = {}
    for name, n in numbers:
        sums[name] = sums.get(name, 0) + n
    return sums


def _measured(plan: Plan) -> tuple[str, ...]:  # noqa: PLR0911 - one return a kind of plan
    match plan:
        case Describe() | Extremes() | Measured():
            return (plan.column,)
        case Mixed():
            return (plan.outcome,)
        case Compare(_, str(outcome), _):
            return (outcome,)
        case Correlate(_, one, other) | Pair(_, one, other) | Agree(_, one, other):
            return tuple(each for each in (one, other) if isinstance(each, str))
        case Discriminate(_, marker, _, other):
            return tuple(each for each in (marker, other) if each)
        case Margin() | Visits():
            return (plan.outcome,) if isinstance(plan.outcome, str) else ()
        case Regress() | Hazard() | Repeated() | Change() | Correlations():
            return tuple(each for each in variables_of(plan) if isinstance(each, str))
        case _:
            return ()


def _in_conditions(plan: Plan, column: str) -> bool:
    return column not in _measured(plan) or any(column in columns_of(each) for each in plan.cohort.where)
