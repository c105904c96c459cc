"""Text tables that blanks part into columns, and texts that only look so."""

from io import BytesIO

import pytest

from clinical_nb.intake.delimited import read_delimited


def frame(text, size=1 << 20):
    (table,) = read_delimited(BytesIO(text.encode()), "t.txt", "t", size=size).tables
    return table.scan.collect()


def test_columns_that_blanks_align_are_columns():
    read = frame("id   age   weight\n1    51    70.1\n2    52    NA\n3    53    70.3\n")

    assert read.to_dict(as_series=False) == {"id": [1, 2, 3], "age": [51, 52, 53], "weight": [70.1, None, 70.3]}


def test_a_table_that_r_wrote_keeps_its_row_numbers_under_a_name_of_their_own():
    read = frame('"age" "sex"\n"1" 50 "M"\n"2" 51 "F"\n"3" 52 "not said"\n')

    assert read.to_dict(as_series=False) == {"column_1": [1, 2, 3], "age": [50, 51, 52], "sex": ["M", "F", "not said"]}


def test_a_large_one_is_read_piece_by_piece():
    text = "id   age\n" + "".join(f"{at:<7}{at % 90:<6}\n" for at in range(1, 40_000))

    read = frame(text, size=100_000)

    assert read.shape == (39_999, 2)
    assert read["age"].sum() == sum(at % 90 for at in range(1, 40_000))


@pytest.mark.parametrize(
    "text",
    [
        "note\nthe patient is well\nshe was not ill\nfollow up in may\n",
        "bp\n120 80\n130 85\n125 70\n",
        "full name\nAnna Berg\nOle Dahl\nIda Holm\n",
        "1 2\n3 4\n5 6\n",
    ],
)
def test_words_in_one_column_stay_in_it(text):
    assert frame(text).width == 1


def test_decimal_commas_in_the_only_column_are_no_delimiters():
    read = frame("crp\n50,1\n51\nNA\n52,25\n")

    assert read.to_dict(as_series=False) == {"crp": [50.1, 51.0, None, 52.25]}


def test_two_columns_of_whole_numbers_with_names_are_two():
    assert frame("a,b\n50,1\n51,2\n").to_dict(as_series=False) == {"a": [50, 51], "b": [1, 2]}


@pytest.mark.parametrize("header", ["key\tWeight (kg)", "key\tvisits"])
def test_blanks_inside_the_cells_of_a_tab_separated_table_part_nothing(header):
    content = BytesIO(f"{header}\nrow 0\t0.1\nrow 1\t2.5\n".encode())

    (table,) = read_delimited(content, "x.tsv", "x").tables

    assert table.scan.collect().rows() == [("row 0", 0.1), ("row 1", 2.5)]
