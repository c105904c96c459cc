"""An archive brings a dataset to another store, version and all; what is damaged or hostile changes nothing there."""

import io
import json
import os
import tracemalloc
import warnings
import zipfile
from dataclasses import replace

import polars as pl
import pytest

import clinical_nb
from clinical_nb.doing import listening
from clinical_nb.errors import ClinicalError, FileError, UnknownDatasetError
from clinical_nb.moving.archive import MANIFEST, is_archive, pack
from clinical_nb.store import catalogue
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.metadata import readable_metadata
from clinical_nb.store.record import RECORD, hold_lock, open_record
from clinical_nb.store.version import Provenance, compute_dataset_version

CSV = "id,sex,age\n1,f,60\n2,m,70\n3,f,50\n"
MEANING = "column,meaning\nage,age at entry\n"


@pytest.fixture
def here(tmp_path):
    """A store with two versions of a trial, of which the second has a dictionary, and an answer."""
    session = clinical_nb.Session(tmp_path / "here")
    upload(session, tmp_path, CSV)
    (tmp_path / "meaning.csv").write_text(MEANING)
    upload(session, tmp_path, CSV.replace("70", "71"), dictionary=tmp_path / "meaning.csv")
    session.ask("mean age")
    return session


@pytest.fixture
def there(tmp_path):
    return clinical_nb.Session(tmp_path / "there")


@pytest.fixture
def packed(here, tmp_path):
    return here.archive("trial", tmp_path)


def upload(session, folder, text, **options):
    (folder / "trial.csv").write_text(text)
    return session.upload(folder / "trial.csv", **options)


def stored(session, name="trial"):
    return [version.stored for version in session.versions(name)]


def repack(file, change):
    """Write an archive again with its members changed."""
    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)


def edit(file, change):
    """Change the manifest of an archive."""

    def in_members(members):
        content = json.loads(members[MANIFEST])
        change(content)
        members[MANIFEST] = json.dumps(content).encode()

    repack(file, in_members)


def test_an_archive_brings_every_version_as_it_is(here, there, packed):
    dataset = there.upload(packed)

    assert packed.name == "trial.clinical.zip"
    assert (dataset.name, dataset.number) == ("trial", 2)
    assert stored(there) == stored(here)
    assert dataset.dictionary.column("trial", "age").label == "age at entry"
    assert there.versions("trial")[0].lazy().collect().equals(here.versions("trial")[0].lazy().collect())
    assert there.ask("mean age").status == "answered"
    assert not there.ask("mean age", data="trial").result.ard.is_empty()
    again = clinical_nb.Session(there.home)
    assert (again.warnings, stored(again)) == ((), stored(here))
    with hold_lock(there.home, "looking"), open_record(there.home) as record:
        assert catalogue.read_versions(record) == readable_metadata(there.home)


def test_an_archive_is_private_and_the_same_bytes_each_time_and_whatever_it_is_called(here, there, tmp_path):
    one, other = here.archive("trial", tmp_path / "one.bin"), here.archive("trial", tmp_path / "other.bin")

    assert one.read_bytes() == other.read_bytes()
    assert there.upload(one).version == here.find("trial").version
    if os.name == "posix":
        assert one.stat().st_mode & 0o777 == 0o600


def test_an_archive_holds_no_answer_and_no_history(here, packed):
    with zipfile.ZipFile(packed) as archive:
        names = set(archive.namelist())

    hashes = {table.hash for version in stored(here) for table in version.tables.values()}
    assert names == {MANIFEST, *(f"parquet/{table_hash}.parquet" for table_hash in hashes)}


def test_an_archive_is_not_written_over_another_file_unasked(here, packed, tmp_path):
    with pytest.raises(ClinicalError, match="is there already"):
        here.archive("trial", tmp_path)
    with pytest.raises(UnknownDatasetError):
        here.archive("trail", tmp_path)

    assert here.archive("trial", tmp_path, replace=True) == packed


def test_the_same_archive_again_adds_nothing(there, packed):
    there.upload(packed)
    before = stored(there)

    assert there.upload(packed).number == 2
    assert stored(there) == before


