"""The record as a file: private, locked with a word, never set aside because it is in use, refused in one sentence."""

import os
import stat
import subprocess
import sys
import threading
from contextlib import suppress

import duckdb
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from clinical_nb.errors import StoreError
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.record import RECORD, hold_lock, open_record, read_record, rewrite_record
from clinical_nb.store.restore import restore_datasets
from clinical_nb.store.version import Provenance

FRAME = pl.DataFrame({"age": [61, None]})


@pytest.fixture
def store(tmp_path):
    return DataStore(tmp_path / "home")


def test_the_record_is_its_owners_alone(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())

    assert stat.S_IMODE((store.home / RECORD).stat().st_mode) == 0o600


def test_a_waiting_lock_says_what_it_waits_for(store):
    sentence = r"Another notebook .*analytics\.duckdb\.lock"

    with (
        hold_lock(store.home, "storing"),
        pytest.raises(StoreError, match=sentence),
        hold_lock(store.home, "storing", seconds=0.1),
    ):
        pass


def test_another_program_in_the_record_is_said_and_the_record_is_not_set_aside(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    record = store.home / RECORD
    with subprocess.Popen([sys.executable, "-c", code, record], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()

        with pytest.raises(StoreError, match="Close other programs"):
            store.publish("trial", {"t": store.save_table(FRAME)}, "changed", Provenance())
        other.stdin.close()

    assert store.publish("trial", {"t": store.save_table(FRAME)}, "changed", Provenance()).number == 2
    assert list(store.home.glob("*.damaged-*")) == []


@pytest.mark.parametrize("read_only", [True, False])
def test_a_record_that_this_very_process_has_open_is_not_set_aside(store, read_only):
    path = store.home / "analytics.duckdb"
    store.publish("trial", {"visits": store.save_table(pl.DataFrame({"a": [1]}))}, "", Provenance())

    with duckdb.connect(str(path), read_only=read_only), pytest.raises(StoreError, match="cannot be used"):
        store.publish("trial", {"visits": store.save_table(pl.DataFrame({"a": [2]}))}, "", Provenance())

    assert path.exists()
    assert list(store.home.glob("*.damaged-*")) == []
    assert store.publish("trial", {"visits": store.save_table(pl.DataFrame({"a": [2]}))}, "", Provenance()).number == 2


def test_a_record_of_a_newer_format_is_refused_in_one_sentence(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())
    with duckdb.connect(str(store.home / RECORD)) as record:
        record.execute("UPDATE catalogue.store SET format = 99")

    with pytest.raises(StoreError, match="newer clinical_nb"):
        store.publish("trial", {"t": store.save_table(FRAME)}, "changed", Provenance())


def test_a_first_publishing_that_fails_leaves_no_record_that_looks_damaged(store):
    with pytest.raises(StoreError, match="is lost"):
        store.publish("trial", {"t": "ab" * 16}, "", Provenance())

    assert restore_datasets(store).warnings == []
    assert list(store.home.glob(f"{RECORD}.damaged-*")) == []


def test_a_path_that_duckdb_cannot_open_is_refused_in_one_sentence(tmp_path):
    store = DataStore(tmp_path / "what?")

    with pytest.raises(StoreError, match="has a '\\?' in its path"):
        store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())


@pytest.mark.parametrize("home", ["a_file/home", "a_file"])
def test_a_home_that_cannot_be_is_refused_in_one_sentence(tmp_path, home):
    (tmp_path / "a_file").write_text("")
    store = DataStore(tmp_path / home)

    for work in (lambda: store.save_table(FRAME), lambda: store.save_result("ab" * 8, {}), lambda: store.drop("x")):
        with pytest.raises(StoreError, match="cannot write in"):
            work()
    assert store.list_datasets() == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused_in_one_sentence(store):
    store.home.mkdir(mode=0o500)

    with pytest.raises(StoreError, match="cannot write in"):
        store.save_table(FRAME)


def change_and_die(store, statement):
    """Commit a change in a process that ends before DuckDB has moved it from its log into the file."""
    code = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute(sys.argv[2]); os._exit(0)"
    subprocess.run([sys.executable, "-c", code, store.home / RECORD, statement], check=True)
    assert (store.home / f"{RECORD}.wal").exists()


def formats(file):
    with duckdb.connect(str(file), read_only=True) as record:
        return record.execute("SELECT format FROM catalogue.store").fetchall()


def test_a_record_with_a_log_is_written_anew_whole_and_leaves_no_log(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())
    change_and_die(store, "UPDATE catalogue.store SET format = 1")

    with hold_lock(store.home, "deleting"):
        rewrite_record(store.home)

    assert formats(store.home / RECORD) == [(1,)]
    assert [file.name for file in store.home.glob(f"{RECORD}*")] == [RECORD, f"{RECORD}.lock"]


def test_a_log_that_is_not_the_records_costs_nothing_and_is_set_aside(store):
    version = store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())
    log = store.home / f"{RECORD}.wal"
    change_and_die(store, "UPDATE catalogue.store SET format = 1")
    stray = log.read_bytes()
    with hold_lock(store.home, "deleting"):
        rewrite_record(store.home)
    log.write_bytes(stray)

    (told,) = restore_datasets(store).warnings

    assert "rebuilt from the store's other copy" in told
    assert store.list_versions("trial") == [version]
    assert restore_datasets(store).warnings == []
    assert any(file.suffix == ".wal" for file in store.home.glob("*.damaged-*"))
    store.drop("trial")
    assert list(store.home.glob("*.damaged-*")) == []


