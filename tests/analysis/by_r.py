"""R's numbers of real data sets, and what the tests of further kinds share: asking, and finding statistics by place."""

import json
import math
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.plan import Cohort

REFERENCE = Path(__file__).parent.parent / "reference"
R = json.loads((REFERENCE / "further_kinds.json").read_text(encoding="utf-8"))
C = Cohort("d", "t")
INTERVAL = ("estimate", "conf.low", "conf.high")


def read(name: str) -> pl.DataFrame:
    file = REFERENCE / (name if name.endswith(".csv") else f"datasets/{name}.csv")
    return pl.read_csv(file, null_values=["NA", ""], infer_schema_length=None)


def ask(name, plan, groups=(), ordered=(), frame=None):
    """Run a plan on a data set whose columns are numbers but for those that make groups, ordered or not."""
    frame = read(name) if frame is None else frame
    columns = {each: Column(kind="numeric") for each in frame.columns}
    columns |= {each: Column(kind="categorical") for each in groups}
    for each in ordered:
        levels = tuple(Level(value=value, label=str(value)) for value in frame[each].drop_nulls().unique().sort())
        columns[each] = Column(kind="categorical", ordered=True, levels=levels)
    return run(plan, frame.lazy(), Dictionary(tables={"t": columns}))


def rows(result, context, names, **place):
    """The statistics of one context in the order of the results, a list for each name."""
    found = [
        {each.stat_name: each.stat for each in result.statistics if _place(each) == spot}
        for spot in dict.fromkeys(_place(each) for each in result.statistics if each.context == context)
        if all(spot[_PLACES.index(key)] == value for key, value in place.items())
    ]
    return [[each.get(name) for name in names] for each in found if names[0] in each]


_PLACES = ("context", "variable", "variable_level", "group1", "group1_level", "group2", "group2_level")


def _place(statistic):
    return tuple(getattr(statistic, name) for name in _PLACES)


def near(expected, rel=1e-8, absolute=1e-12):
    """What agrees with R's number, or each of its numbers, of which those that are not there are None."""
    if isinstance(expected, list | tuple):
        return type(expected)(near(each, rel, absolute) for each in expected)
    return expected if expected is None else pytest.approx(expected, rel=rel, abs=absolute)


def listed(number):
    return number if isinstance(number, list) else [number]


def intervals(expected, rel=1e-8, *, ratios=False):
    """What agrees with R's estimates and bounds, a list for each; R has them as logarithms where they are ratios."""
    shown = math.exp if ratios else float
    columns = [listed(expected[name]) for name in ("estimate", "low", "high")]
    return [near(list(map(shown, each)), rel) for each in zip(*columns, strict=True)]


def cases(kind):
    return pytest.mark.parametrize("name", list(R[kind]))
