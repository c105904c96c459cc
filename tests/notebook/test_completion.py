"""What Tab offers, asked of IPython's completer as the notebook asks it, and of a real kernel."""

import pytest
from IPython.core.completer import provisionalcompleter

from clinical_nb import Session
from clinical_nb.errors import StoreError
from clinical_nb.notebook.commands import quote_word, split_words

pytestmark = pytest.mark.slow  # each test starts an IPython shell


@pytest.fixture
def complete(notebook):
    """Return what is offered at the cursor, which stands at the end of the text."""

    def offered(text: str) -> list[str]:
        with provisionalcompleter():
            return [completion.text for completion in notebook.shell.Completer.completions(text, len(text))]

    return offered


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%clinical up", "upload"),
        ("%%clinical a", "ask"),
        ("%%clinical ask --d", "--data"),
        ("%clinical upload x.csv --di", "--dictionary"),
        ("%clinical history -", "-h"),
        ("%clinical use t", "trial"),
        ("%%clinical ask --data T", "trial"),
        ("%clinical autoload s", "status"),
        ("%%clinical ask\nmean a", "age"),
        ("%%clinical ask\nmean age in N", "North West"),
        ("%%clinical ask\nmean age\nhow many act", "active"),
        ("%clinical ask median a", "age"),
    ],
)
def test_tab_offers_what_can_stand_there(complete, typed, offered):
    assert offered in complete(typed)


def test_the_words_of_a_declared_meaning_are_offered(notebook, complete, trial, tmp_path):
    meaning = tmp_path / "meaning.csv"
    meaning.write_text("column,meaning,codes_or_units\nage,years since birth,years\n", encoding="utf-8")
    notebook.run(f"%clinical upload {trial} --dictionary {meaning}")

    assert "birth" in complete("%%clinical ask\nmean bi")


def test_only_datasets_are_offered_where_a_dataset_goes(complete):
    assert complete("%clinical use ") == ["trial"]


@pytest.mark.parametrize(
    "typed",
    ["diff trial ", "diff trial 1 ", 'diff "trial" ', "drop trial --version ", "drop trial --yes --version "],
)
def test_versions_are_offered_where_a_version_goes_newest_first(notebook, complete, trial, typed):
    trial.write_text(trial.read_text() + "13,active,44,South,no\n")
    notebook.run(f"%clinical upload {trial}")

    assert complete(f"%clinical {typed}") == ["2", "1"]


def test_versions_of_a_dataset_that_is_not_there_are_not_offered(complete):
    assert "1" not in complete("%clinical diff nothing ")


@pytest.mark.parametrize("name", ["it's", 'the "best"', "tab\there", "two words", "plain"])
def test_what_completes_a_name_is_read_as_that_name(name):
    assert split_words(quote_word(name), prose=False) == [name]


def test_a_dataset_with_a_blank_is_offered_in_quotes(notebook, complete, trial):
    notebook.run(f"%clinical upload {trial} --name 'second trial'")

    assert '"second trial"' in complete("%clinical use ")


def test_the_words_are_of_the_dataset_that_the_question_names(notebook, complete, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("altitude,site\n100,a\n200,b\n", encoding="utf-8")
    notebook.run(f"%clinical upload {other}")

    assert "altitude" in complete("%%clinical ask\nmean a")
    assert "altitude" not in complete("%%clinical ask --data trial\nmean a")


def test_a_statement_is_offered_the_names_that_it_can_use(notebook, complete, tmp_path):
    (tmp_path / "select.csv").write_text("Höhe über Meer,age\n1,2\n")
    notebook.run(f"%clinical upload {tmp_path / 'select.csv'}")

    offered = complete("%%clinical sql\nSELECT * FROM ")

    assert {"trial", "trial.trial", '"select"', '"select"."select"', '"Höhe über Meer"', "age"} <= set(offered)
    assert "arm" not in offered  # a column of another dataset than the one in use
    assert complete("%%clinical sql --as x\nSELECT hö") == ['"Höhe über Meer"']
    assert complete("%%clinical sql\nSELECT * FROM trial.t") == ["trial.trial"]
    assert "--as" in complete("%%clinical sql --")


def test_runs_are_offered_for_rerun(notebook, complete):
    notebook.run("%%clinical ask --as answer\nmedian age")

    assert complete("%clinical rerun ") == [notebook.shell.user_ns["answer"].run_id]


def test_nothing_of_ours_is_offered_outside_of_the_magic(complete):
    assert "trial" not in complete("x = t")
    assert "age" not in complete("%%time\nag")


def test_a_store_that_cannot_be_read_offers_nothing_and_breaks_nothing(complete, monkeypatch):
    monkeypatch.setattr(Session, "datasets", _unreadable)

    assert "trial" not in complete("%clinical use tr")


def _unreadable(_session):
    raise StoreError("The store cannot be read.")


@pytest.mark.slow
def test_a_kernel_completes_names_of_columns_in_the_cell(kernel):
    cell = "%%clinical ask\nmean a"

    reply = kernel.complete(cell, len(cell), reply=True, timeout=30)["content"]

    assert "age" in reply["matches"]
    assert cell[reply["cursor_start"] :] == "a"
