"""What a person says of proposals and of the dictionary, done, and told: what changed, and how it is undone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clinical_nb.errors import ClinicalError
from clinical_nb.notebook.commands import quote_word
from clinical_nb.session import Dataset, Session

if TYPE_CHECKING:  # pydantic comes with the first dataset
    from clinical_nb.dictionary.meaning import Column
    from clinical_nb.quality.proposals import Proposal

# ruff: noqa: PLC0415 - the same: %load_ext waits for none of these

_OF_CELLS = ("clean=", "levels=", "missing=")  # fields whose values may be those of single cells


@dataclass(frozen=True, slots=True)
class Settled:
    """The version that came of it, what changed in it, a line a field, and the commands that take it back."""

    dataset: Dataset
    changes: tuple[str, ...]
    undo: tuple[str, ...]


def accept(session: Session, dataset: Dataset, which: Iterable[int | str], instead: str | Mapping[str, Any]) -> Settled:
    """Accept proposals, or do something else instead of one, given as a person wrote it; empty where it is as proposed.

    Raises
    ------
    ClinicalError
        When there is no such proposal, or it cannot be done.

    """
    wanted = list(which)
    meant = _read_instead(dataset, wanted, instead) if instead else None
    return _as_told(session, _settled(dataset, session.accept(*wanted, name=dataset.name, instead=meant)))


def reject(session: Session, dataset: Dataset, which: Iterable[int | str]) -> Settled:
    """Reject proposals, and take back what was done automatically.

    Raises
    ------
    ClinicalError
        When there is no such proposal.

    """
    return _as_told(session, _settled(dataset, session.reject(*which, name=dataset.name)))


def correct(session: Session, dataset: Dataset, column: str, fields: Mapping[str, Any]) -> Settled:
    """Correct fields of a column, or of what a table's rows are; as a person wrote them, levels also in pairs.

    Raises
    ------
    UnknownColumnError, DictionaryError
        When there is no such column or field, or the value is impossible.

    """
    from clinical_nb.dictionary.written import read_fields, read_grain, read_levels

    if column in dataset.dictionary.tables and {"row", "key", "relations"} & fields.keys():
        return _settled(dataset, session.correct({column: read_grain(fields)}, name=dataset.name))
    known, stored = _look_up(dataset, column)
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    meant = read_fields(texts, known, stored)
    if "levels" in fields and "levels" not in texts:
        meant["levels"] = read_levels([(str(code), str(label)) for code, label in fields["levels"]], known, stored)
    return _settled(dataset, session.correct({column: meant}, name=dataset.name))


def of_version(session: Session, name: str, version: str) -> Dataset:
    """Return a dataset that is still at the version that a person looks at: another's proposals have other numbers.

    Raises
    ------
    ClinicalError
        When it is not.

    """
    dataset = session.find(name)
    if not dataset.version.startswith(version):
        raise ClinicalError(f"'{name}' was changed meanwhile.", "What it is now is shown; look again.")
    return dataset


def say_proposal(proposal: "Proposal") -> str:
    """Say what is proposed: the step as a sentence, or what to confirm."""
    from clinical_nb.render.steps import say_step

    said = say_step(proposal.step) if proposal.step else proposal.proposal
    return said[:1].upper() + said[1:].removesuffix(".") + "."


def count_open(dataset: Dataset) -> int:
    """Return how many proposals wait for a person."""
    return sum(not each.is_done for each in dataset.proposals)


def say_open(dataset: Dataset) -> str:
    """Say in a line how many proposals wait, and with what command to see them; empty where none does."""
    waiting = count_open(dataset)
    if not waiting:
        return ""
    what = "1 proposal waits" if waiting == 1 else f"{waiting} proposals wait"
    return f"{what} for you: %clinical proposals {quote_word(dataset.name)}"


def _read_instead(dataset: Dataset, which: list[int | str], instead: str | Mapping[str, Any]) -> dict[str, Any]:
    from clinical_nb.dictionary.written import read_instead, read_step_or_fields

    if len(which) != 1:
        raise ClinicalError("Only one proposal can be changed at a time.", "Name one.")
    proposals, word = dataset.proposals, str(which[0])
    place = word
    if word.isdecimal() and 1 <= int(word) <= len(proposals):
        meant = proposals[int(word) - 1]
        place = f"{meant.table}.{meant.column}" if meant.column is not None else meant.table
    is_row = any(each.column is None and each.table == place for each in proposals)
    column, stored = (None, "") if is_row else _look_up(dataset, place)
    if isinstance(instead, str):
        return read_step_or_fields(instead, column, stored)
    return read_instead(instead, column, stored)


def _look_up(dataset: Dataset, name: str) -> "tuple[Column, str]":
    """Return what is known of a column, and what its values are in the store."""
    from clinical_nb.dictionary.corrections import corrections_of

    ((table, columns),) = corrections_of(dataset.dictionary, {name: {}})["tables"].items()
    (column,) = columns
    return dataset.dictionary.column(table, column), dataset.stored.tables[table].schema[column]


def _as_told(session: Session, settled: Settled) -> Settled:
    """Return what came of a proposal without what it says of cells, which are not shown under a profile."""
    if session.profile is None:
        return settled
    changes = dict.fromkeys(f"{each.partition(': ')[0]}: changed, and how is not shown" for each in settled.changes)
    undo = (each for each in settled.undo if not any(field in each for field in _OF_CELLS) or each.endswith("clean=[]"))
    return Settled(settled.dataset, tuple(changes), tuple(undo))


def _settled(before: Dataset, after: Dataset) -> Settled:
    """Tell what is otherwise in a dataset's dictionary, and by which commands it is as before."""
    from clinical_nb.render.meaning import say_grain

    changes: list[str] = []
    undo: list[str] = []
    names = [column for columns in after.dictionary.tables.values() for column in columns]
    corrected = after.stored.provenance.corrections.get("tables", {})
    for table, columns in before.dictionary.tables.items():
        for column, was in columns.items():
            now = after.dictionary.tables[table].get(column)
            if now is None or now == was:
                continue
            name = column if names.count(column) == 1 else f"{table}.{column}"
            changes += [f"{name}: {said}" for said in _say_changes(was, now)]
            undo += _undo(name, was, now, corrected.get(table, {}).get(column, {}))
    for table, grain in after.dictionary.grains.items():
        if grain != before.dictionary.grains.get(table):
            changes.append(f"{table}: {say_grain(grain)}")
    return Settled(after, tuple(changes), tuple(undo))


