"""Whether two columns say the same of the same persons: levels by kappa, measurements by their limits of agreement."""

import numpy as np

from clinical_nb.analysis.ard import quartiles_of, write_inference, write_rows
from clinical_nb.analysis.arithmetic.concordance import intraclass, limits_of_agreement, lin, measured
from clinical_nb.analysis.arithmetic.correlation import pearson
from clinical_nb.analysis.arithmetic.intervals import wilson_interval
from clinical_nb.analysis.arithmetic.kappa import kappa_of, quadratic_weights
from clinical_nb.analysis.cohort import examine_cohort, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import MOST_GROUPS, all_levels, column_of
from clinical_nb.analysis.counted.pairs import Pairs, check_units, count_pairs
from clinical_nb.analysis.counts import CountTable, Level, Scan, count_rows
from clinical_nb.analysis.distribution import Counts, Distribution
from clinical_nb.analysis.kinds.correlate import write_bins
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Agree
from clinical_nb.result import Note, Result, Statistic

_VERDICT = 0.05
_NEARLY_ALL = 0.85
_LEVELS = ("categorical", "binary")
_NOBODY = "nobody has both readings"


def agree(plan: Agree, scan: Scan) -> Result:
    """Compare two readings or two measurements.

    Of levels, contexts "agreement" (how many agree, with Wilson's interval), "kappa", "kappa_weighted" where both
    columns have the same order, and "agreement_cell". Of numbers, "paired" (each column), "bland_altman" (levels
    "bias", "lower limit", "upper limit", of the first minus the second), "icc", "concordance", and "agreement_bin" (how
    many have each mean and difference, for the figure).

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, the two are not of one kind or in other units, or a person has several rows.

    """
    if plan.one == plan.other:
        raise PlanError("A column agrees with itself.", "Name another one.")
    kinds = [column_of(scan, name).kind for name in (plan.one, plan.other)]
    numeric = kinds == ["numeric", "numeric"]
    if not numeric and not all(kind in _LEVELS for kind in kinds):
        raise PlanError(
            f"'{plan.one}' is {kinds[0]} and '{plan.other}' {kinds[1]}, so they cannot agree.",
            "Name two columns of levels, or two of numbers.",
        )
    units = check_units(scan, plan.one, plan.other) if numeric else []
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    if numeric:
        pairs = count_pairs(scan, plan.one, plan.other, plan.cohort.where)
        used, rows, alone = pairs.n, pairs.rows, (pairs.only_one, pairs.only_other, pairs.neither)
        refuse_nobody(rows)
        statistics, notes = _compare_numbers(plan, pairs)
    else:
        cells = count_rows(scan, (plan.one, plan.other), plan.cohort.where)
        used, rows = sum(n for key, n in cells.items() if None not in key), sum(cells.values())
        refuse_nobody(rows)
        neither = cells.get((None, None), 0)
        absent = [sum(n for key, n in cells.items() if key[place] is None) for place in (0, 1)]
        alone = (absent[1] - neither, absent[0] - neither, neither)
        statistics, notes = _compare_levels(plan, scan, cells)
    told = (*note_who(scan, who, used, rows), *_note_alone(plan, alone), *units, *notes)
    return Result(tuple(statistics), told)


def _compare_levels(plan: Agree, scan: Scan, cells: CountTable) -> tuple[list[Statistic], list[Note]]:
    levels, ordered = _levels(plan, scan, cells)
    places = {value_text(level): place for place, level in enumerate(levels)}
    table: Counts = np.zeros((len(levels), len(levels)), dtype=np.int64)
    for (one, other), n in cells.items():
        if one is not None and other is not None:
            table[places[value_text(one)], places[value_text(other)]] += n
    total, same = int(table.sum()), int(np.trace(table))
    low, high = wilson_interval(same, total) if total else (None, None)
    shares = {"n": same, "N": total, "p": same / total if total else None, "conf.low": low, "conf.high": high}
    names = [(plan.other, None)]
    statistics = write_rows("agreement", plan.one, shares, names, reason=_NOBODY)
    statistics += write_inference("kappa", plan.one, kappa_of(table), names)
    notes = [Note("assumption", "The interval of kappa is that of large samples (Fleiss, Cohen & Everitt 1969).")]
    if ordered and len(levels) > 2:  # noqa: PLR2004 - of two levels, weights change nothing
        weighted = kappa_of(table, quadratic_weights(len(levels)))
        statistics += write_inference("kappa_weighted", plan.one, weighted, names)
        text = "Kappa is also weighted by the square of how far the ordered levels lie apart (Fleiss & Cohen 1973)."
        notes.append(Note("assumption", text))
    for down, across in np.argwhere(table > 0).tolist():
        sides = [(plan.one, value_text(levels[down])), (plan.other, value_text(levels[across]))]
        statistics += write_rows("agreement_cell", None, {"n": int(table[down, across])}, sides)
    largest = float((table.sum(axis=0) + table.sum(axis=1)).max()) / (2 * total) if total else 0.0
    if largest > _NEARLY_ALL:
        text = "{share} % of the readings are of one level: kappa is then low even where nearly all agree."
        notes.append(Note("caution", text, {"share": round(100 * largest)}))
    return statistics, notes


