"""The tables of a folder are found, named by what they lie in, and nothing else in it is taken for one."""

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.folder import find_dictionary, find_files, name_folder
from clinical_nb.intake.upload import identify, read_upload

CSV = "id,age\n1,60\n2,70\n"


def write(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(CSV)


def test_the_tables_of_a_folder_are_its_files_by_their_endings(tmp_path):
    write(
        tmp_path,
        "b.csv",
        "a.TSV",
        "c.parquet",
        "d.csv.gz",
        "e.ipc",
        ".hidden.csv",
        "~$b.csv",
        "notes.docx",
        "deep/e.csv",
    )

    assert [file.name for file in find_files([tmp_path])] == ["a.TSV", "b.csv", "c.parquet", "d.csv.gz", "e.ipc"]


def test_what_in_a_folder_is_no_table_is_told_and_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text(CSV)
    folder = tmp_path / "trial"
    write(folder, "a.csv", ".hidden.csv", "labs.docx", "noext", "deep/e.csv", "trial.dictionary.yaml")
    (folder / "link.csv").symlink_to(outside)
    (folder / "x_tables").symlink_to(tmp_path)

    upload = read_upload(folder)

    assert [table.name for table in upload.tables] == ["a"]
    assert [finding.text for finding in upload.findings] == [
        "'deep' left out: it is a folder: upload its files, or a zip of all.",
        "'labs.docx' left out: it is no table by its extension '.docx'.",
        "'link.csv' left out: it is a link to another file.",
        "'noext' left out: it is no table by its name.",
        "'x_tables' left out: it is a link to another file.",
    ]


def test_folders_of_tables_in_a_folder_belong_to_it(tmp_path):
    write(tmp_path, "a1_tables/visits.csv", "b2_tables/visits.csv", "more.csv")

    assert [table.name for table in read_upload([tmp_path]).tables] == ["more", "a1_tables_visits", "b2_tables_visits"]
    assert [source.folder for source in identify([tmp_path])][1:] == ["a1_tables", "b2_tables"]


def test_a_folder_without_a_table_is_one_sentence(tmp_path):
    write(tmp_path, "notes.docx")

    with pytest.raises(FileError, match="is a folder without any table"):
        read_upload(tmp_path)


def test_a_folder_of_too_many_tables_is_one_sentence(tmp_path):
    for number in range(1_001):
        (tmp_path / f"{number}.csv").touch()

    with pytest.raises(FileError, match="holds 1,001 tables, and at most 1,000 are read"):
        find_files([tmp_path])


@pytest.mark.parametrize(
    ("folder", "name"), [("a1b2_tables", "a1b2"), ("_tables", "_tables"), ("My trial", "My trial"), ("v.2", "v.2")]
)
def test_a_folder_names_its_dataset(tmp_path, folder, name):
    assert name_folder(tmp_path / folder) == name


def test_the_folder_here_has_its_own_name(tmp_path, monkeypatch):
    (tmp_path / "x_tables" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "x_tables" / "deep")

    assert [name_folder(type(tmp_path)(path)) for path in (".", "..")] == ["deep", "x"]


def test_one_dictionary_beside_the_tables_is_found_and_several_are_refused(tmp_path):
    none = find_dictionary(tmp_path)
    (tmp_path / "a.dictionary.yaml").touch()
    one = find_dictionary(tmp_path)
    (tmp_path / "b.dictionary.yaml").touch()

    assert (none, one) == (None, tmp_path / "a.dictionary.yaml")
    with pytest.raises(FileError, match="several dictionaries"):
        find_dictionary(tmp_path)


def test_a_file_of_a_folder_that_holds_no_table_is_told_and_left_out(tmp_path):
    write(tmp_path, "a.csv")
    (tmp_path / "b.csv").write_bytes(b"")
    (tmp_path / "c.csv").write_bytes(b" \n\n")
    (tmp_path / "d.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "e.csv").write_bytes(b"nothing to report\n")

    upload = read_upload(tmp_path)

    assert [table.name for table in upload.tables] == ["a"]
    assert sorted(finding.text for finding in upload.findings) == [
        "'b.csv' left out: it is empty.",
        "'c.csv' left out: it holds only blanks.",
        "'d.csv' left out: it is a picture, not a table.",
        "'e.csv' left out: it is one line of text, and no table.",
    ]


def test_an_empty_file_that_a_person_names_is_refused(tmp_path):
    write(tmp_path, "a.csv")
    (tmp_path / "b.csv").write_bytes(b"")

    with pytest.raises(FileError, match=r"'b\.csv' is empty"):
        read_upload([tmp_path / "a.csv", tmp_path / "b.csv"])


def test_a_folder_of_empty_files_and_one_with_a_torn_table_are_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    with pytest.raises(FileError, match=r"'a\.csv' is empty"):
        read_upload(tmp_path)

    write(tmp_path, "b.csv")
    (tmp_path / "c.csv").write_text("id,age\n1,2,3\n4\n")
    with pytest.raises(FileError, match=r"'c\.csv' has lines with another number of fields"):
        read_upload(tmp_path)
