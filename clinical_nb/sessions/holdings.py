"""The datasets that a session has: those that the store holds, those that are attached, and which of them is in use."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from clinical_nb.answering.conversation import Conversation
from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.errors import ClinicalError, NoDatasetError, StoreError, UnknownDatasetError
from clinical_nb.sessions.attaching import describe_frames
from clinical_nb.sessions.place import Place
from clinical_nb.store.files import check_new_name

_SHORTEST_HASH = 4  # of what a person types of a version


class Holdings:
    """The datasets of a store with those that are attached, and which of them questions are about.

    Parameters
    ----------
    place : Place
        Whose store it is.
    talk : Conversation
        What leaves no choice open once questions are about another dataset, or another version.

    """

    def __init__(self, place: Place, talk: Conversation) -> None:
        self._place = place
        self._talk = talk
        self._was_there = place.home.is_dir()
        self._attached: dict[str, Dataset] = {}
        self._used: str | None = None

    def datasets(self) -> list[Dataset]:
        """List the current version of each dataset, newest first.

        Raises
        ------
        StoreError
            When the store's folder is gone: somebody moved it, or its disk.

        """
        self._was_there = self._was_there or self._place.home.is_dir()
        if self._was_there and not self._place.home.is_dir():
            gone = f"The store's folder '{self._place.home}' is not there any more."
            raise StoreError(gone, "Put it back, or restart the kernel to begin with a new one.")
        return [dataset_of(stored, self._place.store) for stored in self._place.store.list_datasets()]

    def find(self, name: str) -> Dataset:
        """Return the current version of a dataset.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name, and none is attached.

        """
        if name in self._attached:
            return self._attached[name]
        datasets = {dataset.name: dataset for dataset in self.datasets()}
        if name not in datasets:
            raise UnknownDatasetError(name, datasets)
        return datasets[name]

    def versions(self, name: str) -> list[Dataset]:
        """List the versions of a dataset, oldest first.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name, and none is attached.

        """
        if name in self._attached:
            return [self._attached[name]]
        store = self._place.store
        return [dataset_of(stored, store) for stored in store.list_versions(name)]

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

    @property
    def current(self) -> Dataset | None:
        """The dataset that questions are about: the one last used, else the newest; None where it is not there."""
        if self._used in self._attached:
            return self._attached[self._used]
        datasets = self.datasets()
        if self._used is not None:
            datasets = [dataset for dataset in datasets if dataset.name == self._used]
        return datasets[0] if datasets else None

    def use(self, name: str) -> Dataset:
        """Make questions be about this dataset from now on.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name, and none is attached.

        """
        dataset = self.find(name)
        self.take_up(name)
        return dataset

    def take_up(self, name: str) -> None:
        """Make questions be about a dataset that is there, or about to be; what the last one left open is no choice."""
        self._was_there = self._was_there or self._place.home.is_dir()
        self._used = name
        self._talk.forget()

    def asked_of(self, data: str | None) -> Dataset:
        """Return the dataset of a question; once resolved, another notebook's upload does not change it.

        Raises
        ------
        NoDatasetError, UnknownDatasetError
            When there is none.

        """
        if data is not None:
            return self.find(self._place.references.resolve(data))  # as an exported history names it
        dataset = self.current
        if dataset is None:
            others = [*self._attached, *(each.name for each in self.datasets())]
            raise UnknownDatasetError(self._used, others) if self._used and others else NoDatasetError
        self._used = dataset.name
        return dataset

    def attach(self, name: str, frame: object, dictionary: str | Path | None = None) -> Dataset:
        """Make data that lie elsewhere a dataset of this session, and use it: nothing is copied, nothing is stored.

        Roles of its columns (patient, arm, time, event, outcome) are proposed as for an upload, and `accept`, `reject`
        and `correct` say otherwise; what its rows are and where they belong is declared by the dictionary alone.
        Each question is answered where the data lie, as they are then; no answer is kept for the next time.

        Parameters
        ----------
        name : str
            The dataset's name, and that of its table; one that the store does not have.
        frame : lazy frame, or mapping of str to lazy frame
            A lazy frame of Polars, a relation of DuckDB, a DataFrame of Spark, or another that narwhals knows; or
            several, by the name of each table.
        dictionary : path, optional
            A CSV (`column, meaning, codes_or_units`) or YAML that declares what columns mean.

        Raises
        ------
        ClinicalError, DictionaryError
            When the frame cannot be queried, the store has that name, or the dictionary does not fit.

        """
        check_new_name(name)
        if name in {each.name for each in self.datasets()}:
            raise ClinicalError(f"The store has a dataset '{name}'.", "Attach the data under another name.")
        frames = cast("Mapping[str, Any]", frame) if isinstance(frame, Mapping) else {name: frame}
        return self.keep_attached(describe_frames(name, frames, dictionary))

    def keep_attached(self, dataset: Dataset) -> Dataset:
        """Have a dataset that lies elsewhere, or the same as a person says now that it is, and use it."""
        self._attached[dataset.name] = dataset
        self.take_up(dataset.name)
        return dataset

    def detach(self, name: str) -> bool:
        """Let an attached dataset go; False where none of this name is attached."""
        return self._attached.pop(name, None) is not None

    def close(self) -> None:
        """Leave the store; nothing is held open between calls, so nothing can be lost by not calling this."""
        self._used = None
