"""What a store holds: datasets and their versions; restored, adopted, listed, compared, exported, archived, deleted."""

import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.doing import tell
from clinical_nb.errors import ClinicalError, HistoryError, StoreError, UnknownDatasetError
from clinical_nb.history.events import Adoption, Deletion, Event, Export, Restoration, new_run_id
from clinical_nb.history.logger import QueryLogger
from clinical_nb.history.references import References
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.restore import restore_datasets

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    from clinical_nb.changes.report import Changes
    from clinical_nb.changes.tables import TableVersion
    from clinical_nb.changes.values import TableChanges

# ruff: noqa: PLC0415 - comparing needs Polars, which comes with the first upload or question: %load_ext is quick

_SHORTEST_HASH = 4  # of what a person types of a version


class Holdings:
    """The datasets of one store, restored when it is opened.

    Parameters
    ----------
    home : Path
        The folder of the store.

    Raises
    ------
    StoreError
        When the folder cannot be made or written, or a newer clinical_nb wrote it.

    """

    def __init__(self, home: Path) -> None:
        if home.exists() and not home.is_dir():
            raise StoreError(f"'{home}' is a file, not the folder of a store.", "Name a folder, or a new one.")
        self.home = home
        self._was_there = home.is_dir()
        self._store = DataStore(home)
        self._log = QueryLogger(home / "history")
        self._references = References(home / "history")
        self.warnings: tuple[str, ...] = (*restore_datasets(self._store).warnings, *self._adopt())
        if found := len(self._store.list_datasets()):
            with suppress(HistoryError):  # the first question says it, where nothing can be written
                self._log.log(Restoration(new_run_id(), found, len(self.warnings)))

    def datasets(self) -> list[Dataset]:
        """List the current version of each dataset, newest first.

        Raises
        ------
        StoreError
            When the store's folder is gone: somebody moved it, or its disk.

        """
        self._was_there = self._was_there or self.home.is_dir()
        if self._was_there and not self.home.is_dir():
            gone = f"The store's folder '{self.home}' is not there any more."
            raise StoreError(gone, "Put it back, or restart the kernel to begin with a new one.")
        return [dataset_of(stored, self._store) for stored in self._store.list_datasets()]

    def find(self, name: str) -> Dataset:
        """Return the current version of a dataset.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name.

        """
        datasets = {dataset.name: dataset for dataset in self.datasets()}
        if name not in datasets:
            raise UnknownDatasetError(name, datasets)
        return datasets[name]

    def versions(self, name: str) -> list[Dataset]:
        """List the versions of a dataset, oldest first.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name.

        """
        return [dataset_of(stored, self._store) for stored in self._store.list_versions(name)]

    def find_versions(self, name: str, version: int | str) -> list[Dataset]:
        """Return the version of a dataset with a number, or all with a hash that begins so: they hold the same.

        Raises
        ------
        UnknownDatasetError, ClinicalError
            When the store has no such dataset, or the dataset no such version, or several different that begin so.

        """
        versions = self.versions(name)
        wanted = str(version)
        found = [each for each in versions if wanted == str(each.number)] or [
            each for each in versions if len(wanted) >= _SHORTEST_HASH and each.version.startswith(wanted.lower())
        ]
        if len({each.version for each in found}) != 1:
            listed = ", ".join(f"{each.number} ({each.version[:8]})" for each in versions[-8:])
            problem = "several versions that begin with" if found else "no version"
            raise ClinicalError(f"'{name}' has {problem} '{wanted}'.", f"Its versions are {listed}.")
        return found

    def diff(self, name: str, before: int | str | None = None, after: int | str | None = None) -> "Changes":
        """Return what changed between two versions of a dataset: columns, meaning, rows and levels.

        Rows are matched by the table's identifier, where it is never missing nor repeated in either version, or by it
        and a visit or a date; else whole rows are counted. A table whose content is the same is not read.

        Parameters
        ----------
        name : str
            The dataset.
        before : int or str, optional
            A version's number, or the beginning of its hash; by default the one before `after`.
        after : int or str, optional
            The same; by default the current one.

        Returns
        -------
        Changes
            It shows itself, as text and as HTML.

        Raises
        ------
        UnknownDatasetError, ClinicalError, StoreError
            When the store has no such dataset or version, or none before it, or cannot read one of them.

        """
        versions = self.versions(name)
        now = versions[-1] if after is None else self.find_versions(name, after)[-1]
        if before is None:
            earlier = [each for each in versions if each.number < now.number]
            if not earlier:
                said = "only one version" if len(versions) == 1 else f"no version before {now.number}"
                hint = (
                    "A file uploaded under this name becomes the next." if len(versions) == 1 else "Name two versions."
                )
                raise ClinicalError(f"'{name}' has {said}: there is nothing to compare it with.", hint)
            return _compare(earlier[-1], now)
        return _compare(self.find_versions(name, before)[-1], now)

    def drop(self, name: str, version: int | str | None = None) -> None:
        """Delete a dataset, or a version of it, with the answers computed from it; the history keeps that it was.

        What is deleted cannot be read in the store's files any more. Copies that were set aside go too, because they
        hold it: `copies` names them.

        Parameters
        ----------
        name : str
            The dataset.
        version : int or str, optional
            A version's number, or the beginning of its hash, which stands for each version that holds just that; by
            default all versions.

        Raises
        ------
        UnknownDatasetError, ClinicalError, StoreError
            When the store has no such dataset or version, or cannot be written, or a folder `NAME_tables` lies in it.

        """
        self._refuse_lying(name)
        uploads = None if version is None else [each.stored.upload_id for each in self.find_versions(name, version)]
        gone = self._store.drop(name, uploads)
        is_left = any(dataset.name == name for dataset in self.datasets())
        versions = [version.dataset_version for version in gone]
        self._note(Deletion(new_run_id(), self._references.name(name), versions, whole=not is_left))
        if not is_left:
            self._references.forget(name)

    def copies(self, name: str) -> list[str]:
        """Name what goes when a dataset is dropped, because it may hold it too: what was set aside in the store.

        Returns
        -------
        list of str
            Damaged records, backups of older formats, and folders that it was adopted from.

        """
        found = (copy.relative_to(self._store.home).as_posix() for copy in self._store.find_copies(name))
        return [" ".join(each.encode(errors="replace").decode().split()) for each in found]  # a name is any bytes

    def export(
        self,
        name: str,
        folder: str | Path,
        format: str = "csv",  # noqa: A002 - what people call it
        version: int | str | None = None,
        *,
        replace: bool = False,
    ) -> list[Path]:
        """Write a version's tables to files that other programs read, and beside them what their columns mean.

        Parameters
        ----------
        name : str
            The dataset.
        folder : path
            Where to; made, for its owner alone, when it is not there.
        format : str
            `csv`, `parquet` or `arrow`. CSV does not keep what is text and what a number; the others do.
        version : int or str, optional
            A version's number, or the beginning of its hash; by default the current one.
        replace : bool
            Whether files that are there may be replaced.

        Returns
        -------
        list of Path
            A file for each table, in the order of the tables, and the dictionary, which `upload` takes.

        Raises
        ------
        UnknownDatasetError, ClinicalError, StoreError
            When there is no such dataset, version or format, a file is there already, or the disk refuses.

        """
        from clinical_nb.moving.export import export_dataset

        dataset = self.find(name) if version is None else self.find_versions(name, version)[-1]
        if dataset.is_attached:
            raise ClinicalError(f"'{name}' is attached: its rows are not in the store.", "Write them where they lie.")
        files = export_dataset(dataset, self._outside(Path(folder)), format, replace=replace)
        called = self._references.name(name)
        self._note(Export(new_run_id(), called, [dataset.version], format, len(dataset.tables)))
        return files

    def archive(self, name: str, to: str | Path | None = None, *, replace: bool = False) -> Path:
        """Pack every version of a dataset into one file that `upload` takes in elsewhere: not answers, not history.

        Parameters
        ----------
        name : str
            The dataset.
        to : path, optional
            The file, or a folder for it; by default the folder that Python runs in.
        replace : bool
            Whether a file that is there may be replaced.

        Returns
        -------
        Path
            The file, which only its owner can read.

        Raises
        ------
        UnknownDatasetError, ClinicalError, StoreError
            When there is no such dataset, the file is there already, a table is lost, or the disk refuses.

        """
        from clinical_nb.moving.archiving import archive_dataset

        file, versions = archive_dataset(self._store, name, self._outside(Path(to or ".")), replace=replace)
        self._note(Export(new_run_id(), self._references.name(name), versions, "archive", files=1))
        return file

    def _adopt(self) -> list[str]:
        """Make datasets of the folders of tables that lie in the store, and say what became of each."""
        if not any(self.home.glob("*_tables")):  # what reads them takes 80 ms to import
            return []
        from clinical_nb.moving.adoption import adopt_folders

        adopted = adopt_folders(self._store)
        for version in (each.version for each in adopted if each.version):
            called = self._references.name(version.dataset)
            self._note(Adoption(new_run_id(), called, [version.dataset_version], "folder"))
        return [each.told for each in adopted]

    def _refuse_lying(self, name: str) -> None:
        """Refuse to drop what would be adopted again: whose a folder is that nobody read, only the person can say."""
        if not any(self.home.glob("*_tables")):
            return
        from clinical_nb.moving.adoption import find_folders

        for folder in find_folders(self.home, name):
            said = " ".join(folder.name.encode(errors="replace").decode().split())
            problem = f"The folder '{said}' lies in the store, and would become dataset '{name}' again."
            raise ClinicalError(problem, "Move it out of the store or delete it, and drop the dataset then.")

    def _take_in(self, file: Path, name: str | None) -> str:
        """Add what an archive holds, and return the dataset's name."""
        from clinical_nb.moving.archiving import take_in_archive

        dataset, added = take_in_archive(self._store, file, name)
        if added:
            versions = [each.dataset_version for each in added]
            self._note(Adoption(new_run_id(), self._references.name(dataset), versions, "archive"))
        return dataset

    def _outside(self, path: Path) -> Path:
        """Return a path that is not in the store, where a file of somebody else's would be swept or adopted."""
        if path.resolve().is_relative_to(self.home.resolve()):
            raise ClinicalError(f"'{path}' is in the store's own folder.", "Choose a place outside of it.")
        return path

    def _note(self, event: Event) -> None:
        """Keep in the history what was done; where that fails, it is done all the same."""
        try:
            self._log.log(event)
        except HistoryError as error:
            warnings.warn(str(error), stacklevel=4)


