"""What a dataset's report and dictionary propose, to be accepted, changed or rejected by a person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clinical_nb.dictionary.corrections import Corrections, add_corrections
from clinical_nb.dictionary.meaning import Dictionary, Relation
from clinical_nb.dictionary.roles import unconfirmed
from clinical_nb.dictionary.steps import ReadNumbers, Step, step_from_json, step_to_json
from clinical_nb.dictionary.telling import say_names
from clinical_nb.errors import ClinicalError, suggest
from clinical_nb.intake.table import Finding

_UNSAID = "entry"  # what a row is where a person rejects what it was taken for: nothing that a patient has one of
_CONFIRMED = {"confirmed": True}
# A value that cannot be may be a typing error that somebody can mend; which number is the day, only she can say.
_TO_DECIDE = frozenset(
    {"impossible values", "outliers", "ambiguous dates", "mixed fractions", "numbers as text", "separators"}
    | {"undetected"}
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing that a person may agree to: a cleaning step, or what a column or a table is in the study.

    `text` says what was found in so many `rows`, `proposal` what to do. `is_done` says that it holds already, as an
    automatic step does, and can only be rejected or changed. `column` is None where it is about a table: what its rows
    are, or, with a `relation`, where they belong. `asks` says that it is an assumption at which a person has to look.
    `at` are the numbers of the first of the rows.
    """

    table: str
    column: str | None
    rows: int
    text: str
    proposal: str
    step: Step | None = None
    fields: Mapping[str, Any] | None = None
    relation: Relation | None = None
    is_done: bool = False
    asks: bool = False
    at: tuple[int, ...] = ()


def list_proposals(report: Iterable[Finding], dictionary: Dictionary) -> tuple[Proposal, ...]:
    """Return what is proposed for a dataset and not settled: cleaning steps first, then roles, then what rows are."""
    return (*_of_steps(report, dictionary), *_of_roles(dictionary), *_of_grains(dictionary))


def pick(proposals: Sequence[Proposal], wanted: Iterable[int | str]) -> list[Proposal]:
    """Return the proposals of these numbers (from 1), or about the columns of these names.

    "all" are those that are open and ask for no decision: what must be looked at is accepted by itself.

    Raises
    ------
    ClinicalError
        When there is none of a number or about a column.

    """
    found: set[int] = set()
    for each in wanted:
        text = str(each)
        if text == "all":
            return [proposal for proposal in proposals if not (proposal.asks or proposal.is_done)]
        about = {at for at, proposal in enumerate(proposals, 1) if text in _names_of(proposal)}
        if text.isdecimal() and not about:
            if not 1 <= int(text) <= len(proposals):
                there = f"There are 1 to {len(proposals)}." if proposals else "Nothing is proposed for this dataset."
                raise ClinicalError(f"There is no proposal {text}.", there)
            about = {int(text)}
        if not about:
            names = {name for proposal in proposals for name in _names_of(proposal)}
            raise ClinicalError(f"Nothing is proposed for '{text}'.", suggest(text, names, "proposals"))
        found |= about
    return [proposals[at - 1] for at in sorted(found)]


def _names_of(proposal: Proposal) -> tuple[str, ...]:
    """Return by which names a proposal can be meant: its column, with and without its table; its table where none.

    Where its rows belong is named by both tables: `visits.patients`.
    """
    if proposal.relation:
        return (f"{proposal.table}.{proposal.relation.table}",)
    if proposal.column is None:
        return (proposal.table,)
    return proposal.column, f"{proposal.table}.{proposal.column}"


def accept(
    dictionary: Dictionary, proposals: Sequence[Proposal], instead: Mapping[str, Any] | None = None
) -> Corrections:
    """Return the corrections that proposals make, or `instead` of the one of them: a step, or fields of the column.

    Raises
    ------
    ClinicalError
        When one of several is to be changed, all are done already, or a relation is to be changed instead of corrected.

    """
    if instead is not None and len(proposals) != 1:
        raise ClinicalError("Only one proposal can be changed at a time.", "Name one.")
    waiting = [proposal for proposal in proposals if instead is not None or not proposal.is_done]
    if proposals and not waiting:
        raise ClinicalError(
            f"What is proposed for '{proposals[0].column}' is done already.", "It can be rejected, or changed."
        )
    corrections: Corrections = {}
    for proposal in waiting:
        if proposal.relation and instead is not None:
            raise ClinicalError(
                "Where rows belong is accepted or rejected as it is.",
                f"Correct the relations of '{proposal.table}' instead.",
            )
        if proposal.relation:
            more = _with_relations(dictionary, proposal, corrections, [proposal.relation.model_copy(update=_CONFIRMED)])
        elif instead is not None and "do" in instead:
            more = _with_step(dictionary, proposal, step_from_json(instead), corrections)
        elif instead is not None:
            more = _with_fields(proposal, {**_relations_of(proposal), **instead})
        elif proposal.step:
            more = _with_step(dictionary, proposal, proposal.step, corrections)
        else:
            more = _with_fields(proposal, proposal.fields or {})
        corrections = add_corrections(corrections, more)
    return corrections


