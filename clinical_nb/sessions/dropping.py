"""What is deleted: a dataset or a version of it, with its copies, its answers, and what was said of it."""

from collections.abc import Sequence
from contextlib import suppress

from clinical_nb.answering.conversation import Conversation
from clinical_nb.answering.disclosing import Disclosing
from clinical_nb.dataset import Dataset
from clinical_nb.errors import ClinicalError, StoreError
from clinical_nb.history.events import Deletion, new_run_id
from clinical_nb.sessions.holdings import Holdings
from clinical_nb.sessions.place import Place
from clinical_nb.store.files import cannot_write

# ruff: noqa: PLC0415 - what reads folders of tables comes with the first of them, so that %load_ext is quick


class Dropping:
    """Deletes datasets: from the store or what is attached, from the talk about them, and from the names of persons.

    What was disclosed of a version that goes is kept with one that stays: its persons live on in that.
    """

    def __init__(self, place: Place, holdings: Holdings, talk: Conversation, disclosing: Disclosing) -> None:
        self._place = place
        self._holdings = holdings
        self._talk = talk
        self._disclosing = disclosing

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
        gone = None if version is None else self._holdings.find_versions(name, version)
        if not self._holdings.detach(name):
            self._refuse_lying(name)
            self._delete(name, gone)
        self._talk.forget(name)  # and where it was in use, the next question has to say which dataset it is about

    def copies(self, name: str) -> list[str]:
        """Name what goes when a dataset is dropped, because it may hold it too: what was set aside in the store.

        Returns
        -------
        list of str
            Damaged records, backups of older formats, and folders that it was adopted from.

        """
        found = (copy.relative_to(self._place.store.home).as_posix() for copy in self._place.store.find_copies(name))
        return [" ".join(each.encode(errors="replace").decode().split()) for each in found]  # a name is any bytes

    def _delete(self, name: str, versions: Sequence[Dataset] | None) -> None:
        """Delete versions of a stored dataset, or all of it, and what the history's tokens stand for with the last."""
        datasets = self._holdings.datasets()
        every = self._holdings.versions(name) if any(each.name == name for each in datasets) else []
        hashes = {each.version for each in (every if versions is None else versions)}
        try:
            if left := [each for each in every if each.version not in hashes]:
                self._disclosing.hand_on([each for each in every if each.version in hashes], left[-1])
            else:
                others = [each for each in datasets if each.name != name and not each.is_attached]
                with suppress(StoreError):  # rows that cannot be read can be found again nowhere
                    self._disclosing.hand_over(every, others)
        except OSError as error:
            raise cannot_write(self._place.home, error) from error
        uploads = None if versions is None else [each.stored.upload_id for each in versions]
        gone = [each.dataset_version for each in self._place.store.drop(name, uploads)]
        is_left = any(dataset.name == name for dataset in self._holdings.datasets())
        self._place.note(Deletion(new_run_id(), self._place.references.name(name), gone, whole=not is_left))
        if not is_left:
            self._place.references.forget(name)

    def _refuse_lying(self, name: str) -> None:
        """Refuse to drop what would be adopted again: whose a folder is that nobody read, only the person can say."""
        if not any(self._place.home.glob("*_tables")):
            return
        from clinical_nb.moving.adoption import find_folders

        for folder in find_folders(self._place.home, name):
            said = " ".join(folder.name.encode(errors="replace").decode().split())
            problem = f"The folder '{said}' lies in the store, and would become dataset '{name}' again."
            raise ClinicalError(problem, "Move it out of the store or delete it, and drop the dataset then.")
