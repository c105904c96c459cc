"""The history as a report in Markdown: each question, how it was read and computed, with what, and when."""

import re
from collections.abc import Iterator, Sequence

from clinical_nb.history.events import Attempt
from clinical_nb.history.references import show_masked
from clinical_nb.history.run import Run

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")  # what people called their columns is text, and never markup
_METHOD = "method"  # among the versions of what computed an answer


def write_report(runs: Sequence[Run]) -> str:
    """Return a section for each run, oldest first; what only the store can tell is ▢ or ◇."""
    first, last = (f"{run.at:%Y-%m-%d}" for run in (runs[0], runs[-1])) if runs else ("", "")
    when = f", {first} to {last} (UTC)" if runs else ""
    told = f"{len(runs):,} entr{'y' if len(runs) == 1 else 'ies'}{when}. What only the store can tell is ▢ or ◇."
    sections = (_section(number, run) for number, run in enumerate(runs, 1))
    return "\n\n".join(("# History", told, *sections)) + "\n"


def _section(number: int, run: Run) -> str:
    head = f"## {number}. {_said(run.question) or run.status}"
    return "\n".join((head, "", *(f"- {name}: {value}" for name, value in _facts(run))))


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    """Return what is known of a run, each with what it is called."""
    versions = dict(run.versions or {})
    method = versions.pop(_METHOD, str((run.plan or {}).get("kind", "")))
    used = "" if run.rows_kept is None else f", of which {run.rows_kept:,} were used"
    facts = {
        "When": f"{run.at:%Y-%m-%d %H:%M:%S} UTC",
        "Dataset": f"{_said(run.dataset)}, version {_code(run.dataset_version)}" if run.dataset else "",
        "Became": run.status,
        "Read as": _said(run.reading or ""),
        "Tried by": say_attempts(run),
        "Result": _said(run.summary or ""),
        "Failed with": _said(run.failure or ""),
        "Method": _code(method),
        "Rows": "" if run.rows_in is None else f"{run.rows_in:,}{used}",
        "Took": "" if run.milliseconds is None else f"{run.milliseconds:,} ms",
        "Taken from": "the store, where it was computed before" if run.reused else "",
        "Versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "Run": _code(run.run_id),
        "Run key": _code(run.run_key or ""),
        "Goes on from": _code(run.parent or ""),
    }
    return ((name, said) for name, said in facts.items() if said)


def say_attempts(run: Run) -> str:
    """Return which stages tried to read a question and what each made of it, in Markdown; nothing where none did."""
    return "; ".join(map(_tried, run.attempts))


def _tried(attempt: Attempt) -> str:
    """Say what one stage made of a question, all of it masked already."""
    became = f"could not ({attempt.failure})" if attempt.failure else f"{len(attempt.read)} readings"
    became = "1 reading" if not attempt.failure and len(attempt.read) == 1 else became
    unread = f", without {_said(', '.join(attempt.unread))}" if attempt.unread else ""
    return f"{attempt.stage}, {became}{unread}, {attempt.milliseconds:,} ms"


def _said(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(show_masked(text).split()))


def _code(text: str) -> str:
    return f"`{text.replace('`', ' ')}`" if text else ""
