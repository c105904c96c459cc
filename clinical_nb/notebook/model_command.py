"""The command about the language model: which is asked, what it is sent, and that none is."""

import argparse

from IPython.core.error import UsageError

from clinical_nb.notebook.commands import Argument, Command, Kernel
from clinical_nb.session import Session

_URL_AND_NAME = 2
_NONE = (
    "No language model is asked. %clinical model URL NAME asks one where a question cannot be read, such as"
    " %clinical model http://127.0.0.1:8080/v1 qwen3"
)


def say_model(session: Session) -> str:
    """Say which language model is asked, where, and how to stop that; empty where none is."""
    if session.model is None:
        return ""
    return (
        f"Where a question cannot be read, the language model {session.model.where}, is asked: %clinical model --show"
        " QUESTION tells what it is sent, %clinical model off stops it."
    )


def _model(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    session, words = kernel.session, arguments.address
    if arguments.show:
        print(session.request_for(" ".join(arguments.show)))  # noqa: T201 - said under the cell
        return
    if words == ["off"]:
        session.leave_model()
    elif len(words) == _URL_AND_NAME:
        session.use_model(*words, send_outside=arguments.send_outside)
    elif words:
        raise UsageError("Write the address and the model's name: %clinical model http://127.0.0.1:8080/v1 qwen3")
    print(say_model(session) or _NONE)  # noqa: T201 - said under the cell


MODEL_COMMAND = Command(
    "model",
    "says which language model is asked where a question cannot be read, sets one, or off",
    _model,
    (
        Argument(
            ("address",), "the address and the model's name; or off", options={"nargs": "*", "metavar": "URL NAME"}
        ),
        Argument(
            ("--send-outside",),
            "agree that questions and the names of columns are sent to a machine that is not this one",
            options={"action": "store_true"},
        ),
        Argument(
            ("--show",),
            "print what would be sent for a question, and send nothing",
            options={"nargs": "+", "metavar": "QUESTION"},
        ),
    ),
    prose=True,
)
