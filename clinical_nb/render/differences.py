"""How two answers to the same question differ, statistic by statistic: as a frame, as text and as HTML."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal

import polars as pl

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.render.numbers import compared
from clinical_nb.render.phrase import minus_signs
from clinical_nb.result import Result, Statistic

Found = Literal["changed", "only before", "only after"]
_MOST_IN_TEXT, _MOST_ON_PAGE = 40, 200  # rows; `frame` has all
_OF_A_GROUP = frozenset(
    {"continuous", "categorical", "proportion", "count"}
)  # contexts that a statistic's name implies
_HEADS = ("Group", "Variable", "Statistic")
# Inline, since an untrusted notebook loses its <style>; inherited colours suit the light and the dark theme.
_BODY = "font:13px/1.45 var(--jp-ui-font-family,system-ui,sans-serif);margin-top:10px"
_CELL = "text-align:left;vertical-align:top;padding:3px 14px 3px 0"
_NUMBER = (
    "text-align:right;vertical-align:top;padding:3px 14px 3px 0;font-variant-numeric:tabular-nums;white-space:nowrap"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One statistic that is not the same in both answers; None where it cannot be estimated, or is not there."""

    group: str
    variable: str
    statistic: str
    before: float | None
    after: float | None
    found: Found

    @property
    def change(self) -> float | None:
        """What was added to it; None where one of both is not there."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between two answers, of which `before` and `after` are names; `same` statistics do not differ."""

    before: str
    after: str
    rows: tuple[Difference, ...]
    same: int

    @property
    def frame(self) -> pl.DataFrame:
        """All of them, unrounded: group, variable, statistic, before, after, change, found."""
        rows = [
            (each.group, each.variable, each.statistic, each.before, each.after, each.change, each.found)
            for each in self.rows
        ]
        texts, numbers = dict.fromkeys(("group", "variable", "statistic"), pl.String), ("before", "after", "change")
        schema = {**texts, **dict.fromkeys(numbers, pl.Float64), "found": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def __str__(self) -> str:
        lines = [self.title]
        for each in self.rows[:_MOST_IN_TEXT]:
            what = ", ".join(part for part in (each.group, each.variable, each.statistic) if part)
            before, after, change = _shown(each)
            match each.found:
                case "changed":
                    lines.append(f"  {what}: {before} → {after}{f' ({change})' if change else ''}")
                case "only before":
                    lines.append(f"  {what}: {before}, only in {self.before}")
                case "only after":
                    lines.append(f"  {what}: {after}, only in {self.after}")
        return "\n".join([*lines, *self._more(_MOST_IN_TEXT)])

    @property
    def title(self) -> str:
        """How many statistics differ, and of how many."""
        if not self.rows:
            return f"{self.before} and {self.after}: all {self.same:,} statistics are the same."
        found = Counter(each.found for each in self.rows)
        one_sided = (
            f"{found[side]:,} only in {name}"
            for side, name in (("only before", self.before), ("only after", self.after))
            if found[side]
        )
        said = [f"{found['changed']:,} of {found['changed'] + self.same:,} statistics differ", *one_sided]
        return f"{self.before} → {self.after}: {', '.join(said)}."

    def html(self) -> str:
        """Return them as a fragment of HTML, in which everything is escaped."""
        if not self.rows:
            return f'<div class="cnb-differences" style="{_BODY}"><p>{escape(self.title)}</p></div>'
        heads = [*_HEADS, self.before, self.after, "Change"]
        head = "".join(
            f'<th scope="col" style="{_CELL if name in _HEADS else _NUMBER};font-weight:600">{escape(name)}</th>'
            for name in heads
        )
        body = "".join(_row(each) for each in self.rows[:_MOST_ON_PAGE])
        more = "".join(f"<p>{escape(each.strip())}</p>" for each in self._more(_MOST_ON_PAGE))
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f'<div class="cnb-differences" style="{_BODY}"><p>{escape(self.title)}</p>{table}{more}</div>'

    def _more(self, shown: int) -> tuple[str, ...]:
        more = len(self.rows) - shown
        return (f"  … and {more:,} more: answer.differences.frame has all.",) if more > 0 else ()


def find_differences(
    before: Result, after: Result, names: tuple[str, str], dictionary: Dictionary, table: str
) -> Differences:
    """Compare two results, row by row of the analysis results data; a row is known by all but its number.

    Parameters
    ----------
    before, after : Result
        What was computed first, and then.
    names : two of str
        What to call them: "version 1", "version 2".
    dictionary, table
        In whose words groups and levels are shown; a level that it does not know is shown as it is.

    """
    earlier, later = _keyed(before.statistics), _keyed(after.statistics)
    rows: list[Difference] = []
    same = 0
    for key in dict.fromkeys((*later, *earlier)):
        old, new = earlier.get(key), later.get(key)
        if old and new and _bits(old.stat) == _bits(new.stat):
            same += 1
            continue
        each = new or old
        if each is None:
            continue
        found: Found = "changed" if old and new else "only before" if old else "only after"
        said = _described(each, dictionary, table)
        rows.append(Difference(*said, old.stat if old else None, new.stat if new else None, found))
    return Differences(*names, tuple(rows), same)


def _keyed(statistics: Iterable[Statistic]) -> Mapping[tuple[object, ...], Statistic]:
    """Return the rows by what they are of; where several are of the same, by their place among these too."""
    seen = Counter[tuple[object, ...]]()
    keyed: dict[tuple[object, ...], Statistic] = {}
    for each in statistics:
        of = (each.group1, each.group1_level, each.group2, each.group2_level, each.variable, each.variable_level)
        key = (*of, each.context, each.stat_name)
        keyed[(*key, seen[key])] = each
        seen[key] += 1
    return keyed


def _bits(value: float | None) -> str | None:
    return None if value is None else value.hex()


def _described(each: Statistic, dictionary: Dictionary, table: str) -> tuple[str, str, str]:
    groups = ((each.group1, each.group1_level), (each.group2, each.group2_level))
    group = " and ".join(_level(name, level, dictionary, table) for name, level in groups if name)
    variable = _level(each.variable, each.variable_level, dictionary, table) if each.variable else ""
    statistic = _flat(each.stat_label)
    return (
        group,
        variable,
        statistic if each.context in _OF_A_GROUP else f"{each.context.replace('_', ' ')}: {statistic}",
    )


def _level(name: str, level: str | None, dictionary: Dictionary, table: str) -> str:
    columns = dictionary.tables.get(table, {})
    if level is None:
        return _flat(name)
    return _flat(f"{name} = {columns[name].label_of(level) if name in columns else level}")


def _shown(each: Difference) -> tuple[str, str, str]:
    """Return both numbers and the change between them, to as many digits as tell them apart."""
    if each.found == "only before":
        return compared(each.before), "", ""
    if each.found == "only after":
        return "", compared(each.after), ""
    before, after = compared(each.before), compared(each.after)
    if each.before is None or each.after is None or each.change is None:
        return before, after, ""
    if before == after:
        before, after = repr(each.before), repr(each.after)
    sign = "+" if each.change > 0 else ""
    return before, after, f"{sign}{compared(each.change)}"


def _row(each: Difference) -> str:
    texts = "".join(_cell(text, _CELL) for text in (each.group, each.variable, each.statistic))
    return f"<tr>{texts}{''.join(_cell(minus_signs(text) or '—', _NUMBER) for text in _shown(each))}</tr>"


def _cell(text: str, style: str) -> str:
    return f'<td style="{style}">{escape(text)}</td>'


def _flat(text: str) -> str:
    return " ".join(text.split())
