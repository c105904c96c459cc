"""The unit that a step reads, kept from the file it was accepted for: numbers in another are not read by it later."""

from collections.abc import Mapping, Sequence

import polars as pl

from clinical_nb.dictionary.steps import ReadNumbers, Step
from clinical_nb.intake.table import Table
from clinical_nb.quality.applying import Values, apply_step
from clinical_nb.quality.numerals import factors_of, take_apart


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
            factors = factors_of(take_apart(values.values, step.decimal, step.thousands), step)
            chosen = known.get(_without_factors(step)) or step.model_copy(update={"factors": factors})
        values = apply_step(values, chosen)
        kept.append(chosen)
    return tuple(kept)


def _without_factors(step: ReadNumbers) -> tuple[str, str]:
    return step.decimal, step.thousands
