"""Spark: a driver and executors of their own count the rows, and every kind of plan gives the same bits as Polars."""

import shutil
import sys
from pathlib import Path

import polars as pl
import pytest

import clinical_nb
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.plan import Correlate, Describe

sys.path.insert(0, str(Path(__file__).parent))

from lying import ALL, PLANS, TWO_TABLES, read_trial, read_visits

pyspark = pytest.importorskip("pyspark", reason="the extra 'spark' is not installed: make test-spark does")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java: apt-get install default-jre-headless"),
    pytest.mark.filterwarnings("default"),  # of Spark's own Python, which are not ours to mend
]


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession  # noqa: PLC0415 - where it is installed

    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("clinical_nb")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def trial(spark, tmp_path_factory):
    file = tmp_path_factory.mktemp("spark") / "trial.parquet"
    frame, _ = read_trial()
    frame.write_parquet(file)
    return spark.read.parquet(str(file)).repartition(5)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: type(plan).__name__)
def test_every_kind_of_plan_gives_the_same_bits_from_spark_as_from_polars(trial, plan):
    frame, meaning = read_trial()

    there = run(plan, trial, meaning)

    assert there == run(plan, frame.lazy(), meaning)


@pytest.mark.parametrize("plan", TWO_TABLES, ids=lambda plan: type(plan).__name__)
def test_tables_that_belong_to_each_other_give_the_same_bits_from_spark_as_from_polars(spark, tmp_path, plan):
    frames, meaning = read_visits()
    for name, frame in frames.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    lying = {name: spark.read.parquet(str(tmp_path / f"{name}.parquet")).repartition(3) for name in frames}

    there = run(plan, lying[plan.cohort.table], meaning, lying)

    here = {name: frame.lazy() for name, frame in frames.items()}
    assert there == run(plan, here[plan.cohort.table], meaning, here)


def test_minus_zero_is_zero_and_nan_is_missing_there_too(spark, tmp_path):
    rows = {"x": [0.0, -0.0, 1.5, float("nan"), None, -0.0] * 3, "y": [-0.0, 0.0, 2.0, 1.0, 2.0, 5.0] * 3}
    frame = pl.DataFrame(rows)
    frame.write_parquet(tmp_path / "zeros.parquet")
    lying = spark.read.parquet(str(tmp_path / "zeros.parquet")).repartition(2)
    meaning = Dictionary(tables={"t": {name: Column(kind="numeric") for name in rows}})

    for plan in (Describe(ALL, "x"), Correlate(ALL, "x", "y")):
        assert run(plan, lying, meaning) == run(plan, frame.lazy(), meaning)


def test_questions_are_answered_by_the_executors(trial, tmp_path):
    with clinical_nb.Session(tmp_path / "home") as session:
        session.attach("pbc", trial, Path(__file__).parent.parent / "data" / "pbc" / "pbc_dictionary.csv")

        answer = session.ask("mean alk.phos by sex")

        assert answer.status == "answered", answer.reason
        assert not answer.reused
