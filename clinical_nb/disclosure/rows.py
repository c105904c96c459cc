"""Which rows a count is of: the levels of a plan's variables in each row, and the rows that a statistic counts.

A statistic says of what it is (its groups, variable and level); here that becomes a set of rows. Whether it is the
right one is checked by its size, so that what is not understood is not shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np
import polars as pl

from clinical_nb.analysis.counted.periods import MONTHS, name_period
from clinical_nb.analysis.counts import Scan, collect, decide, known_values
from clinical_nb.analysis.rows.joining import numbers_of_rows
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.plan import AllOf, AnyRow, Condition, Plan, Records, Trend, name_of, parts_of
from clinical_nb.result import Statistic

Rows = np.ndarray[tuple[int], np.dtype[np.bool_]]
Codes = np.ndarray[tuple[int], np.dtype[np.int64]]
Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]

MOST_ROWS = 500_000  # of which sets can be compared while a person waits
_FEW_VALUES = 10  # a number with as few distinct values is a level: its mean would tell how many have which
_KNOWN = "known"
_HAD = {"n.event": "yes", "n.censored": "no"}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a plan in each row: the place of its level in `levels`, -1 where it is not known."""

    levels: tuple[str, ...]
    codes: Codes
    numbers: Numbers | None = None

    @property
    def measures(self) -> bool:
        """Whether it is a number of many values, rather than levels."""
        return self.numbers is not None and self.levels == (_KNOWN,)

    @property
    def known(self) -> Rows:
        """The rows where it is known."""
        return self.codes >= 0

    def has(self, level: str) -> Rows:
        """Return the rows that have a level."""
        return self.codes == self.levels.index(level) if level in self.levels else np.zeros(len(self.codes), np.bool_)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a plan's table: whose each is, whether it is in the cohort, and what it has of each variable.

    `cohort` is 1 in it, 0 not in it, -1 where a missing value leaves that open. `persons` is the number of each row's
    person among `names`; -1 where nobody knows whose it is. `by` are the variables that make the plan's groups, and
    `bands` is the variable that times were put into bands as, where they were. `picked` says that persons have more
    rows, of which each has one here.
    """

    names: tuple[str, ...]
    persons: Codes
    cohort: Codes
    variables: Mapping[str, Variable]
    by: tuple[str, ...] = ()
    bands: str = ""
    picked: bool = False

    @property
    def one_row_each(self) -> bool:
        """Whether no person has several rows, and each row is of a person."""
        return len(self.names) == len(self.persons) and bool((self.persons >= 0).all())

    @property
    def whole(self) -> Rows:
        """All rows of known persons."""
        return self.persons >= 0

    @property
    def inside(self) -> Rows:
        """The rows of the cohort."""
        return (self.cohort == 1) & self.whole

    def known(self, names: Sequence[str]) -> Rows:
        """Return the rows of the cohort in which all of these variables are known."""
        return np.logical_and.reduce([self.inside, *(self.variables[name].known for name in names)])

    def size(self, rows: Rows) -> int:
        """Return how many persons some rows are of."""
        return int(rows.sum()) if self.one_row_each else len(np.unique(self.persons[rows & self.whole]))


def read_table(plan: Plan, scan: Scan) -> Table:
    """Return the rows of a plan with its variables; `scan` is joined and reduced to persons as for the analysis."""
    parts = {name_of(each): each for held in parts_of(plan).values() for each in held}
    where = decide(scan, AllOf(tuple(plan.cohort.where))) if plan.cohort.where else nw.lit(True, nw.Boolean)
    person = [known_values(scan, scan.identifier).alias("person")] if scan.identifier else []
    values = [_value(plan, part, scan).alias(f"v{place}") for place, part in enumerate(parts.values())]
    found = collect(scan.rows.select(where.alias("cohort"), *person, *values)).to_polars()
    rows = found.height
    if scan.identifier:
        persons, names = _coded(found["person"])
    else:
        persons, names = np.arange(rows, dtype=np.int64), tuple(map(str, range(rows)))
    cohort = found["cohort"].cast(pl.Int64).fill_null(-1).to_numpy()
    variables = {name: _read(found[f"v{place}"]) for place, name in enumerate(parts)}
    if isinstance(plan, Trend):
        variables[plan.date] = _in_periods(found[f"v{[*parts].index(plan.date)}"], plan)
    by = tuple(name_of(each) for each in parts_of(plan).get("by", ()))
    return Table(names, persons, cohort, variables, by)


def pick_rows(table: Table) -> Table:
    """Return one row a person, hers in the cohort or else any, where nobody has several in it: as of one visit."""
    if (
        table.one_row_each
        or (table.persons < 0).any()
        or np.bincount(table.persons[table.inside], minlength=1).max() > 1
    ):
        return table
    places = np.arange(len(table.persons))
    row = np.zeros(len(table.names), np.int64)
    is_open = np.zeros(len(table.names), np.bool_)
    is_open[table.persons[table.cohort == -1]] = True
    row[table.persons[::-1]] = places[::-1]
    row[table.persons[table.inside]] = places[table.inside]
    variables = {
        name: Variable(each.levels, each.codes[row], None if each.numbers is None else each.numbers[row])
        for name, each in table.variables.items()
    }
    cohort = np.where(is_open & (table.cohort[row] != 1), -1, table.cohort[row])
    return replace(table, persons=np.arange(len(row)), cohort=cohort, variables=variables, picked=True)


def _value(plan: Plan, part: str | Condition, scan: Scan) -> nw.Expr:
    if isinstance(part, str):
        return known_values(scan, part)
    if isinstance(plan, Records) and isinstance(part, AnyRow):  # whose rows are counted, which is more than whether any
        return known_values(scan, numbers_of_rows(part)[0]) > 0
    return decide(scan, part)


def _coded(values: pl.Series) -> tuple[Codes, tuple[str, ...]]:
    """Return values as places among their distinct ones, in a fixed order; -1 where there is none."""
    distinct = values.drop_nulls().unique().sort()
    places = pl.Series(range(len(distinct)), dtype=pl.Int64)
    codes = values.replace_strict(distinct, places, default=None, return_dtype=pl.Int64) if len(distinct) else None
    coded = np.full(len(values), -1, np.int64) if codes is None else codes.fill_null(-1).to_numpy()
    return coded, tuple(name_of_value(value) for value in distinct.to_list())


def _read(values: pl.Series) -> Variable:
    if values.dtype == pl.Boolean:
        codes = values.cast(pl.Int64).fill_null(-1).to_numpy()
        return Variable(("no", "yes"), codes)
    numbers = values.cast(pl.Float64).fill_null(float("nan")).to_numpy() if values.dtype.is_numeric() else None
    if (values.dtype.is_numeric() or values.dtype.is_temporal()) and values.drop_nulls().n_unique() > _FEW_VALUES:
        codes = np.where(values.is_null().to_numpy(), -1, 0).astype(np.int64)
        return Variable((_KNOWN,), codes, numbers)
    codes, levels = _coded(values)
    return Variable(levels, codes, numbers)


def _in_periods(days: pl.Series, plan: Trend) -> Variable:
    """Return dates as the periods that a trend is over."""
    months = days.dt.year().cast(pl.Int64) * 12 + days.dt.month().cast(pl.Int64) - 1
    places = months // MONTHS[plan.period]
    codes, found = _coded(places)
    return Variable(tuple(name_period(int(place), plan.period) for place in found), codes)


def name_of_value(value: object) -> str:
    """Return what a level or a person is called that has a value."""
    return value_text(value) if isinstance(value, bool | int | float | str) else str(value)


def rows_counted(table: Table, statistic: Statistic) -> Rows | None:
    """Return the rows that a count is of; None where no set of that size is what its labels may mean."""
    value = statistic.stat
    if value is None or not value.is_integer():
        return None
    return next((rows for rows in _meanings(table, statistic) if table.size(rows) == int(value)), None)


def rows_of_group(table: Table, statistic: Statistic) -> Rows:
    """Return the rows of the cohort that are in a statistic's groups."""
    return _group(table, statistic)[0]


