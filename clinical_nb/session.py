"""Session: the whole product without a notebook. Every surface walks its one path from files to history."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from clinical_nb.answering.computing import Answering, Asked, read_plan
from clinical_nb.answering.rerunning import repeat
from clinical_nb.answering.withholding import may_be_written, read_withheld
from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.errors import (
    ClinicalError,
    UnknownColumnError,
    UnknownTableError,
)
from clinical_nb.history.events import Upload, new_run_id
from clinical_nb.history.privacy import mask, told
from clinical_nb.history.references import holds_token
from clinical_nb.plan import Plan
from clinical_nb.sessions.recording import Recording
from clinical_nb.store.version import Version

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    from clinical_nb.answering.querying import Selection
    from clinical_nb.render.answer import Answer

# ruff: noqa: PLC0415 - the heavy parts come with the first upload or question, so that %load_ext is quick:
# Polars takes 79 ms to import in a running kernel, scipy.stats 583 ms, great-tables 110 ms.


class Session(Recording):
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
        self._answering = Answering(self._store, self._log, self._references, self._disclosing)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Leave the store; nothing is held open between calls, so nothing can be lost by not calling this."""
        self._used = None

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
        from clinical_nb.moving.given import find_given
        from clinical_nb.uploading.storing import store_files

        upload = find_given(paths, name, dictionary)
        if upload.is_archive:
            return self.use(self._take_in(upload.files[0], name))
        before = next((dataset for dataset in self.datasets() if dataset.name == upload.name), None)
        began = time.perf_counter()
        stored = store_files(self._store, upload.files, upload.name, upload.dictionary, before)
        if name and may_be_written(name, dataset_of(stored, self._store).dictionary):
            self._references.publish(name)
        is_new = before is None or before.version != stored.dataset_version
        self._note_uploaded(stored, is_new, round(1000 * (time.perf_counter() - began)))
        self._used, self._was_there = upload.name, True
        self._talk.forget()
        return dataset_of(stored, self._store)

    def _note_uploaded(self, stored: Version, is_new: bool, milliseconds: int) -> None:  # noqa: FBT001 - one caller
        dataset = dataset_of(stored, self._store)
        steps = sum(len(c.clean) for columns in dataset.dictionary.tables.values() for c in columns.values())
        self._note(
            Upload(
                new_run_id(),
                self._references.name(dataset.name),
                dataset.version,
                len(dataset.source_files),
                {self._references.name(table): told(rows) for table, (rows, _) in dataset.tables.items()},
                steps,
                is_new,
                milliseconds,
            )
        )

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

        dataset = self.asked_of(data)
        question = self._resolved(question)
        if question.strip().isdecimal():
            return self._pick(int(question), question, dataset)
        heard = self._consult(question, self._talk.hear(question, dataset, self.versions), dataset)
        asked = Asked(
            new_run_id(), question, heard.masked, dataset, dataset.dictionary, heard.parent, tried=heard.tried,
            pick=heard.pick,
        )  # fmt: skip
        if isinstance(heard.reading, Read):
            answer = self._answering.answer(asked, heard.reading.plan, (*heard.remarks, *heard.reading.remarks))
        else:
            answer = self._answering.decline(asked, heard.reading)
        return self._talk.keep(answer, heard, question, dataset)

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
        said = read_withheld(plan, dataset, self._references)
        pick = self._talk.picked(plan)
        asked = Asked(new_run_id(), reading, said, dataset, meaning, pick[0] if pick else None, pick=pick)
        answer = self._answering.answer(asked, plan, self._talk.remarks_on(plan))
        return self._talk.keep_picked(answer, dataset)

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
        from clinical_nb.answering.querying import Querying

        self._disclosing.refuse_rows("A statement of SQL")
        current = self.current
        return Querying(self._store, self._log, self._references).run(statement, current.name if current else None)

    def sql_names(self) -> list[tuple[str, str]]:
        """List what a statement of SQL can name, as it is written there, and what each is: a dataset, table or column.

        The columns are those of the dataset in use.
        """
        from clinical_nb.answering.querying import list_names

        current = self.current
        return list_names(self.home, current.name if current else None)

    def rerun(self, run_id: str, on_latest: bool = False) -> "Answer":  # noqa: FBT001, FBT002 - DESIGN's public surface
        """Compute the answer of an earlier question again, and say whether it is the same.

        Where it is not, `Answer.differences` has each statistic of both, and a remark names what changed in between.

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
        run = self._record.find(run_id)
        again = repeat(run, self._references, self.versions, self._answering, latest=on_latest)
        try:
            return self._answering.answer(again.asked, again.plan, again.remarks)
        except (UnknownColumnError, UnknownTableError) as error:
            raise (again.find_gone() or error) from error

    def _resolved(self, question: str) -> str:
        """Return a question with what its tokens stand for, as an exported notebook asks it."""
        resolved = self._references.resolve(question)
        if resolved == question and holds_token(question):
            problem = (
                "Values that this question asks about are kept in the store where it was asked first, and not here."
            )
            raise ClinicalError(problem, "Write them in their places.")
        return resolved

    def _pick(self, number: int, question: str, dataset: Dataset) -> "Answer":
        """Answer by the number of a choice that the question before left open about this dataset."""
        plans = self._talk.choices(dataset.name)
        if 1 <= number <= len(plans):
            return self.run(plans[number - 1])
        reason = f"Choose 1 to {len(plans)}." if plans else "No choices are open. Ask the question again."
        asked = Asked(new_run_id(), question, mask(question, (), ()), dataset, dataset.dictionary)
        return self._answering.turn_down(asked, "declined", reason)
