"""A codebook among the files of an upload: taken for what columns mean, and told."""

import openpyxl
import pytest

from clinical_nb.intake.upload import read_upload
from clinical_nb.session import Session

DATA = "id,sex,age\n1,1,50\n2,2,61\n3,1,72\n4,2,55\n"
CODEBOOK = 'variable,label,values\nsex,Sex of patient,"1=Male, 2=Female"\nage,Age at entry,\n'


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return sorted(folder.iterdir())


def test_a_codebook_beside_its_table_says_what_it_means(tmp_path):
    files = write(tmp_path, data=DATA, codebook=CODEBOOK)

    upload = read_upload(files)

    assert [table.name for table in upload.tables] == ["data"]
    assert upload.dictionary
    assert any("'codebook' was taken as the dictionary" in finding.text for finding in upload.findings)


def test_a_dataset_has_the_meaning_of_its_codebook(tmp_path):
    files = write(tmp_path, data=DATA, codebook=CODEBOOK)

    with Session(tmp_path / "store") as session:
        dataset = session.upload(files, "trial")
        again = session.upload(files, "trial")

    sex = dataset.dictionary.column("trial", "sex")
    assert (sex.label, [level.label for level in sex.levels]) == ("Sex of patient", ["Male", "Female"])
    assert again.version == dataset.version


def test_a_table_that_only_looks_like_a_codebook_stays_a_table(tmp_path):
    files = write(tmp_path, data=DATA, staff="name,description\nAnn,nurse\nBob,doctor\n")

    upload = read_upload(files)

    assert [table.name for table in upload.tables] == ["data", "staff"]
    assert upload.dictionary is None


def test_results_that_name_columns_stay_a_table(tmp_path):
    labs = "parameter,result,unit\nage,50,years\nsex,1,\nage,61,years\nsex,2,\n"

    upload = read_upload(write(tmp_path, data=DATA, labs=labs))

    assert [table.name for table in upload.tables] == ["data", "labs"]


def test_a_codebook_by_itself_is_a_table(tmp_path):
    assert [table.name for table in read_upload(write(tmp_path, codebook=CODEBOOK)).tables] == ["codebook"]


@pytest.mark.parametrize(
    "lines",
    [
        [["Variable", "Label", "Levels"], ["id", "Number", None], ["sex", "Sex", "1=Male, 2=Female"]],
        [["Codebook of the trial"], [], ["Variable name", "Description", "Values"], ["sex", "Sex", "1=Male; 2=Female"]],
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

    assert list(dataset.tables) == ["trial"]
    levels = dataset.dictionary.column("trial", "sex").levels
    assert [(level.value, level.label) for level in levels] == [(1, "Male"), (2, "Female")]
    assert any(each.text.startswith("'Codebook' was taken as the dictionary of these data") for each in dataset.report)
