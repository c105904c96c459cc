"""What an answer claims: the sets of persons that its counts tell of, and the tables behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.disclosure.counting import Sets, by_person, features_named, features_of
from clinical_nb.disclosure.crossing import Feature, numbered
from clinical_nb.disclosure.rows import Codes, Rows, Table, rows_counted
from clinical_nb.disclosure.rules import Rule
from clinical_nb.plan import Plan, name_of, parts_of
from clinical_nb.result import Result, Statistic

COUNTS = ("n", "N", "N_miss", "n_unknown", "n.risk", "n.event", "n.censored")


@dataclass(frozen=True, slots=True)
class Claim:
    """The sets of persons that an answer may tell of: each once, with the statistics that are its number.

    `ranks` say how dear each is to who reads the answer; `places` where each set is, by its key. `cells` are for each
    crossing the places of its sets of persons of whom all is known.
    """

    table: Table
    universe: str
    parts: tuple[Codes, ...]
    sets: tuple[Rows, ...]
    ranks: tuple[int, ...]
    features: tuple[Feature, ...]
    parts_of: tuple[tuple[int, ...], ...]
    sets_of: tuple[tuple[int, ...], ...]
    of: Mapping[int, int]
    places: Mapping[bytes, int]
    cells: Mapping[tuple[str, ...], tuple[int, ...]]


def claim_of(plan: Plan, result: Result, table: Table, rule: Rule, universe: str) -> Claim:
    """Gather the sets that an answer counts: those of its statistics, and all of its crossings."""
    features = features_of(plan, table)
    sets = Sets(table, features)
    of: dict[int, int] = {}
    for number, statistic in enumerate(result.statistics):
        if statistic.stat_name in COUNTS and statistic.context in rule.contexts:
            rows = rows_counted(table, statistic)
            if rows is not None:
                said = (statistic.variable, statistic.group1, statistic.group2, *table.by)
                named = [name for name in said if name is not None and name in table.variables]
                of[number] = sets.place(rows, _rank(statistic), named)
    cells: dict[tuple[str, ...], tuple[int, ...]] = {}
    parts: list[Codes] = []
    parts_of: list[tuple[int, ...]] = []
    for names in _crossings(plan, rule, table):
        codes = _cross(table, names)
        known = table.known(names if rule.apart else tuple(table.variables))
        of_cell = names if rule.apart else tuple(table.variables)
        cells[names] = tuple(sets.place(known & (codes == part), 0, of_cell) for part in np.unique(codes[known]))
        if table.one_row_each:
            parts.append(by_person(table, codes))
            parts_of.append(features_named(table, names))
    if not table.one_row_each:
        parts = [each.astype(np.int64) for each in sets.found]
    elif not rule.apart:  # else nothing is told of those of whom all is known
        parts.append(by_person(table, 2 * (table.cohort + 1) + table.known(tuple(table.variables))))
        parts_of.append(features_named(table, tuple(table.variables)))
    if not features:
        parts_of = []
    return Claim(
        table,
        universe,
        tuple(parts),
        tuple(sets.found),
        tuple(sets.ranks),
        features,
        tuple(parts_of),
        tuple(tuple(sorted(each)) for each in sets.of) if features else (),
        of,
        sets.places,
        cells,
    )


def _rank(statistic: Statistic) -> int:
    """Return how dear a count is: single cells are hidden first, then what a table has in all, then a group's size."""
    of_group = statistic.group1_level is not None
    match statistic.stat_name:
        case "n.risk" | "n.event" | "n.censored":
            return 0
        case "n" if statistic.variable_level is not None:
            return 0 if of_group else 2
        case "n" | "N" if statistic.variable is None:
            return 5 if of_group else 6
        case "N":
            return 3 if of_group else 4
        case _:
            return 1


def _crossings(plan: Plan, rule: Rule, table: Table) -> list[tuple[str, ...]]:
    """Name the variables of each table of counts that is behind an answer."""
    parts = parts_of(plan)
    found: list[tuple[str, ...]] = []
    for crossing in rule.crossings:
        each_of = next((field[1:] for field in crossing if field.startswith("*")), "")
        rest = [name_of(each) for field in crossing if not field.startswith("*") for each in parts.get(field, ())]
        ones: list[list[str]] = [[name_of(each)] for each in parts.get(each_of, ())] if each_of else [[]]
        found += [tuple(dict.fromkeys([*one, *rest])) for one in ones]
    if table.bands:
        found.append((table.bands, *(name_of(each) for field in ("event", "by") for each in parts.get(field, ()))))
    return [names for names in dict.fromkeys(found) if all(name in table.variables for name in names)]


def _cross(table: Table, names: Sequence[str]) -> Codes:
    """Return which combination each row has: of the levels of some variables, and of being in the cohort."""
    codes = table.cohort + 1
    for name in names:
        variable = table.variables[name]
        codes = codes * (len(variable.levels) + 1) + variable.codes + 1
        codes = numbered(codes)
    return codes
