"""Typed questions over several tables have the numbers that plain Polars has, or the exact reason why there is none."""

import polars as pl
import pytest

import clinical_nb

IDS = range(1, 13)
PATIENTS = [{"patient_id": n, "arm": "ab"[n % 2], "age": 40 + n} for n in IDS]
VISITS = [
    {"visit_id": 100 + 2 * n + v, "patient_id": n, "visit": v, "hr": 60 + n + v} for n in IDS[:10] for v in (1, 2)
]
TERMS = [(1, "headache", 1), (1, "nausea", 3), (1, "headache", 2), (2, "nausea", 1), (3, "headache", 3), (4, "rash", 1)]
EVENTS = [{"patient_id": n, "term": term, "grade": grade} for n, term, grade in TERMS]
TESTS = [{"visit_id": row["visit_id"], "test": test} for row in VISITS for test in ("potassium", "sodium")]
MEASURED = [{**row, "value": row["visit_id"] / (10 if row["test"] == "potassium" else 1)} for row in TESTS]


def frame(rows):
    return pl.DataFrame(rows, infer_schema_length=None)


@pytest.fixture(name="upload")
def _upload(tmp_path):
    session = clinical_nb.Session(tmp_path / "home")

    def upload(**tables):
        paths = [tmp_path / f"{name}.csv" for name in tables]
        for path, rows in zip(paths, tables.values(), strict=True):
            path.write_text(rows) if isinstance(rows, str) else frame(rows).write_csv(path)
        session.upload(paths, name="trial")
        return session

    with session:
        yield upload


@pytest.fixture(name="trial")
def _trial(upload):
    return upload(patients=PATIENTS, visits=VISITS, events=EVENTS, measurements=MEASURED)


def stats(answer, name, group="group1_level"):
    assert answer.status == "answered", answer.reason
    rows = answer.result.ard.filter(stat_name=name)
    return dict(zip(rows[group], rows["stat"], strict=True)) if rows[group].null_count() == 0 else rows["stat"][0]


def said(answer):
    return " ".join(note.text.format(**note.facts) for note in answer.result.notes)


def with_term(term):
    return frame(EVENTS).filter(term=term)["patient_id"].unique().to_list()


def test_a_condition_on_events_is_one_of_their_patients_for_what_visits_measure(trial):
    answer = trial.ask("mean hr in patients who had headache where visit 1")

    expected = frame(VISITS).filter(pl.col("patient_id").is_in(with_term("headache")), pl.col("visit") == 1)
    assert stats(answer, "mean") == expected["hr"].mean()
    assert stats(answer, "N") == 2
    assert "where visit = 1 and (any row of events with term = headache)" in answer.reading
    assert answer._repr_mimebundle_()


def test_such_a_mean_is_of_each_patients_own_mean_where_she_has_several_rows(trial):
    answer = trial.ask("mean hr in patients who had headache")
    compared = trial.ask("compare hr by arm")

    own = (
        frame(VISITS)
        .filter(pl.col("patient_id").is_in(with_term("headache")))
        .group_by("patient_id")
        .agg(pl.mean("hr"))
    )
    assert (stats(answer, "mean"), stats(answer, "N")) == (own["hr"].mean(), 2)
    assert "each patient_id counts once" in said(answer)
    assert "Of the 4 rows of 'visits', each for itself: mean" in str(answer)
    assert compared.status == "declined"  # a test takes no rows of one person for independent
    assert "20 rows of 10 persons by 'patient_id'" in compared.reason


def test_those_without_an_event_are_all_patients_who_have_no_such_row(trial):
    count = trial.ask("how many patients without headache")
    both = trial.ask("compare age between patients with and without headache")

    assert (stats(count, "n"), stats(count, "N")) == (10, 12)  # patient 1 has nausea beside it, and is not among them
    ages = frame(PATIENTS).group_by(pl.col("patient_id").is_in(with_term("headache"))).agg(pl.col("age").mean())
    assert stats(both, "mean") == {"yes": dict(ages.iter_rows())[True], "no": dict(ages.iter_rows())[False]}


def test_two_conditions_on_one_table_hold_in_the_same_row_and_on_two_tables_in_any(trial):
    same = trial.ask("how many patients had headache and grade above 2")
    two = trial.ask("how many patients had headache and hr over 63")
    either = trial.ask("how many patients had headache or hr over 70")

    assert stats(same, "n") == 1  # of patient 1 the nausea is of grade 3, not the headache
    assert stats(two, "n") == 1  # patient 3, who has 64 and 65; patient 1 has 62 and 63
    assert stats(either, "n") == 4  # 1 and 3; 9 and 10
    assert stats(either, "N") == 12


