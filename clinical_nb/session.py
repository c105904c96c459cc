"""Session: the whole product without a notebook. Every surface walks its one path from files to history."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from clinical_nb.answering import Answering, Asked, read_plan
from clinical_nb.conversation import Conversation
from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.errors import (
    NoDatasetError,
    UnknownColumnError,
    UnknownDatasetError,
    UnknownTableError,
)
from clinical_nb.history.events import new_run_id
from clinical_nb.history.privacy import mask
from clinical_nb.history.record import find_run, read_runs
from clinical_nb.holdings import Holdings
from clinical_nb.plan import Plan
from clinical_nb.rerunning import repeat

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    import polars as pl

    from clinical_nb.dictionary.corrections import Corrections
    from clinical_nb.querying import Selection
    from clinical_nb.render.answer import Answer

# ruff: noqa: PLC0415 - the heavy parts come with the first upload or question, so that %load_ext is quick:
# Polars takes 79 ms to import in a running kernel, scipy.stats 583 ms, great-tables 110 ms.


class Session(Holdings):
    """A store and its history: upload, ask, rerun.

    Parameters
    ----------
    home : str or Path
        The folder of the store; made when it is not there, and its datasets are restored when it is.

    Raises
    ------
    StoreError
        When the folder cannot be made or written.

    """

    def __init__(self, home: str | Path) -> None:
        super().__init__(Path(home))
        self._answering = Answering(self._store, self._log)
        self._used: str | None = None
        self._talk = Conversation()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Leave the store; nothing is held open between calls, so nothing can be lost by not calling this."""
        self._used = None

    @property
    def current(self) -> Dataset | None:
        """The dataset that questions are about: the one last used, else the newest; None where it is not there."""
        datasets = self.datasets()
        if self._used is not None:
            datasets = [dataset for dataset in datasets if dataset.name == self._used]
        return datasets[0] if datasets else None

    def use(self, name: str) -> Dataset:
        """Make questions be about this dataset from now on.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name.

        """
        dataset = self.find(name)
        self._used = name
        self._talk.forget()
        return dataset

    def upload(
        self, paths: str | Path | Sequence[str | Path], name: str | None = None, dictionary: str | Path | None = None
    ) -> Dataset:
        """Store files as a dataset, or as the next version of the dataset of that name, and use it.

        Parameters
        ----------
        paths : path or sequence of paths
            Tables in any format that README names, a zip or a folder of these; or what `archive` made. A codebook
            among them (REDCap's data dictionary, a table with a line for each column) is taken as the dictionary.
        name : str, optional
            The dataset's name; by default the first file's, without its ending, or the folder's, without `_tables`.
        dictionary : path, optional
            A CSV (`column, meaning, codes_or_units`) or YAML that declares what columns mean, which holds for later
            versions until another is given. By default the one that `export` wrote into the folder.

        Returns
        -------
        Dataset
            The stored version; the one already there when content and dictionary are the same.

        Raises
        ------
        FileError, DictionaryError, ClinicalError, StoreError
            With one sentence of what is wrong and what to do.

        """
        from clinical_nb.given import find_given
        from clinical_nb.uploading import store_files

        upload = find_given(paths, name, dictionary)
        if upload.is_archive:
            return self.use(self._take_in(upload.files[0], name))
        before = next((dataset for dataset in self.datasets() if dataset.name == upload.name), None)
        stored = store_files(self._store, upload.files, upload.name, upload.dictionary, before)
        self._used, self._was_there = upload.name, True
        self._talk.forget()
        return dataset_of(stored, self._store)

    def accept(self, *which: int | str, name: str | None = None, instead: Mapping[str, Any] | None = None) -> Dataset:
        """Accept proposals, which makes the dataset's next version; the tables that were uploaded stay as they are.

        Parameters
        ----------
        which : int or str
            Numbers from 1 of `Dataset.proposals`, or names of columns; "all" for all that ask for no decision.
        name : str, optional
            The dataset; by default the one in use.
        instead : mapping, optional
            What to do instead of the one named: a step, such as `{"do": "missing", "values": ["-99"]}`, or fields.

        Raises
        ------
        NoDatasetError, UnknownDatasetError, ClinicalError
            When there is no such dataset or proposal, or the step cannot be meant.

        """
        from clinical_nb.quality.proposals import accept, pick

        dataset = self._asked_of(name)
        return self._correct(dataset, accept(dataset.dictionary, pick(dataset.proposals, which), instead))

    def reject(self, *which: int | str, name: str | None = None) -> Dataset:
        """Reject proposals, so that they are not made again; what was done automatically is taken back."""
        from clinical_nb.quality.proposals import pick, reject

        dataset = self._asked_of(name)
        return self._correct(dataset, reject(dataset.dictionary, pick(dataset.proposals, which)))

    def correct(self, columns: Mapping[str, Mapping[str, Any]], name: str | None = None) -> Dataset:
        """Correct what the dictionary says of columns, which makes the dataset's next version.

        Parameters
        ----------
        columns : mapping of str to mapping
            By column, or `table.column` where several tables have it: the fields that are otherwise, such as
            `{"status": {"role": "event", "event": 2}, "weight": {"unit": "kg"}}`. Also `clean`, the whole list of its
            cleaning steps. By table: what a row is, its key, and where the rows belong, checked to the last row, such
            as `{"visits": {"row": "visit", "key": ["id", "visit"], "relations": [{"table": "patients", "columns":
            ["id"], "keys": ["patient"]}]}}`.
        name : str, optional
            The dataset; by default the one in use.

        Raises
        ------
        NoDatasetError, UnknownDatasetError, UnknownColumnError, DictionaryError
            When there is no such dataset, column or field, or the value is impossible.

        """
        from clinical_nb.dictionary.corrections import corrections_of

        dataset = self._asked_of(name)
        return self._correct(dataset, corrections_of(dataset.dictionary, columns))

    def drop(self, name: str, version: int | str | None = None) -> None:  # noqa: D102 - as in Holdings
        super().drop(name, version)
        self._talk.forget(name)  # and where it was in use, the next question has to say which dataset it is about

    def ask(self, question: str, data: str | None = None) -> "Answer":
        """Answer a question in plain words, or say why not.

        Parameters
        ----------
        question : str
            One question, or what changes the one before; or the number of a choice that it left open.
        data : str, optional
            The dataset it is about; by default the current one.

        Returns
        -------
        Answer
            Its status is `answered`, `unclear` (with choices) or `declined` (with the reason).

        Raises
        ------
        NoDatasetError, UnknownDatasetError, StoreError
            When there is nothing to ask about.

        """
        from clinical_nb.ask.reading import Read

        dataset = self._asked_of(data)
        if question.strip().isdecimal():
            return self._pick(int(question), question, dataset)
        heard = self._talk.hear(question, dataset, self.versions)
        asked = Asked(new_run_id(), question, heard.masked, dataset, dataset.dictionary, heard.parent)
        if isinstance(heard.reading, Read):
            answer = self._answering.answer(asked, heard.reading.plan, (*heard.remarks, *heard.reading.remarks))
        else:
            answer = self._answering.decline(asked, heard.reading)
        self._talk.keep(answer, heard, question)
        return answer

    def run(self, plan: Plan) -> "Answer":
        """Answer a plan, as a question that was read as it would be.

        Raises
        ------
        UnknownDatasetError, StoreError, PlanError
            When the plan's dataset is not there, or the tables that it joins are not related.

        """
        dataset = self.find(plan.cohort.dataset)
        meaning = dataset.dictionary
        reading = read_plan(plan, meaning)
        asked = Asked(new_run_id(), reading, reading, dataset, meaning, self._talk.opened_by(plan))
        answer = self._answering.answer(asked, plan)
        self._talk.keep_picked(answer)
        return answer

    def sql(self, statement: str) -> "Selection":
        """Select rows of the stored tables with DuckDB's SQL, which here only reads.

        Each dataset is a schema, each table of its current version a view: `SELECT * FROM trial.visits`. The name of a
        dataset alone stands for its only table, or the one that is called as it is; the tables of the dataset in use
        need no dataset before them. Files, the network and the notebook's variables cannot be read.

        Parameters
        ----------
        statement : str
            One statement: SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN.

        Returns
        -------
        Selection
            The rows as a lazy Polars frame (`frame`), how many they are, and the first ones.

        Raises
        ------
        SqlError
            When it cannot be read or run, or does more than read; with its place in the text.
        StoreError
            When a table that it names is lost.

        """
        from clinical_nb.querying import Querying

        current = self.current
        return Querying(self._store, self._log).run(statement, current.name if current else None)

    def sql_names(self) -> list[tuple[str, str]]:
        """List what a statement of SQL can name, as it is written there, and what each is: a dataset, table or column.

        The columns are those of the dataset in use.
        """
        from clinical_nb.querying import list_names

        current = self.current
        return list_names(self.home, current.name if current else None)

    def history(self) -> "pl.DataFrame":
        """Return what was asked: one row a question or statement of SQL, newest last.

        Columns: run_id, at (UTC), dataset, dataset_version, question (what is not vocabulary masked), status, reading,
        summary, failure, reused, milliseconds, run_key, parent (the run that this one repeats).
        """
        from clinical_nb.history.table import tabulate_runs

        runs = read_runs(self.home / "history")
        for warning in runs.warnings:
            warnings.warn(warning, stacklevel=2)
        return tabulate_runs(runs.runs)

    def rerun(self, run_id: str, on_latest: bool = False) -> "Answer":  # noqa: FBT001, FBT002 - DESIGN's public surface
        """Compute the answer of an earlier question again, and say whether it is the same.

        Parameters
        ----------
        run_id : str
            Its id, or the beginning of it.
        on_latest : bool
            On the dataset's current version instead of the one that was asked of.

        Raises
        ------
        UnknownRunError, ClinicalError
            When there is no such run, or it was never answered, or its dataset is gone.

        """
        again = repeat(find_run(self.home / "history", run_id), self.versions, latest=on_latest)
        try:
            return self._answering.answer(again.asked, again.plan, again.remarks)
        except (UnknownColumnError, UnknownTableError) as error:
            raise (again.find_gone() or error) from error

    def _correct(self, dataset: Dataset, corrections: "Corrections") -> Dataset:
        from clinical_nb.uploading import store_corrections

        self._used = dataset.name
        self._talk.forget()
        return dataset_of(store_corrections(self._store, dataset, corrections), self._store)

    def _asked_of(self, data: str | None) -> Dataset:
        """Return the dataset of a question; once resolved, another notebook's upload does not change it."""
        if data is not None:
            return self.find(data)
        dataset = self.current
        if dataset is None:
            others = [each.name for each in self.datasets()]
            raise UnknownDatasetError(self._used or "", others) if others else NoDatasetError
        self._used = dataset.name
        return dataset

    def _pick(self, number: int, question: str, dataset: Dataset) -> "Answer":
        """Answer by the number of a choice that the question before left open about this dataset."""
        plans = self._talk.choices(dataset.name)
        if 1 <= number <= len(plans):
            return self.run(plans[number - 1])
        reason = f"Choose 1 to {len(plans)}." if plans else "No choices are open. Ask the question again."
        asked = Asked(new_run_id(), question, mask(question, (), ()), dataset, dataset.dictionary)
        return self._answering.turn_down(asked, "declined", reason)
