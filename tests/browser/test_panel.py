"""The panel in a real JupyterLab: upload, ask, restart, rerun, as a person does it. Pictures go to build/screenshots.

`docs/panel.png`, which README.md shows, is a copy of `build/screenshots/answer-light.png`.
"""

import os
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from clinical_nb.session import Session

pytestmark = pytest.mark.slow

LOAD, PANEL = "%load_ext clinical_nb", "%clinical panel"
QUESTION = "compare stent by treatment"
# One call that lets no other thread run (PyDLL keeps Python's lock) until somebody writes to the pipe beside it.
HOLD_THE_KERNEL = "import ctypes; ctypes.PyDLL(None).open(b'held', 0)"
START = """(cell) => {
    jupyterapp.shell.currentWidget.content.activeCellIndex = cell;
    jupyterapp.commands.execute("notebook:run-cell");
}"""


@pytest.fixture
def notebook(lab, page):
    """A notebook with the panel open on an empty store."""
    notebook = lab.open(page, LOAD, PANEL, HOLD_THE_KERNEL)
    notebook.run(0)
    notebook.run(1)
    expect(page.locator(".cnb-ready")).to_be_visible()
    return notebook


def upload(page: Page, *files: Path | dict) -> None:
    page.get_by_role("tab", name="Upload").click()
    page.locator(".cnb-panel input[type=file]").set_input_files(list(files))
    page.get_by_role("button", name="Upload", exact=True).click()


def ask(page: Page, question: str) -> Locator:
    page.get_by_role("tab", name="Ask").click()
    page.get_by_label("Question").fill(question)
    page.get_by_label("Question").press("Enter")
    answer = page.locator(".cnb-page:visible .cnb-result")
    expect(answer).to_be_visible()
    return answer


def ask_the_kernel(notebook, code: str) -> str:
    """Run code in the notebook's kernel and return what it prints."""
    return notebook.page.evaluate(
        """async (code) => {
            const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
            const asked = kernel.requestExecute({ code });
            let said = "";
            asked.onIOPub = ({ content }) => { said += content.text ?? ""; };
            await asked.done;
            return said;
        }""",
        code,
    )


def test_upload_ask_restart_and_rerun(notebook, page, indo_rct):
    notebook.photograph("empty")
    dictionary = indo_rct.with_name(f"{indo_rct.stem}_dictionary.csv")
    page.get_by_role("tab", name="Upload").click()
    page.locator(".cnb-panel input[type=file]").set_input_files([indo_rct, dictionary])
    expect(page.get_by_label(f"What {dictionary.name} holds")).to_have_value("dictionary")
    notebook.photograph("chosen")

    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("indo_rct is stored.")).to_be_visible()
    expect(page.locator(".cnb-which")).to_contain_text("602 \N{MULTIPLICATION SIGN} 33")
    notebook.photograph("stored")

    answer = ask(page, QUESTION)
    expect(answer).to_contain_text("Is one of these meant?")
    notebook.photograph("unclear")
    answer.get_by_role("button", name="Compare pdstent").click()
    expect(answer).to_contain_text("247 of 295")
    expect(answer).to_contain_text("249 of 307")
    expect(answer.locator("img.cnb-chart")).to_be_visible()
    notebook.photograph("answer")

    notebook.restart_kernel()
    expect(page.get_by_role("alert")).to_contain_text("The kernel restarted. Run the cell with %load_ext clinical_nb")
    notebook.photograph("restarted")
    notebook.run(0)
    assert "indo_rct: 602 \N{MULTIPLICATION SIGN} 33, version 1" in notebook.output(0)
    expect(page.locator(".cnb-restarted")).to_have_count(0)
    expect(page.locator(".cnb-which")).to_contain_text("602 \N{MULTIPLICATION SIGN} 33")

    page.get_by_role("tab", name="History").click()
    page.locator(".cnb-run").get_by_role("button", name="Rerun").first.click()
    expect(page.locator(".cnb-again")).to_contain_text("247 of 295")
    expect(page.locator(".cnb-run")).to_have_count(3)
    notebook.photograph("history")

    page.get_by_role("tab", name="Datasets").click()
    page.get_by_role("button", name="Describe indo_rct").click()
    expect(page.locator(".cnb-description")).to_contain_text("post-ERCP pancreatitis")
    notebook.photograph("datasets")


def test_the_panel_opened_again_in_a_new_kernel_has_the_data_and_the_history(notebook, page, lab, indo_rct):
    assert notebook
    upload(page, indo_rct)
    ask(page, "median age")

    again = lab.open(page, LOAD, PANEL)
    again.run(0)
    again.run(1)

    expect(page.locator(".cnb-which")).to_contain_text("indo_rct602 \N{MULTIPLICATION SIGN} 33")
    expect(page.get_by_role("tab", name="History")).to_contain_text("1")


