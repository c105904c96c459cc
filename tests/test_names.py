"""Names that people give: each works on every path or is refused in one sentence, and none takes another's place."""

import csv
import io
import os
import shutil
import sys
import unicodedata
import warnings
import zipfile

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import clinical_nb
from clinical_nb.errors import ClinicalError
from clinical_nb.plan import Cohort, Describe
from clinical_nb.store import catalogue
from clinical_nb.store.hash import hash_table
from clinical_nb.store.metadata import readable_metadata
from clinical_nb.store.record import RECORD, hold_lock, open_record

# ruff: noqa: RUF001 - names that look alike are what is tested
# What one file system or database takes for another, or for something else than a name.
TWINS = (
    "trial", "Trial", "TRIAL", "trial ", " trial", "tri al", "é", "e\u0301", "É", "ß", "ss", "SS", "\u1e9e", "i", "I",
    "ı", "İ", "i\u0307", "A", "\uff21", "\ufb01", "fi", "k", "\u212a", "\u017f", "s", "Å", "\u212b", "A\u030a", "Ω",
    "\u2126",
)  # fmt: skip
ODD = (
    "..", ".", "../../up", "/etc/passwd", "C:\\x", "a:b", "a/b", "a\\b", "~", "~root", "-", "--yes", "-rf", "*", "?",
    "^a.*$", "^v1$",
    "[a]", "$HOME", "%s", "{x}", "con", "nul", "COM1", "select", "order by", "'; DROP TABLE t; --", '"', "'", "''",
    '""', "`", "\\", "a\"b'c", "two\nlines", "tab\there", "a\r", "\ufeffmark", "\u200bzero", "x" * 300, "ä" * 300,
    "🏥", "👩\u200d⚕\ufe0f", "שלום", "\u202eevil", "日本語", "null", "NA", "true", "1", "1.5", "2020-01-01",
    "<b>bold</b>", "<script>", "# a", "a: b", "- a", "&a", "*a", "!x", "|", ",", ";", "=1+1", "@x", "a\x7fb",
    "a\x01b", "a\x85b", "data.csv", ".hidden", "a.b.c", "_tables", "🏥_tables", "http://x", "s3://b/k",
)  # fmt: skip
NAMES = st.one_of(st.text(min_size=1, max_size=12), st.sampled_from((*TWINS, *ODD)))


