"""What a query reads: only the columns of its plan, and only the rows of its cohort, in the scan of the file."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from clinical_nb.analysis.run import run
from clinical_nb.plan import Cohort, Threshold, columns_of

sys.path.insert(0, str(Path(__file__).parent))

from lying import PLANS, TWO_TABLES, read_trial, read_visits

OLD = Cohort("d", "t", (Threshold("age", ">", 40),))
YOUNG = (Threshold("id", "<", 300),)  # of both tables
KINDS = list({type(plan): replace(plan, cohort=OLD) for plan in PLANS}.values())


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    frame, dictionary = read_trial()
    path = tmp_path_factory.mktemp("scanned") / "trial.parquet"
    frame.with_columns(pl.lit(n).alias(f"more{n}") for n in range(30)).write_parquet(path)
    return path, dictionary


@pytest.fixture
def explained(monkeypatch):
    """Return the plans of all queries that were run."""
    found: list[str] = []
    collect = nw.LazyFrame.collect

    def note(query, *arguments, **options):
        native = query.to_native()
        if isinstance(native, pl.LazyFrame):
            found.append(native.explain())
        return collect(query, *arguments, **options)

    monkeypatch.setattr(nw.LazyFrame, "collect", note)
    return found


def check(plans, plan, identifier):
    scans = [each for each in plans if "Parquet SCAN" in each]
    assert scans
    needed = set(columns_of(plan)) | {identifier}
    for each in scans:
        for read, there in re.findall(r"PROJECT (\\*|[0-9]+)/([0-9]+) COLUMNS", each):
            assert read != "*"
            assert int(read) <= len(needed) < int(there)
        assert "FILTER" not in each.split("Parquet SCAN")[0] or "SELECTION" in each
    assert any("SELECTION" in each and "age" in each.split("SELECTION")[1] for each in scans)


@pytest.mark.parametrize("plan", KINDS, ids=lambda plan: type(plan).__name__)
def test_each_kind_of_plan_reads_its_columns_and_its_rows_only(plan, file, explained):
    path, dictionary = file

    run(plan, pl.scan_parquet(path), dictionary)

    check(explained, plan, dictionary.identifier("t"))


@pytest.mark.parametrize("plan", TWO_TABLES, ids=lambda plan: type(plan).__name__)
def test_tables_that_belong_to_each_other_are_read_by_the_columns_that_are_needed(plan, explained, tmp_path):
    frames, dictionary = read_visits()
    for name, frame in frames.items():
        more = frame.with_columns(pl.lit(n).alias(f"more{n}") for n in range(30))
        more.write_parquet(tmp_path / f"{name}.parquet")
    lying = {name: pl.scan_parquet(tmp_path / f"{name}.parquet") for name in frames}

    run(replace(plan, cohort=replace(plan.cohort, where=YOUNG)), lying[plan.cohort.table], dictionary, lying)

    scans = [part for each in explained for part in re.split(r"(?=Parquet SCAN)", each) if "Parquet SCAN" in part]
    for each in scans:
        ((read, there),) = re.findall(r"PROJECT (\*|[0-9]+)/([0-9]+) COLUMNS", each)
        assert read != "*"
        assert int(read) <= 3 < int(there)  # the identifier, and two that the plan names
    assert any("SELECTION" in each for each in scans)
