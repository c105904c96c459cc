"""Answering: from a plan to an answer, by the store where it was computed before, and into the history."""

import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Any, Literal

from clinical_nb.answering.comparing import METHOD, Earlier, is_same, say_compared
from clinical_nb.answering.disclosing import Disclosing, say, say_of_data, say_why_not
from clinical_nb.answering.waiting import open_doubts, proposed_step, refuse_several_units, said_of_relation
from clinical_nb.answering.withholding import read_withheld, tell_tried, widened, withhold
from clinical_nb.dataset import Dataset
from clinical_nb.errors import HistoryError, MultiplyingError, PlanError, StoreError, UnrelatedError
from clinical_nb.history.events import (
    Disclosed,
    Execution,
    Failure,
    FollowUp,
    Offer,
    Outcome,
    Pick,
    Question,
    RunEvent,
    Status,
)
from clinical_nb.history.logger import QueryLogger
from clinical_nb.history.privacy import told
from clinical_nb.history.references import References
from clinical_nb.plan import Plan, canonical_json, to_json
from clinical_nb.store.datastore import DataStore

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    from clinical_nb.ask.gone import Meaning
    from clinical_nb.ask.reading import Declined, Unclear
    from clinical_nb.ask.stages import Tried
    from clinical_nb.dictionary.meaning import Dictionary
    from clinical_nb.render.answer import Answer, Choice
    from clinical_nb.render.differences import Differences
    from clinical_nb.result import Result

# ruff: noqa: PLC0415 - the heavy parts come with the first question, so that %load_ext is quick:
# Polars takes 79 ms to import in a running kernel, scipy.stats 583 ms, great-tables 110 ms.

