"""Cells that a spreadsheet would run: none is left in what is written, and each value comes back as it was."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinical_nb
from clinical_nb.formulas import count_runs, free, protect

# OWASP's list, https://owasp.org/www-community/attacks/CSV_Injection
RUN = ("=1+1", "+1+cmd", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\N{FULLWIDTH EQUALS SIGN}1")
PLAIN = ("-5", "+4", "-1.5", "+44 20 7946-0958", "-", "a=1", "2-3", "", "'", "'n' sync", "'-5")
TEXTS = st.text(st.sampled_from("'=+-@\t\r\n1.a \N{FULLWIDTH PLUS SIGN}"), max_size=6)


@pytest.mark.parametrize("cell", RUN)
def test_a_cell_that_would_run_is_given_an_apostrophe(cell):
    table = pl.LazyFrame({"x": [cell]})

    assert protect(table).collect()["x"].to_list() == [f"'{cell}"]
    assert count_runs(table) == {"x": 1}


@pytest.mark.parametrize("cell", PLAIN)
def test_numbers_and_words_stay_as_they_are(cell):
    table = pl.LazyFrame({"x": [cell, None]})

    assert protect(table).collect()["x"].to_list() == [cell, None]
    assert count_runs(table) == {}


def test_names_of_columns_are_cells_too_and_numbers_stay_numbers():
    table = pl.LazyFrame({"=a": [-1.5, None], "b": ["x", "@y"], "^c$": ["=1", None]})

    assert protect(table).collect().to_dict(as_series=False) == {
        "'=a": [-1.5, None],
        "b": ["x", "'@y"],
        "^c$": ["'=1", None],
    }
    assert count_runs(table) == {"=a": 1, "b": 1, "^c$": 1}


@given(st.lists(TEXTS | st.none(), min_size=1, max_size=8))
def test_what_is_written_runs_nowhere_and_what_is_read_is_what_was_written(cells):
    table = pl.DataFrame({"x": pl.Series(cells, dtype=pl.String)})

    written = protect(table.lazy()).collect()
    read, freed = free(written)

    assert all(cell in PLAIN or cell[0] not in "=@\t\r\n＝＋" for cell in written["x"] if cell)  # noqa: RUF001
    assert read.equals(table)
    assert freed == (count_runs(table.lazy()).get("x", 0),)


def test_saving_statistics_tells_which_levels_a_spreadsheet_would_run(tmp_path):
    rows = "".join(f"{n},{'=1+1' if n % 2 else 'drug'}\n" for n in range(40))
    (tmp_path / "arms.csv").write_text("id,arm\n" + rows)

    with clinical_nb.Session(tmp_path / "store") as session:
        session.upload(tmp_path / "arms.csv")
        answer = session.ask("how many patients by arm")
        with pytest.warns(UserWarning, match=r"apostrophe was written before text \(\d+ times\)"):
            answer.save(tmp_path / "answer.csv")

    saved = (tmp_path / "answer.csv").read_text()
    assert "'=1+1" in saved
    assert ",=1+1" not in saved
