"""Session: the whole product without a notebook. Every surface walks its one path from files to history."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from clinical_nb.answering import Answering, Asked
from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.errors import (
    ClinicalError,
    FileError,
    GoneError,
    NoDatasetError,
    UnknownColumnError,
    UnknownDatasetError,
    UnknownTableError,
)
from clinical_nb.history.events import new_run_id
from clinical_nb.history.privacy import mask
from clinical_nb.history.record import find_run, read_runs
from clinical_nb.holdings import Holdings
from clinical_nb.plan import Plan, columns_of, numbers_of, plan_from_json

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    import polars as pl

    from clinical_nb.ask.gone import Meaning
    from clinical_nb.querying import Selection
    from clinical_nb.render.answer import Answer

# ruff: noqa: PLC0415 - the heavy parts come with the first upload or question, so that %load_ext is quick:
# Polars takes 79 ms to import in a running kernel, scipy.stats 583 ms, great-tables 110 ms.


@dataclass(frozen=True, slots=True)
class _OpenQuestion:
    """A question that was unclear, and the plans that it may mean."""

    run_id: str
    dataset: str
    plans: tuple[Plan, ...]


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
        self._open: _OpenQuestion | None = None

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
        self._used, self._open = name, None
        return dataset

    def upload(
        self, paths: str | Path | Sequence[str | Path], name: str | None = None, dictionary: str | Path | None = None
    ) -> Dataset:
        """Store files as a dataset, or as the next version of the dataset of that name, and use it.

        Parameters
        ----------
        paths : path or sequence of paths
            CSV, TSV, Excel, ods, JSON, Parquet, Arrow, a zip or a folder of these; or what `archive` made, whose
            versions are added.
        name : str, optional
            The dataset's name; by default the first file's, without its ending, or the folder's, without `_tables`.
        dictionary : path, optional
            A CSV (`column, meaning, codes_or_units`) or YAML that declares what columns mean. What was declared for an
            earlier version of the same name holds until another dictionary is given. By default the one that `export`
            wrote into the folder.

        Returns
        -------
        Dataset
            The stored version; the one already there when content and dictionary are the same.

        Raises
        ------
        FileError, DictionaryError, ClinicalError, StoreError
            With one sentence of what is wrong and what to do.

        """
        from clinical_nb.intake.folder import find_dictionary, name_folder
        from clinical_nb.moving.archive import is_archive
        from clinical_nb.uploading import store_files

        files = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
        if not files:
            raise ClinicalError("There is nothing to upload.", "Name at least one file.")
        archive = next((file for file in files if is_archive(file)), None)
        if archive and (len(files) > 1 or dictionary):
            raise FileError(archive.name, "is an archive of a dataset, dictionary and all", "Upload it by itself.")
        if archive:
            return self.use(self._take_in(archive, name))
        if len(files) == 1 and files[0].is_dir():
            name, dictionary = name or name_folder(files[0]), dictionary or find_dictionary(files[0])
        name = name or files[0].name.split(".")[0]
        before = next((dataset for dataset in self.datasets() if dataset.name == name), None)
        stored = store_files(self._store, files, name, Path(dictionary) if dictionary else None, before)
        self._used, self._open, self._was_there = name, None, True
        return dataset_of(stored, self._store)

    def drop(self, name: str, version: int | str | None = None) -> None:  # noqa: D102 - as in Holdings
        super().drop(name, version)
        self._open = None  # and where it was in use, the next question has to say which dataset it is about

    def ask(self, question: str, data: str | None = None) -> "Answer":
        """Answer a question in plain words, or say why not.

        Parameters
        ----------
        question : str
            One question; or the number of one of the choices that the question before left open.
        data : str, optional
            The dataset it is about; by default the current one.

        Returns
        -------
        Answer
            Its status is `answered`, `unclear` (with choices) or `declined` (with the reason): what is not understood
            or cannot be computed is no error.

        Raises
        ------
        NoDatasetError, UnknownDatasetError, StoreError
            When there is nothing to ask about.

        """
        from clinical_nb.ask.gone import tell_gone
        from clinical_nb.ask.reading import Declined, Read, Unclear, known_words, read_question

        dataset = self._asked_of(data)
        if question.strip().isdecimal():
            return self._pick(int(question), question, dataset)
        meaning = dataset.dictionary
        read = read_question(question, dataset.name, meaning)
        read = tell_gone(read, question, dataset.name, _meaning(dataset), self._earlier(dataset))
        plans = (read.plan,) if isinstance(read, Read) else read.plans if isinstance(read, Unclear) else ()
        thresholds = frozenset[float]().union(*map(numbers_of, plans))
        masked = mask(question, known_words(question, meaning), thresholds)
        asked = Asked(new_run_id(), question, masked, dataset, meaning)
        self._open = _OpenQuestion(asked.run_id, dataset.name, plans) if isinstance(read, Unclear) else None
        if isinstance(read, Unclear):
            return self._answering.turn_down(asked, "unclear", read.reason, read.plans)
        if isinstance(read, Declined):
            return self._answering.turn_down(asked, "declined", read.reason)
        return self._answering.answer(asked, read.plan, read.remarks)

    def run(self, plan: Plan) -> "Answer":
        """Answer a plan, as a question that was read as it would be.

        Raises
        ------
        UnknownDatasetError, StoreError
            When the plan's dataset is not there.

        """
        from clinical_nb.render.reading import read_back

        dataset = self.find(plan.cohort.dataset)
        meaning = dataset.dictionary
        reading = read_back(plan, meaning)
        answers_to = self._open.run_id if self._open and plan in self._open.plans else None
        return self._answering.answer(Asked(new_run_id(), reading, reading, dataset, meaning, answers_to), plan)

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
        run = find_run(self.home / "history", run_id)
        if run.status == "queried":
            raise ClinicalError(
                f"Run {run.run_id} is SQL, whose values the history does not keep.", "Run its cell again."
            )
        if run.plan is None:
            raise ClinicalError(f"Run {run.run_id} was not answered ({run.status}).", "Ask the question again.")
        latest = self.find(run.dataset)
        then = self._version(run.dataset, run.dataset_version)
        dataset = latest if on_latest else then
        asked = Asked(new_run_id(), run.question, run.question, dataset, dataset.dictionary, run.run_id, again=True)
        newer = f"Dataset '{latest.name}' has a newer version ({latest.number}); this is of version {then.number}."
        remarks = (newer,) if latest.version != dataset.version else ()
        plan = plan_from_json(run.plan)
        try:
            return self._answering.answer(asked, plan, remarks)
        except (UnknownColumnError, UnknownTableError) as error:
            raise (self._find_gone(plan, dataset, run.run_id) or error) from error

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
        plans = self._open.plans if self._open and self._open.dataset == dataset.name else ()
        if 1 <= number <= len(plans):
            return self.run(plans[number - 1])
        reason = f"Choose 1 to {len(plans)}." if plans else "No choices are open. Ask the question again."
        asked = Asked(new_run_id(), question, mask(question, (), ()), dataset, dataset.dictionary)
        return self._answering.turn_down(asked, "declined", reason)

    def _earlier(self, dataset: Dataset) -> "Iterator[Meaning]":
        """Yield what earlier versions meant, newest first: of interest to a question that cannot be read as it is."""
        for version in reversed(self.versions(dataset.name)):
            if version.number < dataset.number:
                yield _meaning(version)

    def _find_gone(self, plan: Plan, dataset: Dataset, run_id: str) -> GoneError | None:
        """Return what a plan needs that only an earlier version has, with the last that has all of it."""
        table, columns = plan.cohort.table, columns_of(plan)
        if table in dataset.tables:
            gone = [column for column in columns if column not in dataset.stored.tables[table].schema]
            called = [f"'{column}'" for column in gone]
        else:
            gone, called = list(columns), [f"table '{table}'"]
        for version in reversed(self.versions(dataset.name)):
            had = version.stored.tables.get(table)
            if version.number < dataset.number and had and had.schema.keys() >= set(gone):
                hint = f"%clinical rerun {run_id} runs it on the version that it was asked of."
                return GoneError(called, dataset.name, dataset.number, (version.number, version.version), hint)
        return None

    def _version(self, name: str, dataset_version: str) -> Dataset:
        for stored in self._store.list_versions(name):
            if stored.dataset_version == dataset_version:
                return dataset_of(stored, self._store)
        raise ClinicalError(f"The store no longer has that version of '{name}'.", "Ask again, or rerun on the latest.")


def _meaning(dataset: Dataset) -> "Meaning":
    from clinical_nb.ask.gone import Meaning

    return Meaning(dataset.number, dataset.version, dataset.dictionary)
