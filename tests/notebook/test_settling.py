"""The commands about proposals and the dictionary, in a real shell on a real store; what Tab offers for them."""

import pytest
from IPython.core.completer import provisionalcompleter

from clinical_nb import Session

pytestmark = pytest.mark.slow  # each test starts an IPython shell

SEXES = ("F", "f", "M")


def messy_line(row: int) -> str:
    weight = -99 if row % 9 == 0 else 60 + row
    lab = "<5" if row % 10 == 0 else row * 1.5 + 5
    return f"{row},{SEXES[row % 3]},{weight},{lab},{row % 2}\n"


@pytest.fixture
def messy(notebook, tmp_path):
    """A shell whose dataset in use has a code for missing, values beyond a limit and spellings that look alike."""
    (tmp_path / "messy.csv").write_text("id,sex,weight,lab,status\n" + "".join(map(messy_line, range(1, 41))))
    notebook.said = notebook.run("%clinical upload messy.csv")
    return notebook


@pytest.fixture
def dataset(home):
    """Return the dataset as it is stored now."""
    return lambda: Session(home).find("messy")


def number_of(dataset, column: str) -> int:
    return next(number for number, each in enumerate(dataset.proposals, 1) if each.column == column)


def test_an_upload_says_how_many_proposals_wait_and_the_command(messy, dataset):
    waiting = len(dataset().proposals)

    assert f"{waiting} proposals wait for you: %clinical proposals messy" in messy.said


def test_proposals_are_listed_with_numbers_rows_and_what_is_done_in_words(messy):
    said = messy.run("%clinical proposals")

    assert "4 values of -99" in said
    assert "(rows 9, 18, 27, 36)" in said
    assert "Treat -99 as missing." in said
    assert "Write 'F' as 'f'." in said
    assert "%clinical accept 1 does it" in said


def test_nothing_proposed_is_said(notebook):
    notebook.run("%clinical accept all")

    assert notebook.run("%clinical proposals").strip() == "Nothing is proposed for trial."


def test_an_accepted_step_is_done_in_a_new_version_which_is_told_with_its_undoing(messy, dataset):
    said = messy.run(f"%clinical accept {number_of(dataset(), 'weight')}")

    assert f"messy: version 2 ({dataset().version[:8]})" in said
    assert "weight: treat -99 as missing" in said
    assert dataset().lazy().collect()["weight"].null_count() == 4

    messy.run(said.partition("To undo: ")[2].splitlines()[0])

    assert dataset().lazy().collect()["weight"].null_count() == 0


def test_columns_and_numbers_are_accepted_together(messy, dataset):
    messy.run(f"%clinical accept {number_of(dataset(), 'weight')}, sex")

    assert [step.do for name in ("weight", "sex") for step in dataset().dictionary.tables["messy"][name].clean] == [
        "missing",
        "recode",
    ]


@pytest.mark.parametrize("step", ["{do: censor, rule: limit}", '\'{"do": "censor", "rule": "limit"}\''])
def test_another_step_is_done_instead(messy, dataset, step):
    said = messy.run(f"%clinical accept lab --instead {step}")

    assert "lab: keep values beyond a limit (<5, >100) as such, counted as the limit itself" in said
    assert "lab: kind numeric (was text)" in said
    assert dataset().dictionary.column("messy", "lab").limit.rule == "limit"


def test_two_numbers_in_a_cell_are_split_by_the_names_that_a_person_gives(notebook, tmp_path, home):
    (tmp_path / "pressures.csv").write_text(
        "id,bp\n" + "".join(f"{row},{110 + row}/{70 + row}\n" for row in range(1, 9))
    )
    notebook.run("%clinical upload pressures.csv")

    assert "bp_systolic and bp_diastolic" in notebook.run("%clinical proposals")
    said = notebook.run(
        "%clinical accept bp --instead {do: split, into: [sbp, dbp], labels: [upper, lower], unit: mmHg}"
    )

    assert "bp: split at '/' into sbp and dbp (in mmHg), and keep the text" in said
    column = Session(home).find("pressures").dictionary.column("pressures", "dbp")
    assert (column.kind, column.label, column.unit) == ("numeric", "lower", "mmHg")


def test_another_role_is_taken_instead(messy, dataset):
    messy.run("%clinical accept id --instead role=visit label=serial")

    column = dataset().dictionary.column("messy", "id")
    assert (column.role, column.label, column.confirmed) == ("visit", "serial", True)


def test_an_accepted_row_keeps_its_key(messy, dataset):
    messy.run("%clinical accept messy")

    assert dataset().dictionary.grains["messy"].key == ("id",)
    assert dataset().dictionary.grains["messy"].confirmed


