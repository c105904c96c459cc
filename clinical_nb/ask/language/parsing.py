"""Parsing: every way in which rules read a whole run of words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

# What a terminal finds at a position: each value with the position after it.
Found = Iterator[tuple[Any, int]]
Terminal = Callable[[str, int], Found]


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to write a phrase.

    `pattern` names its parts in order: `CAPITALS` a terminal, `@word` a class of the lexicon, `lower` another phrase;
    a `?` marks a part that may be absent, and is then None. `build` gets the parts' values, and returns the phrase's
    value, or None where the parts do not belong together.
    """

    phrase: str
    pattern: str
    build: Callable[..., Any]


@dataclass(slots=True)
class Parser:
    """Reads phrases from a run of words by rules and terminals; no phrase may begin with itself."""

    rules: Sequence[Rule]
    terminals: Terminal
    _read: dict[tuple[str, int], list[tuple[Any, int]]] = field(
        default_factory=dict[tuple[str, int], list[tuple[Any, int]]]
    )

    _by_phrase: dict[str, list[Rule]] = field(default_factory=dict[str, list[Rule]])

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._by_phrase.setdefault(rule.phrase, []).append(rule)

    def read(self, phrase: str, start: int) -> list[tuple[Any, int]]:
        """Return each reading of a phrase that begins at a word: its value, and the position after it."""
        if (phrase, start) not in self._read:
            found: dict[tuple[Any, int], None] = {}
            for rule in self._by_phrase.get(phrase, ()):
                for parts, end in self._parts(rule.pattern.split(), start):
                    value = rule.build(*parts)
                    if value is not None:
                        found[value, end] = None
            self._read[phrase, start] = list(found)
        return self._read[phrase, start]

    def _parts(self, pattern: Sequence[str], start: int) -> Iterator[tuple[tuple[Any, ...], int]]:
        """Yield the values of a pattern's parts, in every way in which they can follow each other."""
        if not pattern:
            yield (), start
            return
        part, rest = pattern[0].removesuffix("?"), pattern[1:]
        for value, end in self._part(part, start):
            for values, last in self._parts(rest, end):
                yield (value, *values), last
        if pattern[0].endswith("?"):
            for values, last in self._parts(rest, start):
                yield (None, *values), last

    def _part(self, part: str, start: int) -> Found:
        if part.islower() and not part.startswith("@"):
            yield from self.read(part, start)
        else:
            yield from self.terminals(part, start)
