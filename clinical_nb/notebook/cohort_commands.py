"""The commands about named cohorts: define, undefine, cohorts."""

import argparse

from IPython.core.error import UsageError

from clinical_nb.notebook.commands import Argument, Command, Kernel
from clinical_nb.notebook.listing import show_listing
from clinical_nb.notebook.views import view_cohorts
from clinical_nb.session import Dataset


def _define(kernel: Kernel, arguments: argparse.Namespace, cell: str) -> None:
    name = " ".join(arguments.cohort)
    if not name or not cell.strip():
        raise UsageError(
            "Write the name behind %%clinical define, and below it whom it is for: age over 65 and diabetes = yes."
        )
    dataset = kernel.session.define(name, cell, arguments.data)
    (said,) = [each["said"] for each in view_cohorts(dataset) if each["name"] == name]
    print(f"{name}: {said}. {_version(dataset)}")  # noqa: T201 - said under the cell


def _undefine(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    name = " ".join(arguments.cohort)
    dataset = kernel.session.undefine(name, arguments.data)
    print(f"{name} is no cohort any more. {_version(dataset)}")  # noqa: T201 - said under the cell


def _cohorts(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = kernel.session.asked_of(arguments.name)
    if not show_cohorts(dataset):
        print(f"No cohort of {dataset.name} has a name yet: %%clinical define NAME.")  # noqa: T201 - said under the cell


def show_cohorts(dataset: Dataset) -> bool:
    """List the named cohorts of a dataset, and tell whether there are any."""
    rows = [(each["name"], each["said"], each["text"]) for each in view_cohorts(dataset)]
    if rows:
        show_listing(("Cohort", "Read as", "As written"), rows)
    return bool(rows)


def _version(dataset: Dataset) -> str:
    return f"{dataset.name}: version {dataset.number} ({dataset.version[:8]})."


_DATA = Argument(("--data",), "the dataset; by default the one in use", "dataset", {"metavar": "NAME"})

COHORT_COMMANDS = (
    Command(
        "define",
        "names a cohort that questions can use: whom it is for stands in the lines below %%clinical define NAME",
        _define,
        (Argument(("cohort",), "the name", options={"nargs": "*", "metavar": "NAME"}), _DATA),
        cell="condition",
        prose=True,
    ),
    Command(
        "undefine",
        "takes the name of a cohort away",
        _undefine,
        (Argument(("cohort",), "the name", "cohort", {"nargs": "+", "metavar": "NAME"}), _DATA),
        prose=True,
    ),
    Command(
        "cohorts",
        "lists the named cohorts of a dataset",
        _cohorts,
        (Argument(("name",), "the dataset; by default the one in use", "dataset", {"nargs": "?"}),),
    ),
)
