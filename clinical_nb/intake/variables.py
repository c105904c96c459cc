"""What a file of SAS, SPSS or Stata says of its variables, by pyreadstat, which reads the headers of all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, cast

import polars as pl
import pyreadstat

from clinical_nb.errors import FileError
from clinical_nb.intake.calendars import Family, Meaning, meaning_of

Catalogue = Mapping[str, Mapping[float | str, str]]  # value labels by format
Format = Literal["sas7bdat", "xpt", "sav", "por", "dta"]
NAMES: Mapping[Format, str] = {
    "sas7bdat": "SAS dataset",
    "xpt": "SAS transport file",
    "sav": "SPSS file",
    "por": "SPSS portable file",
    "dta": "Stata file",
}
_FAMILIES: Mapping[Format, Family] = {"sas7bdat": "SAS", "xpt": "SAS", "sav": "SPSS", "por": "SPSS", "dta": "Stata"}
_READERS: Mapping[Format, Callable[..., Any]] = {
    "sas7bdat": pyreadstat.read_sas7bdat,
    "xpt": pyreadstat.read_xport,
    "sav": pyreadstat.read_sav,
    "por": pyreadstat.read_por,
    "dta": pyreadstat.read_dta,
}
FOLLOWS_TAGS = ("sas7bdat", "sav", "dta")  # whose readers can give the reasons of missing cells
OLD_ENCODING = "cp1252"  # of files that say nothing, or what is not true
AGAIN = "Download or export it again."
# What either reader raises for a file that is damaged, or none of its own.
ERRORS: tuple[type[Exception], ...] = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    cast("type[Exception]", pyreadstat.ReadstatError),  # pyright: ignore[reportUnknownMemberType] - not typed
    cast("type[Exception]", pyreadstat.PyreadstatError),  # pyright: ignore[reportUnknownMemberType] - the same
    OSError,
    ValueError,  # UnicodeDecodeError among them
    OverflowError,
    LookupError,
    RuntimeError,
    MemoryError,
    TypeError,
)


@dataclass(frozen=True, slots=True)
class Variable:
    """What a file says of one column: `labels` of codes in its order, `missing` codes and ranges that are declared."""

    name: str
    label: str
    is_text: bool
    is_whole: bool
    meaning: Meaning
    format: str
    labels: Mapping[float | int | str, str]
    missing: tuple[tuple[Any, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read, by its path or its bytes, of one format; `file` is what to call it in a sentence."""

    content: Path | bytes
    format: Format
    file: str

    @property
    def family(self) -> Family:
        """The program whose calendar its dates follow."""
        return _FAMILIES[self.format]

    def damaged(self, why: str = "") -> FileError:
        """Return the error that says so."""
        return FileError(self.file, f"is a damaged {NAMES[self.format]}{why}", AGAIN)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a file: its variables, how many rows (None where it does not say), how its text is encoded."""

    variables: tuple[Variable, ...]
    rows: int | None
    encoding: str
    forced: str | None


def read_contents(source: Source) -> Contents:
    """Return what is in a file, without its rows.

    Raises
    ------
    FileError
        When it is damaged.

    """
    for encoding in (None, OLD_ENCODING):
        try:
            _, said = read_by_pyreadstat(source, encoding, metadataonly=True)
        except UnicodeDecodeError:
            continue
        except ERRORS as error:
            if "encoding" in str(error) and encoding is None:
                continue
            raise source.damaged() from error
        variables = tuple(_variable(name, said, source) for name in said.column_names)
        rows = said.number_rows if source.format in FOLLOWS_TAGS else None
        return Contents(variables, rows, (said.file_encoding or "").casefold(), encoding)
    raise source.damaged(": its text is in no known encoding")


def read_catalogue(content: bytes, file: str) -> Catalogue:
    """Return the value labels of a SAS catalogue, by the names of its formats.

    Raises
    ------
    FileError
        When it is damaged.

    """
    for encoding in (None, OLD_ENCODING):
        try:
            _, said = pyreadstat.read_sas7bcat(BytesIO(content), encoding=encoding, output_format="dict")
        except UnicodeDecodeError:
            continue
        except ERRORS as error:
            raise FileError(file, "is a damaged SAS catalogue", AGAIN) from error
        return {_format_name(name): labels for name, labels in said.value_labels.items()}
    raise FileError(file, "is a damaged SAS catalogue", AGAIN)


def labels_of(variable: Variable, catalogue: Catalogue) -> Mapping[Any, str]:
    """Return the value labels that a catalogue has for a column, by its format."""
    return catalogue.get(_format_name(variable.format), {}) if variable.format else {}


def code_text(code: float | str | None) -> str | None:
    """Return a code as text, whole where it can be; a letter of an extended missing value with its point."""
    if isinstance(code, float) and code.is_integer():
        return str(int(code))
    return None if code is None else str(code)


def _variable(name: str | None, said: Any, source: Source) -> Variable:  # noqa: ANN401 - pyreadstat's metadata is not typed
    if name is None:  # its bytes are no text
        raise source.damaged()
    kind = said.readstat_variable_types.get(name, "")
    written = said.original_variable_types.get(name) or ""
    ranges = tuple((each["lo"], each["hi"]) for each in said.missing_ranges.get(name, ()))
    is_text = kind == "string"
    return Variable(
        name=name,
        label=said.column_names_to_labels.get(name) or "",
        is_text=is_text,
        is_whole=kind.startswith("int"),
        meaning="number" if is_text else meaning_of(written, source.family),
        format=said.variable_to_label.get(name) or written,
        labels=said.variable_value_labels.get(name, {}),
        missing=ranges,
    )


def read_by_pyreadstat(source: Source, encoding: str | None, **options: Any) -> tuple[Mapping[str, Sequence[Any]], Any]:  # noqa: ANN401 - as pyreadstat has it
    """Read by pyreadstat: values as they stand in the file."""
    content = source.content if isinstance(source.content, Path) else BytesIO(source.content)
    if source.format != "por":
        options["encoding"] = encoding
    if source.format in FOLLOWS_TAGS:
        options["user_missing"] = True
    return _READERS[source.format](content, disable_datetime_conversion=True, output_format="dict", **options)


def _format_name(written: str) -> str:
    return written.rstrip(".0123456789").upper() or written.upper()