def test_a_share_among_rows_of_one_visit_is_that_of_this_visit_by_the_arm_of_another_table(trial):
    share = trial.ask("what proportion of patients had hr over 70 by arm where visit 1")
    some = trial.ask("what proportion of patients with nausea had grade over 2")

    high = frame(VISITS).filter(pl.col("visit") == 1, pl.col("hr") > 70)["patient_id"].to_list()
    assert high == [10]  # patient 9 has 70 there, and 71 at visit 2
    assert stats(share, "n") == {"a": 1, "b": 0}
    assert stats(share, "N") == {"a": 5, "b": 5}
    assert (stats(some, "n", "variable_level"), stats(some, "N", "variable_level")) == ({"yes": 1}, {"yes": 2})


def test_ages_of_patients_with_an_event_are_asked_of_patients_whatever_else_they_had(trial):
    assert stats(trial.ask("mean age in patients with headache"), "mean") == 42.0  # 41 and 43


def test_two_tables_beside_each_other_are_refused_with_how_many_rows_they_would_make(trial):
    answer = trial.ask("mean hr by term")

    assert answer.status == "declined"
    assert answer.reason.startswith(
        "A row of 'patients' has up to 2 rows in 'visits' and 3 in 'events': joining them would make 6 of one."
    )


def test_rows_of_a_chain_belong_to_patients_by_its_relations(trial):
    means = trial.ask("mean value by arm where test is potassium and visit 1")
    shares = trial.ask("what proportion of patients had value over 118 by arm")
    several = trial.ask("mean value where test is potassium")

    rows = frame(MEASURED).join(frame(VISITS), on="visit_id").join(frame(PATIENTS), on="patient_id")
    first = rows.filter(test="potassium", visit=1).group_by("arm").agg(pl.col("value").mean())
    assert stats(means, "mean") == pytest.approx(dict(first.iter_rows()))
    high = rows.filter(pl.col("value") > 118).group_by("arm").agg(pl.col("patient_id").n_unique())
    assert stats(shares, "n") == dict(high.iter_rows())
    assert set(stats(shares, "N").values()) == {6}
    own = rows.filter(test="potassium").group_by("patient_id").agg(pl.mean("value"))
    assert stats(several, "mean") == pytest.approx(own["value"].mean())
    assert stats(several, "N") == 10


