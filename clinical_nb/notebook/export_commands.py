"""The commands that take data out of the store: export, archive."""

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


def _archive(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    name = arguments.name
    to = Path(arguments.to).expanduser() if arguments.to else None
    with _said_below(), progress(f"Packing {name}") as line:
        file = kernel.session.archive(name, to, replace=arguments.replace)
        versions = len(kernel.session.versions(name))
        packed = f"{versions} version{'s' * (versions > 1)}, {file.stat().st_size / 1_000:,.0f} kB"
        line.show({"text/plain": f"{name}: {packed}, in '{file}', which only you can read."})


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
    Command(
        "archive",
        "packs a dataset, every version of it, into one file that %clinical upload takes in elsewhere",
        _archive,
        (
            Argument(("name",), "the dataset; its answers and its history are not packed", "dataset"),
            Argument(
                ("--to",),
                "the file, or a folder for it; by default here",
                "path",
                {"metavar": "FILE"},
            ),
            Argument(("--replace",), "replace a file that is there already", options={"action": "store_true"}),
        ),
    ),
)
