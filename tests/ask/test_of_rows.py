"""Questions about one number of each person's several rows have the numbers that plain Polars has."""

import polars as pl
import pytest

import clinical_nb

IDS = range(1, 13)
PATIENTS = [{"patient_id": n, "sex": "FM"[n % 2], "arm": "ab"[n % 2]} for n in IDS]
ADMISSIONS = [
    {
        "admission_id": 700 + 3 * n + k,
        "patient_id": n,
        "admission_date": f"2020-0{1 + 2 * k}-0{1 + n % 5}",
        "discharge_date": f"2020-0{1 + 2 * k}-{10 + n}",
        "admission_type": ("EMERGENCY", "ELECTIVE")[(n + k) % 2],
    }
    for n in IDS
    for k in range(1 + n % 3)
]
CODES = [
    {"test_code": 11, "label": "Creatinine"},
    {"test_code": 12, "label": "Potassium"},
    {"test_code": 13, "label": "Sodium"},
]
LABS = [
    {"patient_id": n, "test_code": code, "visit": visit, "drawn": f"2020-01-1{visit}", "value": base + n * visit % 7}
    for n in IDS
    for code, base in ((11, 80), (12, 4), (13, 140))
    for visit in (1, 2, 3)
    if (n, visit) != (5, 3)
]


def frame(rows):
    return pl.DataFrame(rows, infer_schema_length=None)


def of(code):
    return frame(LABS).filter(test_code=code).sort("patient_id", "visit").group_by("patient_id", maintain_order=True)


@pytest.fixture(name="ask", scope="module")
def _ask(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospital")
    tables = {"patients": PATIENTS, "admissions": ADMISSIONS, "labs": LABS, "test_codes": CODES}
    for name, rows in tables.items():
        frame(rows).write_csv(folder / f"{name}.csv")
    with clinical_nb.Session(folder / "home") as session:
        session.upload([folder / f"{name}.csv" for name in tables], name="hospital")
        yield session.ask


def stat(answer, name, of_group="group1_level"):
    assert answer.status == "answered", answer.reason
    rows = answer.result.ard.filter(stat_name=name)
    return dict(zip(rows[of_group], rows["stat"], strict=True)) if not rows[of_group].null_count() else rows["stat"][0]


@pytest.mark.parametrize(
    ("question", "taken"),
    [
        ("mean of each patient's highest creatinine", pl.col("value").max()),
        ("mean first creatinine", pl.col("value").first()),
        ("mean of the last creatinine of each patient", pl.col("value").last()),
        ("mean lowest creatinine per patient", pl.col("value").min()),
        ("mean creatinine at the last visit", pl.col("value").last()),
        ("mean creatinine", pl.col("value").mean()),
    ],
)
def test_a_number_of_several_rows_counts_each_patient_once(ask, question, taken):
    answer = ask(question)

    assert stat(answer, "mean") == pytest.approx(of(11).agg(taken)["value"].mean(), rel=1e-12)
    assert stat(answer, "N") == 12


def test_such_a_number_is_told_and_compared_by_what_patients_are(ask):
    means = ask("mean last potassium by sex")
    compared = ask("compare the highest potassium between men and women")

    last = of(12).agg(pl.col("value").last()).join(frame(PATIENTS), on="patient_id")
    by_sex = dict(last.group_by("sex").agg(pl.mean("value")).iter_rows())
    assert stat(means, "mean") == pytest.approx({"F": by_sex["F"], "M": by_sex["M"]})
    assert compared.status == "answered"


def test_patients_are_counted_by_such_a_number_and_by_how_many_rows_they_have(ask):
    over = ask("how many patients had a last potassium above 7")
    several = ask("how many patients had more than one admission")
    two = ask("what percentage of patients had at least 2 admissions")
    ever = ask("how many patients ever had a potassium above 9")

    assert stat(over, "n") == of(12).agg(pl.col("value").last()).filter(pl.col("value") > 7).height
    more = frame(ADMISSIONS).group_by("patient_id").len().filter(pl.col("len") > 1).height
    assert (stat(several, "n"), stat(two, "n"), stat(two, "N")) == (more, more, 12)
    assert (
        stat(ever, "n") == frame(LABS).filter(pl.col("test_code") == 12, pl.col("value") > 9)["patient_id"].n_unique()
    )


def test_a_change_is_between_the_rows_that_are_meant(ask):
    change = ask("mean change in creatinine from visit 1 to visit 3")
    by_arm = ask("mean change in creatinine from first to last visit by arm")

    ends = frame(LABS).filter(test_code=11).pivot("visit", index="patient_id", values="value").drop_nulls(["1", "3"])
    assert stat(change, "estimate") == pytest.approx((ends["3"] - ends["1"]).mean())
    assert by_arm.plan.by == "arm"
    assert ask("change in creatinine from visit 1 to visit 3").plan == change.plan
    assert ask("change in creatinine from first to last visit by arm").plan == by_arm.plan


def test_rows_of_a_table_of_stays_are_counted_each_for_itself(ask):
    stay = ask("median length of stay")
    kinds = ask("how many admissions of each type?")

    rows = frame(ADMISSIONS).with_columns(pl.col("admission_date", "discharge_date").str.to_date())
    days = (pl.col("discharge_date") - pl.col("admission_date")).dt.total_days()
    assert stat(stay, "median") == rows.select(days.median()).item()
    assert "each by itself" in kinds.reading
    counts = dict(frame(ADMISSIONS).group_by("admission_type").len().iter_rows())
    found = kinds.result.ard.filter(pl.col("stat_name") == "n", pl.col("group1_level").is_not_null())
    assert dict(zip(found["group1_level"], found["stat"], strict=True)) == counts


def test_codes_are_named_by_the_table_that_lists_them(ask):
    assert stat(ask("how many patients had sodium over 144"), "n") == (
        frame(LABS).filter(pl.col("test_code") == 13, pl.col("value") > 144)["patient_id"].n_unique()
    )


@pytest.mark.parametrize(
    "question",
    [
        "mean last glucose",
        "mean first weight per patient",
        "mean creatinine at visit 9",
        "change in creatinine from visit 1 to visit 9",
        "change from visit 1 to visit 3 by arm",
    ],
)
def test_what_no_row_has_is_refused(ask, question):
    assert ask(question).status != "answered"


def test_a_redcap_export_of_repeating_instruments_is_a_table_of_each(tmp_path):
    rows = [{"record_id": n, "instrument": None, "instance": None, "arm": n % 2, "pain": None, "ae": None} for n in IDS]
    visits = [
        {**row, "instrument": "visit", "instance": k, "arm": None, "pain": row["record_id"] + k}
        for row in rows
        for k in (1, 2)
    ]
    events = [{**row, "instrument": "adverse_event", "instance": 1, "arm": None, "ae": "rash"} for row in rows[:3]]
    named = {"instrument": "redcap_repeat_instrument", "instance": "redcap_repeat_instance"}
    frame([*rows, *visits, *events]).rename(named).write_csv(tmp_path / "trial.csv")
    with clinical_nb.Session(tmp_path / "home") as session:
        dataset = session.upload(tmp_path / "trial.csv", name="trial")

        assert {name: size[0] for name, size in dataset.tables.items()} == {
            "trial": 12,
            "visit": 24,
            "adverse_event": 3,
        }
        assert stat(session.ask("mean pain at visit 2"), "mean") == sum(n + 2 for n in IDS) / 12
        assert stat(session.ask("mean last pain per patient"), "mean") == sum(n + 2 for n in IDS) / 12
        assert stat(session.ask("how many patients had an adverse event"), "n") == 3
