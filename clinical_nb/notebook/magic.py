"""%clinical and %%clinical: what each command does, over the session."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.display import display  # pyright: ignore[reportUnknownVariableType] - IPython does not type it

from clinical_nb.errors import ClinicalError, NoDatasetError, UnknownDatasetError
from clinical_nb.notebook import autoload
from clinical_nb.notebook.commands import Argument, Command, HelpShownError, find_command, parse, summarize
from clinical_nb.notebook.listing import show, show_listing
from clinical_nb.notebook.progress import Line, progress
from clinical_nb.notebook.views import say_levels, say_shape, say_size, say_time, view_history
from clinical_nb.session import Dataset, Session

if TYPE_CHECKING:  # rendering comes with the first answer
    from clinical_nb.render.answer import Answer


@magics_class
class ClinicalMagics(Magics):
    """The commands of %clinical, each a function of the session."""

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self.session = session
        self.variables: dict[str, object] = shell.user_ns  # pyright: ignore[reportUnknownMemberType] - not typed
        self.profile: Any = shell.profile_dir  # pyright: ignore[reportUnknownMemberType] - not typed

    @line_cell_magic
    def clinical(self, line: str, cell: str | None = None) -> None:
        """Ask, upload and rerun: `%clinical` alone lists the commands."""
        name, _, rest = line.strip().partition(" ")
        if name in ("", "-h", "--help", "help"):
            print(summarize(COMMANDS))  # noqa: T201 - help is printed
            return
        command = find_command(name, COMMANDS)
        try:
            arguments = parse(command, rest)
            command.run(self, arguments, _cell_of(command, cell))
        except HelpShownError:
            return
        except (ClinicalError, UsageError):
            raise
        except Exception:
            print(  # noqa: T201 - the person is told here, under the cell
                f"clinical_nb failed at '{name}'. This is a defect of clinical_nb, not something you did; "
                "nothing that was stored is lost. The traceback says where it happened.",
                file=sys.stderr,
            )
            raise


def _cell_of(command: Command, cell: str | None) -> str:
    if cell and cell.strip() and not command.cell:
        raise UsageError(
            f"'{command.name}' takes one line: write %clinical {command.name}, and the rest in another cell."
        )
    return cell or ""


def _ask(magics: ClinicalMagics, arguments: argparse.Namespace, cell: str) -> None:
    if arguments.into and not arguments.into.isidentifier():
        raise UsageError(f"--as needs the name of a variable, which '{arguments.into}' cannot be.")
    asked = [" ".join(arguments.question), *(line.strip() for line in cell.splitlines())]
    questions = [question for question in asked if question]
    if not questions:
        raise UsageError("Write the question in the lines below %%clinical ask, or behind %clinical ask.")
    answers: list[Answer] = []
    for question in questions:
        with progress(f"Answering: {question}") as line:
            answers.append(magics.session.ask(question, data=arguments.data))
            show_answer(answers[-1], line)
    if arguments.into:
        magics.variables[arguments.into] = answers[0] if len(answers) == 1 else answers


def _upload(magics: ClinicalMagics, arguments: argparse.Namespace, _cell: str) -> None:
    paths = [Path(path).expanduser() for path in arguments.path]
    names = ", ".join(path.name for path in paths)
    started = datetime.now(UTC)
    with progress(f"Reading {names}") as line:
        dictionary = Path(arguments.dictionary).expanduser() if arguments.dictionary else None
        dataset = magics.session.upload(paths, name=arguments.name, dictionary=dictionary)
        what = "nothing new to store" if dataset.created < started else "stored"
        said = f"{dataset.name}: {say_size(dataset)}, version {dataset.number} ({dataset.version[:8]}), {what}."
        line.show({"text/plain": said})
    _show_findings(dataset)


def _datasets(magics: ClinicalMagics, _arguments: argparse.Namespace, _cell: str) -> None:
    datasets = magics.session.datasets()
    if not datasets:
        print(NO_DATASETS)  # noqa: T201 - said under the cell
        return
    current = magics.session.current
    rows = [
        (
            dataset.name + (" (in use)" if current and dataset.name == current.name else ""),
            say_size(dataset),
            f"{dataset.number} ({dataset.version[:8]})",
            say_time(dataset.created),
        )
        for dataset in datasets
    ]
    show_listing(("Dataset", "Rows and columns", "Version", "Stored"), rows)


def _use(magics: ClinicalMagics, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = magics.session.use(arguments.name)
    print(f"Questions are now about {dataset.name}: {say_size(dataset)}, version {dataset.number}.")  # noqa: T201 - said under the cell


def _describe(magics: ClinicalMagics, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = _find_dataset(magics.session, arguments.name)
    for table, columns in dataset.dictionary.tables.items():
        print(f"{table}: {say_shape(*dataset.tables[table])}")  # noqa: T201 - a heading under the cell
        show_listing(
            ("Column", "Meaning", "Kind", "Unit or levels"),
            [
                (name, column.label, column.kind, column.unit or say_levels([level.label for level in column.levels]))
                for name, column in columns.items()
            ],
        )
    _show_findings(dataset)


def _history(magics: ClinicalMagics, arguments: argparse.Namespace, _cell: str) -> None:
    words = [word.casefold() for word in arguments.find]
    runs = [
        run
        for run in view_history(magics.session)
        if all(word in f"{run['question']} {run['outcome']} {run['dataset']}".casefold() for word in words)
        and not (arguments.failed and run["status"] == "answered")
    ]
    if not runs:
        print("Nothing in the history matches." if words or arguments.failed else NO_HISTORY)  # noqa: T201 - said under the cell
        return
    rows = [(run["id"], say_time(run["at"]), run["dataset"], run["question"], run["outcome"]) for run in runs]
    show_listing(("Run", "When", "Dataset", "Question", "Result"), rows[: arguments.last][::-1])


def _rerun(magics: ClinicalMagics, arguments: argparse.Namespace, _cell: str) -> None:
    with progress(f"Running {arguments.run} again") as line:
        show_answer(magics.session.rerun(arguments.run, on_latest=arguments.latest), line)


def _drop(magics: ClinicalMagics, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = _find_dataset(magics.session, arguments.name)
    if not arguments.yes:
        raise UsageError(
            f"This deletes every version of '{dataset.name}' ({say_size(dataset)}) for good. "
            f'To do so: %clinical drop "{dataset.name}" --yes'
        )
    magics.session.drop(dataset.name)
    print(f"{dataset.name} is deleted.")  # noqa: T201 - said under the cell


def _panel(_magics: ClinicalMagics, _arguments: argparse.Namespace, _cell: str) -> None:
    # anywidget costs 47 ms: it comes with the first panel
    from clinical_nb.notebook.extension import open_panel  # noqa: PLC0415 - as the comment above says

    display(open_panel())


def _autoload(magics: ClinicalMagics, arguments: argparse.Namespace, _cell: str) -> None:
    if magics.profile is None:
        raise UsageError("This IPython runs without a profile, so that there is nowhere to load clinical_nb from.")
    startup = Path(magics.profile.startup_dir)
    actions = {"on": autoload.switch_on, "off": autoload.switch_off, "status": autoload.say_state}
    print(actions[arguments.state](startup))  # noqa: T201 - said under the cell


def show_answer(answer: "Answer", line: Line) -> None:
    """Display an answer in place of the line that said that it is worked on and, where it has one, its chart."""
    line.show({"text/html": answer.html(), "text/plain": str(answer)})
    chart = answer.chart_bundle()
    if chart:
        show(*chart)


def _find_dataset(session: Session, name: str | None) -> Dataset:
    datasets = {dataset.name: dataset for dataset in session.datasets()}
    if name is not None and name not in datasets:
        raise UnknownDatasetError(name, datasets)
    found = datasets[name] if name is not None else session.current
    if found is None:
        raise NoDatasetError
    return found


def _show_findings(dataset: Dataset) -> None:
    rows = [
        (finding.table, finding.column or "", f"{finding.rows:,}", finding.text, finding.proposal)
        for finding in dataset.report
    ]
    if rows:
        show_listing(("Table", "Column", "Rows", "What was found", "Proposal"), rows)


NO_DATASETS = "No datasets yet: drop a file on %clinical panel, or %clinical upload PATH."
NO_HISTORY = "Nothing was asked yet: %%clinical ask."
_DATASET = Argument(("name",), "the dataset", completes="dataset")
_THIS_DATASET = Argument(("name",), "the dataset; by default the one in use", "dataset", {"nargs": "?"})


def _by_name(commands: Sequence[Command]) -> dict[str, Command]:
    return {command.name: command for command in commands}


COMMANDS = _by_name(
    (
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
            "upload",
            "stores files as a dataset, or as its next version",
            _upload,
            (
                Argument(("path",), "CSV, TSV, Parquet, or a zip of these", "path", {"nargs": "+"}),
                Argument(("--name",), "the dataset's name; by default the first file's", "dataset"),
                Argument(("--dictionary",), "a CSV or YAML that says what columns mean", "path", {"metavar": "PATH"}),
            ),
        ),
        Command("datasets", "lists what the store holds", _datasets),
        Command("use", "makes questions be about a dataset", _use, (_DATASET,)),
        Command("describe", "shows a dataset's columns and what was found in its files", _describe, (_THIS_DATASET,)),
        Command(
            "history",
            "lists what was asked, newest last",
            _history,
            (
                Argument(("--find",), "only runs with these words", options={"nargs": "+", "default": ()}),
                Argument(("--failed",), "only what was not answered", options={"action": "store_true"}),
                Argument(("--last",), "how many; by default 20", options={"type": int, "default": 20, "metavar": "N"}),
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
        Command("panel", "opens the panel: ask, datasets, upload, history", _panel),
        Command(
            "autoload",
            "loads clinical_nb in every new kernel of this IPython profile",
            _autoload,
            (
                Argument(
                    ("state",),
                    "on, off or status",
                    options={"choices": ("on", "off", "status"), "nargs": "?", "default": "status"},
                ),
            ),
        ),
        Command(
            "drop",
            "deletes every version of a dataset",
            _drop,
            (_DATASET, Argument(("--yes",), "delete it", options={"action": "store_true"})),
        ),
    )
)