def test_a_panel_drawn_twice_shows_the_same_in_both(notebook, page, indo_rct):
    upload(page, indo_rct)
    expect(page.get_by_text("is stored.")).to_be_visible()
    page.evaluate("""() => {
        const { sharedModel } = jupyterapp.shell.currentWidget.context.model;
        sharedModel.insertCell(2, { cell_type: "code", source: "%clinical panel" });
    }""")

    notebook.run(2)

    expect(page.locator(".cnb-panel")).to_have_count(2)
    for panel in page.locator(".cnb-panel").all():
        expect(panel.locator(".cnb-which")).to_contain_text("602 \N{MULTIPLICATION SIGN} 33")


def test_an_upload_in_another_notebook_is_seen_when_one_comes_to_the_panel(notebook, lab, indo_rct):
    with Session(lab.folder / "clinical_data") as other:
        other.upload(indo_rct, name="theirs")
    notebook.page.get_by_role("tab", name="Datasets").focus()

    expect(notebook.page.locator(".cnb-which")).to_contain_text("theirs")


def test_a_question_that_is_not_understood_says_which_word(notebook, page, indo_rct):
    upload(page, indo_rct)
    expect(page.get_by_text("is stored.")).to_be_visible()

    answer = ask(page, "how many readmissions")

    expect(answer).to_contain_text("readmissions")
    notebook.photograph("declined")


def test_a_question_before_any_data_is_answered_with_what_to_do(notebook, page):
    page.get_by_label("Question").fill("median age")
    page.get_by_label("Question").press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("There is no dataset yet.")
    notebook.photograph("error")


