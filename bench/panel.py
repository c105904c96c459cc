"""The panel with a history of 10,000 questions in a real browser: rows in the page, a key, frames while scrolling."""

import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "browser"))  # the browser's tests start the same

from conftest import Lab, start_browser, start_lab
from test_long_history import RUNS, fill

# How long from a key to the rows that it leaves, in ms, as the median of typing ten letters one by one.
TYPE = """() => {
    const input = document.querySelector(".cnb-panel input[name=find]");
    const taken = [];
    for (const text of ["q", "qu", "que", "question", "question n", "number 7", "number 77", "77", "7", ""]) {
        const began = performance.now();
        input.value = text;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        document.querySelector(".cnb-window").getBoundingClientRect();
        taken.push(performance.now() - began);
    }
    return taken.sort((a, b) => a - b);
}"""
# The time between frames while 200 frames scroll from the top to the end, in ms.
SCROLL = """() => new Promise((resolve) => {
    const list = document.querySelector(".cnb-window");
    const step = (list.scrollHeight - list.clientHeight) / 200;
    const taken = [];
    let before = performance.now();
    const frame = () => {
        const now = performance.now();
        taken.push(now - before);
        before = now;
        list.scrollTop += step;
        if (taken.length < 200) requestAnimationFrame(frame);
        else resolve(taken.slice(1).sort((a, b) => a - b));
    };
    requestAnimationFrame(frame);
})"""
NODES = "() => document.querySelectorAll('.cnb-panel *').length"


@contextmanager
def opened(lab: Lab) -> Generator[Any]:
    """Open a notebook's panel at its history, with a window like a person's."""
    for browser in start_browser():
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(60_000)
        notebook = lab.open(page, "%load_ext clinical_nb", "%clinical panel")
        notebook.run(0)
        notebook.run(1)
        page.get_by_role("tab", name="History").click()
        page.wait_for_function(
            "(runs) => document.querySelector('.cnb-run')?.getAttribute('aria-setsize') === String(runs)", arg=RUNS
        )
        yield page


def main() -> None:
    """Measure, and print a line for each."""
    with tempfile.TemporaryDirectory() as place:
        for lab in start_lab(Path(place)):
            fill(lab.folder / "clinical_data" / "history")
            with opened(lab) as page:
                keys, frames = page.evaluate(TYPE), page.evaluate(SCROLL)
                print(f"{RUNS:,} questions: {page.locator('.cnb-run').count()} rows, {page.evaluate(NODES)} elements")
                print(f"from a key to its rows, median of 10       {keys[5]:8.1f} ms, longest {keys[-1]:.1f} ms")
                print(
                    f"between frames while scrolling, median     {frames[99]:8.1f} ms, 95th of 100 {frames[189]:.1f} ms"
                )


if __name__ == "__main__":
    main()
