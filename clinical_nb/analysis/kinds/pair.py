"""How far a value changed in the same persons: which kind of change two columns or two conditions have."""

from collections.abc import Sequence
from typing import Literal

from clinical_nb.analysis.ard import quartiles_of, write_inference, write_rows
from clinical_nb.analysis.arithmetic.changes import changes_of, paired_t, signed_rank
from clinical_nb.analysis.arithmetic.discordance import Twice, mcnemar, mcnemar_exact, paired_difference
from clinical_nb.analysis.arithmetic.intervals import wilson_interval
from clinical_nb.analysis.cohort import examine_cohort, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import Grouping, all_levels, column_of, event_of, is_ordinal
from clinical_nb.analysis.counted.pairs import Pairs, check_units, count_pairs
from clinical_nb.analysis.counts import CountTable, Level, Scan, count_rows
from clinical_nb.analysis.distribution import Distribution
from clinical_nb.analysis.guards.skew import find_skew, has_few_integers, measure_skew
from clinical_nb.analysis.kinds.comparison import ASKED, Test, note_alternative, note_test, refuse_unfit
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Pair, Variable, name_of
from clinical_nb.result import Note, Result, Statistic

_FEW_CHANGED = 25  # below so many who changed, McNemar's exact test is the headline
_FEW_ROWS = 5
_CHANGE = "change"
Kind = Literal["numbers", "ranks", "events"]


def pair(plan: Pair, scan: Scan) -> Result:
    """Compare a value before with a value after in the same persons.

    Of numbers and ordered levels, contexts "paired" (before, after, and level "change" of after minus before),
    "t_test_paired" and "signed_rank", the headline first. Of yes and no, "paired_share", "paired_table", "mcnemar",
    "mcnemar_exact" and "paired_difference" (after minus before).

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, the two cannot be compared or are in other units, or a person has several rows.

    """
    if plan.before == plan.after:
        raise PlanError("A value cannot be compared with itself.", "Name one before and another after.")
    before, after = (kind_of(scan, each) for each in (plan.before, plan.after))
    if (before == "events") != (after == "events"):
        raise PlanError(
            f"'{name_of(plan.before)}' and '{name_of(plan.after)}' are not of one kind: one is a yes or no.",
            "Name two columns of numbers, or two of yes and no.",
        )
    units = _check_units(plan, scan)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    if isinstance(plan.before, str) and isinstance(plan.after, str) and before != "events":
        ranked = "ranks" in (before, after)
        if ranked:
            _refuse_other_levels(scan, plan.before, plan.after)
        pairs = count_pairs(scan, plan.before, plan.after, plan.cohort.where)
        refuse_nobody(pairs.rows)
        statistics, notes = _compare_numbers(plan, scan, pairs, ranked=ranked)
        known, alone, rows = pairs.n, (pairs.only_one, pairs.only_other, pairs.neither), pairs.rows
    else:
        cells = count_rows(scan, (plan.before, plan.after), plan.cohort.where)
        rows = sum(cells.values())
        refuse_nobody(rows)
        known = sum(n for key, n in cells.items() if None not in key)
        alone = (
            sum(n for (one, other), n in cells.items() if one is not None and other is None),
            sum(n for (one, other), n in cells.items() if one is None and other is not None),
            cells.get((None, None), 0),
        )
        statistics, notes = _compare_events(plan, scan, cells)
    missing = _note_unpaired(plan, alone)
    return Result(tuple(statistics), (*note_who(scan, who, known, rows), *missing, *units, *notes))


def kind_of(scan: Scan, variable: Variable) -> Kind:
    """Return what values of the same persons can be compared on.

    Raises
    ------
    UnknownColumnError, PlanError
        When the column is not there or holds neither numbers, nor yes and no, nor ordered codes.

    """
    if not isinstance(variable, str):
        return "events"
    column = column_of(scan, variable)
    if column.kind == "numeric":
        return "numbers"
    if column.kind == "binary":
        return "events"
    if scan.schema[variable].is_numeric() and is_ordinal(column, [level.value for level in column.levels]):
        return "ranks"
    raise PlanError(
        f"'{variable}' holds neither numbers, nor yes and no, nor levels in an order with numbers as codes.",
        "Name a condition on it, which is a yes or no.",
    )


def _check_units(plan: Pair, scan: Scan) -> list[Note]:
    """Refuse other units; say where it is not known that the unit is the same."""
    columns = [each for each in (plan.before, plan.after) if isinstance(each, str)]
    if any(scan.columns[each].kind != "numeric" for each in columns) or len(columns) < 2:  # noqa: PLR2004 - both
        return []
    return check_units(scan, columns[0], columns[1])


def _refuse_other_levels(scan: Scan, before: str, after: str) -> None:
    one, other = (
        {value_text(each.value): each.label for each in scan.columns[name].levels} for name in (before, after)
    )
    if one != other:
        raise PlanError(f"'{before}' and '{after}' do not have the same levels, so a change has no meaning.")


