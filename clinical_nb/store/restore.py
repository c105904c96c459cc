"""What comes back when a kernel starts: every dataset whose metadata is whole, and a sentence for each that is not."""

from dataclasses import dataclass

from clinical_nb.store.catalogue import recorded_datasets
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.files import file_name
from clinical_nb.store.metadata import DamagedError, read_metadata
from clinical_nb.store.version import Version


@dataclass(frozen=True, slots=True)
class Restored:
    """The current version of each dataset, newest first, and what to tell the person about the others."""

    datasets: list[Version]
    warnings: list[str]


def restore_datasets(store: DataStore) -> Restored:
    """Bring back what a store holds; a dataset whose metadata is missing or damaged is named and left out.

    Reads the metadata and the names in the record, no table: it takes milliseconds whatever the datasets' sizes.
    """
    recorded = {file_name(name): name for name in recorded_datasets(store.home)}
    current: list[Version] = []
    warnings: list[str] = []
    for name, versions in read_metadata(store.home):
        recorded_name = recorded.pop(file_name(name), recorded.pop(name, name))
        if isinstance(versions, DamagedError):
            warnings.append(_say(recorded_name, str(versions)))
        else:
            current.append(versions[-1])
    warnings += [_say(name, "is missing") for name in sorted(recorded.values())]
    return Restored(sorted(current, key=lambda version: version.created, reverse=True), warnings)


def _say(dataset: str, problem: str) -> str:
    return f"Dataset '{dataset}' was not restored: its metadata {problem}. Upload it again to repair it."
