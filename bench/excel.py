"""An Excel workbook of 100 MB read as an upload does, beside fastexcel alone, which neither types nor checks."""

import random
import tempfile
import zipfile
from pathlib import Path

import fastexcel
from measure import median_seconds, seconds, show

from clinical_nb.intake.upload import read_upload

ROWS, REPEATS = 800_000, 3
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
RELATED = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    '<Relationship Id="rId1" Type="{type}" Target="{target}"/></Relationships>'
)


def make_workbook(path: Path, rows: int) -> None:
    """Write a trial of twelve columns: numbers with decimals, whole numbers, and words."""
    rng = random.Random(1)  # noqa: S311 - made-up measurements
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        made.writestr("_rels/.rels", RELATED.format(type=f"{OFFICE}/officeDocument", target="xl/workbook.xml"))
        made.writestr(
            "xl/_rels/workbook.xml.rels", RELATED.format(type=f"{OFFICE}/worksheet", target="worksheets/sheet1.xml")
        )
        sheet = '<sheets><sheet name="trial" sheetId="1" r:id="rId1"/></sheets>'
        made.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{sheet}</workbook>')
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as written:
            written.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            written.write(
                f'<row r="1">{"".join(word(name, 1, name.lower()) for name in "ABCDEFGHIJKL")}</row>'.encode()
            )
            for row in range(2, rows + 2):
                cells = [number("A", row, row), word("B", row, rng.choice("AB"))]
                cells += [number(name, row, rng.gauss(100, 15)) for name in "CDEFG"]
                cells += [number(name, row, rng.randrange(200)) for name in "HIJKL"]
                written.write(f'<row r="{row}">{"".join(cells)}</row>'.encode())
            written.write(b"</sheetData></worksheet>")


def word(column: str, row: int, text: str) -> str:
    """Return a cell of text."""
    return f'<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>'


def number(column: str, row: int, value: float) -> str:
    """Return a cell of a number, with all its digits."""
    return f'<c r="{column}{row}"><v>{value!r}</v></c>'


def main() -> None:
    """Time both on the same file."""
    with tempfile.TemporaryDirectory() as folder:
        file, place = Path(folder) / "trial.xlsx", Path(folder) / "place"
        place.mkdir()
        make_workbook(file, ROWS)
        works = {
            "read_upload: checked, every digit, typed": lambda: seconds(lambda: read_upload(file, place)),
            "fastexcel: one sheet as a frame": lambda: seconds(
                lambda: fastexcel.read_excel(file).load_sheet(0).to_polars()
            ),
        }
        show(f"Excel of {file.stat().st_size / 1e6:.0f} MB", median_seconds(works, REPEATS), "at most 1.5 x")


if __name__ == "__main__":
    main()
