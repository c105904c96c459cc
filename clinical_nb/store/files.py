"""What may lie on the disk: whole files only, private to their owner, under names that every file system takes."""

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path

from clinical_nb.errors import StoreError

PART = ".part"  # ends the name of what is being written
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")  # which Windows opens whatever the folder and the ending


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner can read; one that is there stays as it is.

    Raises
    ------
    StoreError
        When it cannot be made.

    """
    try:
        if not folder.parent.exists():
            make_folder(folder.parent)  # mkdir's own parents would be readable by everybody
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, flush it to the disk and rename it, so that nobody ever sees half of it.

    Raises
    ------
    StoreError
        When the disk does not take it; what was there before is still there.

    """
    with written_beside(file, write) as beside:
        show_file(beside, file)


@contextmanager
def written_beside(file: Path, write: Callable[[Path], object]) -> Generator[Path]:
    """Write a file beside its place and flush it to the disk; unless it is shown meanwhile, it is gone in the end.

    Raises
    ------
    StoreError
        When the disk does not take it.

    """
    make_folder(file.parent)
    beside = file.with_name(f".{secrets.token_hex(8)}{PART}")
    try:
        try:
            os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            write(beside)
            _flush(beside)
        except OSError as error:
            raise cannot_write(file.parent, error) from error
        yield beside
    finally:
        with suppress(OSError):  # a disk that could not be written has said so already
            beside.unlink(missing_ok=True)


def show_file(beside: Path, file: Path) -> None:
    """Give a file that was written beside its place its name, durably.

    Raises
    ------
    StoreError
        When the disk refuses.

    """
    try:
        beside.replace(file)
        flush_folder(file.parent)
    except OSError as error:
        raise cannot_write(file.parent, error) from error


def delete_file(file: Path) -> None:
    """Delete a file, if it is there.

    Raises
    ------
    StoreError
        When the disk refuses.

    """
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(file.parent, error) from error


def flush_folder(folder: Path) -> None:
    """Make the names in a folder as durable as the files."""
    if os.name == "posix":  # Windows opens no folders
        _flush(folder)


def file_name(name: str) -> str:
    """Return a file name for what a person named: readable, and never the same for two names.

    A name of lower-case letters, digits, `_` and `-` is its own file name, unless Windows has it for a device. Any
    other is shortened to what it has of these, followed by `~` (which no plain name has) and a hash.
    """
    if _PLAIN.fullmatch(name) and not _DEVICES.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).casefold()
    readable = re.sub(r"[^a-z0-9_-]+", "_", plain).strip("_-")[:40]
    return f"{readable}~{hashlib.blake2b(name.encode(), digest_size=6).hexdigest()}"


def check_names(names: Iterable[str]) -> None:
    """Refuse the few names that no file, database or screen can hold.

    Raises
    ------
    StoreError
        When a name is empty, holds a zero byte, or is not text.

    """
    for name in names:
        if not name.strip():
            raise StoreError("A name is empty.", "Give the dataset and each table a name.")
        if "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name):
            raise StoreError(f"The name {name!r} has characters that are not text.", "Give it another name.")


def check_new_name(name: str) -> None:
    """Refuse a name for a dataset that reads as a way through folders.

    Raises
    ------
    StoreError
        When `.` or `..` is all that stands in it between slashes of either kind, or no dataset can have it.

    """
    check_names([name])
    if {".", ".."} & {part.strip() for part in name.replace("\\", "/").split("/")}:
        said = " ".join(name.split())
        raise StoreError(
            f"'{said}' cannot be the name of a dataset.", "Give it one without '.' or '..' between slashes."
        )


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cannot_write(folder: Path, error: OSError) -> StoreError:
    """Return the sentence for a folder of the store that cannot be written."""
    reason = error.strerror or str(error)
    return StoreError(f"The store cannot write in '{folder}': {reason}.", "Free or unlock that folder, or use another.")
