"""Numbers in other digits, with fractions of one sign, of so many cells in so much blood, and mistyped cells."""

import time

import pytest

import clinical_nb


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "store") as session:
        yield session


def upload(session, tmp_path, name, *values):
    file = tmp_path / "labs.csv"
    rows = "".join(f'{n},"{value}"\n' for n, value in enumerate(values, 1))
    file.write_text(f"id,{name}\n{rows}", encoding="utf-8")
    return session.upload(file, name="labs")


def read(session, name):
    return session.find("labs").lazy().collect()[name].to_list()


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (("٣٤", "٤٥", "٢٢"), [34, 45, 22]),
        (("٣٫٥", "٤٫١", "٢٫٢"), [3.5, 4.1, 2.2]),  # noqa: RUF001 - Arabic digits
        (("３４", "45", "2２"), [34, 45, 22]),  # noqa: RUF001 - full width, as in Japan
        (("½", "1", "1½", "2 ¼"), [0.5, 1, 1.5, 2.25]),
    ],
)
def test_other_digits_and_fractions_of_one_sign_are_numbers(session, tmp_path, values, numbers):
    upload(session, tmp_path, "dose", *values)

    session.accept("dose")

    assert read(session, "dose") == numbers


@pytest.mark.parametrize("unit", ["×10⁹/L", " x10^9/L", " x 10*9/L", "·10^9/l", " x10e9/L"])  # noqa: RUF001 - as people write it
def test_cells_in_so_much_blood_are_numbers_in_that_unit(session, tmp_path, unit):
    upload(session, tmp_path, "wbc", f"5.2{unit}", f"6.1{unit}", "7.3")

    session.accept("wbc")

    assert read(session, "wbc") == [5.2, 6.1, 7.3]
    unit = session.find("labs").dictionary.column("labs", "wbc").unit
    assert unit.casefold() == "\u00d710^9/l"


def test_a_count_per_microlitre_is_not_taken_for_one_in_another_unit(session, tmp_path):
    dataset = upload(session, tmp_path, "wbc", "5.2 x10^9/L", "6.1 x10^9/L", "5200")

    assert [each.step for each in dataset.report if each.column == "wbc"] == [None]


@pytest.mark.parametrize("odd", ["5o", "45-46", "1955-03-02", "4..5", "#DIV/0!"])
def test_one_mistyped_cell_leaves_ages_numbers_and_is_told(session, tmp_path, odd):
    dataset = upload(session, tmp_path, "age", *range(40, 60), odd)

    assert read(session, "age") == [*range(40, 60), None]
    assert read(session, "age_missing")[-1] == odd
    assert any("not a number" in each.text and each.rows == 1 for each in dataset.report)


def test_many_texts_with_digits_leave_a_column_text(session, tmp_path):
    dataset = upload(session, tmp_path, "age", *range(40, 50), "5o", "6o", "7o", "8o")

    assert read(session, "age")[0] == "40"
    assert [each.step for each in dataset.report if each.column == "age"] == [None]


def test_one_other_decimal_mark_is_asked_about_with_a_step(session, tmp_path):
    upload(session, tmp_path, "crp", *[f"{n / 10}" for n in range(10, 40)], "5,1")

    assert read(session, "crp")[-1] == "5,1"
    session.accept("crp")
    assert read(session, "crp")[-1] == 5.1


def test_a_column_of_reasons_is_called_by_the_name_without_its_unit(session, tmp_path):
    upload(session, tmp_path, "CRP mg/l", "5.1", "6.2", "low", "7.1", "8.2", "9")

    assert session.find("labs").lazy().collect().columns == ["id", "CRP mg/l", "CRP missing"]


def test_letters_that_were_lost_before_are_told_in_values_and_names(session, tmp_path):
    dataset = upload(session, tmp_path, "GrÃ¶ÃŸe", "Andr\ufffd", "Zo\ufffd", "Bo")

    said = [each.text for each in dataset.report if each.kind == "spreadsheet damage"]
    assert any("column's name" in text for text in said)
    assert any("were lost before" in text for text in said)


def test_identifiers_cut_by_a_spreadsheet_are_told_where_most_are_alike(session, tmp_path):
    file = tmp_path / "ids.csv"
    file.write_text("patient_id,age\n1.23457E+12,50\n1.23457E+12,60\n1.23458E+12,70\n")

    dataset = session.upload(file)

    assert ("spreadsheet damage", "patient_id") in {(each.kind, each.column) for each in dataset.report}


def test_a_dash_before_a_number_is_a_minus(session, tmp_path):
    upload(session, tmp_path, "change", "\u22125", "3", "\u20132", "4", "-1")

    session.accept("change")

    assert read(session, "change") == [-5, 3, -2, 4, -1]


def test_two_numbers_in_a_cell_among_many_numbers_are_told(session, tmp_path):
    dataset = upload(session, tmp_path, "dose", "1", "2", "1/2", "1", "2", "1")

    assert any("'1/2'" in each.text for each in dataset.report if each.column == "dose")


def test_sodium_is_a_level(session, tmp_path):
    dataset = upload(session, tmp_path, "analyte", *["Na", "K", "Cl"] * 3)

    assert not [each for each in dataset.report if each.column == "analyte"]


def test_codes_that_look_like_powers_of_ten_are_text(session, tmp_path):
    upload(session, tmp_path, "icd code", "1E2", "2E5", "3E1")

    assert read(session, "icd code") == ["1E2", "2E5", "3E1"]


def test_commas_that_may_stand_between_thousands_are_doubted_in_answers(session, tmp_path):
    file = tmp_path / "counts.csv"
    file.write_text("id;platelets;crp\n1;1,234;5,1\n2;12,500;6,25\n3;950;7\n4;2,345;8\n")
    session.upload(file)

    assert "In doubt, platelets: Commas with three digits behind each" in str(session.ask("mean platelets"))
    assert "In doubt" not in str(session.ask("mean crp"))


def test_long_texts_are_not_compared_letter_by_letter(session, tmp_path):
    started = time.process_time()
    upload(session, tmp_path, "note", "x" * 5_000_000, "y", "z")

    assert time.process_time() - started < 10