def test_a_bad_file_is_refused_in_the_panel(notebook, page):
    upload(page, {"name": "scan.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(range(256))})

    expect(page.get_by_role("alert")).to_contain_text("scan.csv")
    notebook.photograph("refused")


@contextmanager
def kernel_held(page: Page, folder: Path):
    """Keep the kernel from hearing anything in this block."""
    pipe = folder / "held"
    os.mkfifo(pipe)
    page.evaluate(START, 2)
    try:
        yield
    finally:
        os.close(os.open(pipe, os.O_RDWR))


def test_a_busy_kernel_is_named_and_the_upload_can_be_cancelled(notebook, lab, page):
    rows = b"age,arm\n" + b"41,active\n" * 1_000_000
    page.get_by_role("tab", name="Upload").click()

    with kernel_held(page, lab.folder):
        upload(page, {"name": "large.csv", "mimeType": "text/csv", "buffer": rows})
        expect(page.locator(".cnb-busy")).to_have_text(re.compile(r"kernel busy, \d queued"))
        notebook.photograph("busy")
        page.get_by_role("button", name="Cancel").click()

    expect(page.locator(".cnb-ready")).to_be_visible()
    expect(page.locator(".cnb-progress")).to_have_count(0)
    assert ask_the_kernel(notebook, "from clinical_nb import current; print(current().datasets())") == "[]\n"


def test_a_file_of_several_chunks_arrives_whole(notebook, page):
    rows = b"age,arm\n" + b"41,active\n30,placebo\n" * 500_000

    upload(page, {"name": "large.csv", "mimeType": "text/csv", "buffer": rows})

    expect(page.get_by_text("large is stored.")).to_be_visible()
    expect(page.locator(".cnb-which")).to_contain_text("1,000,000 \N{MULTIPLICATION SIGN} 2")
    expect(ask(page, "how many by arm")).to_contain_text("500,000")
    assert notebook


def test_the_tabs_are_moved_with_the_arrow_keys(notebook, page):
    page.get_by_role("tab", name="Ask").focus()

    for key, tab in (("ArrowRight", "Datasets"), ("End", "History"), ("ArrowRight", "Ask"), ("ArrowLeft", "History")):
        page.keyboard.press(key)

        expect(page.get_by_role("tab", name=tab)).to_be_focused()
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        expect(page.locator(".cnb-page:visible")).to_have_count(1)
    assert notebook


def test_what_files_and_people_say_is_text_and_never_markup(notebook, page):
    name = "<img src=x onerror=window.hit=1>"
    rows = f"{name},arm\n1,<script>window.hit=1</script>\n2,<b>x</b>\n".encode()
    upload(page, {"name": "<i>a<i>.csv", "mimeType": "text/csv", "buffer": rows})
    expect(page.get_by_text("is stored.")).to_be_visible()
    page.get_by_role("tab", name="Datasets").click()
    page.get_by_role("button", name="Describe").click()
    expect(page.locator(".cnb-description")).to_contain_text(name)

    answer = ask(page, f"how many by arm {name}")

    expect(answer).to_be_visible()
    assert page.locator(".cnb-panel img[src=x], .cnb-panel i i, .cnb-panel script").count() == 0
    assert page.evaluate("window.hit") is None
    assert notebook


def test_versions_are_compared_and_the_dataset_deleted_only_when_confirmed(notebook, page, tmp_path):
    file = tmp_path / "trial.csv"
    rows = [f"{number},{'active' if number % 2 else 'placebo'},{30 + number}" for number in range(1, 41)]
    file.write_text("\n".join(["id,arm,age", *rows]) + "\n")
    upload(page, file)
    expect(page.locator(".cnb-which")).to_contain_text("v1 ")
    rows[3] = "4,<b>sham</b>,35.5"
    file.write_text("\n".join(["id,arm,age,bmi", *(f"{row},{20 + at}" for at, row in enumerate(rows[1:]))]) + "\n")
    upload(page, file)
    expect(page.locator(".cnb-which")).to_contain_text("v2 ")

    page.get_by_role("tab", name="Datasets").click()
    page.get_by_role("button", name="Versions of trial").click()
    versions = page.locator(".cnb-versions")
    expect(versions.locator("tbody th[scope=row]")).to_have_count(2)
    changed = versions.get_by_role("button", name="What changed from version 1 to 2")
    changed.press("Enter")
    expect(versions).to_contain_text("2 changed: + bmi (integer), age integer → float")
    expect(versions).to_contain_text("0 added, 1 removed, 1 changed (arm 1, age 1), 38 as before")
    expect(versions).to_contain_text("arm: '<b>sham</b>'")
    expect(changed).to_be_focused()
    expect(changed).to_have_attribute("aria-expanded", "true")
    notebook.photograph("versions")
    changed.press("Enter")
    expect(changed).to_have_attribute("aria-expanded", "false")

    page.get_by_role("button", name="Delete trial …").click()
    question = page.get_by_role("alertdialog", name="Delete trial")
    expect(question).to_contain_text("Delete trial and its 2 versions?")
    expect(question.get_by_role("button", name="Keep")).to_be_focused()
    notebook.photograph("deleting")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(page.get_by_role("button", name="Delete trial …")).to_be_focused()
    page.keyboard.press("Enter")
    question.get_by_role("button", name="Delete", exact=True).click()

    expect(page.locator(".cnb-panel").get_by_text("No datasets yet")).to_be_visible()
    assert ask_the_kernel(notebook, "import clinical_nb; print(clinical_nb.current().datasets())").strip() == "[]"


def test_a_question_can_be_inserted_as_a_cell(notebook, page, indo_rct):
    upload(page, indo_rct)
    ask(page, "median age").get_by_role("button", name="Insert as cell").click()

    source = page.evaluate("() => jupyterapp.shell.currentWidget.context.model.sharedModel.cells.at(-1).source")

    assert source == '%%clinical ask --data "indo_rct"\nmedian age'
    assert notebook


def test_with_autoload_the_panel_comes_back_by_itself_after_a_restart(notebook, page, indo_rct):
    upload(page, indo_rct)
    expect(page.get_by_text("is stored.")).to_be_visible()
    ask_the_kernel(notebook, "%clinical autoload on")
    try:
        notebook.restart_kernel()
        ask_the_kernel(notebook, "1")
        expect(page.locator(".cnb-ready")).to_be_visible()

        expect(ask(page, "median age")).to_contain_text("45.0")
    finally:
        ask_the_kernel(notebook, "%clinical autoload off")


def test_a_file_can_be_dropped(notebook, page):
    page.get_by_role("tab", name="Upload").click()
    dropped = page.evaluate_handle("""() => {
        const dropped = new DataTransfer();
        dropped.items.add(new File(["age,arm\\n41,active\\n30,placebo\\n"], "dropped.csv"));
        return dropped;
    }""")

    page.locator(".cnb-drop").dispatch_event("drop", {"dataTransfer": dropped})
    page.get_by_label("Name", exact=True).fill("mine")
    page.get_by_label("Name", exact=True).press("Enter")

    expect(page.get_by_text("mine is stored.")).to_be_visible()
    assert notebook


def test_what_is_suggested_is_asked_with_a_click(notebook, page, indo_rct):
    upload(page, indo_rct)
    expect(page.get_by_text("is stored")).to_be_visible()
    answer = ask(page, "mean age")
    suggestion = answer.get_by_role("group", name="What can be asked next").get_by_role("button").first
    expect(answer.locator(".cnb-next")).to_be_hidden()
    expect(suggestion).to_contain_text("same by")
    notebook.photograph("suggested")

    suggestion.click()

    expect(answer).to_contain_text("Follows the question before")
