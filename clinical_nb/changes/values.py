"""What changed in one table, as plain values: counts and names, and of values only the levels of categories."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions: its number, its hash, and when it was stored, in UTC."""

    number: int
    version: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Retyped:
    """A column whose values are of another type now."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ColumnChanges:
    """Columns that only one of the versions has, with their types, and those of another type."""

    added: Mapping[str, str] = field(default_factory=dict[str, str])
    dropped: Mapping[str, str] = field(default_factory=dict[str, str])
    retyped: tuple[Retyped, ...] = ()

    @property
    def count(self) -> int:
        """How many columns changed."""
        return len(self.added) + len(self.dropped) + len(self.retyped)


@dataclass(frozen=True, slots=True)
class MeaningChange:
    """What the dictionary says otherwise of a column: `what` is its label, unit, kind, role or a code; "" for nothing.

    The column "rows" is the table's rows themselves: what one is about, their key, and where they belong.
    """

    column: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LevelChanges:
    """Values of a category that only one of the versions has: each as text, with its label."""

    column: str
    appeared: Mapping[str, str]
    vanished: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KeyFault:
    """Why a column does not tell the rows of a version apart: how many rows share its values, how many have none."""

    column: str
    number: int
    repeated: int
    missing: int


@dataclass(frozen=True, slots=True)
class RowChanges:
    """How many rows are new, gone, changed and as before, in the columns that both versions have.

    Rows are matched by `key`; `cells` counts the changed values of each column. Without a key, whole rows are counted,
    as often as they occur: none is then changed, and `faults` say why there is no key.
    """

    key: tuple[str, ...]
    added: int
    removed: int
    changed: int
    unchanged: int
    cells: Mapping[str, int] = field(default_factory=dict[str, int])
    faults: tuple[KeyFault, ...] = ()


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What changed in a table that both versions have.

    `content_is_same` where every value is: nothing was read then, and `rows` is None, as it is where the versions have
    no column in common.
    """

    table: str
    rows_before: int
    rows_after: int
    content_is_same: bool
    columns: ColumnChanges = field(default_factory=ColumnChanges)
    meaning: tuple[MeaningChange, ...] = ()
    rows: RowChanges | None = None
    levels: tuple[LevelChanges, ...] = ()
