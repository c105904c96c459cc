"""What a cleaning step could not read and left as missing, so that a newer file loses nothing in silence."""

from collections.abc import Mapping, Sequence

import polars as pl

from clinical_nb.dictionary.steps import Censor, ReadDates, ReadNumbers, Step, TreatAsMissing
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.quality.applying import as_text
from clinical_nb.quality.doubt import quoted
from clinical_nb.quality.shapes import units_of
from clinical_nb.quality.units import factor_of

_FIRST = 5  # row numbers that are told
_ASK = "Correct them in the file, or change the step so that it reads them too."


def find_unread(
    read: Sequence[Table], cleaned: Sequence[Table], steps: Mapping[str, Mapping[str, Sequence[Step]]]
) -> list[Finding]:
    """Tell of values that became missing because a step that reads numbers or dates could not read them.

    Parameters
    ----------
    read : sequence of Table
        As they were read.
    cleaned : sequence of Table
        The same rows after the steps.
    steps : mapping of str to mapping of str to sequence of Step
        By table and column. What a step declares to be missing is no value that could not be read.

    Returns
    -------
    list of Finding
        One for each column that has such values.

    """
    return [
        finding
        for before, after in zip(read, cleaned, strict=True)
        if after is not before
        for column, each in steps[before.name].items()
        if column in before.scan.collect_schema() and _reads(each)
        for finding in _unread(before, after, column, each)
    ]


def _reads(steps: Sequence[Step]) -> bool:
    return any(isinstance(step, ReadNumbers | ReadDates | Censor) for step in steps)


def _unread(read: Table, cleaned: Table, column: str, steps: Sequence[Step]) -> list[Finding]:
    before = as_text(read.scan.select(column).collect(engine="streaming").to_series())
    limit = cleaned.said[column].limit if column in cleaned.said else None
    wanted = [column, limit.column] if limit else [column]
    after = cleaned.scan.select(pl.any_horizontal(pl.col(wanted).is_not_null()).alias("known"))
    codes = [value for step in steps if isinstance(step, TreatAsMissing) for value in step.values]
    known = after.collect(engine="streaming")["known"]
    lost = before.is_not_null() & ~known & ~before.is_in(codes).fill_null(False)
    if not lost.any():
        return []
    if told := _in_other_units(read.name, column, before, lost, steps):
        return [told]
    kind = "a date" if any(isinstance(step, ReadDates) for step in steps) else "a number"
    texts = before.filter(lost).unique().to_list()
    text = f"{counted(int(lost.sum()), 'value')} not read as {kind}, and missing now{quoted(texts, column)}."
    first = tuple(int(at) + 1 for at in lost.arg_true().head(_FIRST))
    return [Finding(read.name, column, int(lost.sum()), text, _ASK, "unread", first)]


def _in_other_units(
    table: str, column: str, before: pl.Series, lost: pl.Series, steps: Sequence[Step]
) -> Finding | None:
    """Tell of numbers in units that a step does not read, and how it would convert them; None where others are lost."""
    step = next((each for each in steps if isinstance(each, ReadNumbers) and each.factors), None)
    if step is None:
        return None
    units = {units_of(text) for text in before.filter(lost).unique().to_list()}
    others = {unit for each in units for unit in each if unit not in step.factors}
    if () in units or not others:
        return None
    main = next((unit for unit, factor in step.factors.items() if unit and factor == 1.0), "")
    rows = int(lost.sum())
    said = f"and the step reads {main}" if main else "and the step reads none"
    text = f"{counted(rows, 'number')} in {', '.join(sorted(others))}, {said}: missing now."
    first = tuple(int(at) + 1 for at in lost.arg_true().head(_FIRST))
    factors = {unit: factor_of(unit, main) for unit in sorted(others)}
    if not main or None in factors.values():
        return Finding(table, column, rows, text, _ASK, "unread", first)
    wider = step.model_copy(update={"factors": {**step.factors, **factors}})
    proposal = f"Convert them to {main}: " + ", ".join(f"{unit} times {factor:g}" for unit, factor in factors.items())
    return Finding(table, column, rows, text, f"{proposal}.", "unread", first, wider)
