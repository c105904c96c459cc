"""The folder of a store that is open: what it holds, its history, and what the history's tokens stand for."""

import warnings
from contextlib import suppress
from pathlib import Path

from clinical_nb.errors import ClinicalError, HistoryError, StoreError
from clinical_nb.history.events import Adoption, Event, Restoration, new_run_id
from clinical_nb.history.logger import QueryLogger
from clinical_nb.history.record import Record
from clinical_nb.history.references import References
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.restore import restore_datasets

# ruff: noqa: PLC0415 - what reads folders of tables comes with the first of them, so that %load_ext is quick


class Place:
    """Where a session is: every part of it works on this folder.

    Parameters
    ----------
    home : Path
        The folder of the store; made with the first thing that is stored.

    Raises
    ------
    StoreError
        When it is a file.

    """

    def __init__(self, home: Path) -> None:
        if home.exists() and not home.is_dir():
            raise StoreError(f"'{home}' is a file, not the folder of a store.", "Name a folder, or a new one.")
        self.home = home
        self.store = DataStore(home)
        self.log = QueryLogger(home / "history")
        self.record = Record(home / "history")
        self.references = References(home / "history")

    def restore(self) -> tuple[str, ...]:
        """Bring back what the store holds, adopt the folders of tables that lie in it, and return what is to be told.

        Raises
        ------
        StoreError
            When the folder cannot be made or written, or a newer clinical_nb wrote it.

        """
        told = (*restore_datasets(self.store).warnings, *self._adopt())
        if found := len(self.store.list_datasets()):
            with suppress(HistoryError):  # the first question says it, where nothing can be written
                self.log.log(Restoration(new_run_id(), found, len(told)))
        return told

    def note(self, event: Event) -> None:
        """Keep in the history what was done; where that fails, it is done all the same."""
        try:
            self.log.log(event)
        except HistoryError as error:
            warnings.warn(str(error), stacklevel=3)

    def outside(self, path: Path) -> Path:
        """Return a path that is not in the store, where a file of somebody else's would be swept or adopted.

        Raises
        ------
        ClinicalError
            When it is in the store.

        """
        if path.resolve().is_relative_to(self.home.resolve()):
            raise ClinicalError(f"'{path}' is in the store's own folder.", "Choose a place outside of it.")
        return path

    def _adopt(self) -> list[str]:
        """Make datasets of the folders of tables that lie in the store, and say what became of each."""
        if not any(self.home.glob("*_tables")):  # what reads them takes 80 ms to import
            return []
        from clinical_nb.moving.adoption import adopt_folders

        adopted = adopt_folders(self.store)
        for version in (each.version for each in adopted if each.version):
            called = self.references.name(version.dataset)
            self.note(Adoption(new_run_id(), called, [version.dataset_version], "folder"))
        return [each.told for each in adopted]
