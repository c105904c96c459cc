"""Stages: what tried to read a question, one after the other, what each found and how long it took."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Literal

from clinical_nb.plan import Plan

# Rules that read the whole question, those of analyses by their names, those of parts in any order, names that are only
# near; then what goes on from the question before, what earlier versions had, ways that give the same numbers.
Stage = Literal["rules", "typed", "parts", "guesses", "conversation", "versions", "settled", "model"]


@dataclass(frozen=True, slots=True)
class Tried:
    """How one stage tried to read a question: the plans that it read, the words that it could not, how long it took.

    `failure` says what kept it from trying, such as that a language model did not answer in time.
    """

    stage: Stage
    plans: tuple[Plan, ...]
    unread: tuple[str, ...]
    milliseconds: int
    failure: str | None = None


@dataclass(slots=True)
class Stages:
    """Takes down which stages read a question, how long each took, and which found anything."""

    _seconds: dict[Stage, float] = field(default_factory=dict[Stage, float])
    _found: list[Stage] = field(default_factory=list[Stage])

    def note(self, stage: Stage, since: float, found: Collection[object]) -> None:
        """Take down that a stage has tried since a time of `time.perf_counter`, and what it found."""
        self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - since
        if found and stage not in self._found:
            self._found.append(stage)

    def tried(self, plans: tuple[Plan, ...], unread: tuple[str, ...]) -> tuple[Tried, ...]:
        """Return what was tried: what was read in the end is of the last stage that found anything."""
        tried = [Tried(stage, (), unread, round(1000 * took)) for stage, took in self._seconds.items()]
        last = self._found[-1] if self._found else None
        return tuple(replace(each, plans=plans, unread=()) if each.stage == last else each for each in tried)


def milliseconds_since(since: float) -> int:
    """Return how long it is since a time of `time.perf_counter`."""
    return round(1000 * (time.perf_counter() - since))
