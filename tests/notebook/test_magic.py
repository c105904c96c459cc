"""Each command of %clinical, in a real shell on a real store."""

import hashlib
from pathlib import Path
from unittest.mock import Mock

import pytest

from clinical_nb import Session, current
from clinical_nb.notebook.magic import COMMANDS
from clinical_nb.render.answer import Answer

pytestmark = pytest.mark.slow  # each test starts an IPython shell


def test_asking_in_a_cell_shows_the_reading_and_the_number(notebook):
    said = notebook.run("%%clinical ask\nmean age by arm")

    assert "Read as:" in said
    assert "active" in said
    assert "36" in said  # the mean of 31, 33 … 41


def test_each_line_of_a_cell_is_a_question(notebook):
    said = notebook.run("%%clinical ask\nmedian age\n\nhow many by arm\n")

    assert said.count("Read as:") == 2


def test_a_line_of_a_cell_may_go_on_from_the_one_above_and_from_an_earlier_cell(notebook):
    one = notebook.run("%%clinical ask\nmean age by arm\nand in those with a relapse?\n")
    two = notebook.run("%%clinical ask\nand overall?\n")

    assert "Read as: Mean of age by arm where relapse = yes" in one
    assert "Follows the question before: Mean of age by arm." in one
    assert "1. Mean of age where relapse = yes" in two


def test_a_number_alone_picks_a_reading_of_the_question_before(notebook):
    notebook.run("%%clinical ask\nmean age by arm where relapse = yes\nand overall?\n")

    assert "Read as: Mean of age by arm\n" in notebook.run("%%clinical ask 2")
    assert "Read as: Mean of age where relapse = yes\n" in notebook.run("%%clinical ask 1\n\n")
    assert "Choose 1 to 3." in notebook.run("%clinical ask 4")


def test_a_number_when_nothing_is_open_says_so(notebook):
    notebook.run("%%clinical ask\nmean age by arm")

    assert "No choices are open" in notebook.run("%%clinical ask 2")


def test_a_cell_that_is_only_the_command_is_run_as_a_line(notebook):
    assert "trial" in notebook.run("%%clinical datasets")
    assert "Write the question" in notebook.fail("%%clinical ask")


def test_a_cohort_is_defined_listed_described_used_and_taken_away(notebook):
    said = notebook.run("%%clinical define grey southerners\nage over 35 and centre = South")

    assert said.startswith("grey southerners: age > 35 and centre = South. trial: version 2 (")
    assert "grey southerners" in notebook.run("%clinical cohorts")
    assert "age > 35 and centre = South" in notebook.run("%clinical describe")
    assert "where age > 35 and centre = South" in notebook.run("%%clinical ask\nmean age by arm in grey southerners")
    assert "is no cohort any more" in notebook.run("%clinical undefine grey southerners")
    assert "No cohort of trial has a name yet" in notebook.run("%clinical cohorts")


def test_a_cohort_without_a_condition_or_with_the_name_of_a_column_is_one_sentence(notebook):
    assert "below it whom it is for" in notebook.fail("%%clinical define grey southerners")
    assert "'arm' is a word for 'arm' of 'trial' already" in notebook.fail("%%clinical define arm\nage over 35")


def test_a_question_on_the_line_may_have_an_apostrophe(notebook):
    said = notebook.run("%clinical ask what's the median age")

    assert "quote" not in said


def test_an_answer_is_shown_as_html_and_text_and_its_chart_beside_it(notebook, monkeypatch):
    monkeypatch.setenv("CLINICAL_NB_PROGRESS", "off")  # which a slow machine would show beside them
    answer, chart = notebook.bundles("%%clinical ask\nmean age by arm")

    assert set(answer) == {"text/html", "text/plain"}
    assert {"application/vnd.vegalite.v5+json", "image/png", "text/plain"} == set(chart)


def test_as_keeps_one_answer_or_the_list_of_several(notebook):
    notebook.run("%%clinical ask --as one\nmedian age")
    notebook.run("%%clinical ask --as several\nmedian age\nhow many by arm")

    assert isinstance(notebook.shell.user_ns["one"], Answer)
    assert [answer.question for answer in notebook.shell.user_ns["several"]] == ["median age", "how many by arm"]


def test_as_refuses_what_cannot_be_a_variable(notebook):
    said = notebook.fail("%%clinical ask --as 1st\nmedian age")

    assert said == "UsageError: --as needs the name of a variable, which '1st' cannot be."


