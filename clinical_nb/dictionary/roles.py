"""Roles: what each column is in the study, as far as names, labels and codes say it; each to be confirmed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from clinical_nb.dictionary.baselines import propose_baselines
from clinical_nb.dictionary.events import propose_events
from clinical_nb.dictionary.identifiers import may_name_person, names_person, words_of
from clinical_nb.dictionary.keys import is_number_of_rows
from clinical_nb.dictionary.meaning import Column, Dictionary, Kind, Role
from clinical_nb.dictionary.proposal import RoleProposal
from clinical_nb.dictionary.vocabulary import Tier, says, squeeze, vocabulary

_GROUPS: tuple[Kind, ...] = ("binary", "categorical")
_MOST_ARMS = 10
_KINDS: Mapping[Role, tuple[Kind, ...]] = {
    "arm": _GROUPS,
    "outcome": (*_GROUPS, "numeric"),
    "visit": (*_GROUPS, "numeric", "text"),
    "visit date": ("date",),
    "birth": ("date", "text"),
    "death": ("date",),
}
_SAID: Mapping[Role, str] = {
    "patient": "identifies the patient",
    "arm": "is the arm",
    "outcome": "is the outcome",
    "visit": "tells a patient's visits apart",
    "visit date": "is the date of the visit",
    "birth": "is the date of birth",
    "death": "is the date of death",
}
# What a time's name ends with, and the unit that it says.
_UNITS = {
    **dict.fromkeys(("day", "days"), "days"),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), "weeks"),
    **dict.fromkeys(("month", "months", "mo", "mos"), "months"),
    **dict.fromkeys(("year", "years", "yrs"), "years"),
}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A dictionary with the roles that were proposed, and the proposals."""

    dictionary: Dictionary
    proposals: tuple[RoleProposal, ...]


def propose(dictionary: Dictionary) -> Proposed:
    """Propose what the columns are in the study: patient, arm, outcome, time, event, visit, dates, and baselines.

    What is there already stays: a role that a table has is not proposed to another of its columns, and a column that a
    person confirmed is left as it is. Where two columns are equally good for a role, none is proposed. Nothing is read
    but the dictionary, so that the proposals of a stored one can be told again.

    Parameters
    ----------
    dictionary : Dictionary
        What was inferred and declared. Visits are proposed in tables whose grain says that a patient has several rows.

    Returns
    -------
    Proposed
        The dictionary with the proposals in it, and the proposals, each with its reason.

    """
    proposals: list[RoleProposal] = []
    tables: dict[str, Mapping[str, Column]] = {}
    for table, columns in dictionary.tables.items():
        tables[table], made = _propose_in(
            table, columns, _key_of(dictionary, table), dictionary.parts_of_patients(table)
        )
        proposals += made
    return Proposed(dictionary.model_copy(update={"tables": tables}), tuple(proposals))


def propose_patients(dictionary: Dictionary) -> Dictionary:
    """Return the dictionary with the column of each table that identifies the patient, where exactly one does best."""
    tables = dict(dictionary.tables)
    for table, columns in tables.items():
        for each in _propose_patient(table, columns):
            tables[table] = {**columns, each.column: columns[each.column].model_copy(update={"role": "patient"})}
    return dictionary.model_copy(update={"tables": tables})


def unconfirmed(dictionary: Dictionary) -> tuple[RoleProposal, ...]:
    """Return the proposals that a dictionary holds and nobody confirmed yet, each with its reason."""
    without = {"role": None, "event": None, "baseline": ""}
    tables = {
        table: {
            name: column if column.confirmed else column.model_copy(update=without) for name, column in columns.items()
        }
        for table, columns in dictionary.tables.items()
    }
    again = propose(dictionary.model_copy(update={"tables": tables})).proposals
    return tuple(each for each in again if _holds(dictionary.tables[each.table][each.column], each))


def _propose_in(
    table: str, columns: Mapping[str, Column], key: Sequence[str], parts: Collection[str]
) -> tuple[dict[str, Column], list[RoleProposal]]:
    """Return the columns of one table with their roles, and the proposals; each step knows what those before found."""
    found, made = dict(columns), list[RoleProposal]()
    for step in (
        partial(_propose_patient, key=key, parts=parts),
        partial(_propose_named, role="arm"),
        partial(_propose_named, role="birth"),
        partial(_propose_named, role="death"),
        propose_events,
        partial(_propose_named, role="outcome"),
        partial(_propose_visits, key=key),
        propose_baselines,
    ):
        for each in tuple(step(table, found)):
            if not found[each.column].confirmed:
                found[each.column] = _with(found[each.column], each)
                made.append(each)
    return found, made


def _with(column: Column, proposal: RoleProposal) -> Column:
    if proposal.role is None:
        return column.model_copy(update={"baseline": proposal.baseline})
    said = {"role": proposal.role, "event": proposal.event}
    unit = (
        _UNITS.get((words_of(proposal.column) or ("",))[-1], "")
        if proposal.role == "time" and not column.unit
        else column.unit
    )
    return column.model_copy(update={**said, "unit": unit})


