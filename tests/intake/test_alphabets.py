"""Encodings of before Unicode: each text is read in the one that it was written in, and it is said which that is."""

from pathlib import Path

import pytest

from clinical_nb.intake.upload import read_upload

LINES = (Path(__file__).parent / "alphabets.txt").read_text(encoding="utf-8").splitlines()
CASES = [line.split(" | ") for line in LINES if not line.startswith("#")]


@pytest.mark.parametrize("times", [1, 6])
@pytest.mark.parametrize(("codec", "name", "text"), CASES)
def test_a_text_is_read_in_the_encoding_that_it_was_written_in(tmp_path, codec, name, text, times):
    header, *rows = text.split(" / ")
    file = tmp_path / "table.csv"
    file.write_bytes("\n".join([header, *rows * times]).encode(codec))

    upload = read_upload(file)

    (table,) = upload.tables
    mark = ";" if ";" in header else ","
    assert table.scan.collect_schema().names() == header.split(mark)
    words = {str(value) for column in table.scan.collect().iter_columns() for value in column}
    assert words == {cell for row in rows for cell in row.split(mark)}
    assert [each.text for each in upload.findings if "UTF-8" in each.text] == [
        f"The file is not UTF-8 and was read as {name}."
    ]
