"""What a file is, by its bytes alone."""

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.content import recognise, refuse_markup


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
        (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14" + bytes(138) + b"CATALOG ", "sas7bcat"),
        (b"$FL2@(#) SPSS DATA FILE", "sav"),
        (b"$FL3@(#) SPSS DATA FILE", "sav"),
        (b"0" * 456 + b"SPSSPORTA", "por"),
        (b"<stata_dta><header>", "dta"),
        (b"\x72\x02\x01\x00", "dta"),
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
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"Office file \(.xls\)"),
        (b"PK\x03\x04\x14\x00[Content_Types].xml", "Excel workbook"),
        (b"PK\x03\x04\x14\x00[Content_Types].xml word/document.xml", "Word document"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "OpenDocument"),
        (b"SQLite format 3\x00", "SQLite"),
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
