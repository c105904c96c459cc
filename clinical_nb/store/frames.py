"""Where the store's frames come from: the one module that handles them, imported with the first."""

from types import ModuleType


def load_tables() -> ModuleType:
    """Return `store.tables`, imported when it is first needed: Polars costs `%load_ext` 80 to 140 ms."""
    from clinical_nb.store import tables  # noqa: PLC0415 - see above

    return tables
