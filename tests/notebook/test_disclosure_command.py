"""`%clinical disclosure` in a real shell: what it says, what cells show under it, and what it refuses."""

import json
import re

import pytest

from clinical_nb import current
from clinical_nb.notebook.views import view_answer, view_description

pytestmark = pytest.mark.slow  # each test starts an IPython shell


def test_a_profile_is_chosen_told_and_switched_off(notebook):
    assert notebook.run("%clinical disclosure").strip() == "Disclosure control is off."
    assert "cms11: counts of 1 to 10, and what would tell them, are suppressed." in notebook.run(
        "%clinical disclosure cms11"
    )
    assert "counts of 1 to 4" in notebook.run("%clinical disclosure custom --most 4 --round 2")
    assert "rounded to the nearest 2" in notebook.run("%clinical disclosure")
    assert "has its own numbers" in notebook.fail("%clinical disclosure nhs10 --most 3")
    assert "off" in notebook.run("%clinical disclosure off")
    assert "disclosure" in notebook.run("%clinical help")
    assert "--anew" in notebook.run("%clinical disclosure -h")


def test_a_cell_saves_nothing_that_is_suppressed(notebook):
    notebook.run("%clinical disclosure cms11")

    bundles = notebook.bundles("%%clinical ask\nhow many by arm\nmean age by arm")

    assert bundles
    for bundle in bundles:
        assert not re.search(r"\bn [1-9]\b|\bof [1-9]\b(?! to)|36", json.dumps(bundle)), bundle
    assert "suppressed" in json.dumps(bundles)


def test_rows_and_findings_are_not_shown_and_the_panel_has_neither(notebook):
    notebook.run("%clinical disclosure cms11")

    assert "shows rows of persons" in notebook.fail("%%clinical sql\nSELECT * FROM trial")
    session = current()
    listed = notebook.run("%clinical proposals")
    if session.current.proposals:
        assert "told with counts of rows" in listed
        assert ("Waits" in listed) == any(not each.is_done for each in session.current.proposals)
    else:
        assert "Nothing is proposed" in listed
    view = view_description(session, session.current)
    assert (view["findings"], view["proposals"]) == ([], [])
    answer = view_answer(session.ask("how many by arm"))
    assert "suppressed" in answer["html"]
    assert answer["chart"] is None


def test_what_is_accepted_quotes_no_cell_and_neither_does_the_description_after(notebook, tmp_path):
    ages = [20 + at % 50 for at in range(60)]
    ages[7] = 212
    lines = [f"{at},{'fm'[at % 2]},{age}" for at, age in enumerate(ages)]
    (tmp_path / "odd.csv").write_text("patient_id,sex,age\n" + "\n".join(lines) + "\n")
    notebook.run(f"%clinical upload {tmp_path / 'odd.csv'} --name odd")
    assert "212" in notebook.run("%clinical proposals odd")
    notebook.run("%clinical disclosure cms11")

    said = notebook.run("%clinical accept age --data odd")

    assert "age: changed, and how is not shown" in said
    assert "To undo: %clinical correct age clean=[]" in said
    for text in (said, notebook.run("%clinical describe odd")):
        assert "212" not in text
    assert current().find("odd").dictionary.column("odd", "age").clean  # so that there was something to tell
