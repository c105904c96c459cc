"""Files of SAS, SPSS and Stata → tables, with what they say of their columns and of cells that are missing."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO, Any

import polars as pl

from clinical_nb.dictionary.headers import unit_of
from clinical_nb.dictionary.meaning import Code, Level, MissingCode
from clinical_nb.dictionary.said import Said
from clinical_nb.errors import FileError, StoreError
from clinical_nb.intake.at_once import EXACT_IN_FLOAT
from clinical_nb.intake.calendars import Family, convert
from clinical_nb.intake.header import clean_name, distinct_names
from clinical_nb.intake.limits import refuse_large
from clinical_nb.intake.misread import as_utf8, read_again
from clinical_nb.intake.own_process import survives
from clinical_nb.intake.readstat import pieces, tag_of, tags
from clinical_nb.intake.stage import Desk, Stage
from clinical_nb.intake.stata_header import claims_too_many_rows
from clinical_nb.intake.table import Finding, Reading, Table, counted
from clinical_nb.intake.tidy import Tidied, tell_tidied, tidy_text
from clinical_nb.intake.transport import Member, members
from clinical_nb.intake.variables import (
    AGAIN,
    NAMES,
    Catalogue,
    Contents,
    Format,
    Source,
    Variable,
    code_text,
    labels_of,
    read_contents,
)

_SAMPLE = 1_000
# How CDISC writes dates in columns whose names end in DTC (SDTM Implementation Guide 3.4, section 4.4).
_ISO: Mapping[str, tuple[str, pl.Date | pl.Datetime]] = {
    "%Y-%m-%d": (r"^\d{4}-\d{2}-\d{2}$", pl.Date()),
    "%Y-%m-%dT%H:%M": (r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$", pl.Datetime("us")),
    "%Y-%m-%dT%H:%M:%S": (r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$", pl.Datetime("us")),
}
_REPLACED = "\ufffd"  # stands where bytes are no text in the encoding that the file names


def read_statistical(content: IO[bytes], kind: Format, file: str, name: str, desk: Desk | None = None) -> Reading:
    """Read a file of SAS, SPSS or Stata as tables, with their meaning.

    Numbers that are all whole are Int64, dates Date, moments Datetime, times of day text. A cell that is missing for a
    reason (user-missing in SPSS, `.a` to `.z` in Stata, `.A` to `.Z` and `._` in SAS) is null, and its reason stands in
    a column `{column}_missing` beside it: the label of its code, or the code.

    Parameters
    ----------
    content : IO[bytes]
        The file, from its start.
    kind : Format
        What it is.
    file : str
        Its name, for the sentence of an error.
    name : str
        The table's name; where a transport file has several tables, each is called by it and its own.
    desk : Desk, optional
        Where the tables are put, by default in memory, and the SAS catalogue that came with the file.

    Returns
    -------
    Reading
        The tables: one, but of a transport file as many as it has.

    Raises
    ------
    FileError
        When it is damaged or unreasonably large.

    """
    desk = desk or Desk()
    if kind == "dta" and claims_too_many_rows(content):
        raise FileError(file, f"is a damaged {NAMES[kind]}", AGAIN)
    if kind != "xpt":
        with _lent(content, kind, desk.place) as lent:
            if isinstance(lent, Path) and kind == "sav" and not survives("sav", lent):
                raise FileError(file, f"is a damaged {NAMES[kind]}", AGAIN)
            return _read(Source(lent, kind, file), name, desk)
    found = list(members(content.read(), file))
    names = distinct_names([name if len(found) == 1 else f"{name}_{clean_name(each.name)}" for each in found])
    readings = [
        _read(Source(member.data, kind, file), each, desk, member) for member, each in zip(found, names, strict=True)
    ]
    return Reading(
        tuple(table for reading in readings for table in reading.tables),
        tuple(finding for reading in readings for finding in reading.findings),
    )


@contextmanager
def _lent(content: IO[bytes], kind: Format, place: Path | None) -> Generator[Path | bytes]:
    """Lend a file by a path that ends as its readers expect, so that it need not be held; where none is, its bytes."""
    path = getattr(content, "name", None)
    if isinstance(path, str) and path.casefold().endswith(f".{kind}"):
        yield Path(path)
        return
    if place is None and kind != "sav":  # which is read by another process first
        yield content.read()
        return
    with TemporaryDirectory(dir=place) as folder:
        copy = Path(folder) / f"content.{kind}"
        try:
            with copy.open("wb") as file:
                copyfileobj(content, file)
        except OSError as error:
            text = f"The store cannot keep in '{folder}' what it reads: {error.strerror}."
            raise StoreError(text, "Free some of its disk, or use another folder.") from error
        yield copy


@dataclass(slots=True)
class _Seen:
    """One column as far as its pieces were seen: what the whole of it must be, and what has to be told."""

    variable: Variable
    name: str
    reasons: str
    labels: Mapping[Any, str]
    dtype: pl.DataType = field(default_factory=pl.Null)
    is_whole: bool = True
    has_gaps: bool = False  # missing cells that may have a reason, as far as the pieces did not say it
    known: int = 0
    infinite: int = 0
    undated: int = 0
    unreadable: int = 0
    misread: int = 0
    tidied: Tidied = field(default_factory=Tidied)
    marks: dict[str, int] = field(default_factory=dict[str, int])
    written: set[str] = field(default_factory=set[str])  # the formats that all of its texts may be dates in

    def look_at(self, values: pl.Series, marks: pl.Series | None, family: Family) -> list[pl.Series]:
        """Return a piece of it as it is kept, with the reasons of its missing cells beside it."""
        kept = self._kept(values, family).rename(self.name)
        self.known += kept.count()
        self.dtype = pl.Int64() if kept.dtype.is_float() and self.known and self.is_whole else kept.dtype
        if self.written and kept.count():
            self.written = {each for each in self.written if _is_written(kept, each)}
        self.has_gaps |= marks is None and not self.variable.is_text and bool(kept.null_count())
        beside = self.mark(marks) if marks is not None else None
        return [kept] if beside is None else [kept, beside]

    def as_kept(self) -> pl.Expr:
        """Return the column as it is once all of it was seen: whole numbers where all are, dates of CDISC as such."""
        column = pl.col(self.name)
        if self.known and self.written and self.dtype == pl.String:
            (written,) = self.written
            self.dtype = _ISO[written][1]
            return column.str.strptime(self.dtype, written)
        return column.cast(self.dtype)

    def mark(self, marks: pl.Series) -> pl.Series | None:
        """Return the reasons of the missing cells of a piece; None where none has one."""
        if marks.null_count() == marks.len():
            return None
        for mark, count in marks.drop_nulls().value_counts().iter_rows():
            self.marks[mark] = self.marks.get(mark, 0) + count
        return marks.rename(self.reasons)

    def _kept(self, values: pl.Series, family: Family) -> pl.Series:
        if self.variable.is_text:
            if _is_clean(values):
                return values
            values, misread = read_again(values)
            self.misread += misread
            text, tidied = tidy_text(values)
            self.tidied = Tidied(
                self.tidied.tokens | tidied.tokens,
                self.tidied.missing + tidied.missing,
                self.tidied.changed + tidied.changed,
            )
            self.unreadable += int(text.str.contains(_REPLACED, literal=True).sum())
            return text
        if self.variable.meaning != "number":
            converted = convert(values, self.variable.meaning, family)
            self.undated += values.count() - converted.count()
            return converted
        if values.dtype.is_integer():
            return values.cast(pl.Int64)
        values = values.cast(pl.Float64)
        if not isfinite(values.sum()):  # quicker than to look at each
            odd = (~values.is_finite()).fill_null(False)
            self.infinite += int(odd.sum())
            values = values.set(odd, None)
        if self.is_whole and values.count():
            self.is_whole = bool(((values == values.floor()) & (values.abs() < EXACT_IN_FLOAT)).all())
        return values

    def reason_of(self, mark: str) -> str:
        """Return why a cell with a mark is missing: the label of the code, with the code where another has it too."""
        label = self._label(mark)
        if not label:
            return mark
        return label if sum(self._label(other) == label for other in self.marks) == 1 else f"{label} ({mark})"

    def _label(self, mark: str) -> str:
        known = {code_text(code): label for code, label in self.labels.items()}
        return (known.get(mark) or known.get(mark.removeprefix(".")) or "").strip()

    def said(self) -> Said:
        """Return what the file says of it."""
        marks = sorted(self.marks)
        return Said(
            label=_said(self.variable.label),
            unit=unit_of(_said(self.variable.label)) if self.dtype.is_numeric() else "",
            levels=tuple(self._levels()),
            missing=tuple(MissingCode(value=None, reason=self.reason_of(mark)) for mark in marks),
            reasons=self.reasons if marks else "",
        )

    def _levels(self) -> Iterator[Level]:
        if self.dtype.is_temporal() or (not self.variable.is_text and self.dtype == pl.String):
            return
        for code, label in self.labels.items():
            value = _as_in_data(code, self.dtype)
            if value is not None and label.strip() and not self._is_missing(code):
                yield Level(value=value, label=_said(label))

    def _is_missing(self, code: float | str) -> bool:
        return any(
            isinstance(code, str) == isinstance(low, str) and low <= code <= high for low, high in self.variable.missing
        )

    def told(self, table: str) -> Iterator[Finding]:
        """Yield what a person should know of it."""
        yield from tell_tidied(self.tidied, self.name, table)
        if self.marks:
            cells = sum(self.marks.values())
            text = f"{counted(cells, 'cell')} missing for a reason that the file gives: see '{self.reasons}'."
            yield Finding(table, self.name, cells, text, "")
        if self.infinite:
            text = f"{counted(self.infinite, 'cell')} infinite or not a number, taken as missing."
            yield Finding(table, self.name, self.infinite, text, "")
        if self.undated:
            text = f"{counted(self.undated, 'cell')} of no date in the calendar, taken as missing."
            yield Finding(table, self.name, self.undated, text, "Check them in the program that wrote the file.")
        if self.misread:
            text = f"{counted(self.misread, 'cell')} of UTF-8 text that the file calls otherwise, read as UTF-8."
            yield Finding(table, self.name, self.misread, text, "")
        if self.unreadable:
            text = f"{counted(self.unreadable, 'cell')} with characters that could not be read, shown as {_REPLACED}."
            yield Finding(table, self.name, self.unreadable, text, "Export it again with UTF-8 encoding.")


def _said(label: str) -> str:
    return (as_utf8(label) or label).strip()


def _is_written(texts: pl.Series, written: str) -> bool:
    """Tell whether all texts are dates in a format: CDISC writes no more of a date than is known."""
    pattern, dtype = _ISO[written]
    known = texts.drop_nulls()
    return bool(known.str.contains(pattern).all()) and not known.str.strptime(dtype, written, strict=False).null_count()


def _is_clean(values: pl.Series) -> bool:
    """Tell whether text stays as it is, by its different values where these are few, as they mostly are."""
    if values.head(_SAMPLE).n_unique() * 4 >= min(values.len(), _SAMPLE):
        return False
    distinct = values.unique()
    is_replaced = distinct.str.contains(_REPLACED, literal=True).any()
    return not is_replaced and not read_again(distinct)[1] and tidy_text(distinct)[1] == Tidied()


def _as_in_data(code: Any, dtype: pl.DataType) -> Code | None:  # noqa: ANN401 - what a reader gave
    """Return a code with a label as the column has it; None where it is of another type, as a letter of Stata's."""
    if dtype == pl.String:
        return as_utf8(code) or code if isinstance(code, str) else None
    if isinstance(code, str):
        return None
    return int(code) if float(code).is_integer() else float(code)


