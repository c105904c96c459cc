"""Related tables are answered as the one table that joins them: no row lost, none twice, every patient counted."""

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.rows.needed import related_tables
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.joining import widen
from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, MissingCode, Relation
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    AnyRow,
    Cohort,
    Compare,
    Count,
    Describe,
    Known,
    NoRow,
    OneOf,
    Proportion,
    Threshold,
    all_of,
)

TO_PATIENTS = Relation(table="patients", columns=("pid",), keys=("id",))
TO_VISITS = Relation(table="visits", columns=("pid", "visit"), keys=("pid", "visit"))
DICTIONARY = Dictionary(
    tables={
        "patients": {
            "id": Column(kind="identifier", role="patient"),
            "arm": Column(kind="categorical"),
            "age": Column(kind="numeric"),
        },
        "visits": {
            "pid": Column(kind="identifier", missing=(MissingCode(value=-9, reason="not written"),)),
            "visit": Column(kind="numeric"),
            "crp": Column(kind="numeric"),
            "age": Column(kind="numeric"),
        },
        "events": {
            "pid": Column(kind="numeric"),
            "visit": Column(kind="numeric"),
            "grade": Column(kind="numeric"),
        },
        "centres": {"centre": Column(kind="identifier")},
    },
    grains={
        "patients": Grain(row="patient", key=("id",)),
        "visits": Grain(row="visit", key=("pid", "visit"), relations=(TO_PATIENTS,)),
        "events": Grain(row="event", relations=(TO_VISITS,)),
    },
)
PATIENTS = pl.DataFrame({"id": [1, 2, 3, 4], "arm": ["a", "a", "b", "b"], "age": [30, 40, 50, 60]})
VISITS = pl.DataFrame(
    {
        "pid": [1, 1, 2, 3, 9, -9, None],
        "visit": [1, 2, 1, 1, 1, 1, 1],
        "crp": [1.0, 9.0, None, 2.0, 9.0, 9.0, 9.0],
        "age": [31, 32, 41, 51, 99, 99, 99],
    }
)
EVENTS = pl.DataFrame({"pid": [1, 1, 2], "visit": [1, 2, 1], "grade": [1, 3, 2]})
FRAMES = {"patients": PATIENTS, "visits": VISITS, "events": EVENTS}


def answer(plan, dictionary=DICTIONARY, **frames):
    frames = {**FRAMES, **frames}
    related = {table: frames[table].lazy() for table in related_tables(plan, dictionary)}
    return run(plan, frames[plan.cohort.table].lazy(), dictionary, related)


def one_table(plan, frame, dictionary):
    return run(plan, frame.lazy(), dictionary)


patient = st.tuples(st.sampled_from("ab"), st.one_of(st.none(), st.integers(20, 90)))
visit = st.tuples(
    st.one_of(st.none(), st.integers(0, 9)), st.integers(1, 3), st.one_of(st.none(), st.integers(0, 5).map(float))
)


@given(st.lists(patient, min_size=2, max_size=8), st.lists(visit, min_size=3, max_size=25))
def test_columns_of_a_coarser_table_are_those_of_the_table_that_has_them_on_each_row(patients, visits):
    coarse = pl.DataFrame(
        [(n, arm, age) for n, (arm, age) in enumerate(patients)],
        {"id": pl.Int64, "arm": pl.String, "age": pl.Int64},
        orient="row",
    )
    fine = pl.DataFrame(
        [(*each, 1) for each in visits],
        {"pid": pl.Int64, "visit": pl.Int64, "crp": pl.Float64, "age": pl.Int64},
        orient="row",
    )
    joined = fine.join(coarse.rename({"age": "patients.age"}), left_on="pid", right_on="id", how="left")
    widened = widen(DICTIONARY, "visits", ("patients",))
    over = Threshold("patients.age", ">", 50)
    for by, where in [(("arm",), ()), ((over,), ()), (("arm",), (over,)), ((), (OneOf("arm", ("a",)),))]:
        plan = Count(Cohort("d", "visits", where, ("patients",)), by)
        alone = Count(Cohort("d", "visits", where), by)

        assert answer(plan, patients=coarse, visits=fine).statistics == one_table(alone, joined, widened).statistics


