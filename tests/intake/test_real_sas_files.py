"""Files that SAS itself wrote, compressed and on machines of other byte orders, against what SAS exported of them."""

import gzip
import zipfile
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.intake.misread import as_utf8, read_again
from clinical_nb.intake.upload import read_upload

FILES = Path(__file__).parent.parent / "files" / "sas"


def read(name, place):
    path = place / f"{name}.sas7bdat"
    path.write_bytes(gzip.decompress((FILES / f"{name}.sas7bdat.gz").read_bytes()))
    return read_upload(path, place)


def exported(name, schema):
    """SAS's own export, with its days as dates where the file says that they are."""
    frame = pl.read_csv(FILES / name, infer_schema_length=None)
    begin = date(1960, 1, 1)
    return {
        column: [
            begin + timedelta(days=value) if schema[column] == pl.Date and value is not None else value
            for value in frame[column].to_list()
        ]
        for column in frame.columns
    }


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("compressed_rdc_64_bit", "values.csv"),
        ("compressed_rle_big_endian", "values.csv"),
        ("utf8_called_latin1", "values_of_utf8.csv"),
    ],
)
def test_every_value_is_what_sas_exported(tmp_path, name, values):
    upload = read(name, tmp_path)

    table = upload.tables[0].scan.collect()
    expected = exported(values, table.schema)
    assert table.columns == list(expected)
    for column, cells in expected.items():
        wanted = pytest.approx(cells, abs=1e-9) if table[column].dtype.is_float() else cells
        assert table[column].to_list() == wanted, column


def test_utf8_that_the_file_says_to_be_latin1_is_told(tmp_path):
    upload = read("utf8_called_latin1", tmp_path)

    told = [finding for finding in upload.findings if "read as UTF-8" in finding.text]
    assert {finding.column for finding in told} >= {"Column2", "Column6"}


def test_text_that_really_is_latin1_stays():
    values = pl.Series(["Müller", "Ã", "naïve", None, "plain"])

    again, changed = read_again(values)

    assert (again.to_list(), changed) == (values.to_list(), 0)


def test_text_that_was_read_in_the_wrong_code_page_is_had_back():
    said = pl.Series(["Müller", "Иркутск", "5 µg, “low”", "plain", None])
    misread = pl.Series([text and text.encode().decode("latin-1") for text in said])

    again, changed = read_again(misread)
    assert (again.to_list(), changed) == (said.to_list(), 3)


@pytest.mark.parametrize("text", ["Müller", "5 µg", "☃ snow"])
def test_a_character_cut_off_at_the_end_is_left_out(text):
    cut = f"{text} é".encode()[:-1].decode("latin-1")

    assert as_utf8(cut) == f"{text} "


@pytest.mark.parametrize("is_zipped", [False, True])
def test_the_codes_of_a_catalogue_are_the_levels_of_the_columns_that_use_its_formats(tmp_path, is_zipped):
    paths = [tmp_path / "patients.sas7bdat", tmp_path / "formats.sas7bcat"]
    for path in paths:
        path.write_bytes(gzip.decompress((FILES / f"{path.name}.gz").read_bytes()))
    if is_zipped:
        with zipfile.ZipFile(tmp_path / "study.zip", "w") as study:
            for path in paths:
                study.write(path, path.name)
        paths = tmp_path / "study.zip"

    (table,) = read_upload(paths, tmp_path).tables

    assert {level.value: level.label for level in table.said["SEX"].levels} == {1: "Male", 2: "Female"}
    assert {level.value: level.label for level in table.said["ARM"].levels} == {"A": "Placebo", "B": "Drug 10 mg"}
    assert table.scan.collect()["SCORE_missing"].to_list() == [None, None, None, ".B", None]
