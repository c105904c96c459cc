"""An attack on what was shown, which knows nothing of how it was protected: each number becomes an equation.

The unknowns are how many rows there are of each combination of levels that any variable can have, missing included.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np
from scipy.optimize import linprog

COUNTS = ("n", "N", "N_miss", "n_unknown")


class Attack:
    """What a reader can work out of counts of rows by levels; a row is a mapping of variable to level or None."""

    def __init__(self, levels: Mapping[str, Sequence[str]], rows: int) -> None:
        self.names = tuple(levels)
        self.atoms = list(product(*((*found, None) for found in levels.values())))
        self.equations = [np.ones(len(self.atoms))]
        self.values = [float(rows)]

    def those(self, **wanted: str | None) -> np.ndarray:
        """Return which combinations have these levels; "*" is any known one."""
        places = {self.names.index(name): level for name, level in wanted.items()}
        return np.array(
            [
                float(
                    all(
                        atom[place] is not None if level == "*" else atom[place] == level
                        for place, level in places.items()
                    )
                )
                for atom in self.atoms
            ]
        )

    def learn(self, those: np.ndarray, value: float) -> None:
        self.equations.append(those)
        self.values.append(value)

    def bounds(self, those: np.ndarray) -> tuple[float, float]:
        """Return the least and the most rows that there can be of some combinations."""
        found = []
        for sign in (1, -1):
            result = linprog(sign * those, A_eq=np.array(self.equations), b_eq=self.values, bounds=(0, None))
            assert result.status in (0, 3), result.message
            found.append(sign * result.fun if result.status == 0 else sign * -np.inf)
        return found[0], found[1]

    def cells(self, *names: str) -> Iterator[dict[str, str | None]]:
        """Yield each combination of levels of some variables."""
        known = [dict.fromkeys(atom[self.names.index(name)] for atom in self.atoms) for name in names]
        for levels in product(*known):
            yield dict(zip(names, levels, strict=True))


def true_count(rows: Sequence[Mapping[str, str | None]], cell: Mapping[str, str | None]) -> int:
    return sum(all(row[name] == level for name, level in cell.items()) for row in rows)