@given(st.lists(patient, min_size=2, max_size=8), st.lists(visit, min_size=1, max_size=25), st.integers(0, 5))
def test_a_condition_on_any_row_is_decided_by_kleene_for_every_patient(patients, visits, limit):
    coarse = pl.DataFrame(
        [(n, arm, age) for n, (arm, age) in enumerate(patients)],
        {"id": pl.Int64, "arm": pl.String, "age": pl.Int64},
        orient="row",
    )
    fine = pl.DataFrame(
        [(*each, 1) for each in visits],
        {"pid": pl.Int64, "visit": pl.Int64, "crp": pl.Float64, "age": pl.Int64},
        orient="row",
    )
    condition = AnyRow("visits", (Threshold("crp", ">", limit),))
    has = []
    for n in range(len(patients)):
        answers = [None if crp is None else crp > limit for pid, _, crp in visits if pid == n]
        has.append(True if True in answers else None if None in answers else False)

    found = answer(Count(Cohort("d", "patients"), (condition,)), patients=coarse, visits=fine)
    inside = answer(Count(Cohort("d", "patients", (condition,))), patients=coarse, visits=fine)

    expected = one_table(
        Count(Cohort("d", "t"), (OneOf("has", (True,)),)),
        coarse.with_columns(pl.Series("has", has, pl.Boolean)),
        Dictionary(tables={"t": {**DICTIONARY.tables["patients"], "has": Column(kind="binary")}}),
    )
    assert [each.stat for each in found.statistics] == [each.stat for each in expected.statistics]
    stats = {each.stat_name: each.stat for each in inside.statistics}
    assert (stats["n"], stats["N"], stats["n_unknown"]) == (has.count(True), len(patients), has.count(None))
    none = NoRow("visits", (Threshold("crp", ">", limit),))
    outside = answer(Count(Cohort("d", "patients", (none,))), patients=coarse, visits=fine)
    stats = {each.stat_name: each.stat for each in outside.statistics}
    assert (stats["n"], stats["N"], stats["n_unknown"]) == (has.count(False), len(patients), has.count(None))


def test_patients_without_rows_and_rows_without_patients_are_told(notes, numbers):
    condition = AnyRow("visits", (Threshold("crp", ">", 5),))
    result = answer(Proportion(Cohort("d", "patients"), condition))

    told = " ".join(notes(result, "caution"))
    assert "3 rows of visits belong to no row of patients by id, and are not looked at." in told
    assert "at least one of its rows of visits" in told
    assert numbers(result, "proportion")["n"] == 1
    assert numbers(result, "proportion")["N"] == 3  # of patient 2 it is open


def test_rows_that_belong_to_no_row_of_a_coarser_table_are_kept_and_told(notes, numbers):
    result = answer(Count(Cohort("d", "visits", (), ("patients",)), ("arm",)))

    assert "3 rows of visits belong to no row of patients by pid" in " ".join(notes(result, "caution"))
    assert numbers(result, "count", group1=None)["N"] == 4  # persons, and one of them unknown to the patients' table


def test_columns_come_along_several_relations_and_the_patient_with_them(notes):
    cohort = Cohort("d", "events", (), ("patients",))
    result = answer(Describe(cohort, "age", ("arm",)))

    assert related_tables(Describe(cohort, "age"), DICTIONARY) == ("patients", "visits")
    assert notes(result, "who") == ["2 of 2 persons by id are used; each is counted once."]


def test_a_condition_reaches_along_several_relations_and_into_another(numbers):
    through = AnyRow("events", (Threshold("grade", ">=", 3),))
    within = AnyRow("visits", (through,))

    for condition in (through, within):
        assert numbers(answer(Count(Cohort("d", "patients", (condition,)))), "count")["n"] == 1
    both = AnyRow("visits", (Known("crp"), through))
    assert numbers(answer(Count(Cohort("d", "patients", (all_of(both, OneOf("arm", ("a",))),)))), "count")["n"] == 1


def test_groups_by_a_condition_on_rows_can_be_compared():
    result = answer(Compare(Cohort("d", "patients"), "age", AnyRow("visits")))

    assert any(each.variable == "age" for each in result.statistics)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Describe(Cohort("d", "patients", (), ("visits",)), "crp"), "would multiply the rows of 'patients'"),
        (Describe(Cohort("d", "patients", (), ("centres",)), "age"), "No relation between 'patients' and 'centres'"),
        (Count(Cohort("d", "visits", (AnyRow("patients"),))), "would multiply the rows of 'patients'"),
    ],
)
def test_what_would_multiply_rows_or_is_not_related_is_refused(plan, said):
    with pytest.raises(PlanError, match=said):
        answer(plan)


def test_a_repeated_key_is_refused_because_it_would_multiply_rows():
    twice = pl.concat([PATIENTS, PATIENTS.head(1)])

    with pytest.raises(PlanError, match="1 values of id stand in several rows of 'patients'"):
        answer(Count(Cohort("d", "visits", (), ("patients",)), ("arm",)), patients=twice)