def test_asking_nothing_says_where_the_question_goes(notebook):
    said = notebook.fail("%%clinical ask\n\n")

    assert said == "UsageError: Write the question in the lines below %%clinical ask, or behind %clinical ask."


def test_asking_of_a_dataset_by_name(notebook, trial):
    notebook.run(f"%clinical upload {trial} --name second")

    notebook.run("%%clinical ask --data trial --as answer\nmedian age")

    assert notebook.shell.user_ns["answer"].dataset == "trial"
    assert current().current.name == "second"


def test_asking_of_an_unknown_dataset_is_one_sentence(notebook):
    said = notebook.fail("%%clinical ask --data trail\nmedian age")

    assert said == "There is no dataset 'trail'. Did you mean 'trial'?"


def test_asking_before_any_upload_is_one_sentence(empty_notebook):
    said = empty_notebook.fail("%%clinical ask\nmedian age")

    assert said == "There is no dataset yet. Upload one: %clinical upload PATH."


def test_uploading_says_what_was_stored(empty_notebook, trial):
    said = empty_notebook.run(f"%clinical upload {trial} --name 'my trial'")

    version = current().current.version
    assert f"my trial: 12 \N{MULTIPLICATION SIGN} 5, version 1 ({version[:8]}), stored." in said


def test_uploading_a_file_that_is_not_there_is_one_sentence(empty_notebook):
    said = empty_notebook.fail("%clinical upload nowhere.csv")

    assert "nowhere.csv" in said
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1


def test_datasets_lists_them_and_marks_the_one_in_use(notebook, trial):
    notebook.run(f"%clinical upload {trial} --name second")

    said = notebook.run("%clinical datasets")

    assert "second (in use)" in said
    assert "trial " in said
    assert said.count("12 \N{MULTIPLICATION SIGN} 5") == 2


def test_datasets_of_an_empty_store_says_how_to_begin(empty_notebook):
    assert "%clinical upload PATH" in empty_notebook.run("%clinical datasets")


def test_use_changes_what_questions_are_about(notebook, trial):
    notebook.run(f"%clinical upload {trial} --name second")

    said = notebook.run("%clinical use trial")

    assert said.strip() == "Questions are now about trial: 12 \N{MULTIPLICATION SIGN} 5, version 1."
    assert current().current.name == "trial"


def test_describe_shows_each_column_with_its_kind_and_levels(notebook):
    said = notebook.run("%clinical describe")

    assert "trial: 12 \N{MULTIPLICATION SIGN} 5" in said
    assert "active, placebo" in said
    assert "numeric" in said


def test_describe_shows_roles_and_what_a_row_is_and_asks_what_is_assumed(notebook, tmp_path):
    (tmp_path / "patients.csv").write_text(
        "patient_id,arm,time,status\n" + "".join(f"{n},{'ab'[n % 2]},{n + 9.5},{n % 2 + 1}\n" for n in range(1, 9))
    )
    (tmp_path / "visits.csv").write_text(
        "patient_id,visit,sbp\n" + "".join(f"{n},{v},{n + v + 110}\n" for n in range(1, 8) for v in (1, 2))
    )
    notebook.run(f"%clinical upload {tmp_path / 'patients.csv'} {tmp_path / 'visits.csv'} --name study")

    said = notebook.run("%clinical describe study")

    assert "patients: 8 \N{MULTIPLICATION SIGN} 4, one row per patient (key: patient_id), not confirmed\n" in said
    assert (
        "visits: 14 \N{MULTIPLICATION SIGN} 3, one row per patient and visit (key: patient_id, visit), not confirmed; "
        "belongs to patients by patient_id, not confirmed\n"
    ) in said
    assert "event (2)" in said
    assert "status = 2 is the event and 1 is not: assumed" in said
    assert "1 of 8 patients have no row in 'visits'." in said


def test_describe_has_no_roles_where_none_is_known(notebook, tmp_path):
    (tmp_path / "plain.csv").write_text("age,weight\n" + "".join(f"{n},{n + 40.5}\n" for n in range(30, 50)))
    notebook.run(f"%clinical upload {tmp_path / 'plain.csv'}")

    said = notebook.run("%clinical describe plain")

    assert "plain: 20 \N{MULTIPLICATION SIGN} 2\n" in said
    assert "Role" not in said
    assert "To confirm" not in said


