"""Archives: unpacked under no name of theirs, and never when they declare to be harmful."""

import gzip
import stat
import tracemalloc
import zipfile
from io import BytesIO

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake import unpack
from clinical_nb.intake.unpack import LeftOut, Member, open_zip, spooled, unpack_gzip

CSV = b"id,age\n1,40\n2,50\n"


def packed(members, compression=zipfile.ZIP_DEFLATED):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return buffer.getvalue()


def unpack_zip(data, file):
    """Return each file of a zip with its bytes, and what was left out of it."""
    with open_zip(BytesIO(data), file) as members:
        return [(member.path, bytes_of(member)) if isinstance(member, Member) else member for member in members]


def bytes_of(member):
    return b"".join(member.chunks())


def gunzip(data, file):
    return b"".join(unpack_gzip([data[start : start + 7] for start in range(0, len(data), 7)], len(data), file))


def test_a_zip_gives_its_files_in_the_order_of_their_names():
    data = packed({"b.csv": CSV, "a/c.csv": CSV})

    members = unpack_zip(data, "x.zip")

    assert [(str(path), content) for path, content in members] == [("a/c.csv", CSV), ("b.csv", CSV)]


def test_junk_of_operating_systems_is_passed_over():
    data = packed({"a.csv": CSV, "__MACOSX/._a.csv": b"x", ".DS_Store": b"x", "Thumbs.db": b"x", "~$a.xlsx": b"x"})

    members = unpack_zip(data, "x.zip")

    assert [str(path) for path, _ in members] == ["a.csv"]


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:\\evil.csv"])
def test_a_member_whose_path_leads_out_is_left_out_and_named(name):
    data = packed({name: CSV, "ok.csv": CSV})

    left_out = [member for member in unpack_zip(data, "x.zip") if isinstance(member, LeftOut)]

    assert [one.reason for one in left_out] == ["has a path that leads out of the archive"]


def test_a_link_is_left_out_and_its_target_is_not_read():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/hostname")

    members = unpack_zip(buffer.getvalue(), "x.zip")

    assert members == [LeftOut("link.csv", "is a link to another file")]


def test_a_bomb_is_refused_by_its_declared_size_before_it_is_unpacked():
    data = packed({"bomb.csv": b"0" * 200_000_000})
    tracemalloc.start()

    with pytest.raises(FileError, match="refused as unsafe"):
        unpack_zip(data, "bomb.zip")

    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_gzip_bomb_is_refused_while_it_unpacks():
    data = gzip.compress(b"0" * 200_000_000)
    tracemalloc.start()

    with pytest.raises(FileError, match="refused as unsafe"):
        gunzip(data, "bomb.gz")

    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


def test_a_zip_that_lies_about_a_size_is_damaged():
    data = bytearray(packed({"a.csv": b"x" * 100}))
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")

    with pytest.raises(FileError, match=r"damaged|larger than they say"):
        unpack_zip(bytes(data), "x.zip")


def test_too_many_files_are_refused_with_their_number():
    data = packed({f"{number}.csv": CSV for number in range(1_001)}, zipfile.ZIP_STORED)

    with pytest.raises(FileError, match="holds 1,001 files, and at most 1,000 are read"):
        unpack_zip(data, "x.zip")


def test_a_zip_with_a_password_is_refused():
    data = bytearray(packed({"a.csv": CSV}))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1

    with pytest.raises(FileError, match="protected by a password"):
        unpack_zip(bytes(data), "x.zip")


def test_an_empty_zip_is_refused():
    with pytest.raises(FileError, match="zip without any files"):
        unpack_zip(packed({}), "x.zip")


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_zip_cut_anywhere_is_damaged(part):
    data = packed({"a.csv": CSV * 50, "b.csv": CSV})

    with pytest.raises(FileError, match="damaged zip archive"):
        unpack_zip(data[: int(len(data) * part)], "x.zip")


def test_a_zip_with_a_changed_byte_is_damaged():
    data = bytearray(packed({"a.csv": CSV * 50}, zipfile.ZIP_STORED))
    data[60] ^= 1

    with pytest.raises(FileError, match="damaged zip archive"):
        unpack_zip(bytes(data), "x.zip")


def test_a_gzip_file_of_several_parts_is_read_whole():
    assert gunzip(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n"), "x.gz") == b"a,b\n1,2\n"


@pytest.mark.parametrize("kept", [12, 30, -4])
def test_a_gzip_file_cut_anywhere_is_damaged(kept):
    data = gzip.compress(CSV * 100)

    with pytest.raises(FileError, match="damaged gzip file"):
        gunzip(data[:kept], "x.gz")


def test_a_member_is_bytes_under_a_name_to_show():
    with open_zip(BytesIO(packed({"folder/a.csv": CSV})), "x.zip") as (member,):
        read = bytes_of(member)

    assert (member.path.stem, member.path.parent.name, read) == ("a", "folder", CSV)


def test_what_is_large_is_unpacked_into_the_place_without_a_name_and_is_gone_when_it_is_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "_IN_MEMORY", 10)

    with spooled([CSV, CSV], tmp_path) as content:
        on_disk = content.fileno() is not None
        read = content.read() + (content.seek(0) or content.read())

    assert (on_disk, read) == (True, CSV * 4)
    assert list(tmp_path.iterdir()) == []
