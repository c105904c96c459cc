"""A sheet of cells → the tables that stand on it: where each begins and ends, and which rows name its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import polars as pl

from clinical_nb.intake.body import make_part
from clinical_nb.intake.delimited import read_rows
from clinical_nb.intake.header import clean_name, distinct_names
from clinical_nb.intake.layout import Layout
from clinical_nb.intake.literals import VALUE
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.intake.totals import is_summary
from clinical_nb.intake.two_headers import is_name

_LOOKED_AT = 50  # rows above which a table has its header
_BLOCKS = 200  # parts of a sheet, between blank rows, that are looked at for tables of their own
_FOOTER_ROWS = 10
_HEADER_ROWS = 3
_PROSE_WORDS = 4
_VALUE = rf"^\s*{VALUE}\s*$"


@dataclass(frozen=True, slots=True)
class MergedCells:
    """Cells that are merged: the first and the last row and column of them, counted from 0 within the grid."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a sheet as text, null where they are blank; its first cell stands `top` rows below the sheet's."""

    cells: pl.DataFrame
    top: int = 0
    merged: Sequence[MergedCells] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A table of a sheet, with what was found in it; `columns` says which of the grid's columns have which names."""

    table: Table
    findings: Sequence[Finding]
    columns: Mapping[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True, slots=True)
class TableArea:
    """Where one table stands in a grid: the rows `start` up to, not including, `end`, and its columns."""

    start: int
    end: int
    columns: Sequence[int]


def find_areas(grid: Grid) -> list[TableArea]:
    """Return where tables stand: below each other where a new header follows a blank row, or side by side.

    A sheet whose only text is prose in one column holds none.
    """
    areas = [area for columns in _beside(grid.cells) for area in _below(grid.cells, columns)]
    return [area for area in areas if not _is_prose(grid, area)]


def read_area(grid: Grid, area: TableArea, file: str, name: str, desk: Desk) -> Found:
    """Read one of the tables of a grid (`find_areas`), typed as those of delimited text are."""
    cells = _pick(grid.cells[area.start : area.end], area.columns)
    filled = _filled(cells)
    top, header_rows = _header_rows(cells, filled, _within(grid.merged, area))
    names = _names(cells, top, header_rows, _within(grid.merged, area))
    body = cells[top + header_rows :]
    last = end_of_body(body, filled[top + header_rows :], len(area.columns))
    footers = int((filled[top + header_rows + last :] > 0).sum())
    merged = [one for one in _within(grid.merged, area) if one.top >= top + header_rows]
    body, spread = _filled_down(body[:last], merged, top + header_rows)
    has_value = [count < body.height for count in body.null_count().row(0)]
    kept = [at for at, value in enumerate(has_value) if value or names[at]] if any(has_value) else [*range(len(names))]
    rows = _pick(body, kept)
    rows.columns = [f"field_{number}" for number in range(len(kept))]
    header = pl.DataFrame([[names[at] or None for at in kept]], schema=dict(rows.schema), orient="row")
    titles = int((filled[:top] > 0).sum())
    first = grid.top + area.start + top
    layout = Layout("\t", len(kept), False, False, titles, footers, first, first + header_rows + body.height)
    part = make_part(pl.concat([header, rows]), layout)
    table, findings = read_rows(part, file, name, desk)
    if len(kept) < len(names):
        text = f"{counted(len(names) - len(kept), 'column')} without a name and any value left out."
        findings.append(Finding(name, None, 0, text, ""))
    if spread:
        text = f"{counted(spread, 'cell')} filled with the value of the merged cell that they are part of."
        findings.append(Finding(name, None, spread, text, "Check that it holds for each of these rows."))
    if header_rows > 1:
        text = f"{header_rows} header rows joined into one name a column."
        findings.append(Finding(name, None, 0, text, "Check that the column names are right."))
    final = distinct_names(part.header)
    return Found(table, findings, {area.columns[at]: said for at, said in zip(kept, final, strict=True)})


def _filled_down(body: pl.DataFrame, merged: Sequence[MergedCells], start: int) -> tuple[pl.DataFrame, int]:
    """Give each row of a merged cell its value, and return how many cells got one; `start` is the body's first row."""
    values: dict[int, dict[int, str]] = {}
    for one in merged:
        value = body.item(one.top - start, one.left) if one.top - start < body.height else None
        if value is not None:
            rows = range(one.top - start + 1, min(one.bottom - start + 1, body.height))
            values.setdefault(one.left, {}).update(dict.fromkeys(rows, str(value)))
    columns = body.get_columns()
    for at, found in values.items():
        columns[at] = (
            columns[at]
            .clone()
            .scatter(pl.Series(list(found), dtype=pl.UInt32), pl.Series(list(found.values()), dtype=pl.String))
        )
    return pl.DataFrame(columns), sum(map(len, values.values()))


def _pick(cells: pl.DataFrame, columns: Sequence[int]) -> pl.DataFrame:
    """Return some columns by their places."""
    found = cells.get_columns()
    return pl.DataFrame([found[at] for at in columns])