def test_names_from_data_are_escaped_where_they_are_shown(notebook, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("<img src=x onerror=alert(1)>,age\n<script>,1\n<b>,2\n", encoding="utf-8")
    notebook.run(f'%clinical upload {file} --name "<i>x</i>"')

    shown = notebook.html("%clinical describe") + notebook.html("%clinical datasets")

    assert "<img src=x" not in shown
    assert "<i>x" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown


def test_history_lists_what_was_asked_newest_last(notebook):
    notebook.run("%%clinical ask\nmedian age\nhow many by arm")

    said = notebook.run("%clinical history")

    assert said.index("median age") < said.index("how many by arm")


def test_history_finds_words_and_failures_and_the_last_few(notebook):
    notebook.run("%%clinical ask\nmedian age\nhow many by arm\nmedian xyzzy")

    assert "by arm" not in notebook.run("%clinical history --find median age")
    assert "median age" not in notebook.run("%clinical history --failed")
    assert "median age" not in notebook.run("%clinical history --last 2")
    assert notebook.run("%clinical history --find unheard").strip() == "Nothing in the history matches."


def test_history_is_exported_in_the_form_that_the_ending_or_as_says(notebook, tmp_path):
    notebook.run("%%clinical ask\nmedian age\nhow many by arm\nmedian xyzzy")

    said = notebook.run(f"%clinical history --failed --export {tmp_path}/failed.ipynb")
    whole = notebook.run(f"%clinical history --export {tmp_path}/all.txt --as report")

    assert "failed.ipynb' holds 1 run." in said
    assert "holds the whole history." in whole
    assert "median age" in (tmp_path / "all.txt").read_text()
    assert "median age" not in (tmp_path / "failed.ipynb").read_text()
    assert "is there already" in notebook.fail(f"%clinical history --export {tmp_path}/all.txt --as report")
    assert "Nothing in the history matches" in notebook.fail(f"%clinical history --find xx --export {tmp_path}/no.md")
    assert not (tmp_path / "no.md").exists()


def test_an_empty_history_says_how_to_begin(notebook):
    assert notebook.run("%clinical history").strip() == "Nothing was asked yet: %%clinical ask."


def test_rerun_answers_again_to_the_same_bits(notebook):
    notebook.run("%%clinical ask --as first\nmean age by arm")
    first = notebook.shell.user_ns["first"]

    said = notebook.run(f"%clinical rerun {first.run_id}")

    assert "Read as:" in said
    assert current().rerun(first.run_id).result == first.result


def test_rerunning_an_unknown_run_is_one_sentence(notebook):
    said = notebook.fail("%clinical rerun zzzzzz")

    assert said.startswith("The history has no run 'zzzzzz'.")
    assert len(said.splitlines()) == 1


def test_drop_asks_for_yes_and_then_deletes(notebook):
    refused = notebook.fail("%clinical drop trial")
    done = notebook.run("%clinical drop trial --yes")

    assert "To do so: %clinical drop trial --yes" in refused
    assert done.strip() == "Deleted: 'trial' and its only version (12 × 5)."  # noqa: RUF001 - the sign of multiplication
    assert current().datasets() == []


def test_drop_says_how_many_versions_go_and_that_they_do_not_come_back(notebook, trial):
    trial.write_text(trial.read_text() + "13,active,44,South,no\n")
    notebook.run(f"%clinical upload {trial}")

    refused = notebook.fail("%clinical drop trial")
    kept = notebook.run("%clinical versions trial")

    assert "deletes 'trial' and its 2 versions (13 × 5) for good: nothing brings back" in refused  # noqa: RUF001 - the same
    assert [line.split()[0] for line in kept.splitlines()[2:]] == ["1", "2"]


@pytest.mark.parametrize(
    "command", ["describe", "versions", "diff", "proposals", "cohorts", "accept all", "correct age unit=years"]
)
def test_after_the_dataset_in_use_was_dropped_the_others_are_named(notebook, trial, command):
    notebook.run(f"%clinical upload {trial} --name other")
    notebook.run("%clinical use trial")
    notebook.run("%clinical drop trial --yes")

    said = notebook.fail(f"%clinical {command}")

    assert said.strip() == "There is no dataset 'trial'. The only dataset is 'other'."


def test_drop_names_what_goes_with_the_dataset(notebook):
    damaged = current().home / "analytics.duckdb.damaged-0a1b"
    damaged.write_bytes(b"rows")

    refused = notebook.fail("%clinical drop trial")
    kept = damaged.exists()
    notebook.run("%clinical drop trial --yes")

    assert "because it may hold the same rows: 'analytics.duckdb.damaged-0a1b'. To do so:" in refused
    assert kept
    assert not damaged.exists()


def test_versions_say_what_they_were_made_from(notebook, trial):
    was = trial.read_text()
    for text in (was + "13,active,44,South,no\n", was):
        trial.write_text(text)
        notebook.run(f"%clinical upload {trial}")
    files = [hashlib.sha256(text.encode()).hexdigest()[:8] for text in (was, was + "13,active,44,South,no\n", was)]
    first, second, third = current().versions("trial")

    listed = notebook.run("%clinical versions").splitlines()[2:]
    notebook.run("%clinical drop trial --version 2 --yes")
    left = notebook.run("%clinical versions").splitlines()[2:]

    assert [f"trial.csv ({file})" in line for file, line in zip(files, listed, strict=True)] == [True] * 3
    assert [version.parent for version in (first, second, third)] == [None, first.version, second.version]
    assert f"1 ({first.version[:8]})" in listed[1]
    assert f"2 ({second.version[:8]})" in listed[2]
    assert [" (current)" in line for line in listed] == [False, False, True]
    assert f"{second.version[:8]}, deleted" in left[1]


def test_diff_says_what_changed_as_text_and_html(notebook, trial):
    trial.write_text(trial.read_text().replace("1,active,31,", "1,active,32,") + "13,sham,44,South,no\n")
    notebook.run(f"%clinical upload {trial}")

    (shown,) = notebook.bundles("%clinical diff trial")
    either_way = notebook.run("%clinical diff trial 2 1")
    same = notebook.run("%clinical diff trial 2")
    unknown = notebook.fail("%clinical diff trial 9")

    assert "Rows by id: 1 added, 0 removed, 1 changed (age 1), 11 as before" in shown["text/plain"]
    assert "Levels that appeared: arm: 'sham'" in shown["text/plain"]
    assert "11 as before</td>" in shown["text/html"]
    assert "Rows by id: 0 added, 1 removed, 1 changed (age 1)" in either_way
    assert "compared with itself: nothing differs" in same
    assert "'trial' has no version '9'." in unknown


def test_diff_of_a_dataset_with_one_version_is_one_sentence(notebook):
    said = notebook.fail("%clinical diff")

    assert said.startswith("'trial' has only one version: there is nothing to compare it with.")
    assert len(said.splitlines()) == 1


def test_versions_are_listed_and_one_of_them_is_dropped(notebook, trial):
    trial.write_text(trial.read_text() + "13,active,44,South,no\n")
    notebook.run(f"%clinical upload {trial}")

    listed = notebook.run("%clinical versions")
    refused = notebook.fail("%clinical drop trial --version 1")
    unknown = notebook.fail("%clinical drop trial --version 7 --yes")
    done = notebook.run("%clinical drop trial --version 1 --yes")
    left = notebook.run("%clinical versions trial")

    assert [line.split()[0] for line in listed.splitlines()[2:]] == ["1", "2"]
    assert "12 × 5" in listed.splitlines()[2]  # noqa: RUF001 - the sign of multiplication is meant
    assert "trial.csv" in listed.splitlines()[3]
    assert "deletes version 1 (" in refused
    assert refused.endswith("%clinical drop trial --version 1 --yes")
    assert "'trial' has no version '7'. Its versions are 1 (" in unknown
    assert done.startswith("Deleted: version 1 (")
    assert [line.split()[0] for line in left.splitlines()[2:]] == ["2"]


def test_a_misspelt_command_is_one_sentence_with_a_suggestion(notebook):
    assert (
        notebook.fail("%clinical uplaod x.csv")
        == "UsageError: %clinical has no command 'uplaod'. Did you mean 'upload'?"
    )


def test_an_unknown_option_is_one_sentence_that_points_to_help(notebook):
    said = notebook.fail("%clinical history --fnid x")

    assert said == "UsageError: %clinical history: unrecognized arguments: --fnid x. See %clinical history -h."


def test_an_open_quote_is_one_sentence(notebook):
    assert "A quote is opened and not closed" in notebook.fail("%clinical upload 'x.csv")


def test_a_cell_under_a_one_line_command_is_refused_rather_than_ignored(notebook):
    said = notebook.fail("%%clinical datasets\nmedian age")

    assert said == "UsageError: 'datasets' takes one line: write %clinical datasets, and the rest in another cell."


def test_clinical_alone_lists_every_command(notebook):
    said = notebook.run("%clinical")

    assert [name for name in COMMANDS if f"%clinical {name} " not in said] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(notebook, name):
    said = notebook.run(f"%clinical {name} -h")

    assert f"usage: %clinical {name}" in said
    assert COMMANDS[name].says.split(";")[0][:40] in " ".join(said.split())


def test_a_defect_is_named_as_one_and_keeps_its_traceback(notebook, monkeypatch):
    monkeypatch.setattr(Session, "datasets", None)

    said = notebook.fail("%clinical datasets")

    assert "This is a defect of clinical_nb, not something you did" in said
    assert "TypeError" in said


def test_exporting_names_the_files_and_says_what_csv_does_not_keep(notebook, tmp_path):
    (tmp_path / "notes.csv").write_text("id,note\n1,=1+1\n2,fine\n")
    notebook.run(f"%clinical upload {tmp_path / 'notes.csv'}")

    said = notebook.run(f"%clinical export notes --to {tmp_path / 'out'}")

    assert f"notes: 2 files in '{tmp_path / 'out'}', which only you can read: notes.csv, notes.dictionary.yaml." in said
    assert "may run as a formula, since they begin with =, +, - or @: an apostrophe was written before each" in said
    assert "Warning" not in said
    assert "already" in notebook.fail(f"%clinical export notes --to {tmp_path / 'out'}")


def test_an_archive_is_packed_here_and_taken_in_under_another_name(notebook):
    said = notebook.run("%clinical archive trial")
    again = notebook.run("%clinical upload trial.clinical.zip")
    other = notebook.run("%clinical upload trial.clinical.zip --name copy")

    size = Path("trial.clinical.zip").stat().st_size
    assert said == f"trial: 1 version, {size / 1_000:.0f} kB, in 'trial.clinical.zip', which only you can read."
    assert "nothing new to store" in again
    assert "copy: 12 " in other
    assert other.endswith(", stored.")
    assert "already" in notebook.fail("%clinical archive trial")


def test_a_warning_is_a_sentence_without_the_line_of_code_that_said_it(notebook, trial, home):
    notebook.run(f"%clinical upload {trial} --name trial")
    (parquet,) = (home / "parquet").glob("*.parquet")
    parquet.write_bytes(b"rot")

    said = notebook.run("%%clinical ask\nhow many rows are there?")

    assert "A table was damaged or lost on the disk; it was rebuilt" in said
    assert "UserWarning" not in said


def test_an_interrupted_command_is_one_word(notebook, trial, monkeypatch):
    monkeypatch.setattr("clinical_nb.session.Session.upload", Mock(side_effect=KeyboardInterrupt))

    assert notebook.fail(f"%clinical upload {trial}").splitlines()[-1] == "UsageError: Interrupted."


def test_a_name_of_two_lines_is_listed_in_one(notebook, trial):
    current().upload(trial, name="two\nlines")

    assert "two lines" in notebook.run("%clinical datasets")


def test_a_language_model_is_set_told_at_load_shown_and_left(notebook):
    assert notebook.run("%clinical model").startswith("No language model is asked.")

    said = notebook.run("%clinical model http://127.0.0.1:9/v1 tiny")
    assert "the language model 'tiny' at http://127.0.0.1:9/v1, on this machine, is asked" in said
    assert "the language model 'tiny'" in notebook.run("%reload_ext clinical_nb")

    shown = notebook.run("%clinical model --show usual age of folks on the pill")
    assert shown.startswith("To 'tiny' at http://127.0.0.1:9/v1, on this machine, this would be sent:")
    assert '"question": "usual age of folks on the pill"' in shown

    refused = notebook.run("%%clinical ask\nusual age of folks on the pill")
    assert "The language model 'tiny' is not there: nobody listens at its address." in refused
    (run,) = [line for line in notebook.run("%clinical history").splitlines() if "usual age" in line or "▢" in line]
    how = notebook.run(f"%clinical history --how {run.split()[0]}")
    assert "model" in how
    assert "is not there: nobody listens at its address" in how

    assert notebook.run("%clinical model off").startswith("No language model is asked.")
    assert "tiny" not in notebook.run("%reload_ext clinical_nb")


def test_a_language_model_outside_has_to_be_agreed_to(notebook):
    told = notebook.fail("%clinical model https://models.example/v1 big")

    assert "models.example is not this machine: for each question that cannot be read it would be sent" in told
    assert "--send-outside" in told
    assert "OUTSIDE of this machine" in notebook.run("%clinical model https://models.example/v1 big --send-outside")