def test_a_later_archive_adds_what_came_since_and_an_earlier_one_nothing(here, there, packed, tmp_path):
    there.upload(packed)
    upload(here, tmp_path, CSV.replace("70", "72"))
    later = here.archive("trial", tmp_path / "later.zip")

    assert there.upload(later).number == 3
    assert there.upload(packed).number == 3
    assert stored(there) == stored(here)


def test_what_was_dropped_before_the_last_version_stays_dropped(there, packed):
    there.upload(packed)
    there.drop("trial", 1)

    there.upload(packed)

    assert [version.number for version in there.versions("trial")] == [2]


def test_a_number_that_was_dropped_here_is_not_given_to_a_version_of_an_archive(here, there, packed, tmp_path):
    there.upload(packed)
    upload(there, tmp_path, CSV.replace("70", "99"))
    there.drop("trial", 3)
    upload(here, tmp_path, CSV.replace("70", "72"))
    later = here.archive("trial", tmp_path / "later.zip")

    with pytest.raises(ClinicalError, match="Version 3 of 'trial' was dropped here"):
        there.upload(later)
    left = [version.number for version in there.versions("trial")]

    assert left == [1, 2]
    assert there.upload(packed).number == 2
    assert there.upload(later, name="theirs").number == 3


def test_another_history_is_refused_and_taken_in_under_another_name(here, there, packed, tmp_path):
    upload(there, tmp_path, CSV.replace("70", "99"))
    mine = stored(there)

    with pytest.raises(ClinicalError, match="already, of which version 1 is different"):
        there.upload(packed)
    unchanged = stored(there)
    there.upload(packed, name="theirs")

    assert unchanged == mine
    assert stored(there) == mine
    assert [each.dataset_version for each in stored(there, "theirs")] == [each.dataset_version for each in stored(here)]


def test_a_dataset_taken_in_twice_under_two_names_outlives_the_drop_of_one(there, packed):
    there.upload(packed)
    there.upload(packed, name="copy")

    there.drop("trial")

    with hold_lock(there.home, "looking"), open_record(there.home) as record:
        views = record.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall()
    assert views == [(2,)]
    assert there.find("copy").lazy().collect().height == 3


def test_an_archive_brings_back_a_table_that_was_lost_here(there, packed):
    there.upload(packed)
    for file in (*(there.home / "parquet").glob("*"), there.home / RECORD):
        file.unlink()

    again = clinical_nb.Session(there.home)
    again.upload(packed)

    assert again.find("trial").lazy().collect().height == 3


def test_the_histories_say_that_it_left_and_came(here, there, packed):
    there.upload(packed)

    left, came = (session.history().row(-1, named=True) for session in (here, there))
    assert (left["question"], left["status"], left["summary"]) == (
        "%clinical archive trial",
        "exported",
        "exported as archive: 1 file",
    )
    assert (came["dataset"], came["status"], came["summary"]) == ("trial", "adopted", "2 versions taken in")
    assert came["dataset_version"] == ", ".join(version.dataset_version for version in stored(here))


@pytest.mark.parametrize("name", [None, "copy"])
def test_what_another_notebook_drops_while_it_is_taken_in_comes_all_the_same(here, there, packed, name):
    there.upload(packed)
    doings = []

    def drop_meanwhile(doing):
        doings.append(doing)
        if doing.startswith("Recording"):
            clinical_nb.Session(there.home).drop("trial")

    with listening(drop_meanwhile):
        there.upload(packed, name=name)

    assert any(doing.startswith("Recording") for doing in doings)
    assert len(there.find(name or "trial").lazy().collect()) == 3
    assert len(there.versions(name or "trial")) == len(here.versions("trial"))
    assert clinical_nb.Session(there.home).warnings == ()


def test_an_archive_is_uploaded_by_itself(there, packed, tmp_path):
    (tmp_path / "trial.csv").write_text(CSV)

    for paths, dictionary in (([packed, tmp_path / "trial.csv"], None), (packed, tmp_path / "meaning.csv")):
        with pytest.raises(FileError, match="Upload it by itself"):
            there.upload(paths, dictionary=dictionary)


def other_content(members):
    name = next(name for name in members if name.startswith("parquet/"))
    buffer = io.BytesIO()
    pl.read_parquet(members[name]).with_columns(age=1).write_parquet(buffer)
    members[name] = buffer.getvalue()


