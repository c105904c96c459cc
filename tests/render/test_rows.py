"""The first rows are shown as people write values, escaped, cut where they are long, with how many there are in all."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl

from clinical_nb.render.rows import write_html, write_text


def test_text_is_aligned_and_says_how_many_rows_there_are():
    first = pl.DataFrame({"sex": ["f", None], "weight": [70.5, 182.0]})

    assert (
        write_text(first, 2, ())
        == "sex   weight\nf       70.5\nnull     182\n2 rows \N{MULTIPLICATION SIGN} 2 columns."
    )


def test_what_is_not_shown_is_said():
    first = pl.DataFrame({f"c{at}": [1] for at in range(50)})

    said = write_text(first, 1_234_567, ("A remark.",)).splitlines()

    assert said[0].split()[-1] == "c39"
    assert said[2:] == [
        "1,234,567 rows \N{MULTIPLICATION SIGN} 50 columns; the first 1 rows and 40 columns are shown.",
        "A remark.",
    ]


def test_one_row_of_one_column_is_singular():
    assert write_text(pl.DataFrame({"n": [5]}), 1, ()).splitlines()[-1] == "1 row \N{MULTIPLICATION SIGN} 1 column."


def test_no_rows_have_their_heads():
    assert (
        write_text(pl.DataFrame({"n": []}, schema={"n": pl.Int64}), 0, ())
        == "n\n0 rows \N{MULTIPLICATION SIGN} 1 column."
    )


def test_values_are_written_as_people_write_them():
    values = {
        "third": 1 / 3,
        "large": 1.5e20,
        "small": 2.5e-7,
        "zero": 0.0,
        "nan": float("nan"),
        "whole": 12345678,
        "day": date(2020, 1, 2),
        "moment": datetime(2020, 1, 2, 3, 4),  # noqa: DTZ001 - a time without a zone is meant
        "decimal": Decimal("1.50"),
        "yes": True,
        "bytes": b"abc",
        "list": [1, 2],
    }

    shown = [
        line.split("  ") for line in write_text(pl.DataFrame({k: [v] for k, v in values.items()}), 1, ()).splitlines()
    ]

    cells = [cell.strip() for cell in shown[1] if cell.strip()]
    assert cells == [
        "0.333333", "1.5e+20", "2.5e-07", "0", "nan", "12345678", "2020-01-02", "2020-01-02 03:04:00", "1.50", "true",
        "3 bytes", "[1, 2]",
    ]  # fmt: skip


def test_long_texts_are_cut_and_line_ends_do_not_break_the_table():
    first = pl.DataFrame({"a\nb": ["x" * 200, "one\r\ntwo"]})

    head, long, short, _ = write_text(first, 2, ()).splitlines()

    assert (head, short) == ("a⏎b", "one⏎two")
    assert long == "x" * 79 + "…"


def test_names_and_values_are_escaped():
    html = write_html(pl.DataFrame({"<b>": ["<script>alert(1)</script>", None]}), 2, ("<i>",))

    assert "<script>" not in html
    assert "&lt;b&gt;" in html
    assert "&lt;i&gt;" in html
    assert "font-style:italic" in html.split("null")[0].rsplit("<td", 1)[1]


def test_a_plan_of_duckdb_keeps_its_lines():
    first = pl.DataFrame({"explain_key": ["physical_plan"], "explain_value": ["┌─┐\n│<│\n"]})

    assert write_text(first, 1, ()) == "┌─┐\n│<│"
    assert "│&lt;│" in write_html(first, 1, ())
