"""Files on their way from the browser: chunks written to a .part file, checked one by one, named when whole."""

import hashlib
import os
import re
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from clinical_nb.errors import FileError

_SECONDS_IN_A_DAY = 86_400
_LONGEST_NAME = 120  # bytes of UTF-8: file systems allow 255 for the whole name


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of a file; each says all that is needed to place it, since pieces may overtake each other.

    `digest` is the SHA-256 of the piece in hexadecimal, empty where the browser cannot compute it (plain http).
    """

    file: str
    name: str
    offset: int
    total: int
    digest: str


@dataclass(slots=True)
class _Arriving:
    path: Path
    total: int
    pieces: dict[int, int] = field(default_factory=dict[int, int])


class Incoming:
    """A folder in which files arrive; what is done with is deleted, and what a killed kernel left behind too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arriving: dict[str, _Arriving] = {}
        self._lock = threading.Lock()  # the first message may be handled on another thread than the next

    def write(self, chunk: Chunk, data: bytes) -> None:
        """Put one piece where it belongs.

        Raises
        ------
        FileError
            When the piece is not what the browser sent, or cannot be written.

        """
        if chunk.digest and hashlib.sha256(data).hexdigest() != chunk.digest:
            raise FileError(chunk.name, "was damaged on its way from the browser", "Drop it again.")
        if chunk.offset < 0 or chunk.offset + len(data) > chunk.total:
            raise FileError(chunk.name, "changed while it was read", "Drop it again.")
        with self._lock:
            try:
                arriving = self._arriving.get(chunk.file) or self._begin(chunk)
                with arriving.path.open("r+b") as part:
                    part.seek(chunk.offset)
                    part.write(data)
            except OSError as error:
                raise FileError(chunk.name, f"cannot be stored: {error.strerror}") from error
            arriving.pieces[chunk.offset] = len(data)

    def finish(self, file: str, name: str) -> Path:
        """Give a file that arrived whole its name, and return its path.

        Raises
        ------
        FileError
            When a piece is missing.

        """
        with self._lock:
            arriving = self._arriving.get(file)
            if arriving is None or sum(arriving.pieces.values()) != arriving.total:
                raise FileError(safe_name(name), "did not arrive whole", "Drop it again.")
            return arriving.path.replace(arriving.path.with_name(safe_name(name)))

    def discard(self, file: str) -> None:
        """Delete what arrived of a file; nothing happens where nothing did."""
        with self._lock:
            arriving = self._arriving.pop(file, None)
        if arriving is not None:
            shutil.rmtree(arriving.path.parent, ignore_errors=True)

    def _begin(self, chunk: Chunk) -> _Arriving:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_old(self._folder)
        own = Path(tempfile.mkdtemp(dir=self._folder))
        arriving = _Arriving(own / ".part", chunk.total)
        arriving.path.touch(mode=0o600)
        self._arriving[chunk.file] = arriving
        return arriving


def safe_name(name: str) -> str:
    """Return a browser's file name as one name without folders, that a file can have on any system."""
    last = PureWindowsPath(name).name  # splits at / and \ alike
    plain = re.sub(r'[\x00-\x1f<>:"|?*]', "_", last).strip(" .") or "file"
    stem, dot, ending = plain.partition(".")
    room = _LONGEST_NAME - len(os.fsencode(dot + ending))
    return os.fsencode(stem)[: max(room, 1)].decode(errors="ignore") + dot + ending


def _remove_old(folder: Path) -> None:
    for left in folder.iterdir():
        if time.time() - left.stat().st_mtime > _SECONDS_IN_A_DAY:
            shutil.rmtree(left, ignore_errors=True)
