"""What the panel and the listings show of the session's values: JSON for the panel, short texts for both."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from clinical_nb.notebook.settling import say_proposal
from clinical_nb.session import Dataset, Session

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    from clinical_nb.dictionary.meaning import Column
    from clinical_nb.intake.table import Finding
    from clinical_nb.render.answer import Answer

OFF = "off"  # the profile that shows all
UNTOLD = "What was found in the files is told with counts of rows: %clinical disclosure off shows it."
View = dict[str, Any]  # JSON values: browser/state.js says their types
_LEVELS_SHOWN = 8
_LEVELS_IN_FORM = 50
_IN_FORM = ("role", "event", "baseline", "row")  # of what is proposed; keys and relations have no form


def say_size(dataset: Dataset) -> str:
    """Return the rows and columns of the table, or for several tables how many they are and their rows."""
    sizes = list(dataset.tables.values())
    if len(sizes) == 1:
        return say_shape(*sizes[0])
    return f"{len(sizes)} tables · {sum(rows for rows, _ in sizes):,} rows"


def say_shape(rows: int, columns: int) -> str:
    """Return rows by columns as people write it."""
    return f"{rows:,} × {columns:,}"  # noqa: RUF001 - the sign of multiplication is meant


def say_time(at: datetime | str) -> str:
    """Return the minute in the person's own time zone: "2026-03-01 09:41"."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def say_levels(labels: Sequence[str]) -> str:
    """Return the labels of a column's levels in a row, the first few of many."""
    more = f" and {len(labels) - _LEVELS_SHOWN} more" if len(labels) > _LEVELS_SHOWN else ""
    return ", ".join(labels[:_LEVELS_SHOWN]) + more


def say_parent(version: Dataset, versions: Sequence[Dataset]) -> str:
    """Return the version that another was made from: by number and hash, or that it is deleted; empty for the first."""
    if version.parent is None:
        return ""
    before = [each for each in versions if each.number < version.number and each.version == version.parent]
    return f"{before[-1].number} ({version.parent[:8]})" if before else f"{version.parent[:8]}, deleted"


def say_source(name: str, sha256: str) -> str:
    """Return a file that a version came from: its name and the beginning of its bytes' SHA-256."""
    return f"{name} ({sha256[:8]})"


def say_versions(count: int) -> str:
    """Return how many versions go with a dataset."""
    return "its only version" if count == 1 else f"its {count:,} versions"


def view_dataset(dataset: Dataset) -> View:
    """Return one line of the list of datasets."""
    return {
        "name": dataset.name,
        "size": say_size(dataset),
        "version": dataset.version[:8],
        "number": dataset.number,
        "created": _iso(dataset.created),
    }


def say_copies(copies: Sequence[str]) -> str:
    """Say what else goes when a dataset is dropped, in a sentence of its own; empty where nothing does."""
    if not copies:
        return ""
    named = ", ".join(f"'{copy}'" for copy in copies)
    return f"With it goes what was set aside in the store, because it may hold the same rows: {named}."


def view_versions(versions: Sequence[Dataset], copies: Sequence[str]) -> View:
    """Return the versions of a dataset, newest first: when and of which files each was made, and what goes with it."""
    return {
        "name": versions[-1].name,
        "versions": [
            {
                **view_dataset(version),
                "before": before.number if before else None,
                "sources": [say_source(file.name, file.sha256) for file in version.source_files],
            }
            for before, version in reversed(list(zip([None, *versions], versions, strict=False)))
        ],
        "count": say_versions(len(versions)),
        "copies": say_copies(copies),
    }


def view_store(session: Session) -> View:
    """Return the datasets and which one is in use."""
    current = session.current
    return {
        "opened": True,
        "datasets": [view_dataset(dataset) for dataset in session.datasets()],
        "dataset": view_dataset(current) if current else None,
        "profile": profile.name if (profile := session.profile) else OFF,
    }


def say_rows(at: Sequence[int], rows: int) -> str:
    """Return the numbers of the first rows that a finding is about, to stand behind it; empty where none is known."""
    if not at:
        return ""
    more = ", …" if rows > len(at) else ""
    return f" ({'row' if rows == 1 else 'rows'} {', '.join(f'{each:,}' for each in at)}{more})"


def view_description(session: Session, dataset: Dataset) -> View:
    """Return what each column means, what a row of each table is, what was found in the files and what is proposed.

    What was found is told with counts of rows, and left out under a profile of disclosure control, as are the values
    that a cleaning step names.
    """
    is_told = session.profile is None
    from clinical_nb.render.meaning import say_grain, say_role  # noqa: PLC0415 - pydantic comes with the first dataset
    from clinical_nb.render.steps import say_step  # noqa: PLC0415 - the same

    tables = [
        {
            "name": table,
            "grain": say_grain(dataset.dictionary.grains.get(table)),
            "columns": [
                {
                    "name": name,
                    "label": column.label,
                    "kind": column.kind,
                    "role": say_role(column),
                    "detail": column.unit or say_levels([level.label for level in column.levels]),
                    "steps": [say_step(step) if is_told else "cleaned" for step in column.clean],
                    "now": view_fields(column),
                }
                for name, column in columns.items()
            ],
        }
        for table, columns in dataset.dictionary.tables.items()
    ]
    return {
        "name": dataset.name,
        "version": dataset.version[:8],
        "number": dataset.number,
        "tables": tables,
        "findings": [view_finding(each) for each in dataset.report if is_told and not (each.step and each.column)],
        "proposals": view_proposals(dataset) if is_told else [],
    }


