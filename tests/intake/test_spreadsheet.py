"""Workbooks as clinics have them: sheets, titles, merged headers, dates, errors, and what is hidden in them."""

import datetime as dt
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.upload import read_upload
from clinical_nb.intake.workbook import read_workbook

FILES = Path(__file__).parent.parent / "files"


def workbook(**sheets):
    """A workbook of sheets, each a list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def saved(book):
    content = BytesIO()
    book.save(content)
    return content


def read(book):
    return read_workbook(book if isinstance(book, BytesIO) else saved(book), "book.xlsx", "book")


def rows_of(reading, at=0):
    return reading.tables[at].scan.collect().rows()


def names_of(reading, at=0):
    return reading.tables[at].scan.collect_schema().names()


def texts(reading):
    return [finding.text for finding in reading.findings]


PATIENTS = [["id", "age"], [1, 40], [2, 50]]


@pytest.mark.parametrize(
    ("file", "tables"),
    [
        ("multi_sheet.xlsx", {"baseline": (40, 6), "labs": (2, 2)}),
        ("table_not_at_a1.xlsx", {"table_not_at_a1": (10, 2)}),
        ("formulas_no_cached_values.xlsx", {"formulas_no_cached_values": (5, 3)}),
        ("error_cells.xlsx", {"error_cells": (5, 3)}),
        ("dates_1904_system.xlsx", {"dates_1904_system": (5, 2)}),
        ("html_as_excel.xls", {"html_as_excel": (10, 2)}),
        ("html_as_excel.xlsx", {"html_as_excel": (10, 2)}),
        ("csv_named_xlsx.xlsx", {"csv_named_xlsx": (40, 6)}),
        ("legacy.xls", {"legacy": (40, 6)}),
    ],
)
def test_real_files_give_their_tables(file, tables):
    upload = read_upload(FILES / file)

    shapes = {table.name: (table.rows, len(table.scan.collect_schema())) for table in upload.tables}
    assert shapes == tables


def test_a_sheet_of_remarks_and_an_empty_one_are_told_and_left_out():
    upload = read_upload(FILES / "multi_sheet.xlsx")

    told = " ".join(finding.text for finding in upload.findings)
    assert "Sheet 'READ ME' left out: it holds remarks" in told
    assert "Sheet 'Sheet4' left out: it is empty." in told


def test_a_table_that_stands_anywhere_is_found():
    upload = read_upload(FILES / "table_not_at_a1.xlsx")

    assert upload.tables[0].scan.collect()["age"].mean() == 54.5
    assert upload.findings == ()


def test_formulas_without_a_value_are_missing_and_told():
    upload = read_upload(FILES / "formulas_no_cached_values.xlsx")

    [finding] = upload.findings
    assert upload.tables[0].scan.collect()["bmi"].null_count() == 5
    assert (finding.column, finding.rows) == ("bmi", 5)
    assert "formula whose value is not stored" in finding.text
    assert "Open the file in Excel, save it" in finding.proposal


def test_error_cells_are_missing_and_told_by_column():
    upload = read_upload(FILES / "error_cells.xlsx")

    assert {(one.column, one.rows, "#" in one.text) for one in upload.findings} == {
        ("ratio", 1, True),
        ("lab", 1, True),
    }
    assert upload.tables[0].scan.collect().null_count().row(0) == (0, 1, 1)


def test_days_counted_from_1904_are_the_right_days():
    upload = read_upload(FILES / "dates_1904_system.xlsx")

    assert upload.tables[0].scan.collect()["visit"].to_list() == [dt.date(2023, 4, day) for day in range(1, 6)]


def test_a_workbook_that_is_cut_off_is_called_damaged():
    with pytest.raises(FileError, match=r"'truncated.xlsx' is a damaged workbook"):
        read_upload(FILES / "truncated.xlsx")


def test_titles_totals_and_remarks_around_a_table_are_left_out_and_told():
    rows = [["Trial of X"], ["extracted 2024"], [], *PATIENTS, [], [3, 60], ["Total", 150], [], ["Source: ward 7"]]

    reading = read(workbook(data=rows))

    assert rows_of(reading) == [(1, 40), (2, 50), (3, 60)]
    assert "2 rows above the header left out; the header is row 4." in texts(reading)
    assert "2 rows below the table left out (totals or remarks)." in texts(reading)
    assert "1 empty row left out." in texts(reading)


def test_blank_columns_at_the_edge_and_inside_are_left_out():
    reading = read(workbook(data=[[None, "id", None, "age"], [None, 1, None, 40], [None, 2, None, 50]]))

    assert names_of(reading) == ["id", "age"]
    assert "1 column without a name and any value left out." in texts(reading)


def test_merged_headers_of_two_rows_become_one_name_a_column():
    book = workbook(
        data=[["id", "Baseline", None, "Week 12", None], [None, "SBP", "DBP", "SBP", "DBP"], [1, 120, 80, 118, 79]]
    )
    for area in ("A1:A2", "B1:C1", "D1:E1"):
        book["data"].merge_cells(area)

    reading = read(book)

    assert names_of(reading) == ["id", "Baseline SBP", "Baseline DBP", "Week 12 SBP", "Week 12 DBP"]
    assert rows_of(reading) == [(1, 120, 80, 118, 79)]
    assert "2 header rows joined into one name a column." in texts(reading)


def test_groups_above_names_that_repeat_are_part_of_the_header_without_merging():
    rows = [[None, "Baseline", None, "Week 12"], ["id", "SBP", "DBP", "SBP", "DBP"], [1, 120, 80, 118, 79]]

    assert names_of(read(workbook(data=rows))) == ["id", "Baseline SBP", "Baseline DBP", "Week 12 SBP", "Week 12 DBP"]


def test_a_title_above_the_header_is_no_part_of_the_names():
    book = workbook(data=[["Blood pressure study"], ["id", "sbp", "dbp"], [1, 120, 80], [2, 130, 85]])
    book["data"].merge_cells("A1:C1")

    assert names_of(read(book)) == ["id", "sbp", "dbp"]


def test_line_breaks_in_names_are_blanks():
    assert names_of(read(workbook(data=[["patient\nid", "age\r\n(years)"], [1, 40]]))) == ["patient id", "age (years)"]


def test_a_header_said_again_inside_is_left_out():
    reading = read(workbook(data=[*PATIENTS, ["id", "age"], [3, 60]]))

    assert rows_of(reading) == [(1, 40), (2, 50), (3, 60)]
    assert "1 repeated header line left out." in texts(reading)


def test_tables_below_each_other_are_read_apart_and_told():
    reading = read(workbook(data=[*PATIENTS, [], ["drug", "dose"], ["a", 1.5], ["b", 2.5]]))

    assert [table.name for table in reading.tables] == ["book", "book_2"]
    assert rows_of(reading, 1) == [("a", 1.5), ("b", 2.5)]
    assert "Sheet 'data' holds 2 tables, read apart." in texts(reading)


def test_tables_beside_each_other_are_read_apart():
    rows = [["id", "age", None, "id", "hb"], [1, 40, None, 1, 13.5], [2, 50, None, 2, 12.1], [3, 60, None, None, None]]

    reading = read(workbook(data=rows))

    assert rows_of(reading) == [(1, 40), (2, 50), (3, 60)]
    assert rows_of(reading, 1) == [(1, 13.5), (2, 12.1)]


def test_sheets_are_called_by_their_names_and_a_single_one_by_the_file():
    assert [table.name for table in read(workbook(a=PATIENTS, b=PATIENTS)).tables] == ["a", "b"]
    assert [table.name for table in read(workbook(a=PATIENTS, b=[])).tables] == ["book"]


def test_numbers_keep_all_their_digits():
    numbers = [0.1, 0.1 + 0.2, 1 / 3, 1e-12, 1.5e300, -2.0]

    reading = read(workbook(data=[["id", "x"], *([at, number] for at, number in enumerate(numbers))]))

    # openpyxl writes 0.1 + 0.2 as 0.3, so the file is what counts
    assert reading.tables[0].scan.collect()["x"].to_list() == [0.1, 0.3, 0.3333333333333333, 1e-12, 1.5e300, -2.0]


def test_whole_numbers_up_to_two_to_the_53_are_exact():
    assert rows_of(read(workbook(data=[["id", "n"], [1, 2**53], [2, -(2**53)]]))) == [(1, 2**53), (2, -(2**53))]


def test_identifiers_that_excel_has_rounded_are_told():
    reading = read(workbook(data=[["id", "age"], [1234567890123450000, 40], [9876543210987650000, 50]]))

    [finding] = [one for one in reading.findings if "lost digits" in one.text]
    assert (finding.column, finding.rows) == ("id", 2)
    assert [str(row[0]) for row in rows_of(reading)] == ["1234567890123450000", "9876543210987650000"]


def test_text_of_digits_stays_as_delimited_text_has_it():
    reading = read(workbook(data=[["id", "n"], ["007", "5"], ["008", "6"]]))

    assert rows_of(reading) == [("007", 5), ("008", 6)]


def test_dates_times_and_durations_are_what_they_are():
    day, moment = dt.date(2023, 4, 1), dt.datetime(2023, 4, 1, 12, 30)  # noqa: DTZ001 - Excel has no zones
    book = workbook(
        data=[
            ["day", "moment", "time", "duration", "ok"],
            [day, moment, dt.time(8, 30), dt.timedelta(hours=30), True],
            [day, dt.datetime(2023, 4, 2), dt.time(9, 0), dt.timedelta(hours=1), False],  # noqa: DTZ001 - the same
        ]
    )

    reading = read(book)

    assert rows_of(reading)[0] == (day, moment, "08:30:00", 108000.0, True)
    assert rows_of(reading)[1][2:] == ("09:00:00", 3600.0, False)
    assert "Durations read as seconds." in texts(reading)


def test_dates_among_words_have_no_midnight():
    reading = read(workbook(data=[["id", "day"], [1, dt.date(2023, 4, 1)], [2, "unknown"]]))

    assert rows_of(reading) == [(1, "2023-04-01"), (2, "unknown")]


def test_durations_of_more_than_a_day_are_no_dates_of_1900():
    stays = [["id", "stay"], *([at, dt.timedelta(hours=hours)] for at, hours in enumerate([30, 48, 36.5]))]

    reading = read(workbook(stays=stays))

    assert [seconds for _, seconds in rows_of(reading)] == [108_000, 172_800, 131_400]
    assert "Durations read as seconds." in texts(reading)


def test_a_value_merged_over_several_rows_is_the_value_of_each_and_told():
    book = workbook(
        arms=[["id", "arm"], *([at, "AB?"[at // 3] if at in (0, 3) else None] for at in range(7)), [7, "B"]]
    )
    for cells in ("B2:B4", "B5:B7"):
        book.active.merge_cells(cells)

    reading = read(book)

    assert [arm for _, arm in rows_of(reading)] == ["A", "A", "A", "B", "B", "B", None, "B"]
    assert any(text.startswith("4 cells filled with the value of the merged cell") for text in texts(reading))


def test_what_is_hidden_is_read_and_told():
    book = workbook(shown=[["id", "age", "arm"], [1, 40, "a"], [2, 50, "b"]], away=PATIENTS)
    book["shown"].column_dimensions["C"].hidden = True
    book["shown"].row_dimensions[2].hidden = True
    book["away"].sheet_state = "hidden"

    reading = read(book)

    assert [(one.table, one.column) for one in reading.findings if "hidden" in one.text] == [
        ("shown", None),
        ("shown", "arm"),
        ("away", None),
    ]


def test_two_workbooks_call_their_tables_by_file_and_sheet(tmp_path):
    for name in ("one.xlsx", "two.xlsx"):
        workbook(a=PATIENTS, b=PATIENTS).save(tmp_path / name)

    upload = read_upload([tmp_path / "one.xlsx", tmp_path / "two.xlsx"])

    assert [table.name for table in upload.tables] == ["one_a", "one_b", "two_a", "two_b"]


def test_a_sheet_and_a_file_of_one_name_are_two_tables(tmp_path):
    workbook(a=PATIENTS, b=PATIENTS).save(tmp_path / "one.xlsx")
    (tmp_path / "a.csv").write_text("id\n1\n")

    upload = read_upload([tmp_path / "one.xlsx", tmp_path / "a.csv"])

    assert [table.name for table in upload.tables] == ["a", "b", "a_2"]


def test_a_workbook_of_remarks_alone_is_refused():
    with pytest.raises(FileError, match="without a table"):
        read(workbook(a=[["These data are not to be given to anyone"], ["ask the head of the ward"]]))


def test_a_password_is_named():
    content = BytesIO(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(9)
    )

    with pytest.raises(FileError, match="protected by a password"):
        read(content)