def _compare(before: Dataset, after: Dataset) -> "Changes":
    from clinical_nb.changes.columns import compare_cohorts
    from clinical_nb.changes.report import Changes
    from clinical_nb.changes.tables import compare_tables
    from clinical_nb.changes.values import Side

    shared = [table for table in after.tables if table in before.tables] if before.version != after.version else []
    tables: list[TableChanges] = []
    for table in shared:
        tell(f"Comparing {table}: {after.tables[table][0]:,} rows")
        tables.append(compare_tables(table, _table_version(before, table), _table_version(after, table)))
    sides = (Side(each.number, each.version, each.created) for each in (before, after))
    return Changes(
        after.name,
        *sides,
        added=tuple(table for table in after.tables if table not in before.tables),
        gone=tuple(table for table in before.tables if table not in after.tables),
        tables=tuple(tables),
        cohorts=compare_cohorts(before.dictionary.cohorts, after.dictionary.cohorts),
    )


def _table_version(dataset: Dataset, table: str) -> "TableVersion":
    from clinical_nb.changes.tables import TableVersion

    stored = dataset.stored.tables[table]
    meaning, grain = dataset.dictionary.tables[table], dataset.dictionary.grains.get(table)
    scan = partial(dataset.lazy, table)
    return TableVersion(dataset.number, stored.hash, stored.rows, stored.schema, meaning, scan, grain)
