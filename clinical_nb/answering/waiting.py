"""What of the quality report bears on a question: steps that would mend its column, doubts that nobody settled."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from clinical_nb.dataset import Dataset
from clinical_nb.errors import PlanError
from clinical_nb.plan import AnyOf, Merged, NoneOf, OneOf, Plan, columns_of, to_json, variables_of

if TYPE_CHECKING:  # it imports Polars, which %load_ext must not wait for
    from clinical_nb.intake.table import Finding

# ruff: noqa: PLC0415 - the dictionary comes with the first question, so that %load_ext is quick

# Each of them changes a number silently where it is one.
_DOUBTS = frozenset(
    {"missing codes", "impossible values", "mixed units", "unread", "unknown codes", "look-alike levels", "yes or no"}
    | {"duplicated rows", "totals", "conflicts", "mixed fractions", "separators"}
)
_MOST_TOLD = 3


def proposed_step(dataset: Dataset, plan: Plan) -> str:
    """Return which step is proposed that would make numbers or dates of a column of text that a plan asks about."""
    tables = (plan.cohort.table, *plan.cohort.joined)
    for each in dataset.proposals:
        if each.step is None or each.is_done or each.column is None or each.table not in tables:
            continue
        kind = dataset.dictionary.column(each.table, each.column).kind
        if each.column in columns_of(plan) and kind in ("text", "categorical") and each.step.do != "recode":
            return f" A cleaning step is proposed for '{each.column}': {each.proposal} Accept it, and ask again."
    return ""


def said_of_relation(dataset: Dataset, one: str, other: str) -> str:
    """Return what the quality report says of why the rows of two tables are not taken to belong together."""
    found = [
        f"{each.table}, {each.column}: {each.text} {each.proposal}".rstrip()
        for each in dataset.report
        if each.kind == "relations" and each.table in (one, other)
    ]
    found.sort(key=lambda text: "not taken" not in text and "not compared" not in text and "so that no" not in text)
    return next(iter(found), "")


def _values_of(part: object, name: str) -> Iterator[str]:
    """Yield the values of a field in a plan and in all its parts: the columns of conditions on rows of others too."""
    if isinstance(part, list):
        for each in cast("list[object]", part):
            yield from _values_of(each, name)
    elif isinstance(part, dict):
        for key, value in cast("dict[str, object]", part).items():
            yield from (value,) if key == name and isinstance(value, str) else _values_of(value, name)


def open_doubts(dataset: Dataset, plan: Plan) -> tuple[str, ...]:
    """Return a sentence for each doubt about values that an answer has used as they are."""
    tables = {*plan.cohort.joined, *_values_of(to_json(plan), "table")}
    columns = {*columns_of(plan), *_values_of(to_json(plan), "column")}
    found = [
        f"In doubt{f', {each.column}' if each.column else ''}: {each.text.rstrip('.')}{_counted_so(each)}."
        for each in dataset.report
        if (each.kind in _DOUBTS or _are_days_of_numbers(each, dataset))
        and each.table in tables
        and (each.column in (None, *columns) or each.kind == "totals")
        and not _is_supposed(each, plan)
        and not _is_declared(each, dataset)
    ]
    more = len(found) - _MOST_TOLD
    return (*found[:_MOST_TOLD], *([f"{more} more doubts stand in the quality report."] if more > 0 else []))


def refuse_several_units(dataset: Dataset, plan: Plan) -> None:
    """Raise a PlanError where a column says that numbers are in several units, and a plan looks at no one of these."""
    from clinical_nb.quality.unit_columns import names_unit

    data = to_json(plan)
    tables = {*plan.cohort.joined, *_values_of(data, "table")}
    columns = {*columns_of(plan), *_values_of(data, "column")}
    if any(map(names_unit, columns)):
        return
    for each in dataset.report:
        if (
            each.says_units
            and each.table in tables
            and each.column in columns
            and not _leaves_out(plan, each.parameter)
        ):
            message = f"'{each.column}' is not counted as if in one unit: {each.text[0].lower()}{each.text[1:]}"
            raise PlanError(message, "Ask of the rows in one unit, or by unit.")


def _leaves_out(plan: Plan, parameter: str) -> bool:
    """Whether a plan looks only at other parameters of a long table."""
    from clinical_nb.quality.unit_columns import names_parameter

    said = [each for each in variables_of(plan) if isinstance(each, OneOf | NoneOf) and names_parameter(each.column)]
    return bool(parameter) and any((parameter in map(str, each.values)) == isinstance(each, NoneOf) for each in said)


def _is_supposed(finding: "Finding", plan: Plan) -> bool:
    """Whether a plan says itself how the values in doubt count: which codes it leaves out, which spellings are one."""
    from clinical_nb.dictionary.meaning import value_text

    said = [
        each
        for each in variables_of(plan)
        if isinstance(each, NoneOf | OneOf | AnyOf) and finding.column in columns_of(each)
    ]
    if finding.kind == "look-alike levels":
        merged = any(isinstance(how, Merged) and how.column == finding.column for how in plan.cohort.derived)
        return merged or any(not isinstance(each, AnyOf) and len(each.values) > 1 for each in said)
    if finding.kind != "missing codes":
        return False
    conditions = [part for each in said for part in (each.conditions if isinstance(each, AnyOf) else (each,))]
    named = [each for each in conditions if isinstance(each, NoneOf | OneOf)]
    return bool(named) and _codes_of(finding) <= {value_text(value) for each in named for value in each.values}


def _are_days_of_numbers(finding: "Finding", dataset: Dataset) -> bool:
    """Whether the numbers of a column are days, of which no mean or range can be read."""
    if finding.kind not in ("mixed dates", "dates as text") or not finding.column:
        return False
    return dataset.dictionary.column(finding.table, finding.column).kind == "numeric"


def _is_declared(finding: "Finding", dataset: Dataset) -> bool:
    """Whether all codes that may mean missing are said to be so already, as by labels in the file."""
    from clinical_nb.dictionary.meaning import value_text

    if finding.kind != "missing codes" or not finding.column or finding.step is None:
        return False
    declared = {value_text(code.value) for code in dataset.dictionary.column(finding.table, finding.column).missing}
    return _codes_of(finding) <= declared


def _codes_of(finding: "Finding") -> set[str]:
    """Return the values that a finding proposes to treat as missing."""
    return set(finding.step.values) if finding.step and finding.step.do == "missing" else set()


def _counted_so(finding: "Finding") -> str:
    return "" if finding.kind == "unread" else "; counted as they are"
