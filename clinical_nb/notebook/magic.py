"""%clinical and %%clinical: which command a line names, and what is shown when it fails."""

import argparse
import sys
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.display import display  # pyright: ignore[reportUnknownVariableType] - IPython does not type it

from clinical_nb.errors import ClinicalError
from clinical_nb.notebook import autoload
from clinical_nb.notebook.cohort_commands import COHORT_COMMANDS
from clinical_nb.notebook.commands import (
    Argument,
    Command,
    HelpShownError,
    Kernel,
    find_command,
    parse,
    summarize,
)
from clinical_nb.notebook.dataset_commands import DATASET_COMMANDS
from clinical_nb.notebook.disclosure_command import DISCLOSURE_COMMAND
from clinical_nb.notebook.export_commands import EXPORT_COMMANDS
from clinical_nb.notebook.model_command import MODEL_COMMAND
from clinical_nb.notebook.query_command import QUERY_COMMAND
from clinical_nb.notebook.question_commands import QUESTION_COMMANDS
from clinical_nb.notebook.settling_commands import SETTLING_COMMANDS
from clinical_nb.session import Session


@magics_class
class ClinicalMagics(Magics):
    """The commands of %clinical, each a function of the session."""

    def __init__(self, shell: InteractiveShell, session: Session, open_panel: Callable[[], object]) -> None:
        super().__init__(shell)
        profile = cast("Any", shell.profile_dir)  # pyright: ignore[reportUnknownMemberType] - not typed
        self.kernel = Kernel(
            session,
            open_panel,
            variables=shell.user_ns,  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - not typed
            startup=Path(profile.startup_dir) if profile is not None else None,
        )

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
            with _warnings_told():
                command.run(self.kernel, arguments, _cell_of(command, cell))
        except HelpShownError:
            return
        except KeyboardInterrupt:
            raise UsageError("Interrupted.") from None  # which also keeps the cells below from running
        except (ClinicalError, UsageError):
            raise
        except Exception:
            print(  # noqa: T201 - the person is told here, under the cell
                f"clinical_nb failed at '{name}'. This is a defect of clinical_nb, not something you did; "
                "nothing that was stored is lost. The traceback says where it happened.",
                file=sys.stderr,
            )
            raise


def as_line(lines: list[str]) -> list[str]:
    """Return a cell that is only `%%clinical …` as the line that it is: IPython refuses one with nothing below it."""
    said = [line for line in lines if line.strip()]
    alone = len(said) == 1 and said[0].partition(" ")[0].strip() == "%%clinical"
    return [said[0].removeprefix("%")] if alone else lines


@contextmanager
def _warnings_told() -> Generator[None]:
    """Say what the work warns of as a sentence, without the line of code that said it."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        yield
    for each in told:
        if issubclass(each.category, UserWarning):
            print(each.message)  # noqa: T201 - the person is told here, under the cell
        else:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def _cell_of(command: Command, cell: str | None) -> str:
    if cell and cell.strip() and not command.cell:
        raise UsageError(
            f"'{command.name}' takes one line: write %clinical {command.name}, and the rest in another cell."
        )
    return cell or ""


def _panel(kernel: Kernel, _arguments: argparse.Namespace, _cell: str) -> None:
    display(kernel.open_panel())


def _autoload(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    if kernel.startup is None:
        raise UsageError("This IPython runs without a profile, so that there is nowhere to load clinical_nb from.")
    actions = {"on": autoload.switch_on, "off": autoload.switch_off, "status": autoload.say_state}
    print(actions[arguments.state](kernel.startup))  # noqa: T201 - said under the cell


COMMANDS = {
    command.name: command
    for command in (
        *QUESTION_COMMANDS,
        QUERY_COMMAND,
        MODEL_COMMAND,
        *COHORT_COMMANDS,
        *DATASET_COMMANDS,
        *SETTLING_COMMANDS,
        *EXPORT_COMMANDS,
        DISCLOSURE_COMMAND,
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
    )
}
