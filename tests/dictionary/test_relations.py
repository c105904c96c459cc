"""What a table's rows are and which tables belong together: found by names and values, declared only where exact."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.keys import is_unique
from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, Relation, to_yaml
from clinical_nb.dictionary.study import propose_study

PATIENTS = pl.DataFrame({"id": range(101, 113), "age": [40, 50, 60, 70] * 3})
VISITS = pl.DataFrame({"id": [101, 101, 102, 102, 103, 103], "visit": [1, 2] * 3, "sbp": [120.0, 130.5] * 3})
TO_PATIENTS = Relation(table="patients", columns=("id",), keys=("id",))


def related(**tables):
    return propose_study(infer(tables), tables)


def grains(**tables):
    return related(**tables).dictionary.grains


def told(**tables):
    return [(each.table, each.column, each.rows, each.text) for each in related(**tables).told]


def grain(frame, table="t"):
    found = grains(**{table: frame}).get(table)
    return (found.row, found.key) if found else None


@pytest.mark.parametrize(
    ("table", "columns", "expected"),
    [
        ("t", {"id": range(20)}, ("patient", ("id",))),
        ("t", {"patient_id": [1, 1, 2, 2], "visit": [1, 2, 1, 2]}, ("patient and visit", ("patient_id", "visit"))),
        (
            "t",
            {"USUBJID": list("aabb"), "VISITNUM": [1.0, 2.0, 1.0, 2.0]},
            ("patient and visit", ("USUBJID", "VISITNUM")),
        ),
        (
            "t",
            {"USUBJID": list("aaaabbbb"), "PARAMCD": ["x", "y"] * 4, "AVISIT": [1, 1, 2, 2] * 2},
            ("patient, parameter and visit", ("USUBJID", "PARAMCD", "AVISIT")),
        ),
        ("t", {"USUBJID": list("ab"), "PARAMCD": ["os", "os"]}, ("patient and parameter", ("USUBJID", "PARAMCD"))),
        ("ae", {"USUBJID": list("aab"), "AESEQ": [1.0, 2.0, 1.0]}, ("event (several a patient)", ("USUBJID", "AESEQ"))),
        ("events", {"patient_id": [1, 1, 1], "term": ["x", "x", "y"]}, ("event (several a patient)", ())),
        ("t", {"patient_id": [1, 1, 1], "term": ["x", "x", "y"]}, ("record (several a patient)", ())),
        ("visits", {"visit_id": [7, 8, 9], "patient_id": [1, 1, 2]}, ("visit (several a patient)", ("visit_id",))),
        (
            "t",
            {"patient_id": [1, 1, 2], "day": [date(2020, 1, each) for each in (1, 2, 1)]},
            ("patient and day", ("patient_id", "day")),
        ),
        ("t", {"patient_id": [1, 1, 2], "eye": ["left", "right", "left"]}, ("patient and eye", ("patient_id", "eye"))),
        ("sites", {"site": ["Oslo", "Rome"], "beds": [10, 20]}, ("site", ("site",))),
        ("t", {"comment": ["was well", "felt ill"], "time": [10, 20], "platelet_number": [3, 4]}, None),
        ("pk", {"subject_id": [1, 1, 2], "time": [0.0, 0.5, 0.0]}, ("patient and time", ("subject_id", "time"))),
        ("sites", {"site_id": [1, 2], "beds": [10, 20]}, ("site", ("site_id",))),
        ("sites", {"id": [1, 2], "beds": [10, 20]}, ("site", ("id",))),
        ("visits", {"id": [*range(11), 0], "visit": [1] * 11 + [2]}, ("patient and visit", ("id", "visit"))),
        ("t", {"id": range(20), "marker": [each / 3 for each in range(20)]}, ("patient", ("id",))),
        ("t", {"age": [1, 2, 3], "weight": [4, 5, 6]}, None),
        ("t", {"surname": ["Ng", "Li"], "weight": [4, 5]}, None),
        ("t", {"x": []}, None),
    ],
)
def test_the_grain_of_a_table_is_said_with_its_key(table, columns, expected):
    assert grain(pl.DataFrame(columns), table) == expected


MATCHED = {"age": [40 + n % 30 for n in range(40)], "case": [0, 1] * 20}
PAIRS = [n // 2 for n in range(40)]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"case.id": PAIRS, "id": range(40), **MATCHED}, ("patient", ("id",))),
        ({"case.id": PAIRS, "id": range(40), "exposed": [0, 1, 1, 0] * 10}, ("patient", ("id",))),
        ({"case_no": PAIRS, "patient_id": range(40), **MATCHED}, ("patient", ("patient_id",))),
        ({"case_id": PAIRS, **MATCHED}, ("case", ("case", "case_id"))),
        ({"set": PAIRS, "id": range(40), **MATCHED}, ("patient", ("id",))),
        ({"stratum": PAIRS, "subject_no": range(40), **MATCHED}, ("patient", ("subject_no",))),
        ({"case_id": range(40), **MATCHED}, ("patient", ("case_id",))),
        # a case that has several visits or results is a patient
        ({"case_id": PAIRS, "visit": [1, 2] * 20, **MATCHED}, ("patient and visit", ("case_id", "visit"))),
        (
            {"case_id": PAIRS, "id": range(40), "test": ["hb", "na"] * 20},
            ("patient and parameter", ("case_id", "test")),
        ),
    ],
)
def test_the_number_of_a_case_and_its_controls_is_no_patient(columns, expected):
    assert grain(pl.DataFrame(columns)) == expected


@pytest.mark.parametrize("visit", [[1, 1, 1, 2], [1, 2, 1, None]])
def test_what_is_repeated_or_missing_is_no_key(visit):
    found = grain(pl.DataFrame({"patient_id": [1, 1, 2, 2], "visit": visit}))

    assert found == ("record (several a patient)", ())


def test_a_float_that_is_not_a_number_is_no_key():
    frame = pl.DataFrame({"patient_id": [1, 1], "visit": [1.0, float("nan")]})

    assert not is_unique(frame.lazy(), ("patient_id", "visit"))
    assert is_unique(frame.head(1).lazy(), ("patient_id", "visit"))


def test_a_key_that_repeats_only_in_the_last_of_many_rows_is_none():
    rows = pl.DataFrame({"a": range(50_000), "b": ["x"] * 50_000})

    assert is_unique(rows.lazy(), ("a", "b"))
    assert not is_unique(pl.concat([rows, rows.tail(1)]).lazy(), ("a", "b"))


def test_a_table_that_is_sorted_by_visit_has_its_key():
    rows = pl.DataFrame({"patient_id": range(15_000)}).join(pl.DataFrame({"visit": [1, 2]}), how="cross")

    assert grain(rows.sort("visit", "patient_id")) == ("patient and visit", ("patient_id", "visit"))


def test_a_column_called_like_a_pattern_is_that_column():
    frame = pl.DataFrame({"patient_id": [1, 1, 2], "^.*$": [1, 2, 3], "visit": [1, 2, 1]})

    assert grain(frame) == ("patient and visit", ("patient_id", "visit"))
    assert is_unique(frame.lazy(), ("^.*$",))


def test_a_table_with_a_patient_who_is_repeated_or_missing_is_told_to_be_nearly_the_patients():
    extra = {"id": [101, None], "age": [40, 50]}
    patients = pl.concat([PATIENTS] + [PATIENTS.with_columns(pl.col("id") + 12 * n) for n in (1, 2)])
    patients = pl.concat([patients, pl.DataFrame(extra, schema=patients.schema)]).rename({"id": "patient_id"})

    found = related(patients=patients, visits=VISITS.rename({"id": "patient_id"}))

    assert found.dictionary.grains["visits"].relations == ()
    (only,) = found.told
    assert (only.table, only.column, only.rows) == ("patients", "patient_id", 3)
    assert only.text == "It is repeated in 2 and missing in 1 of 38 rows, so that no table has one row per patient."


def test_visits_belong_to_their_patients():
    found = grains(visits=VISITS, patients=PATIENTS)

    assert found["patients"] == Grain(row="patient", key=("id",))
    assert found["visits"] == Grain(row="patient and visit", key=("id", "visit"), relations=(TO_PATIENTS,))


def test_patients_without_visits_are_counted():
    assert told(patients=PATIENTS, visits=VISITS) == [
        ("patients", "id", 9, "9 of 12 patients have no row in 'visits'.")
    ]


def test_a_visit_of_nobody_is_told_beside_the_relation():
    stray = pl.concat([VISITS, pl.DataFrame({"id": [999], "visit": [1], "sbp": [1.0]})])
    tables = {"patients": PATIENTS.rename({"id": "patient_id"}), "visits": stray.rename({"id": "patient_id"})}

    found = related(**tables)

    (relation,) = found.dictionary.grains["visits"].relations
    assert (relation.table, relation.confirmed) == ("patients", False)
    (only,) = found.told
    assert (only.table, only.column, only.rows) == ("visits", "patient_id", 1)
    assert only.text == (
        "1 row has a 'patient_id' that 'patients' does not have (14.3% of 7): they belong to no row there."
    )


def test_where_many_visits_are_of_nobody_nothing_is_declared():
    stray = pl.concat([VISITS, pl.DataFrame({"id": [998, 999], "visit": [1, 1], "sbp": [1.0, 1.0]})])
    tables = {"patients": PATIENTS.rename({"id": "patient_id"}), "visits": stray.rename({"id": "patient_id"})}

    found = related(**tables)

    assert found.dictionary.grains["visits"].relations == ()
    (only,) = found.told
    assert (only.table, only.column, only.rows) == ("visits", "patient_id", 2)
    assert only.text == (
        "2 rows have a 'patient_id' that 'patients' does not have (25.0% of 8): "
        "'visits' is not taken to belong to 'patients'."
    )


def test_a_visit_without_a_patient_is_told_beside_the_relation():
    missing = pl.concat([VISITS, pl.DataFrame({"id": [None], "visit": [1], "sbp": [1.0]}, schema=VISITS.schema)])
    tables = {"patients": PATIENTS.rename({"id": "patient_id"}), "visits": missing.rename({"id": "patient_id"})}

    found = related(**tables)

    assert [each.table for each in found.dictionary.grains["visits"].relations] == ["patients"]
    assert found.told[0].text == "1 row has no 'patient_id': they belong to no row of 'patients'."


def test_patients_are_related_by_the_other_table_s_name_and_number():
    visits = pl.DataFrame(
        {"id": range(1, 9), "patient_id": [101, 101, 102, 103] * 2, "visit": [1, 2, 1, 1, 3, 4, 2, 2]}
    )

    found = related(patients=PATIENTS, visits=visits).dictionary

    assert found.grains["visits"].relations == (Relation(table="patients", columns=("patient_id",), keys=("id",)),)
    assert found.identifier("visits") == "patient_id"


def test_patients_under_another_name_are_related_only_where_nothing_else_is_possible():
    labs = pl.DataFrame({"subject_no": [*range(101, 113)] * 2, "test": ["k"] * 12 + ["na"] * 12})
    few = labs.filter(pl.col("subject_no") < 104)

    assert grains(baseline=PATIENTS, labs=labs)["labs"].relations == (
        Relation(table="baseline", columns=("subject_no",), keys=("id",)),
    )
    assert grains(baseline=PATIENTS, labs=few)["labs"].relations == ()


def test_a_subject_number_is_not_the_unique_one():
    subjects = pl.DataFrame({"USUBJID": [f"01-{n}" for n in range(9)], "SUBJID": [str(n) for n in range(9)]})
    events = pl.DataFrame({"SUBJID": [str(n) for n in range(9)] * 2, "AESEQ": [1] * 9 + [2] * 9})

    assert grains(adsl=subjects, adae=events)["adae"].relations == ()


def test_the_bare_ids_of_two_tables_are_not_one():
    samples = pl.DataFrame({"id": range(101, 105), "patient_id": [101, 101, 102, 103], "tube": list("abcd")})

    assert grains(patients=PATIENTS, samples=samples)["samples"].relations == (
        Relation(table="patients", columns=("patient_id",), keys=("id",)),
    )


def test_labs_belong_to_a_visit_by_both_its_columns_and_patients_to_a_site():
    patients = PATIENTS.with_columns(site=pl.Series(["Oslo", "Rome", "Bern"] * 4))
    sites = pl.DataFrame({"site": ["Bern", "Oslo", "Rome", "Wien"], "beds": [1, 2, 3, 4]})
    labs = VISITS.select("id", "visit").join(pl.DataFrame({"test": ["k", "na"]}), how="cross")

    found = grains(patients=patients, visits=VISITS, labs=labs, sites=sites)

    assert found["labs"].row == "patient, parameter and visit"
    assert found["labs"].relations == (
        TO_PATIENTS,
        Relation(table="visits", columns=("id", "visit"), keys=("id", "visit")),
    )
    assert found["patients"].relations == (Relation(table="sites", columns=("site",), keys=("site",)),)
    assert found["visits"].relations == (TO_PATIENTS,)


def test_of_two_tables_of_the_same_rows_the_later_belongs_to_the_first():
    found = grains(patients=PATIENTS, visits=VISITS, vitals=VISITS.select("id", "visit", hr=pl.lit(70)))

    assert [each.table for each in found["visits"].relations] == ["patients"]
    assert [each.table for each in found["vitals"].relations] == ["patients", "visits"]


def test_the_patients_table_is_the_one_called_so_or_else_the_longest():
    outcomes = PATIENTS.head(10).select("id", died=pl.lit(0))

    assert grains(outcomes=outcomes, demographics=PATIENTS)["outcomes"].relations[0].table == "demographics"
    assert grains(outcomes=outcomes, first_day=PATIENTS)["outcomes"].relations[0].table == "first_day"
    assert grains(patients=PATIENTS, outcomes=outcomes)["patients"].relations == ()


@pytest.mark.parametrize("dtype", [pl.Int32, pl.Float64, pl.UInt8])
def test_numbers_of_another_type_are_the_same_patients(dtype):
    visits = VISITS.with_columns(pl.col("id").cast(dtype)).rename({"id": "patient_id"})
    dictionary = infer({"patients": PATIENTS, "visits": visits})
    columns = {**dictionary.tables["visits"], "patient_id": Column(kind="identifier")}
    dictionary = Dictionary(tables={**dictionary.tables, "visits": columns})

    found = propose_study(dictionary, {"patients": PATIENTS, "visits": visits})

    assert [each.table for each in found.dictionary.grains["visits"].relations] == ["patients"]


def test_text_and_numbers_are_not_compared_and_this_is_told():
    visits = VISITS.with_columns(pl.col("id").cast(pl.String)).rename({"id": "patient_id"})

    found = told(patients=PATIENTS, visits=visits)

    assert found == [
        ("visits", "patient_id", 0, "It is of another type than 'id' of 'patients': the tables were not compared.")
    ]


def test_a_declared_grain_stays_and_a_relation_that_does_not_hold_is_told():
    tables = {"patients": PATIENTS, "visits": VISITS.with_columns(pl.col("id") + 50)}
    said = Grain(row="telephone call", relations=(TO_PATIENTS,))
    dictionary = infer(tables).model_copy(update={"grains": {"visits": said}})

    found = propose_study(dictionary, tables)

    assert found.dictionary.grains["visits"] == said
    assert [(each.table, each.rows) for each in found.told] == [("visits", 6)]


def test_the_order_of_tables_and_columns_makes_no_other_dictionary():
    sites = pl.DataFrame({"beds": [1, 2, 3], "town": ["Bern", "Oslo", "Rome"], "site": ["B", "O", "R"]})
    patients = PATIENTS.with_columns(site=pl.Series(["O", "R", "B"] * 4))
    visits = VISITS.with_columns(a=pl.date(2020, 1, 1) + pl.duration(days=pl.int_range(6)))
    visits = visits.with_columns(b=pl.col("a") + pl.duration(days=1)).drop("visit")
    tables = {"sites": sites, "patients": patients, "visits": visits, "vitals": visits.drop("sbp")}
    turned = {name: frame.select(reversed(frame.columns)) for name, frame in reversed(tables.items())}

    assert to_yaml(related(**tables).dictionary) == to_yaml(related(**turned).dictionary)
    assert grains(**tables)["sites"].key == ("site",)


def test_the_identifier_of_a_table_is_its_patient_before_all_others():
    columns = {"sample_id": Column(kind="identifier"), "who": Column(kind="text", role="patient")}
    relation = Relation(table="patients", columns=("who",), keys=("id",))
    patients = {"id": Column(kind="identifier", role="patient")}

    assert Dictionary(tables={"t": columns}).identifier("t") == "who"
    without = {"sample_id": Column(kind="identifier"), "who": Column(kind="text")}
    child = Dictionary(tables={"t": without, "patients": patients}, grains={"t": Grain(row="x", relations=(relation,))})
    assert child.identifier("t") == "who"
    assert Dictionary(tables={"t": without}).identifier("t") == "sample_id"


keys = st.lists(st.text("abc012", min_size=3, max_size=5), min_size=1, max_size=30, unique=True)


@given(ids=keys, data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_child_of_any_parent_is_found_and_a_value_of_nobody_is_told(ids, data):
    children = data.draw(st.lists(st.sampled_from([*ids, None]), min_size=1, max_size=40))
    schema = {"patient_id": pl.String, "x": pl.Int64}
    parent = pl.DataFrame({"patient_id": ids, "x": range(len(ids))}, schema=schema)
    child = pl.DataFrame({"patient_id": children, "x": range(len(children))}, schema=schema)
    stray = pl.concat([child, pl.DataFrame({"patient_id": ["nobody"], "x": [0]})])

    is_related = grains(patients=parent, samples=child)["samples"].relations != ()
    found = related(patients=parent, samples=stray)

    assert is_related == any(children)
    known = sum(each is not None for each in children) + 1
    assert (found.dictionary.grains["samples"].relations != ()) == (known >= 5)
    assert 1 in [each.rows for each in found.told if "'patients' does not have" in each.text]


@given(rows=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_key_is_unique_and_none_of_its_columns_could_be_left_out(rows):
    frame = pl.DataFrame(rows, schema=["patient_id", "visit", "eye"], orient="row")

    _, key = grain(frame)

    counts = {size: frame.select(pl.struct(size).n_unique()).item() for size in {key, key[:1], key[:2]} if size}
    assert not key or counts[key] == frame.height
    assert all(counts[part] < frame.height for part in counts if part != key)
    assert key or frame.is_duplicated().any()


def test_rows_of_nobody_are_told_though_the_column_is_a_patients_by_its_table_alone():
    patients = pl.DataFrame({"pid": [1, 2, 3], "sex": ["M", "F", "M"]})
    labs = pl.DataFrame({"pid": [1, 1, 2, 9], "day": [0, 1, 0, 0], "k": [4, 5, 4, 6]})

    found = related(patients=patients, labs=labs)

    assert [(each.table, each.column, each.rows) for each in found.told] == [("labs", "pid", 1)]
    assert found.told[0].text.startswith("1 row has a 'pid' that 'patients' does not have (25.0% of 4)")


def test_a_patients_column_of_another_type_is_told_too():
    patients = pl.DataFrame({"pid": ["001", "002", "003"], "sex": ["M", "F", "M"]})
    labs = pl.DataFrame({"pid": [1, 1, 2], "day": [0, 1, 0], "k": [4, 5, 4]})

    assert told(patients=patients, labs=labs) == [
        ("labs", "pid", 0, "It is of another type than 'pid' of 'patients': the tables were not compared.")
    ]


def test_parts_of_one_table_are_proposed_to_be_put_together():
    one = pl.DataFrame({"patient_id": range(6), "age": range(40, 46)})
    two = pl.DataFrame({"patient_id": range(10, 15), "age": range(40, 45)})

    (each,) = related(y2021=one, y2022=two).told

    assert each.proposal == "If the two are parts of one table, put them together in one file; else mend the values."


def test_a_sheet_for_each_patient_is_related_to_no_other_and_it_is_told():
    sheets = {
        f"P00{number}": pl.DataFrame({"visit": [1, 2, 3], "sbp": [120, 121, 122 + number]}) for number in (1, 2, 3)
    }

    found = related(**sheets)

    assert not any(grain.relations for grain in found.dictionary.grains.values())
    (each,) = found.told
    assert each.text == "3 tables have the same columns and no patient: 'P001', 'P002', 'P003'. They were not related."
    assert each.proposal.startswith("If they are one patient's or one site's each, put them in one table")
