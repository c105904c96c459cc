"""Workbooks made to take all memory, or to lie: refused before they are opened, and memory stays flat."""

import struct
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.workbook import read_workbook

START = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
END = b"</sheetData></worksheet>"
HEADER = (
    b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c>'
    b'<c r="B1" t="inlineStr"><is><t>age</t></is></c></row>'
    b'<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>40</v></c></row>'
)
MEGABYTE = 1024**2
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def workbook(sheet, more=()):
    """A workbook with this XML for its sheet, and more parts."""
    plain, made = BytesIO(), BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, sheet if name.endswith("sheet1.xml") else source.read(name))
        for name, chunks in more:
            with target.open(name, "w") as part:
                for chunk in chunks:
                    part.write(chunk)
    return made


def opendocument(rows, name="S"):
    """An OpenDocument workbook of these rows."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        target.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{OFFICE}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
        target.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{OFFICE}:office:1.0" xmlns:table="{OFFICE}:table:1.0" '
            f'xmlns:text="{OFFICE}:text:1.0"><office:body><office:spreadsheet><table:table table:name="{name}">{rows}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return made


def row(*cells, repeated=1):
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def word(text):
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def value(kind, name, said, repeated=1):
    return (
        f'<table:table-cell table:number-columns-repeated="{repeated}" office:value-type="{kind}" '
        f'office:{name}="{said}"><text:p>{said}</text:p></table:table-cell>'
    )


def blank(repeated):
    return f'<table:table-cell table:number-columns-repeated="{repeated}"/>'


def number(said, repeated=1):
    return value("float", "value", said, repeated)


def read(content):
    return read_workbook(content, "x.xlsx", "x")


def refusal(content):
    """The sentence of the refusal, with the memory that Python took for it."""
    tracemalloc.start()
    try:
        with pytest.raises(FileError) as refused:
            read(content)
        return str(refused.value), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "far",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1048576"><c r="Z1048576"><v>1</v></c></row>',
        b'<row r="3"><c r="XFD1048576"><v>1</v></c><c r="A3"><v>1</v></c></row>',
        b"<row r='900000'><c s='0' r='XFD900000'><v>1</v></c></row>",
        b"<row r = '900000'><c\nr = 'XFD900000'><v >1</v></c></row>",
        b'<row r="900000"><c x=">" r="xfd900000"><v>1</v></c></row>',
    ],
)
def test_a_cell_far_from_the_table_is_refused_however_it_is_written(far):
    told, memory = refusal(workbook(START + HEADER + far + END))

    assert "with hardly any cell filled" in told
    assert memory < 8 * MEGABYTE


def test_a_sheet_at_an_unusual_place_is_looked_through_too():
    far = START + HEADER + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + END

    told, _ = refusal(workbook(START + HEADER + END, [("xl/elsewhere.dat", [far])]))

    assert "with hardly any cell filled" in told


def test_the_size_that_a_sheet_claims_is_not_believed():
    reading = read(workbook(START + b'<dimension ref="A1:XFD1048576"/>' + HEADER + END))

    assert reading.tables[0].scan.collect().rows() == [(1, 40)]


def test_cells_that_are_only_formatted_do_not_count():
    styled = b"".join(b'<row r="%d"><c r="XFD%d" s="0"/></row>' % (at, at) for at in range(3, 5_000))

    assert read(workbook(START + HEADER + styled + END)).tables[0].rows == 1


def test_entities_are_refused():
    sheet = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]>' + START[21:] + HEADER + END

    assert "defines XML entities" in refusal(workbook(sheet))[0]


def test_xml_that_is_not_utf8_is_refused():
    assert "not UTF-8" in refusal(workbook((START + HEADER + END).decode().encode("utf-16")))[0]


def test_a_bomb_of_shared_strings_is_refused_before_it_is_unpacked():
    bomb = workbook(START + HEADER + END, [("xl/sharedStrings.xml", (b"a" * MEGABYTE for _ in range(300)))])

    told, memory = refusal(bomb)

    assert "refused as unsafe" in told
    assert memory < 8 * MEGABYTE


def test_a_part_larger_than_it_says_is_refused():
    made = workbook(START + HEADER + END, [("xl/more.xml", [b"<a/>" * MEGABYTE])])
    data = bytearray(made.getvalue())
    last = data.rfind(b"PK\x01\x02")
    data[last + 24 : last + 28] = struct.pack("<I", 1_000)

    told, memory = refusal(BytesIO(data))

    assert "damaged workbook" in told
    assert memory < 8 * MEGABYTE


def test_a_tag_without_end_takes_no_time():
    told, _ = refusal(workbook(START + b"<sheetData>" + b"<c " * MEGABYTE))

    assert "damaged workbook" in told


@pytest.mark.parametrize(
    "rows",
    [
        row(number(1, 16_384), repeated=1_048_570),
        row(blank(16_383), repeated=1_048_570) + row(blank(16_383), number(1)),
        row(number(1, 100_000), number(2)),
    ],
)
def test_repeats_in_opendocument_are_refused(rows):
    told, memory = refusal(opendocument(row(word("id"), word("age")) + row(number(1), number(40)) + rows * 30))

    assert "hardly any cell filled" in told or "more cells than can be read" in told
    assert memory < 8 * MEGABYTE


def test_opendocument_is_read_like_excel():
    rows = [
        row(*map(word, ["id", "x", "day", "time", "stay", "ok"])),
        row(
            number(1),
            number("0.3333333333333333"),
            value("date", "date-value", "2023-04-01"),
            value("time", "time-value", "PT08H30M00S"),
            value("time", "time-value", "PT30H00M00S"),
            value("boolean", "boolean-value", "true"),
        ),
        row(
            number(2),
            number("1e-12"),
            value("date", "date-value", "2023-04-02"),
            value("time", "time-value", "PT09H00M00S"),
            value("time", "time-value", "PT01H00M00S"),
            value("boolean", "boolean-value", "false"),
        ),
        row(blank(16_384), repeated=1_048_570),
    ]

    reading = read(opendocument("".join(rows)))

    frame = reading.tables[0].scan.collect()
    assert frame["x"].to_list() == [0.3333333333333333, 1e-12]
    assert frame["day"].dt.day().to_list() == [1, 2]
    assert frame["time"].to_list() == ["08:30:00", "09:00:00"]
    assert frame["stay"].to_list() == [108_000.0, 3_600.0]
    assert frame["ok"].to_list() == [True, False]


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_workbook_cut_anywhere_is_called_damaged(cut):
    whole = workbook(START + HEADER + END).getvalue()

    assert "damaged workbook" in refusal(BytesIO(whole[: int(len(whole) * cut)]))[0]


def test_an_old_document_and_a_damaged_old_workbook_are_named():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

    assert "no workbook" in refusal(BytesIO(ole + "WordDocument".encode("utf-16-le") + bytes(9)))[0]
    assert "damaged workbook" in refusal(BytesIO(ole + "Workbook".encode("utf-16-le") + bytes(9)))[0]


@pytest.mark.parametrize(
    ("at", "claimed"), [(44, 0x1FFFFFF), (64, 0x1FFFFFF), (72, 0x1FFFFFF), (30, 0), (48, 0x7FFFFFFF)]
)
def test_an_old_workbook_that_claims_more_than_it_has_is_refused(at, claimed):
    data = bytearray((Path(__file__).parent.parent / "files" / "legacy.xls").read_bytes())
    width = 2 if at == 30 else 4
    data[at : at + width] = claimed.to_bytes(width, "little")

    assert "damaged workbook" in refusal(BytesIO(data))[0]


def test_an_old_workbook_whose_sectors_follow_each_other_for_ever_is_refused():
    data = bytearray((Path(__file__).parent.parent / "files" / "legacy.xls").read_bytes())
    first, directory = (int.from_bytes(data[at : at + 4], "little") for at in (76, 48))
    place = ((first + 1) << 9) + 4 * directory
    data[place : place + 4] = directory.to_bytes(4, "little")

    assert "damaged workbook" in refusal(BytesIO(data))[0]


@pytest.mark.parametrize("place", ["ZZZZ2", "AAAAAAAAAAAAAAAAAAAAAAAA2", "XFE2", "A99999999999999"])
def test_a_cell_at_a_place_that_no_sheet_has_is_refused_at_once(place):
    cell = f'<row r="3"><c r="{place}"><v>3</v></c></row>'.encode()

    with pytest.raises(FileError, match=r"cells than can be read safely|hardly any cell filled|damaged"):
        read(workbook(START + HEADER + cell + END))


def test_errors_and_hidden_rows_of_opendocument_are_told():
    error = (
        f'<table:table-cell xmlns:calcext="{OFFICE}:calcext:1.0" table:formula="of:=1/0" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    rows = row(word("id"), word("age")) + row(number(1), number(40)) + row(number(2), error)
    hidden = row(number(3), number(60)).replace("<table:table-row ", '<table:table-row table:visibility="collapse" ')

    reading = read(opendocument(rows + hidden))

    assert reading.tables[0].scan.collect().rows() == [(1, 40), (2, None), (3, 60)]
    assert [(each.rows, each.text) for each in reading.findings] == [
        (1, "1 cell with an error taken as missing."),
        (1, "1 hidden row of the workbook read like the others."),
    ]


def test_an_opendocument_with_a_password_says_so():
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        target.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        target.writestr("content.xml", bytes(range(1, 200)))
        target.writestr("META-INF/manifest.xml", "<m><file-entry><encryption-data/></file-entry></m>")

    with pytest.raises(FileError, match="protected by a password"):
        read(made)