def test_a_row_can_be_rejected_which_leaves_open_what_it_is(messy, dataset):
    messy.run("%clinical reject messy")

    assert dataset().dictionary.grains["messy"].key == ()
    assert not any(each.column is None for each in dataset().proposals)


def test_what_a_row_is_can_be_said_instead(messy, dataset):
    messy.run("%clinical accept messy --instead row=visit")

    assert dataset().dictionary.grains["messy"].row == "visit"


def test_a_rejected_proposal_is_not_made_again_until_that_is_undone(messy, dataset):
    said = messy.run("%clinical reject weight --data messy")

    assert "weight: stays as it is, and this is not proposed again: treat -99 as missing" in said
    assert not any(each.column == "weight" for each in dataset().proposals)

    messy.run(said.partition("To undo: ")[2].splitlines()[0])

    assert any(each.column == "weight" for each in dataset().proposals)


def test_what_was_done_by_itself_is_listed_as_done_and_can_be_taken_back(notebook, home, tmp_path):
    rows = "\n".join(f"{row},{'broken' if row == 7 else 60 + row}" for row in range(1, 41))
    (tmp_path / "messy.csv").write_text(f"id,weight\n{rows}\n", encoding="utf-8")
    notebook.run("%clinical upload messy.csv")
    assert "Done: " in notebook.run("%clinical proposals")

    said = notebook.run("%clinical reject weight")

    assert "weight: no longer " in said
    assert str(Session(home).find("messy").lazy().collect_schema()["weight"]) == "String"


def test_fields_of_a_column_are_corrected_and_described(messy):
    said = messy.run('%clinical correct weight label="body weight" unit=kg')

    assert "weight: label body weight (was none)" in said
    assert "weight: unit kg (was none)" in said
    assert "To undo: %clinical correct weight label= unit= --data messy" in said
    described = messy.run("%clinical describe")
    assert "body weight" in described
    assert "kg" in described


def test_levels_event_and_missing_codes_are_corrected(messy, dataset):
    messy.run('%clinical correct status levels="0=alive; 1=dead" role=event event=dead')
    messy.run('%clinical correct weight missing="-99=refused"')

    columns = dataset().dictionary.tables["messy"]
    assert [(level.value, level.label) for level in columns["status"].levels] == [(0, "alive"), (1, "dead")]
    assert columns["status"].event == 1
    assert "treat -99 (refused) as missing" in messy.run("%clinical describe")
    assert columns["weight_missing"].levels[0].label == "refused"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("accept 99", "There is no proposal 99."),
        ("accept nowhere", "Nothing is proposed for 'nowhere'."),
        ("accept 1 2 --instead unit=kg", "Only one proposal can be changed at a time."),
        ("accept weight --instead {do: mising}", "In a cleaning step"),
        ("correct weihgt unit=kg", "Did you mean 'weight'?"),
        ("correct weight unt=kg", "Did you mean 'unit'?"),
        ("correct weight kg", "Write FIELD=VALUE"),
        ("correct weight kind=number", "cannot be corrected so"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence_and_changes_nothing(messy, dataset, line, said):
    before = dataset().version

    assert said in messy.fail(f"%clinical {line}")
    assert dataset().version == before


def test_correcting_to_what_is_already_so_makes_no_version(messy):
    assert "nothing changed, version 1 stays" in messy.run("%clinical correct weight kind=numeric")


def test_tab_offers_proposals_columns_fields_and_their_values(messy, dataset):
    def offered(text: str) -> list[str]:
        with provisionalcompleter():
            return [each.text for each in messy.shell.Completer.completions(text, len(text))]

    proposals = dataset().proposals
    assert set(offered("%clinical accept ")) >= {"1", str(len(proposals)), "weight", "all"}
    assert "1" not in offered("%clinical reject 1 ")
    assert offered("%clinical correct we") == ["weight"]
    assert "unit=" in offered("%clinical correct weight u")
    assert "event" in offered("%clinical correct status role=e")
    assert "numeric" in offered("%clinical correct weight unit=kg kind=n")
    assert offered("%clinical proposals m") == ["messy"]


def test_what_rows_are_is_corrected_by_the_name_of_the_table(messy, dataset):
    said = messy.run('%clinical correct messy row=visit key="id"')

    grain = dataset().dictionary.grains["messy"]
    assert (grain.row, grain.key, grain.confirmed) == ("visit", ("id",), True)
    assert "messy: one row per visit (key: id), confirmed" in said
