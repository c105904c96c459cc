"""Disclosing: the profile of a store, and what of each answer may be shown beside all that was shown before."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.disclosure.profile import OFF, PERSONS, Profile
from clinical_nb.errors import ClinicalError, PlanError, StoreError
from clinical_nb.locks import hold_lock
from clinical_nb.plan import Plan, canonical_json
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.files import write_whole
from clinical_nb.store.version import Version

if TYPE_CHECKING:  # these import Polars and scipy, which %load_ext must not wait for
    from clinical_nb.dictionary.meaning import Dictionary
    from clinical_nb.disclosure.crossing import Told
    from clinical_nb.disclosure.identity import Rows
    from clinical_nb.disclosure.ledger import Entry
    from clinical_nb.result import Result

# ruff: noqa: PLC0415 - scipy and Polars come with the first question, so that %load_ext is quick

_Whose = tuple[Version, str, str]  # a version, one of its tables, and what an answer calls its persons by
_FILE = "disclosure.json"
_LOCK = "disclosure.lock"
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?!\w)")  # and not the digits of a name, such as cms11
_ELSEWHERE = "its rows lie outside of the store, where it cannot be checked who a number is about"
_UNKEPT = "what was shown could not be kept, so that the next answer could not be checked against it"


class Disclosing:
    """The disclosure profile of a store, which all its kernels share, and what was shown under any."""

    def __init__(self, store: DataStore) -> None:
        self._store = store
        self._same: dict[tuple[tuple[str, str, str], ...], Mapping[str, str]] = {}

    @property
    def profile(self) -> Profile | None:
        """The profile in force; None where disclosure control is off.

        Raises
        ------
        StoreError
            When the file that says it cannot be read: then nobody knows what may be shown.

        """
        file = self._store.home / _FILE
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            return None if found["name"] == OFF else Profile(found["name"], found["most"], found["base"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, ClinicalError) as error:
            raise StoreError(
                f"'{file.name}' in the store cannot be read, so that it is not known what may be shown.",
                "Choose a profile: %clinical disclosure cms11, or off.",
            ) from error

    @property
    def is_off(self) -> bool:
        """Whether all may be shown; not where nobody knows."""
        try:
            return self.profile is None
        except StoreError:
            return False

    def choose(self, profile: Profile | None) -> None:
        """Put a profile in force, from the next answer on, in every kernel of the store; None for off."""
        said = {"name": OFF, "most": 0, "base": 1}
        if profile is not None:
            said = {"name": profile.name, "most": profile.most, "base": profile.base}
        write_whole(self._store.home / _FILE, lambda beside: beside.write_text(json.dumps(said), encoding="utf-8"))

    def begin_anew(self, datasets: Sequence[Dataset]) -> None:
        """Forget what was shown of datasets: the person says that it has not left."""
        for dataset in datasets:
            self._store.save_result(_key(dataset.version), {"dataset_version": dataset.version, "told": []})

    def hand_on(self, gone: Sequence[Dataset], to: Dataset) -> None:
        """Keep with another version of a dataset what was shown of versions that go: their persons live on in it."""
        versions = dict.fromkeys(each.version for each in gone if each.version != to.version)
        with hold_lock(self._store.home / _LOCK):
            told = [
                replace(entry, plan=f"{version} {entry.plan}")  # it is no earlier answer of this version
                for version in versions
                for entry in self._told_of(version)
            ]
            if told:
                self._keep(to, [*self._told_of(to.version), *told])

    def hand_over(self, gone: Sequence[Dataset], others: Sequence[Dataset]) -> None:
        """Keep with datasets that hold the same rows what was shown of one that goes, under the names of theirs."""
        from clinical_nb.disclosure.identity import renamed

        with hold_lock(self._store.home / _LOCK):
            told = [(each, entry) for each in gone for entry in self._told_of(each.version)]
            for to in others:
                kept: list[Entry] = []
                for table, (each, entry) in product(to.tables if told else (), told):
                    is_known = to.dictionary.identifier(table) is not None
                    universe = PERSONS if is_known else f"rows of {to.stored.tables[table].hash}"
                    then = (each.stored, _table_of(entry), entry.told.universe)
                    if found := self._same_persons(then, (to.stored, table, universe)):
                        # `_table_of` asks no more of the plan of another version
                        said = json.dumps({"cohort": {"table": table}})
                        told_here = renamed(entry.told, found, universe)
                        kept.append(replace(entry, plan=f"{each.version} {said}", told=told_here))
                if kept:
                    self._keep(to, [*self._told_of(to.version), *kept])

    def disclose(
        self, plan: Plan, result: "Result", dataset: Dataset, meaning: "Dictionary", profile: Profile
    ) -> "tuple[Result, int]":
        """Return what of a result may be shown under a profile, and how many numbers may not; keep that it was."""
        from clinical_nb.analysis.guards.independent import as_asked
        from clinical_nb.analysis.rows.joining import join_tables
        from clinical_nb.analysis.rows.needed import related_tables
        from clinical_nb.analysis.rows.reduction import reduce_to_persons
        from clinical_nb.disclosure.disclose import Known, disclose, nothing, of_nobody
        from clinical_nb.disclosure.ledger import Entry

        if dataset.is_attached:
            return nothing(profile, _ELSEWHERE).result, 0
        related = {table: dataset.lazy(table) for table in related_tables(plan, meaning)}
        try:
            scan, _ = join_tables(plan, dataset.lazy(plan.cohort.table), meaning, related)
        except PlanError:
            return of_nobody(profile).result, 0
        scan, _ = reduce_to_persons(plan, as_asked(plan, scan))
        universe = PERSONS if scan.identifier else f"rows of {dataset.stored.tables[plan.cohort.table].hash}"
        said = canonical_json(plan)
        try:
            with hold_lock(self._store.home / _LOCK):  # two kernels may answer at once, and each must know of the other
                before = [*self._told_before(dataset, plan.cohort.table, universe)]
                here = self._told_of(dataset.version)
                again = next((each.told for each in here if (each.plan, each.profile) == (said, profile)), None)
                others = " and ".join(dict.fromkeys(called for called, _ in before))
                found = disclose(
                    plan, result, scan, profile, Known(universe, [told for _, told in before], others, again)
                )
                if found.told is not None and again is None:
                    self._keep(dataset, [*here, Entry(said, profile, found.told)])
        except (OSError, StoreError):
            return nothing(profile, _UNKEPT).result, 0
        return found.result, found.suppressed

    def _told_before(self, dataset: Dataset, table: str, universe: str) -> "Iterator[tuple[str, Told]]":
        """Yield what was told of the persons of a table, and of which data that was, whatever these are called."""
        from clinical_nb.disclosure.identity import renamed

        own = self._store.list_versions(dataset.name)
        others = [each for of in self._store.list_datasets() for each in self._store.list_versions(of.dataset)]
        for version in {each.dataset_version: each for each in (*others, *own)}.values():
            is_own = version.dataset == dataset.name
            called = f"version {version.number}" if is_own else f"version {version.number} of '{version.dataset}'"
            called = "this version" if version.dataset_version == dataset.version else called
            for entry in self._told_of(version.dataset_version):
                then = (version, _table_of(entry), entry.told.universe)
                by_same = is_own and self._identifier_of(*then[:2]) == self._identifier_of(dataset.stored, table)
                if entry.told.universe == universe and (by_same or universe != PERSONS):
                    yield called, entry.told
                    continue
                found = self._same_persons(then, (dataset.stored, table, universe))
                if found:
                    yield called, renamed(entry.told, found, universe)

    def _same_persons(self, then: "_Whose", now: "_Whose") -> "Mapping[str, str]":
        """Return what the persons of one table are called in another; kept, as stored tables never change."""
        from clinical_nb.disclosure.identity import find_again

        key = tuple((version.dataset_version, table, universe) for version, table, universe in (then, now))
        if key not in self._same:
            before, after = self._rows_of(*then), self._rows_of(*now)
            are_persons = then[2] == now[2] == PERSONS
            self._same[key] = find_again(before, after, are_persons=are_persons) if before and after else {}
        return self._same[key]

    def _identifier_of(self, version: Version, table: str) -> str | None:
        """Return the column that says who is who in a table, or in those that it is joined with."""
        dictionary = dataset_of(version, self._store).dictionary
        own = dictionary.identifier(table) if table in dictionary.tables else None
        return own or next(filter(None, map(dictionary.identifier, dictionary.tables)), None)

    def _rows_of(self, version: Version, table: str, universe: str) -> "Rows | None":
        from clinical_nb.disclosure.identity import read_rows

        dataset = dataset_of(version, self._store)
        if table not in dataset.tables:
            return None
        return read_rows(dataset.lazy(table), dataset.dictionary, table, by_identifier=universe == PERSONS)

    def _told_of(self, version: str) -> "list[Entry]":
        from clinical_nb.disclosure.ledger import entry_from_json

        kept: dict[str, Any] | None = self._store.load_result(_key(version))
        if kept is None and self._store.has_result(_key(version)):
            raise StoreError("What was told before cannot be read.")
        return [entry_from_json(each) for each in (kept or {"told": []})["told"]]

    def _keep(self, dataset: Dataset, entries: "Sequence[Entry]") -> None:
        from clinical_nb.disclosure.ledger import entry_to_json

        kept = {"dataset_version": dataset.version, "told": [entry_to_json(each) for each in entries]}
        self._store.save_result(_key(dataset.version), kept)

    def refuse_rows(self, what: str) -> None:
        """Refuse what shows or writes rows of the data themselves.

        Raises
        ------
        ClinicalError
            When a profile is in force.

        """
        if (profile := self.profile) is not None:
            problem = f"{what} shows rows of persons, which nothing does under the profile {profile.name}."
            raise ClinicalError(problem, "%clinical disclosure off allows it, and the history keeps that it did.")


def say_why_not(sentence: str, profile: Profile | None) -> str:
    """Return why a plan has no result, as it may be shown: that all persons are alike tells something of each."""
    hidden = "This has no result, and why not is not told under disclosure control: it may tell of few persons."
    return sentence if profile is None else hidden


def say(sentence: str, profile: Profile | None) -> str:
    """Return a sentence about the data as it may be shown: without its numbers, which may be counts."""
    return sentence if profile is None else _NUMBER.sub("…", sentence)


def say_of_data(sentences: Iterable[str], profile: Profile | None) -> Iterator[str]:
    """Yield what is in doubt of data, as it may be shown: under a profile, no sentence that holds a number."""
    return (each for each in sentences if profile is None or not _NUMBER.search(each))


def _table_of(entry: "Entry") -> str:
    """Return the table whose rows an answer was of; a version before its plan says where it was handed on from."""
    return str(json.loads(entry.plan[entry.plan.index("{") :])["cohort"]["table"])


def _key(version: str) -> str:
    return hashlib.sha256(f"told of {version}".encode()).hexdigest()[:32]
