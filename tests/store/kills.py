"""Kills a process before each of its steps on the disk, in turn, and checks the store that it leaves.

`python kills.py SCENARIO FOLDER` prints how many steps there were, and fails at the first store that is not whole. A
step is what Python's audit hooks tell: opening for writing, renaming, deleting, making a folder. What follows a step is
what comes before the next, so that each write, rename and commit has a kill before and after it.
"""

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import polars as pl  # imported, and not used before a fork: its threads would not come along

import clinical_nb
import clinical_nb.ask.reading
import clinical_nb.moving.adoption
import clinical_nb.uploading.storing
from clinical_nb.store import catalogue, tables
from clinical_nb.store.metadata import readable_metadata
from clinical_nb.store.record import hold_lock, open_record

clinical_nb.moving.adoption.SETTLED = 0.0  # a folder that is killed in a loop is not waited for

STEPS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"}
FIRST, SECOND = "id,age\n1,30\n2,40\n3,50\n", "id,age\n1,30\n2,40\n3,55\n"
WORDS = "column,meaning\nage,years of life\n"


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def prepare(home: Path, files: Path) -> None:
    """Two datasets of which one has two versions, and an answer."""
    session = clinical_nb.Session(home)
    session.upload(write(files, "kept.csv", "id,weight\n1,70.5\n2,82\n"))
    session.upload(write(files, "trial.csv", FIRST))
    session.upload(write(files, "trial.csv", FIRST.replace("30", "31")))
    session.ask("mean age")
    other = clinical_nb.Session(files / "other")
    other.upload(write(files, "packed.csv", FIRST), name="packed")
    other.upload(write(files, "packed.csv", SECOND), name="packed")
    other.archive("packed", files)


def upload(home: Path, files: Path) -> None:
    clinical_nb.Session(home).upload(write(files, "new.csv", "id,dose\n1,5\n2,7\n"))


def upload_again(home: Path, files: Path) -> None:
    clinical_nb.Session(home).upload(write(files, "trial.csv", SECOND))


def declare(home: Path, files: Path) -> None:
    file = write(files, "trial.csv", FIRST.replace("30", "31"))
    clinical_nb.Session(home).upload(file, dictionary=write(files, "words.csv", WORDS))


def drop(home: Path, files: Path) -> None:
    assert files
    clinical_nb.Session(home).drop("trial")


def drop_version(home: Path, files: Path) -> None:
    assert files
    clinical_nb.Session(home).drop("trial", 1)


def take_in(home: Path, files: Path) -> None:
    clinical_nb.Session(home).upload(files / "packed.clinical.zip")


def adopt(home: Path, files: Path) -> None:
    """Open the store after somebody moved a folder of tables into it."""
    staged = files / "found_tables"
    staged.mkdir(exist_ok=True)
    write(staged, "found.csv", FIRST)
    staged.rename(home / "found_tables")
    clinical_nb.Session(home)


def rotate(home: Path, files: Path) -> None:
    """Ask with a history whose file is full, so that the next one begins."""
    assert files
    (file,) = (home / "history").glob("*.jsonl")
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines * (1 + 1_000 // len(lines))))
    clinical_nb.Session(home).ask("median weight", data="kept")


SCENARIOS: dict[str, Callable[[Path, Path], None]] = {
    each.__name__: each for each in (upload, upload_again, declare, drop, drop_version, take_in, adopt, rotate)
}


def state(home: Path) -> dict[str, list[list[tuple[object, ...]]]]:
    """The rows of each version of each dataset, as any kernel sees them."""
    store = clinical_nb.Session(home)
    return {
        dataset.name: [sorted(version.lazy().collect().rows()) for version in store.versions(dataset.name)]
        for dataset in store.datasets()
    }


def check_whole(home: Path) -> None:
    """The record, the metadata and the tables say the same, and nothing else lies there."""
    known = readable_metadata(home)
    assert clinical_nb.Session(home).warnings == ()
    with hold_lock(home, "checking"), open_record(home) as record:
        assert catalogue.read_versions(record) == known
        hashes = {table.hash for versions in known.values() for each in versions for table in each.tables.values()}
        for table_hash in hashes:
            rows = record.execute(f'SELECT count(*) FROM data."{table_hash}"').fetchall()[0][0]  # noqa: S608 - a hash
            file = tables.parquet_file(home, table_hash)
            assert tables.is_intact(file)
            assert pl.scan_parquet(file).select(pl.len()).collect().item() == rows
    names = {f"{table_hash}{suffix}" for table_hash in hashes for suffix in (".parquet", ".sha256")}
    assert {file.name for file in (home / "parquet").iterdir()} == names
    left = {file for file in home.rglob("*") if file.name.endswith(".part") or ".damaged-" in file.name}
    assert left <= set((home / "results").iterdir())  # half an answer is swept when it is an hour old
    uploads = home / "uploads"
    assert not uploads.exists() or list(uploads.iterdir()) == []
    versions = {version.dataset_version for each in known.values() for version in each}
    for file in (home / "results").glob("*.json"):
        assert any(version in file.read_text() for version in versions)


def in_child(work: Callable[[], None]) -> int:
    """Do the work in a forked process and return how it ended: 0, 1 after an exception, or -9."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the child's outermost edge: its parent reads the number
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_at(number: int, home: Path, work: Callable[[], None]) -> Callable[[], None]:
    """Return work that ends its process before its step of this number on the store."""

    def killed() -> None:
        steps = 0

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal steps
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if (event in STEPS or writes) and str(home) in str(arguments[0]):
                steps += 1
                if steps == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        work()

    return killed


def main(scenario: str, folder: Path) -> None:
    """Kill the scenario before its first step, then before its second, until it lives."""
    files, template, home = folder / "files", folder / "template", folder / "home"
    files.mkdir()
    if in_child(lambda: prepare(template, files)):
        sys.exit("The store could not be prepared.")
    for number in range(1, 1_000):
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(template, home)
        ended = in_child(kill_at(number, home, lambda: SCENARIOS[scenario](home, files)))
        if ended not in (0, -signal.SIGKILL):
            sys.exit(f"{scenario} failed of itself.")
        if in_child(lambda: check_against(scenario, home, template, folder, files)):
            sys.exit(f"{scenario}, killed before step {number}, left a store that is not whole.")
        if ended == 0:
            print(number - 1)  # noqa: T201 - what the test reads
            return
    sys.exit(f"{scenario} never ends.")


def check_against(scenario: str, home: Path, template: Path, folder: Path, files: Path) -> None:
    """Check that a store is as before the scenario or as after it."""
    whole = folder / "whole"
    if not whole.exists():
        shutil.copytree(template, whole)
        SCENARIOS[scenario](whole, files)
    assert state(home) in (state(template), state(whole))
    check_whole(home)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
