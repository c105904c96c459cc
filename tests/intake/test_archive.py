"""Archives: unpacked in memory only, and never when they declare to be harmful."""

import gzip
import stat
import tracemalloc
import zipfile
from io import BytesIO

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake import archive
from clinical_nb.intake.archive import LeftOut, Member, unpack_gzip, unpack_zip

CSV = b"id,age\n1,40\n2,50\n"


def packed(members, compression=zipfile.ZIP_DEFLATED):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return buffer.getvalue()


def test_a_zip_gives_its_files_in_the_order_of_their_names():
    data = packed({"b.csv": CSV, "a/c.csv": CSV})

    members = list(unpack_zip(data, "x.zip"))

    assert [str(member.path) for member in members] == ["a/c.csv", "b.csv"]
    assert members[0].data == CSV


def test_junk_of_operating_systems_is_passed_over():
    data = packed({"a.csv": CSV, "__MACOSX/._a.csv": b"x", ".DS_Store": b"x", "Thumbs.db": b"x", "~$a.xlsx": b"x"})

    members = list(unpack_zip(data, "x.zip"))

    assert [str(member.path) for member in members] == ["a.csv"]


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

    members = list(unpack_zip(buffer.getvalue(), "x.zip"))

    assert members == [LeftOut("link.csv", "is a link to another file")]


def test_a_bomb_is_refused_by_its_declared_size_before_it_is_unpacked():
    data = packed({"bomb.csv": b"0" * 200_000_000})
    tracemalloc.start()

    with pytest.raises(FileError, match="refused as unsafe"):
        list(unpack_zip(data, "bomb.zip"))

    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_gzip_bomb_is_refused_while_it_unpacks():
    data = gzip.compress(b"0" * 200_000_000)
    tracemalloc.start()

    with pytest.raises(FileError, match="refused as unsafe"):
        unpack_gzip(data, "bomb.gz")

    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


def test_a_zip_that_lies_about_a_size_is_damaged():
    data = bytearray(packed({"a.csv": b"x" * 100}))
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")

    with pytest.raises(FileError, match=r"damaged|larger than they say"):
        list(unpack_zip(bytes(data), "x.zip"))


def test_too_many_files_are_refused_with_their_number():
    data = packed({f"{number}.csv": CSV for number in range(archive.MAX_MEMBERS + 1)}, zipfile.ZIP_STORED)

    with pytest.raises(FileError, match="holds 1,001 files, and at most 1,000 are read"):
        list(unpack_zip(data, "x.zip"))


def test_a_zip_with_a_password_is_refused():
    data = bytearray(packed({"a.csv": CSV}))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1

    with pytest.raises(FileError, match="protected by a password"):
        list(unpack_zip(bytes(data), "x.zip"))


def test_an_empty_zip_is_refused():
    with pytest.raises(FileError, match="zip without any files"):
        list(unpack_zip(packed({}), "x.zip"))


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_zip_cut_anywhere_is_damaged(part):
    data = packed({"a.csv": CSV * 50, "b.csv": CSV})

    with pytest.raises(FileError, match="damaged zip archive"):
        list(unpack_zip(data[: int(len(data) * part)], "x.zip"))


def test_a_zip_with_a_changed_byte_is_damaged():
    data = bytearray(packed({"a.csv": CSV * 50}, zipfile.ZIP_STORED))
    data[60] ^= 1

    with pytest.raises(FileError, match="damaged zip archive"):
        list(unpack_zip(bytes(data), "x.zip"))


def test_a_gzip_file_of_several_parts_is_read_whole():
    assert unpack_gzip(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n"), "x.gz") == b"a,b\n1,2\n"


@pytest.mark.parametrize("kept", [12, 30, -4])
def test_a_gzip_file_cut_anywhere_is_damaged(kept):
    data = gzip.compress(CSV * 100)

    with pytest.raises(FileError, match="damaged gzip file"):
        unpack_gzip(data[:kept], "x.gz")


def test_a_member_is_bytes_under_a_name_to_show():
    (member,) = unpack_zip(packed({"folder/a.csv": CSV}), "x.zip")

    assert isinstance(member, Member)
    assert (member.path.stem, member.path.parent.name, member.data) == ("a", "folder", CSV)
