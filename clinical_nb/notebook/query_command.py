"""The command about rows: sql."""

import argparse

from IPython.core.error import UsageError

from clinical_nb.notebook.commands import Argument, Command, Kernel
from clinical_nb.notebook.progress import progress


def _sql(kernel: Kernel, arguments: argparse.Namespace, cell: str) -> None:
    if arguments.into and not arguments.into.isidentifier():
        raise UsageError(f"--as needs the name of a variable, which '{arguments.into}' cannot be.")
    if arguments.statement or not cell.strip():
        raise UsageError("Write the statement in the lines below %%clinical sql, such as SELECT * FROM trial LIMIT 5.")
    with progress("Selecting rows") as line:
        selection = kernel.session.sql(cell)
        line.show({"text/html": selection.html(), "text/plain": str(selection)})
    if arguments.into:
        kernel.variables[arguments.into] = selection.frame


QUERY_COMMAND = Command(
    "sql",
    "selects rows of the stored tables; in %%clinical sql, the statement stands in the lines below",
    _sql,
    (
        Argument(("statement",), "nothing: the statement stands in the lines below", options={"nargs": "*"}),
        Argument(
            ("--as",), "keep the rows in this variable: a lazy Polars frame", options={"metavar": "VAR", "dest": "into"}
        ),
    ),
    cell="statement",
    prose=True,
)
