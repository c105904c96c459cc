"""What is exported is what was stored, is read back as the same, and never takes another file's place unasked."""

import os
import warnings
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clinical_nb
from clinical_nb.errors import ClinicalError, UnknownDatasetError
from clinical_nb.store.hash import hash_table

CSV = 'id,sex,age,weight,note\n1,f,60,71.5,"said ""no"", left"\n2,m,70,80,\n3,f,50,,a\n4,m,66,91,\n'
MEANING = "column,meaning,codes_or_units\nsex,sex,f=female; m=male\nage,age at entry,years\nweight,body weight,kg\n"


@pytest.fixture
def session(tmp_path):
    (tmp_path / "trial.csv").write_text(CSV)
    (tmp_path / "meaning.csv").write_text(MEANING)
    session = clinical_nb.Session(tmp_path / "home")
    session.upload(tmp_path / "trial.csv", dictionary=tmp_path / "meaning.csv")
    return session


def read(file):
    readers = {".csv": pl.read_csv, ".parquet": pl.read_parquet, ".arrow": pl.read_ipc}
    return readers[file.suffix](file)


@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_an_export_is_one_private_file_a_table_and_its_dictionary(session, tmp_path, form):
    files = session.export("trial", tmp_path / "out", form)

    assert [file.name for file in files] == [f"trial.{form}", "trial.dictionary.yaml"]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == sorted(file.name for file in files)
    assert hash_table(read(files[0])) == session.find("trial").stored.tables["trial"].hash
    if os.name == "posix":
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_was_exported_and_uploaded_elsewhere_is_the_same_version(session, tmp_path, form):
    table, words = session.export("trial", tmp_path / "out", form)

    there = clinical_nb.Session(tmp_path / "elsewhere").upload(table, dictionary=words)

    assert (there.name, there.version) == ("trial", session.find("trial").version)


def test_columns_are_exported_in_the_order_of_the_upload_that_is_asked_for(session, tmp_path):
    frame = pl.read_csv(tmp_path / "trial.csv")
    frame.select(sorted(frame.columns)).write_csv(tmp_path / "sorted.csv")
    session.upload(tmp_path / "sorted.csv")

    for form in ("csv", "parquet", "arrow"):
        (file, _) = session.export("sorted", tmp_path / form, form)

        assert read(file).columns == sorted(frame.columns)


def test_a_version_is_exported_by_its_number(session, tmp_path):
    (tmp_path / "trial.csv").write_text(CSV.replace("60", "61"))
    session.upload(tmp_path / "trial.csv")

    first, _ = session.export("trial", tmp_path / "first", version=1)
    second, _ = session.export("trial", tmp_path / "second")

    assert (read(first)["age"][0], read(second)["age"][0]) == (60, 61)
    with pytest.raises(ClinicalError, match="no version '7'"):
        session.export("trial", tmp_path / "third", version=7)


def test_a_file_that_is_there_is_named_and_kept_unless_it_may_be_replaced(session, tmp_path):
    (tmp_path / "trial.dictionary.yaml").write_text("mine")

    with pytest.raises(ClinicalError, match=r"'trial\.dictionary\.yaml' is in .* already"):
        session.export("trial", tmp_path, "parquet")
    kept = (tmp_path / "trial.dictionary.yaml").read_text()
    session.export("trial", tmp_path, "parquet", replace=True)

    assert kept == "mine"
    assert "body weight" in (tmp_path / "trial.dictionary.yaml").read_text(encoding="utf-8")


def test_what_is_not_there_or_cannot_be_written_is_one_sentence(session, tmp_path):
    with pytest.raises(UnknownDatasetError, match="Did you mean 'trial'"):
        session.export("trail", tmp_path)
    with pytest.raises(ClinicalError, match="no format 'xlsx'"):
        session.export("trial", tmp_path / "out", "xlsx")
    with pytest.raises(ClinicalError, match="cannot write in"):
        session.export("trial", tmp_path / "trial.csv")


def test_nothing_is_exported_or_packed_into_the_store_itself(session, tmp_path):
    for leave in (session.export, session.archive):
        for place in (session.home, session.home / "parquet", tmp_path / "out" / ".." / "home" / "a_tables"):
            with pytest.raises(ClinicalError, match="in the store's own folder"):
                leave("trial", place)


def test_an_export_is_in_the_history_without_where_it_went(session, tmp_path):
    session.export("trial", tmp_path / "Mrs_Jones", "parquet")

    run = session.history().row(-1, named=True)
    assert (run["dataset"], run["status"], run["summary"]) == ("trial", "exported", "exported as parquet: 1 file")
    assert run["dataset_version"] == session.find("trial").version
    assert all("Jones" not in file.read_text() for file in (session.home / "history").glob("*.jsonl"))


