"""The history as a notebook: each question in a cell of its own, in order, with its dataset and version."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from clinical_nb.history.as_report import say_attempts
from clinical_nb.history.privacy import MASK
from clinical_nb.history.references import NAME, is_referred, show_masked
from clinical_nb.history.run import Run

_ASKED = ("answered", "unclear", "declined")  # what failed would end the notebook there
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_TITLE = """# What was asked

Run in the store where it was asked, each cell asks its question again, of the dataset as it is now; `%clinical rerun`
asks it of the version that is named. {told}"""
_MASKED = "What only that store can tell is ▢ or ◇; a question that holds some of it is a comment."
_REFERRED = "What only that store can tell is a token of ▢ or ◇, which it resolves and no other does."


def write_notebook(runs: Sequence[Run], is_held: Callable[[str], bool], *, references: bool) -> str:
    """Return the JSON of a notebook (nbformat 4.5) with a cell for each question or statement of SQL.

    Parameters
    ----------
    runs : sequence of Run
        Oldest first; those that are neither a question nor SQL are left out.
    is_held : callable
        Tells whether the store still has a dataset, by its name in the history; of another, a question is a comment.
    references : bool
        Whether questions are written with the tokens that stand for what is withheld, which their own store resolves;
        else such a question is a comment, in which all of it is masked.

    """
    cells = [
        _markdown("title", _TITLE.format(told=_REFERRED if references else _MASKED)),
        _code("load", "%load_ext clinical_nb"),
        *(cell for run in runs for cell in _cells(run, is_held, references=references)),
    ]
    notebook = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cells(run: Run, is_held: Callable[[str], bool], *, references: bool) -> Iterator[dict[str, Any]]:
    if not run.is_sql and run.status not in (*_ASKED, "failed"):
        return
    of = f" of {_plain(run.dataset)}, version {run.dataset_version}" if run.dataset else ""
    became = "" if run.status in ("answered", "queried") else f"; {run.status}"
    rerun = f"; `%clinical rerun {run.run_id}`" if run.status == "answered" else ""
    tried = f"\n\nTried by: {say_attempts(run)}" if run.attempts else ""
    yield _markdown(f"{run.run_id}-when", f"{run.at:%Y-%m-%d %H:%M:%S} UTC{of}{became}{rerun}{tried}")
    text = " ".join(run.question.split())
    if run.is_sql:
        yield _code(run.run_id, _sql(run, text))
    else:
        runs = run.status in _ASKED and is_held(run.dataset)
        yield _code(run.run_id, _question(run, text, references=references) if runs else f"# {show_masked(text)}")


def _question(run: Run, text: str, *, references: bool) -> str:
    is_masked = MASK in text or NAME in text
    is_writable = not set(run.dataset) & set('"\r\n') and is_referred(run.dataset)
    if not text or not is_writable or (is_masked and not (references and is_referred(text))):
        return f"# {show_masked(text)}"
    return f'%%clinical ask --data "{run.dataset}"\n{text}'


def _sql(run: Run, text: str) -> str:
    """Return a statement, whose values are not kept at all: with any it is a comment."""
    is_whole = run.status == "queried" and not {MASK, NAME} & set(text)
    return f"%%clinical sql\n{text}" if is_whole else f"# {show_masked(text)}"


def _plain(text: str) -> str:
    return f"`{' '.join(text.replace('`', ' ').split())}`"


def _markdown(cell: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": cell, "metadata": {}, "source": source}


def _code(cell: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell,
        "metadata": {},
        "outputs": [],
        "source": source,
    }
