"""Disks that are full or can only be read: one sentence, nothing lost, nothing half, what is stored is asked."""

import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import clinical_nb
from clinical_nb.errors import ClinicalError

SIZE = 6_000_000  # bytes of the small disk
SECONDS = 5.0  # who waits for a lock waits for longer


@pytest.fixture
def disk(tmp_path):
    """A disk of a few megabytes, where this account may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
    if os.name != "posix" or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def write_csv(file: Path, rows: int) -> Path:
    pl.DataFrame({"id": range(rows), "dose": [number * 0.1 + (number % 7) / 3 for number in range(rows)]}).write_csv(
        file
    )
    return file


@pytest.mark.slow
def test_a_full_disk_is_said_in_one_sentence_and_costs_nothing_that_was_stored(disk, tmp_path):
    home = disk / "store"
    clinical_nb.Session(home).upload(write_csv(tmp_path / "first.csv", 50))
    large = write_csv(tmp_path / "large.csv", 60_000)
    said = set()

    for room in range(0, SIZE, 250_000):
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(max(os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - room, 0)))
        try:
            clinical_nb.Session(home).upload(large)
            said.add("stored")
            break
        except ClinicalError as error:
            said.add(error.message.partition(" '")[0])
        finally:
            ballast.unlink()
        session = clinical_nb.Session(home)
        assert [dataset.name for dataset in session.datasets()] == ["first"], room
        assert session.find("first").lazy().collect().height == 50
        assert not [file for file in home.rglob("*") if file.name.endswith(".part")]
        assert len(list((home / "parquet").glob("*.parquet"))) == 1

    assert "stored" in said
    assert len(said) > 1
    session = clinical_nb.Session(home)
    assert session.find("large").lazy().collect().height == 60_000
    assert session.warnings == ()


@pytest.mark.slow
def test_a_disk_without_room_for_a_new_record_is_said_and_costs_nothing_when_a_dataset_is_deleted(disk, tmp_path):
    home = disk / "store"
    session = clinical_nb.Session(home)
    session.upload(write_csv(tmp_path / "small.csv", 50))
    session.upload(write_csv(tmp_path / "large.csv", 30_000))
    (disk / "ballast").write_bytes(bytes(os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - 250_000))

    with pytest.raises(ClinicalError, match=r"disk is full\. Free some of its disk first: .* as much room as is kept"):
        session.drop("small")

    again = clinical_nb.Session(home)
    assert sorted(dataset.name for dataset in again.datasets()) == ["large", "small"]
    assert [again.find(name).lazy().collect().height for name in ("small", "large")] == [50, 30_000]
    subprocess.run(["mount", "-o", f"remount,size={3 * SIZE}", disk], check=True)
    again.drop("small")
    last = clinical_nb.Session(home)
    assert ([dataset.name for dataset in last.datasets()], last.warnings) == (["large"], ())
    assert last.find("large").lazy().collect().height == 30_000


@pytest.mark.slow
def test_a_store_that_can_only_be_read_is_asked_and_says_that_nothing_is_kept(disk, tmp_path):
    home = disk / "store"
    file = write_csv(tmp_path / "first.csv", 50)
    clinical_nb.Session(home).upload(file)
    clinical_nb.Session(home).ask("mean dose")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

    session = clinical_nb.Session(home)
    known, new = session.ask("mean dose"), session.ask("median dose")

    assert [warning.partition(" '")[0] for warning in session.warnings] == ["The store in"]
    assert "can only be read" in session.warnings[0]
    assert known.reused
    assert new.status == "answered"
    assert "could not be kept" in str(new)
    assert str(known).count("not recorded") == 1
    assert "not recorded" not in str(new)
    for refused in (lambda: session.upload(file, name="second"), lambda: session.drop("first")):
        with pytest.raises(ClinicalError, match=r"cannot write in .*Read-only file system"):
            refused()


WRITER = """
import sys
from pathlib import Path
from clinical_nb.store.record import hold_lock, open_record
home = Path(sys.argv[1])
with hold_lock(home, "storing"), open_record(home):
    print(flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_a_store_that_can_only_be_read_is_asked_while_another_notebook_writes_to_it(disk, tmp_path):
    home, mirror = disk / "store", tmp_path / "mirror"
    clinical_nb.Session(home).upload(write_csv(tmp_path / "first.csv", 50))
    mirror.mkdir()
    subprocess.run(["mount", "--bind", home, mirror], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", mirror], check=True)
    command = [sys.executable, "-c", WRITER, home]
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            other.stdout.readline()
            begun = time.monotonic()
            session = clinical_nb.Session(mirror)
            answer = session.ask("mean dose")
            taken = time.monotonic() - begun
            other.stdin.close()
    finally:
        subprocess.run(["umount", mirror], check=True)

    assert [warning.partition(" '")[0] for warning in session.warnings] == ["The store in"]
    assert answer.status == "answered"
    assert taken < SECONDS
