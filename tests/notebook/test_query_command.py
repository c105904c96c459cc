"""%%clinical sql, in a real shell on a real store."""

import polars as pl
import pytest

pytestmark = pytest.mark.slow  # each test starts an IPython shell


def test_the_first_rows_are_shown_with_how_many_there_are(notebook):
    said = notebook.run("%%clinical sql\nSELECT arm, count(*) AS n\nFROM trial.trial\nGROUP BY arm ORDER BY arm")

    assert said.splitlines() == ["arm      n", "active   6", "placebo  6", "2 rows \N{MULTIPLICATION SIGN} 2 columns."]


def test_they_are_shown_as_html_and_as_text_and_at_most_twenty(notebook):
    (shown,) = notebook.bundles("%%clinical sql\nSELECT '<b>' || range AS x FROM range(1000)")

    assert set(shown) == {"text/html", "text/plain"}
    assert shown["text/html"].count("<tr>") == 21
    assert "&lt;b&gt;19" in shown["text/html"]
    assert shown["text/plain"].splitlines()[-1].startswith("1,000 rows")


def test_as_keeps_a_lazy_frame(notebook):
    notebook.run("%%clinical sql --as young\nSELECT * FROM trial WHERE age < 36")

    frame = notebook.shell.user_ns["young"]
    assert isinstance(frame, pl.LazyFrame)
    assert frame.collect().height == 5


def test_a_mistake_is_one_sentence_with_its_place(notebook):
    said = notebook.fail("%%clinical sql\nSELECT agee\nFROM trial")

    assert said == "Line 1, column 8: there is no column 'agee'. Did you mean 'age'?"


def test_a_variable_of_the_notebook_is_no_table(notebook):
    notebook.run("import polars as pl\nframe = pl.DataFrame({'a': [1]})")

    assert "there is no table 'frame'" in notebook.fail("%%clinical sql\nSELECT * FROM frame")


@pytest.mark.parametrize("cell", ["%%clinical sql\n\n", "%clinical sql", "%clinical sql SELECT 1"])
def test_without_lines_below_it_says_where_the_statement_goes(notebook, cell):
    said = notebook.fail(cell)

    assert said == (
        "UsageError: Write the statement in the lines below %%clinical sql, such as SELECT * FROM trial LIMIT 5."
    )


def test_as_refuses_what_cannot_be_a_variable(notebook):
    assert "--as needs the name of a variable" in notebook.fail("%%clinical sql --as 1st\nSELECT 1")


def test_the_history_lists_it_with_its_values_masked(notebook):
    notebook.run("%%clinical sql\nSELECT * FROM trial WHERE arm <> 'Canary'")
    notebook.fail("%%clinical sql\nSELECT Canary FROM trial")

    said = notebook.run("%clinical history")
    assert "SELECT * FROM trial WHERE arm <> ▢" in said
    assert "12 rows" in said
    assert "Canary" not in said
    failed = notebook.run("%clinical history --failed")
    assert "SELECT ▢ FROM trial" in failed
    assert "12 rows" not in failed
