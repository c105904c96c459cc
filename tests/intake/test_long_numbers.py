"""Numbers of thousands of digits, which Python refuses to read at once, are text or a sentence in every format."""

import tracemalloc

import openpyxl
import pytest

from clinical_nb.dictionary.codes import read_number, read_range, split_code
from clinical_nb.errors import FileError
from clinical_nb.intake.upload import read_upload
from clinical_nb.quality.report import inspect
from clinical_nb.uploading.preparing import Words, prepare

LONG = "9" * 5_000


def texts(path, place):
    table = read_upload(path, place).tables[0]
    prepare([table], Words(), {table.name: table.name})
    return {name: column.to_list() for name, column in table.scan.collect().to_dict().items()}


def test_a_cell_of_five_thousand_digits_stays_text_and_is_reported(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text(f"id,code\n1,{LONG}\n2,{LONG}\n3,{LONG}1\n")
    upload = read_upload(path, tmp_path)

    findings = inspect(upload.tables)

    assert upload.tables[0].scan.collect()["code"].to_list() == [LONG, LONG, f"{LONG}1"]
    assert any("too large to be kept exactly" in finding.text for finding in findings)


def test_a_header_of_five_thousand_digits_is_read(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text(f"id,{LONG},{LONG}1\n1,2,3\n4,5,6\n")

    assert len(texts(path, tmp_path)) == 3


def test_columns_whose_names_end_with_digits_of_other_scripts_or_thousands_of_them_are_read(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text(f"id,sbp_0,sbp_²,dbp_0,dbp_{LONG}\n1,120,121,80,81\n2,130,131,90,91\n", encoding="utf-8")

    assert list(texts(path, tmp_path).values())[1] == [120, 130]


def test_codes_of_thousands_of_digits_are_no_codes():
    assert split_code(f"{LONG}: yes") is None
    assert read_number(LONG) is None
    assert read_range(f"0 - {LONG}") is None


def test_a_span_of_five_thousand_digits_is_as_wide_as_browsers_make_it(tmp_path):
    path = tmp_path / "page.xls"
    path.write_text(f"<table><tr><th colspan={LONG}>a</th></tr><tr><td>1</td><td>2</td></tr></table>")

    assert len(texts(path, tmp_path)) >= 1


@pytest.mark.parametrize("written", [f'[{{"a": {LONG}}}, {{"a": "x"}}]', f'{{"a": {LONG}}}\n{{"a": []}}\n'])
def test_a_json_number_of_five_thousand_digits_is_one_sentence(tmp_path, written):
    path = tmp_path / "long.json"
    path.write_text(written)

    with pytest.raises(FileError, match="thousands of digits"):
        read_upload(path, tmp_path)


def test_a_small_web_page_takes_little_memory(tmp_path):
    path = tmp_path / "page.xls"
    path.write_text("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>")
    read_upload(path, tmp_path)
    tracemalloc.start()

    read_upload(path, tmp_path)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * 1024**2


def test_json_of_too_many_parts_is_refused_before_they_are_made(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICAL_NB_LIMITS", "json_parts=1000")
    path = tmp_path / "parts.ndjson"
    path.write_text("{}\n" * 2_000)

    with pytest.raises(FileError, match=r"2,000 values .* at most 1,000"):
        read_upload(path, tmp_path)


def test_identifiers_that_a_workbook_cannot_hold_apart_are_told(tmp_path):
    book = openpyxl.Workbook()
    for row in [["id", "number"], *([at, 9_234_567_890_123_457 + at] for at in range(4))]:
        book.active.append(row)
    book.save(tmp_path / "long.xlsx")

    upload = read_upload(tmp_path / "long.xlsx", tmp_path)

    [told] = [each for each in upload.findings if each.column == "number"]
    assert (told.rows, told.text) == (
        4,
        (
            "Numbers above 9,007,199,254,740,992, whose last digits a workbook does not keep: "
            "two identifiers may have become one."
        ),
    )
