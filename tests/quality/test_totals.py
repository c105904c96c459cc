"""Rows that are the total of others, and levels that are only called so."""

import polars as pl
import pytest

from clinical_nb.intake.table import Table
from clinical_nb.quality.report import inspect
from clinical_nb.session import Session


def totals(**columns):
    frame = pl.DataFrame(columns)
    found = inspect([Table("t", frame.lazy(), frame.height)])
    return [(each.column, each.rows, each.at, each.text) for each in found if each.kind == "totals"]


def test_subtotals_among_the_rows_are_told_with_their_places():
    site = [*["Oslo"] * 10, "Subtotal Oslo", *["Bergen"] * 10, "Total Bergen"]

    assert totals(site=site, age=range(22)) == [
        ("site", 2, (11, 22), "2 rows that are called a total: 'Subtotal Oslo', 'Total Bergen'.")
    ]


@pytest.mark.parametrize(
    "levels",
    [["total", "partial"] * 10, [*["none"] * 19, "total gastrectomy"], [*["x"] * 19, "summer"], ["Total"] * 20],
)
def test_levels_that_are_called_total_are_none(levels):
    assert totals(resection=levels, age=range(20)) == []


def test_an_answer_says_that_totals_are_counted(tmp_path):
    rows = (
        "".join(f"Oslo,{n}\n" for n in range(20)) + "Subtotal Oslo,190\n" + "".join(f"Bergen,{n}\n" for n in range(20))
    )
    (tmp_path / "los.csv").write_text("site,los\n" + rows)

    with Session(tmp_path / "store") as session:
        session.upload(tmp_path / "los.csv")
        answer = session.ask("mean los")

    assert answer.remarks == ("In doubt, site: 1 row that is called a total: 'Subtotal Oslo'; counted as they are.",)
