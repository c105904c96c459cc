"""Whether an outcome differs between independent groups: which kind of comparison the outcome calls for."""

from clinical_nb.analysis.cohort import examine_cohort, note_who, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import UNGROUPABLE, check_groups, column_of
from clinical_nb.analysis.counts import Scan, count_rows
from clinical_nb.analysis.kinds.compare_levels import compare_levels
from clinical_nb.analysis.kinds.compare_numbers import compare_numbers
from clinical_nb.errors import PlanError
from clinical_nb.plan import Compare, name_of
from clinical_nb.result import Result


def compare(plan: Compare, scan: Scan) -> Result:
    """Compare the groups: what each is like, then the main test (the first test in the rows), then the others.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be compared, there are not two groups, or a person has several rows.

    """
    if plan.outcome == plan.by:
        raise PlanError("A variable cannot be compared with itself.", "Name another one to make the groups.")
    check_groups(scan, (plan.by,))
    numeric = False
    if isinstance(plan.outcome, str):
        kind = column_of(scan, plan.outcome).kind
        if kind in UNGROUPABLE:
            raise PlanError(
                f"'{plan.outcome}' {UNGROUPABLE[kind]}, so groups cannot be compared on it.",
                "Name a numeric column, or one with levels.",
            )
        numeric = kind == "numeric"
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    if numeric:
        found = compare_numbers(plan, scan)
    elif plan.effect:
        raise PlanError(
            f"A difference in standard deviations is of numbers, which '{name_of(plan.outcome)}' is not.",
            "Ask for the risk ratio or the odds ratio.",
        )
    else:
        found = compare_levels(plan, scan, count_rows(scan, (plan.outcome, plan.by), plan.cohort.where))
    return Result(tuple(found.statistics), (*note_who(scan, who, found.used, found.rows), *found.notes))
