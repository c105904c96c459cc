"""Questions across two tables: a plan over a finer table and one that its rows belong to, where no row counts twice."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations

from clinical_nb.dictionary.joining import bring_columns, widen
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    AnyRow,
    Compare,
    Condition,
    Count,
    Describe,
    Known,
    OneOf,
    Plan,
    Proportion,
    Threshold,
    columns_of,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A table, one that its rows belong to, and the columns of both as the finer one's rows have them."""

    finer: str
    coarser: str
    columns: Mapping[str, Column]
    brought: Collection[str]


def find_pairs(dictionary: Dictionary) -> Iterator[Pair]:
    """Yield the tables of which the rows of the first are known to belong to those of the second, in one way only."""
    for finer, coarser in permutations(dictionary.tables, 2):
        if pair := _find_pair(dictionary, finer, coarser):
            yield pair


def _find_pair(dictionary: Dictionary, finer: str, coarser: str) -> Pair | None:
    try:
        brought = bring_columns(dictionary, finer, (coarser,))
    except PlanError:
        return None
    # what has another name there would be read by its own: a question about it is left unread
    plain = {name for name, each in brought.items() if name == each.column}
    whole = widen(dictionary, finer, (coarser,)).tables[finer]
    own = dictionary.tables[finer]
    return Pair(finer, coarser, {n: each for n, each in whole.items() if n in own or n in plain}, plain)


def with_all_patients(plan: Plan, dictionary: Dictionary) -> Plan:
    """Return a plan that counts the patients of a finer table as one of all patients, where their table is known.

    Who had an adverse event is asked of all patients: those without any have no row in the table of events.
    """
    if not isinstance(plan, Count | Proportion):
        return plan
    table = plan.cohort.table
    patients = [name for name, grain in dictionary.grains.items() if grain.row == "patient" and name != table]
    pairs = [pair for coarser in patients if (pair := _find_pair(dictionary, table, coarser))]
    lifted = _lifted(plan, pairs[0]) if len(pairs) == 1 else None
    return lifted or plan


def plan_across(plan: Plan, pair: Pair) -> Plan | None:
    """Return a plan that was read over the columns of both tables as one that counts right; None where none does.

    Persons are counted in the coarser table, all of them, by whether they have any such row of the finer one. What is
    measured in the rows of the finer one is described there, where the analysis sees to it that nobody counts twice.
    """
    if not set(columns_of(plan)) & set(pair.brought):
        return None
    if isinstance(plan, Describe | Compare):
        return replace(plan, cohort=replace(plan.cohort, joined=(pair.coarser,)))
    return _lifted(plan, pair)


def _lifted(plan: Count | Proportion, pair: Pair) -> Plan | None:
    match plan:
        case Count(cohort, by):
            where = _on_coarser(cohort.where, pair)
            if where is None or not set(_columns(by)) <= set(pair.brought):
                return None
            return Count(replace(cohort, table=pair.coarser, where=where), by)
        case Proportion(cohort, event, by):
            events = _on_coarser((event,), pair)
            if events is None or not set(_columns((*cohort.where, *by))) <= set(pair.brought):
                return None
            return Proportion(replace(cohort, table=pair.coarser), events[0], by)


def _on_coarser(conditions: tuple[Condition, ...], pair: Pair) -> tuple[Condition, ...] | None:
    """Return conditions on rows of both as conditions on those of the coarser; None where that would be a guess.

    Whether no row may be so, or only some, is open where a condition denies: only what a row has is taken.
    """
    brought = set(pair.brought)
    coarser = tuple(each for each in conditions if set(columns_of(each)) <= brought)
    finer = tuple(each for each in conditions if each not in coarser)
    if not all(isinstance(each, OneOf | Threshold | Known) for each in finer):
        return None
    return (*coarser, AnyRow(pair.finer, finer)) if finer else coarser


def _columns(variables: Collection[str | Condition]) -> Iterator[str]:
    for each in variables:
        yield from columns_of(each)
