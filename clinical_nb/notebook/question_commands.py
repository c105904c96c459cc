"""The commands about questions: ask, history, rerun."""

import argparse
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from clinical_nb.notebook.commands import Argument, Command, Kernel
from clinical_nb.notebook.listing import show, show_listing
from clinical_nb.notebook.progress import Line, progress
from clinical_nb.notebook.views import say_time, view_history
from clinical_nb.session import Session

if TYPE_CHECKING:  # rendering comes with the first answer
    from clinical_nb.render.answer import Answer

NO_HISTORY = "Nothing was asked yet: %%clinical ask."


def _ask(kernel: Kernel, arguments: argparse.Namespace, cell: str) -> None:
    if arguments.into and not arguments.into.isidentifier():
        raise UsageError(f"--as needs the name of a variable, which '{arguments.into}' cannot be.")
    asked = [" ".join(arguments.question), *(line.strip() for line in cell.splitlines())]
    questions = [question for question in asked if question]
    if not questions:
        raise UsageError("Write the question in the lines below %%clinical ask, or behind %clinical ask.")
    answers: list[Answer] = []
    for question in questions:
        with progress(f"Answering: {question}") as line:
            answers.append(kernel.session.ask(question, data=arguments.data))
            show_answer(answers[-1], line)
    if arguments.into:
        kernel.variables[arguments.into] = answers[0] if len(answers) == 1 else answers


