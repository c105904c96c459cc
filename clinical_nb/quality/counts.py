"""What each column of a table holds, counted in one pass: all that the checks of the report look at."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

import polars as pl

MOST_TEXTS = 20_000  # distinct values that are counted; of more, the first ones stand for all
MOST_NUMBERS = 2_000
_FEW = 50  # values, which Python counts sooner than Polars begins
MOST_COMPARED = 20_000_000  # rows that are compared with each other; a hash of each takes 8 bytes
EDGE = 10  # least and largest values that are always known
CODES = (
    *(-9, -99, -999, -9999, -88, -888, -8888, -77, -777, -7777),
    *(9, 99, 999, 9999, 99999, 88, 888, 8888, 77, 777, 7777),
)
# Days that systems write where none is known: their own first day, and the last one of a calendar.
PLACEHOLDERS = (
    *(date(1, 1, 1), date(1800, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1901, 1, 1)),
    *(date(2099, 12, 31), date(2999, 12, 31), date(9999, 1, 1), date(9999, 12, 31)),
)
_BETWEEN_PLACEHOLDERS = (1901, 2099)  # years


@dataclass(slots=True)
class Counts:
    """How often each value of a column occurs.

    `is_whole` is false where there were too many values: then `values` are some of the first, of numbers evenly spaced
    ones, and `edges`, which is filled then alone, are all codes and the least and largest numbers. Of dates there are
    only `least` and `most`, the days that may stand for none, and `first` and `last` of the others. `plain` counts the
    plain numbers of a column of many texts, which are not among `values` then.
    """

    name: str
    dtype: pl.DataType
    rows: int = 0
    known: int = 0
    values: Counter[float | str] = field(default_factory=Counter[float | str])
    is_whole: bool = True
    edges: Counter[float | str] = field(default_factory=Counter[float | str])
    plain: "Counts | None" = None
    least: Any = None
    most: Any = None
    first: Any = None
    last: Any = None
    placeholders: Counter[date] = field(default_factory=Counter[date])
    is_text: bool = field(init=False)  # asked by each check of each column
    is_number: bool = field(init=False)

    def __post_init__(self) -> None:
        """Look at the type once."""
        self.is_text, self.is_number = self.dtype == pl.String, self.dtype.is_numeric()

    @property
    def numbers(self) -> int:
        """How many rows of a column of many texts have a plain number."""
        return self.plain.known if self.plain else 0

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
            self._add_days(part)

    def _add_days(self, part: pl.Series) -> None:
        least, most = part.min(), part.max()
        self.least, self.most = _wider(self.least, self.most, least, most)
        if not isinstance(least, date) or not isinstance(most, date):
            return  # times of a day, and whatever else has an order
        if least.year <= _BETWEEN_PLACEHOLDERS[0] or most.year >= _BETWEEN_PLACEHOLDERS[1]:
            day = part.cast(pl.Date)
            is_placeholder = day.is_in(PLACEHOLDERS)
            self.placeholders.update(_counted(day.filter(is_placeholder)))
            part = part.filter(~is_placeholder)
            least, most = part.min(), part.max()
        if least is not None:
            self.first, self.last = _wider(self.first, self.last, least, most)

    def _add_text(self, part: pl.Series) -> None:
        if not self.is_whole:
            return
        if self.plain:
            part = self._without_numbers(part, self.plain)
        self.values.update(_counted(part))
        if len(self.values) > MOST_TEXTS and not self.plain:
            self._set_numbers_apart()
        if len(self.values) > MOST_TEXTS:
            self.is_whole = False
            self.values = Counter(dict(islice(self.values.items(), MOST_TEXTS)))

    def _set_numbers_apart(self) -> None:
        texts = pl.Series(self.name, list(self.values.keys()), dtype=pl.String)
        numbers = _as_numbers(texts)
        plain = Counts(self.name, pl.Float64())
        values: Counter[float | str] = Counter()
        for (text, rows), number in zip(self.values.items(), numbers.to_list(), strict=True):
            if number is None:
                values[text] = rows
            else:
                plain.values[number] += rows
                plain.known += rows
        plain._bound()
        self.plain = plain if plain.known else None
        self.values = values

    def _without_numbers(self, part: pl.Series, plain: "Counts") -> pl.Series:
        numbers = _as_numbers(part)
        plain.add(numbers)
        return part.filter(numbers.is_null())

    def _add_numbers(self, part: pl.Series) -> None:
        if self.is_whole:
            self.values.update(_counted(part))
            self._bound()
            return
        codes = part.filter(_is_code(part))
        ends = pl.concat([part.top_k(EDGE), part.bottom_k(EDGE)]).drop_nulls()
        ends = ends.filter(~_is_code(ends))
        self.edges.update(_counted(pl.concat([codes, ends])))

    def _bound(self) -> None:
        """Keep of too many numbers evenly spaced ones, all codes, and the least and the largest."""
        if len(self.values) <= MOST_NUMBERS:
            return
        self.is_whole = False
        self.edges = Counter({code: self.values[code] for code in CODES if code in self.values})
        ordered = sorted(self.values)
        self.edges |= Counter({each: self.values[each] for each in (*ordered[:EDGE], *ordered[-EDGE:])})
        spaced = ordered[:: -(-len(ordered) // MOST_NUMBERS)]
        self.values = Counter({each: self.values[each] for each in spaced})


def is_any_repeated(marks: pl.Series) -> bool:
    """Tell whether a hash occurs twice, by sorting them: to look each up takes five times the memory."""
    ordered = marks.drop_nulls().sort()
    return bool((ordered == ordered.shift()).any())


def _wider(least: Any, most: Any, low: Any, high: Any) -> tuple[Any, Any]:  # noqa: ANN401 - whatever has an order
    return (low if least is None else min(least, low)), (high if most is None else max(most, high))


def _as_numbers(texts: pl.Series) -> pl.Series:
    numbers = texts.cast(pl.Float64, strict=False)
    return numbers.set(~numbers.is_finite(), None)


def _is_code(part: pl.Series) -> pl.Series:
    return part.cast(pl.Float64).is_in([float(code) for code in CODES])


def _counted(part: pl.Series) -> Mapping[Any, int]:
    if part.len() <= _FEW:  # Python counts them sooner than Polars begins
        return Counter(value for value in part.to_list() if value is not None)
    counts = part.drop_nulls().rename("value").value_counts(name="rows")
    return dict(zip(counts["value"].to_list(), counts["rows"].to_list(), strict=True))
