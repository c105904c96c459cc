"""What a person says of a dataset: proposals accepted, columns corrected, cohorts named."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.errors import ClinicalError, UnknownCohortError
from clinical_nb.history.events import Declaration, Way, new_run_id
from clinical_nb.sessions.attaching import correct_attached
from clinical_nb.sessions.holdings import Holdings
from clinical_nb.sessions.place import Place

if TYPE_CHECKING:  # it imports pydantic, which %load_ext must not wait for
    from clinical_nb.dictionary.corrections import Corrections

# ruff: noqa: PLC0415 - what reads and stores dictionaries comes with the first use, so that %load_ext is quick


class Declaring:
    """Makes of whatever a person says of a dataset its next version, and uses that."""

    def __init__(self, place: Place, holdings: Holdings) -> None:
        self._place = place
        self._holdings = holdings

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

        dataset = self._holdings.asked_of(name)
        return self._correct(dataset, accept(dataset.dictionary, pick(dataset.proposals, which), instead), "accepted")

    def reject(self, *which: int | str, name: str | None = None) -> Dataset:
        """Reject proposals, so that they are not made again; what was done automatically is taken back."""
        from clinical_nb.quality.proposals import pick, reject

        dataset = self._holdings.asked_of(name)
        return self._correct(dataset, reject(dataset.dictionary, pick(dataset.proposals, which)), "rejected")

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

        dataset = self._holdings.asked_of(name)
        return self._correct(dataset, corrections_of(dataset.dictionary, columns), "corrected")

    def define(self, cohort: str, text: str, name: str | None = None) -> Dataset:
        """Give a condition a name that questions can use ("in NAME"), which makes the dataset's next version.

        Parameters
        ----------
        cohort : str
            The name, of up to six words; a cohort of that name is defined anew.
        text : str
            The condition, as in a question: "age over 65 and diabetes = yes". It may use cohorts defined before.
        name : str, optional
            The dataset; by default the one in use.

        Raises
        ------
        NoDatasetError, UnknownDatasetError, DictionaryError
            When there is no such dataset, the name means something already, or the text is not one condition.

        """
        from clinical_nb.ask.defining import define

        dataset = self._holdings.asked_of(name)
        called = " ".join(cohort.split())
        defined = define(called, text, dataset.dictionary)
        return self._name_cohorts(dataset, {called: defined.model_dump(mode="json")})

    def undefine(self, cohort: str, name: str | None = None) -> Dataset:
        """Take a cohort's name away, which makes the dataset's next version.

        Raises
        ------
        NoDatasetError, UnknownDatasetError, UnknownCohortError
            When there is no such dataset, or it has no cohort of that name.

        """
        dataset = self._holdings.asked_of(name)
        called = " ".join(cohort.split())
        if called not in dataset.dictionary.cohorts:
            raise UnknownCohortError(called, dataset.name, dataset.dictionary.cohorts)
        return self._name_cohorts(dataset, {called: None})

    def _name_cohorts(self, dataset: Dataset, cohorts: Mapping[str, Any]) -> Dataset:
        from clinical_nb.uploading.storing import store_cohorts

        _refuse_attached(dataset)
        self._holdings.take_up(dataset.name)
        after = dataset_of(store_cohorts(self._place.store, dataset, cohorts), self._place.store)
        ways: set[Way] = {"undefined" if each is None else "defined" for each in cohorts.values()}
        self._note_declared(after, ways.pop(), [])
        return after

    def _correct(self, dataset: Dataset, corrections: "Corrections", way: "Way") -> Dataset:
        from clinical_nb.uploading.storing import store_corrections

        self._holdings.take_up(dataset.name)
        if dataset.is_attached:
            after = self._holdings.keep_attached(correct_attached(dataset, corrections))
        else:
            after = dataset_of(store_corrections(self._place.store, dataset, corrections), self._place.store)
        columns = [column for said in corrections.get("tables", {}).values() for column in said]
        self._note_declared(after, way, columns)
        return after

    def _note_declared(self, dataset: Dataset, way: "Way", columns: list[str]) -> None:
        called = self._place.references.name(dataset.name)
        self._place.note(Declaration(new_run_id(), called, dataset.version, way, columns))


def _refuse_attached(dataset: Dataset) -> None:
    if dataset.is_attached:
        hint = "Attach it again with a dictionary that says so."
        raise ClinicalError(f"'{dataset.name}' is attached, and no version of it is stored.", hint)
