"""Numbers that were measured: whether a mean, a quantile or a test of them may be shown of a group, by who makes it up.

The rules are those that ACRO and the SACRO guide ask for of magnitudes (threshold, dominance), see docs/disclosure.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from clinical_nb.disclosure.crossing import key_of
from clinical_nb.disclosure.profile import Profile
from clinical_nb.disclosure.rows import Numbers, Rows, Table
from clinical_nb.result import Statistic

_QUANTILES = {"median": 0.5, "p25": 0.25, "p75": 0.75}
_MEANS = ("mean", "sd", "conf.low", "conf.high", "skewness")
_UNTOLD = ("mode",)  # a value that persons have
_DOMINANT = 0.9  # the share of a total that two persons together may not have (the NK rule, 2 and 90 %)
_LEAST_DF = 10  # SACRO: the residual degrees of freedom of a model


@dataclass(frozen=True, slots=True)
class Magnitudes:
    """The numeric columns of a plan, and how many persons must be behind what is told of them.

    Where persons' numbers are subtracted from each other, so are they here.
    """

    table: Table
    profile: Profile
    differences: bool
    found: dict[bytes, bool] = field(default_factory=dict[bytes, bool])  # of rows that were looked at already

    def rows_of(self, each: Statistic) -> Rows | None:
        """Return the rows that a number describes; None where that cannot be told."""
        variables = self.table.variables
        of = variables.get(each.variable or "")
        if of is None:
            return None
        rows = self.table.known(tuple(variables) if self.differences else (*self.table.by, each.variable or ""))
        for name, level in ((each.group1, each.group1_level), (each.group2, each.group2_level)):
            if name is not None and name in variables and level is not None:
                rows &= variables[name].has(level)
        return rows

    def may_show(self, each: Statistic, rows: Rows) -> bool:
        """Tell whether so many persons are behind a number that it tells of none of them."""
        size = self.table.size(rows)
        if not self._are_spread(rows):
            return False
        if each.context == "measured":
            level = each.variable_level or ""
            if level in _UNTOLD:
                return False
            share = float(level[1:]) / 100 if level[:1] == "p" and level[1:].replace(".", "").isdigit() else 0.0
            return min(share, 1 - share) * size > self.profile.most if share else size > self.profile.most
        if each.stat_name in _QUANTILES:
            share = _QUANTILES[each.stat_name]
            return min(share, 1 - share) * size > self.profile.most
        return each.stat_name in _MEANS and size > self.profile.most

    def are_safe(self, crossings: Sequence[Sequence[str]]) -> bool:
        """Tell whether the numbers in all cells of some crossings are spread over enough persons."""
        everything = self.table.known(tuple(self.table.variables))
        if self.table.size(everything) <= self.profile.most + _LEAST_DF:
            return False
        for names in crossings:
            known = self.table.known(names)
            codes = np.zeros(len(known), np.int64)
            for name in names:
                codes = codes * (len(self.table.variables[name].levels) + 1) + self.table.variables[name].codes
            for part in np.unique(codes[known]):
                if not self._are_spread(known & (codes == part)):
                    return False
        return True

    def _are_spread(self, rows: Rows) -> bool:
        """Tell whether no few persons make up any number: by differing from all others, or by their part of a total."""
        key = key_of(rows)
        if key not in self.found:
            self.found[key] = all(self._is_spread(numbers[rows]) for numbers in self._measured())
        return self.found[key]

    def _measured(self) -> list[Numbers]:
        known = [each.numbers for each in self.table.variables.values() if each.numbers is not None and each.measures]
        pairs = [one - other for one, other in combinations(known, 2)] if self.differences else []
        return [
            *(
                each.numbers
                for each in self.table.variables.values()
                if each.numbers is not None and len(each.levels) == 1
            ),
            *pairs,
        ]

    def _is_spread(self, numbers: Numbers) -> bool:
        values = numbers[~np.isnan(numbers)]
        if not len(values):
            return True
        _, counts = np.unique(values, return_counts=True)
        if len(values) - int(counts.max()) <= self.profile.most:
            return False
        sizes = np.sort(np.abs(values))
        return bool(sizes[-2:].sum() <= _DOMINANT * sizes.sum())