def _compare_numbers(plan: Pair, scan: Scan, pairs: Pairs, *, ranked: bool) -> tuple[list[Statistic], list[Note]]:
    before, after = name_of(plan.before), name_of(plan.after)
    changes = changes_of(pairs)
    values = pairs.margins
    few = ranked or (any(scan.columns[name].ordered for name in (before, after)) and has_few_integers(values))
    statistics = [
        *_describe(before, values[0], ranked=ranked),
        *_describe(after, values[1], ranked=ranked),
        *_describe(after, changes, level=_CHANGE, ranked=ranked),
    ]
    means = Test("t_test_paired", paired_t(changes))
    found, how = signed_rank(changes)
    ranks = Test("signed_rank", found)
    because = Note("test", "the levels only rank") if few else find_skew([changes], _CHANGE, signed=False)
    tests = [ranks] if ranked else [ranks, means] if because else [means, ranks]
    main, *others = _as_asked(plan, tests)
    for test in (main, *others):
        statistics += write_inference(test.context, after, test.found, [(before, None)])
    seen = measure_skew([changes], _CHANGE) or Note("test", "nothing speaks against a mean")
    notes = note_test(main, ASKED if plan.test else because or seen)
    for other in others:
        notes += note_alternative(main, other)
    if how:
        notes.append(Note("assumption", "How p of the signed-rank test was found: {how}.", {"how": how}))
    if pairs.n < _FEW_ROWS:
        notes.append(Note("caution", "{rows} pairs are few: the estimates are not precise.", {"rows": pairs.n}))
    return statistics, notes


def _as_asked(plan: Pair, tests: Sequence[Test]) -> Sequence[Test]:
    """Return the test that was asked for before the others."""
    refuse_unfit(plan.test, f"does not compare '{name_of(plan.after)}' with before", [each.context for each in tests])
    return sorted(tests, key=lambda test: test.context != plan.test) if plan.test else tests


def _describe(name: str, found: Distribution, *, level: str | None = None, ranked: bool) -> list[Statistic]:
    numbers: dict[str, float | None] = {"N": found.n}
    if level is None:
        numbers["N_miss"] = found.missing
    if found.n:
        means = {} if ranked else {"mean": found.mean, "sd": found.sd}
        ends = {"min": float(found.values[0]), "max": float(found.values[-1])}
        numbers |= {**means, **quartiles_of(found), **ends}
    return write_rows("paired", name, numbers, level=level, reason="fewer than 2 persons have both values")


def _compare_events(plan: Pair, scan: Scan, cells: CountTable) -> tuple[list[Statistic], list[Note]]:
    groupings = [
        _levels_of(scan, each, [key[place] for key in cells]) for place, each in enumerate((plan.before, plan.after))
    ]
    one, other = (event_of(each) for each in groupings)
    known = {key: n for key, n in cells.items() if None not in key}

    def number(*, before: bool, after: bool) -> int:
        return sum(n for key, n in known.items() if (key[0] == one) == before and (key[1] == other) == after)

    twice = Twice(
        number(before=True, after=True),
        number(before=True, after=False),
        number(before=False, after=True),
        number(before=False, after=False),
    )
    statistics: list[Statistic] = []
    for grouping, event, n in zip(
        groupings, (one, other), (twice.both + twice.before, twice.both + twice.after), strict=True
    ):
        low, high = wilson_interval(n, twice.n) if twice.n else (None, None)
        numbers = {"n": n, "N": twice.n, "p": n / twice.n if twice.n else None, "conf.low": low, "conf.high": high}
        reason = "nobody has both values"
        statistics += write_rows("paired_share", grouping.name, numbers, level=grouping.text(event), reason=reason)
    sides = (("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no"))
    names = (groupings[0].name, groupings[1].name)
    for side, n in zip(sides, (twice.both, twice.before, twice.after, twice.never), strict=True):
        statistics += write_rows("paired_table", None, {"n": n}, list(zip(names, side, strict=True)))
    exact, asymptotic = Test("mcnemar_exact", mcnemar_exact(twice)), Test("mcnemar", mcnemar(twice))
    changed = twice.before + twice.after
    main, alternative = _as_asked(plan, [exact, asymptotic] if changed < _FEW_CHANGED else [asymptotic, exact])
    for test in (main, alternative):
        statistics += write_inference(test.context, names[1], test.found, [(names[0], None)])
    statistics += write_inference("paired_difference", names[1], paired_difference(twice), [(names[0], None)])
    few = "under" if changed < _FEW_CHANGED else "not under"
    because = ASKED if plan.test else Note("test", f"{{changed}} changed, {few} {_FEW_CHANGED}", {"changed": changed})
    notes = [*note_test(main, because), *note_alternative(main, alternative), *_note_events(groupings, (one, other))]
    text = "The interval of the difference is Newcombe's for paired shares (1998, method 10)."
    return statistics, [*notes, Note("assumption", text)]


def _levels_of(scan: Scan, variable: Variable, found: Sequence[Level]) -> Grouping:
    if not isinstance(variable, str):
        return Grouping(variable, (True, False))
    column = column_of(scan, variable)
    levels = all_levels(column, {level for level in found if level is not None})
    if not levels:
        raise PlanError(f"No row here has a known '{variable}'.")
    return Grouping(variable, levels, column)


def _note_events(groupings: Sequence[Grouping], events: Sequence[Level]) -> list[Note]:
    counted = "; ".join(
        f"{grouping.name} = {grouping.label(event)}"
        for grouping, event in zip(groupings, events, strict=True)
        if isinstance(grouping.variable, str)
    )
    return [Note("assumption", "The event that is counted: {events}.", {"events": counted})] if counted else []


def _note_unpaired(plan: Pair, alone: tuple[int, int, int]) -> list[Note]:
    if not any(alone):
        return []
    text = "{first} have only {before}, {second} only {after}, {neither} neither: they are left out."
    facts = dict(zip(("first", "second", "neither"), alone, strict=True))
    names = {"before": name_of(plan.before), "after": name_of(plan.after)}
    return [Note("missing", text, {**facts, **names})]
