"""Table 1 in words, in rows and columns, and how far the groups differ as a figure."""

from collections.abc import Mapping, Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import TableOne
from clinical_nb.render import numbers
from clinical_nb.render.findings import TESTS, Finding, data_decimals, gather, noun_of
from clinical_nb.render.phrase import Phrase, listed, number
from clinical_nb.render.wording import AFFIRMED, say_level, short_name, with_unit
from clinical_nb.result import Result

IMBALANCE = 0.1  # an SMD above this is called so (Austin 2009)
_SKEWED = 1.0
_INDENT = "\N{EM SPACE}"
_MOST_NAMED = 5
_PAIR = 2

Group = tuple[str | None, str | None]
_ALL: Group = (None, None)


def say_table_one(plan: TableOne, result: Result, dictionary: Dictionary) -> Phrase:
    """Say how many are described, and on which columns the groups differ."""
    sizes = gather(result, ("group",))
    total = numbers.count(sizes[0].number("n"))
    said: Phrase = (f"{numbers.count(len(plan.columns))} characteristics of ", number(total), f" {noun_of(result)}")
    groups: list[Phrase] = [
        (number(numbers.count(each.number("n"))), f" {_group(each, plan, dictionary)}") for each in sizes[1:]
    ]
    apart = [each for each in gather(result, ("smd",)) if (each.get("estimate") or 0) > IMBALANCE]
    if groups:
        said = (*said, ": ", *listed(groups))
    if not gather(result, ("smd",)):
        return said
    if not apart:
        return (*said, f"; no standardised mean difference is above {IMBALANCE}")
    apart.sort(key=lambda each: -(each.get("estimate") or 0))
    named: list[Phrase] = [
        (
            f"{short_name(each.variable or '', dictionary, plan.cohort.table)} ",
            number(numbers.estimate(each.get("estimate"))),
        )
        for each in apart[:_MOST_NAMED]
    ]
    more = f", and {len(apart) - _MOST_NAMED} more" if len(apart) > _MOST_NAMED else ""
    return (*said, f"; standardised mean differences above {IMBALANCE}: ", *listed(named), more)


def table_one_cells(
    plan: TableOne, result: Result, dictionary: Dictionary
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return heads and rows: a row for each numeric column or yes/no, else one for each level, and those missing.

    A numeric column is shown as mean (SD), a clearly skewed one as median (Q1 to Q3).
    """
    sizes = gather(result, ("group",))
    groups = [each.groups for each in sizes]
    smds = {each.variable: each for each in gather(result, ("smd",))}
    tests = {each.variable: each for each in gather(result, tuple(TESTS))}
    heads = ["Characteristic"]
    for each in sizes:
        name = _group(each, plan, dictionary) if each.grouped else "All"
        heads.append(f"{name} (n = {numbers.count(each.number('n'))})")
    heads += ["SMD"] if smds else []
    heads += ["p", "p (Holm)", "Test"] if tests else []
    rows: list[tuple[str, ...]] = []
    for name in plan.columns:
        found = [each for each in gather(result, ("continuous", "categorical")) if each.variable == name]
        lines = (
            _numeric(name, found, plan, dictionary) if _is_numeric(found) else _levels(name, found, plan, dictionary)
        )
        beside = _beside(smds.get(name), tests.get(name), bool(smds), bool(tests))
        for place, (label, cells) in enumerate([*lines, *_missing(found)]):
            shown = [cells.get(group, "") for group in groups]
            rows.append((label, *shown, *(beside if place == 0 else ("",) * len(beside))))
    return tuple(heads), tuple(rows)


_Line = tuple[str, Mapping[Group, str]]


def _is_numeric(found: Sequence[Finding]) -> bool:
    return any(each.context == "continuous" for each in found)


def _numeric(name: str, found: Sequence[Finding], plan: TableOne, dictionary: Dictionary) -> list[_Line]:
    unit = dictionary.column(plan.cohort.table, name).unit
    label = with_unit(short_name(name, dictionary, plan.cohort.table) + ("," if unit else ""), unit)
    digits = data_decimals(found)
    everyone = next(each for each in found if each.groups == _ALL)
    if abs(everyone.get("skewness") or 0) > _SKEWED:
        return [(f"{label}, median (Q1 to Q3)", {each.groups: _median(each, digits) for each in found})]
    return [(f"{label}, mean (SD)", {each.groups: _mean(each, digits) for each in found})]


def _mean(finding: Finding, digits: int) -> str:
    if finding.get("mean") is None:
        return numbers.NOT_ESTIMABLE
    return f"{numbers.estimate(finding.get('mean'), digits)} ({numbers.estimate(finding.get('sd'), digits)})"


def _median(finding: Finding, digits: int) -> str:
    if finding.get("median") is None:
        return numbers.NOT_ESTIMABLE
    low, median, high = (numbers.estimate(finding.get(each), digits) for each in ("p25", "median", "p75"))
    return f"{median} ({low} to {high})"


def _levels(name: str, found: Sequence[Finding], plan: TableOne, dictionary: Dictionary) -> list[_Line]:
    """Return a line for each level; of a yes/no column, one for the yes."""
    column = dictionary.column(plan.cohort.table, name)
    label = short_name(name, dictionary, plan.cohort.table)
    levels = list(dict.fromkeys(each.level for each in found if each.level is not None))
    shares = {level: {each.groups: _share(each) for each in found if each.level == level} for level in levels}
    yes = [level for level in levels if column.label_of(level).casefold() in AFFIRMED]
    if len(levels) == _PAIR and len(yes) == 1:
        return [(f"{label}, n (%)", shares[yes[0]])]
    lines: list[_Line] = [(f"{label}, n (%)", {})]
    return [
        *lines,
        *((f"{_INDENT}{say_level(name, level, dictionary, plan.cohort.table)}", shares[level]) for level in levels),
    ]


def _share(finding: Finding) -> str:
    return f"{numbers.count(finding.number('n'))} ({numbers.percent(finding.get('p'), finding.number('N'))})"


def _missing(found: Sequence[Finding]) -> list[_Line]:
    missing = {each.groups: each.number("N_miss") for each in found if each.get("N_miss") is not None}
    if not any(missing.values()):
        return []
    return [(f"{_INDENT}missing", {group: numbers.count(n) for group, n in missing.items()})]


def _beside(smd: Finding | None, test: Finding | None, has_smd: bool, has_test: bool) -> tuple[str, ...]:  # noqa: FBT001 - facts of the table
    cells: tuple[str, ...] = ()
    if has_smd:
        cells += (numbers.estimate(smd.get("estimate")) if smd else "",)
    if has_test:
        p = test.get("p.value") if test else None
        adjusted = test.get("p.adjusted") if test else None
        shown = numbers.p_value(p) if p is not None else numbers.NOT_ESTIMABLE
        name = TESTS[test.context] if test else ""
        cells += (shown, numbers.p_value(adjusted) if adjusted is not None else "", name)
    return cells


def _group(finding: Finding, plan: TableOne, dictionary: Dictionary) -> str:
    return say_level(plan.by[0], finding.groups[0] or "", dictionary, plan.cohort.table)
