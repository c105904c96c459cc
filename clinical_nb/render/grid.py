"""The numbers of an answer in rows and columns, written out: what the text, the table and the page all show."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Compare, FollowUp, Hazard, Missingness, Plan, Regress, Survive, TableOne
from clinical_nb.render import numbers
from clinical_nb.render.findings import (
    Finding,
    by_of,
    data_decimals,
    event_level,
    say_groups,
    subject_of,
    summaries,
)
from clinical_nb.render.missing import missing_cells
from clinical_nb.render.models import model_cells
from clinical_nb.render.openings import Opened
from clinical_nb.render.pairing import paired_cells, paired_shares
from clinical_nb.render.partial import partial_cells
from clinical_nb.render.survival import follow_up_cells, survival_cells
from clinical_nb.render.table_one import table_one_cells
from clinical_nb.render.views import view_cells
from clinical_nb.render.wording import say_level, short_name
from clinical_nb.result import Result

ALONE = "n (%)"  # the head of levels that no group splits
MOST_CELLS = 150  # beyond this a table of levels by groups is cut, since nobody reads it


@dataclass(frozen=True, slots=True)
class Grid:
    """A head and rows of text; the first column names the row, and `more` rows were left out."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """How many rows are shown: all up to `most`, and otherwise the `keep` with the most persons."""

    most: int
    keep: int


TEXT_LIMIT = Limit(20, 10)
PAGE_LIMIT = Limit(50, 50)


def lay_out(plan: Plan, result: Result, dictionary: Dictionary, limit: Limit = PAGE_LIMIT) -> Grid:  # noqa: PLR0911 - one a kind of result
    """Return the summaries of a result as a grid: a row a group, or a row a level and a column a group."""
    if result.partial:
        heads, cells = partial_cells(plan, result, dictionary)
        return Grid(heads, tuple(cells))
    if isinstance(plan, Regress | Hazard):
        heads, cells = model_cells(plan, result, dictionary)
        return Grid(heads, tuple(cells))
    found = summaries(result)
    if not found:
        return Grid((), ())
    if isinstance(plan, TableOne):
        return Grid(*table_one_cells(plan, result, dictionary))
    if isinstance(plan, Opened):
        heads, cells = view_cells(plan, found, result, dictionary)
        kept = cells if len(cells) <= limit.most else cells[: limit.keep]
        return Grid(heads, tuple(kept), len(cells) - len(kept))
    contexts = {each.context for each in found}
    for context, lay in _LAYOUTS.items():
        if context in contexts:
            return lay(tuple(each for each in found if each.context == context), plan, result, dictionary, limit)
    return Grid((), ())


def _counts(found: Sequence[Finding], plan: Plan, result: Result, dictionary: Dictionary, limit: Limit) -> Grid:
    del result
    kept, more = largest([each for each in found if each.grouped], limit, "n")
    total = [each for each in found if not each.grouped]
    unknown = any(each.number("n_unknown") for each in found)
    shared = any(each.get("p") is not None for each in found)
    rows = [
        (
            _coded_name(each, plan, dictionary),
            numbers.count(each.number("n")),
            *(_share(each) if shared else ()),
            *((_number(each, "n_unknown"),) if unknown else ()),
        )
        for each in (*kept, *total)
    ]
    heads = ("n", *(("Of", "Share") if shared else ()), *(("Unknown",) if unknown else ()))
    return Grid((_group_head(plan, dictionary), *heads), tuple(rows), more)


def _proportions(found: Sequence[Finding], plan: Plan, result: Result, dictionary: Dictionary, limit: Limit) -> Grid:
    level = event_level(found, result, plan, dictionary)
    kept, more = largest([each for each in found if level is None or each.level in (None, level)], limit, "N")
    bounded = any(each.get("conf.low") is not None for each in kept)
    exact = any(each.get("exact.low") is not None for each in kept)
    missing = any(each.get("N_miss") is not None for each in kept)
    rows = [
        (
            _row_name(each, plan, dictionary),
            numbers.count(each.number("n")),
            numbers.count(each.of),
            numbers.percent(each.get("p"), each.of),
            *((_percent_range(each),) if bounded else ()),
            *((_percent_range(each, "exact.low", "exact.high"),) if exact else ()),
            *((_number(each, "N_miss"),) if missing else ()),
        )
        for each in kept
    ]
    more_heads = (("95 % CI", bounded), ("Exact 95 % CI", exact), ("Missing", missing))
    heads = ("n", "Of", "Share", *(head for head, there in more_heads if there))
    return Grid((_group_head(plan, dictionary), *heads), tuple(rows), more)


def _continuous(found: Sequence[Finding], plan: Plan, result: Result, dictionary: Dictionary, limit: Limit) -> Grid:
    del result
    digits = data_decimals(found)
    kept, more = largest(found, limit, "N")
    bounded = isinstance(plan, Compare)  # METHODS.md: the interval of a mean alone is shown on request
    missing = any(each.get("N_miss") is not None for each in kept)
    rows = [
        (
            _row_name(each, plan, dictionary),
            numbers.count(each.of),
            *((_number(each, "N_miss"),) if missing else ()),
            f"{numbers.estimate(each.get('mean'), digits)} ({numbers.estimate(each.get('sd'), digits)})",
            *((_range(each, "conf.low", "conf.high", digits),) if bounded else ()),
            f"{numbers.estimate(each.get('median'), digits)} ({_range(each, 'p25', 'p75', digits)})",
            f"{numbers.observed(each.get('min'), digits)} to {numbers.observed(each.get('max'), digits)}",
        )
        for each in kept
    ]
    heads = (
        "n",
        *(("Missing",) if missing else ()),
        "Mean (SD)",
        *(("95 % CI of the mean",) if bounded else ()),
        "Median (Q1 to Q3)",
        "Range",
    )
    return Grid((_group_head(plan, dictionary), *heads), tuple(rows), more)


def _levels(found: Sequence[Finding], plan: Plan, result: Result, dictionary: Dictionary, limit: Limit) -> Grid:
    if event_level(found, result, plan, dictionary) is not None and by_of(plan):
        return _proportions(found, plan, result, dictionary, limit)
    subject, table = subject_of(plan) or "", plan.cohort.table
    groups = list(dict.fromkeys(each.groups for each in found))[: MOST_CELLS // 2]
    cells = {(each.level or "", each.groups): each for each in found if each.groups in groups}
    levels = list(dict.fromkeys(level for level, _ in cells))
    kept = _largest_levels(levels, cells, limit, MOST_CELLS // len(groups))
    sizes = {group: each.of for (_, group), each in cells.items()}
    rows = [
        ("n", *(numbers.count(sizes[group]) for group in groups)),
        *(
            (say_level(subject, level, dictionary, table), *(_level_cell(cells.get((level, each))) for each in groups))
            for level in kept
        ),
    ]
    names = [say_groups(cells[key], plan, dictionary) or ALONE for key in {key[1]: key for key in cells}.values()]
    return Grid((short_name(subject, dictionary, table), *names), tuple(rows), len(levels) - len(kept))


def _largest_levels(
    levels: Sequence[str], cells: Mapping[tuple[str, tuple[str | None, str | None]], Finding], limit: Limit, most: int
) -> Sequence[str]:
    """Return the levels to show: all in their order, or those that most persons have."""
    if len(levels) <= min(limit.most, most):
        return levels
    sizes = dict.fromkeys(levels, 0.0)
    for (level, _), each in cells.items():
        sizes[level] += each.number("n")
    return sorted(levels, key=lambda level: -sizes[level])[: max(1, min(limit.keep, most))]


def _survival(found: Sequence[Finding], plan: Plan, result: Result, dictionary: Dictionary, limit: Limit) -> Grid:
    if not isinstance(plan, Survive):
        return Grid((), ())
    kept, more = largest(found, limit, "N")
    heads, cells = survival_cells(plan, result, kept, dictionary)
    rows = [(_row_name(each, plan, dictionary), *row) for each, row in zip(kept, cells, strict=True)]
    return Grid((_group_head(plan, dictionary), *heads), tuple(rows), more)


def _followed(found: Sequence[Finding], plan: Plan, result: Result, dictionary: Dictionary, limit: Limit) -> Grid:
    del result
    if not isinstance(plan, FollowUp):
        return Grid((), ())
    kept, more = largest(found, limit, "N")
    heads, cells = follow_up_cells(plan, kept, dictionary)
    rows = [(_row_name(each, plan, dictionary), *row) for each, row in zip(kept, cells, strict=True)]
    return Grid((_group_head(plan, dictionary), *heads), tuple(rows), more)


def _paired(found: Sequence[Finding], plan: Plan, result: Result, dictionary: Dictionary, limit: Limit) -> Grid:
    del result, limit  # two columns and their change
    lay = paired_shares if found[0].context == "paired_share" else paired_cells
    return Grid(*lay(plan, found, dictionary))


def _missing(found: Sequence[Finding], plan: Plan, result: Result, dictionary: Dictionary, limit: Limit) -> Grid:
    if not isinstance(plan, Missingness):
        return Grid((), ())
    names = list(dict.fromkeys(each.variable for each in found))
    kept = names if len(names) <= limit.most else names[: limit.keep]
    shown = [each for each in found if each.variable in kept]
    return Grid(*missing_cells(plan, shown, result, dictionary), len(names) - len(kept))


_LAYOUTS: Mapping[str, Callable[[Sequence[Finding], Plan, Result, Dictionary, Limit], Grid]] = {
    "continuous": _continuous,
    "proportion": _proportions,
    "categorical": _levels,
    "count": _counts,
    "survival": _survival,
    "follow_up": _followed,
    "paired": _paired,
    "paired_share": _paired,
    "missing": _missing,
}


def largest(found: Sequence[Finding], limit: Limit, size: str) -> tuple[Sequence[Finding], int]:
    """Return the findings to show, in their order or the largest first when there are too many; and how many more."""
    if len(found) <= limit.most:
        return found, 0
    kept = sorted(found, key=lambda each: -each.number(size))[: limit.keep]
    return kept, len(found) - len(kept)


def _row_name(finding: Finding, plan: Plan, dictionary: Dictionary) -> str:
    return say_groups(finding, plan, dictionary) or "all"


def _coded_name(finding: Finding, plan: Plan, dictionary: Dictionary) -> str:
    """Return the name of a counted group, with a code that its label does not tell: "Indiana (2_IU)"."""
    name = _row_name(finding, plan, dictionary)
    if len(by_of(plan)) != 1 or not isinstance(by_of(plan)[0], str) or finding.groups[0] is None:
        return name
    code = finding.groups[0]
    said, label = (re.sub(r"[\W\d_]", "", text.casefold()) for text in (code, name))
    return name if said in label else f"{name} ({code})"


def _group_head(plan: Plan, dictionary: Dictionary) -> str:
    """Head the column of groups with the variables that make them; a condition's groups say it themselves."""
    names = [short_name(each, dictionary, plan.cohort.table) for each in by_of(plan) if isinstance(each, str)]
    return ", ".join(names) or "Group"


def _share(finding: Finding) -> tuple[str, str]:
    if finding.get("p") is None:
        return "", ""
    return numbers.count(finding.of), numbers.percent(finding.get("p"), finding.of)


def _number(finding: Finding, name: str) -> str:
    return "" if finding.get(name) is None else numbers.count(finding.number(name))


def _percent_range(finding: Finding, low: str = "conf.low", high: str = "conf.high") -> str:
    bounds = numbers.percent_interval(finding.get(low), finding.get(high), finding.of)
    return bounds.removeprefix("95 % CI ")


def _range(finding: Finding, low: str, high: str, digits: int) -> str:
    return f"{numbers.estimate(finding.get(low), digits)} to {numbers.estimate(finding.get(high), digits)}"


def _level_cell(finding: Finding | None) -> str:
    if finding is None:
        return "0"
    return f"{numbers.count(finding.number('n'))} ({numbers.percent(finding.get('p'), finding.number('N'))})"