def csv_of(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def try_upload(session, *arguments, **options):
    """Return the dataset, or None where it was refused in one sentence."""
    try:
        return session.upload(*arguments, **options)
    except ClinicalError as error:
        refused = error
    assert refused.message.endswith(".")
    assert "\n" not in refused.message
    return None


def rows_of(session):
    return {
        (dataset.name, table): sorted(dataset.lazy(table).collect().rows(), key=str)
        for dataset in session.datasets()
        for table in dataset.tables
    }


def store_each(session, folder, names):
    """Store a dataset of two columns under each name, with a number of its own in it; return those that were taken."""
    taken = {}
    for number, name in enumerate(dict.fromkeys(names)):
        (folder / "file.csv").write_text(f"id,value\n1,{number}\n2,{number + 1}\n", encoding="utf-8")
        if try_upload(session, folder / "file.csv", name=name):
            taken[name] = [(1, number), (2, number + 1)]
    return taken


def expected(taken):
    return {(name, name): rows for name, rows in taken.items()}


def check_every_path(folder, names):
    home = folder / "home"
    session = clinical_nb.Session(home)
    taken = store_each(session, folder, names)
    climbing = {name for name in names if {".", ".."} & {part.strip() for part in name.replace("\\", "/").split("/")}}
    assert not climbing & taken.keys()
    assert all(name in taken for name in names if name.strip() and "\0" not in name and name not in climbing)
    if not taken:
        return

    _check_restored(home, expected(taken))
    _check_asked(home, taken)
    _check_left(home, folder, taken)
    _check_rebuilt(home, expected(taken))
    _check_dropped(home, taken)


def _check_restored(home, rows):
    session = clinical_nb.Session(home)
    assert session.warnings == ()
    assert rows_of(session) == rows


def _check_asked(home, taken):
    session = clinical_nb.Session(home)
    for name in taken:
        answer = session.ask("how many rows", data=name)
        assert (answer.status, answer.dataset) == ("answered", name)
        assert "2" in str(answer)
        assert session.rerun(answer.run_id).result == answer.result
        assert answer.html()
        assert answer.script()
    asked = session.history().filter(pl.col("status") == "answered")["dataset"].to_list()
    assert asked == [name for name in taken for _ in range(2)]


def _check_left(home, folder, taken):
    """Export and pack all of them into one folder each, and take them in elsewhere from there."""
    session = clinical_nb.Session(home)
    (folder / "packed").mkdir()
    there = clinical_nb.Session(folder / "there")
    files = []
    for name in taken:
        table_hash = session.find(name).stored.tables[name].hash
        for form, read in (("csv", pl.read_csv), ("parquet", pl.read_parquet), ("arrow", pl.read_ipc)):
            file, words = session.export(name, folder / form, form)
            files += [file, words]
            assert hash_table(read(file)) == table_hash
            if form == "csv":
                uploaded = clinical_nb.Session(folder / "uploaded").upload(file, name=name, dictionary=words)
                assert uploaded.dictionary == session.find(name).dictionary
        files.append(session.archive(name, folder / "packed"))
        there.upload(files[-1])
    assert len(set(files)) == len(files)
    assert {file.parent for file in files} <= {folder / part for part in ("csv", "parquet", "arrow", "packed")}
    assert len({unicodedata.normalize("NFKC", str(file)).casefold() for file in files}) == len(files)
    assert rows_of(there) == expected(taken)


def _check_rebuilt(home, rows):
    (home / RECORD).unlink()
    assert rows_of(clinical_nb.Session(home)) == rows
    shutil.rmtree(home / "metadata")
    assert rows_of(clinical_nb.Session(home)) == rows
    shutil.rmtree(home / "parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each table that was rebuilt is told
        assert rows_of(clinical_nb.Session(home)) == rows
    with hold_lock(home, "looking"), open_record(home) as record:
        assert catalogue.read_versions(record) == readable_metadata(home)


def _check_dropped(home, taken):
    session = clinical_nb.Session(home)
    for name in list(taken):
        session.drop(name)
        del taken[name]
        assert {dataset.name for dataset in session.datasets()} == set(taken)
    assert list((home / "metadata").iterdir()) == list((home / "parquet").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("names", [TWINS, ODD[::2], ODD[1::2]], ids=["twins", "odd", "odder"])
def test_names_of_datasets_go_every_path_and_none_takes_anothers_place(tmp_path, names):
    check_every_path(tmp_path, names)


@given(names=st.lists(NAMES, min_size=2, max_size=3))
@example(names=["Trial", "trial", "é", "e\u0301"])
@settings(max_examples=1)
def test_generated_names_of_datasets_go_every_path(tmp_path_factory, names):
    check_every_path(tmp_path_factory.mktemp("names"), names)


@pytest.mark.slow
@given(names=st.lists(NAMES, min_size=2, max_size=3))
@example(names=["x" * 300, "x" * 301])
@settings(max_examples=8)
def test_many_more_names_of_datasets_go_every_path(tmp_path_factory, names):
    check_every_path(tmp_path_factory.mktemp("names"), names)


@pytest.mark.parametrize("name", ["", " ", "\n", "a\0b", "\ud800", "a\udfffb"])
def test_what_is_no_name_is_refused_and_nothing_is_stored(tmp_path, name):
    (tmp_path / "file.csv").write_text("id\n1\n")
    session = clinical_nb.Session(tmp_path / "home")

    with pytest.raises(ClinicalError):
        session.upload(tmp_path / "file.csv", name=name or " ")

    assert session.datasets() == []
    assert not (tmp_path / "home" / "metadata").exists()


def check_columns(folder, names):
    """Store one table with these columns, of which the last holds these names as its levels."""
    home = folder / "home"
    levels = [name for name in names if name.strip()] or ["x"]
    rows = [[f"{number}", *(f"v{number}" for _ in names), level] for number, level in enumerate(levels * 3)]
    (folder / "wide.csv").write_text(csv_of([["id", *names, "level"], *rows]), encoding="utf-8", newline="")
    session = clinical_nb.Session(home)
    dataset = try_upload(session, folder / "wide.csv")
    if dataset is None:
        return False
    columns = dataset.lazy().collect().columns
    assert len({column.casefold() for column in columns}) == len(columns) >= 2

    again = clinical_nb.Session(home)
    stored = again.find("wide")
    frame = stored.lazy().collect()
    file, words = again.export("wide", folder / "out", "parquet")
    there = clinical_nb.Session(folder / "there")

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        csv_file, csv_words = again.export("wide", folder / "csv", "csv")
    if not any("read back" in str(warning.message) for warning in told):
        assert clinical_nb.Session(folder / "csvs").upload(csv_file, dictionary=csv_words).version == dataset.version
    assert list(stored.dictionary.tables["wide"]) == columns
    assert again.ask("how many rows").status == "answered"
    assert pl.read_parquet(file).equals(frame)
    assert there.upload(file, dictionary=words).version == dataset.version
    assert clinical_nb.Session(folder / "packed").upload(again.archive("wide", folder)).version == dataset.version
    shutil.rmtree(home / "parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it was rebuilt is told
        assert clinical_nb.Session(home).find("wide").lazy().collect().equals(frame)
    return True


@given(names=st.lists(NAMES, min_size=1, max_size=5))
@example(names=["Age", "AGE", "age", "é", "e\u0301", "É", "ß", "ss", "SS", ""])
@settings(max_examples=3)
def test_names_of_columns_and_levels_go_every_path(tmp_path_factory, names):
    check_columns(tmp_path_factory.mktemp("columns"), names)


@pytest.mark.slow
@pytest.mark.parametrize("names", [TWINS, ODD], ids=["twins", "odd"])
def test_all_odd_names_are_columns_of_one_table(tmp_path, names):
    assert check_columns(tmp_path, names)


@pytest.mark.parametrize("name", ["*", "^a.*$", "^abc$", "a.b", "%", "\"'"])
def test_a_column_of_any_name_is_counted_as_that_column(tmp_path, name):
    rows = [["id", name, "abc"], ["1", "10", "7"], ["2", "20", "8"], ["3", "60", "9"]]
    (tmp_path / "t.csv").write_text(csv_of(rows), encoding="utf-8", newline="")
    session = clinical_nb.Session(tmp_path / "home")
    stored = session.upload(tmp_path / "t.csv").lazy().collect().columns[1]

    answer = session.run(Describe(Cohort("t", "t"), stored))
    file, _ = session.export("t", tmp_path / "out")

    assert answer.status == "answered"
    assert 30.0 in answer.result.ard["stat"].to_list()
    assert file.read_text().startswith(csv_of([["id", stored, "abc"]]))


def check_tables(folder, names):
    """Store one dataset of a zip with a table under each of these names."""
    with zipfile.ZipFile(folder / "many.zip", "w") as packed, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is twice in it
        for number, name in enumerate(names):
            packed.writestr(f"{name}.csv", f"id,value\n1,{number}\n")
    home = folder / "home"
    session = clinical_nb.Session(home)
    dataset = try_upload(session, folder / "many.zip")
    if dataset is None:
        return False
    rows = rows_of(session)
    assert len({table.casefold() for table in dataset.tables}) == len(dataset.tables)
    there = clinical_nb.Session(folder / "there")

    *files, words = session.export("many", folder / "out", "parquet")
    there.upload(session.archive("many", folder))
    exported = there.upload(folder / "out", name="out")

    assert rows_of(clinical_nb.Session(home)) == rows
    assert len(files) == len(dataset.tables) == len({file.name.casefold() for file in files})
    assert words.parent == folder / "out"
    assert {file.parent for file in files} == {folder / "out"}
    assert {key: value for key, value in rows_of(there).items() if key[0] == "many"} == rows
    hashes = [sorted(table.hash for table in each.stored.tables.values()) for each in (dataset, exported)]
    assert hashes[0] == hashes[1]
    session.drop("many")
    assert list((home / "parquet").iterdir()) == []
    return True


@given(names=st.lists(NAMES.filter(lambda name: not set(name) & set("\0\ud800")), min_size=2, max_size=4))
@example(names=["Labs", "labs", "LABS", "é", "e\u0301", "a/b", "a_b", "b"])
@settings(max_examples=2)
def test_names_of_tables_go_every_path(tmp_path_factory, names):
    check_tables(tmp_path_factory.mktemp("tables"), names)


@pytest.mark.slow
@pytest.mark.parametrize("names", [TWINS, ODD], ids=["twins", "odd"])
def test_all_odd_names_are_tables_of_one_dataset(tmp_path, names):
    assert check_tables(tmp_path, names)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file's name is text")
def test_a_file_whose_name_is_no_text_is_stored_under_one_that_is(tmp_path):
    file = tmp_path / os.fsdecode(b"caf\xe9.csv")
    file.write_text("id,value\n1,2\n")
    session = clinical_nb.Session(tmp_path / "home")

    with pytest.raises(ClinicalError, match="characters that are not text"):
        session.upload(file)
    dataset = session.upload(file, name="coffee")

    assert dataset.sources == ("caf?.csv",)
    assert session.upload(file, name="coffee").number == 1
    assert clinical_nb.Session(tmp_path / "home").find("coffee").lazy().collect().rows() == [(1, 2)]