def test_two_ways_to_the_patient_that_contradict_each_other_are_refused(upload):
    rows = [{**row, "patient_id": (row["visit_id"] - 101) // 2} for row in MEASURED]
    wrong = [{**row, "patient_id": 5 if number < 3 else row["patient_id"]} for number, row in enumerate(rows)]

    right = upload(patients=PATIENTS, visits=VISITS, measurements=rows)
    mean = right.ask("mean value by arm where test is potassium and visit 1")
    contradicting = upload(patients=PATIENTS, visits=VISITS, measurements=wrong)
    refused = contradicting.ask("mean value by arm where test is potassium and visit 1")

    assert stats(mean, "N") == {"a": 5, "b": 5}
    assert refused.status == "declined"
    assert "rows of 'measurements' belong to one row of 'patients'" in refused.reason


def test_a_site_s_number_is_not_counted_once_for_each_of_its_patients(upload):
    patients = [{**row, "site": "NS"[row["age"] > 48]} for row in PATIENTS]
    trial = upload(patients=patients, sites=[{"site": "N", "beds": 10}, {"site": "S", "beds": 20}])

    assert stats(trial.ask("how many patients"), "n") == 12
    assert stats(trial.ask("mean beds"), "mean") == 15
    assert stats(trial.ask("mean age where beds over 15"), "N") == 4
    refused = trial.ask("mean beds by arm")
    assert "it would count once for each of them" in refused.reason


def test_tables_of_one_row_a_patient_each_are_columns_of_the_patients(upload):
    bmi = [{"patient_id": n, "bmi": 20 + n} for n in IDS[:8]]
    outcomes = [{"patient_id": n, "died": "yes" if n % 3 == 0 else "no"} for n in IDS[2:]]
    trial = upload(patients=PATIENTS, baseline=bmi, outcomes=outcomes)

    answer = trial.ask("mean bmi by died")

    assert stats(answer, "mean") == {"no": 26.0, "yes": 24.5}  # 24, 25, 27, 28 and 23, 26
    assert "2 have no known died." in said(answer)


def test_a_column_of_the_same_name_in_two_tables_is_asked_about(upload):
    visits = [{**row, "age": 40 + row["patient_id"] + row["visit"]} for row in VISITS]
    trial = upload(patients=PATIENTS, visits=visits)

    unclear = trial.ask("mean age")
    across = trial.ask("mean age by arm where visit 1")

    assert {choice.reading for choice in unclear.choices} == {"Mean of age of patients", "Mean of age of visits"}
    assert across.status == "unclear"
    assert [choice.reading.split(",")[0] for choice in across.choices]


def test_an_arm_that_each_event_repeats_is_that_of_its_patient_and_every_patient_counts(upload):
    of = {row["patient_id"]: row for row in PATIENTS}
    events = [{**row, "arm": of[row["patient_id"]]["arm"], "age": of[row["patient_id"]]["age"]} for row in EVENTS]
    visits = [{**row, "arm": of[row["patient_id"]]["arm"]} for row in VISITS]
    trial = upload(patients=PATIENTS, visits=visits, events=events)

    mean = trial.ask("mean age by arm")
    share = trial.ask("what proportion of patients had headache by arm")
    visit = trial.ask("mean hr by arm where visit 1")

    assert stats(mean, "N") == {"a": 6, "b": 6}
    assert (
        "age and arm of events is the same as that of patients in each row: each row of patients counts once."
        in said(mean)
    )
    assert stats(share, "n") == {"a": 0, "b": 2}
    assert stats(share, "N") == {"a": 6, "b": 6}
    assert visit.reading == "Mean of hr by arm where visit = 1"
    assert stats(visit, "mean") == {"a": 67.0, "b": 66.0}
    assert stats(trial.ask("mean age in patients with headache"), "mean") == 42.0


def test_an_arm_that_differs_in_one_event_is_no_copy(upload):
    of = {row["patient_id"]: row["arm"] for row in PATIENTS}
    events = [{**row, "arm": "b" if row["patient_id"] == 2 else of[row["patient_id"]]} for row in EVENTS]
    trial = upload(patients=PATIENTS, events=events)

    assert trial.ask("how many patients by arm").status == "unclear"


@pytest.mark.parametrize(
    ("theirs", "why"),
    [
        ("{:03}", "It is of another type than 'patient_id' of 'patients'"),
        ("P{}", "20 rows have a 'patient_id' that 'patients' does not have"),
    ],
)
def test_keys_that_are_written_unlike_are_not_joined_and_it_is_said_why(upload, theirs, why):
    form = "p{}" if theirs == "P{}" else "{}"
    patients = [{**row, "patient_id": form.format(row["patient_id"])} for row in PATIENTS]
    visits = [{**row, "patient_id": theirs.format(row["patient_id"])} for row in VISITS]
    trial = upload(patients=patients, visits=visits)

    answer = trial.ask("mean hr by arm where visit 1")
    count = trial.ask("how many patients had hr over 65")

    assert answer.status == "declined"
    assert why in answer.reason
    assert "the same but for capital letters, blanks or zeros before them" in answer.reason
    assert "the persons are those of visits alone" in said(count)


def test_numbers_with_a_decimal_point_and_blanks_are_the_same_keys(upload):
    visits = "patient_id,visit,hr\n" + "".join(f" {r['patient_id']}.0 ,{r['visit']},{r['hr']}\n" for r in VISITS)
    trial = upload(patients=PATIENTS, visits=visits)

    assert stats(trial.ask("mean hr by arm where visit 1"), "mean") == {"a": 67.0, "b": 66.0}


def test_visits_of_nobody_are_told_and_are_of_no_patient(upload):
    rows = "patient_id,visit,hr\n" + "".join(f"{r['patient_id']},{r['visit']},{r['hr']}\n" for r in VISITS)
    trial = upload(patients=PATIENTS, visits=f"{rows}99,1,70\n,1,71\n")

    assert stats(trial.ask("how many patients"), "n") == 12
    assert "2 rows of visits belong to no row of patients" in said(trial.ask("mean hr by arm where visit 1"))
    assert "1 of these have no patient_id" in said(trial.ask("mean hr where visit 1"))


def test_a_visit_without_a_patient_is_of_nobody(upload):
    rows = "patient_id,visit,hr\n" + "".join(f"{r['patient_id']},{r['visit']},{r['hr']}\n" for r in VISITS)
    trial = upload(patients=f"{frame(PATIENTS).write_csv()}", visits=f"{rows},1,99\n,2,99\n")

    high = trial.ask("how many patients had hr over 90")

    assert (stats(high, "n"), stats(high, "N")) == (0, 12)
    assert "2 rows of visits belong to no row of patients" in said(high)


def test_a_key_that_was_confirmed_and_repeats_in_the_next_upload_multiplies_nothing(upload):
    first = upload(patients=PATIENTS, visits=VISITS)
    first.accept("patients", "visits.patients", "visits")

    trial = upload(patients=[*PATIENTS, {"patient_id": 3, "arm": "b", "age": 99}], visits=[*VISITS, VISITS[0]])

    told = [each.text for each in trial.find("trial").report]
    assert any("though it was said to tell the rows of 'patients' apart" in text for text in told)
    assert any("though it was said to tell the rows of 'visits' apart" in text for text in told)
    assert stats(trial.ask("how many patients"), "n") == 12
    assert "13 rows of 12 persons" in trial.ask("mean age").reason
    refused = trial.ask("mean hr by arm where visit 2")
    assert "1 values of patient_id stand in several rows of 'patients'" in refused.reason
    assert stats(trial.ask("how many patients had hr over 70"), "n") == 2


def test_a_repeated_patient_is_named_where_nothing_can_be_joined_to_her(upload):
    trial = upload(patients=[*PATIENTS, {"patient_id": 3, "arm": "b", "age": 50}], visits=VISITS)

    refused = trial.ask("mean hr by arm where visit 1")

    assert "It is repeated in 2 of 13 rows, so that no table has one row per patient." in refused.reason


def test_a_table_without_rows_is_of_no_patients(upload):
    trial = upload(patients=PATIENTS, visits="patient_id,visit,hr\n")

    assert stats(trial.ask("how many patients"), "n") == 12


def test_a_mother_in_the_same_table_is_no_relation_to_another_row(upload):
    family = "patient_id,mother_id,age\n1,,50\n2,1,30\n3,1,25\n4,2,5\n5,,60\n"
    trial = upload(patients=family, visits="patient_id,visit,hr\n1,1,60\n2,1,70\n4,1,90\n4,2,95\n")

    assert stats(trial.ask("how many patients"), "n") == 5
    assert stats(trial.ask("mean age"), "mean") == 34
    assert stats(trial.ask("how many patients had hr over 65"), "n") == 2


def test_patients_who_are_numbered_anew_at_each_site_are_told_apart_by_both(upload):
    patients = [{"site": s, "subject_id": n, "arm": "ab"[n % 2], "age": 40 + n} for s in "NS" for n in range(1, 6)]
    visits = [{"site": s, "subject_id": n, "visit": v, "hr": 60 + n + v} for s in "NS" for n in IDS[:4] for v in (1, 2)]
    trial = upload(patients=patients, visits=visits)

    assert stats(trial.ask("how many patients"), "n") == 10
    assert stats(trial.ask("mean age by arm"), "N") == {"a": 4, "b": 6}
    assert stats(trial.ask("mean hr by arm where visit 1"), "mean") == {"a": 64.0, "b": 63.0}
    high = trial.ask("how many patients had hr over 64")
    assert (stats(high, "n"), stats(high, "N")) == (4, 10)  # 3 and 4 at each site
    assert (stats(trial.ask("mean hr"), "mean"), stats(trial.ask("mean hr"), "N")) == (64.0, 8)


STAYS = [
    {"stay_id": 500 + 3 * n + k, "patient_id": n, "admission_type": kind}
    for n in IDS
    for k, kind in enumerate(("EMERGENCY", "EMERGENCY", "ELECTIVE") if n % 3 else ("ELECTIVE", "URGENT"))
]


def test_rows_that_a_level_names_are_counted_and_not_only_who_has_them(upload):
    session = upload(patients=PATIENTS, admissions=STAYS)

    answer = session.ask("how many emergency admissions")

    assert "16 rows of admissions with admission_type = EMERGENCY, of 8 of 12 persons" in str(answer)


def test_all_levels_in_a_row_are_not_given_as_one_number(upload):
    smoking = ("never", "former", "current")
    session = upload(patients=[{**row, "smoking": smoking[row["patient_id"] % 3]} for row in PATIENTS])

    assert session.ask("mean age in never, former and current").plan.by == ("smoking",)
    assert stats(session.ask("mean age where smoking = never"), "mean") == 47.5


def test_events_are_the_rows_of_their_table_where_a_death_is_timed_too(upload):
    followed = [
        {**row, "fu_time": 10 * row["patient_id"], "died": "yes" if row["patient_id"] > 9 else "no"} for row in PATIENTS
    ]

    trial = upload(patients=followed, events=EVENTS)

    assert stats(trial.ask("how many patients had any event"), "n") == len({row["patient_id"] for row in EVENTS})
