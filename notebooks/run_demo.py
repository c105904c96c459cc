"""Runs the first notebook in a real kernel, prints each question with its answer, and keeps the notebook as HTML."""

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

PROJECT = Path(__file__).resolve().parent.parent
NOTEBOOK = PROJECT / "notebooks" / "01_first_questions.ipynb"
STORE = PROJECT / "data" / "store"
PAGE = PROJECT / "build" / "01_first_questions.html"


def main() -> None:
    """Run, print, and say where the page lies."""
    os.environ["CLINICAL_NB_HOME"] = str(STORE)
    print(f"Running {NOTEBOOK.name} in a new kernel; its store is {STORE.relative_to(PROJECT)}/ ...", flush=True)
    started = time.perf_counter()
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        extra_arguments=["--IPKernelApp.log_level=40"],
        store_widget_state=False,
        kernel_name="python3",
        resources={"metadata": {"path": NOTEBOOK.parent}},
    )
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code" and "%clinical panel" not in cell.source:
            show(cell)
    PAGE.parent.mkdir(exist_ok=True)
    # no scripts from elsewhere: the page is read where there is no network
    page, _ = HTMLExporter(
        embed_images=True, mathjax_url="", require_js_url="", widget_renderer_url=""
    ).from_notebook_node(notebook)
    PAGE.write_text(page, encoding="utf-8")
    print(
        f"Done in {time.perf_counter() - started:.0f} s. The notebook with its tables and figures: {PAGE.relative_to(PROJECT)}"
    )
    print("Run it again to see the dataset restored and the answers reused; `make lab` opens it in JupyterLab.")


def show(cell: nbformat.NotebookNode) -> None:
    """Print a cell and the plain text of what it displayed."""
    print("\n>>> " + "\n... ".join(line for line in cell.source.splitlines() if line))
    for output in cell.outputs:
        if output.output_type == "stream":
            print(output.text.rstrip())
        elif "image/png" not in output.get("data", {}) and "text/plain" in output.get("data", {}):
            print(output.data["text/plain"].rstrip(), end="\n\n")


if __name__ == "__main__":
    sys.exit(main())