def _levels(plan: Agree, scan: Scan, cells: CountTable) -> tuple[tuple[Level, ...], bool]:
    """Return the levels of both columns in one order, and whether that order is declared of both."""
    columns = [scan.columns[name] for name in (plan.one, plan.other)]
    sides = [
        all_levels(column, {key[place] for key in cells if key[place] is not None})
        for place, column in enumerate(columns)
    ]
    texts = [[value_text(level) for level in side] for side in sides]
    if not set(texts[0]) & set(texts[1]):
        raise PlanError(
            f"'{plan.one}' and '{plan.other}' have no level in common, so they cannot agree.",
            "Clean one of them, so that the same is called the same.",
        )
    more = [level for level, text in zip(sides[1], texts[1], strict=True) if text not in texts[0]]
    levels = (*sides[0], *more)
    if len(levels) > MOST_GROUPS:
        raise PlanError(f"'{plan.one}' and '{plan.other}' have {len(levels)} levels, too many to be readings.")
    return levels, all(column.ordered for column in columns) and texts[0] == texts[1]


def _compare_numbers(plan: Agree, pairs: Pairs) -> tuple[list[Statistic], list[Note]]:
    found = measured(pairs)
    limits = limits_of_agreement(found)
    names = [(plan.other, None)]
    statistics = [*_describe(plan.one, found.one), *_describe(plan.other, found.other)]
    for level, each in (("bias", limits.bias), ("lower limit", limits.low), ("upper limit", limits.high)):
        statistics += write_inference("bland_altman", plan.one, each, names, level=level)
    statistics += write_inference("icc", plan.one, intraclass(found), names)
    statistics += write_inference("concordance", plan.one, lin(found), names)
    differences = np.round((pairs.one - pairs.other), 12) + 0.0
    apart = Pairs((pairs.one + pairs.other) / 2, differences, pairs.counts)
    statistics += write_bins("agreement_bin", ("mean", "difference"), apart)
    text = (
        "Limits of agreement: the mean difference and 1.96 of its SD either way (Bland & Altman); ICC(2,1) is absolute "
        "agreement of single readings by raters drawn from many (Shrout & Fleiss 1979)."
    )
    notes = [Note("assumption", text)]
    slope = pearson(apart)
    if slope.estimate is not None and slope.p is not None and slope.p < _VERDICT:
        way = "grows" if slope.estimate > 0 else "falls"
        text = (
            "The difference {way} with the size of what is measured (r = {r}, p = {p}): one pair of limits for all is "
            "too narrow somewhere."
        )
        notes.append(Note("caution", text, {"way": way, "r": slope.estimate, "p": slope.p}))
    return statistics, notes


def _describe(name: str, found: Distribution) -> list[Statistic]:
    if not found.n:
        return write_rows("paired", name, {"N": 0})
    ends = {"min": float(found.values[0]), "max": float(found.values[-1])}
    numbers = {"N": found.n, "mean": found.mean, "sd": found.sd, **quartiles_of(found), **ends}
    return write_rows("paired", name, numbers, reason="fewer than 2 rows have both values")


def _note_alone(plan: Agree, alone: tuple[int, int, int]) -> list[Note]:
    if not any(alone):
        return []
    text = "{first} have only {one}, {second} only {other}, {neither} neither: they are left out."
    facts = dict(zip(("first", "second", "neither"), alone, strict=True))
    return [Note("missing", text, {**facts, "one": plan.one, "other": plan.other})]
