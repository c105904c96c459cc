"""A lock excludes, says what it waits for, and is taken over from a holder that was killed; a lease does the same."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from clinical_nb import locks
from clinical_nb.doing import listening
from clinical_nb.locks import hold_lock, is_on_network

PROCESSES = multiprocessing.get_context("spawn")


def hold_until_killed(file, taken):
    with hold_lock(file, "storing 'trial'"):
        taken.set()
        time.sleep(60)


def add_often(file, counter, times):
    """Read, wait, write: without a lock, two processes lose each other's additions."""
    for _ in range(times):
        with hold_lock(file, "counting"):
            number = int(counter.read_text())
            time.sleep(0.001)
            counter.write_text(str(number + 1))


@pytest.fixture(params=["native", "lease"])
def kind(request, monkeypatch):
    if request.param == "lease":
        monkeypatch.setenv("CLINICAL_NB_LOCKS", "soft")
    return request.param


@pytest.fixture
def holder(tmp_path, kind):
    """Another process that holds the lock `store.lock`, until it is killed."""
    assert kind
    taken = PROCESSES.Event()
    process = PROCESSES.Process(target=hold_until_killed, args=(tmp_path / "store.lock", taken))
    process.start()
    assert taken.wait(30)
    yield process
    process.kill()
    process.join()


@pytest.mark.slow
def test_who_waits_is_told_what_for_and_not_for_ever(tmp_path, holder):
    told: list[str] = []
    with listening(told.append), pytest.raises(TimeoutError), hold_lock(tmp_path / "store.lock", seconds=2.5):
        pass

    assert told
    assert all(f"process {holder.pid} on " in line and line.endswith("which is storing 'trial'") for line in told)


@pytest.mark.slow
def test_a_killed_holders_lock_is_taken_over(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()

    with hold_lock(tmp_path / "store.lock", seconds=5):
        pass


@pytest.mark.slow
def test_processes_exclude_each_other(tmp_path, kind):
    assert kind
    counter = tmp_path / "counter"
    counter.write_text("0")
    processes = [PROCESSES.Process(target=add_often, args=(tmp_path / "store.lock", counter, 25)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert counter.read_text() == "75"


def pretend_to_be_elsewhere(monkeypatch):
    """Let what is written look like another machine's: no process of this one can be asked for."""
    monkeypatch.setattr("filelock._lease.owner_is_stale", lambda *_arguments, **_options: False)


@pytest.mark.slow
def test_a_lease_from_another_machine_is_taken_over_once_it_is_no_longer_renewed(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICAL_NB_LOCKS", "soft")
    monkeypatch.setattr(locks, "LEASE_SECONDS", 2.0)
    pretend_to_be_elsewhere(monkeypatch)
    lock = tmp_path / "store.lock"
    lost = locks.SoftFileLease(f"{lock}.lease", lease_duration=2.0, heartbeat_interval=1.99)
    lost.acquire()
    assert lost._claim.heartbeat is not None
    lost._claim.heartbeat.stop.set()

    with pytest.raises(TimeoutError), hold_lock(lock, seconds=0.5):
        pass
    with hold_lock(lock, seconds=20):
        pass


@pytest.mark.slow
def test_a_slow_holders_lease_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICAL_NB_LOCKS", "soft")
    monkeypatch.setattr(locks, "LEASE_SECONDS", 1.0)
    pretend_to_be_elsewhere(monkeypatch)
    lock = tmp_path / "store.lock"
    held = locks.SoftFileLease(f"{lock}.lease", lease_duration=1.0)
    held.acquire()

    with pytest.raises(TimeoutError), hold_lock(lock, seconds=3):
        pass
    held.release()


def test_a_torn_note_is_not_told(tmp_path):
    (tmp_path / "store.lock.holder").write_text('{"pid": 1')

    assert locks._holder(tmp_path / "store.lock") == ""


def test_lock_files_are_their_owners(tmp_path, kind):
    lock = tmp_path / "store.lock"
    before = os.umask(0)
    try:
        with hold_lock(lock, "storing"):
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    finally:
        os.umask(before)

    expected = {"store.lock", "store.lock.holder"} | ({"store.lock.lease"} if kind == "lease" else set())
    assert modes == dict.fromkeys(expected, 0o600)


def test_a_network_disk_is_told_by_the_longest_mount(monkeypatch):
    mounts = (
        "1 0 0:1 / / rw - ext4 /dev/a rw\n"
        "2 1 0:2 / /home rw shared:1 - nfs4 server:/home rw\n"
        "3 2 0:3 / /home/local\\040disk rw - ext4 /dev/b rw\n"
    )
    monkeypatch.setattr(Path, "read_text", lambda _path, **_options: mounts)
    is_on_network.cache_clear()

    assert is_on_network(Path("/home/mary/store"))
    assert not is_on_network(Path("/home/local disk/store"))
    assert not is_on_network(Path("/homework/store"))