def _holds(column: Column, proposal: RoleProposal) -> bool:
    return not column.confirmed and _with(column, proposal) == column


def _key_of(dictionary: Dictionary, table: str) -> tuple[str, ...]:
    grain = dictionary.grains.get(table)
    return grain.key if grain else ()


def _propose_patient(
    table: str, columns: Mapping[str, Column], key: Sequence[str] = (), parts: Collection[str] = ()
) -> Iterator[RoleProposal]:
    if any(column.role == "patient" for column in columns.values()):
        return
    may_repeat = not vocabulary().patient.repeats_beside.isdisjoint(map(squeeze, columns))
    ranks = {
        name: _rank_patient(name, column)
        for name, column in columns.items()
        if _is_open(column) and (column.kind == "identifier" or may_repeat)
    }
    best = _only_best({name: rank for name, rank in ranks.items() if rank is not None})
    if best and best not in parts and not (tuple(key) == (best,) and is_number_of_rows(table, best)):
        is_labelled = squeeze(columns[best].label) in vocabulary().patient.labels
        is_named = names_person(best) or may_name_person(best) or not is_labelled
        yield RoleProposal(table, best, _say("patient", best, columns[best], is_named=is_named), "patient")


def _rank_patient(name: str, column: Column) -> int | None:
    """Return how well a column's name or label says that it identifies the patient, 0 best; None where neither does."""
    said, called = vocabulary().patient, squeeze(name)
    late = [rank for rank, names in enumerate(said.after, start=3) if called in names]
    if called in said.first:
        return 0
    if names_person(name) and not late:
        return 1
    if may_name_person(name) or squeeze(column.label) in said.labels:
        return 2
    return late[0] if late else None


def _propose_named(table: str, columns: Mapping[str, Column], role: Role) -> Iterator[RoleProposal]:
    """Yield the column that is the most plainly called as a role is, where it is one."""
    yield from _find_named(table, columns, role, vocabulary().roles[role])


def _find_named(table: str, columns: Mapping[str, Column], role: Role, tiers: Sequence[Tier]) -> Iterator[RoleProposal]:
    if any(column.role == role for column in columns.values()):
        return
    ranks: dict[str, tuple[int, bool]] = {}
    for name, column in columns.items():
        if not _is_open(column) or not _may_be(role, column) or says(column.label, vocabulary().refused[role]):
            continue
        called = squeeze(name)
        found = ((at, called in tier.names, says(column.label, tier.says)) for at, tier in enumerate(tiers))
        rank = next(((at, not is_named) for at, is_named, is_labelled in found if is_named or is_labelled), None)
        if rank is not None:  # of two that say equally well what they are, the one that is called so
            ranks[name] = rank
    best = _only_best(ranks)
    if best:
        is_named = squeeze(best) in tiers[ranks[best][0]].names
        others = [name for name in ranks if name != best] if role == "arm" else []
        why = _say(role, best, columns[best], is_named=is_named, others=others)
        yield RoleProposal(table, best, why, role, asks=bool(others))


def _propose_visits(table: str, columns: Mapping[str, Column], key: Sequence[str]) -> Iterator[RoleProposal]:
    """Yield the columns with the visit and its date, in a table where a patient has several rows."""
    patient = next((name for name, column in columns.items() if column.role == "patient"), None)
    if not key or key == (patient,):
        return
    visit = tuple(_find_named(table, columns, "visit", vocabulary().roles["visit"]))
    yield from visit
    has_visit = bool(visit) or any(column.role == "visit" for column in columns.values())
    tiers = vocabulary().roles["visit date"]
    # a date without more is a visit's only where there are visits, or where it tells the rows apart
    date = tuple(_find_named(table, columns, "visit date", tiers if has_visit else tiers[:1]))
    yield from date
    in_key = [name for name in key if columns[name].kind == "date" and _is_open(columns[name])]
    has_date = bool(date) or any(column.role == "visit date" for column in columns.values())
    if not has_date and len(in_key) == 1:
        why = f"{in_key[0]} is the date of the visit: it tells a patient's rows apart."
        yield RoleProposal(table, in_key[0], why, "visit date")


def _is_open(column: Column) -> bool:
    return column.role is None and not column.confirmed


def _may_be(role: Role, column: Column) -> bool:
    if column.kind not in _KINDS[role]:
        return False
    return role != "arm" or 1 < len(column.levels) <= _MOST_ARMS


def _only_best(ranks: Mapping[str, int] | Mapping[str, tuple[int, bool]]) -> str | None:
    """Return the name with the best rank, where no other has it."""
    best = [name for name, rank in ranks.items() if rank == min(ranks.values())]
    return best[0] if len(best) == 1 else None


def _say(role: Role, name: str, column: Column, *, is_named: bool, others: Sequence[str] = ()) -> str:
    by = "its name" if is_named else f"its label ('{column.label}')"
    more = f"; {', '.join(others)} could be it too" if others else ""
    return f"{name} {_SAID[role]}, by {by}{more}."
