"""What %clinical can be asked to do: one entry a command, from which parsing, help and completion follow."""

import argparse
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NoReturn

from IPython.core.error import UsageError

from clinical_nb.session import Session

Completes = Literal["dataset", "version", "run", "path", "proposal", "column", "field", "cohort", "nothing"]


@dataclass(frozen=True, slots=True)
class Kernel:
    """What a command works with: the session, the kernel's one panel, the person's variables, her startup files."""

    session: Session
    open_panel: Callable[[], object]
    variables: dict[str, object]
    startup: Path | None


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command, as argparse takes it, and what Tab offers for its value."""

    flags: tuple[str, ...]
    says: str
    completes: Completes = "nothing"
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name, one line of help, its arguments, and what it does with them.

    `run` receives the kernel, the parsed arguments and the cell's text, which is empty for a line magic. `cell` says
    what the lines below %%clinical hold, and is empty where there are none. Where `prose`, the line itself holds words
    rather than paths, in which an apostrophe is a letter and not a quote.
    """

    name: str
    says: str
    run: Callable[[Kernel, argparse.Namespace, str], None]
    arguments: tuple[Argument, ...] = ()
    cell: str = ""
    prose: bool = False


class HelpShownError(Exception):
    """The person asked for help and got it: there is nothing left to do."""


class _Parser(argparse.ArgumentParser):
    """argparse for a notebook: it never ends the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}. See {self.prog} -h.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise HelpShownError(message or status)


def parse(command: Command, line: str) -> argparse.Namespace:
    """Return the arguments that the rest of the line gives to a command.

    Raises
    ------
    UsageError
        When they are not what the command takes; the sentence says what is wrong.
    HelpShownError
        After `-h` was answered.

    """
    parser = _Parser(prog=f"%clinical {command.name}", description=command.says, allow_abbrev=False)
    for argument in command.arguments:
        parser.add_argument(*argument.flags, help=argument.says, **argument.options)
    return parser.parse_args(split_words(line, prose=command.prose))


def find_command(name: str, commands: Mapping[str, Command]) -> Command:
    """Return the command of that name.

    Raises
    ------
    UsageError
        When there is none; the sentence names the nearest.

    """
    if name in commands:
        return commands[name]
    close = get_close_matches(name.lower(), commands, n=1)
    hint = f"Did you mean '{close[0]}'?" if close else f"There are {', '.join(commands)}."
    raise UsageError(f"%clinical has no command '{name}'. {hint}")


def summarize(commands: Mapping[str, Command]) -> str:
    """Return the help that %clinical shows by itself: a line a command."""
    width = max(map(len, commands))
    lines = [f"  %clinical {command.name:<{width}}  {command.says}" for command in commands.values()]
    return "\n".join([*lines, "Each explains itself with -h: %clinical upload -h."])


def split_words(line: str, *, prose: bool) -> list[str]:
    """Split a line at blanks outside of quotes; a backslash is a letter, as Windows paths need it."""
    words = shlex.shlex(line, posix=True)
    words.whitespace_split = True
    words.commenters = ""
    words.escape = ""
    words.quotes = '"' if prose else "\"'"
    try:
        return list(words)
    except ValueError as error:
        raise UsageError(f"A quote is opened and not closed in: {line}") from error


def quote_word(word: str) -> str:
    """Return a word as `split_words` reads it; there is no way to write one that has both kinds of quotes."""
    if word and not any(letter.isspace() or letter in "\"'" for letter in word):
        return word
    return f"'{word}'" if '"' in word else f'"{word}"'
