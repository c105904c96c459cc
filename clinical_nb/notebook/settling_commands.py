"""The commands by which a person settles what is proposed and known: proposals, accept, reject, correct."""

import argparse
from collections.abc import Sequence

from clinical_nb.notebook.commands import Argument, Command, Kernel, quote_word
from clinical_nb.notebook.listing import show_listing
from clinical_nb.notebook.progress import progress
from clinical_nb.notebook.settling import Settled, accept, correct, reject, say_open, say_proposal
from clinical_nb.notebook.views import UNTOLD, say_rows
from clinical_nb.session import Dataset

_SHOWN = 12  # changes and commands that are printed; a wide file can have thousands


def _proposals(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = kernel.session.asked_of(arguments.name)
    proposals = dataset.proposals
    if not proposals:
        print(f"Nothing is proposed for {dataset.name}.")  # noqa: T201 - said under the cell
        return
    if kernel.session.profile is not None:
        placed = [(str(number), each.table, each.column or "", "Done" if each.is_done else "Waits")
                  for number, each in enumerate(proposals, 1)]  # fmt: skip
        show_listing(("", "Table", "Column", "State"), placed)
        print(UNTOLD)  # noqa: T201 - said under the cell
        return
    rows = [
        (
            str(number),
            each.table,
            each.column or "",
            each.text + say_rows(each.at, each.rows),
            f"Done: {say_proposal(each)}" if each.is_done else say_proposal(each) + (" Decide." if each.asks else ""),
        )
        for number, each in enumerate(proposals, 1)
    ]
    show_listing(("", "Table", "Column", "What was found", "Proposal"), rows)
    data = f" --data {quote_word(dataset.name)}" if arguments.name else ""
    print(  # noqa: T201 - said under the cell
        f"%clinical accept 1{data} does it, accept all what asks for no decision; "
        f"%clinical reject 1{data} leaves the column as it was."
    )


def _accept(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = kernel.session.asked_of(arguments.data)
    which = [word.removesuffix(",") for word in arguments.which]
    with progress(f"Accepting for {dataset.name}") as line:
        settled = accept(kernel.session, dataset, which, " ".join(arguments.instead or ()))
        line.show({"text/plain": _say(dataset, settled)})


def _reject(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    dataset = kernel.session.asked_of(arguments.data)
    which = [word.removesuffix(",") for word in arguments.which]
    with progress(f"Rejecting for {dataset.name}") as line:
        line.show({"text/plain": _say(dataset, reject(kernel.session, dataset, which))})


def _correct(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    from clinical_nb.dictionary.written import split_fields  # noqa: PLC0415 - pydantic comes with the first dataset

    dataset = kernel.session.asked_of(arguments.data)
    fields = split_fields(arguments.fields)
    with progress(f"Correcting {arguments.column} of {dataset.name}") as line:
        line.show({"text/plain": _say(dataset, correct(kernel.session, dataset, arguments.column, fields))})


def _say(before: Dataset, settled: Settled) -> str:
    """Return the version that came of it, what is otherwise, and how to undo it."""
    after = settled.dataset
    if after.version == before.version:
        return f"{after.name}: nothing changed, version {after.number} stays."
    lines = [f"{after.name}: version {after.number} ({after.version[:8]}).", *_bounded(settled.changes)]
    lines += [f"To undo: {command}" for command in _bounded([each + _data(before) for each in settled.undo])]
    return "\n".join([*lines, *filter(None, [say_open(after)])])


def _data(dataset: Dataset) -> str:
    return f" --data {quote_word(dataset.name)}"


def _bounded(lines: Sequence[str]) -> list[str]:
    more = [f"… and {len(lines) - _SHOWN:,} more"] if len(lines) > _SHOWN else []
    return [*lines[:_SHOWN], *more]


_DATA = Argument(("--data",), "the dataset; by default the one in use", "dataset", {"metavar": "NAME"})
_WHICH = Argument(
    ("which",), "numbers of proposals, names of columns, or all", "proposal", {"nargs": "+", "metavar": "WHICH"}
)

SETTLING_COMMANDS = (
    Command(
        "proposals",
        "lists what is proposed for a dataset, with numbers to accept or reject",
        _proposals,
        (Argument(("name",), "the dataset; by default the one in use", "dataset", {"nargs": "?"}),),
    ),
    Command(
        "accept",
        "does what is proposed, or something else instead, in the dataset's next version",
        _accept,
        (
            _WHICH,
            _DATA,
            Argument(
                ("--instead",),
                'what to do instead of the one named: \'{"do": "missing", "values": ["-99"]}\', or role=event event=2',
                options={"nargs": "+", "metavar": "STEP"},
            ),
        ),
    ),
    Command("reject", "leaves what is proposed, and takes back what was done by itself", _reject, (_WHICH, _DATA)),
    Command(
        "correct",
        "corrects what the dictionary says of a column, in the dataset's next version",
        _correct,
        (
            Argument(("column",), "the column, or table.column where several tables have it", "column"),
            Argument(
                ("fields",),
                'label, unit, kind, role, event, baseline; levels="1=drug; 2=placebo"; missing="-99=refused"; '
                'clean=\'[{"do": "numbers"}]\', or clean=[] for no step',
                "field",
                {"nargs": "+", "metavar": "FIELD=VALUE"},
            ),
            _DATA,
        ),
    ),
)
