"""What a file itself says of a column: its label, its unit, the words of its codes, why values are missing."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinical_nb.dictionary.meaning import Kind, Level, MissingCode


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of one column; empty where it says nothing.

    `levels` are the words of its codes, in the file's order. `missing` are codes that stand for missing and are still
    among the values, or, with the value None, the reasons of empty cells. `reasons` is the column beside it that says
    of each empty cell why.
    """

    label: str = ""
    unit: str = ""
    levels: tuple[Level, ...] = ()
    missing: tuple[MissingCode, ...] = ()
    reasons: str = ""
    kind: Kind | None = None


Saying = Mapping[str, Said]  # by column
