"""What each column of a table holds, counted in one pass: all that the checks of the report look at."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import polars as pl

MOST_TEXTS = 20_000  # distinct values that are counted; of more, the first ones stand for all
MOST_NUMBERS = 2_000
_FEW = 50
EDGE = 10  # least and largest values that are always known
CODES = (-9, -99, -999, -9999, -88, -888, -77, -777, 9, 99, 999, 9999, 99999, 88, 888, 77, 777)


@dataclass(slots=True)
class Counts:
    """How often each value of a column occurs.

    `is_whole` is false where there were too many values: then `values` are some of the first, of numbers evenly spaced
    ones, and `edges`, which is filled then alone, are all codes and the least and largest numbers. Of dates there are
    only `least` and `most`. `numbers` counts the plain numbers of a column of many texts, which are not among `values`.
    """

    name: str
    dtype: pl.DataType
    rows: int = 0
    known: int = 0
    values: Counter[float | str] = field(default_factory=Counter[float | str])
    is_whole: bool = True
    edges: Counter[float | str] = field(default_factory=Counter[float | str])
    numbers: int = 0
    least: Any = None
    most: Any = None

    @property
    def is_text(self) -> bool:
        """Whether its values are text."""
        return self.dtype == pl.String

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.dtype.is_numeric()

    def add(self, part: pl.Series) -> None:
        """Count the values of a part of the column."""
        self.rows += part.len()
        known = part.len() - part.null_count()
        self.known += known
        if not known:
            return
        if self.is_text:
            self._add_text(part)
        elif self.is_number:
            self._add_numbers(part)
        else:
            least, most = part.min(), part.max()
            self.least = least if self.least is None else min(self.least, least)
            self.most = most if self.most is None else max(self.most, most)

    def _add_text(self, part: pl.Series) -> None:
        if not self.is_whole:
            return
        if self.numbers:
            part = self._without_numbers(part)
        self.values.update(_counted(part))
        if len(self.values) > MOST_TEXTS and not self.numbers:
            texts = pl.Series(self.name, list(self.values.keys()), dtype=pl.String)
            kept = set(self._without_numbers(texts).to_list())
            self.numbers = sum(rows for text, rows in self.values.items() if text not in kept)
            self.values = Counter({text: rows for text, rows in self.values.items() if text in kept})
        if len(self.values) > MOST_TEXTS:
            self.is_whole = False
            self.values = Counter(dict(islice(self.values.items(), MOST_TEXTS)))

    def _without_numbers(self, part: pl.Series) -> pl.Series:
        is_number = part.cast(pl.Float64, strict=False).is_finite().fill_null(False)
        self.numbers += int(is_number.sum())
        return part.filter(~is_number)

    def _add_numbers(self, part: pl.Series) -> None:
        if self.is_whole:
            self.values.update(_counted(part))
            if len(self.values) <= MOST_NUMBERS:
                return
            self.is_whole = False
            self.edges = Counter({code: self.values[code] for code in CODES if code in self.values})
            ordered = sorted(self.values)
            self.edges |= Counter({each: self.values[each] for each in (*ordered[:EDGE], *ordered[-EDGE:])})
            spaced = ordered[:: -(-len(ordered) // MOST_NUMBERS)]
            self.values = Counter({each: self.values[each] for each in spaced})
            return
        codes = part.filter(_is_code(part))
        ends = pl.concat([part.top_k(EDGE), part.bottom_k(EDGE)]).drop_nulls()
        ends = ends.filter(~_is_code(ends))
        self.edges.update(_counted(pl.concat([codes, ends])))


def _is_code(part: pl.Series) -> pl.Series:
    return part.cast(pl.Float64).is_in([float(code) for code in CODES])


def _counted(part: pl.Series) -> Mapping[float | str, int]:
    if part.len() <= _FEW:  # Python counts them sooner than Polars begins
        return Counter(value for value in part.to_list() if value is not None)
    counts = part.drop_nulls().rename("value").value_counts(name="rows")
    return dict(zip(counts["value"].to_list(), counts["rows"].to_list(), strict=True))