def test_a_backup_has_what_was_only_in_the_log(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())
    change_and_die(store, "UPDATE catalogue.store SET format = 1")

    restore_datasets(store)

    assert formats(store.home / "backup-format-1" / RECORD) == [(1,)]


def test_what_duckdb_takes_out_of_memory_lies_in_the_store_for_its_owner_alone(store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = "SELECT current_setting('temp_directory')"
    large = "CREATE TABLE large AS SELECT hash(i) AS a FROM range(3000000) AS r(i)"
    with hold_lock(store.home, "storing"):
        with open_record(store.home) as record:
            record.execute("SET memory_limit = '40MB'")
            ((folder,),) = record.execute(place).fetchall()
            record.execute(large)
            record.execute("SELECT a FROM large ORDER BY a LIMIT 1 OFFSET 2000000")
            held = list((store.home / f"{RECORD}.tmp").iterdir())
            mode = stat.S_IMODE((store.home / f"{RECORD}.tmp").stat().st_mode)
        rewrite_record(store.home)

    assert folder == str(store.home / f"{RECORD}.tmp")
    assert held
    assert mode == 0o700
    assert not (store.home / f"{RECORD}.tmp").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["home"]


def test_what_a_killed_process_had_taken_out_of_memory_is_swept(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())
    (store.home / f"{RECORD}.tmp").mkdir()
    (store.home / f"{RECORD}.tmp" / "duckdb_temp_0.tmp").write_bytes(b"rows")

    restore_datasets(store)

    assert not (store.home / f"{RECORD}.tmp").exists()


def test_a_disk_that_refuses_what_is_done_to_the_record_is_one_sentence(store):
    (store.home / f"{RECORD}.wal").mkdir(parents=True)  # which cannot be deleted as a file

    with pytest.raises(StoreError, match="cannot be made or set aside"):
        store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())


NO_FILES_LEFT = """
import os, resource, sys
from pathlib import Path
import polars as pl
from clinical_nb.errors import StoreError
from clinical_nb.store.mend import mend_store
from clinical_nb.store.record import hold_lock, open_record, read_record
home = Path(sys.argv[1])
held = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
def open_it():
    with hold_lock(home, "storing"), open_record(home):
        pass
for work in (open_it, lambda: read_record(home).versions, lambda: mend_store(home)):
    for free in range(1, 8):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(held) + 1, hard))
        for each in held[:free]:
            os.close(each)
        try:
            said = work()
        except StoreError as error:
            said = error
        held[:free] = [os.open(os.devnull, os.O_RDONLY) for _ in range(free)]
        print(free, said)
"""


@pytest.mark.skipif(os.name != "posix", reason="only there can a process limit its open files")
def test_a_record_that_cannot_be_opened_now_is_refused_and_stays(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())

    done = subprocess.run([sys.executable, "-c", NO_FILES_LEFT, store.home], capture_output=True, text=True, check=True)

    assert done.stdout.count("Too many open files. Close other programs") >= 3
    assert "damaged" not in done.stdout
    assert "The store could not be repaired" in done.stdout
    assert "7 []" in done.stdout
    assert list(store.home.glob("*.damaged-*")) == []
    assert restore_datasets(store).warnings == []
    assert len(store.list_versions("trial")) == 1


@pytest.mark.parametrize(
    "damage",
    {
        "empty": lambda _: b"",
        "a text": lambda _: b"what someone saved under this name\n" * 1000,
        "cut in the headers": lambda content: content[:5000],
        "cut after them": lambda content: content[:20_000],
        "a bit of the first header": lambda content: flip(content, 50),
        "a bit of each other header": lambda content: flip(content, 4_100, 8_200),
        "zeroed headers": lambda content: bytes(12_288) + content[12_288:],
        "all that follows the headers": lambda content: content[:12_288] + bytes(len(content) - 12_288),
    }.items(),
    ids=lambda damage: damage[0],
)
def test_a_record_that_is_damaged_is_seen_to_be_and_rebuilt(store, damage):
    version = store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())
    record = store.home / RECORD
    record.write_bytes(damage[1](record.read_bytes()))

    assert read_record(store.home) is None
    assert ["was damaged and was rebuilt" in told for told in restore_datasets(store).warnings] == [True]
    assert len(list(store.home.glob("*.damaged-*"))) == 1
    assert store.list_versions("trial") == [version]
    assert restore_datasets(store).warnings == []


