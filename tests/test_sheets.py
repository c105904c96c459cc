"""A sheet as a ward keeps it, asked before anybody has cleaned it: spellings and codes are what they mean."""

import pytest

import clinical_nb

_ROWS = (
    ("F", "7B", "Y", "II", "never", 80),
    ("f", "Ward 7B", "yes", "2", "Y", 130),
    ("Female", "7B", "N", "III", "N", 90),
    ("M", "CCU", "no", "IV", "ex", 95),
    ("male", "ccu", "-99", "4", "N", -99),
    ("m", "7B", "No", "III", "current", 140),
)


@pytest.fixture
def sheet(tmp_path):
    lines = [f"{n},{','.join(map(str, row))}" for n, row in enumerate(_ROWS * 4, 1)]
    text = "bed,sex,ward,diabetes,nyha class,smoker,hb\n" + "\n".join(lines) + "\n"
    (tmp_path / "sheet.csv").write_text(text)
    with clinical_nb.Session(tmp_path / "store") as session:
        session.upload(tmp_path / "sheet.csv")
        yield session


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("what % have diabetes", "8 of 20 (40.0 %"),
        ("how many with diabetes", "8 of 20 (40.0 %"),
        ("how many without diabetes", "12 of 20 (60.0 %"),
        ("how many NYHA class IV", "8 of 24"),
        ("how many NYHA class 4", "8 of 24"),
        ("how many with hb below 100", "12 of 20 (60.0 %"),
    ],
)
def test_spellings_count_as_one_and_a_code_is_nobodys_value(sheet, question, answer):
    said = str(sheet.ask(question))

    assert answer in said
    assert "as the report proposes" in said


def test_who_is_a_smoker_is_open_beside_never_and_ex(sheet):
    assert sheet.ask("how many smokers").status != "answered"


def test_the_accepted_spelling_is_found_by_both_numerals(sheet):
    sheet.accept("nyha class")

    assert "8 of 24" in str(sheet.ask("how many NYHA class 4"))
    assert "8 of 24" in str(sheet.ask("how many NYHA class IV"))
