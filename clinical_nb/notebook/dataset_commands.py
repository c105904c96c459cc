"""The commands about datasets: upload, datasets, use, describe, versions, drop."""

import argparse
from pathlib import Path

from IPython.core.error import UsageError

from clinical_nb.notebook.cohort_commands import show_cohorts
from clinical_nb.notebook.commands import Argument, Command, Kernel, quote_word
from clinical_nb.notebook.listing import show_listing
from clinical_nb.notebook.progress import progress
from clinical_nb.notebook.settling import say_open
from clinical_nb.notebook.views import (
    UNTOLD,
    say_copies,
    say_parent,
    say_rows,
    say_shape,
    say_size,
    say_source,
    say_time,
    say_versions,
    view_description,
)
from clinical_nb.session import Dataset, Session

_DESCRIBED = {
    "name": "Column",
    "label": "Meaning",
    "kind": "Kind",
    "role": "Role",
    "detail": "Unit or levels",
    "steps": "Cleaned",
}
_ALWAYS = ("name", "label", "kind", "detail")
NO_DATASETS = "No datasets yet: drop a file on %clinical panel, or %clinical upload PATH."


def _upload(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    paths = [str(Path(path).expanduser()) if path else "" for path in arguments.path]
    names = ", ".join(Path(path).name for path in paths)
    before = {(dataset.name, dataset.number, dataset.version) for dataset in kernel.session.datasets()}
    with progress(f"Reading {names}") as line:
        dictionary = Path(arguments.dictionary).expanduser() if arguments.dictionary else None
        dataset = kernel.session.upload(paths, name=arguments.name, dictionary=dictionary)
        is_known = (dataset.name, dataset.number, dataset.version) in before
        what = "nothing new to store" if is_known else "stored"
        said = f"{dataset.name}: {say_size(dataset)}, version {dataset.number} ({dataset.version[:8]}), {what}."
        line.show({"text/plain": said})
    _show_findings(kernel.session, dataset)
    if waiting := say_open(dataset):
        print(waiting)  # noqa: T201 - said under the cell


def _datasets(kernel: Kernel, _arguments: argparse.Namespace, _cell: str) -> None:
    datasets = kernel.session.datasets()
    if not datasets:
        print(NO_DATASETS)  # noqa: T201 - said under the cell
        return
    current = kernel.session.current
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


def _use(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = kernel.session.use(arguments.name)
    print(f"Questions are now about {dataset.name}: {say_size(dataset)}, version {dataset.number}.")  # noqa: T201 - said under the cell


def _describe(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = kernel.session.asked_of(arguments.name)
    for table in view_description(kernel.session, dataset)["tables"]:
        shape = say_shape(*dataset.tables[table["name"]])
        print(f"{table['name']}: {shape}" + (f", {table['grain']}" if table["grain"] else ""))  # noqa: T201 - a heading under the cell
        columns = table["columns"]
        fields = [field for field in _DESCRIBED if field in _ALWAYS or any(each[field] for each in columns)]
        rows = [[_in_a_cell(each[field]) for field in fields] for each in columns]
        show_listing([_DESCRIBED[field] for field in fields], rows)
    show_cohorts(dataset)
    questions = [each for each in dataset.proposals if each.asks and kernel.session.profile is None]
    if questions:
        show_listing(("Table", "To confirm"), [(each.table, each.text) for each in questions])
    _show_findings(kernel.session, dataset)
    if waiting := say_open(dataset):
        print(waiting)  # noqa: T201 - said under the cell


def _versions(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    name = kernel.session.asked_of(arguments.name).name
    versions = kernel.session.versions(name)
    rows = [
        (
            f"{version.number} (current)" if version is versions[-1] else str(version.number),
            version.version[:8],
            say_parent(version, versions),
            say_size(version),
            say_time(version.created),
            ", ".join(say_source(file.name, file.sha256) for file in version.source_files),
        )
        for version in versions
    ]
    print(f"{name}:")  # noqa: T201 - a heading under the cell
    show_listing(("Version", "Hash", "Parent", "Rows and columns", "Stored", "Files (SHA-256)"), rows)


def _diff(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    name = kernel.session.asked_of(arguments.name).name
    with progress(f"Comparing versions of {name}") as line:
        changes = kernel.session.diff(name, arguments.before, arguments.after)
        line.show({"text/plain": str(changes), "text/html": changes.html()})


def _drop(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = kernel.session.asked_of(arguments.name)
    versions = kernel.session.versions(dataset.name)
    found, which = versions, ""
    if arguments.version is not None:
        found = kernel.session.find_versions(dataset.name, arguments.version)
        which = f" --version {arguments.version}"
    if len(found) == len(versions):
        what = f"'{dataset.name}' and {say_versions(len(found))} ({say_size(dataset)})"
    else:
        named = " and ".join(f"version {each.number} ({each.version[:8]})" for each in found)
        what = f"{named} of '{dataset.name}' ({say_size(found[0])})"
    if not arguments.yes:
        again = f"To do so: %clinical drop {quote_word(dataset.name)}{which} --yes"
        copies = say_copies(kernel.session.copies(dataset.name))
        said = f"This deletes {what} for good: nothing brings back what is deleted."
        raise UsageError(" ".join(filter(None, [said, copies, again])))
    kernel.session.drop(dataset.name, arguments.version)
    print(f"Deleted: {what}.")  # noqa: T201 - said under the cell


def _in_a_cell(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "; ".join(value)


def _show_findings(session: Session, dataset: Dataset) -> None:
    if session.profile is not None:
        if dataset.report:
            print(UNTOLD)  # noqa: T201 - said under the cell
        return
    rows = [
        (
            finding.table,
            finding.column or "",
            f"{finding.rows:,}",
            finding.text + say_rows(finding.at, finding.rows),
            finding.proposal,
        )
        for finding in dataset.report
    ]
    if rows:
        show_listing(("Table", "Column", "Rows", "What was found", "Proposal"), rows)


_DATASET = Argument(("name",), "the dataset", completes="dataset")
_THIS_DATASET = Argument(("name",), "the dataset; by default the one in use", "dataset", {"nargs": "?"})

DATASET_COMMANDS = (
    Command(
        "upload",
        "stores files as a dataset, or as its next version",
        _upload,
        (
            Argument(
                ("path",),
                "CSV, TSV, Excel, ods, JSON, Parquet, Arrow, a zip or folder of these, or an archive",
                "path",
                {"nargs": "+"},
            ),
            Argument(("--name",), "the dataset's name; by default the first file's or the folder's", "dataset"),
            Argument(("--dictionary",), "a CSV or YAML that says what columns mean", "path", {"metavar": "PATH"}),
        ),
    ),
    Command("datasets", "lists what the store holds", _datasets),
    Command("use", "makes questions be about a dataset", _use, (_DATASET,)),
    Command("describe", "shows a dataset's columns and what was found in its files", _describe, (_THIS_DATASET,)),
    Command("versions", "lists the versions of a dataset, oldest first", _versions, (_THIS_DATASET,)),
    Command(
        "diff",
        "says what changed between two versions of a dataset: by default the current one and the one before",
        _diff,
        (
            _THIS_DATASET,
            Argument(("before",), "a version: its number, or the beginning of its hash", "version", {"nargs": "?"}),
            Argument(("after",), "the other; by default the current one", "version", {"nargs": "?"}),
        ),
    ),
    Command(
        "drop",
        "deletes a dataset, or one version of it",
        _drop,
        (
            _DATASET,
            Argument(("--version",), "only this version: its number, or the beginning of its hash", "version"),
            Argument(("--yes",), "delete it", options={"action": "store_true"}),
        ),
    ),
)