def test_csv_warns_of_types_that_it_does_not_keep(session, tmp_path):
    pl.DataFrame({"code": ["1", "2"], "age": [3, 4]}).write_parquet(tmp_path / "coded.parquet")
    session.upload(tmp_path / "coded.parquet")

    with pytest.warns(UserWarning, match=r"not read back as quite the same table.*\('code'\)"):
        session.export("coded", tmp_path / "out")


def test_csv_keeps_spreadsheets_from_running_formulas_and_upload_reads_the_same_values(session, tmp_path):
    text = "id,@note,change\n1,=1+1,-5 to -3\n2,fine,+4\n3,'=2,low -3\n"
    (tmp_path / "notes.csv").write_text(text)
    before = session.upload(tmp_path / "notes.csv")

    with pytest.warns(UserWarning, match=r"has 4 cells that a spreadsheet.* apostrophe .*\('@note', 'change'\)"):
        file, _ = session.export("notes", tmp_path / "out")
    after = session.upload(file, name="again")

    assert file.read_text() == (""""id","'@note","change"\n1,"'=1+1","'-5 to -3"\n2,"fine","+4"\n3,"'=2","low -3"\n""")
    assert after.lazy("again").collect().equals(before.lazy("notes").collect())
    assert [(each.column, each.rows) for each in after.report if "apostrophe" in each.text] == [
        ("@note", 3),
        ("change", 1),
    ]


def test_parquet_and_arrow_keep_formulas_as_they_are(session, tmp_path):
    (tmp_path / "notes.csv").write_text("id,note\n1,=1+1\n2,fine\n")
    session.upload(tmp_path / "notes.csv")

    parquet, _ = session.export("notes", tmp_path / "a", "parquet")
    arrow, _ = session.export("notes", tmp_path / "b", "arrow")

    assert pl.read_parquet(parquet)["note"].to_list() == pl.read_ipc(arrow)["note"].to_list() == ["=1+1", "fine"]


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
COLUMNS = {
    "text": st.one_of(WORDS, st.sampled_from(["a,b", 'q"', "two\nlines", "x;y", "007", "ß", "NA", "=1"])),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "date": st.dates(date(1, 1, 1)),
    "datetime": st.datetimes(datetime(1, 1, 1)),  # noqa: DTZ001 - naive on purpose
    "zoned": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001 - the same
}
DTYPES = {
    "text": pl.String,
    "integer": pl.Int64,
    "float": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "datetime": pl.Datetime("us"),
    "zoned": pl.Datetime("us", "UTC"),
}


@st.composite
def frames(draw):
    kinds = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=5))
    rows = draw(st.integers(1, 6))
    return pl.DataFrame(
        [
            pl.Series(
                f"{kind} {number}",
                draw(st.lists(st.none() | COLUMNS[kind], min_size=rows, max_size=rows)),
                DTYPES[kind],
            )
            for number, kind in enumerate(kinds)
        ]
    )


@pytest.mark.slow
@given(frame=frames())
@settings(max_examples=12)
def test_any_table_survives_every_format_or_is_warned_of(tmp_path_factory, frame):
    folder = tmp_path_factory.mktemp("frames")
    frame.write_parquet(folder / "any.parquet")
    session = clinical_nb.Session(folder / "home")
    stored = session.upload(folder / "any.parquet")
    table_hash = stored.stored.tables["any"].hash

    parquet, words = session.export("any", folder / "parquet", "parquet")
    arrow, _ = session.export("any", folder / "arrow", "arrow")

    assert session.upload(parquet, name="again", dictionary=words).stored.tables["again"].hash == table_hash
    assert session.upload(arrow, name="arrow", dictionary=words).stored.tables["arrow"].hash == table_hash
    assert _csv_is_the_same_or_warned_of(session, folder, table_hash)


def _csv_is_the_same_or_warned_of(session, folder, table_hash):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        csv, words = session.export("any", folder / "csv")
    if any("read back" in str(warning.message) for warning in told):
        return True
    return session.upload(csv, name="csv", dictionary=words).stored.tables["csv"].hash == table_hash


@given(rows=st.lists(st.tuples(*(st.none() | COLUMNS[kind] for kind in ("float", "boolean", "date", "zoned")))))
@settings(max_examples=12)
def test_csv_keeps_numbers_truths_and_times_to_the_last_bit(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("frames")
    first = (0.1, True, date(2000, 2, 29), datetime(2000, 1, 1, 12, 30, 1, 5, tzinfo=UTC))
    kinds = ("float", "boolean", "date", "zoned")
    frame = pl.DataFrame([first, *rows], {kind: DTYPES[kind] for kind in kinds}, orient="row")
    frame.write_parquet(folder / "exact.parquet")
    session = clinical_nb.Session(folder / "home")
    stored = session.upload(folder / "exact.parquet")

    csv, words = session.export("exact", folder / "csv")

    assert session.upload(csv, dictionary=words).version == stored.version
