"""Tables that hospital portals save as web pages, whatever they call them."""

from io import BytesIO

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.upload import read_upload
from clinical_nb.intake.web_page import read_web_page


def read(text, encoding="utf-8"):
    return read_web_page(BytesIO(text.encode(encoding)), "x.xls", "x")


def rows_of(reading, at=0):
    return reading.tables[at].scan.collect().rows()


def names_of(reading):
    return reading.tables[0].scan.collect_schema().names()


def test_entities_and_tags_are_text():
    reading = read(
        "<table><tr><th>id</th><th>note</th></tr>"
        "<tr><td>1</td><td><b>a &lt; b</b> &amp; c<br>d</td></tr>"
        "<tr><td>2</td><td><script>alert(1)</script>&nbsp;</td></tr></table>"
    )

    assert rows_of(reading) == [(1, "a < b & c d"), (2, None)]
    assert "web page (HTML)" in reading.findings[0].text


def test_cells_over_several_columns_are_groups_of_names():
    reading = read(
        "<html><head><title>x</title></head><body><table>"
        "<tr><td></td><td colspan=2>Baseline</td><td colspan='2'>Week 12</td></tr>"
        "<tr><td>id<td>SBP<td>DBP<td>SBP<td>DBP<tr><td>1<td>120<td>80<td>118<td>79</table>"
    )

    assert names_of(reading) == ["id", "Baseline SBP", "Baseline DBP", "Week 12 SBP", "Week 12 DBP"]
    assert rows_of(reading) == [(1, 120, 80, 118, 79)]


def test_several_tables_are_read_apart():
    table = "<table><tr><th>id</th><th>age</th></tr><tr><td>1</td><td>40</td></tr></table>"

    assert [each.name for each in read(f"<html>{table}<p>and</p>{table}</html>").tables] == ["x", "x_2"]


def test_windows_and_utf16_pages_are_read():
    text = "<html><table><tr><td>id</td><td>größe</td></tr><tr><td>1</td><td>5</td></tr></table>"

    assert names_of(read(text, "cp1252")) == names_of(read(text, "utf-16")) == ["id", "größe"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<html><body>Your session has expired</body></html>", "without a table"),
        ("<table></table>", "without a table"),
        ("<table>" + "<tr>" * 100_000 + "<td colspan=1000>1", "more cells than can be read safely"),
    ],
)
def test_pages_without_a_table_and_bombs_are_refused(text, told):
    with pytest.raises(FileError, match=told):
        read(text)


def test_tables_in_tables_without_end_are_read_or_refused():
    with pytest.raises(FileError):
        read("<table><tr><td>" * 50_000)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
def test_pages_are_known_by_their_tags_in_every_encoding(tmp_path, encoding):
    page = "<html><table><tr><th>id</th><th>Größe</th></tr><tr><td>1</td><td>170</td></tr></table></html>"
    (tmp_path / "export.xls").write_bytes(page.encode(encoding))

    table = read_upload(tmp_path / "export.xls").tables[0]

    assert table.scan.collect().to_dict(as_series=False) == {"id": [1], "Größe": [170]}
