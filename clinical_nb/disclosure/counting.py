"""What an answer counts: sets of persons, each once, and the features of the plan that decide who is in them."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from clinical_nb.disclosure.crossing import Feature, key_of, persons_of
from clinical_nb.disclosure.rows import Codes, Rows, Table
from clinical_nb.plan import AllOf, AnyRow, NoRow, Plan, Survive, columns_of, name_of, parts_of


def features_of(plan: Plan, table: Table) -> tuple[Feature, ...]:
    """Return what a plan tells persons apart by: first who is in the cohort, then its variables in the table's order.

    There are none where a person has several rows, of which a condition may pick one, or where other tables or made
    variables decide: then columns alone do not.
    """
    parts = {name_of(each): each for held in parts_of(plan).values() for each in held}
    conditions = [*plan.cohort.where, *(each for each in parts.values() if not isinstance(each, str))]
    reads_others = bool(plan.cohort.joined or plan.cohort.derived) or any(map(_reads_rows, conditions))
    if reads_others or table.picked or not table.one_row_each:
        return ()
    where = columns_of(AllOf(tuple(plan.cohort.where))) if plan.cohort.where else ()
    return (
        Feature(where, by_person(table, table.cohort), is_plain=False),
        *(
            Feature(
                columns_of(parts[plan.time if name == table.bands and isinstance(plan, Survive) else name]),
                by_person(table, variable.codes),
                is_plain=name != table.bands and isinstance(parts[name], str),
            )
            for name, variable in table.variables.items()
        ),
    )


def features_named(table: Table, names: Sequence[str]) -> tuple[int, ...]:
    """Return the places of the features that decide a table of some variables: the cohort, and theirs."""
    order = list(table.variables)
    return (0, *(1 + order.index(name) for name in names))


def by_person(table: Table, codes: Codes) -> Codes:
    """Return codes of rows, of which each person has one, in the order of the persons."""
    found = np.zeros(len(table.names), np.int64)
    found[table.persons] = codes
    return found


class Sets:
    """Sets of persons as they are found: each once, with the highest of its ranks and all features that decide it."""

    def __init__(self, table: Table, features: Sequence[Feature]) -> None:
        self.found: list[Rows] = []
        self.ranks: list[int] = []
        self.of: list[set[int]] = []
        self._table = table
        self._features = features
        self.places: dict[bytes, int] = {}
        self._classes: dict[tuple[int, ...], Codes] = {}

    def place(self, rows: Rows, rank: int, names: Sequence[str]) -> int:
        """Return the place of the persons of some rows, which are told apart by variables of these names at least."""
        inside = persons_of(self._table, rows)
        key = key_of(inside)
        if key not in self.places:
            self.places[key] = len(self.found)
            self.found.append(inside)
            self.ranks.append(rank)
            self.of.append(set())
        place = self.places[key]
        self.ranks[place] = max(self.ranks[place], rank)
        if self._features:
            self.of[place].update(self._deciding(inside, names))
        return place

    def _deciding(self, inside: Rows, names: Sequence[str]) -> tuple[int, ...]:
        """Return the fewest of the features named that decide a set; where those do not, all of the plan's."""
        by = features_named(self._table, self._table.by)
        named = features_named(self._table, tuple(dict.fromkeys(names)))
        for of in ((0,), by, named):
            if self._decide(of, inside):
                return of
        return tuple(range(len(self._features)))

    def _decide(self, of: tuple[int, ...], inside: Rows) -> bool:
        if of not in self._classes:
            stacked = np.stack([self._features[place].codes for place in of])
            self._classes[of] = np.unique(stacked, axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)
        classes = self._classes[of]
        having = np.bincount(classes, weights=inside)
        return bool(((having == 0) | (having == np.bincount(classes))).all())


def _reads_rows(part: object) -> bool:
    if isinstance(part, AnyRow | NoRow):
        return True
    return any(map(_reads_rows, chain(getattr(part, "conditions", ()))))
