"""The layouts that codebooks come in, told by their headers: the project's own, REDCap's, and the common others."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from clinical_nb.dictionary.codes import read_range
from clinical_nb.dictionary.headers import is_unit, split_codebook, unit_of

# The words of a header, with single blanks for all that is no letter or digit, and the field that stands below them.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "column": (
        "column", "column name", "variable", "variable name", "variable field name", "variable id", "var", "varname",
        "field", "field name", "name", "item", "item name", "data element", "element", "parameter",
    ),
    "meaning": (
        "meaning", "label", "variable label", "field label", "column label", "description", "variable description",
        "definition", "question", "question text", "long name", "explanation", "title", "details", "detail", "comment",
        "comments", "remark", "remarks", "information", "what it is",
    ),
    "codes": (
        "values", "value labels", "codes", "code list", "codelist", "coding", "levels", "choices", "categories",
        "choices calculations or slider labels", "options", "response options", "valid values", "allowed values",
        "permissible values", "codes labels", "value codes", "value coding", "labels", "possible values", "encoding",
    ),
    "codes_or_units": ("codes or units",),
    "units": ("units", "unit", "unit of measure", "unit of measurement", "measurement unit", "uom"),
    "type": ("type", "data type", "datatype", "field type", "variable type", "class"),
    "kind": ("kind",),
    "table": ("table", "table name", "dataset", "sheet", "domain"),
    "synonyms": ("synonyms", "aliases", "alias"),
    "value": ("value", "code"),
    "value label": (
        "value label", "code label", "code meaning", "code description", "value description", "category", "decode",
        "level",
    ),
    "validation": ("text validation type or show slider number",),
    "note": ("field note",),
    "identifier": ("identifier",),
    "form": ("form name",),
}  # fmt: skip
_BY_HEADER = {header: field for field, headers in _FIELDS.items() for header in headers}
_DESCRIBING = {"meaning", "codes", "codes_or_units", "units", "type", "kind", "value label"}
_PAIR = re.compile(r"\s*(?P<code>[^,=:]{1,40}?)\s*[,=:]\s*(?P<label>.+?)\s*", re.DOTALL)
_KINDS = {
    **dict.fromkeys(("continuous", "float", "decimal", "real", "double"), "numeric"),
    **dict.fromkeys(("ordinal", "ordered", "ordered factor"), "ordered"),
    **dict.fromkeys(("identifier", "id", "primary key", "key"), "identifier"),
}
_YES_NO = {"yesno": ("1=Yes", "0=No"), "truefalse": ("1=True", "0=False")}
_COMPLETE = ("0=Incomplete", "1=Unverified", "2=Complete")
_TRUE = {"y", "yes", "true", "1"}


@dataclass(frozen=True, slots=True)
class Line:
    """What a dictionary file says of one column; `entries` are its codes, `1=drug`, where they need no splitting.

    `is_implied` says that the file does not name the column, which may be missing from the data.
    """

    number: int
    column: str
    meaning: str = ""
    codes_or_units: str = ""
    table: str = ""
    synonyms: str = ""
    kind: str = ""
    entries: tuple[str, ...] = ()
    is_implied: bool = False


def fields_of(header: Sequence[str]) -> dict[str, int]:
    """Return where each field stands that a header names, the first of each."""
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        field = _BY_HEADER.get(" ".join(re.split(r"[\W_]+", cell.casefold())).strip())
        if field:
            found.setdefault(field, place)
    return found


def is_codebook(header: Sequence[str]) -> bool:
    """Tell whether a header is that of a codebook: it names columns, and says something of them."""
    found = fields_of(header)
    return "column" in found and bool(_DESCRIBING & found.keys())


def describes(named: Collection[str], columns: Collection[str]) -> bool:
    """Tell whether names are those of a table's columns: half of the names, or of the columns, are the other's."""
    folded = {name.casefold().strip() for name in named if name.strip()}
    known = {re.split("___", column.casefold())[0] for column in columns}  # a box of REDCap is one of several columns
    shared = len(folded & known)
    return shared > 0 and shared * 2 >= min(len(folded), len(known))


def lines_of(fields: Mapping[str, int], rows: Iterator[tuple[int, Sequence[str]]]) -> Iterator[Line]:
    """Yield what the rows below a header say of each column.

    Parameters
    ----------
    fields : mapping of str to int
        Where each field stands, as `fields_of` gave it.
    rows : iterator of (int, sequence of str)
        The rows with the numbers of their lines.

    """
    said = _with_labels_of_codes(list(_said(fields, rows)))
    if "validation" in fields or "form" in fields:
        yield from _of_redcap(iter(said))
    elif any("value" in row and "value label" in row for _, row in said):
        yield from _of_long(iter(said))
    else:
        for number, row in said:
            yield _line(number, row)


_Row = tuple[int, Mapping[str, str]]


def _said(fields: Mapping[str, int], rows: Iterator[tuple[int, Sequence[str]]]) -> Iterator[_Row]:
    last: Mapping[str, str] = {}
    for number, cells in rows:
        row = {field: cells[place] for field, place in fields.items() if place < len(cells)}
        if not row.get("column") and row.get("value") and last:
            row = {**row, "column": last["column"]}  # one of several codes of the column above
        if row.get("column"):
            last = row
            yield number, row


def _with_labels_of_codes(said: list[_Row]) -> list[_Row]:
    """Take the labels of lines of a column and a code each for those of the codes, where columns have several lines."""
    names = [row["column"] for _, row in said]
    is_long = len(set(names)) < len(names)
    if not is_long or not any("value" in row for _, row in said) or any("value label" in row for _, row in said):
        return said
    return [
        (number, {**{field: text for field, text in row.items() if field != "meaning"}, "value label": row["meaning"]})
        if row.get("value") and "meaning" in row
        else (number, row)
        for number, row in said
    ]


def _line(number: int, row: Mapping[str, str]) -> Line:
    written = row.get("codes_or_units", "")
    coded = row.get("codes", "")
    entries = split_pairs(coded)
    unit = row.get("units", "") or (unit_of(row.get("meaning", "")) if not (entries or written) else "")
    if not entries and coded and not written and (read_range(coded) or is_unit(coded)):
        written = coded
    if unit and (entries or not written):
        written, entries = (unit, entries) if not entries else ("", (*entries, unit))
    kind = row.get("kind", "") or ("" if entries else _KINDS.get(row.get("type", "").casefold(), ""))
    return Line(
        number,
        row["column"],
        row.get("meaning", ""),
        written,
        row.get("table", ""),
        row.get("synonyms", ""),
        kind,
        entries,
    )


def split_pairs(text: str) -> tuple[str, ...]:
    """Return codes with their labels, as '1=Yes', of '1, Yes | 2, No', '0: No; 1: Yes', '1. Yes 2. No' and the like."""
    for between in (r"\|", r"[;\n]", r",(?=\s*[^,=:]{1,40}[=:])", r",(?=\s*-?\d+\s*[=:])"):
        parts = [part for part in re.split(between, text) if part.strip()]
        pairs = [_PAIR.fullmatch(part) for part in parts]
        if len(parts) > 1 and all(pairs):
            return tuple(f"{pair['code']}={pair['label']}" for pair in pairs if pair)
    single = _PAIR.fullmatch(text) if "=" in text else None
    if single:
        return (f"{single['code']}={single['label']}",)
    _, levels = split_codebook(text)
    return tuple(f"{level.value}={level.label}" for level in levels) if len(levels) > 1 else ()


def _of_long(said: Iterator[_Row]) -> Iterator[Line]:
    """Yield one line a column, where each code has a row of its own."""
    for _, group in groupby(said, key=lambda each: (each[1]["column"], each[1].get("table", ""))):
        rows = list(group)
        number, first = rows[0]
        entries = tuple(
            f"{row['value']}={row['value label']}" for _, row in rows if row.get("value") and row.get("value label")
        )
        line = _line(number, {field: text for field, text in first.items() if field != "value"})
        yield replace(line, entries=(*entries, *line.entries)) if entries else line


def _of_redcap(said: Iterator[_Row]) -> Iterator[Line]:
    """Yield what a REDCap data dictionary says: of a field with boxes, one line a box; of each form, its status."""
    forms: dict[str, int] = {}
    for number, row in said:
        field_type = row.get("type", "").casefold()
        if row.get("form"):
            forms.setdefault(row["form"], number)
        if field_type == "descriptive":
            continue
        label = _plain(row.get("meaning", ""))
        codes = row.get("codes", "") if field_type in ("radio", "dropdown", "checkbox") else ""
        entries = _YES_NO.get(field_type, _choices(codes))
        if field_type == "checkbox":
            for entry in entries:
                code, _, choice = entry.partition("=")
                box = f"{row['column']}___{re.sub(r'[^a-z0-9_]', '_', code.casefold())}"
                yield Line(number, box, f"{label}: {choice}" if label else choice, entries=("0=no", "1=yes"))
            continue
        unit = row.get("note", "") if is_unit(row.get("note", "")) else unit_of(label)
        private = row.get("identifier", "").casefold() in _TRUE
        yield Line(
            number,
            row["column"],
            label,
            unit if not entries else "",
            kind=("private" if private else _kind_of_field(field_type, row.get("validation", "")))
            if not entries
            else "",
            entries=entries,
        )
    for form, number in forms.items():
        yield Line(number, f"{form}_complete", f"Is '{form}' complete?", entries=_COMPLETE, is_implied=True)


def _choices(text: str) -> tuple[str, ...]:
    pairs = [part.partition(",") for part in text.split("|") if part.strip()]
    return tuple(f"{code.strip()}={_plain(label) or code.strip()}" for code, _, label in pairs)


def _kind_of_field(field_type: str, validation: str) -> str:
    measured = validation.casefold().startswith(("number", "integer")) or field_type in ("calc", "slider")
    if measured:
        return "measured"
    return "text" if field_type == "notes" else ""


def _plain(text: str) -> str:
    """Return a label without the HTML that REDCap lets people write into it."""
    return " ".join(re.sub(r"</?[a-zA-Z][^<>]*>", " ", text).split())