def _read(source: Source, name: str, desk: Desk, member: Member | None = None) -> Reading:
    contents = read_contents(source)
    if not contents.variables:
        raise FileError(source.file, "has no columns", "Export it again with its variables.")
    refuse_large(contents.rows or 0, len(contents.variables), source.file)
    seen = _begin(contents, desk.catalogue)
    stage, heights = Stage(desk), list[int]()
    for piece in pieces(source, contents):
        stage.add(_look_at(piece, seen, source.family, None if member is None else (member, sum(heights))))
        heights.append(piece.height)
    gaps = {tag_of(column.variable.name): column for column in seen if column.has_gaps}
    for at, marks in enumerate(tags(source, [column.variable.name for column in gaps.values()], heights)):
        beside = [reasons for name in marks.columns if (reasons := gaps[name].mark(marks[name])) is not None]
        if beside:
            stage.change(at, pl.DataFrame(beside))
    chosen: list[pl.Expr] = []
    said: dict[str, Said] = {}
    for column in seen:
        chosen.append(column.as_kept())
        said[column.name] = column.said()
        if column.marks:
            reasons = {mark: column.reason_of(mark) for mark in sorted(column.marks)}
            chosen.append(pl.col(column.reasons).replace(reasons))
            levels = tuple(Level(value=reason, label=reason) for reason in reasons.values())
            said[column.reasons] = Said(f"why '{column.name}' is missing", levels=levels, kind="categorical")
    findings = tuple(finding for column in seen for finding in column.told(name))
    if [column.name for column in seen] != [variable.name for variable in contents.variables]:
        findings = (Finding(name, None, 0, "Column names made distinct or clean.", ""), *findings)
    scan = pl.concat(stage.scan(), how="diagonal").select(chosen)
    return Reading((Table(name, scan, sum(heights), said),), findings)


def _begin(contents: Contents, catalogue: Catalogue) -> list[_Seen]:
    """Name the columns, and those of the reasons, so that none of them are alike."""
    names = distinct_names([variable.name for variable in contents.variables])
    reasons = distinct_names([*names, *(f"{name}_missing" for name in names)])[len(names) :]
    return [
        _Seen(
            variable,
            name,
            beside,
            labels_of(variable, catalogue) or variable.labels,
            written=set(_ISO) if variable.is_text and variable.name.casefold().endswith("dtc") else set(),
        )
        for variable, name, beside in zip(contents.variables, names, reasons, strict=True)
    ]


def _look_at(
    piece: pl.DataFrame, seen: Sequence[_Seen], family: Family, tagged: tuple[Member, int] | None
) -> pl.DataFrame:
    columns: list[pl.Series] = []
    for number, column in enumerate(seen):
        values = piece[column.variable.name]
        tag = tag_of(column.variable.name)
        marks = piece[tag] if tag in piece.columns else None
        if tagged:
            member, start = tagged
            found = member.tags(number)
            marks = None if found is None else found.slice(start, piece.height).set(values.is_not_null(), None)
        columns += column.look_at(values, marks, family)
    return pl.DataFrame(columns)
