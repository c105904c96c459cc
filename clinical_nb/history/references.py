"""What the history only points at: values and names stay in the store, each under a token that says nothing of it."""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from clinical_nb.history.chain import make_key, parse, read_key
from clinical_nb.history.logger import hold_history
from clinical_nb.history.privacy import MASK

_DIGITS = 12  # of a token: two of a million values are the same one in 2 of 10^9 stores
NAME = "◇"
_PUBLIC = "public "  # in the place of a token: what stands behind it is a name that may be written
_TOKEN = re.compile(rf"[{MASK}{NAME}][0-9a-f]{{{_DIGITS}}}")

Kind = Literal["value", "name"]


class References:
    """The tokens of one history, and what each stands for, in a file beside its folder.

    A token is made with the history's key: the same value of the same dataset has the same token, and who has neither
    the file nor the key cannot tell what it is, nor try out what it could be.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder.with_name(f"{folder.name}.values")
        self._known: dict[str, tuple[str, str]] = {}
        self._read_up_to = (0, 0)

    def refer(self, text: str, dataset: str, kind: Kind = "value") -> str:
        """Return the token of a text, and keep what it stands for; where that cannot be written, a mask."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            key = read_key(self._folder)
            token = _token(text, dataset, kind, key) if key else ""
            if token and token in self._all():
                return token
            with hold_history(self._folder):
                key = read_key(self._folder) or make_key(self._folder)
                token = _token(text, dataset, kind, key)
                self._append({"token": token, "dataset": dataset, "text": text})
        except OSError:  # writing the history itself will say so
            return MASK if kind == "value" else NAME
        return token

    def publish(self, name: str) -> None:
        """Let the name of a dataset be written as it is: a person chose it, of words that name nobody."""
        if not self.is_public(name):
            with suppress(OSError):
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with hold_history(self._folder):
                    self._append({"token": _PUBLIC, "dataset": name, "text": name})

    def is_public(self, name: str) -> bool:
        """Tell whether the name of a dataset may be written as it is."""
        return f"{_PUBLIC}{name}" in self._all()

    def name(self, name: str) -> str:
        """Return what a dataset or table is called in the history: its name where that is public, else a token."""
        return name if not name or self.is_public(name) else self.refer(name, "", "name")

    def resolve(self, text: str) -> str:
        """Return a text with what its tokens stand for; one whose value is not here stays."""
        known = self._all() if _TOKEN.search(text) else {}
        return _TOKEN.sub(lambda found: known.get(found[0], (found[0],))[0], text)

    def show(self, text: str) -> str:
        """Return a text as it is shown: names as they are, values masked."""
        return show_masked(_TOKEN.sub(lambda found: self.resolve(found[0]) if found[0][0] == NAME else MASK, text))

    def forget(self, dataset: str) -> None:
        """Delete what the tokens of a dataset stand for: they stay in the history, and say nothing any more.

        Its name and those of its tables stay, so that the history can say what was dropped, until the entries that
        hold their tokens are cleared.

        Raises
        ------
        OSError
            When it cannot be written.

        """
        self._keep(lambda entry: entry["dataset"] != dataset)

    def forget_tokens(self, tokens: Collection[str]) -> None:
        """Delete what some tokens stand for.

        Raises
        ------
        OSError
            When it cannot be written.

        """
        self._keep(lambda entry: entry["token"] not in tokens)

    def _keep(self, stays: Callable[[dict[str, str]], bool]) -> None:
        if not self._file.exists():
            return
        with hold_history(self._folder):
            kept = [*filter(stays, self._entries())]
            beside = self._file.with_name(f"{self._file.name}.new")
            descriptor = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as written:
                written.writelines(map(_line, kept))
                written.flush()
                os.fsync(written.fileno())
            beside.replace(self._file)

    def _all(self) -> dict[str, tuple[str, str]]:
        """Return each token's text and dataset; the file is read again only where another process wrote it."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return {}
        state = (found.st_mtime_ns, found.st_size)
        if state != self._read_up_to:
            entries = list(self._entries())
            self._known = {entry["token"]: (entry["text"], entry["dataset"]) for entry in entries}
            self._known |= {f"{_PUBLIC}{each['text']}": ("", "") for each in entries if each["token"] == _PUBLIC}
            self._read_up_to = state
        return self._known

    def _entries(self) -> Iterator[dict[str, str]]:
        """Yield what the file holds; a line that a killed process tore is passed over, its token stays unresolved."""
        for line in self._file.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                entry = parse(line.encode())
            except ValueError:
                continue
            if all(isinstance(entry.get(name), str) for name in ("token", "dataset", "text")):
                yield entry

    def _append(self, entry: dict[str, str]) -> None:
        descriptor = os.open(self._file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            # a newline first: a killed process may have torn the line before
            os.write(descriptor, f"\n{_line(entry)}".encode(errors="replace"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def show_masked(text: str) -> str:
    """Return a text without its tokens' digits: each of a value is `▢`, each of a name `◇`."""
    return _TOKEN.sub(lambda found: found[0][0], text)


def tokens_of(lines: bytes) -> frozenset[str]:
    """Return the tokens that lines of the history hold."""
    return frozenset(_TOKEN.findall(lines.decode(errors="replace")))


def is_referred(text: str) -> bool:
    """Tell whether all that is withheld of a text is a token, so that its own store can tell the whole of it."""
    return not {MASK, NAME} & set(_TOKEN.sub("", text))


def holds_token(text: str) -> bool:
    """Tell whether a text holds a token."""
    return bool(_TOKEN.search(text))


def with_tokens(text: str, say: Callable[[str], str]) -> str:
    """Return a text with what is to be said for each token in it."""
    return _TOKEN.sub(lambda found: say(found[0]), text)


def is_token(text: object) -> bool:
    """Tell whether a value is a token, of which the value is not here."""
    return isinstance(text, str) and bool(_TOKEN.fullmatch(text))


def _token(text: str, dataset: str, kind: Kind, key: bytes) -> str:
    content = json.dumps([kind, dataset, text]).encode()
    return f"{MASK if kind == 'value' else NAME}{hmac.new(key, content, hashlib.sha256).hexdigest()[:_DIGITS]}"


def _line(entry: dict[str, str]) -> str:
    return json.dumps(entry, sort_keys=True, ensure_ascii=False) + "\n"
