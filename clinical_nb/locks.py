"""One writer at a time: a lock on a file, which says who holds it and what for, on local and on network disks."""

import json
import os
import socket
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, SoftFileLease, Timeout

from clinical_nb.doing import tell

SECONDS_TO_WAIT = 900.0
LEASE_SECONDS = 30.0  # a holder that was not seen for so long is taken to be dead
_SECONDS_BEFORE_TOLD = 1.0
_LEASES = "CLINICAL_NB_LOCKS"  # "soft" asks for leases where no network disk is recognised
_NETWORK_DISKS = ("nfs", "cifs", "smb", "fuse.", "9p", "afs", "lustre", "ceph", "glusterfs", "beegfs", "gpfs")


@contextmanager
def hold_lock(file: Path, doing: str = "", seconds: float = SECONDS_TO_WAIT) -> Generator[None]:
    """Keep everybody else from what a lock file stands for.

    The operating system's lock ends with its process, however that ends. A network disk may keep such a lock from
    other machines: there a lease is held as well, a file that its holder touches every 10 seconds, and that another
    takes over 30 seconds after the last touch, or at once where the holder was a process of the same machine.

    Parameters
    ----------
    file : Path
        Made for its owner alone; its folder is there. It stays when the lock ends.
    doing : str
        What the lock is held for, as those who wait are told after a second; where empty, they are not told.
    seconds : float
        How long to wait at most.

    Raises
    ------
    OSError
        TimeoutError when another one holds it for longer; others where the file cannot be written.

    """
    with ExitStack() as held:
        _take(FileLock(file, mode=0o600), file, seconds, held)
        if os.environ.get(_LEASES) == "soft" or is_on_network(file):
            lease = SoftFileLease(f"{file}.lease", lease_duration=LEASE_SECONDS, mode=0o600)
            _take(lease, file, seconds, held)
        if doing:
            held.enter_context(_said(file, doing))
        yield


@lru_cache(maxsize=64)
def is_on_network(file: Path) -> bool:
    """Tell whether a file is on a disk of another machine, as far as Linux says; elsewhere nobody says."""
    try:
        mounts = [line.split(" ") for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return False
    path = os.path.realpath(file)
    found = ("", "")
    for mount in mounts:
        point = mount[4].replace("\\040", " ")
        if f"{path}/".startswith(point.rstrip("/") + "/") and len(point) >= len(found[0]):
            found = (point, mount[mount.index("-") + 1])
    return found[1].startswith(_NETWORK_DISKS)


def _take(lock: FileLock | SoftFileLease, file: Path, seconds: float, held: ExitStack) -> None:
    """Wait for a lock, telling what for after a second, and leave its release to the stack."""
    end = time.monotonic() + seconds
    while True:
        left = max(end - time.monotonic(), 0)
        try:
            lock.acquire(timeout=min(left, _SECONDS_BEFORE_TOLD))
        except Timeout:
            if left <= _SECONDS_BEFORE_TOLD:
                raise
            tell(f"Waiting for another notebook{_holder(file)}")
        else:
            held.callback(lock.release)
            return


@contextmanager
def _said(file: Path, doing: str) -> Generator[None]:
    """Leave a note of who holds the lock beside it; nothing rests on it, so that it may be torn or stale."""
    note = _note(file)
    who = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time(), "doing": doing}
    with suppress(OSError):
        descriptor = os.open(note, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            json.dump(who, written)
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)


def _holder(file: Path) -> str:
    """Return what the note says of the holder, as the rest of a sentence; empty where it says nothing."""
    try:
        who = json.loads(_note(file).read_text(encoding="utf-8"))
        seconds = max(time.time() - float(who["since"]), 0)
        return f" (process {int(who['pid'])} on {who['host']}, for {seconds:.0f} s), which is {who['doing']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _note(file: Path) -> Path:
    return file.with_name(f"{file.name}.holder")
