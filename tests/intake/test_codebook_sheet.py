"""A codebook on a sheet of a workbook: the dictionary of the other sheets."""

import openpyxl
import pytest

from clinical_nb.session import Session


@pytest.mark.parametrize(
    "lines",
    [
        [["Variable", "Label", "Levels"], ["id", "Number", None], ["sex", "Sex", "1=Male, 2=Female"]],
        [["Variable", "Code", "Label"], ["sex", 1, "Male"], ["sex", 2, "Female"]],
        [["Variable", "Label", "Value", "Value label"], ["sex", "Sex", 1, "Male"], [None, None, 2, "Female"]],
    ],
)
def test_a_codebook_on_a_sheet_is_the_dictionary_of_the_other_sheets(tmp_path, lines):
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in [["id", "sex"], *([number, number % 2 + 1] for number in range(1, 9))]:
        book.active.append(row)
    sheet = book.create_sheet("Codebook")
    for row in lines:
        sheet.append(row)
    book.save(tmp_path / "trial.xlsx")

    with Session(tmp_path / "store") as session:
        dataset = session.upload(tmp_path / "trial.xlsx")

    levels = dataset.dictionary.column("trial", "sex").levels
    assert [(level.value, level.label) for level in levels] == [(1, "Male"), (2, "Female")]
    assert any(each.text.startswith("'Codebook' was taken as the dictionary of these data") for each in dataset.report)