def view_cohorts(dataset: Dataset) -> list[View]:
    """Return the named cohorts by name: how each is read, and as it was written."""
    from clinical_nb.render.meaning import say_cohort  # noqa: PLC0415 - pydantic comes with the first dataset

    meaning = dataset.dictionary
    return [
        {"name": name, "said": say_cohort(cohort, meaning), "text": cohort.text}
        for name, cohort in sorted(meaning.cohorts.items())
    ]


def view_fields(column: "Column") -> View:
    """Return what a person can correct of a column, as it is now; no levels where they are too many for a form."""
    from clinical_nb.dictionary.meaning import value_text  # noqa: PLC0415 - pydantic comes with the first dataset
    from clinical_nb.dictionary.steps import step_to_json  # noqa: PLC0415 - the same

    levels = column.levels if len(column.levels) <= _LEVELS_IN_FORM else ()
    return {
        "label": column.label,
        "unit": column.unit,
        "kind": column.kind,
        "role": column.role or "",
        "event": value_text(column.event),
        "baseline": column.baseline,
        "levels": [[value_text(level.value), level.label] for level in levels],
        "clean": [step_to_json(step) for step in column.clean],
    }


def view_finding(finding: "Finding") -> View:
    """Return one thing that was found in the files of a dataset."""
    return {
        "table": finding.table,
        "column": finding.column,
        "rows": finding.rows,
        "text": finding.text + say_rows(finding.at, finding.rows),
        "proposal": finding.proposal,
    }


def view_proposals(dataset: Dataset) -> list[View]:
    """Return what is proposed, by number from 1, with the step or the fields from which a form for a change is made."""
    from clinical_nb.dictionary.meaning import value_text  # noqa: PLC0415 - pydantic comes with the first dataset
    from clinical_nb.dictionary.steps import step_to_json  # noqa: PLC0415 - the same

    return [
        {
            "number": number,
            "table": each.table,
            "column": each.column,
            "text": each.text + say_rows(each.at, each.rows),
            "proposal": say_proposal(each),
            "step": step_to_json(each.step) if each.step else None,
            "fields": {name: value_text(each.fields[name]) for name in _IN_FORM if each.fields and name in each.fields},
            "done": each.is_done,
            "asks": each.asks,
        }
        for number, each in enumerate(dataset.proposals, 1)
    ]


def view_answer(answer: "Answer") -> View:
    """Return an answer: its HTML, which `render/` escaped, its chart as a picture, and what else could be meant."""
    return {
        "question": answer.question,
        "status": answer.status,
        "html": answer.html(),
        "chart": _picture(answer.chart_bundle()),
        "choices": [choice.said for choice in answer.choices],
        "suggestions": list(answer.suggestions),
        "dataset": answer.dataset,
        "run": answer.run_id,
        "reused": answer.reused,
    }


def view_history(session: Session, **sought: Any) -> list[View]:  # noqa: ANN401 - as Session.history takes them
    """Return what was asked, newest first; `sought` is what `Session.history` takes."""
    current = current_versions(session)
    return [view_run(row, current) for row in reversed(session.history(**sought).to_dicts())]


def current_versions(session: Session) -> dict[str, str]:
    """Return the version that each dataset is of now, by its name."""
    return {dataset.name: dataset.version for dataset in session.datasets()}


def view_run(row: Mapping[str, Any], current: Mapping[str, str]) -> View:
    """Return one run of the history, as a row of `Session.history`, beside the current versions of the datasets."""
    about = {row["dataset"], *row["dataset"].split(", ")} - {""}  # a statement of SQL may be about several, or none
    return {
        "id": row["run_id"],
        "at": _iso(row["at"]),
        "dataset": row["dataset"],
        "question": row["question"],
        "status": row["status"],
        "outcome": row["summary"] or row["failure"] or row["status"],
        "reused": bool(row["reused"]),
        "again": row["parent"] is not None,
        "stale": current.get(row["dataset"]) not in (None, row["dataset_version"]),
        "gone": bool(about) and not about & current.keys(),
    }


def _picture(chart: tuple[Mapping[str, Any], Mapping[str, Any]] | None) -> View | None:
    """Return the answer's chart as a PNG in a data URI, its width on the screen, and what it shows in words.

    Not as SVG: its text was measured with other fonts than the browser has, and is cut off where they are wider.
    """
    if chart is None:
        return None
    forms, metadata = chart
    return {
        "picture": f"data:image/png;base64,{forms['image/png']}",
        "width": metadata["image/png"]["width"],
        "says": forms["text/plain"],
    }


def _iso(at: datetime) -> str:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
