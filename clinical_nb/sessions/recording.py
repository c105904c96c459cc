"""What a store's history says: listed, verified, cleared, and copied for others to read."""

import dataclasses
import warnings
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from clinical_nb.answering.disclosing import Disclosing
from clinical_nb.errors import ClinicalError, StoreError
from clinical_nb.history.as_notebook import write_notebook
from clinical_nb.history.as_openlineage import Tables, write_openlineage
from clinical_nb.history.as_report import write_report
from clinical_nb.history.clearing import clear
from clinical_nb.history.events import Export, new_run_id
from clinical_nb.history.run import Run
from clinical_nb.history.verify import Verdict, verify
from clinical_nb.sessions.holdings import Holdings
from clinical_nb.sessions.place import Place
from clinical_nb.store.files import write_whole

if TYPE_CHECKING:  # it takes long to import, which %load_ext must not wait for
    import polars as pl

Form = Literal["notebook", "report", "openlineage"]
_FORMS: dict[str, Form] = {
    ".ipynb": "notebook",
    ".md": "report",
    ".ndjson": "openlineage",
    ".jsonl": "openlineage",
}
_OF_THE_STORE = ("uploaded", "declared")  # of which the store itself says more, and nothing can be run again
_UNANSWERED = ("unclear", "declined", "failed")  # the states of a run that nothing came of


class Recording:
    """Reads the record of what was done in a store, and lets others read it."""

    def __init__(self, place: Place, holdings: Holdings, disclosing: Disclosing) -> None:
        self._place = place
        self._holdings = holdings
        self._disclosing = disclosing

    def history(
        self, find: str = "", dataset: str | None = None, since: date | None = None, *, failed: bool = False
    ) -> "pl.DataFrame":
        """Return what was asked: one row a question or statement of SQL, newest last; and what left the store or came.

        What was uploaded and declared is in the history's files too, and in none of these rows.

        Columns: run_id, at (UTC), dataset, dataset_version, question (what is not vocabulary masked), status, reading,
        summary, failure, reused, milliseconds, run_key, parent (the run that this one repeats), disclosure.

        Parameters
        ----------
        find : str
            Only runs in whose question, result and dataset all of these words are.
        dataset : str, optional
            Only of this dataset.
        since : date, optional
            Only from this day (UTC) on.
        failed : bool
            Only what was not answered.

        """
        from clinical_nb.history.table import tabulate_runs  # noqa: PLC0415 - it imports Polars

        words, begin = find.casefold().split(), datetime.combine(since, time(), UTC) if since else None

        show = cache(self._place.references.show)  # of 100,000 runs, most are about the same few things

        def is_sought(run: Run) -> bool:
            if run.status in _OF_THE_STORE or (failed and run.status not in _UNANSWERED):
                return False
            if begin is not None and run.at < begin:
                return False
            if dataset is not None and dataset not in show(run.dataset).split(", "):
                return False
            said = (show(run.question), run.summary or run.failure or run.status, show(run.dataset)) if words else ()
            return all(word in " ".join(said).casefold() for word in words)

        return tabulate_runs(filter(is_sought, self._read_runs()), show)

    def attempts(self, run_id: str) -> "pl.DataFrame":
        """Return what tried to read the question of a run: a row a stage, in their order.

        Columns: stage, read (its readings, what few share masked), unread (the words that it could not read, masked),
        milliseconds, failure (what kept it from trying).

        Raises
        ------
        UnknownRunError, AmbiguousRunError
            When no run's id begins so, or several do.

        """
        from clinical_nb.history.table import tabulate_attempts  # noqa: PLC0415 - it imports Polars

        return tabulate_attempts(self._place.record.find(run_id), self._place.references.show)

    def export_history(
        self,
        to: str | Path,
        runs: Collection[str] | None = None,
        form: Form | None = None,
        *,
        references: bool = False,
        replace: bool = False,
    ) -> Path:
        """Write the history, or some runs of it, to a file that others may read: it holds nothing of a person.

        Parameters
        ----------
        to : path
            The file. `.ipynb` is a notebook of `%%clinical ask` cells, `.md` a report, `.ndjson` OpenLineage events.
        runs : collection of str, optional
            The ids of the runs, such as `history(failed=True)["run_id"]`; by default all, uploads too.
        form : str, optional
            `notebook`, `report` or `openlineage`, where the file's ending is another.
        references : bool
            In a notebook, write questions with tokens for what is withheld: they can be run in this store, and nowhere
            else. By default they are comments, in which it is masked.
        replace : bool
            Whether a file that is there may be replaced.

        Raises
        ------
        ClinicalError, StoreError
            When the form is none of these, the file is there already or in the store, or the disk refuses.

        """
        target = self._place.outside(Path(to))
        written = form or _FORMS.get(target.suffix.lower())
        if written is None or written not in _FORMS.values():
            raise ClinicalError(
                f"The history cannot be written as '{form or target.suffix}'.",
                "Write a notebook (.ipynb), a report (.md) or OpenLineage events (.ndjson).",
            )
        if target.exists() and not replace:
            raise StoreError(f"'{target}' is there already.", "Choose another name, or --replace.")
        chosen = [self._guarded(run) for run in self._read_runs() if runs is None or run.run_id in runs]
        match written:
            case "notebook":
                text = write_notebook(chosen, self._is_held, references=references)
            case "report":
                text = write_report(chosen)
            case _:
                text = write_openlineage(chosen, self._tables_of)
        write_whole(target, lambda beside: beside.write_text(text, encoding="utf-8", errors="replace"))
        told = f"{written} with references" if references and written == "notebook" else written
        self._place.note(Export(new_run_id(), "", [], told, files=1))
        return target

    def verify(self, seal: str | None = None) -> Verdict:
        """Check that nothing in the history was changed, moved or taken out since it was written.

        Parameters
        ----------
        seal : str, optional
            The `seal` of an earlier verdict, noted elsewhere: that the history still holds what it held then is checked
            as well, which tells an older copy of the whole store.

        Returns
        -------
        Verdict
            Its `problems` say what was found and where; it shows itself as text.

        Raises
        ------
        HistoryError, ClinicalError
            When a file cannot be read, or the seal is not one.

        """
        return verify(self._place.home / "history", seal)

    def forget(self, before: date) -> int:
        """Delete the entries of the history from before a day (UTC); that it was done is an entry of its own.

        What is left still verifies. Answers that the store keeps stay, and so do the datasets: `drop` deletes those.

        Returns
        -------
        int
            How many entries were deleted.

        Raises
        ------
        HistoryError
            When the history cannot be written.

        """
        return clear(self._place.home / "history", before)

    def _read_runs(self) -> Sequence[Run]:
        runs = self._place.record.read()
        for warning in runs.warnings:
            warnings.warn(warning, stacklevel=3)
        return runs.runs

    def _guarded(self, run: Run) -> Run:
        """Return a run as it may leave: under a profile, without the result of what was answered under none."""
        is_shown = self._disclosing.profile is None or run.disclosure is not None
        return run if is_shown else dataclasses.replace(run, summary=None, rows_in=None, rows_kept=None)

    def _is_held(self, name: str) -> bool:
        return self._place.references.resolve(name) in {each.name for each in self._holdings.datasets()}

    def _tables_of(self, name: str, version: str) -> Tables | None:
        """Return the tables of a version as the history calls them; None where the store has it no longer."""
        versions = self._holdings.versions(self._place.references.resolve(name)) if self._is_held(name) else ()
        found = next((each for each in versions if each.version == version), None)
        if found is None:
            return None
        return {self._place.references.name(table): stored.schema for table, stored in found.stored.tables.items()}
