"""Settling: a question that can be read in several ways is answered where each of them gives the very same numbers."""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from clinical_nb.errors import PlanError
from clinical_nb.plan import Plan, columns_of, to_json

if TYPE_CHECKING:  # these import Polars and pydantic, which %load_ext must not wait for
    from clinical_nb.dataset import Dataset
    from clinical_nb.dictionary.meaning import Dictionary
    from clinical_nb.result import Result

# ruff: noqa: PLC0415 - the steps come with the first question, so that %load_ext is quick

MOST_ROWS = 2_000_000  # of a table that is read once for each way


def settle(dataset: "Dataset", plans: Sequence[Plan]) -> int | None:
    """Return the place of the plan to answer, where all of them give the same numbers of the same levels; else None.

    Of tables that nothing relates the same number says nothing: two sites may have as many patients each.
    Neither does it of two levels of one column: two arms may have as many each.
    Of an arm as it was planned and as it was received, the planned one goes first.
    """
    if dataset.is_attached or any(dataset.tables[plan.cohort.table][0] > MOST_ROWS for plan in plans):
        return None
    meaning = dataset.dictionary
    read = {frozenset(_columns_in(to_json(plan))) for plan in plans}
    if len(read) < len(plans) or not _are_related({plan.cohort.table for plan in plans}, meaning):
        return None
    found: list[tuple[object, ...]] = []
    for plan in plans:
        try:
            found.append(_numbers(compute(dataset, plan, meaning), plan, meaning))
        except PlanError:
            return None
        if found[-1] != found[0]:
            return None
    return max(range(len(plans)), key=lambda place: (_arms(plans[place], meaning), -place))


def _columns_in(data: object) -> Iterator[str]:
    """Yield the columns and tables that the JSON of a plan names, within conditions on rows of other tables too."""
    if isinstance(data, list):
        for each in cast("list[object]", data):
            yield from _columns_in(each)
    elif isinstance(data, dict):
        for name, each in cast("dict[str, object]", data).items():
            yield from _columns_in(each)
            if isinstance(each, str) and name != "value":
                yield f"{name}: {each}"


def _are_related(tables: Collection[str], meaning: "Dictionary") -> bool:
    """Tell whether each of several tables belongs to another of them, or another to it."""
    pairs = {frozenset((table, to.table)) for table, grain in meaning.grains.items() for to in grain.relations}
    return len(tables) == 1 or all(
        any(frozenset((one, other)) in pairs for other in tables if other != one) for one in tables
    )


def compute(dataset: "Dataset", plan: Plan, meaning: "Dictionary") -> "Result":
    """Return what a plan gives, which nobody is shown and nothing keeps.

    Raises
    ------
    ClinicalError
        When it cannot be computed on these data.

    """
    from clinical_nb.analysis.rows.needed import related_tables
    from clinical_nb.analysis.run import run

    related = {table: dataset.lazy(table) for table in related_tables(plan, meaning)}
    return run(plan, dataset.lazy(plan.cohort.table), meaning, related)


def _numbers(result: "Result", plan: Plan, meaning: "Dictionary") -> tuple[object, ...]:
    """Return each number with what it is of: its statistic and the labels of its levels, whatever the columns are."""

    def label(column: str | None, level: str | None) -> str | None:
        known = meaning.tables[plan.cohort.table].get(column or "")
        return level if level is None else (known.label_of(level) if known else _said(level, plan)).casefold()

    return tuple(
        sorted(
            (
                (
                    each.context,
                    each.stat_name,
                    *map(
                        str,
                        (
                            label(each.group1, each.group1_level),
                            label(each.group2, each.group2_level),
                            label(each.variable, each.variable_level),
                            each.stat,
                        ),
                    ),
                )
                for each in result.statistics
            ),
        )
    )


def _said(level: str, plan: Plan) -> str:
    """Return the text of a level; one that is a condition, as bands have them, without its column."""
    for column in columns_of(plan):
        level = level.replace(column, "")
    return level


def _arms(plan: Plan, meaning: "Dictionary") -> int:
    columns = meaning.tables[plan.cohort.table]
    return sum(columns[name].role == "arm" for name in columns_of(plan) if name in columns)
