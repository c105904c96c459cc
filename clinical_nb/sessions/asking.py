"""What is asked of a session's datasets: in words, by a plan, in SQL, or again."""

from typing import TYPE_CHECKING

from clinical_nb.answering.computing import Answering, Asked, read_plan
from clinical_nb.answering.conversation import Conversation
from clinical_nb.answering.disclosing import Disclosing
from clinical_nb.answering.rerunning import repeat
from clinical_nb.answering.withholding import read_withheld
from clinical_nb.dataset import Dataset
from clinical_nb.errors import ClinicalError, UnknownColumnError, UnknownTableError
from clinical_nb.history.events import new_run_id
from clinical_nb.history.privacy import mask
from clinical_nb.history.references import holds_token
from clinical_nb.plan import Plan
from clinical_nb.sessions.consulting import Consulting
from clinical_nb.sessions.holdings import Holdings
from clinical_nb.sessions.place import Place

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    from clinical_nb.answering.querying import Selection
    from clinical_nb.render.answer import Answer

# ruff: noqa: PLC0415 - the heavy parts come with the first upload or question, so that %load_ext is quick:
# Polars takes 79 ms to import in a running kernel, scipy.stats 583 ms, great-tables 110 ms.


class Asking:
    """Answers questions about what a session holds, each in the light of those before it."""

    def __init__(
        self, place: Place, holdings: Holdings, talk: Conversation, consulting: Consulting, disclosing: Disclosing
    ) -> None:
        self._place = place
        self._holdings = holdings
        self._talk = talk
        self._consulting = consulting
        self._disclosing = disclosing
        self._answering = Answering(place.store, place.log, place.references, disclosing)

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

        dataset = self._holdings.asked_of(data)
        question = self._resolved(question)
        if question.strip().isdecimal():
            return self._pick(int(question), question, dataset)
        heard = self._talk.hear(question, dataset, self._holdings.versions, by_numbers=self._disclosing.is_off)
        heard = self._consulting.consult(question, heard, dataset)
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
        dataset = self._holdings.find(plan.cohort.dataset)
        meaning = dataset.dictionary
        reading = read_plan(plan, meaning)
        said = read_withheld(plan, dataset, self._place.references)
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
        place = self._place
        current = self._holdings.current
        return Querying(place.store, place.log, place.references).run(statement, current.name if current else None)

    def sql_names(self) -> list[tuple[str, str]]:
        """List what a statement of SQL can name, as it is written there, and what each is: a dataset, table or column.

        The columns are those of the dataset in use.
        """
        from clinical_nb.answering.querying import list_names

        current = self._holdings.current
        return list_names(self._place.home, current.name if current else None)

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
        run = self._place.record.find(run_id)
        again = repeat(run, self._place.references, self._holdings.versions, self._answering, latest=on_latest)
        try:
            return self._answering.answer(again.asked, again.plan, again.remarks)
        except (UnknownColumnError, UnknownTableError) as error:
            raise (again.find_gone() or error) from error

    def _resolved(self, question: str) -> str:
        """Return a question with what its tokens stand for, as an exported notebook asks it."""
        resolved = self._place.references.resolve(question)
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
