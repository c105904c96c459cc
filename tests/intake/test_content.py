"""What a file is, by its bytes alone."""

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.content import recognise, refuse_markup


def entry(name):
    """The head of a zip's entry."""
    return b"PK\x03\x04" + bytes(22) + len(name).to_bytes(2, "little") + bytes(2) + name


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"id,age\n1,2\n", "text"),
        (b"\xef\xbb\xbfid,age\n", "text"),
        (b"PAR1....", "parquet"),
        (b"ARROW1..", "arrow"),
        (b"PK\x03\x04abc", "zip"),
        (b"PK\x05\x06", "zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD", "xpt"),
        (b"HEADER RECORD*******LIBV8   HEADER RECORD", "xpt"),
        (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14" + bytes(138) + b"DATA    ", "sas7bdat"),
        (bytes(12) + b"\xc2\xea\x81\x63\xb3\x14" + bytes(138) + b"CATALOG ", "sas7bcat"),
        (b"$FL2@(#) SPSS DATA FILE", "sav"),
        (b"$FL3@(#) SPSS DATA FILE", "sav"),
        (b"0" * 456 + b"SPSSPORTA", "por"),
        (b"<stata_dta><header>", "dta"),
        (b"\x72\x02\x01\x00", "dta"),
        (entry(b"[Content_Types].xml"), "workbook"),
        (entry(b"docProps/app.xml"), "workbook"),
        (entry(b"mimetype") + b"application/vnd.oasis.opendocument.spreadsheet", "workbook"),
        (entry(b"data/[Content_Types].xml"), "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"<html><body><table>", "html"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", "html"),
        (b'[{"id": 1}]', "json"),
        (b'{"id": 1}\n{"id": 2}', "json"),
        (b"[mg],age\n", "text"),
    ],
)
def test_what_can_be_read_is_recognised(data, content):
    assert recognise(data, "x") == content


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"GIF89a", "picture"),
        (entry(b"[Content_Types].xml") + entry(b"word/document.xml"), "Word document"),
        (entry(b"_rels/.rels") + entry(b"ppt/presentation.xml"), "PowerPoint document"),
        (entry(b"mimetype") + b"application/vnd.oasis.opendocument.text", "OpenDocument text"),
        (b"MIME-Version: 1.0", "MHTML"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"INSERT INTO p VALUES (1,'M',50);", "program for a database"),
        (b"MSH|^~\\&|LAB|H|", "HL7"),
        (b"FHS|^~\\&|LAB|H|", "HL7"),
        (bytes(128) + b"DICM", "medical image"),
        (b"PARE\x15\x04", "encrypted Parquet"),
        (b"PK\x07\x08PK\x03\x04", "first part of a zip"),
        (b"structure(list(id = 1:3))", "R's source text"),
        (b"@relation x", "ARFF"),
        (entry(b"Index/Document.iwa"), "Apple's Numbers"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"Rar!\x1a", "RAR"),
        (b"name".ljust(257, b"\0") + b"ustar", "tar archive"),
    ],
)
def test_what_cannot_be_read_is_named(data, kind):
    with pytest.raises(FileError, match=f"'x' .*{kind}|'x' {kind}"):
        recognise(data, "x")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<!DOCTYPE html><html>", "HTML"),
        ("\n <table><tr>", "HTML"),
        ("<?xml version='1.0'?>", "XML"),
        ("<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>", "Excel 2003 XML"),
        ('{"a": 1}', "JSON"),
        ("[{}]", "JSON"),
    ],
)
def test_markup_is_named(text, kind):
    with pytest.raises(FileError, match=kind):
        refuse_markup(text, "x")


@pytest.mark.parametrize("text", ["<script>,age\n1,2", "[mg],age\n", "{id},age\n", "a<b,c\n1,2"])
def test_headers_with_brackets_are_no_markup(text):
    refuse_markup(text, "x")


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        *(
            ("study.yaml", "a file of settings or a dictionary"),
            ("a.sps", "an SPSS program"),
            ("a.do", "a Stata program"),
        ),
        *(("a.R", "an R program"), ("a.sas", "a SAS program"), ("a.log.gz", "a log"), ("notes.md", "a text")),
    ],
)
def test_programs_and_texts_are_named_and_no_tables(file, kind):
    with pytest.raises(FileError, match=f"'{file}' is {kind}.* by its name, not a table") as caught:
        recognise(b"x <- c(1, 2)\ny <- 3\n", file)

    assert caught.value.hint


@pytest.mark.parametrize("data", [b"[]", b"[ ]\n", b"5", b"[1, 2]", b'"x"', b"1\n2\n", b"null"])
def test_json_without_records_is_json_by_the_name_of_its_file(data):
    assert recognise(data, "a.json") == "json"


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"5,3\n1,2\n"])
def test_a_table_that_is_called_json_is_one(data):
    assert recognise(data, "a.json") == "text"


def test_a_log_that_is_a_table_is_read_as_one():
    assert recognise(b"sample;crp;hb\n1;5;13\n2;6;12\n3;7;11\n", "analyser.log") == "text"


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-01 10:00:01,123 INFO started\n2023-05-01 10:00:02,456 ERROR failed\n2023-05-01 10:00:03,7 INFO\n",
        "NOTE: Copyright (c) by SAS Institute Inc., Cary, NC, USA.\nNOTE: SAS 9.4\nNOTE: a\nNOTE: b\n",
        ". use a.dta\n\n. tab sex, missing\n\n sex | Freq. Percent\n",
    ],
)
def test_other_logs_are_refused_by_their_name(text):
    with pytest.raises(FileError, match="is a log by its name"):
        recognise(text.encode(), "run.log")


def test_an_encrypted_message_is_named():
    with pytest.raises(FileError, match="is encrypted"):
        recognise(b"-----BEGIN PGP MESSAGE-----\n\nhQEMA0abc\n", "x.csv")