def _say_changes(was: "Column", now: "Column") -> Iterable[str]:
    from clinical_nb.dictionary.written import FIELDS, write_field
    from clinical_nb.render.steps import say_step

    yield from (say_step(step) for step in now.clean if step not in was.clean)
    yield from (f"no longer {say_step(step)}" for step in was.clean if step not in now.clean)
    yield from (
        f"stays as it is, and this is not proposed again: {say_step(step)}"
        for step in now.rejected
        if step not in (*was.rejected, *was.clean)
    )
    for field in FIELDS:
        before, after = write_field(field, was), write_field(field, now)
        if before != after and field not in ("clean", "rejected", "missing", "confirmed"):
            yield f"{field} {after or 'none'} (was {before or 'none'})"
    if now.confirmed != was.confirmed:
        yield "confirmed" if now.confirmed else "no longer confirmed"


def _undo(name: str, was: "Column", now: "Column", said: Mapping[str, Any]) -> Iterable[str]:
    """Yield the command that gives fields that a person said their values from before; what followed goes with them."""
    from clinical_nb.dictionary.written import FIELDS, write_field

    fields = [field for field in FIELDS if field in said and write_field(field, was) != write_field(field, now)]
    words = [quote_word(f"{field}={write_field(field, was)}") for field in fields]
    if words:
        yield " ".join(["%clinical correct", quote_word(name), *words])
