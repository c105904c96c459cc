"""The command about what may leave: disclosure."""

import argparse

from clinical_nb.notebook.commands import Argument, Command, Kernel


def _disclosure(kernel: Kernel, arguments: argparse.Namespace, _cell: str) -> None:
    print(kernel.session.disclosure(arguments.profile, arguments.most, arguments.round, anew=arguments.anew))  # noqa: T201 - said under the cell


DISCLOSURE_COMMAND = Command(
    "disclosure",
    "suppresses small counts, and what would tell them, in all that is shown and saved",
    _disclosure,
    (
        Argument(
            ("profile",),
            "cms11, nhs10 (rounds to 5 as well), custom or off; without it, which one is in force",
            options={"choices": ("cms11", "nhs10", "custom", "off"), "nargs": "?", "type": str.casefold},
        ),
        Argument(("--most",), "for custom: the largest count that is small", options={"type": int, "metavar": "N"}),
        Argument(("--round",), "for custom: what others are rounded to", options={"type": int, "metavar": "N"}),
        Argument(
            ("--anew",), "forget what was shown before, because none of it has left", options={"action": "store_true"}
        ),
    ),
)
