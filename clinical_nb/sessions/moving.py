"""What comes into a store and what leaves it: files uploaded, tables exported, whole datasets archived."""

import time
from collections.abc import Sequence
from pathlib import Path

from clinical_nb.answering.disclosing import Disclosing
from clinical_nb.answering.withholding import may_be_written
from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.errors import ClinicalError
from clinical_nb.history.events import Adoption, Export, Upload, new_run_id
from clinical_nb.history.privacy import told
from clinical_nb.sessions.holdings import Holdings
from clinical_nb.sessions.place import Place

# ruff: noqa: PLC0415 - what reads and writes files comes with the first of them, so that %load_ext is quick


class Moving:
    """Moves datasets between the store and files elsewhere, where the profile lets rows leave."""

    def __init__(self, place: Place, holdings: Holdings, disclosing: Disclosing) -> None:
        self._place = place
        self._holdings = holdings
        self._disclosing = disclosing

    def upload(
        self, paths: str | Path | Sequence[str | Path], name: str | None = None, dictionary: str | Path | None = None
    ) -> Dataset:
        """Store files as a dataset, or as the next version of the dataset of that name, and use it.

        Parameters
        ----------
        paths : path or sequence of paths
            Tables in any format that README names, a zip or a folder of these; or what `archive` made. A codebook
            among them (REDCap's data dictionary, a table with a line for each column) is taken as the dictionary.
        name : str, optional
            The dataset's name; by default the first file's, without its ending, or the folder's, without `_tables`.
        dictionary : path, optional
            A CSV (`column, meaning, codes_or_units`) or YAML that declares what columns mean, which holds for later
            versions until another is given. By default the one that `export` wrote into the folder.

        Returns
        -------
        Dataset
            The stored version; the one already there when content and dictionary are the same.

        Raises
        ------
        FileError, DictionaryError, ClinicalError, StoreError
            With one sentence of what is wrong and what to do.

        """
        from clinical_nb.moving.given import find_given
        from clinical_nb.uploading.storing import store_files

        upload = find_given(paths, name, dictionary)
        if upload.is_archive:
            return self._holdings.use(self._take_in(upload.files[0], name))
        before = next((dataset for dataset in self._holdings.datasets() if dataset.name == upload.name), None)
        began = time.perf_counter()
        stored = store_files(self._place.store, upload.files, upload.name, upload.dictionary, before)
        dataset = dataset_of(stored, self._place.store)
        if name and may_be_written(name, dataset.dictionary):
            self._place.references.publish(name)
        is_new = before is None or before.version != stored.dataset_version
        self._place.note(self._told_of(dataset, is_new, round(1000 * (time.perf_counter() - began))))
        self._holdings.take_up(upload.name)
        return dataset

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
            When there is no such dataset, version or format, a file is there already, a profile of
            disclosure control is in force, or the disk refuses.

        """
        from clinical_nb.moving.export import export_dataset

        self._disclosing.refuse_rows("An export")
        held = self._holdings
        dataset = held.find(name) if version is None else held.find_versions(name, version)[-1]
        if dataset.is_attached:
            raise ClinicalError(f"'{name}' is attached: its rows are not in the store.", "Write them where they lie.")
        files = export_dataset(dataset, self._place.outside(Path(folder)), format, replace=replace)
        called = self._place.references.name(name)
        self._place.note(Export(new_run_id(), called, [dataset.version], format, len(dataset.tables)))
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
            When there is no such dataset, the file is there already, a table is lost, a profile of disclosure
            control is in force, or the disk refuses.

        """
        from clinical_nb.moving.archiving import archive_dataset

        self._disclosing.refuse_rows("An archive")
        file, versions = archive_dataset(self._place.store, name, self._place.outside(Path(to or ".")), replace=replace)
        called = self._place.references.name(name)
        self._place.note(Export(new_run_id(), called, versions, "archive", files=1))
        return file

    def _take_in(self, file: Path, name: str | None) -> str:
        """Add what an archive holds, and return the dataset's name."""
        from clinical_nb.moving.archiving import take_in_archive

        dataset, added = take_in_archive(self._place.store, file, name)
        if added:
            versions = [each.dataset_version for each in added]
            called = self._place.references.name(dataset)
            self._place.note(Adoption(new_run_id(), called, versions, "archive"))
        return dataset

    def _told_of(self, dataset: Dataset, is_new: bool, milliseconds: int) -> Upload:  # noqa: FBT001 - one caller
        """Return what the history says of an upload."""
        steps = sum(len(c.clean) for columns in dataset.dictionary.tables.values() for c in columns.values())
        return Upload(
            new_run_id(),
            self._place.references.name(dataset.name),
            dataset.version,
            len(dataset.source_files),
            {self._place.references.name(table): told(rows) for table, (rows, _) in dataset.tables.items()},
            steps,
            is_new,
            milliseconds,
        )
