"""Text in the encodings that spreadsheets write."""

from io import BytesIO

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.encoding import open_text, possible_encodings, refuse_binary, refuse_encoding


def decode(data, file):
    """Return the text of a file and what its encoding is called, as who reads it finds them."""
    for encoding in possible_encodings(data[:4096], file):
        try:
            text = open_text(BytesIO(data), encoding).read()
        except UnicodeDecodeError:
            continue
        refuse_binary(text, file)
        return text, encoding.name
    return refuse_encoding(file)


TEXT = "id,name\n1,Zoë “well” €\n" + "2,Bo\n" * 20


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", ""),
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_text_is_the_same_in_every_encoding(encoding, told):
    assert decode(TEXT.encode(encoding), "x") == (TEXT, told)


@pytest.mark.parametrize("data", [b"a\x00\x00\x00b,c\n", bytes(range(1, 32)) * 10, b"a,b\n\x81\x8d\n", b"\xff\xfea"])
def test_bytes_that_are_no_text_are_refused(data):
    with pytest.raises(FileError, match=r"not a table of text|encoding that cannot be recognised"):
        decode(data, "x")


def test_a_zero_late_in_a_text_is_refused():
    with pytest.raises(FileError, match="not a table of text"):
        decode(b"a,b\n" * 5000 + b"\x00", "x")
