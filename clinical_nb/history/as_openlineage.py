"""The history as OpenLineage events: a start and an end for each run, with what it read and made, and no data."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from clinical_nb.history.events import Attempt
from clinical_nb.history.references import show_masked
from clinical_nb.history.run import Run

# https://openlineage.io/spec: what a consumer finds there is never fetched here.
SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
PRODUCER = "https://pypi.org/project/clinical_nb"
NAMESPACE = "clinical_nb"
_FACETS = "https://openlineage.io/spec/facets"
_MAKING = ("uploaded", "declared", "adopted")  # what makes a version of a dataset; all else reads one
_OF_NO_DATA = ("repaired", "cleared")

Tables = Mapping[str, Mapping[str, str]]  # of a version: by the name of a table, its columns and their types


def write_openlineage(runs: Sequence[Run], tables_of: Callable[[str, str], Tables | None]) -> str:
    """Return two events for each run that is about data, a line each (NDJSON), as OpenLineage 2-0-2 has them.

    Parameters
    ----------
    runs : sequence of Run
        Oldest first. A run that was answered, or did what it should, ends with COMPLETE; one that failed with FAIL; one
        that was unclear or declined with ABORT.
    tables_of : callable
        Returns the tables of a dataset's version by its name in the history, where the store has them still.

    """
    about = (run for run in runs if run.status not in _OF_NO_DATA)
    return "".join(f"{json.dumps(event, ensure_ascii=False)}\n" for run in about for event in _events(run, tables_of))


def run_uuid(run_id: str) -> str:
    """Return the UUID (version 5) of a run, which is the same in every export."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{PRODUCER}/run/{run_id}"))


def _events(run: Run, tables_of: Callable[[str, str], Tables | None]) -> Iterator[dict[str, Any]]:
    end = {"failed": "FAIL", "unclear": "ABORT", "declined": "ABORT"}.get(run.status, "COMPLETE")
    data = list(_datasets(run, tables_of))
    makes = run.status in _MAKING
    sides = {"inputs": [] if makes else data, "outputs": data if makes else []}
    job = {"namespace": NAMESPACE, "name": _job(run), "facets": _job_facets(run)}
    began = run.at - timedelta(milliseconds=run.milliseconds or 0)  # an entry is written when a run has ended
    for kind, at in (("START", began), (end, run.at)):
        facets = _run_facets(run, kind)
        yield {
            "eventType": kind,
            "eventTime": _time(at),
            "run": {"runId": run_uuid(run.run_id), "facets": facets},
            "job": job,
            **sides,
            "producer": PRODUCER,
            "schemaURL": SPEC,
        }


def _job(run: Run) -> str:
    if run.plan is not None:
        return f"ask.{run.plan.get('kind', 'question')}"
    named = {"queried": "sql", "uploaded": "upload", "declared": "declare", "deleted": "drop", "exported": "export"}
    return named.get(run.status, "sql" if run.is_sql else "adopt" if run.status == "adopted" else "ask")


def _job_facets(run: Run) -> dict[str, Any]:
    said = " ".join(show_masked(run.question).split())
    if run.is_sql:
        return {"sql": {**_facet("1-0-0", "SQLJobFacet"), "query": said}}
    return {"documentation": {**_facet("1-0-0", "DocumentationJobFacet"), "description": said}} if said else {}


def _run_facets(run: Run, kind: str) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if run.versions and "clinical_nb" in run.versions:
        engine = {"version": run.versions["clinical_nb"], "name": "clinical_nb"}
        facets["processing_engine"] = {**_facet("1-1-0", "ProcessingEngineRunFacet"), **engine}
    if kind != "START" and run.attempts:
        tags = [_tag(number, attempt) for number, attempt in enumerate(run.attempts, 1)]
        facets["tags"] = {**_facet("2-0-3", "TagsRunFacet"), "tags": tags}
    if kind == "FAIL":
        error = {"message": show_masked(run.failure or "failed"), "programmingLanguage": "PYTHON"}
        facets["errorMessage"] = {**_facet("1-0-0", "ErrorMessageRunFacet"), **error}
    return facets


def _tag(number: int, attempt: Attempt) -> dict[str, str]:
    """Return what one stage made of a question: how many readings, or why it could not, and what it left unread."""
    became = f"could not: {attempt.failure}" if attempt.failure else f"readings: {len(attempt.read)}"
    unread = f"; unread: {', '.join(attempt.unread)}" if attempt.unread else ""
    value = show_masked(f"{became}{unread}; milliseconds: {attempt.milliseconds}")
    return {"key": f"attempt {number}: {attempt.stage}", "value": value, "source": NAMESPACE}


def _datasets(run: Run, tables_of: Callable[[str, str], Tables | None]) -> Iterator[dict[str, Any]]:
    """Yield the tables that a run was about: those of its plan, else all of its datasets'; else the datasets alone."""
    names, versions = (text.split(", ") if text else [] for text in (run.dataset, run.dataset_version))
    if len(names) != len(versions):
        names, versions = [run.dataset] * bool(run.dataset), versions[-1:] or [""]
    cohort = (run.plan or {}).get("cohort", {})
    used = {cohort.get("table"), *cohort.get("joined", ())} - {None}
    for name, version in zip(names, versions, strict=True):
        tables = tables_of(name, version) or dict.fromkeys(used)
        wanted = [table for table in tables if not used or table in used]
        for table in wanted:
            yield _dataset(f"{name}.{table}", version, tables[table])
        if not wanted:
            yield _dataset(name, version, None)


def _dataset(name: str, version: str, schema: Mapping[str, str] | None) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if version:
        facets["version"] = {**_facet("1-0-1", "DatasetVersionDatasetFacet"), "datasetVersion": version}
    if schema is not None:
        fields = [{"name": column, "type": kind} for column, kind in schema.items()]
        facets["schema"] = {**_facet("1-1-1", "SchemaDatasetFacet"), "fields": fields}
    return {"namespace": NAMESPACE, "name": name, "facets": facets}


def _facet(version: str, name: str) -> dict[str, str]:
    return {"_producer": PRODUCER, "_schemaURL": f"{_FACETS}/{version}/{name}.json#/$defs/{name}"}


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
