"""How well a test tells who has what a reference says: shares of right answers and likelihood ratios."""

from collections.abc import Sequence
from itertools import product

from clinical_nb.analysis.ard import Group, write_inference, write_rows
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.intervals import risk_ratio, wilson_interval
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import check_groups, groupings_of, name_group
from clinical_nb.analysis.counts import CountTable, Key, Scan, count_rows
from clinical_nb.errors import PlanError
from clinical_nb.plan import Diagnose, name_of
from clinical_nb.result import Note, Result, Statistic

_FEW = 5
_ONE_SIDED = "all have it, or none have"


def diagnose(plan: Diagnose, scan: Scan) -> Result:
    """Compare a test with a reference.

    Contexts: "diagnosis" with a level for sensitivity, specificity, the two predictive values, accuracy and prevalence
    (n of N with Wilson's interval), "likelihood_ratio" with levels "positive" and "negative", and "diagnosis_table".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, the two are one condition, or a person has several
        rows.

    """
    if plan.test == plan.reference:
        raise PlanError("A test cannot be compared with itself.", "Name another condition as the reference.")
    check_groups(scan, plan.by)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    cells = count_rows(scan, (plan.test, plan.reference, *plan.by), plan.cohort.where)
    rows = sum(cells.values())
    refuse_nobody(rows)
    groupings = groupings_of(scan, plan.by, cells, first=2)
    statistics: list[Statistic] = []
    tables = {key: _table(cells, key) for key in product(*(grouping.levels for grouping in groupings))}
    tables = {key: table for key, table in tables.items() if sum(table)}
    used = sum(sum(table) for table in tables.values())
    if not used:
        raise PlanError(f"Nobody here has a known '{name_of(plan.test)}' and a known '{name_of(plan.reference)}'.")
    for key, table in tables.items():
        statistics += _describe(plan, table, name_group(groupings, key))
    notes = note_who(scan, who, used, rows)
    for place, variable in enumerate((plan.test, plan.reference, *plan.by)):
        absent = sum(n for key, n in cells.items() if key[place] is None)
        notes += note_missing(scan, variable, absent, plan.cohort.where)
    return Result(tuple(statistics), (*notes, *_note_reach(list(tables.values()))))


def _table(cells: CountTable, group: Key) -> tuple[int, int, int, int]:
    """Return the true and the false positives, the false and the true negatives."""
    first, second, third, fourth = (
        cells.get((test, has, *group), 0) for test in (True, False) for has in (True, False)
    )
    return first, second, third, fourth


def _describe(plan: Diagnose, table: tuple[int, int, int, int], names: Sequence[Group]) -> list[Statistic]:
    tp, fp, fn, tn = table
    variable = name_of(plan.test)
    ill, well, whole = tp + fn, fp + tn, sum(table)
    shares = {
        "sensitivity": (tp, ill, "nobody has what the reference says"),
        "specificity": (tn, well, "everybody has what the reference says"),
        "positive predictive value": (tp, tp + fp, "nobody is positive by the test"),
        "negative predictive value": (tn, fn + tn, "everybody is positive by the test"),
        "accuracy": (tp + tn, whole, ""),
        "prevalence": (ill, whole, ""),
    }
    statistics: list[Statistic] = []
    for level, (n, of, reason) in shares.items():
        low, high = wilson_interval(n, of) if of else (None, None)
        numbers = {"n": n, "N": of, "p": n / of if of else None, "conf.low": low, "conf.high": high}
        statistics += write_rows("diagnosis", variable, numbers, names, level=level, reason=reason)
    for level, (n, other) in {"positive": (tp, fp), "negative": (fn, tn)}.items():
        ratio = risk_ratio(n, ill, other, well) if ill and well else Inference(reason=_ONE_SIDED)
        if ratio.estimate is None and ill and well:
            who = " or ".join(who for who, tested in (("with", n), ("without", other)) if not tested)
            ratio = Inference(reason=f"nobody {who} it tests {level}")
        statistics += write_inference("likelihood_ratio", variable, ratio, names, level=level)
    cells = dict(zip(("true positive", "false positive", "false negative", "true negative"), table, strict=True))
    for level, n in cells.items():
        statistics += write_rows("diagnosis_table", variable, {"n": n}, names, level=level)
    return statistics


def _note_reach(tables: Sequence[tuple[int, int, int, int]]) -> list[Note]:
    text = (
        "The predictive values hold where as many have it as here; sensitivity, specificity and the likelihood ratios "
        "do not depend on that."
    )
    notes = [Note("assumption", text)]
    text = "Intervals of shares are Wilson's; of likelihood ratios, by their logarithm (Simel 1991)."
    notes.append(Note("assumption", text))
    smallest = min(min(tp + fn, fp + tn) for tp, fp, fn, tn in tables)
    if smallest < _FEW:
        text = "{smallest} with it or without it are under 5: the estimates are not precise."
        notes.append(Note("caution", text, {"smallest": smallest}))
    return notes
