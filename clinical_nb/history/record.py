"""Reads the history: the events of each run folded into one value, what is damaged skipped and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from clinical_nb.errors import AmbiguousRunError, UnknownRunError
from clinical_nb.history.chain import parse, unchained
from clinical_nb.history.events import (
    Adoption,
    Attempt,
    Beginning,
    Declaration,
    Deletion,
    Disclosed,
    Disclosure,
    Execution,
    Export,
    Failure,
    FollowUp,
    Forgetting,
    Modelling,
    Offer,
    Outcome,
    Pick,
    Query,
    Question,
    Repair,
    Restoration,
    Status,
    Upload,
    from_entry,
)
from clinical_nb.history.logger import history_lines


@dataclass(frozen=True, slots=True)
class Run:
    """One question or other event that opens a run, and what became of it; None where the run did not come so far."""

    run_id: str
    at: datetime
    dataset: str
    dataset_version: str
    question: str
    status: Status
    reading: str | None = None
    run_key: str | None = None
    plan: Mapping[str, Any] | None = None
    rows_in: int | None = None
    rows_kept: int | None = None
    milliseconds: int | None = None
    reused: bool | None = None
    versions: Mapping[str, str] | None = None
    summary: str | None = None
    parent: str | None = None
    failure: str | None = None
    disclosure: str | None = None
    attempts: tuple[Attempt, ...] = ()
    offers: tuple[Offer, ...] = ()
    pick: Pick | None = None
    is_sql: bool = False


_Opening = Question | Query | Upload | Declaration | Deletion | Export | Adoption | Disclosure | Repair | Forgetting


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a history, oldest first, and a sentence for each line that could not be read."""

    runs: tuple[Run, ...]
    warnings: tuple[str, ...]


def read_runs(folder: Path) -> Runs:
    """Return every run that a history holds; none where there is no history yet.

    Raises
    ------
    HistoryError
        When a file cannot be read at all.

    """
    warnings: list[str] = []
    lost: list[str] = []
    runs: dict[str, Run] = {}
    more: dict[str, dict[str, Any]] = {}
    for file, number, line in history_lines(folder):
        place = f"Line {number} of the history's {file}"
        try:
            event, at = from_entry(unchained(parse(line)))
        except ValueError as error:
            warnings.append(f"{place} {error}; it was skipped.")
            continue
        if isinstance(event, Beginning | Restoration | Modelling):
            continue
        known = runs.get(event.run_id)
        if isinstance(event, _Opening) and known is None:
            runs[event.run_id] = _opened(event, at)
        elif isinstance(event, _Opening):
            warnings.append(f"{place} asks again under the id of run {event.run_id}; it was skipped.")
        elif known is None:
            lost.append(f"{place} belongs to run {event.run_id}, whose question is lost; it was skipped.")
        else:
            added = more.setdefault(event.run_id, {})
            added.update(_continued(event, added))
    if not any(run.status == "cleared" for run in runs.values()):  # clearing may have cut a run in two
        warnings += lost
    whole = (replace(run, **more[name]) if name in more else run for name, run in runs.items())
    return Runs(tuple(whole), tuple(warnings))


def find_run(folder: Path, run_id: str) -> Run:
    """Return the run with this id, or the only one whose id begins so.

    Raises
    ------
    UnknownRunError, AmbiguousRunError
        When no run's id begins so, or several do.
    HistoryError
        When a file cannot be read at all.

    """
    runs = {run.run_id: run for run in read_runs(folder).runs}
    if run_id in runs:
        return runs[run_id]
    found = [run for name, run in runs.items() if run_id and name.startswith(run_id)]
    if not found:
        raise UnknownRunError(run_id, runs)
    if len(found) > 1:
        raise AmbiguousRunError(run_id, [run.run_id for run in found])
    return found[0]


