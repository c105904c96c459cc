"""Files in pieces: any order, damage found, nothing left behind, no name that leaves the folder."""

import hashlib
import os
import time

import pytest

from clinical_nb.errors import FileError
from clinical_nb.notebook.incoming import Chunk, Incoming, safe_name

CONTENT = b"0123456789"


def piece(offset: int, data: bytes, total: int = len(CONTENT), digest: str | None = None) -> tuple[Chunk, bytes]:
    return Chunk("f1", "a.csv", offset, total, hashlib.sha256(data).hexdigest() if digest is None else digest), data


def test_pieces_in_any_order_make_the_file(tmp_path):
    incoming = Incoming(tmp_path / "incoming")
    for each in (piece(8, b"89"), piece(0, b"0123"), piece(4, b"4567"), piece(4, b"4567")):
        incoming.write(*each)

    path = incoming.finish("f1", "a.csv")

    assert path.read_bytes() == CONTENT
    assert path.name == "a.csv"


def test_a_file_with_a_missing_piece_is_refused(tmp_path):
    incoming = Incoming(tmp_path)
    incoming.write(*piece(0, b"0123"))

    with pytest.raises(FileError, match=r"'a.csv' did not arrive whole. Drop it again."):
        incoming.finish("f1", "a.csv")


def test_a_damaged_piece_is_refused(tmp_path):
    with pytest.raises(FileError, match="damaged on its way"):
        Incoming(tmp_path).write(*piece(0, b"0123", digest="0" * 64))


def test_without_a_digest_the_size_decides(tmp_path):
    incoming = Incoming(tmp_path)

    incoming.write(*piece(0, CONTENT, digest=""))

    assert incoming.finish("f1", "a.csv").read_bytes() == CONTENT


@pytest.mark.parametrize(("offset", "data"), [(-1, b"0"), (8, b"89a")])
def test_a_piece_outside_of_the_file_is_refused(tmp_path, offset, data):
    with pytest.raises(FileError, match="changed while it was read"):
        Incoming(tmp_path).write(*piece(offset, data))


def test_an_empty_file_arrives(tmp_path):
    incoming = Incoming(tmp_path)

    incoming.write(*piece(0, b"", total=0))

    assert incoming.finish("f1", "a.csv").read_bytes() == b""


def test_what_is_discarded_leaves_nothing(tmp_path):
    incoming = Incoming(tmp_path)
    incoming.write(*piece(0, CONTENT))
    incoming.finish("f1", "a.csv")

    incoming.discard("f1")
    incoming.discard("never seen")

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_kernel_left_is_removed_after_a_day_and_not_before(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))

    Incoming(tmp_path).write(*piece(0, CONTENT))

    assert not old.exists()
    assert new.exists()


def test_only_the_owner_can_read_what_arrives(tmp_path):
    incoming = Incoming(tmp_path)

    incoming.write(*piece(0, CONTENT))

    path = incoming.finish("f1", "a.csv")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("trial.csv", "trial.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\trial.csv", "trial.csv"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("étude 1.csv.gz", "étude 1.csv.gz"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_a_browsers_name_becomes_one_harmless_name(given, kept):
    assert safe_name(given) == kept
