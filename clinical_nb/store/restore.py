"""What comes back when a kernel starts: every dataset whose metadata is whole, and a sentence for each that is not."""

from dataclasses import dataclass

from clinical_nb.store.datastore import DataStore
from clinical_nb.store.mend import mend_store
from clinical_nb.store.metadata import DamagedError, read_metadata
from clinical_nb.store.version import Version


@dataclass(frozen=True, slots=True)
class Restored:
    """The current version of each dataset, newest first, and what to tell the person about the others."""

    datasets: list[Version]
    warnings: list[str]


def restore_datasets(store: DataStore) -> Restored:
    """Bring back what a store holds, mending it first; a dataset that cannot be mended is named and left out.

    Of a store that is whole, the metadata and the record's list are read, and no table: it takes milliseconds whatever
    the datasets' sizes.

    Raises
    ------
    StoreError
        When the store was written by a newer version.

    """
    warnings = mend_store(store.home)
    current: list[Version] = []
    for name, versions in read_metadata(store.home):
        if isinstance(versions, DamagedError):
            warnings.append(f"Dataset '{name}' was not restored: its metadata {versions}. Upload it again.")
        else:
            current.append(versions[-1])
    return Restored(sorted(current, key=lambda version: version.created, reverse=True), warnings)
