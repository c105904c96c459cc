"""The quality report: what is wrong in tables as they were read, and what would mend it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

import polars as pl

from clinical_nb.dictionary.identifiers import names_private
from clinical_nb.dictionary.said import Said
from clinical_nb.doing import tell
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.quality.among_numbers import doubt_numbers
from clinical_nb.quality.births import may_be_births
from clinical_nb.quality.clocks import doubt_clocks
from clinical_nb.quality.constancy import doubt_constancy
from clinical_nb.quality.counts import MOST_COMPARED, Counts
from clinical_nb.quality.dates import doubt_dates
from clinical_nb.quality.days import doubt_days
from clinical_nb.quality.doubt import Context, Doubt, Kind
from clinical_nb.quality.extremes import doubt_extremes
from clinical_nb.quality.flags import doubt_ditto
from clinical_nb.quality.levels import doubt_codes, doubt_levels
from clinical_nb.quality.missing_codes import doubt_missing_codes, doubt_missing_words, values_of
from clinical_nb.quality.persons import doubt_name
from clinical_nb.quality.placeholders import doubt_placeholders
from clinical_nb.quality.several import doubt_blocks, doubt_lists
from clinical_nb.quality.spoiled import doubt_constant, doubt_spoiled
from clinical_nb.quality.turned import doubt_turned
from clinical_nb.quality.unit_columns import doubt_unit_columns
from clinical_nb.quality.whole_rows import doubt_rows

_ROWS_AT_ONCE = 100_000  # so that a long table takes no more memory
_FIRST = 5  # row numbers that are told
_ALIKE = 20  # columns with one kind of finding that are told one by one
_NAMED = 5  # columns that one finding names
_LOOKED_AT_ONCE = 500  # columns, so that a wide table is no one enormous query


def inspect(tables: Sequence[Table]) -> tuple[Finding, ...]:
    """Return what was found in the values of tables, and the steps that would clean them.

    Parameters
    ----------
    tables : sequence of Table
        As they were read, or as they were cleaned. Columns that stand beside others, with reasons or limits, are not
        looked at.

    Returns
    -------
    tuple of Finding
        By table; in each the most important column first, its steps in the order in which they are to be applied. A
        kind that many columns share is told in one finding for those behind the first twenty.

    """
    found: list[Finding] = []
    for table in tables:
        found += _bounded(_inspect(table))
    return tuple(found)


def _inspect(table: Table) -> list[Finding]:
    names = _own_columns(table)
    if not names or not table.rows:
        return []
    if turned := doubt_turned(table):
        return turned  # of its columns nothing can be said, and nothing in them is cleaned
    tell(f"Looking at the values of {table.name}")
    counts, hashes = _count(table, names)
    context = frozenset(table.scan.collect_schema().names())
    doubts = [
        (column.name, doubt)
        for column in counts
        for doubt in _doubt(column, Context(table.said.get(column.name, Said()), context))
    ]
    findings = _look_up(table, doubts)
    of_rows = (
        *doubt_blocks(table, counts),
        *doubt_constancy(table, counts),
        *doubt_unit_columns(table, counts),
        *doubt_rows(table, counts, hashes),
    )
    return _in_order([*findings, *of_rows])


def _own_columns(table: Table) -> list[str]:
    """Return the columns that say something by themselves, not why or how far others do."""
    beside = {said.reasons for said in table.said.values()} | {
        said.limit.column for said in table.said.values() if said.limit
    }
    names = table.scan.collect_schema().names()
    return [name for name in names if name not in beside and not _is_pattern(name)]


def _is_pattern(name: str) -> bool:
    """Tell whether Polars takes a name for a pattern of names, so that no expression can mean this column alone."""
    return name == "*" or (name.startswith("^") and name.endswith("$"))


def _count(table: Table, names: Sequence[str]) -> tuple[list[Counts], pl.Series | None]:
    """Return the counts of each column, and the hash of each row, which no table of enormous length is given."""
    schema = table.scan.collect_schema()
    counts = [Counts(name, schema[name]) for name in names]
    hashes: list[pl.Series] = []
    for part in table.scan.collect_batches(chunk_size=_ROWS_AT_ONCE, maintain_order=True):
        for column in counts:
            column.add(part[column.name])
        if table.rows <= MOST_COMPARED:
            hashes.append(part.hash_rows())
    return counts, pl.concat(hashes) if hashes else None


def _doubt(counts: Counts, context: Context) -> Iterator[Doubt]:
    """Yield what looks wrong in a column, steps in the order in which they are to be applied."""
    told = doubt_name(counts)
    yield from told
    yield from doubt_constant(counts)
    is_private = any(each.kind == "identifiers" for each in told)
    if is_private and not names_private(counts.name) and not may_be_births(counts):
        return  # by its values alone: no other check knows that none of them may be quoted
    yield from doubt_spoiled(counts)
    dates = doubt_dates(counts)
    numbers = [] if any(each.step for each in dates) else doubt_numbers(counts, context)
    levels = doubt_levels(counts)
    if any(each.kind == "yes or no" for each in levels):
        numbers = []  # ja and nein among 1 and 0 are no words among numbers, to be taken for missing
    if not any(each.kind == "words among numbers" for each in numbers):
        yield from doubt_missing_words(counts)
    codes = doubt_missing_codes(counts)
    yield from codes
    yield from doubt_ditto(counts)
    yield from doubt_lists(counts)
    yield from doubt_clocks(counts)
    yield from doubt_placeholders(counts)
    yield from numbers
    yield from dates
    days = doubt_days(counts)
    yield from days
    yield from levels
    yield from doubt_codes(counts)
    if not any(each.step for each in days):
        yield from doubt_extremes(counts, context, values_of(codes))


def _look_up(table: Table, doubts: Sequence[tuple[str, Doubt]]) -> list[Finding]:
    """Count the rows of what is doubted, and number the first, looking at no other columns."""
    found: list[Finding] = []
    wanted = [(at, doubt.where) for at, (_, doubt) in enumerate(doubts) if doubt.where is not None]
    looked: dict[int, tuple[int, tuple[int, ...]]] = {}
    for start in range(0, len(wanted), _LOOKED_AT_ONCE):
        some = wanted[start : start + _LOOKED_AT_ONCE]
        looks = [
            expression
            for at, where in some
            for expression in (
                where.fill_null(False).sum().alias(f"{at} rows"),
                (where.fill_null(False).arg_true().head(_FIRST) + 1).implode().alias(f"{at} first"),
            )
        ]
        row = table.scan.select(looks).collect(engine="streaming").row(0, named=True)
        looked |= {at: (int(row[f"{at} rows"]), tuple(row[f"{at} first"])) for at, _ in some}
    for at, (column, doubt) in enumerate(doubts):
        rows, first = looked.get(at, (doubt.rows, ()))
        if at in looked and not rows:
            continue
        text = f"{counted(rows, doubt.noun)} {doubt.text}" if doubt.noun else doubt.text
        rows = rows if doubt.noun or not doubt.rows else doubt.rows
        found.append(
            Finding(table.name, column, rows, text, doubt.proposal, doubt.kind, first, doubt.step, doubt.automatic)
        )
    return found


def _in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with the most important column first, those of a column together and as they were."""
    rank = {kind: at for at, kind in enumerate(get_args(Kind))}
    best: dict[str | None, int] = {}
    for each in findings:
        best[each.column] = min(best.get(each.column, len(rank)), rank[each.kind])
    return sorted(findings, key=lambda each: (best[each.column], each.column or ""))


def _bounded(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings of which those that many columns share are one; what was done by itself is always told."""
    seen: Counter[str] = Counter()
    kept: list[Finding] = []
    more: dict[str, list[Finding]] = {}
    for each in findings:
        seen[each.kind] += 1
        if seen[each.kind] <= _ALIKE or each.automatic:
            kept.append(each)
        else:
            more.setdefault(each.kind, []).append(each)
    for kind, rest in more.items():
        columns = list(dict.fromkeys(each.column or "" for each in rest))
        said = ", ".join(columns[:_NAMED]) + (", …" if len(columns) > _NAMED else "")
        text = f"The same ({kind}) in {counted(len(columns), 'more column')}: {said}."
        rows = sum(each.rows for each in rest)
        kept.append(Finding(rest[0].table, None, rows, text, "Look at these columns one by one.", kind))
    return kept
