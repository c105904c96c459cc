"""Values of the same persons at three or more times, whether each is a column or a row of a visit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from clinical_nb.analysis.ard import quartiles_of, write_inference, write_rows
from clinical_nb.analysis.arithmetic.changes import changes_of, signed_rank
from clinical_nb.analysis.arithmetic.discordance import Twice, mcnemar_exact, paired_difference
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.intervals import wilson_interval
from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.analysis.arithmetic.repeats import friedman, kendalls_w
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_undecided, note_who, refuse_nobody
from clinical_nb.analysis.cohort import refuse_repeated_persons as refuse_repeated
from clinical_nb.analysis.counted.levels import column_of, event_of, grouping_of
from clinical_nb.analysis.counted.pairs import Pairs, margin
from clinical_nb.analysis.counted.patterns import PatternTable, count_patterns, indicator
from clinical_nb.analysis.counts import Scan, count_undecided
from clinical_nb.analysis.distribution import Counts, Floats
from clinical_nb.analysis.kinds.comparison import Test, note_test
from clinical_nb.analysis.kinds.pair import kind_of
from clinical_nb.analysis.rows.visits import widen_visits
from clinical_nb.errors import PlanError
from clinical_nb.plan import OneOf, Repeated, Variable, Visits, name_of
from clinical_nb.result import Note, Result, Statistic

_REASON = "nobody has all values"
_FEW = 5


@dataclass(frozen=True, slots=True)
class _Times:
    """The times by their names, what makes them, and what the persons who have all of them have at each."""

    by: str
    names: tuple[str, ...]
    outcome: str
    values: Floats
    counts: Counts
    events: bool

    @property
    def persons(self) -> int:
        return int(self.counts.sum())


def repeated(plan: Repeated, scan: Scan) -> Result:
    """Compare the columns or conditions of several times in the same persons.

    Contexts: "repeated" or, of yes and no, "repeated_share" (each time, among the persons who have all), "friedman" or
    "cochran_q", "kendalls_w", and the pairs that were asked for: "pairwise_signed_rank" or "pairwise_mcnemar".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, the times are not of one kind, or a person has several rows.

    """
    kinds = {kind_of(scan, each) for each in plan.times}
    if "events" in kinds and len(kinds) > 1:
        names = ", ".join(f"'{name_of(each)}'" for each in plan.times)
        raise PlanError(f"{names} are not of one kind: some are a yes or no.", "Name columns of one kind.")
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated(scan, who)
    events = "events" in kinds
    numeric = [] if events else [str(each) for each in plan.times]
    table = count_patterns(scan, numeric, plan.times if events else (), plan.cohort.where)
    refuse_nobody(table.rows)
    columns = [_happened(scan, each, table) if events else table.values[each] for each in plan.times]
    names = tuple(map(name_of, plan.times))
    times = _Times("time", names, names[0], np.column_stack(columns), table.counts, events)
    missing = [note for name, n in table.missing.items() for note in note_missing(scan, name, n, plan.cohort.where)]
    return _compare(plan, times, [*note_who(scan, who, table.used, table.rows), *missing])


def visits(plan: Visits, scan: Scan) -> Result:
    """Compare the visits of the same persons, each of whom has a row for each visit: contexts as of `repeated`.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or does not measure, there are fewer than three visits, or a person has several rows
        of one visit.

    """
    outcome = plan.outcome
    kind = kind_of(scan, outcome)
    if isinstance(outcome, str) and kind == "events":
        column = column_of(scan, outcome)
        level = event_of(grouping_of(scan, outcome, [each.value for each in column.levels]))
        outcome = OneOf(outcome, (level,)) if level is not None else outcome
    grouping, values, counts = widen_visits(replace(plan, outcome=outcome), scan)
    complete = ~np.isnan(values).any(axis=1)
    names = tuple(map(grouping.text, grouping.levels))
    times = _Times(grouping.name, names, name_of(plan.outcome), values[complete], counts[complete], kind == "events")
    everybody = int(counts.sum())
    refuse_nobody(everybody)
    facts = {"used": times.persons, "rows": everybody, "identifier": scan.identifier or ""}
    notes = [Note("who", "{used} of {rows} persons by {identifier} are used; each is counted once.", facts)]
    notes += note_undecided(count_undecided(scan, plan.cohort.where))
    if left := everybody - times.persons:
        text = "{left} have no known {outcome} at one or more of the {visits} visits: they are left out."
        notes.append(Note("missing", text, {"left": left, "outcome": times.outcome, "visits": len(names)}))
    return _compare(plan, times, notes)


def _happened(scan: Scan, variable: Variable, table: PatternTable) -> Floats:
    levels = table.levels[variable]
    if not levels:  # nobody has all values
        return np.zeros(len(table.counts))
    event = True if not isinstance(variable, str) else event_of(grouping_of(scan, variable, levels))
    return indicator(table, variable, event).astype(np.float64)


def _compare(plan: Repeated | Visits, times: _Times, notes: Sequence[Note]) -> Result:
    if plan.pairwise == "tukey":
        raise PlanError("Tukey's method is for independent groups.", "Ask for pairs by Holm's method.")
    statistics = _describe(times)
    found = friedman(times.values, times.counts)
    main = Test("cochran_q" if times.events else "friedman", found)
    names = [(times.by, None)]
    agreement = kendalls_w(found, times.persons, len(times.names))
    statistics += write_inference(main.context, times.outcome, found, names)
    statistics += write_inference("kendalls_w", times.outcome, agreement, names)
    why = "the same persons have a yes or no at each time" if times.events else "it ranks the times within each person"
    said = note_test(main, Note("test", why))
    if plan.pairwise:
        pairs = _pairs(times)
        statistics += pairs
        test = "the exact McNemar test" if times.events else "the signed-rank test"
        text = f"Pairs by {test}, p corrected for {{pairs}} of them by Holm's method."
        said.append(Note("test", text, {"pairs": len(times.names) * (len(times.names) - 1) // 2}))
    if times.persons < _FEW:
        said.append(Note("caution", "{persons} persons are few: the test says little.", {"persons": times.persons}))
    return Result(tuple(statistics), (*notes, *said))


def _describe(times: _Times) -> list[Statistic]:
    statistics: list[Statistic] = []
    for place, name in enumerate(times.names):
        values, names = times.values[:, place], [(times.by, name)]
        if times.events:
            n, of = int((values * times.counts).sum()), times.persons
            low, high = wilson_interval(n, of) if of else (None, None)
            numbers = {"n": n, "N": of, "p": n / of if of else None, "conf.low": low, "conf.high": high}
            statistics += write_rows("repeated_share", times.outcome, numbers, names, reason=_REASON)
            continue
        found = margin(values, times.counts)
        ends = {"min": float(found.values[0]), "max": float(found.values[-1])} if found.n else {}
        centres = {"N": found.n, "mean": found.mean, "sd": found.sd, **quartiles_of(found)}
        statistics += write_rows("repeated", times.outcome, {**centres, **ends}, names, reason=_REASON)
    return statistics


def _pairs(times: _Times) -> list[Statistic]:
    """Return each pair of times compared, the later one less the earlier."""
    context = "pairwise_mcnemar" if times.events else "pairwise_signed_rank"
    compare = _twice if times.events else _changed
    found = {pair: compare(times, *pair) for pair in combinations(range(len(times.names)), 2)}
    corrected = holm({pair: each.p for pair, each in found.items() if each.p is not None})
    statistics: list[Statistic] = []
    for (earlier, later), each in found.items():
        names = [(times.by, times.names[later]), (times.by, times.names[earlier])]
        statistics += write_inference(context, times.outcome, each, names)
        p = {"p.adjusted": corrected.get((earlier, later))}
        statistics += write_rows(context, times.outcome, p, names, reason=each.reason)
    return statistics


def _changed(times: _Times, earlier: int, later: int) -> Inference:
    return signed_rank(changes_of(Pairs(times.values[:, earlier], times.values[:, later], times.counts)))[0]


def _twice(times: _Times, earlier: int, later: int) -> Inference:
    before, after = times.values[:, earlier] > 0, times.values[:, later] > 0

    def number(*, first: bool, second: bool) -> int:
        return int(times.counts[(before == first) & (after == second)].sum())

    twice = Twice(
        number(first=True, second=True),
        number(first=True, second=False),
        number(first=False, second=True),
        number(first=False, second=False),
    )
    test, apart = mcnemar_exact(twice), paired_difference(twice)
    return replace(test, estimate=apart.estimate, low=apart.low, high=apart.high)
