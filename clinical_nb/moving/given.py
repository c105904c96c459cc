"""What a person gives to be uploaded: files or a folder under a name, or an archive of a dataset."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clinical_nb.enumeration import enumerate_names
from clinical_nb.errors import ClinicalError, FileError
from clinical_nb.intake.folder import find_dictionary, name_folder
from clinical_nb.moving.archive import is_archive


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave to be uploaded: files under a dataset's name, or by itself an archive of a dataset."""

    files: Sequence[Path]
    name: str
    dictionary: Path | None
    is_archive: bool = False


def find_given(paths: str | Path | Sequence[str | Path], name: str | None, dictionary: str | Path | None) -> Given:
    """Return what paths give: a folder's own dictionary with it, and a name where none was said.

    Raises
    ------
    ClinicalError, FileError
        When there is no path, or nothing where it leads, or an archive that is not alone.

    """
    given = [paths] if isinstance(paths, str | Path) else paths
    files = [Path(path) for path in given]
    if not files or "" in given:  # which is the folder of the notebook to Python
        raise ClinicalError("There is nothing to upload.", "Name at least one file.")
    _refuse_absent(files, Path(dictionary) if dictionary else None)
    archive = next((file for file in files if is_archive(file)), None)
    if archive and (len(files) > 1 or dictionary):
        raise FileError(archive.name, "is an archive of a dataset, dictionary and all", "Upload it by itself.")
    words = Path(dictionary) if dictionary else None
    if len(files) == 1 and files[0].is_dir():
        return Given(files, name or name_folder(files[0]), words or find_dictionary(files[0]))
    return Given(files, name or files[0].name.split(".")[0], words, archive is not None)


def _refuse_absent(files: Sequence[Path], words: Path | None) -> None:
    """Raise an error that names all paths at which there is nothing, where a file is among them."""
    absent = [str(path) for path in files if _is_absent(path)]
    if absent and words and _is_absent(words):
        absent.append(str(words))
    if len(absent) == 1:
        raise FileError(absent[0], "is not there", "Check the path and the name.")
    if absent:
        raise ClinicalError(f"{enumerate_names(absent)} are not there.", "Check the paths and the names.")


def _is_absent(path: Path) -> bool:
    return not path.exists() and not path.is_symlink()  # a link that leads nowhere is told where it is opened
