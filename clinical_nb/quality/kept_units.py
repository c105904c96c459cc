"""The unit that a step reads, kept from the file it was accepted for: numbers in another are not read by it later."""

from collections.abc import Mapping, Sequence

import polars as pl

from clinical_nb.dictionary.steps import ReadNumbers, Step
from clinical_nb.intake.table import Finding, Table
from clinical_nb.quality.applying import Values, apply_step
from clinical_nb.quality.numerals import factors_of, take_apart, without_flags
from clinical_nb.quality.shapes import units_of


def keep_units(
    table: Table, steps: Mapping[str, Sequence[Step]], before: Mapping[str, Sequence[Step]]
) -> dict[str, tuple[Step, ...]]:
    """Return steps of which those that read numbers in whatever unit most have say which that is.

    Parameters
    ----------
    table : Table
        As it was read.
    steps : mapping of str to sequence of Step
        By column, as they are declared.
    before : mapping of str to sequence of Step
        As they were applied to the version before, whose unit holds.

    """
    names = table.scan.collect_schema()
    return {
        column: _kept(table, column, each, before.get(column, ())) if column in names else tuple(each)
        for column, each in steps.items()
    }


def find_unitless(
    read: Sequence[Table],
    steps: Mapping[str, Mapping[str, Sequence[Step]]],
    before: Mapping[str, Mapping[str, Sequence[Step]]],
) -> list[Finding]:
    """Tell of columns of a newer file in which no number has a unit, and which a kept step reads in one.

    Parameters
    ----------
    read : sequence of Table
        As they were read.
    steps, before : mapping of str to mapping of str to sequence of Step
        As they are applied now, and as they were to the version before, by table as it was read, and column.

    """
    found: list[Finding] = []
    for table in read:
        schema = table.scan.collect_schema()
        for column, each in steps[table.name].items():
            if column not in schema or not any(step in before.get(table.name, {}).get(column, ()) for step in each):
                continue
            main = next((unit for step in each for unit in _main_units(step)), "")
            if main and (rows := _count_unitless(table, column)):
                text = (
                    f"None of its {rows:,} numbers has a unit in this file: they are taken to be in {main}, as before."
                )
                ask = f"Check that they are in {main}; if not, correct the step, or write the unit into the file."
                found.append(Finding(table.name, column, rows, text, ask, "units"))
    return found


def _main_units(step: Step) -> list[str]:
    """Return the unit in which a step reads numbers that have none."""
    if not isinstance(step, ReadNumbers) or step.factors.get("") != 1.0:
        return []
    return [unit for unit, factor in step.factors.items() if unit and factor == 1.0]


def _count_unitless(table: Table, column: str) -> int:
    """Return how many numbers a column has where none has a unit; nought where one has."""
    values = table.scan.select(pl.col(column)).collect(engine="streaming").to_series()
    if values.dtype.is_numeric():
        return values.count()
    if values.dtype != pl.String:
        return 0
    texts = values.drop_nulls().unique().to_list()
    return 0 if any(map(units_of, texts)) else values.count()


def _kept(table: Table, column: str, steps: Sequence[Step], before: Sequence[Step]) -> tuple[Step, ...]:
    open_ones = [step for step in steps if isinstance(step, ReadNumbers) and not step.factors]
    if not open_ones:
        return tuple(steps)
    known = {_without_factors(step): step for step in before if isinstance(step, ReadNumbers) and step.factors}
    if all(_without_factors(step) in known for step in open_ones):
        return tuple(known.get(_without_factors(step), step) if step in open_ones else step for step in steps)
    values = Values(table.scan.select(pl.col(column)).collect(engine="streaming").to_series())
    kept: list[Step] = []
    for step in steps:
        chosen = step
        if isinstance(step, ReadNumbers) and not step.factors and values.values.dtype == pl.String:
            plain = without_flags(values.values, step.flags)
            factors = factors_of(take_apart(plain, step.decimal, step.thousands), step)
            chosen = known.get(_without_factors(step)) or step.model_copy(update={"factors": factors})
        values = apply_step(values, chosen)
        kept.append(chosen)
    return tuple(kept)


def _without_factors(step: ReadNumbers) -> tuple[str, str]:
    return step.decimal, step.thousands
