"""A history of 10,000 questions in the panel: few rows are in the page, and all are scrolled, sought and filtered."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from clinical_nb.history.chain import START, chained, make_key, write_anchor
from clinical_nb.history.events import Outcome, Question, new_run_id, to_entry
from clinical_nb.history.logger import ENTRIES_PER_FILE

pytestmark = pytest.mark.slow

RUNS = 10_000
MOST_ROWS = 40  # in the page, whatever is scrolled
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def fill(folder):
    """Write a history of as many questions as logging them would have left, in a hundredth of the time."""
    folder.mkdir(parents=True)
    key, link, lines = make_key(folder), START, []
    for number in range(RUNS):
        run, at = new_run_id(), BEGIN + timedelta(minutes=number)
        status = "declined" if number % 1000 == 7 else "answered"
        said = Question(run, "trial", "0123456789abcdef", f"question number {number}", status)
        for event in (said, Outcome(run, f"n = {number}")):
            line, link = chained(to_entry(event, at), link, key)
            lines.append(line)
    for place in range(0, len(lines), ENTRIES_PER_FILE):
        (folder / f"queries-{place // ENTRIES_PER_FILE + 1:06}.jsonl").write_bytes(
            b"".join(lines[place : place + ENTRIES_PER_FILE])
        )
    write_anchor(folder, link, key)


@pytest.fixture
def notebook(lab, page):
    fill(lab.folder / "clinical_data" / "history")
    notebook = lab.open(page, "%load_ext clinical_nb", "%clinical panel")
    notebook.run(0)
    notebook.run(1)
    page.get_by_role("tab", name="History").click()
    expect(page.locator(".cnb-run").first).to_contain_text(f"question number {RUNS - 1}")
    return notebook


def test_ten_thousand_questions_are_scrolled_sought_and_filtered(notebook, page):
    rows, window = page.locator(".cnb-run"), page.locator(".cnb-window")
    expect(page.locator('[data-part="listed"]')).not_to_contain_text("on their way")
    expect(rows.first).to_have_attribute("aria-setsize", str(RUNS))
    notebook.photograph("history-long")
    assert rows.count() <= MOST_ROWS

    window.evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    expect(rows.last).to_contain_text("question number 0")
    assert rows.count() <= MOST_ROWS

    window.evaluate("(list) => { list.scrollTop = list.scrollHeight / 2; }")
    expect(rows.filter(has_text="question number 5000")).to_have_count(1)
    assert rows.count() <= MOST_ROWS

    page.get_by_label("Find in the history").fill("number 77")
    expect(page.locator('[data-part="listed"]')).to_have_text(
        "280 of 10,000"
    )  # numbers of up to four digits with 77 in them
    expect(rows.first).to_contain_text("question number 9977")
    notebook.photograph("history-sought")

    page.get_by_label("Find in the history").fill("")
    page.get_by_role("button", name="Only failed").click()
    expect(rows).to_have_count(10)
    page.get_by_label("Find in the history").fill("nothing of that kind")
    expect(page.get_by_text("Nothing matches")).to_be_visible()


def test_a_new_question_is_added_to_ten_thousand_and_the_place_is_kept(notebook, page, lab, indo_rct):
    window = page.locator(".cnb-window")
    expect(page.locator('[data-part="listed"]')).not_to_contain_text("on their way")
    window.evaluate("(list) => { list.scrollTop = 20000; }")
    expect(page.locator(".cnb-run").filter(has_text="question number 9640")).to_have_count(1)

    page.get_by_role("tab", name="Upload").click()
    page.locator(".cnb-panel input[type=file]").set_input_files([indo_rct])
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("indo_rct is stored.")).to_be_visible()
    page.get_by_role("tab", name="Ask").click()
    page.get_by_label("Question").fill("mean age by rx")
    page.get_by_label("Question").press("Enter")
    expect(page.locator(".cnb-page:visible .cnb-result")).to_be_visible()

    page.get_by_role("tab", name="History").click()
    expect(page.locator('[data-part="listed"]')).not_to_contain_text("on their way")
    window.evaluate("(list) => { list.scrollTop = 0; }")
    expect(page.locator(".cnb-run").first).to_contain_text("mean age by rx")
    expect(page.locator(".cnb-run").first).to_have_attribute("aria-setsize", str(RUNS + 1))
    page.locator(".cnb-run").first.get_by_role("button", name="Rerun").click()
    expect(page.locator(".cnb-again")).to_contain_text("every number equals")
    notebook.photograph("history-rerun")

    (lab.folder / "indo_rct.csv").write_text("\n".join(indo_rct.read_text().splitlines()[:-1]) + "\n")
    page.get_by_role("tab", name="Upload").click()
    page.locator(".cnb-panel input[type=file]").set_input_files([lab.folder / "indo_rct.csv"])
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".cnb-which")).to_contain_text("601 \N{MULTIPLICATION SIGN} 33")
    page.get_by_role("tab", name="History").click()
    page.locator(".cnb-run").last.wait_for(state="attached")
    page.get_by_role("button", name="Rerun on the newest").first.click()
    expect(page.locator(".cnb-differences")).to_contain_text("Version 1 \N{RIGHTWARDS ARROW} Version 2")
    expect(page.locator(".cnb-differences table")).to_contain_text("mean")
    page.locator(".cnb-differences").scroll_into_view_if_needed()
    notebook.photograph("history-difference")