def no_table(members):
    del members[next(name for name in members if name.startswith("parquet/"))]


def no_parquet(members):
    members[next(name for name in members if name.startswith("parquet/"))] = b"PAR1"


def no_json(members):
    members[MANIFEST] = b'{"format": 1'


def deep_json(members):
    members[MANIFEST] = b"[" * 100_000


def no_text(members):
    members[MANIFEST] = members[MANIFEST].replace(b'"trial.csv"', b'"\\ud800"')


@pytest.mark.parametrize("change", [other_content, no_table, no_parquet, no_json, deep_json, no_text])
def test_a_damaged_archive_is_one_sentence_and_changes_nothing(there, packed, change):
    repack(packed, change)

    with pytest.raises(FileError, match="damaged archive"):
        there.upload(packed)

    assert there.datasets() == []
    assert clinical_nb.Session(there.home).warnings == ()
    assert list(there.home.rglob("*.json")) == []


def changed(path, value):
    def change(content):
        *above, last = path
        for key in above:
            content = content[key]
        content[last] = value

    return pytest.param(change, id=f"{'.'.join(map(str, path))}={str(value)[:20]}")


@pytest.mark.parametrize(
    "change",
    [
        changed(["dataset"], "other"),
        changed(["dataset"], " "),
        changed(["versions"], []),
        changed(["versions"], None),
        changed(["versions", 0, "number"], 2),
        changed(["versions", 0, "number"], True),
        changed(["versions", 0, "number"], -1),
        changed(["versions", 0, "created"], "2020-01-01T00:00:00"),
        changed(["versions", 0, "upload_id"], '"; DROP'),
        changed(["versions", 0, "parent"], "../.."),
        changed(["versions", 0, "dataset_version"], "0" * 16),
        changed(["versions", 0, "dictionary"], "a: &a [*a]"),
        changed(["versions", 0, "tables", "trial", "hash"], "../../../etc/passwd"),
        changed(["versions", 0, "tables", "trial", "rows"], 4),
        changed(["versions", 0, "tables", "trial", "schema"], {"id": "integer"}),
        changed(["versions", 0, "tables"], {}),
        changed(["versions", 0, "provenance"], {}),
        changed(["versions", 0, "provenance", "columns"], {"trial": ["id"]}),
        changed(["versions", 0, "provenance", "findings"], [{"evil": 1}]),
        changed(["versions", 0, "provenance", "sources"], [{}]),
    ],
)
def test_a_manifest_that_no_store_wrote_is_refused(there, packed, change):
    edit(packed, change)

    with pytest.raises(ClinicalError):
        there.upload(packed)

    assert there.datasets() == []
    assert clinical_nb.Session(there.home).warnings == ()


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("x", [1.0, float("inf"), 2.0]),
        pl.Series("x", [1.0, None, float("nan")]),
        pl.Series("x", ["a", "b", "a"], pl.Categorical),
        pl.Series("x", ["a", "b", "a"], pl.Enum(["a", "b"])),
        pl.Series("x", [1, 2, 3], pl.Decimal(9, 2)),
        pl.Series("x", [b"a", b"b", b"a"]),
        pl.Series("x", [1, 2, 3], pl.Duration("us")),
        pl.Series("x", [1, 2, 3], pl.Datetime("us", "Europe/Oslo")),
        pl.Series("x", [1, 2, 3], pl.Time),
        pl.Series("x", [None, None, None], pl.Null),
    ],
    ids=lambda column: f"{column.dtype} {column[1]}",
)
def test_a_table_that_no_upload_stores_is_refused(there, tmp_path, column):
    table = pl.DataFrame([pl.Series("id", [1, 2, 3]), column])
    store = DataStore(tmp_path / "odd")
    provenance = Provenance(columns={"t": table.columns})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table_hash = store.save_table(table)
    meaning = "tables:\n  t:\n    id: {kind: identifier}\n    x: {kind: text}\n"
    version = store.publish("t", {"t": table_hash}, meaning, provenance)
    pack([version], {table_hash: store.find_file(table_hash)}, tmp_path / "odd.zip")

    with pytest.raises(FileError, match="values that no upload of clinical_nb stores"):
        there.upload(tmp_path / "odd.zip")

    assert there.datasets() == []
    assert not any((there.home / "parquet").glob("*"))


