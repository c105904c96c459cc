"""What the tests of the analyses share: tables with their dictionaries, and R's numbers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.analysis.counts import Scan, open_scan
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary, Level, MissingCode
from clinical_nb.plan import Cohort, Compare, Condition, Count, Describe, Plan, Proportion
from clinical_nb.result import Result

REFERENCE = Path(__file__).parent.parent / "reference"


@dataclass
class Table:
    """A table that plans can be run on."""

    frame: pl.DataFrame
    columns: dict[str, Column]

    @property
    def dictionary(self) -> Dictionary:
        return Dictionary(tables={"t": self.columns})

    @property
    def scan(self) -> Scan:
        return open_scan(self.frame.lazy(), self.dictionary, "t")

    def run(self, plan: Plan) -> Result:
        return run(plan, self.frame.lazy(), self.dictionary)

    def count(self, *where: Condition, by: Sequence = ()) -> Result:
        return self.run(Count(Cohort("d", "t", where), tuple(by)))

    def proportion(self, event: Condition, *where: Condition, by: Sequence = ()) -> Result:
        return self.run(Proportion(Cohort("d", "t", where), event, tuple(by)))

    def describe(self, column: str, *where: Condition, by: Sequence = (), statistics: Sequence = ()) -> Result:
        return self.run(Describe(Cohort("d", "t", where), column, tuple(by), tuple(statistics)))

    def compare(self, outcome, by, *where: Condition) -> Result:
        return self.run(Compare(Cohort("d", "t", where), outcome, by))


def with_levels(kind, *levels, ordered=False, missing=()) -> Column:
    return Column(
        kind=kind,
        ordered=ordered,
        levels=tuple(Level(value=value, label=label) for value, label in levels),
        missing=tuple(MissingCode(value=value, reason=reason) for value, reason in missing),
    )


def numbers(result: Result, context: str, **place) -> dict:
    """The statistics of one context and place, by name."""
    return {
        each.stat_name: each.stat
        for each in result.statistics
        if each.context == context and all(getattr(each, name) == wanted for name, wanted in place.items())
    }


def notes(result: Result, kind: str) -> list[str]:
    return [note.text.format(**note.facts) for note in result.notes if note.kind == kind]


@pytest.fixture(scope="session", name="numbers")
def _numbers():
    return numbers


@pytest.fixture(scope="session", name="notes")
def _notes():
    return notes


@pytest.fixture(scope="session", name="with_levels")
def _with_levels():
    return with_levels


@pytest.fixture(scope="session")
def make_table():
    return Table


@pytest.fixture(scope="session")
def reference() -> dict:
    return json.loads((REFERENCE / "reference.json").read_text())


@pytest.fixture
def pbc_table(pbc) -> Table:
    frame = pl.read_csv(pbc, null_values=["", "NA"], infer_schema_length=None)
    columns = {name: Column(kind="numeric") for name in frame.columns}
    columns |= {
        "id": Column(kind="identifier"),
        "sex": with_levels("binary", ("m", "male"), ("f", "female")),
        "trt": with_levels("binary", (1, "D-penicillamine"), (2, "placebo"), missing=[(None, "not randomised")]),
        "stage": with_levels("categorical", (1, "1"), (2, "2"), (3, "3"), (4, "4"), ordered=True),
        "status": with_levels("categorical", (0, "censored"), (1, "transplant"), (2, "died")),
        "ascites": with_levels("binary", (0, "no"), (1, "yes")),
    }
    return Table(frame, columns)


@pytest.fixture
def rct_table(indo_rct) -> Table:
    frame = pl.read_csv(indo_rct, null_values=["", "NA"], infer_schema_length=None)
    columns = {name: with_levels("binary", ("0_no", "no"), ("1_yes", "yes")) for name in frame.columns}
    columns |= {
        "id": Column(kind="identifier"),
        "age": Column(kind="numeric"),
        "risk": Column(kind="numeric"),
        "site": Column(kind="categorical"),
        "type": Column(kind="categorical"),
        "rx": with_levels("binary", ("0_placebo", "placebo"), ("1_indomethacin", "indomethacin")),
        "asa": with_levels("binary", ("0_no", "no"), ("1_yes", "yes"), missing=[("NA_NA", "unknown")]),
        "bleed": with_levels("binary", (1, "no"), (2, "yes")),
    }
    return Table(frame, columns)


@pytest.fixture
def small_table() -> Table:
    frame = pl.read_csv(REFERENCE / "small_groups.csv")
    columns = {name: Column(kind="numeric") for name in frame.columns}
    columns |= {"group": Column(kind="categorical"), "event": with_levels("binary", ("no", "no"), ("yes", "yes"))}
    return Table(frame, columns)