def _meanings(table: Table, statistic: Statistic) -> Iterator[Rows]:
    """Yield the sets of rows that a count of these labels may be of, the likeliest first."""
    of = table.variables.get(statistic.variable or "")
    group, known, ungrouped = _group(table, statistic)
    everything, grouped = table.known(tuple(table.variables)), table.known(table.by)
    match statistic.stat_name:
        case "n_unknown":
            undecided = (table.cohort == -1) & table.whole
            yield undecided if table.one_row_each else undecided & ~np.isin(table.persons, table.persons[table.inside])
        case "N_miss":
            unknown = [~each.known for each in (ungrouped, of) if each is not None]
            yield from (group & each for each in unknown)
            yield from (group & grouped & each for each in unknown)
        case "N":
            yield from (group & of.known, group & grouped & of.known, everything & group) if of else ()
            yield from (known, group, group & grouped, everything & group, table.whole)
        case "n":
            event = _event(table, statistic, of)
            yield from (group & event, group & grouped & event, everything & group & event)
        case "n.risk" | "n.event" | "n.censored" if table.bands and of is not None:
            band = table.variables[table.bands]
            place = band.levels.index(statistic.variable_level or "")
            if statistic.stat_name == "n.risk":
                yield everything & group & (band.codes >= place)
            else:
                yield everything & group & (band.codes == place) & of.has(_HAD[statistic.stat_name])
        case _:
            return


def _group(table: Table, statistic: Statistic) -> tuple[Rows, Rows, Variable | None]:
    """Return the rows of a statistic's groups, those of any such groups, and a variable whose group is not named."""
    group = known = table.inside
    ungrouped = None
    sides = ((statistic.group1, statistic.group1_level), (statistic.group2, statistic.group2_level))
    for name, level in sides:
        variable = table.variables.get(name or "")
        other = table.variables.get(level or "")
        if variable is not None and level is not None:
            group, known = group & variable.has(level), known & variable.known
        elif variable is not None:
            ungrouped = variable
        elif other is not None:  # of a pair of columns, the second is named as a level
            group, known = group & other.known, known & other.known
    return group, known, ungrouped


def _event(table: Table, statistic: Statistic, of: Variable | None) -> Rows:
    """Return the rows that have what an `n` counts: a level, a condition, a missing value; else all."""
    level = statistic.variable_level or ""
    if of is not None and statistic.context == "missing":
        return ~of.known
    if of is not None and (level in of.levels or level not in table.variables):
        return of.has(level if level in of.levels else "yes")
    return table.variables[level].has("yes") if level in table.variables else np.ones(len(table.persons), np.bool_)
