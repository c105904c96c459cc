"""The unit that a step reads, kept from the file it was accepted for: numbers in another are not read by it later."""

from collections.abc import Mapping, Sequence

import polars as pl

from clinical_nb.dictionary.steps import ReadNumbers, Step
from clinical_nb.intake.table import Finding, Table
from clinical_nb.quality.applying import Values, apply_step
from clinical_nb.quality.numerals import factors_of, take_apart
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
    found = [_kept_before(step, before) if _is_open(step) else step for step in steps]
    known = tuple(step for step in found if step is not None)
    if len(known) == len(steps):
        return known
    values = Values(table.scan.select(pl.col(column)).collect(engine="streaming").to_series())
    kept: list[Step] = []
    for step, chosen in zip(steps, found, strict=True):
        kept.append(chosen or _in_main_unit(step, values.values))
        values = apply_step(values, kept[-1])
    return tuple(kept)


def _is_open(step: Step) -> bool:
    """Tell whether a step reads numbers in whatever unit most have."""
    return isinstance(step, ReadNumbers) and not step.factors


def _kept_before(step: Step, before: Sequence[Step]) -> Step | None:
    """Return the step of the version before that is the same, but says the unit; None where it had none."""
    saying = (each for each in before if isinstance(each, ReadNumbers) and each.factors)
    return next((each for each in saying if each.model_copy(update={"factors": {}}) == step), None)


def _in_main_unit(step: Step, values: pl.Series) -> Step:
    """Return an open step with the unit that most of the values have that it reads."""
    if not isinstance(step, ReadNumbers) or values.dtype != pl.String:
        return step
    return step.model_copy(update={"factors": factors_of(take_apart(values, step), step)})
