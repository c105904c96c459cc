"""Dictionary files as they are given: their text, whatever its encoding."""

from dataclasses import dataclass
from pathlib import Path

from clinical_nb.errors import DictionaryError


@dataclass(frozen=True, slots=True)
class DictionaryFile:
    """A dictionary file as it was given: its name, whose ending says YAML or CSV, and its text."""

    name: str
    text: str

    @property
    def is_yaml(self) -> bool:
        """Whether its name says that it is YAML; all else is read as a table."""
        return self.name.casefold().endswith((".yaml", ".yml"))


def read_dictionary_file(file: Path) -> DictionaryFile:
    """Return a dictionary file's text, in UTF-8, UTF-16 or Windows-1252.

    Raises
    ------
    DictionaryError
        When it cannot be opened, or is not text.

    """
    return DictionaryFile(file.name, _text(file))


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise DictionaryError(f"The dictionary '{file}' cannot be opened.", "Check the path and the name.") from error
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    message = f"The dictionary '{file.name}' is not text."
    raise DictionaryError(message, "Save it as CSV with the columns column, meaning, codes_or_units.")
