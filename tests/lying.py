"""One trial, its visits, and a plan of each kind: what has to give the same bits wherever the rows lie."""

from datetime import date
from pathlib import Path

import polars as pl

from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, Level, MissingCode, Relation
from clinical_nb.plan import (
    Agree,
    AnyOf,
    AnyRow,
    Bands,
    Change,
    Cohort,
    Compare,
    Correlate,
    Correlations,
    Count,
    Describe,
    Diagnose,
    Discriminate,
    Extremes,
    FollowUp,
    Hazard,
    Incidence,
    Known,
    Margin,
    Measured,
    Missingness,
    Mixed,
    NoneOf,
    OneOf,
    Pair,
    Plan,
    Proportion,
    Rank,
    Rate,
    Records,
    Regress,
    Repeated,
    Stratified,
    Survive,
    TableOne,
    Threshold,
    Trend,
    Visits,
)

ALL = Cohort("d", "t")
OLD = Cohort("d", "t", (Threshold("age", ">", 50), NoneOf("stage", (1,))))
DIED, LEFT = OneOf("status", (2,)), OneOf("status", (1,))
PLANS: tuple[Plan, ...] = (
    Count(ALL),
    Count(OLD, ("sex", "trt")),
    Proportion(ALL, AnyOf((DIED, Threshold("bili", ">", 5))), ("trt",)),
    Describe(ALL, "alk.phos", ("sex",)),
    Describe(OLD, "stage"),
    Compare(ALL, "bili", "trt"),
    Compare(ALL, "stage", "sex"),
    Compare(ALL, "age", "stage"),
    Survive(ALL, "time", DIED, ("trt",), ("sex",)),
    FollowUp(ALL, "time", DIED, ("trt",)),
    TableOne(ALL, ("age", "sex", "stage", "bili"), ("trt",), tests=True),
    Correlate(ALL, "age", "bili"),
    Pair(ALL, "chol", "copper"),
    Pair(ALL, Threshold("chol", ">", 300), Threshold("copper", ">", 90)),
    Missingness(ALL, ("chol", "copper", "trig"), ("trt",)),
    Regress(ALL, "albumin", ("age", "sex", "stage"), "linear"),
    Regress(ALL, DIED, ("age", "sex", "bili"), "logistic"),
    Hazard(ALL, "time", DIED, ("age", "trt", "bili"), ("sex",)),
    Hazard(ALL, "time", DIED, ("age", "trt"), errors="clustered"),
    Rate(ALL, DIED, "time", ("trt",)),
    Diagnose(ALL, Threshold("bili", ">", 2), DIED, ("sex",)),
    Discriminate(ALL, "bili", DIED, "albumin"),
    Agree(ALL, "stage", "again"),
    Agree(ALL, "age", "albumin"),
    Incidence(ALL, "time", DIED, LEFT, ("trt",)),
    Trend(Cohort("d", "t", (Known("chol"),)), "day", "month"),
    Trend(ALL, "day", "quarter", "bili", ("sex",)),
    Compare(ALL, "bili", "stage", "kruskal_wallis", "holm"),
    Extremes(OLD, "bili", "highest", 5),
    Measured(ALL, "bili", ("mode", "geometric_mean", "standard_error", "interval"), (5, 95), ("sex",)),
    Change(ALL, "chol", "copper", "trt"),
    Stratified(ALL, DIED, "trt", ("sex", "stage")),
    Repeated(ALL, ("chol", "copper", "platelet"), "holm"),
    Visits(ALL, "bili", "stage"),
    Margin(ALL, "age", "trt", 3, "equivalence"),
    Margin(ALL, DIED, "trt", 0.1, "noninferiority", "lower"),
    Correlations(ALL, ("age", "bili", "albumin"), ("copper",)),
    Regress(ALL, "platelet", ("trt", "age", "sex"), "negative_binomial", modifiers=("sex",)),
    Regress(ALL, "stage", ("trt", "age"), "ordinal"),
    Regress(ALL, "albumin", ("trt", "age"), "linear", errors="clustered"),
    Rank(ALL, "stage", 2),
    Bands(ALL, "age", (Threshold("age", "<", 50), Threshold("age", ">=", 50)), (DIED,)),
)


def levels(kind, *coded, ordered=False, missing=()) -> Column:
    return Column(
        kind=kind,
        ordered=ordered,
        levels=tuple(Level(value=value, label=label) for value, label in coded),
        missing=tuple(MissingCode(value=value, reason=reason) for value, reason in missing),
    )


def read_trial() -> tuple[pl.DataFrame, Dictionary]:
    """Return the trial in `data/`, with a second reading of the stage and a made-up day."""
    file = Path(__file__).parent.parent / "data" / "pbc" / "pbc.csv"
    frame = pl.read_csv(file, null_values=["", "NA"], infer_schema_length=None)
    day = (pl.lit(date(2019, 11, 20)) + pl.duration(days=(pl.col("id") * 29) % 460)).cast(pl.Date)
    again = (pl.col("stage") + (pl.col("platelet") % 3 == 0).cast(pl.Int64)).clip(1, 4)
    frame = frame.with_columns(again=again, day=day)
    stage = levels("categorical", (1, "1"), (2, "2"), (3, "3"), (4, "4"), ordered=True)
    columns = {name: Column(kind="numeric") for name in frame.columns} | {
        "id": Column(kind="identifier"),
        "sex": levels("binary", ("m", "male"), ("f", "female")),
        "trt": levels("binary", (1, "drug"), (2, "placebo"), missing=[(None, "not randomised")]),
        "stage": stage,
        "again": stage,
        "status": levels("categorical", (0, "censored"), (1, "transplant"), (2, "died")),
        "day": Column(kind="date"),
    }
    return frame, Dictionary(tables={"t": columns})


PERSONS, VISITS = Cohort("d", "t"), Cohort("d", "visits", joined=("t",))
TWO_TABLES: tuple[Plan, ...] = (
    Records(PERSONS, AnyRow("visits"), ("trt",)),
    Records(PERSONS, AnyRow("visits", (Threshold("weight", ">", 70),)), (), (AnyRow("visits"),)),
    Count(Cohort("d", "t", (AnyRow("visits", (Threshold("weight", ">", 75),)),)), ("sex",)),
    Mixed(VISITS, "weight", "visit", ("trt",)),
    Mixed(Cohort("d", "visits"), "weight", "visit"),
)


def read_visits() -> tuple[dict[str, pl.DataFrame], Dictionary]:
    """Return the trial, and a made-up table of up to four visits of each person that belongs to it."""
    frame, meaning = read_trial()
    every = frame.select("id", "age").join(pl.DataFrame({"visit": [1, 2, 3, 4]}), how="cross")
    weight = 60 + (pl.col("id") * 37) % 25 + (pl.col("id") * pl.col("visit") * 13) % 7 - pl.col("visit") / 2
    visits = every.with_columns(weight=weight).filter((pl.col("id") + pl.col("visit")) % 5 != 0).drop("age")
    belongs = Relation(table="t", columns=("id",), keys=("id",))
    columns = {
        "id": Column(kind="identifier"),
        "visit": levels("categorical", *((each, str(each)) for each in (1, 2, 3, 4)), ordered=True),
        "weight": Column(kind="numeric"),
    }
    grains = {"t": Grain(row="patient", key=("id",)), "visits": Grain(row="visit", relations=(belongs,))}
    return {"t": frame, "visits": visits}, Dictionary(tables={**meaning.tables, "visits": columns}, grains=grains)