def _opened(event: _Opening, at: datetime) -> Run:  # noqa: PLR0911 - one a kind of event
    match event:
        case Question():
            return Run(
                run_id=event.run_id,
                at=at,
                dataset=event.dataset,
                dataset_version=event.dataset_version,
                question=event.text,
                status=event.status,
                reading=event.reading,
            )
        case Query():
            return Run(
                run_id=event.run_id,
                at=at,
                dataset=", ".join(event.datasets),
                dataset_version=", ".join(event.datasets.values()),
                question=event.text,
                status="failed" if event.failure else "queried",
                failure=event.failure,
                milliseconds=event.milliseconds,
                rows_kept=event.rows,
                summary=None if event.failure else _rows(event.rows),
                is_sql=True,
            )
        case Deletion() | Export() | Adoption():
            return _moved(event, at)
        case Upload() | Declaration():
            return _stored(event, at)
        case Disclosure():
            told = "all is shown" if event.profile == "off" else f"counts of 1 to {event.most} are suppressed"
            told = f"{told}, as if nothing had left" if event.anew else told
            return Run(event.run_id, at, "", "", f"%clinical disclosure {event.profile}", "chosen", summary=told)
        case Repair():
            told = f"{event.size} bytes that a killed process left behind taken away"
            return Run(event.run_id, at, "", "", "The history's end was torn", "repaired", summary=told)
        case Forgetting():
            told = f"entries up to number {event.up_to:,} cleared"
            return Run(event.run_id, at, "", "", f"%clinical forget --before {event.before}", "cleared", summary=told)


def _stored(event: Upload | Declaration, at: datetime) -> Run:
    """Return what was stored or declared as a run."""
    match event:
        case Upload():
            rows = ", ".join(f"{table}: {_rows(count)}" for table, count in event.tables.items())
            told = f"{rows}{'' if event.new else ', as before'}"
            said, took = f"%clinical upload {event.dataset}", event.milliseconds
            return Run(
                event.run_id,
                at,
                event.dataset,
                event.dataset_version,
                said,
                "uploaded",
                summary=told,
                milliseconds=took,
            )
        case Declaration():
            told = f"{event.way}{': ' if event.columns else ''}{', '.join(event.columns)}"
            said = f"what {event.dataset} means"
            return Run(event.run_id, at, event.dataset, event.dataset_version, said, "declared", summary=told)


def _moved(event: Deletion | Export | Adoption, at: datetime) -> Run:
    """Return what became of versions of a dataset as a run."""
    match event:
        case Deletion():
            said, status = f"%clinical drop {event.dataset}", "deleted"
            told = "all of it deleted" if event.whole else f"{_counted(event.dataset_versions)} deleted"
        case Export() if not event.dataset:
            said, status, told = "%clinical history --export", "exported", f"the history written as {event.form}"
        case Export():
            command = "archive" if event.form == "archive" else "export"
            said, status = f"%clinical {command} {event.dataset}", "exported"
            told = f"exported as {event.form}: {event.files} file{'s' * (event.files > 1)}"
        case Adoption():
            source = "an archive" if event.source == "archive" else "a folder in the store"
            said, status = f"{event.dataset}, from {source}", "adopted"
            told = f"{_counted(event.dataset_versions)} taken in"
    return Run(event.run_id, at, event.dataset, ", ".join(event.dataset_versions), said, status, summary=told)


def _rows(count: int | None) -> str:
    return f"{'few' if count is None else f'{count:,}'} rows"


def _counted(versions: Sequence[str]) -> str:
    return f"{len(versions)} version{'s' * (len(versions) > 1)}"


def _continued(  # noqa: PLR0911 - one return a kind of event
    event: Execution | Outcome | FollowUp | Failure | Disclosed | Attempt | Offer | Pick, added: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what a later event adds to its run, to which others have added already."""
    match event:
        case Attempt():
            return {"attempts": (*added.get("attempts", ()), event)}
        case Offer():
            return {"offers": (*added.get("offers", ()), event)}
        case Pick():
            return {"pick": event}
        case Execution():
            return {
                "run_key": event.run_key,
                "plan": event.plan,
                "rows_in": event.rows_in,
                "rows_kept": event.rows_kept,
                "milliseconds": event.milliseconds,
                "reused": event.reused,
                "versions": event.versions,
            }
        case Outcome():
            return {"summary": event.summary}
        case FollowUp():
            return {"parent": event.parent_run_id}
        case Disclosed():
            return {"disclosure": f"{event.profile}: {event.shown} shown, {event.suppressed} suppressed"}
        case Failure():
            return {"failure": event.sentence or event.error}
