"""A codebook among the files of an upload: it is no table, it says what the columns of the others mean."""

from collections.abc import Sequence

import polars as pl

from clinical_nb.dictionary.files import DictionaryFile
from clinical_nb.dictionary.layouts import describes, fields_of, is_codebook
from clinical_nb.intake.table import Finding, Table, counted

_MOST = 20_000  # lines of a codebook; more is a table of results


def take_codebook(tables: Sequence[Table]) -> tuple[tuple[Table, ...], DictionaryFile | None, tuple[Finding, ...]]:
    """Tell whether one of several tables is the codebook of the others.

    It is, where its header is that of one (`dictionary.layouts`), and what it names are their columns.

    Returns
    -------
    tuple
        The tables without it, the codebook as a dictionary file in CSV, None where there is none, and that it was taken
        as such.

    """
    for table in tables:
        header = table.scan.collect_schema().names()
        others = tuple(other for other in tables if other is not table)
        if not others or table.rows > _MOST or not is_codebook(header):
            continue
        column = header[fields_of(header)["column"]]
        cells = table.scan.select(pl.all().cast(pl.String)).collect()
        if not _is_line_by_line(cells, header):
            continue
        named = [name for name in cells[column].to_list() if name]
        described = [other for other in others if describes(named, other.scan.collect_schema().names())]
        if described:
            file = DictionaryFile(f"{table.name}.csv", cells.write_csv())
            text = f"'{table.name}' was taken as the dictionary of these data, not as a table of them."
            proposal = "Upload it by itself if it is one."
            told = Finding(
                described[0].name, None, len(named), f"{text} It has {counted(len(named), 'line')}.", proposal
            )
            return others, file, (told,)
    return tuple(tables), None, ()


def _is_line_by_line(cells: pl.DataFrame, header: Sequence[str]) -> bool:
    """Tell whether each line is about another column or code; those of a table of results repeat what they name."""
    fields = fields_of(header)
    told = [header[fields[field]] for field in ("column", "table", "value") if field in fields]
    return not cells.select(told).drop_nulls().is_duplicated().any()
