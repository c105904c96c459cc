"""The terms of a model as columns of numbers: a measurement as it is, levels against their reference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.analysis.counted.levels import UNGROUPABLE, Grouping, column_of, grouping_of, reference_of
from clinical_nb.analysis.counted.patterns import PatternTable, indicator
from clinical_nb.analysis.counts import Level, Scan
from clinical_nb.analysis.distribution import Floats
from clinical_nb.errors import PlanError
from clinical_nb.plan import Variable, name_of

_ALIASED = 1e-7  # of a column's own length, as R's lm has it
_APART = 1e-3  # far more than rounding could bring about


@dataclass(frozen=True, slots=True)
class Term:
    """A variable of a model: `levels` are compared with `reference`; a measurement has neither."""

    variable: Variable
    grouping: Grouping | None = None
    reference: Level = None
    levels: tuple[Level, ...] = ()

    @property
    def name(self) -> str:
        """The variable's name in the results."""
        return name_of(self.variable)

    @property
    def rows(self) -> tuple[str | None, ...]:
        """The levels as the results write them, one for each column; None of a measurement."""
        return (None,) if self.grouping is None else tuple(map(self.grouping.text, self.levels))


@dataclass(frozen=True, slots=True)
class Design:
    """A column for each number or level of each term, and which of them are not combinations of those before.

    `columns` names each column by the place of its term, and its place in the term.
    """

    terms: tuple[Term, ...]
    columns: tuple[tuple[int, int], ...]
    matrix: Floats
    kept: tuple[int, ...]

    @property
    def fitted(self) -> Floats:
        """The columns that can be told apart."""
        return self.matrix[:, list(self.kept)]

    def of_term(self, term: int) -> list[int]:
        """Return where the columns of a term stand among those that are fitted."""
        return [place for place, column in enumerate(self.kept) if self.columns[column][0] == term]

    def alone(self, term: int) -> tuple[list[int], Floats]:
        """Return the columns that can be told apart in a model of one term, by their places in it, and themselves."""
        own = [column for column, (place, _) in enumerate(self.columns) if place == term]
        kept = find_independent(self.matrix[:, own])
        return [self.columns[own[each]][1] for each in kept], self.matrix[:, [own[each] for each in kept]]


def is_measured(scan: Scan, variable: Variable) -> bool:
    """Tell whether a variable is a measurement, as against levels or a condition.

    Raises
    ------
    UnknownColumnError, PlanError
        When there is no such column, or it identifies persons or holds text or dates.

    """
    if not isinstance(variable, str):
        return False
    kind = column_of(scan, variable).kind
    if kind in UNGROUPABLE:
        raise PlanError(f"'{variable}' {UNGROUPABLE[kind]}, so it is no term of a model.", "Name another column.")
    return kind == "numeric"


def term_of(scan: Scan, variable: Variable, table: PatternTable) -> Term:
    """Return what a variable is in a model, by the levels that the rows in use have."""
    if variable not in table.levels:
        return Term(variable)
    grouping = grouping_of(scan, variable, table.levels[variable])
    reference = False if not isinstance(variable, str) else reference_of(grouping) if grouping.levels else None
    return Term(variable, grouping, reference, tuple(level for level in grouping.levels if level != reference))


def build_design(terms: Sequence[Term], table: PatternTable) -> Design:
    """Return the columns of the terms, those that are combinations of others and of the constant left out."""
    columns: list[tuple[int, int]] = []
    vectors: list[Floats] = []
    for place, term in enumerate(terms):
        if term.grouping is None:
            vectors.append(table.values[term.variable])
            columns.append((place, 0))
        for position, level in enumerate(term.levels):
            vectors.append(indicator(table, term.variable, level).astype(np.float64))
            columns.append((place, position))
    matrix = np.column_stack(vectors) if vectors else np.empty((len(table.counts), 0))
    return Design(tuple(terms), tuple(columns), matrix, find_independent(matrix))


def find_independent(matrix: Floats) -> tuple[int, ...]:
    """Return the columns that are not combinations of the constant and those before them, found one by one as R does.

    Each is compared with what remains of it once those before are taken out, twice, so that rounding leaves nothing.
    """
    rows = len(matrix)
    if _clearly_independent(matrix):
        return tuple(range(matrix.shape[1]))
    basis = np.ones((rows, 1)) / np.sqrt(max(rows, 1))
    kept: list[int] = []
    for place, column in enumerate(matrix.T):
        length = float(np.linalg.norm(column))
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        left = float(np.linalg.norm(rest))
        if length and left > _ALIASED * length:
            basis = np.column_stack([basis, rest / left])
            kept.append(place)
    return tuple(kept)


def _clearly_independent(matrix: Floats) -> bool:
    """Tell whether each column keeps much that those before it and the constant do not have, by their correlations."""
    rows, width = matrix.shape
    if rows <= width or not width:
        return False
    away = matrix - matrix.mean(axis=0)
    products = away.T @ away
    lengths = np.sqrt(np.diag(products))
    if not (lengths > _APART * np.sqrt(rows) * np.abs(matrix).max(axis=0)).all():
        return False
    try:
        lower = np.array(np.linalg.cholesky(products / np.outer(lengths, lengths)), dtype=np.float64)
    except np.linalg.LinAlgError:
        return False
    return bool((np.diag(lower) > _APART).all())