def _filled(cells: pl.DataFrame) -> pl.Series:
    """Return how many cells of each row hold something."""
    return cells.select(pl.sum_horizontal(pl.all().is_not_null()).cast(pl.Int64)).to_series()


def _words(cells: pl.DataFrame, row: int) -> list[str]:
    return [(cell or "").strip() for cell in cells.row(row)]


def _all_names(words: Sequence[str]) -> bool:
    return all(is_name(word) for word in words if word)


def _beside(cells: pl.DataFrame) -> list[list[int]]:
    """Return the columns of the tables that stand side by side, with a blank column between them.

    A blank column alone parts no table, for many have one inside. It does where the tables at its sides have names in
    common, or begin or end at other rows and have hardly a blank cell.
    """
    blank = [count == cells.height for count in cells.null_count().row(0)]
    groups: list[list[int]] = [[]]
    for at, is_blank in enumerate(blank):
        if not is_blank:
            groups[-1].append(at)
        elif groups[-1]:
            groups.append([])
    groups = [group for group in groups if group]
    if len(groups) == 1 or any(len(group) == 1 for group in groups):
        return [list(range(cells.width))]
    spans = [_span(cells, group) for group in groups]
    for (first, last, dense, names), (start, end, full, others) in pairwise(spans):
        shared = names & others
        if not (dense and full and (shared or first != start or last != end)):
            return [list(range(cells.width))]
    return groups


