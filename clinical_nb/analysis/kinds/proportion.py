"""What share has an event, of those for whom it is known, in all or in each group."""

from itertools import product

from clinical_nb.analysis.ard import write_proportion, write_rows
from clinical_nb.analysis.arithmetic.intervals import exact_interval
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import check_groups, groupings_of, name_group
from clinical_nb.analysis.counts import Scan, count_rows
from clinical_nb.plan import Proportion, name_of
from clinical_nb.result import Result, Statistic


def proportion(plan: Proportion, scan: Scan) -> Result:
    """Compute proportions with Wilson's and exact intervals, context "proportion"; groups without rows are left out.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, or a person has several rows.

    """
    check_groups(scan, plan.by)
    cells = count_rows(scan, (plan.event, *plan.by), plan.cohort.where)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    groupings = groupings_of(scan, plan.by, cells, first=1)
    statistics: list[Statistic] = []
    used = 0
    for group in product(*(grouping.levels for grouping in groupings)):
        yes, no, unknown = (cells.get((decided, *group), 0) for decided in (True, False, None))
        if not (yes or no or unknown) and group:
            continue
        used += yes + no
        names = name_group(groupings, group)
        statistics += write_proportion(name_of(plan.event), yes, yes + no, unknown, names)
        if yes + no:
            low, high = exact_interval(yes, yes + no)
            exact = {"exact.low": low, "exact.high": high}
            statistics += write_rows("proportion", name_of(plan.event), exact, names, level="yes")
    refuse_nobody(sum(cells.values()))
    notes = note_who(scan, who, used, sum(cells.values()))
    for place, variable in enumerate((plan.event, *plan.by)):
        notes += note_missing(
            scan, variable, sum(n for key, n in cells.items() if key[place] is None), plan.cohort.where
        )
    return Result(tuple(statistics), tuple(notes))
