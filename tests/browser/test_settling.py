"""What is proposed and the dictionary in a real JupyterLab: accept, change, reject, correct, as a person does it."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

SEXES = ("F", "f", "M")


@pytest.fixture
def messy():
    """A table with a code for missing, values beyond a limit, two numbers in one, dates as text, spellings."""
    lines = ["id,sex,weight,lab,bp,visit_date,dead"]
    lines += [
        f"{row},{SEXES[row % 3]},{-99 if row % 9 == 0 else 60 + row},{'<5' if row % 10 == 0 else row * 1.5 + 5},"
        f"{110 + row}/{70 + row % 10},{row % 28 + 1:02d}/{row % 12 + 1:02d}/2020,{row % 2}"
        for row in range(1, 41)
    ]
    return {"name": "messy.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}


@pytest.fixture
def notebook(lab, page):
    """A notebook with the panel open on an empty store."""
    notebook = lab.open(page, "%load_ext clinical_nb", "%clinical panel")
    notebook.run(0)
    notebook.run(1)
    expect(page.locator(".cnb-ready")).to_be_visible()
    return notebook


def test_proposals_are_accepted_changed_and_rejected_and_a_label_is_corrected(notebook, page, messy):
    page.get_by_role("tab", name="Upload").click()
    page.locator(".cnb-panel input[type=file]").set_input_files([messy])
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("messy is stored.")).to_be_visible()
    notebook.photograph("proposals-stored")
    page.get_by_role("button", name="proposals").click()
    expect(page.locator(".cnb-proposals")).to_contain_text("Treat -99 as missing.")
    expect(page.locator(".cnb-proposals")).to_contain_text("rows 9, 18, 27, 36")
    notebook.photograph("proposals")

    page.get_by_role("button", name="lab: Keep values").get_by_text("Change").click()
    page.get_by_label("In statistics, <5 counts as").select_option("limit")
    notebook.photograph("proposals-change")
    page.get_by_role("button", name="Do this instead").click()
    expect(page.get_by_text("messy is version 2 now.")).to_be_visible()
    expect(page.locator(".cnb-description")).to_contain_text("counted as the limit itself")

    page.get_by_role("button", name="weight: Treat").get_by_text("Change").click()
    page.get_by_label("Reason, if known: -99").fill("refused")
    page.get_by_label("Reason, if known: -99").press("Enter")
    expect(page.get_by_text("messy is version 3 now.")).to_be_visible()
    expect(page.locator(".cnb-description")).to_contain_text("treat -99 (refused) as missing")

    page.get_by_role("button", name="bp: Split").get_by_text("Change").click()
    page.get_by_label("Their labels, if they have any").fill("upper; lower")
    page.get_by_role("button", name="Do this instead").click()
    expect(page.get_by_text("messy is version 4 now.")).to_be_visible()
    expect(page.locator(".cnb-description")).to_contain_text("lower")
    page.get_by_role("button", name="visit_date: Read").get_by_text("Reject").click()
    expect(page.get_by_text("messy is version 5 now.")).to_be_visible()
    expect(page.locator(".cnb-proposals")).not_to_contain_text("visit_date")

    page.get_by_role("button", name="Correct weight", exact=True).click()
    page.get_by_label("Meaning").fill("<b>body</b> weight")
    page.get_by_label("Unit", exact=True).fill("kg")
    notebook.photograph("dictionary-correct")
    page.get_by_label("Unit", exact=True).press("Enter")
    expect(page.get_by_text("messy is version 6 now.")).to_be_visible()
    expect(page.locator(".cnb-description")).to_contain_text("<b>body</b> weight")
    expect(page.get_by_role("button", name="Correct weight", exact=True)).to_be_focused()

    page.get_by_role("button", name="Correct dead", exact=True).click()
    page.get_by_label("Label: 1").fill("dead")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".cnb-description")).to_contain_text("event (1 = dead)")

    page.get_by_role("button", name="Accept all").click()
    expect(page.get_by_text("messy is version 8 now.")).to_be_visible()
    expect(page.locator(".cnb-which")).to_contain_text("v8")
    notebook.photograph("proposals-settled")

    page.get_by_role("button", name="Correct bp", exact=True).click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("messy is version 9 now.")).to_be_visible()
    expect(page.get_by_role("button", name="Correct bp_systolic")).to_have_count(0)
    expect(page.locator(".cnb-proposals")).to_contain_text("Split at '/' into bp_systolic and bp_diastolic")


def test_a_change_that_cannot_be_is_told_and_the_form_stays(notebook, page, messy):
    page.get_by_role("tab", name="Upload").click()
    page.locator(".cnb-panel input[type=file]").set_input_files([messy])
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name="proposals").click()

    page.get_by_role("button", name="Correct weight", exact=True).click()
    page.get_by_label("Code of the event").fill("heavy")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.locator(".cnb-form").get_by_role("alert")).to_contain_text(
        "'heavy' is no value of a column of type integer"
    )
    expect(page.get_by_label("Code of the event")).to_have_value("heavy")
    notebook.photograph("dictionary-error")
    page.get_by_label("Code of the event").press("Escape")
    expect(page.get_by_label("Code of the event")).to_have_count(0)
    expect(page.get_by_role("button", name="Correct weight", exact=True)).to_be_focused()
