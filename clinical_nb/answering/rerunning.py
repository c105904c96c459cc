"""Rerunning: an earlier run as a question to ask again, of the version that it was asked of or of the latest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clinical_nb.answering.comparing import Earlier
from clinical_nb.answering.computing import Answering, Asked
from clinical_nb.answering.withholding import restore
from clinical_nb.dataset import Dataset
from clinical_nb.errors import ClinicalError, GoneError
from clinical_nb.history.events import new_run_id
from clinical_nb.history.references import References
from clinical_nb.history.run import Run
from clinical_nb.plan import Plan, columns_of, plan_from_json


@dataclass(frozen=True, slots=True)
class Repeated:
    """A run that is to be computed again: what is asked, what is to be said of it, and the versions of its dataset."""

    asked: Asked
    plan: Plan
    remarks: tuple[str, ...]
    versions: Sequence[Dataset]

    def find_gone(self) -> GoneError | None:
        """Return what its plan needs that only an earlier version has, with the last that has all of it."""
        dataset, table, columns = self.asked.dataset, self.plan.cohort.table, columns_of(self.plan)
        if table in dataset.tables:
            gone = [column for column in columns if column not in dataset.stored.tables[table].schema]
            called = [f"'{column}'" for column in gone]
        else:
            gone, called = list(columns), [f"table '{table}'"]
        for version in reversed(self.versions):
            had = version.stored.tables.get(table)
            if version.number < dataset.number and had and had.schema.keys() >= set(gone):
                hint = f"%clinical rerun {self.asked.parent} runs it on the version that it was asked of."
                return GoneError(called, dataset.name, dataset.number, (version.number, version.version), hint)
        return None


def repeat(
    run: Run,
    references: References,
    versions_of: Callable[[str], Sequence[Dataset]],
    answering: Answering,
    *,
    latest: bool,
) -> Repeated:
    """Return a run as a question to be asked again, of the version that it was asked of, or of the `latest`.

    Raises
    ------
    UnknownDatasetError, ClinicalError
        When it was never answered, or its dataset or that version is gone.

    """
    if run.status == "queried":
        raise ClinicalError(f"Run {run.run_id} is SQL, whose values the history does not keep.", "Run its cell again.")
    if run.plan is None:
        raise ClinicalError(f"Run {run.run_id} was not answered ({run.status}).", "Ask the question again.")
    plan = restore(run.plan, references)
    if plan is None:
        problem = f"Values that run {run.run_id} asked about are kept in the store where it was asked, and not here."
        raise ClinicalError(problem, "Ask the question again.")
    versions = versions_of(references.resolve(run.dataset))
    then = next((each for each in versions if each.version == run.dataset_version), None)
    if then is None and not latest:
        gone = f"The store no longer has that version of '{references.show(run.dataset)}'."
        raise ClinicalError(gone, "Ask again, or rerun on the latest.")
    newest = versions[-1]
    dataset = newest if latest or then is None else then
    newer = f"Dataset '{newest.name}' has a newer version ({newest.number}); this is of version {dataset.number}."
    remarks = (newer,) if newest.version != dataset.version else ()
    key = references.resolve(run.run_key or "")
    earlier = Earlier(key, answering.load(key), then)
    shown = references.show(run.question)
    asked = Asked(new_run_id(), shown, run.question, dataset, dataset.dictionary, run.run_id, earlier=earlier)
    return Repeated(asked, plan_from_json(plan), remarks, versions)
