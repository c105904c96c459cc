"""The one way in: any files, one upload."""

import gzip
import hashlib
import zipfile
from io import BytesIO

import polars as pl
import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.upload import SourceFile, read_upload

CSV = b"id,age\n1,40\n2,50\n"


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    return path


def parquet_bytes():
    buffer = BytesIO()
    pl.DataFrame({"id": [1, 2], "age": [40, 50]}).write_parquet(buffer)
    return buffer.getvalue()


def rows_of(upload):
    return [table.scan.collect().rows() for table in upload.tables]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("trial.csv", CSV),
        ("trial.tsv", CSV),
        ("trial.xlsx", CSV),
        ("trial.parquet", CSV),
        ("trial", CSV),
        ("trial.csv", CSV.replace(b",", b"\t")),
        ("trial.csv", CSV.decode().encode("utf-16")),
        ("trial.csv.gz", gzip.compress(CSV, mtime=0)),
        ("trial.csv", gzip.compress(CSV, mtime=0)),
        ("trial.parquet.gz", gzip.compress(parquet_bytes(), mtime=0)),
        ("trial.parquet", parquet_bytes()),
        ("trial.csv", parquet_bytes()),
    ],
)
def test_one_table_is_read_by_what_it_is_whatever_its_name(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)

    upload = read_upload(path)

    assert [table.name for table in upload.tables] == ["trial"]
    assert upload.tables[0].scan.collect().rows() == [(1, 40), (2, 50)]
    assert upload.findings == ()
    assert upload.sources == (SourceFile(name, len(data), hashlib.sha256(data).hexdigest()),)


def test_a_zip_and_its_files_give_the_same_tables(tmp_path):
    members = {"a.csv": CSV, "b.parquet": parquet_bytes(), "c.csv.gz": gzip.compress(CSV, mtime=0)}
    archive = zipped(tmp_path / "x.zip", members)
    for name, data in members.items():
        (tmp_path / name).write_bytes(data)

    together = read_upload(archive)
    apart = read_upload([tmp_path / name for name in members])

    assert [table.name for table in together.tables] == ["a", "b", "c"]
    assert rows_of(together) == rows_of(apart)


def test_tables_that_share_a_name_are_named_by_their_folders(tmp_path):
    archive = zipped(tmp_path / "x.zip", {"one/data.csv": CSV, "two/DATA.csv": CSV, "two/other.csv": CSV})

    names = [table.name for table in read_upload(archive).tables]

    assert names == ["one_data", "two_DATA", "other"]


def test_the_same_file_twice_still_has_distinct_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)

    names = [table.name for table in read_upload([path, path]).tables]

    assert len(set(names)) == 2


def test_what_is_no_table_in_a_zip_is_left_out_and_told(tmp_path):
    members = {"data.csv": CSV, "protocol.pdf": b"%PDF-1.7", "README.txt": b"a, b\nc", "scan.csv": b"\x89PNG\r\n"}
    archive = zipped(tmp_path / "x.zip", {**members, "inner.zip": b"PK\x05\x06", "../up.csv": CSV, "empty.csv": b""})

    upload = read_upload(archive)

    assert [table.name for table in upload.tables] == ["data"]
    assert sorted(finding.text.split("'")[1] for finding in upload.findings) == sorted(
        ["protocol.pdf", "README.txt", "scan.csv", "inner.zip", "../up.csv", "empty.csv"]
    )


def test_a_torn_table_in_a_zip_stops_the_upload_and_is_named(tmp_path):
    archive = zipped(tmp_path / "x.zip", {"a.csv": CSV, "b.csv": CSV + b"3\n"})

    with pytest.raises(FileError, match=r"'x\.zip/b\.csv' has lines with another number"):
        read_upload(archive)


def test_a_zip_without_a_table_says_why(tmp_path):
    archive = zipped(tmp_path / "x.zip", {"a.csv": b"%PDF-1.7"})

    with pytest.raises(FileError, match=r"holds no table that can be read: 'a\.csv' is a PDF document"):
        read_upload(archive)


def test_a_link_and_a_path_out_of_a_zip_write_and_read_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    archive = zipped(tmp_path / "x.zip", {"../evil.csv": CSV, "ok.csv": CSV})
    before = sorted(tmp_path.parent.rglob("*"))

    read_upload(archive)

    assert sorted(tmp_path.parent.rglob("*")) == before


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FileError, match="is not there"):
        read_upload(tmp_path / "none.csv")
    with pytest.raises(FileError, match="is a folder without any table"):
        read_upload(tmp_path)
    with pytest.raises(FileError, match="names no file"):
        read_upload([])


def test_an_archive_in_an_archive_is_refused(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(gzip.compress(CSV), mtime=0))

    with pytest.raises(FileError, match="archive inside an archive"):
        read_upload(path)


def test_the_shipped_trials_are_read_whole(indo_rct, pbc):
    indo, cirrhosis = read_upload([indo_rct, pbc]).tables

    assert (indo.name, indo.scan.collect().shape) == ("indo_rct", (602, 33))
    assert indo.scan.collect()["bleed"].null_count() == 575
    assert (cirrhosis.name, cirrhosis.scan.collect().shape) == ("pbc", (418, 20))
    assert cirrhosis.scan.collect()["trt"].null_count() == 106
    assert {str(dtype) for dtype in cirrhosis.scan.collect_schema().dtypes()} == {"Int64", "Float64", "String"}


def test_the_shipped_trials_raise_no_findings(indo_rct, pbc):
    assert read_upload([indo_rct, pbc]).findings == ()


@pytest.mark.parametrize("name", ["note.xlsx", "note.csv", "note.sav", "note"])
def test_a_line_of_words_is_no_table(tmp_path, name):
    (tmp_path / name).write_text("The ward had a quiet night.\n")

    with pytest.raises(FileError, match="is one line of text, and no table"):
        read_upload(tmp_path / name)


@pytest.mark.parametrize(("name", "is_read"), [("days.csv", True), ("days.txt", True), ("days.xlsx", False)])
def test_lines_of_one_column_are_a_table_where_their_file_may_be_one_of_text(tmp_path, name, is_read):
    (tmp_path / name).write_text("days\n5\n6\n7\n")

    if is_read:
        assert rows_of(read_upload(tmp_path / name)) == [[(5,), (6,), (7,)]]
        return
    with pytest.raises(FileError, match=r"is plain text, and no table, though its name ends in '\.xlsx'"):
        read_upload(tmp_path / name)


def test_what_is_empty_in_a_zip_is_left_out_and_told(tmp_path):
    made = zipped(tmp_path / "x.zip", {"a.csv": CSV, "b.csv": b" \n", "c.csv": b""})

    upload = read_upload(made)

    assert rows_of(upload) == [[(1, 40), (2, 50)]]
    assert {finding.text for finding in upload.findings} == {
        "'b.csv' left out: it holds only blanks.",
        "'c.csv' left out: it is empty.",
    }