def test_every_type_that_an_upload_stores_is_taken_in(there, tmp_path):
    here = clinical_nb.Session(tmp_path / "all")
    days = pl.Series([1, 2, 3])
    table = pl.DataFrame(
        {
            "id": ["p1", "p2", "p3"],
            "flag": [True, None, False],
            "small": pl.Series([1, 2, 3], dtype=pl.Int8),
            "part": pl.Series([1, None, 3], dtype=pl.Float32),
            "day": days.cast(pl.Date),
            "at": days.cast(pl.Datetime("ms")),
            "zoned": days.cast(pl.Datetime("ns", "Europe/Oslo")),
            "exact": days.cast(pl.Decimal(9, 2)),
            "kind": pl.Series(["a", "b", "a"], dtype=pl.Categorical),
            "clock": days.cast(pl.Time),
            "took": days.cast(pl.Duration("us")),
            "raw": [b"a", b"b", b"a"],
            "none": [None, None, None],
        }
    )
    table.write_parquet(tmp_path / "every.parquet")
    here.upload(tmp_path / "every.parquet")

    there.upload(here.archive("every", tmp_path))

    assert stored(there, "every") == stored(here, "every")


def test_more_versions_than_an_archive_holds_are_not_packed(here, packed, tmp_path):
    version = stored(here)[-1]
    many = [replace(version, number=number, dictionary="x" * 1024**2) for number in range(17)]

    with pytest.raises(ClinicalError, match="'trial' has more versions than one archive holds: 17"):
        pack(many, {}, tmp_path / "large.zip")

    assert not (tmp_path / "large.zip").exists()
    assert packed.stat().st_size < 1024**2


def test_a_manifest_that_would_fill_the_memory_is_not_read(there, packed):
    def plant(members):
        members[MANIFEST] = b"[" + b"[]," * (6 * 1024**2) + b"1]"

    repack(packed, plant)
    tracemalloc.start()
    with pytest.raises(FileError, match="a list of versions of 18 MB"):
        there.upload(packed)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 8 * 1024**2


def test_an_archive_of_a_newer_clinical_nb_is_refused(there, packed):
    edit(packed, lambda content: content.update(format=2))

    with pytest.raises(FileError, match="newer clinical_nb"):
        there.upload(packed)


def test_a_dictionary_that_unfolds_without_end_is_not_unfolded(there, packed):
    bomb = "a: &a [x]\n" + "".join(f"b{at}: &b{at} [*a, *a]\n" for at in range(3))

    def plant(content):
        for entry in content["versions"]:
            hashes = {name: table["hash"] for name, table in entry["tables"].items()}
            entry["dictionary"] = bomb
            entry["dataset_version"] = compute_dataset_version(hashes, bomb)

    edit(packed, plant)

    with pytest.raises(FileError, match="damaged archive"):
        there.upload(packed)


def test_a_bomb_is_not_unpacked(there, packed):
    def plant(members):
        members[next(name for name in members if name.startswith("parquet/"))] = bytes(65 * 1024**2)

    repack(packed, plant)

    with pytest.raises(FileError, match="refused as unsafe"):
        there.upload(packed)


def test_an_archive_without_its_end_is_a_damaged_zip(there, packed):
    packed.write_bytes(packed.read_bytes()[:-100])

    assert not is_archive(packed)
    with pytest.raises(FileError, match="damaged zip archive"):
        there.upload(packed)


@pytest.mark.parametrize(
    "name", ['Müller\'s "trial"', "../../up", "n" * 300, "two\nlines", "日本 🏥", "'); DROP TABLE x"]
)
def test_an_archive_of_any_name_comes_back_under_it(there, tmp_path, name):
    here = clinical_nb.Session(tmp_path / "here")
    upload(here, tmp_path, CSV)
    here.current.store.take_in([replace(each, dataset=name) for each in stored(here)])  # as older stores have them
    (tmp_path / "out").mkdir()

    file = here.archive(name, tmp_path / "out")
    there.upload(file)

    assert file.parent == tmp_path / "out"
    assert stored(there, name) == stored(here, name)