def _history(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    if arguments.how:
        _how(kernel, arguments.how)
        return
    sought = {
        "find": " ".join(arguments.find),
        "dataset": arguments.dataset,
        "since": _day(arguments.since) if arguments.since else None,
        "failed": arguments.failed,
    }
    if arguments.to:
        _export_history(kernel.session, arguments, sought)
        return
    runs = view_history(kernel.session, **sought)
    if not runs:
        print("Nothing in the history matches." if any(sought.values()) else NO_HISTORY)  # noqa: T201 - said under the cell
        return
    rows = [(run["id"], say_time(run["at"]), run["dataset"], run["question"], run["outcome"]) for run in runs]
    show_listing(("Run", "When", "Dataset", "Question", "Result"), rows[: arguments.last][::-1])


def _how(kernel: Kernel, run: str) -> None:
    """List what tried to read the question of a run."""
    rows = [
        (
            each["stage"],
            "; ".join(each["read"]),
            each["failure"] or ", ".join(each["unread"]),
            f"{each['milliseconds']:,} ms",
        )
        for each in kernel.session.attempts(run).to_dicts()
    ]
    if not rows:
        print("Nothing tried to read it: it is a plan, a rerun or no question.")  # noqa: T201 - said under the cell
        return
    show_listing(("Stage", "Read as", "Could not read", "Took"), rows)


def _export_history(session: Session, arguments: argparse.Namespace, sought: Mapping[str, Any]) -> None:
    runs = set(session.history(**sought)["run_id"]) if any(sought.values()) else None
    if runs is not None and not runs:
        raise UsageError("Nothing in the history matches, so nothing was written.")
    with progress("Writing the history") as line:
        file = session.export_history(
            Path(arguments.to).expanduser(), runs, arguments.form, references=arguments.references,
            replace=arguments.replace,
        )  # fmt: skip
        told = "the whole history" if runs is None else f"{len(runs):,} run{'s' * (len(runs) != 1)}"
        line.show({"text/plain": f"'{file}' holds {told}. What only this store can tell is withheld."})


def _rerun(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    with progress(f"Running {arguments.run} again") as line:
        show_answer(kernel.session.rerun(arguments.run, on_latest=arguments.latest), line)


def _forget(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    before = _day(arguments.before)
    if not arguments.yes:
        runs = [run for run in view_history(kernel.session) if run["at"] < before.isoformat()]
        told = f"{len(runs):,} run{'s' * (len(runs) != 1)} from before {before}"
        said = f"This deletes {told} from the history for good: nothing brings back what is deleted."
        raise UsageError(f"{said} To do so: %clinical forget --before {before} --yes")
    gone = kernel.session.forget(before)
    told = f"{gone:,} entr{'y' if gone == 1 else 'ies'} of the history from before {before} deleted"
    print(f"{told}; that it was done is an entry of its own.")  # noqa: T201 - said under the cell


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is no day: write it as 2026-01-31.") from error


def _verify(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    with progress("Verifying the history"):
        verdict = kernel.session.verify(arguments.seal)
    print(verdict)  # noqa: T201 - said under the cell


def _seal(kernel: Kernel, _arguments: argparse.Namespace, _cell: str) -> None:
    verdict = kernel.session.verify()
    if not verdict.is_whole:
        print(f"There is nothing to seal.\n{verdict}")  # noqa: T201 - said under the cell
        return
    print(  # noqa: T201 - said under the cell
        f"{verdict.seal}\n"
        f"Note it where nobody changes it; %clinical verify {verdict.seal} then tells whether the history still holds"
        f" its {verdict.entries:,} {'entry' if verdict.entries == 1 else 'entries'}."
    )


def show_answer(answer: "Answer", line: Line) -> None:
    """Display an answer in place of the line that said that it is worked on and, where it has one, its chart."""
    line.show({"text/html": answer.html(), "text/plain": str(answer)})
    chart = answer.chart_bundle()
    if chart:
        show(*chart)


QUESTION_COMMANDS = (
    Command(
        "ask",
        "answers a question in plain words; in %%clinical ask, each line below is a question",
        _ask,
        (
            Argument(("question",), "the question, or the number of a choice", options={"nargs": "*"}),
            Argument(("--data",), "the dataset; by default the one in use", "dataset", {"metavar": "NAME"}),
            Argument(("--as",), "keep the answer in this variable", options={"metavar": "VAR", "dest": "into"}),
        ),
        cell="questions",
        prose=True,
    ),
    Command(
        "history",
        "lists what was asked, newest last, or writes it to a file",
        _history,
        (
            Argument(("--find",), "only runs with these words", options={"nargs": "+", "default": ()}),
            Argument(("--dataset",), "only of this dataset", "dataset", {"metavar": "NAME"}),
            Argument(("--since",), "only from this day on, as 2026-01-31", options={"metavar": "DATE"}),
            Argument(("--how",), "how the question of a run was read, stage by stage", "run", {"metavar": "RUN"}),
            Argument(("--failed",), "only what was not answered", options={"action": "store_true"}),
            Argument(("--last",), "how many; by default 20", options={"type": int, "default": 20, "metavar": "N"}),
            Argument(
                ("--export",),
                "write it to a file instead: .ipynb (cells that ask again), .md (a report), .ndjson (OpenLineage)",
                "path",
                {"metavar": "FILE", "dest": "to"},
            ),
            Argument(
                ("--as",),
                "notebook, report or openlineage, where the file's ending is another",
                options={"choices": ("notebook", "report", "openlineage"), "dest": "form"},
            ),
            Argument(
                ("--references",),
                "in a notebook, questions with tokens for what is withheld: they run in this store only",
                options={"action": "store_true"},
            ),
            Argument(("--replace",), "replace a file that is there already", options={"action": "store_true"}),
        ),
    ),
    Command(
        "rerun",
        "runs a question of the history again, on the version that it was asked of",
        _rerun,
        (
            Argument(("run",), "the run's id, or its first characters", "run"),
            Argument(("--latest",), "on the newest version instead", options={"action": "store_true"}),
        ),
    ),
    Command(
        "verify",
        "checks that nothing in the history was changed, moved or taken out",
        _verify,
        (Argument(("seal",), "what %%clinical seal printed, to compare with", options={"nargs": "?"}),),
    ),
    Command(
        "forget",
        "deletes the history from before a day",
        _forget,
        (
            Argument(("--before",), "the day, as 2026-01-31", options={"required": True, "metavar": "DATE"}),
            Argument(("--yes",), "really", options={"action": "store_true"}),
        ),
    ),
    Command("seal", "prints where the history stands, to note elsewhere", _seal),
)
