"""How many values are missing, which together, and whether that depends on the group: from the counted patterns."""

from collections.abc import Sequence

from clinical_nb.analysis.ard import Group, write_inference, write_rows, write_share
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import Grouping, check_groups, column_of, groupings_of
from clinical_nb.analysis.counts import CountTable, Scan, count_rows
from clinical_nb.analysis.kinds.compare_levels import choose_test
from clinical_nb.analysis.kinds.comparison import Test
from clinical_nb.errors import PlanError
from clinical_nb.plan import Missing, Missingness
from clinical_nb.result import Note, Result, Statistic

_MOST_PATTERNS = 10
_NONE = "nothing"
_ALL_ALIKE = "no value is missing, or all are"


def missingness(plan: Missingness, scan: Scan) -> Result:
    """Count the missing values of each column.

    Contexts: "missing" (n, N and share of each column, in all and in each group), "complete" (rows without any),
    "missing_pattern" (the most frequent of what is missing together, "nothing" among them); of groups "chi_squared" or
    "fisher" for each column, with Holm's p beside its own where there are several.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or named twice, or a group is asked for and a person has several rows.

    """
    if not plan.columns or len(set(plan.columns)) < len(plan.columns):
        raise PlanError("Missing values are counted of one or more columns, each named once.")
    for name in plan.columns:
        column_of(scan, name)
    if len(plan.by) > 1:
        raise PlanError("Missing values can be split by one variable at a time.", "Name one, such as the arm.")
    if plan.by and plan.by[0] in plan.columns:
        raise PlanError(f"'{plan.by[0]}' cannot both make the groups and be counted.", "Leave it out of the columns.")
    check_groups(scan, plan.by)
    who = examine_cohort(scan, plan.cohort.where)
    if plan.by:
        refuse_repeated_persons(scan, who)
    cells = count_rows(scan, (*(Missing(name) for name in plan.columns), *plan.by), plan.cohort.where)
    rows = sum(cells.values())
    refuse_nobody(rows)
    statistics = _count(plan, cells, ())
    notes = note_who(scan, who, rows, rows)
    if not plan.by and who.persons and who.persons.rows > who.persons.persons:
        text = "Rows are counted, of which a person may have several: {rows} rows of {persons} persons."
        notes = [Note("who", text, {"rows": who.persons.rows, "persons": who.persons.persons})]
    if plan.by:
        (grouping,) = groupings_of(scan, plan.by, cells, first=len(plan.columns))
        for level in grouping.levels:
            of = {key: n for key, n in cells.items() if key[-1] == level}
            statistics += _count(plan, of, [(grouping.name, grouping.text(level))])
        unknown = sum(n for key, n in cells.items() if key[-1] is None)
        notes += note_missing(scan, plan.by[0], unknown, plan.cohort.where)
        more, told = _test(plan, grouping, cells)
        statistics += more
        notes += told
    return Result((*statistics, *_patterns(plan, cells, rows)), tuple(notes))


def _count(plan: Missingness, cells: CountTable, groups: Sequence[Group]) -> list[Statistic]:
    rows = sum(cells.values())
    statistics: list[Statistic] = []
    for place, name in enumerate(plan.columns):
        statistics += write_share("missing", name, sum(n for key, n in cells.items() if key[place]), rows, groups)
    complete = sum(n for key, n in cells.items() if not any(key[: len(plan.columns)]))
    return [*statistics, *write_share("complete", None, complete, rows, groups)]


def _patterns(plan: Missingness, cells: CountTable, rows: int) -> list[Statistic]:
    """Return the most frequent patterns, the first columns first among equally frequent ones."""
    patterns: dict[tuple[bool, ...], int] = {}
    for key, n in cells.items():
        pattern = tuple(map(bool, key[: len(plan.columns)]))
        patterns[pattern] = patterns.get(pattern, 0) + n
    if len(plan.columns) == 1:
        return []
    most = sorted(patterns, key=lambda each: (-patterns[each], [not missing for missing in each]))[:_MOST_PATTERNS]
    return [
        row
        for pattern in most
        for row in write_share("missing_pattern", None, patterns[pattern], rows, level=_name(plan, pattern))
    ]


def _name(plan: Missingness, pattern: tuple[bool, ...]) -> str:
    return ", ".join(name for name, missing in zip(plan.columns, pattern, strict=True) if missing) or _NONE


def _test(plan: Missingness, grouping: Grouping, cells: CountTable) -> tuple[list[Statistic], list[Note]]:
    """Return a test for each column whether what is missing depends on the group."""
    if len(grouping.levels) < 2:  # noqa: PLR2004 - nothing to compare
        return [], [Note("test", "There is no test, because there are not two groups.")]
    tests = {name: _choose(place, grouping, cells) for place, name in enumerate(plan.columns)}
    adjusted = holm({name: test.found.p for name, test in tests.items() if test.found.p is not None})
    names = [(grouping.name, None)]
    statistics: list[Statistic] = []
    for name, test in tests.items():
        statistics += write_inference(test.context, name, test.found, names)
        if len(adjusted) > 1 and name in adjusted:
            statistics += write_rows(test.context, name, {"p.holm": adjusted[name]}, names)
    text = "p asks whether values are missing more often in one group; chi-squared, Fisher's exact test where an "
    notes = [Note("test", f"{text}expected count is under 5.")]
    exact = [name for name, test in tests.items() if test.context == "fisher"]
    if exact:
        notes.append(Note("test", "By Fisher's exact test: {columns}.", {"columns": ", ".join(exact)}))
    untested = [name for name, test in tests.items() if test.found.p is None]
    if untested:
        facts = {"columns": ", ".join(untested), "why": _ALL_ALIKE}
        notes.append(Note("test", "There is no test of {columns}: {why}, or a group has fewer than 2 rows.", facts))
    return statistics, notes


def _choose(place: int, grouping: Grouping, cells: CountTable) -> Test:
    table = [
        [
            sum(n for key, n in cells.items() if key[-1] == level and bool(key[place]) == missing)
            for missing in (True, False)
        ]
        for level in grouping.levels
    ]
    if not all(map(sum, zip(*table, strict=True))):
        return Test("chi_squared", Inference(reason=_ALL_ALIKE))
    main, _, _ = choose_test(table)
    return main
