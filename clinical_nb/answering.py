"""Answering: from a plan to an answer, by the store where it was computed before, and into the history."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Any

from clinical_nb.dataset import Dataset
from clinical_nb.errors import HistoryError, PlanError
from clinical_nb.history.events import Event, Execution, Failure, FollowUp, Outcome, Question, Status
from clinical_nb.history.logger import QueryLogger
from clinical_nb.plan import Plan, canonical_json, to_json
from clinical_nb.store.datastore import DataStore

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    from clinical_nb.dictionary.meaning import Dictionary
    from clinical_nb.render.answer import Answer

# ruff: noqa: PLC0415 - the heavy parts come with the first question, so that %load_ext is quick:
# Polars takes 79 ms to import in a running kernel, scipy.stats 583 ms, great-tables 110 ms.

_COMPUTING_LIBRARIES = ("clinical_nb", "polars", "narwhals", "numpy", "scipy")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question on its way to an answer."""

    run_id: str
    question: str
    masked: str
    dataset: Dataset
    meaning: "Dictionary"
    repeats: str | None = None

    def opened(self, status: Status, reading: str) -> tuple[Event, ...]:
        """Return the events with which its run begins in the history."""
        asked = Question(self.run_id, self.dataset.name, self.dataset.version, self.masked, status, reading)
        return (asked,) if self.repeats is None else (asked, FollowUp(self.run_id, self.repeats))


class Answering:
    """Computes answers from what a store holds, keeps them there, and writes each run into the history."""

    def __init__(self, store: DataStore, log: QueryLogger) -> None:
        self._store = store
        self._log = log
        self._told = False

    def answer(self, asked: Asked, plan: Plan, remarks: tuple[str, ...] = ()) -> "Answer":
        """Walk from the plan to the answer: from the store where it was computed before, else from the counts."""
        from clinical_nb.analysis.run import method_version
        from clinical_nb.render.answer import Answer
        from clinical_nb.render.reading import read_back
        from clinical_nb.result import result_from_json

        started = time.perf_counter()
        reading = read_back(plan, asked.meaning)
        key = _run_key(asked.dataset.version, plan, method_version(plan))
        stored = self._store.load_result(key)
        reused = stored is not None and asked.repeats is None
        try:
            found = stored if stored is not None and reused else self._compute(asked, plan)
        except PlanError as error:
            return self.turn_down(asked, "declined", str(error), reading=reading)
        except Exception as error:
            self._record(*asked.opened("declined", reading), Failure(asked.run_id, type(error).__name__))
            raise
        if stored is None:
            self._store.save_result(key, found)
        elif not reused:
            remarks = (*remarks, _compared(stored, found))
        answer = Answer(
            question=asked.question,
            status="answered",
            reading=reading,
            plan=plan,
            result=result_from_json(found["result"]),
            dictionary=asked.meaning,
            run_id=asked.run_id,
            run_key=key,
            reused=reused,
            computed_at=datetime.fromisoformat(found["computed_at"]),
            dataset=asked.dataset.name,
            dataset_version=asked.dataset.version,
        )
        milliseconds = round(1000 * (time.perf_counter() - started))
        done = Execution(asked.run_id, key, to_json(plan), *_rows(answer), milliseconds, reused, found["versions"])
        untold = self._record(*asked.opened("answered", reading), done, Outcome(asked.run_id, answer.summary))
        return replace(answer, remarks=(*remarks, *untold))

    def _compute(self, asked: Asked, plan: Plan) -> dict[str, Any]:
        """Return a new result as the store keeps it."""
        from clinical_nb.analysis.run import run
        from clinical_nb.result import result_to_json

        result = run(plan, asked.dataset.lazy(plan.cohort.table), asked.meaning)
        return {
            "dataset_version": asked.dataset.version,
            "plan": to_json(plan),
            "result": result_to_json(result),
            "computed_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {name: installed_version(name) for name in _COMPUTING_LIBRARIES},
        }

    def turn_down(
        self,
        asked: Asked,
        status: Status,
        reason: str,
        choices: tuple[Plan, ...] = (),
        reading: str = "",
    ) -> "Answer":
        """Return what a person gets instead of numbers."""
        from clinical_nb.render.answer import Answer, Choice
        from clinical_nb.render.reading import read_back

        return Answer(
            question=asked.question,
            status=status,
            reading=reading,
            dictionary=asked.meaning,
            choices=tuple(Choice(plan, read_back(plan, asked.meaning)) for plan in choices),
            reason=reason,
            run_id=asked.run_id,
            dataset=asked.dataset.name,
            dataset_version=asked.dataset.version,
            remarks=self._record(*asked.opened(status, reading)),
        )

    def _record(self, *events: Event) -> tuple[str, ...]:
        """Write the events of a run; a history that cannot be written is told once, and the answer is given anyway."""
        try:
            for event in events:
                match event:
                    case Question():
                        self._log.log_query(event)
                    case FollowUp():
                        self._log.log_follow_up(event)
                    case Execution():
                        self._log.log_execution(event)
                    case Outcome():
                        self._log.log_result(event)
                    case Failure():
                        self._log.log_failure(event)
        except HistoryError as error:
            told, self._told = self._told, True
            return () if told else (str(error),)
        self._told = False
        return ()


def _run_key(dataset_version: str, plan: Plan, method: str) -> str:
    """Return the key that equal questions of equal data by an equal method share."""
    return hashlib.sha256("\n".join((dataset_version, canonical_json(plan), method)).encode()).hexdigest()[:32]


def _rows(answer: "Answer") -> tuple[int, int]:
    """Return the rows of the table and those that were used, as the analysis says."""
    notes = answer.result.notes if answer.result else ()
    who = next((note.facts for note in notes if note.kind == "who" and "rows" in note.facts), {"rows": 0, "used": 0})
    return int(who["rows"]), int(who["used"])


def _compared(stored: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Say whether a repeated computation gave what the first one did."""
    when = f"the answer of {datetime.fromisoformat(stored['computed_at']):%Y-%m-%d %H:%M} UTC"
    if stored["result"] == found["result"]:
        return f"Computed again: every number equals {when} to the last bit."
    changed = [name for name, version in found["versions"].items() if stored["versions"].get(name) != version]
    return f"Computed again: it DIFFERS from {when}; changed since: {', '.join(changed) or 'no library'}."
