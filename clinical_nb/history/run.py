"""A run as a value: what is known of it when it opens, and what each later event adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from clinical_nb.history.events import (
    Adoption,
    Attempt,
    Declaration,
    Deletion,
    Disclosed,
    Disclosure,
    Execution,
    Export,
    Failure,
    FollowUp,
    Forgetting,
    Offer,
    Outcome,
    Pick,
    Query,
    Question,
    Repair,
    Status,
    Upload,
)

_Other = Query | Upload | Declaration | Deletion | Export | Adoption | Disclosure | Repair | Forgetting
Opening = Question | _Other
Continuing = Execution | Outcome | FollowUp | Failure | Disclosed | Attempt | Offer | Pick


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


def run_of(event: Opening, at: datetime, added: Mapping[str, Any]) -> Run:
    """Return the run that an event opened, with what later ones `added`, by its fields."""
    if not isinstance(event, Question):
        return replace(_opened(event, at), **added)
    return Run(
        run_id=event.run_id,
        at=at,
        dataset=event.dataset,
        dataset_version=event.dataset_version,
        question=event.text,
        status=event.status,
        reading=event.reading,
        **added,
    )


def _opened(event: _Other, at: datetime) -> Run:
    match event:
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


def continued(event: Continuing, added: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: PLR0911 - one a kind of event
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