def test_keys_of_other_types_are_refused_but_numbers_meet_numbers():
    text = PATIENTS.with_columns(pl.col("id").cast(pl.String))
    plan = Count(Cohort("d", "visits", (), ("patients",)), ("arm",))

    with pytest.raises(PlanError, match="not of one type"):
        answer(plan, patients=text)
    floats = PATIENTS.with_columns(pl.col("id").cast(pl.Float64))
    assert answer(plan, patients=floats).statistics == answer(plan).statistics


@pytest.mark.parametrize(
    "plan",
    [
        Count(Cohort("d", "visits", (), ("patients",)), ("arm",)),
        Describe(Cohort("d", "events", (), ("patients",)), "age", ("arm",)),
        Proportion(Cohort("d", "patients"), AnyRow("visits", (Threshold("crp", ">", 5),)), ("arm",)),
        Proportion(Cohort("d", "patients"), NoRow("events", (Threshold("grade", ">", 2),)), ("arm",)),
    ],
)
def test_polars_and_duckdb_join_to_the_same_answers(plan):
    connection = duckdb.connect()
    for name, frame in FRAMES.items():
        connection.register(name, frame)
    related = {table: connection.table(table) for table in related_tables(plan, DICTIONARY)}

    joined = run(plan, connection.table(plan.cohort.table), DICTIONARY, related)

    assert joined.statistics == answer(plan).statistics


BOTH = {"site": Column(kind="categorical"), "no": Column(kind="numeric")}
BESIDE = Dictionary(
    tables={
        "patients": {**BOTH, "arm": Column(kind="categorical")},
        "vitals": {**BOTH, "hr": Column(kind="numeric")},
        "events": {**BOTH, "term": Column(kind="categorical")},
    },
    grains={
        "patients": Grain(row="patient", key=("site", "no")),
        **{
            name: Grain(row="record", relations=(Relation(table="patients", columns=both, keys=both),))
            for name, both in (("vitals", ("site", "no")), ("events", ("site", "no")))
        },
    },
)
BESIDE_FRAMES = {
    "patients": pl.DataFrame({"site": ["N", "N", "S", "S"], "no": [1, 2, 1, 2], "arm": list("abab")}),
    "vitals": pl.DataFrame({"site": ["N", "N", "S", "S", "X"], "no": [1, 2, 1, 2, 1], "hr": [60, 70, 80, 90, 99]}),
    "events": pl.DataFrame({"site": ["N", "N", "S", None], "no": [1, 1, 2, 2], "term": ["rash"] * 4}),
}
RASH = AnyRow("events", (OneOf("term", ("rash",)),))


@pytest.mark.parametrize("has", [RASH, NoRow("events", (OneOf("term", ("rash",)),))])
def test_a_condition_on_a_table_beside_is_that_of_the_patient_in_polars_and_duckdb(has, numbers, notes):
    plan = Describe(Cohort("d", "vitals", (has,), ("patients",)), "hr")
    connection = duckdb.connect()
    for name, each in BESIDE_FRAMES.items():
        connection.register(name, each)

    polars = run(
        plan, BESIDE_FRAMES["vitals"].lazy(), BESIDE, {name: each.lazy() for name, each in BESIDE_FRAMES.items()}
    )
    duck = run(plan, connection.table("vitals"), BESIDE, {name: connection.table(name) for name in BESIDE_FRAMES})

    assert numbers(polars, "continuous")["mean"] == 75.0  # 60 and 90 with a rash, 70 and 80 without
    assert duck.statistics == polars.statistics
    assert "1 rows of vitals belong to no row of patients" in " ".join(notes(polars, "caution"))


def test_persons_whom_two_columns_tell_apart_are_not_independent_in_several_rows():
    once = BESIDE_FRAMES["vitals"]
    twice = pl.concat([once, once.with_columns(pl.col("hr") + 1)])
    related = {"patients": BESIDE_FRAMES["patients"].lazy()}

    with pytest.raises(PlanError, match="8 rows of 4 persons by 'site and no'"):
        run(Describe(Cohort("d", "vitals"), "hr"), twice.lazy(), BESIDE, related)


def test_columns_that_are_called_as_keys_within_are_brought_as_they_are(numbers):
    patients = PATIENTS.rename({"age": "key0"})
    columns = {**DICTIONARY.tables["patients"], "key0": Column(kind="numeric")}
    dictionary = DICTIONARY.model_copy(update={"tables": {**DICTIONARY.tables, "patients": columns}})
    plan = Describe(Cohort("d", "events", (), ("patients",)), "key0")

    result = answer(plan, dictionary, patients=patients.with_columns(age=0))

    assert numbers(result, "continuous")["mean"] == 35.0  # patients 1 and 2