def reject(dictionary: Dictionary, proposals: Sequence[Proposal]) -> Corrections:
    """Return the corrections that keep proposals from being made again; what was done automatically is taken back."""
    corrections: Corrections = {}
    for proposal in proposals:
        if proposal.step:
            column = proposal.column or ""
            fields = corrections.get("tables", {}).get(proposal.table, {}).get(column, {})
            known = dictionary.column(proposal.table, column)
            rejected = fields.get("rejected") or [step_to_json(step) for step in known.rejected]
            changes: dict[str, Any] = {"rejected": [*rejected, step_to_json(proposal.step)]}
            if proposal.step in known.clean:
                changes["clean"] = [step_to_json(step) for step in known.clean if step != proposal.step]
            more: Corrections = {"tables": {proposal.table: {column: changes}}}
        elif proposal.relation:
            more = _with_relations(dictionary, proposal, corrections, [])
        else:
            nothing = dict.fromkeys(proposal.fields or {}) if proposal.column else {"row": _UNSAID}
            more = _with_fields(proposal, {**_relations_of(proposal), **nothing})
        corrections = add_corrections(corrections, more)
    return corrections


def _with_step(dictionary: Dictionary, proposal: Proposal, step: Step, so_far: Corrections) -> Corrections:
    column = proposal.column or ""
    known = dictionary.column(proposal.table, column)
    fields = so_far.get("tables", {}).get(proposal.table, {}).get(column, {})
    clean = fields.get("clean") or [step_to_json(each) for each in known.clean]
    if proposal.is_done and proposal.step:
        clean = [each for each in clean if each != step_to_json(proposal.step)]  # it is changed, not added to
    if isinstance(step, ReadNumbers):
        clean = [each for each in clean if each["do"] != step.do]  # what is numbers already, no second one would read
    added = [*clean, step_to_json(step)]
    return {"tables": {proposal.table: {column: {"clean": added}}}}


def _with_relations(
    dictionary: Dictionary, proposal: Proposal, so_far: Corrections, instead: Sequence[Relation]
) -> Corrections:
    """Return what the rows of a table are, with other relations instead of the one that is proposed."""
    grain = dictionary.grains[proposal.table].model_dump(mode="json", exclude_defaults=True)
    grain |= so_far.get("grains", {}).get(proposal.table, {})
    one = proposal.relation.model_dump(mode="json", exclude_defaults=True) if proposal.relation else {}
    others = [each for each in grain.get("relations", ()) if each != one]
    meant = [each.model_dump(mode="json", exclude_defaults=True) for each in instead]
    return {"grains": {proposal.table: {**grain, "relations": [*others, *meant]}}}


def _relations_of(proposal: Proposal) -> dict[str, Any]:
    """Return where the rows of a table belong, which holds whatever they are."""
    relations = (proposal.fields or {}).get("relations") if proposal.column is None else None
    return {"relations": relations} if relations else {}


def _with_fields(proposal: Proposal, fields: Mapping[str, Any]) -> Corrections:
    if proposal.column is None:
        return {"grains": {proposal.table: {**fields, "confirmed": True}}}
    return {"tables": {proposal.table: {proposal.column: {**fields, "confirmed": True}}}}


def _of_steps(report: Iterable[Finding], dictionary: Dictionary) -> Iterator[Proposal]:
    for each in report:
        if each.step and each.column:
            asks = each.kind in _TO_DECIDE
            known = dictionary.tables.get(each.table, {}).get(each.column)
            yield Proposal(
                *(each.table, each.column, each.rows, each.text, each.proposal, each.step),
                is_done=each.automatic and known is not None and each.step in known.clean,  # it may be taken back
                asks=asks,
                at=each.at,
            )


def _of_roles(dictionary: Dictionary) -> Iterator[Proposal]:
    for each in unconfirmed(dictionary):
        fields: dict[str, Any] = {"role": each.role} if each.role else {}
        if each.event is not None:
            fields["event"] = each.event
        if each.baseline:
            fields["baseline"] = each.baseline
        yield Proposal(each.table, each.column, 0, each.why, "Confirm, or correct it.", fields=fields, asks=each.asks)


def _of_grains(dictionary: Dictionary) -> Iterator[Proposal]:
    for table, grain in dictionary.grains.items():
        if not grain.confirmed:
            text = f"Taken to have one row per {grain.row}."
            fields = grain.model_dump(mode="json", exclude_defaults=True)  # with its key, which would not be looked for
            yield Proposal(table, None, 0, text, "Confirm, or say what a row is.", fields=fields)
        for relation in grain.relations:
            if not relation.confirmed:
                by = say_names(relation.columns)
                text = f"Each row is taken to belong to the row of '{relation.table}' with its {by}."
                yield Proposal(table, None, 0, text, "Confirm, or reject it.", relation=relation)
