"""Cleaning steps applied: a table's values as they are to be understood, and beside them why some are missing.

Every step leaves values alone that are clean already, so that it can be applied again to what was exported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

import polars as pl

from clinical_nb.dictionary.headers import is_unit
from clinical_nb.dictionary.meaning import Limit, MissingCode
from clinical_nb.dictionary.said import Said
from clinical_nb.dictionary.steps import Censor, LeaveOut, Split, Step
from clinical_nb.intake.table import Table
from clinical_nb.quality.applying import Values, apply_step, as_typed
from clinical_nb.quality.pairs import bare

Steps = Mapping[str, Sequence[Step]]  # by column

_MOST_REASONS = 10  # of those that are named in the dictionary; the column beside has all


@dataclass(slots=True)
class _Work:
    """A table while it is cleaned: the names of its columns in order, those made anew, and what is said of them."""

    order: list[str]
    said: dict[str, Said]
    made: dict[str, pl.Series] = field(default_factory=dict[str, pl.Series])

    def put_beside(self, column: str, beside: pl.Series, said: Said) -> None:
        """Put a column behind those that belong to another, or in the place of the one of its name."""
        if beside.name not in self.order:
            behind = [at for at, name in enumerate(self.order) if name == column or name in self.made]
            self.order.insert(max(at for at in behind if at >= self.order.index(column)) + 1, beside.name)
        self.made[beside.name] = beside
        self.said[beside.name] = said

    def free(self, name: str) -> str:
        """Return a name that no column has, whatever the case."""
        taken = {each.casefold() for each in self.order}
        number, chosen = 1, name
        while chosen.casefold() in taken:
            number += 1
            chosen = f"{name}_{number}"
        return chosen


def without_rows(table: Table, steps: Steps) -> Table:
    """Return a table without the rows that steps leave out; the table itself where they leave out none."""
    names = table.scan.collect_schema().names()
    out = pl.lit(False)
    for name, each in steps.items():
        values = [value for step in each if isinstance(step, LeaveOut) for value in step.values]
        if values and name in names:
            alone = pl.all_horizontal(pl.nth([at for at, other in enumerate(names) if other != name]).is_null())
            out |= alone & pl.col(name).cast(pl.String).is_in(values).fill_null(value=False)
    rows = int(table.scan.select(out.sum()).collect(engine="streaming").item()) if len(names) > 1 else 0
    return replace(table, scan=table.scan.filter(~out), rows=table.rows - rows) if rows else table


def clean(table: Table, steps: Steps) -> Table:
    """Return a table with cleaning steps applied to its columns; the table itself where there are none for it.

    Parameters
    ----------
    table : Table
        As it was read. Its rows stay, and each column keeps its place.
    steps : mapping of str to sequence of Step
        By column, in the order in which they are applied; those of columns that are not there are passed over.

    Returns
    -------
    Table
        With `X_missing` beside a column X where values became missing, which holds the reason of each, `X_limit` where
        values lie beyond a limit, which says so ("<5"), and the columns that a split makes. `said` says what these are.

    Raises
    ------
    DictionaryError
        When a step cannot be meant for its column.

    """
    names = table.scan.collect_schema().names()
    wanted = {name: steps[name] for name in names if steps.get(name)}
    if not wanted:
        return table
    work = _Work(list(names), dict(table.said))
    for name, each in wanted.items():
        _clean_column(work, table.scan, name, each)
    kept = [name for name in names if name not in work.made]
    frames = [pl.DataFrame(list(work.made.values())).lazy()]
    if kept:
        frames.insert(0, table.scan.select(pl.col(kept)))
    scan = pl.concat(frames, how="horizontal").select(pl.col(work.order))
    return replace(table, scan=scan, said=work.said)


def _beside(name: str, what: str) -> str:
    """Return what a column beside another is called: age_missing, and CRP missing beside CRP (mg/l) and CRP mg/l."""
    plain = bare(name)
    before, _, last = plain.rpartition(" ")
    plain = before if before and "/" in last and is_unit(last) else plain
    return f"{plain}{' ' if ' ' in plain or plain != name else '_'}{what}"


def _label_of_part(into: str, name: str) -> str:
    """Return what a part of a column is called: "systolic of 'BP'" of BP_systolic."""
    part = into.removeprefix(f"{name}_").replace("_", " ")
    return f"{part if part != into else 'part'} of '{bare(name)}'"


def _clean_column(work: _Work, scan: pl.LazyFrame, name: str, steps: Sequence[Step]) -> None:
    said = work.said.get(name, Said())
    reasons = _collect(scan, said.reasons) if said.reasons else None
    column = Values(_collect(scan, name), reasons)
    for step in steps:
        column = apply_step(column, step)
    column = as_typed(column)
    work.made[name] = column.values.rename(name)
    said = replace(said, unit=said.unit or column.unit)
    if column.reasons is not None and column.reasons.count():
        beside = said.reasons or work.free(_beside(name, "missing"))
        why = Said(kind="categorical", label=f"why '{name}' is missing")
        work.put_beside(name, column.reasons.rename(beside), why)
        codes = tuple(MissingCode(value=None, reason=reason) for reason in _most_frequent(column.reasons))
        said = replace(
            said, reasons=beside, missing=(*(code for code in said.missing if code.value is not None), *codes)
        )
    censor = next((step for step in steps if isinstance(step, Censor)), None)
    if censor and column.limits is not None and column.limits.count():
        beside = work.free(_beside(name, "limit"))
        which = Said(kind="categorical", label=f"which values of '{name}' lie beyond a limit")
        work.put_beside(name, column.limits.rename(beside), which)
        said = replace(said, limit=Limit(column=beside, rule=censor.rule))
    called = {
        into: Said(label=label or _label_of_part(into, name), unit=step.unit)
        for step in steps
        if isinstance(step, Split)
        for into, label in zip_longest(step.into, step.labels, fillvalue="")
    }
    for part in column.parts:
        if part.name not in work.order:
            work.put_beside(name, part, called[part.name])
    work.said[name] = said


def _collect(scan: pl.LazyFrame, name: str) -> pl.Series:
    return scan.select(pl.col(name)).collect(engine="streaming").to_series()


def _most_frequent(reasons: pl.Series) -> list[str]:
    counts = reasons.drop_nulls().rename("reason").value_counts(name="rows")
    return counts.sort("rows", "reason", descending=[True, False])["reason"].head(_MOST_REASONS).to_list()
