"""A workbook that ends the process which reads it is refused by a sentence, and this process goes on."""

from io import BytesIO

import openpyxl
import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.own_process import HELD, survives
from clinical_nb.intake.sheet_reader import Asked, opened


def workbook(last):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "id", "age"
    book.active[last] = 60
    made = BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.skipif(not HELD, reason="a process is held to a limit of memory on Linux")
def test_a_workbook_that_takes_more_memory_than_there_is_ends_only_its_reader():
    far = workbook("XFD1048576")  # 17 thousand million places, for each of which its reader makes room

    with opened(far, "far.xlsx") as reader, pytest.raises(FileError, match="needs more memory to be read"):
        reader.load(Asked(0, "string"))


def test_what_was_asked_first_is_not_taken_for_another_answer():
    with opened(workbook("A2"), "near.xlsx", Asked(0, None, header=0)) as reader:
        text = reader.load(Asked(0, "string"))
        number = reader.load(Asked(0, "float", 0, [0]))

    assert (text.cells.rows(), number.cells.rows()) == ([("id", "age"), ("60", None)], [(60.0,)])


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_damaged_file_whose_reader_says_so_is_left_to_it(kind):
    assert survives(kind, b"PAR1 no columns at all PAR1", most=1_000)
