"""Small files of every format that an upload reads, to be damaged; most are made here, so that few lie in git."""

import gzip
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import polars as pl
import pyreadstat

FILES = Path(__file__).parent.parent / "files"
KEPT = (  # formats that nothing here can write
    "iris.sas7bdat",
    "legacy.xls",
    "sas/compressed_rdc_64_bit.sas7bdat.gz",
    "sas/compressed_rle_big_endian.sas7bdat.gz",
    "sas/formats.sas7bcat.gz",
)
PLAIN = "id,sex,age,note\n1,f,60,first\n2,m,70,\n3,f,,third\n4,m,81,'quoted'\n"
TEXTS = {
    "plain.csv": PLAIN.encode(),
    "quoted.csv": b'id,note,size\n1,"a, b\nc",5"\n2,"say ""so""",6"\n3,,7\n',
    "semicolons.csv": "id;größe;datum\n1;1,80;2020-01-31\n2;1,75;2020-02-01\n".encode("cp1252"),
    "titles.csv": b"Report of the ward\n\nid,age,when\n1,60,2020-01-31T10:00\n2,70,2020-01-31 11:00:05\n\nTotal,2\n",
    "missing.csv": b"\xef\xbb\xbfid\tvalue\tflag\n007\tNA\ttrue\n008\t1e5\tfalse\n009\tinf\tTRUE\n",
    "wide.csv": PLAIN.encode("utf-16"),
    "escaped.csv": b"id,'=name\n1,'=1+1\n2,'-5 mg\n3,''@x\n",
    "records.json": b'[{"id": 1, "sex": "f", "more": {"a": [1, 2]}}, {"id": 2, "sex": null, "when": "2020-01-31"}]',
    "lines.ndjson": b'{"id": 1, "x": 1.5}\n{"id": 2, "x": null, "y": "a"}\n',
    "page.html": b"<html><table><tr><th>id<th>age</tr><tr><td rowspan=2>1<td>60</tr><tr><td>70</table></html>",
}
ODS = "urn:oasis:names:tc:opendocument:xmlns"


def make_seeds() -> dict[str, bytes]:
    """Return files by their names."""
    made = {**TEXTS, **_columnar(), **_statistical(), "book.xlsx": _workbook(), "book.ods": _opendocument()}
    made |= dict(_kept(FILES / name) for name in KEPT)
    packed = {name: made[name] for name in ("plain.csv", "quoted.csv", "types.parquet")}
    made["plain.csv.gz"] = gzip.compress(made["plain.csv"], mtime=0)
    made["tables.zip"] = zipped(packed)
    made["stored.zip"] = zipped({**packed, "more/plain.csv.gz": made["plain.csv.gz"]}, zipfile.ZIP_STORED)
    return made


def _kept(path: Path) -> tuple[str, bytes]:
    data = path.read_bytes()
    return (path.stem, gzip.decompress(data)) if path.suffix == ".gz" else (path.name, data)


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of files by their names, the same at any time."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return made.getvalue()


def _columnar() -> dict[str, bytes]:
    frame = pl.DataFrame(
        {
            "id": [1, 2, 3, 4],
            "small": pl.Series([1, None, 3, 4], dtype=pl.Int8),
            "arm": pl.Series(["a", "b", None, "a"], dtype=pl.Categorical),
            "dose": [Decimal("1.50"), None, Decimal("3.25"), Decimal(0)],
            "weight": [60.5, float("nan"), float("inf"), None],
            "seen": [date(2020, 1, 31), None, date(1900, 1, 1), date(2020, 2, 1)],
            "at": [datetime(2020, 1, 31, 10, tzinfo=UTC), None, datetime(1970, 1, 1, tzinfo=UTC), None],
            "clock": [time(10, 30), None, time(0), time(23, 59)],
            "stay": [timedelta(days=2), None, timedelta(0), timedelta(seconds=1)],
            "visits": [[1, 2], [], None, [3]],
            "who": [{"first": "A", "n": 1}, None, {"first": None, "n": 2}, {"first": "B", "n": None}],
            "raw": [b"ab", b"\xff\x00", None, b""],
            "dead": [True, None, False, True],
        }
    )
    made: dict[str, bytes] = {}
    for compression in ("zstd", "snappy", "uncompressed"):
        buffer = BytesIO()
        frame.write_parquet(buffer, compression=compression, row_group_size=2)
        made["types.parquet" if compression == "zstd" else f"{compression}.parquet"] = buffer.getvalue()
    for name, compression in (("plain.arrow", "uncompressed"), ("packed.arrow", "lz4")):
        buffer = BytesIO()
        frame.drop("raw").write_ipc(buffer, compression=compression, compat_level=pl.CompatLevel.oldest())
        made[name] = buffer.getvalue()
        stream = BytesIO()
        frame.drop("raw").write_ipc_stream(stream, compression=compression, compat_level=pl.CompatLevel.oldest())
        made[f"{name}s"] = stream.getvalue()
    return made


def _statistical() -> dict[str, bytes]:
    frame = pl.DataFrame({"id": [1.0, 2.0, 3.0], "sex": [1.0, 2.0, 9.0], "name": ["Ann", "Bob", ""]})
    labels = {"variable_value_labels": {"sex": {1.0: "male", 2.0: "female", 9.0: "refused"}}}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pyreadstat.write_sav(
            frame, place / "a.sav", missing_ranges={"sex": [9.0]}, column_labels=["", "Sex", ""], **labels
        )
        pyreadstat.write_sav(frame, place / "a.zsav", compress=True, **labels)
        pyreadstat.write_dta(frame, place / "a.dta", version=15, **labels)
        pyreadstat.write_dta(frame, place / "old.dta", version=10, **labels)
        pyreadstat.write_xport(frame, place / "a.xpt", file_format_version=5, table_name="DM")
        pyreadstat.write_xport(frame, place / "new.xpt", file_format_version=8)
        pyreadstat.write_por(frame.rename(str.upper), place / "a.por")
        return {file.name: file.read_bytes() for file in sorted(place.iterdir())}


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["id", "when", "note", "sum"])
    book.active.append([1, datetime(2020, 1, 31, 10), "first", "=A2+1"])  # noqa: DTZ001 - Excel knows no zones
    book.active.append([2, date(2020, 2, 1), None, 0.5])
    more = book.create_sheet("More")
    more.append(["Title over two columns"])
    more.merge_cells("A1:B1")
    more.append(["id", "flag"])
    more.append([1, True])
    book.create_sheet("Hidden").sheet_state = "hidden"
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _opendocument() -> bytes:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + '<table:table-cell office:value-type="float" office:value="1.5"><text:p>1.5</text:p></table:table-cell>'
        "</table:table-row>"
        for row in (("id", "age"), ("1", "60"), ("2", "70"))
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped(
        {
            "mimetype": kind.encode(),
            "META-INF/manifest.xml": (
                f'<manifest:manifest xmlns:manifest="{ODS}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
                f'manifest:media-type="{kind}"/></manifest:manifest>'
            ).encode(),
            "content.xml": (
                f'<office:document-content xmlns:office="{ODS}:office:1.0" xmlns:table="{ODS}:table:1.0" '
                f'xmlns:text="{ODS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">{rows}'
                "</table:table></office:spreadsheet></office:body></office:document-content>"
            ).encode(),
        },
        zipfile.ZIP_STORED,
    )