def _span(cells: pl.DataFrame, group: Sequence[int]) -> tuple[int, int, bool, set[str]]:
    """Return the header's row and the last row of some columns, whether nearly all between is filled, and the names."""
    part = _pick(cells, group)
    filled = _filled(part)
    rows = (filled > len(group) // 2).arg_true()
    if rows.len() < 3:  # noqa: PLR2004 - a header, and rows that can be dense
        return 0, 0, False, set()
    first, last = int(rows[0]), int(rows[-1])
    dense = int(filled[first : last + 1].sum()) >= 0.9 * len(group) * (last + 1 - first)
    words = _words(part, first)
    return first, last, dense and _all_names(words), {word.casefold() for word in words if word}


def _below(cells: pl.DataFrame, columns: Sequence[int]) -> list[TableArea]:
    """Return the tables that stand below each other in some columns."""
    part = _pick(cells, columns)
    rows = (_filled(part) > 0).arg_true().to_list()
    if not rows:
        return []
    starts = [rows[0]]
    gaps = [after for before, after in pairwise(rows) if after > before + 1]
    for at, begin in enumerate(gaps[:_BLOCKS]):
        end = gaps[at + 1] if at + 1 < len(gaps) else rows[-1] + 1
        if _begins_table(part[starts[-1] : begin], part[begin:end]):
            starts.append(begin)
    ends = [*starts[1:], rows[-1] + 1]
    return [TableArea(start, end, columns) for start, end in zip(starts, ends, strict=True)]


def _begins_table(above: pl.DataFrame, block: pl.DataFrame) -> bool:
    """Tell whether a block of rows after a blank row has a header of its own: names above values, where values were.

    What stands above has to be a table already, or it is but titles. A header said again goes on with the table.
    """
    if _filled(above).filter(_filled(above) > 1).len() < 2:  # noqa: PLR2004 - a header and a row
        return False
    filled = _filled(block)
    titled = 0
    while titled < min(3, block.height - 1) and filled[titled] == 1:
        titled += 1
    words = _words(block, titled)
    given = [at for at, word in enumerate(words) if word]
    below = block[titled + 1 :]
    if len(given) < 2 or not _all_names(words) or not below.height:  # noqa: PLR2004 - one word is a title or a total
        return False
    if not titled and any(words == _words(above, row) for row in range(min(above.height, _LOOKED_AT))):
        return False
    return any(_has_values(below, at) for at in given) or bool(titled)


def _has_values(cells: pl.DataFrame, at: int) -> bool:
    """Tell whether most of what a column holds are numbers or dates."""
    known = cells.to_series(at).drop_nulls().head(1_000)
    return known.len() > 0 and int(known.str.contains(_VALUE).sum()) * 2 >= known.len()


def _is_prose(grid: Grid, area: TableArea) -> bool:
    """Tell whether what stands there are remarks: sentences in one column, or a single row of one cell."""
    cells = _pick(grid.cells[area.start : area.end], area.columns)
    used = [column for column in cells.get_columns() if column.null_count() < cells.height]
    if len(used) != 1:
        return False
    known = used[0].drop_nulls().head(1_000)
    words = known.str.count_matches(r"\S+")
    sentences = int((words >= _PROSE_WORDS).sum())
    return known.len() == 1 or sentences * 2 >= known.len()


def _within(merged: Sequence[MergedCells], area: TableArea) -> list[MergedCells]:
    """Return merged areas as counted from a table's own first row and column."""
    place = {column: at for at, column in enumerate(area.columns)}
    inside = [one for one in merged if area.start <= one.top < area.end and one.left in place]
    return [
        MergedCells(
            one.top - area.start, place[one.left], one.bottom - area.start, place.get(one.right, len(place) - 1)
        )
        for one in inside
    ]


def _header_rows(cells: pl.DataFrame, filled: pl.Series, merged: Sequence[MergedCells]) -> tuple[int, int]:
    """Return the first row of the header, and how many rows it has.

    The header is the first row that is more than half full. Rows above it belong to it where they are merged across
    columns, or where names would be alike without them; a row below it where it has the names that are missing.
    """
    width = sum(count < cells.height for count in cells.null_count().row(0))
    enough = (filled[:_LOOKED_AT] > (width // 2 if width > 1 else 0)).arg_true()
    first = int(enough[0]) if enough.len() else int(filled[:_LOOKED_AT].arg_max() or 0)
    first -= int(_is_half_named(cells, filled, first, width))
    last = first
    while last - first + 1 < _HEADER_ROWS and last + 1 < cells.height and _goes_on(cells, last, merged):
        last += 1
    while first and last - first + 1 < _HEADER_ROWS and _names_groups(cells, first, last, merged):
        first -= 1
    return first, last - first + 1


def _is_half_named(cells: pl.DataFrame, filled: pl.Series, row: int, width: int) -> bool:
    """Tell whether the row above one that is full and has numbers names half of the columns: it is the header."""
    if not row or filled[row] != width or not filled[row - 1] > 1 or filled[row - 1] * 2 < width:
        return False
    return _all_names(_words(cells, row - 1)) and not _all_names(_words(cells, row))


def _goes_on(cells: pl.DataFrame, row: int, merged: Sequence[MergedCells]) -> bool:
    """Tell whether the row below a header completes it."""
    words, below = _words(cells, row), _words(cells, row + 1)
    used = cells[row:].null_count().row(0)
    missing = [at for at, word in enumerate(words) if not word and used[at] < cells.height - row]
    spans = any(one.top <= row <= one.bottom and one.right > one.left for one in merged)
    completes = bool(missing) and all(below[at] for at in missing) and _all_names([*words, *below])
    if not completes:
        return False
    rest = cells[row + 2 :]
    above_values = any(_has_values(rest, at) for at in missing)
    return spans or (above_values and len(missing) > 1)


def _names_groups(cells: pl.DataFrame, first: int, last: int, merged: Sequence[MergedCells]) -> bool:
    """Tell whether the row above a header has names for groups of its columns."""
    words = _words(cells, first - 1)
    given = [word for word in words if word]
    if not given or not _all_names(words):
        return False
    width = len(words)
    spans = [one for one in merged if one.top <= first - 1 <= one.bottom and one.right > one.left]
    if spans:
        return all(one.right - one.left + 1 < width for one in spans)
    named = [word.casefold() for word in _words(cells, last) if word]
    return len(given) > 1 and len(set(named)) < len(named)


def _names(cells: pl.DataFrame, top: int, rows: int, merged: Sequence[MergedCells]) -> list[str]:
    """Return the columns' names, each put together from the rows of its header."""
    if rows == 1:
        return [clean_name(word) for word in _words(cells, top)]
    levels = [_spread(_words(cells, row), row, row == top + rows - 1, merged) for row in range(top, top + rows)]
    return [clean_name(" ".join(dict.fromkeys(word for word in words if word))) for words in zip(*levels, strict=True)]


def _spread(words: list[str], row: int, is_last: bool, merged: Sequence[MergedCells]) -> list[str]:  # noqa: FBT001 - a fact of the row
    """Write the name of a group over each of its columns."""
    spans = [one for one in merged if one.top == row and one.right > one.left]
    spread = list(words)
    for one in spans:
        spread[one.left : one.right + 1] = [words[one.left]] * (one.right + 1 - one.left)
    if not spans and not is_last:
        for at in range(1, len(spread)):
            spread[at] = spread[at] or spread[at - 1]
    return spread


def end_of_body(body: pl.DataFrame, filled: pl.Series, width: int) -> int:
    """Return how many rows a table has: below them are totals, or sparse rows of words after a blank one or a total."""
    rows = (filled > 0).arg_true().to_list()
    end = rows[-1] + 1 if rows else 0
    if width == 1:
        return end
    for before, row in reversed(list(pairwise(rows[-_FOOTER_ROWS - 1 :]))):
        words = _words(body, row)
        is_total = is_summary(words[0]) and not is_name((body.item(rows[0], 0) or "").strip())
        is_sparse = is_name(words[0]) and filled[row] <= max(1, width // 2)
        is_remark = filled[row] == 1 and len(words[0].split()) >= _PROSE_WORDS
        if not is_total and not is_sparse:
            break
        if is_total or row - before > 1 or (is_remark and end == row + 1):
            end = before + 1
    return end