def flip(content, *places):
    damaged = bytearray(content)
    for place in places:
        damaged[place] ^= 1
    return bytes(damaged)


def test_a_record_whose_list_of_versions_is_damaged_inside_is_rebuilt(store):
    version = store.publish("trial", {"t": store.save_table(FRAME)}, "d" * 5000, Provenance())
    record = store.home / RECORD
    content = record.read_bytes()
    record.write_bytes(flip(content, content.rindex(b"ddddd")))

    (told,) = restore_datasets(store).warnings

    assert "was damaged and was rebuilt" in told
    assert store.list_versions("trial") == [version]
    assert restore_datasets(store).warnings == []


def test_a_record_whose_tables_are_damaged_inside_is_set_aside_once_that_is_found(store):
    noise = np.random.default_rng(7)
    table = pl.DataFrame({"noise": [noise.bytes(3000) for _ in range(400)]})  # which nothing compresses
    kept = store.publish("kept", {"t": store.save_table(table)}, "", Provenance())
    store.publish("gone", {"t": store.save_table(FRAME)}, "", Provenance())
    record = store.home / RECORD
    content = record.read_bytes()
    record.write_bytes(flip(content, content.index(table["noise"][200][:50])))
    assert restore_datasets(store).warnings == []  # which reads no table

    with pytest.raises(StoreError, match="was damaged, and is set aside"):
        store.drop("gone")
    store.drop("gone")

    assert [version.dataset for version in store.list_datasets()] == ["kept"]
    (store.home / "parquet" / f"{kept.tables['t'].hash}.parquet").unlink()
    with pytest.warns(UserWarning, match="rebuilt"):
        assert_frame_equal(store.load_table(kept.tables["t"].hash).collect(), table)


def test_a_record_that_a_killed_process_had_just_made_is_not_called_damaged(store):
    version = store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())
    (store.home / RECORD).unlink()
    duckdb.connect(str(store.home / RECORD)).close()

    assert restore_datasets(store).warnings == []
    assert store.list_versions("trial") == [version]
    with hold_lock(store.home, "looking"), open_record(store.home) as record:
        assert record.execute("SELECT count(*) FROM catalogue.versions").fetchall() == [(1,)]


@pytest.fixture
def open_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
@pytest.mark.usefixtures("open_umask")
def test_nothing_of_the_record_can_be_read_by_others_at_any_moment_in_a_home_that_is_open(store):
    store.home.mkdir(mode=0o755)
    rows = pl.DataFrame({"text": [f"patient {number}" for number in range(400_000)]})
    modes, done = {}, threading.Event()

    def watch():
        while not done.is_set():
            for file in store.home.glob(f"{RECORD}*"):
                with suppress(OSError):
                    modes.setdefault(file.name, set()).add(stat.S_IMODE(file.stat().st_mode) & 0o077)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for name in ("trial", "second"):
            store.publish(name, {"t": store.save_table(rows.with_columns(name=pl.lit(name)))}, "", Provenance())
        store.drop("trial")
    finally:
        done.set()
        watcher.join()

    assert {RECORD, f"{RECORD}.wal", f"{RECORD}.tmp"} <= modes.keys()
    assert {name: mode for name, mode in modes.items() if mode != {0}} == {}
    assert sorted(file.name for file in store.home.glob(f"{RECORD}*")) == [RECORD, f"{RECORD}.lock"]
    assert stat.S_IMODE(store.home.stat().st_mode) == 0o755


def test_a_record_that_is_opened_and_not_changed_has_no_log_left(store):
    for _ in range(2):
        with hold_lock(store.home, "looking"), open_record(store.home):
            pass

    assert sorted(file.name for file in store.home.glob(f"{RECORD}*")) == [RECORD, f"{RECORD}.lock"]


def test_duckdb_shows_nothing_by_itself_where_a_person_types(store):
    code = (
        "import sys; from clinical_nb.store.connection import connect; "
        "print(connect(sys.argv[1]).execute(\"SELECT current_setting('enable_progress_bar')\").fetchone())"
    )  # without a file, which DuckDB takes for a person at a prompt
    store.publish("trial", {"t": store.save_table(FRAME)}, "", Provenance())

    done = subprocess.run([sys.executable, "-c", code, store.home / RECORD], capture_output=True, text=True, check=True)

    assert done.stdout == "(False,)\n"
