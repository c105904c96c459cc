"""The history is copied for others to read: as a notebook that runs, a report, and OpenLineage events."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import nbformat
import pytest
from nbclient import NotebookClient

import clinical_nb
from clinical_nb.errors import ClinicalError, SqlError, StoreError
from clinical_nb.history.as_notebook import write_notebook
from clinical_nb.history.as_openlineage import run_uuid, write_openlineage
from clinical_nb.history.events import Attempt
from clinical_nb.history.record import Run, read_runs
from clinical_nb.plan import Cohort, Describe

ROWS = "".join(
    f"{number},{'fm'[number % 2]},{40 + number},{'Bergen' if number < 20 else 'Vadso'}\n" for number in range(24)
)
CSV = f"id,sex,age,town\n{ROWS}"
MEANING = "column,meaning,codes_or_units\nsex,sex,f=female; m=male\nage,age at entry,years\ntown,town,\n"
SCHEMA = json.loads((Path(__file__).parents[1] / "history" / "openlineage.schema.json").read_text())


@pytest.fixture
def asked(session):
    """A session of which several things were asked, of which four live in the rare town."""
    session.ask("mean age by sex")
    session.ask("how many with town = Vadso")
    session.ask("mean haemoglobin")
    with suppress(SqlError):
        session.sql("SELECT nothing FROM trial")
    session.sql("SELECT count(*) FROM trial")
    return session


def cells_of(file):
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_a_notebook_has_each_question_in_order_with_its_dataset_and_version(asked, tmp_path):
    file = asked.export_history(tmp_path / "asked.ipynb")

    load, first, rare, declined, failed, sql = (cell.source for cell in cells_of(file))
    assert load == "%load_ext clinical_nb"
    called = first.split('"')[1]
    assert first == f'%%clinical ask --data "{called}"\nmean age by sex'
    assert asked.asked_of(called).name == "trial"
    assert rare == "# how many with town = ▢"
    assert declined.startswith("%%clinical ask")
    assert failed.startswith("# SELECT")
    assert sql.startswith("# SELECT COUNT(*)".lower()) or "count(*)" in sql.lower()
    assert f"version {asked.current.version}" in file.read_text(encoding="utf-8")


def test_with_references_a_masked_question_is_asked_again_in_its_store_and_refused_in_another(asked, tmp_path, files):
    file = asked.export_history(tmp_path / "asked.ipynb", references=True)
    masked = cells_of(file)[2].source.split("\n")[1]

    again = asked.ask(masked)

    assert "Vadso" not in file.read_text(encoding="utf-8")
    assert again.question == "how many with town = Vadso"
    assert "4 of 24" in str(again)
    assert asked.history()["question"][-1] == "how many with town = ▢"
    elsewhere = clinical_nb.Session(tmp_path / "other")
    elsewhere.upload(files / "trial.csv", dictionary=files / "meaning.csv")
    with pytest.raises(ClinicalError, match="kept in the store where it was asked first"):
        elsewhere.ask(masked)


def test_a_report_says_how_each_was_read_and_computed_with_what_and_when(asked, tmp_path):
    report = asked.export_history(tmp_path / "asked.md").read_text(encoding="utf-8")
    run = next(run for run in read_runs(asked.home / "history").runs if run.status == "answered")

    assert "## 2. mean age by sex" in report  # the first is the upload
    for said in (
        f"- Run: `{run.run_id}`",
        f"- Run key: `{run.run_key}`",
        f"version `{asked.current.version}`",
        "- Read as: Mean of age",
        "- Method: `describe/",
        "- Versions: clinical\\_nb ",
        f"- When: {run.at:%Y-%m-%d %H:%M:%S} UTC",
    ):
        assert said.replace("\\_", "_") in report.replace("\\_", "_"), said
    assert "Vadso" not in report


def test_what_people_called_their_columns_is_no_markup_in_a_report(home, tmp_path):
    (tmp_path / "trial.csv").write_text("id,<b>x</b>\n" + "".join(f"{each},{each}\n" for each in range(30)))
    with clinical_nb.Session(home) as session:
        session.upload(tmp_path / "trial.csv")
        session.run(Describe(Cohort("trial", "trial"), "<b>x</b>"))
        report = session.export_history(tmp_path / "asked.md").read_text(encoding="utf-8")

    assert "<b>" not in report
    assert "\\<b\\>x" in report


def test_openlineage_events_satisfy_its_schema_and_hold_no_data(asked, tmp_path):
    lines = asked.export_history(tmp_path / "asked.ndjson").read_text(encoding="utf-8").splitlines()

    events = [json.loads(line) for line in lines]
    for event in events:
        jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(event)
    kinds = [event["eventType"] for event in events]
    assert set(kinds[::2]) == {"START"}
    assert kinds[1::2] == ["COMPLETE", "COMPLETE", "COMPLETE", "ABORT", "FAIL", "COMPLETE"]
    upload, mean = events[1], events[3]
    (made,), (read,) = upload["outputs"], mean["inputs"]
    assert made == read
    assert upload["inputs"] == mean["outputs"] == []
    assert read["facets"]["version"]["datasetVersion"] == asked.current.version
    assert [field["name"] for field in read["facets"]["schema"]["fields"]] == ["id", "sex", "age", "town"]
    assert mean["job"]["name"] == "ask.describe"
    assert mean["run"]["runId"] == run_uuid(asked.history()["run_id"][0]) == events[2]["run"]["runId"]
    assert "Vadso" not in "".join(lines)


def test_a_run_begins_before_it_ends(asked, tmp_path):
    lines = asked.export_history(tmp_path / "asked.ndjson").read_text(encoding="utf-8").splitlines()

    times = [datetime.fromisoformat(json.loads(line)["eventTime"]) for line in lines]

    assert all(began <= ended for began, ended in zip(times[::2], times[1::2], strict=True))
    assert any(began < ended for began, ended in zip(times[::2], times[1::2], strict=True))


def test_only_the_runs_that_are_sought_are_exported(asked, tmp_path):
    file = asked.export_history(tmp_path / "failed.ipynb", asked.history(failed=True)["run_id"])

    assert len(cells_of(file)) == 3  # loading, what was declined, and the statement that failed


def test_an_export_is_an_event_and_says_whether_it_held_references(asked, tmp_path):
    asked.export_history(tmp_path / "one.md")
    asked.export_history(tmp_path / "two.ipynb", references=True)

    told = asked.history()["summary"].to_list()[-2:]
    assert told == ["the history written as report", "the history written as notebook with references"]
    assert asked.history()["question"][-1] == "%clinical history --export"
    assert asked.verify().is_whole


def test_a_file_that_is_there_or_of_no_form_or_in_the_store_is_refused(asked, tmp_path):
    (tmp_path / "mine.md").write_text("mine")

    with pytest.raises(StoreError, match="is there already"):
        asked.export_history(tmp_path / "mine.md")
    with pytest.raises(ClinicalError, match=r"cannot be written as '\.docx'"):
        asked.export_history(tmp_path / "mine.docx")
    with pytest.raises(ClinicalError, match="in the store's own folder"):
        asked.export_history(asked.home / "mine.md")
    assert (tmp_path / "mine.md").read_text() == "mine"
    assert asked.export_history(tmp_path / "mine.md", replace=True).read_text(encoding="utf-8").startswith("# History")
    assert asked.export_history(tmp_path / "mine.txt", form="report").exists()


def test_a_question_of_a_dropped_dataset_is_a_comment(asked, tmp_path):
    asked.drop("trial")

    sources = [cell.source for cell in cells_of(asked.export_history(tmp_path / "asked.ipynb"))]

    assert "# mean age by sex" in sources
    assert not any(source.startswith("%%clinical ask") for source in sources)


def test_history_is_sought_by_words_dataset_day_and_failure(asked):
    assert asked.history("AGE sex")["question"].to_list() == ["mean age by sex"]
    assert asked.history(dataset="other").height == 0
    assert asked.history(dataset="trial").height >= 4
    assert asked.history(failed=True)["status"].to_list() == ["declined", "failed"]
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert asked.history(since=tomorrow).height == 0
    assert asked.history(since=tomorrow - timedelta(days=1)).height == asked.history().height


def test_a_run_of_several_datasets_names_each():
    run = Run("r1", datetime(2026, 1, 1, tzinfo=UTC), "a, b", "v1, v2", "SELECT ▢", "queried", is_sql=True)

    end = json.loads(write_openlineage([run], lambda _name, _version: None).splitlines()[1])

    assert [each["name"] for each in end["inputs"]] == ["a", "b"]
    assert [each["facets"]["version"]["datasetVersion"] for each in end["inputs"]] == ["v1", "v2"]


@pytest.mark.slow
def test_an_exported_notebook_opens_and_runs(asked, tmp_path, monkeypatch):
    file = asked.export_history(tmp_path / "asked.ipynb", references=True)
    monkeypatch.setenv("CLINICAL_NB_HOME", str(asked.home))
    notebook = nbformat.read(file, as_version=4)

    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()

    shown = json.dumps([cell.get("outputs", []) for cell in notebook.cells], ensure_ascii=False)
    assert "Mean of age" in shown
    assert "4 of 24" in shown


def test_a_report_says_how_a_question_was_read(asked, tmp_path):
    text = asked.export_history(tmp_path / "history.md").read_text(encoding="utf-8")

    tried = [line for line in text.splitlines() if line.startswith("- Tried by: ")]
    assert tried
    assert all(" ms" in line for line in tried)
    assert any("reading" in line for line in tried)


def test_an_exported_notebook_says_above_each_question_how_it_was_read(asked, tmp_path):
    notebook = nbformat.read(asked.export_history(tmp_path / "tried.ipynb"), as_version=4)

    told = [cell.source for cell in notebook.cells if cell.cell_type == "markdown" and "Tried by: " in cell.source]
    assert len(told) >= 3
    assert all(" UTC of " in each and " ms" in each for each in told)
    assert "Rosalind" not in "".join(told)


def test_lineage_says_how_a_question_was_read_where_it_ended(asked, tmp_path):
    lines = asked.export_history(tmp_path / "tried.ndjson").read_text(encoding="utf-8").splitlines()

    events = [json.loads(line) for line in lines]
    facets = [each["run"]["facets"].get("tags") for each in events if each["eventType"] != "START"]
    tried = [tag for facet in facets if facet for tag in facet["tags"]]
    assert not any("tags" in each["run"]["facets"] for each in events if each["eventType"] == "START")
    assert all(tag["key"].startswith("attempt ") and "milliseconds: " in tag["value"] for tag in tried)
    assert any("readings: 1" in tag["value"] for tag in tried)
    assert any("readings: 0" in tag["value"] or "unread: " in tag["value"] for tag in tried)  # of what was declined


def test_a_try_that_failed_is_told_in_notebook_and_lineage():
    tried = Attempt("r1", "model", [], ["▢"], 7, "TimeoutError")
    run = Run("r1", datetime(2026, 1, 1, tzinfo=UTC), "d", "v1", "mean of ▢", "declined", attempts=(tried,))

    notebook = json.loads(write_notebook([run], lambda _name: True, references=False))
    end = json.loads(write_openlineage([run], lambda _name, _version: None).splitlines()[1])

    assert "Tried by: model, could not (TimeoutError), without ▢, 7 ms" in notebook["cells"][2]["source"]
    assert end["eventType"] == "ABORT"
    assert end["run"]["facets"]["tags"]["tags"] == [
        {
            "key": "attempt 1: model",
            "value": "could not: TimeoutError; unread: ▢; milliseconds: 7",
            "source": "clinical_nb",
        }
    ]