_ATTACHED = "Computed where the data lie, as they are now: the answer is not kept, and the next time may give another."
_COMPUTING_LIBRARIES = ("clinical_nb", "polars", "narwhals", "numpy", "scipy")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question on its way to an answer.

    `parent` is the run that it goes on from. A question that was asked before is computed afresh, whatever the store
    keeps, and compared with the `earlier` answer. `tried` is what tried to read it; `pick` the run that offered it, and
    as which of its readings or suggestions.
    """

    run_id: str
    question: str
    masked: str
    dataset: Dataset
    meaning: "Dictionary"
    parent: str | None = None
    tried: "tuple[Tried, ...]" = ()
    pick: tuple[str, int] | None = None
    earlier: Earlier | None = None

    def opened(self, status: Status, reading: str, called: str) -> tuple[RunEvent, ...]:
        """Return the events with which its run begins in the history, where the dataset is called so."""
        asked = Question(self.run_id, called, self.dataset.version, self.masked, status, reading)
        follows = () if self.parent is None else (FollowUp(self.run_id, self.parent),)
        return (asked, *follows, *(() if self.pick is None else (Pick(self.run_id, *self.pick),)))


class Answering:
    """Computes answers from what a store holds, keeps them there, and writes each run into the history."""

    def __init__(self, store: DataStore, log: QueryLogger, references: References, disclosing: Disclosing) -> None:
        self._store = store
        self._disclosing = disclosing
        self._log = log
        self._references = references
        self._told = False

    def answer(self, asked: Asked, plan: Plan, remarks: tuple[str, ...] = ()) -> "Answer":
        """Walk from the plan to the answer: from the store where it was computed before, else from the counts."""
        finished = False
        try:
            answer = self._answer(asked, plan, remarks)
            finished = True
        finally:
            if not finished:  # whatever went wrong goes on to the person; that it did is on record
                kind = sys.exc_info()[0]
                self._record(*self._opened(asked, "failed", ""), Failure(asked.run_id, kind.__name__ if kind else ""))
        return answer

    def _answer(self, asked: Asked, plan: Plan, remarks: tuple[str, ...]) -> "Answer":
        from clinical_nb.render.answer import Answer
        from clinical_nb.render.reading import read_back
        from clinical_nb.result import result_from_json

        started = time.perf_counter()
        reading = ""
        try:
            meaning = widened(plan, asked.meaning)
            reading = read_back(plan, meaning)
            refuse_several_units(asked.dataset, plan)
            attached = asked.dataset.is_attached  # whose rows may change: no answer is taken from an earlier time
            key = run_key(asked.run_id if attached else asked.dataset.version, plan)
            stored = None if attached else self.load(key)
            found = stored if stored and asked.earlier is None else self._compute(asked, plan)
        except PlanError as error:
            from clinical_nb.answering.averaging import of_each_person, say_of_rows

            if each := of_each_person(plan, asked.meaning, error):
                more = () if self._disclosing.profile else say_of_rows(plan, asked.dataset, asked.meaning)
                return self._answer(asked, each, (*remarks, *more))
            why = _explained(error, asked)
            reason = say_why_not(f"{why}{proposed_step(asked.dataset, plan)}", self._disclosing.profile)
            return self.turn_down(asked, "declined", reason, of=plan if reading else None)
        profile = self._disclosing.profile
        remarks = (*say_of_data(open_doubts(asked.dataset, plan), profile), *(say(each, profile) for each in remarks))
        if attached:
            remarks = (*remarks, _ATTACHED)
        elif stored is None and found["result"]["statistics"]:
            remarks = (*remarks, *self._keep(key, found))
        result, disclosed = result_from_json(found["result"]), tuple[Disclosed, ...]()
        if profile:
            result, suppressed = self._disclosing.disclose(plan, result, asked.dataset, asked.meaning, profile)
            numbers = sum(each.stat is not None for each in result.statistics)
            disclosed = (Disclosed(asked.run_id, profile.name, numbers, suppressed),)
        is_told = not profile or bool(result.statistics)  # else it is not even told whether there is anything
        differences = None
        if asked.earlier and not attached and is_told:
            said, differences = self._compare(asked, asked.earlier, plan, found, result)
            remarks = (*remarks, said)
        answer = Answer(
            question=asked.question,
            status="answered",
            reading=reading,
            plan=plan,
            result=result,
            dictionary=meaning,
            run_id=asked.run_id,
            run_key=key,
            reused=is_told and found is stored,
            computed_at=datetime.fromisoformat(found["computed_at"]) if is_told else datetime.now(UTC),
            dataset=asked.dataset.name,
            dataset_version=asked.dataset.version,
            differences=differences,
        )
        done = self._executed(asked, plan, answer, found, round(1000 * (time.perf_counter() - started)))
        said = read_withheld(plan, asked.dataset, self._references)
        opened = self._opened(asked, "answered", said)
        untold = self._record(*opened, done, Outcome(asked.run_id, answer.summary), *disclosed)
        return replace(answer, remarks=(*remarks, *untold))

    def _executed(self, asked: Asked, plan: Plan, answer: "Answer", found: Mapping[str, Any], taken: int) -> Execution:
        """Return how a plan was computed or reused, as the history keeps it: in so many milliseconds."""
        withheld = withhold(plan, asked.dataset, self._references)
        is_open = withheld == to_json(plan)  # else the key could be tried out: it is kept as well
        key = answer.run_key
        rows_in = told(asked.dataset.tables[plan.cohort.table][0])
        return Execution(
            asked.run_id,
            key if is_open else self._references.refer(key, asked.dataset.name, "name"),
            withheld,
            rows_in,
            _rows_kept(answer, rows_in),
            taken,
            answer.reused,
            found["versions"],
        )

    def _compare(
        self, asked: Asked, earlier: Earlier, plan: Plan, found: Mapping[str, Any], result: "Result"
    ) -> "tuple[str, Differences | None]":
        """Say whether an answer is as the earlier one, and return how not; None where it is, or there is none.

        Answers of two versions are compared as they are shown, so that no difference tells what either withholds.
        """
        from clinical_nb.render.differences import find_differences
        from clinical_nb.result import result_from_json, result_to_json

        same_method = bool(earlier.dataset and earlier.run_key == run_key(earlier.dataset.version, plan))
        if earlier.kept is None or earlier.dataset is None:
            return say_compared(earlier, asked.dataset, found, same_method=same_method), None
        names = ("Before", "Now")
        before = result_from_json(earlier.kept["result"])
        if earlier.dataset.version != asked.dataset.version:
            names = (f"Version {earlier.dataset.number}", f"Version {asked.dataset.number}")
            if profile := self._disclosing.profile:
                then = earlier.dataset
                before, _ = self._disclosing.disclose(plan, before, then, then.dictionary, profile)
            earlier = replace(earlier, kept={**earlier.kept, "result": result_to_json(before)})
            found = {**found, "result": result_to_json(result)}
        elif is_same(earlier.kept, found) or self._disclosing.profile:
            return say_compared(earlier, asked.dataset, found, same_method=same_method), None
        differences = find_differences(before, result, names, widened(plan, asked.meaning), plan.cohort.table)
        return say_compared(earlier, asked.dataset, found, same_method=same_method), differences

    def load(self, key: str) -> dict[str, Any] | None:
        """Return a kept result; one that is not whole counts as none."""
        stored = self._store.load_result(key)
        return stored if stored and stored.keys() >= {"result", "computed_at", "versions"} else None

    def _keep(self, key: str, found: Mapping[str, Any]) -> tuple[str, ...]:
        """Keep a result; where the disk does not take it the answer is given all the same, and that is remarked."""
        try:
            self._store.save_result(key, found)
        except StoreError as error:
            return (f"The answer could not be kept for next time: {error}",)
        return ()

    def _compute(self, asked: Asked, plan: Plan) -> dict[str, Any]:
        """Return a new result as the store keeps it; under a profile, one of nothing where there is none to be had."""
        from clinical_nb.analysis.run import method_version
        from clinical_nb.answering.averaging import of_each_person
        from clinical_nb.answering.settling import compute
        from clinical_nb.result import Result, result_to_json

        try:
            result = compute(asked.dataset, plan, asked.meaning)
        except PlanError as error:
            if not self._disclosing.profile or of_each_person(plan, asked.meaning, error):
                raise
            result = Result((), ())
        return {
            "dataset_version": asked.dataset.version,
            "plan": to_json(plan),
            "result": result_to_json(result),
            "computed_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {
                **{name: installed_version(name) for name in _COMPUTING_LIBRARIES},
                METHOD: method_version(plan),
            },
        }

    def turn_down(
        self,
        asked: Asked,
        status: Literal["unclear", "declined"],
        reason: str,
        choices: "tuple[Choice, ...]" = (),
        of: Plan | None = None,
    ) -> "Answer":
        """Return what a person gets instead of numbers; `of` is the plan that was read, where it was one."""
        from clinical_nb.render.answer import Answer

        shown = [read_withheld(choice.plan, asked.dataset, self._references) for choice in choices]
        offered = (Offer(asked.run_id, "readings", shown),) if shown else ()
        return Answer(
            question=asked.question,
            status=status,
            reading=read_plan(of, asked.meaning) if of else "",
            dictionary=asked.meaning,
            choices=choices,
            reason=say(reason, self._disclosing.profile),
            run_id=asked.run_id,
            dataset=asked.dataset.name,
            dataset_version=asked.dataset.version,
            remarks=self._record(
                *self._opened(asked, status, read_withheld(of, asked.dataset, self._references) if of else ""), *offered
            ),
        )

    def decline(self, asked: Asked, reading: "Unclear | Declined") -> "Answer":
        """Return what a person gets where her question has no one plan: choices, or the reason."""
        from clinical_nb.ask.reading import Unclear
        from clinical_nb.render.answer import Choice

        if isinstance(reading, Unclear):
            choices = (
                Choice(plan, read_plan(plan, asked.meaning), reading.by if plan in reading.suggested else "")
                for plan in reading.plans
            )
            return self.turn_down(asked, "unclear", reading.reason, tuple(choices))
        return self.turn_down(asked, "declined", reading.reason)

    def _opened(self, asked: Asked, status: Status, reading: str) -> tuple[RunEvent, ...]:
        tried = (tell_tried(each, asked.run_id, asked.dataset, self._references) for each in asked.tried)
        return (*asked.opened(status, reading, self._references.name(asked.dataset.name)), *tried)

    def _record(self, *events: RunEvent) -> tuple[str, ...]:
        """Write the events of a run; a history that cannot be written is told once, and the answer is given anyway."""
        try:
            self._log.log(*events)
        except HistoryError as error:
            told, self._told = self._told, True
            return () if told else (str(error),)
        self._told = False
        return ()


def read_plan(plan: Plan, meaning: "Dictionary") -> str:
    """Return how a plan reads, by what the columns of its dataset mean.

    Raises
    ------
    UnknownTableError, UnknownColumnError, PlanError
        When it names what is not there, or tables that are not related.

    """
    from clinical_nb.render.reading import read_back

    return read_back(plan, widened(plan, meaning))


def _explained(error: PlanError, asked: Asked) -> PlanError:
    """Return an error of tables that cannot be joined with what the data say of it: how many rows, and why not."""
    from clinical_nb.analysis.rows.multiplied import count_multiplied

    if isinstance(error, UnrelatedError):
        return UnrelatedError(*error.tables, said_of_relation(asked.dataset, *error.tables))
    if not isinstance(error, MultiplyingError):
        return error
    return count_multiplied(error, {table: asked.dataset.lazy(table) for table in asked.dataset.tables}, asked.meaning)


def run_key(dataset_version: str, plan: Plan) -> str:
    """Return the key that equal questions of equal data by an equal method share."""
    from clinical_nb.analysis.run import method_version

    parts = (dataset_version, canonical_json(plan), method_version(plan))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _rows_kept(answer: "Answer", rows_in: int | None) -> int | None:
    """Return how many rows were used, as the analysis says; none where so few were used, or not, as tell on people."""
    notes = answer.result.notes if answer.result else ()
    used = next((int(note.facts["used"]) for note in notes if note.kind == "who" and "used" in note.facts), None)
    left_out = (rows_in or 0) - (used or 0)
    return told(used) if rows_in is None or not left_out or told(left_out) else None


def earlier_meanings(dataset: Dataset, versions_of: Callable[[str], Sequence[Dataset]]) -> "Iterator[Meaning]":
    """Yield what earlier versions meant, newest first: of interest to a question that cannot be read as it is."""
    for version in reversed(versions_of(dataset.name)):
        if version.number < dataset.number:
            yield meaning_of(version)


def meaning_of(dataset: Dataset) -> "Meaning":
    """Return what a version meant, by its number and hash."""
    from clinical_nb.ask.gone import Meaning

    return Meaning(dataset.number, dataset.version, dataset.dictionary)
