"""The commands that take data out of the store: export."""

import argparse
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from clinical_nb.notebook.commands import Argument, Command, Kernel
from clinical_nb.notebook.progress import progress


def _export(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    name, folder = arguments.name, Path(arguments.to).expanduser()
    with _said_below(), progress(f"Exporting {name}") as line:
        files = kernel.session.export(name, folder, arguments.format, arguments.version, replace=arguments.replace)
        listed = ", ".join(file.name for file in files)
        line.show({"text/plain": f"{name}: {len(files)} files in '{folder}', which only you can read: {listed}."})


@contextmanager
def _said_below() -> Generator[None]:
    """Print what is warned of as plain sentences, without the line of code that a warning shows."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        yield
    for warning in told:
        print(warning.message)  # noqa: T201 - said under the cell


EXPORT_COMMANDS = (
    Command(
        "export",
        "writes a dataset's tables, and what their columns mean, to files for other programs",
        _export,
        (
            Argument(("name",), "the dataset", "dataset"),
            Argument(("--to",), "the folder; made if it is not there", "path", {"metavar": "FOLDER", "required": True}),
            Argument(
                ("--format",),
                "csv (the default; does not keep what is text and what a number), parquet or arrow",
                options={"choices": ("csv", "parquet", "arrow"), "default": "csv"},
            ),
            Argument(
                ("--version",),
                "its number, or the beginning of its hash; by default the current one",
                options={"metavar": "V"},
            ),
            Argument(("--replace",), "replace files that are there already", options={"action": "store_true"}),
        ),
    ),
)
