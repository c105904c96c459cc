"""Four real datasets come in with no hand work but confirming what is proposed, and their values are R's.

What R's scripts do to the same files (`setup_messy_uc.R` and its kin) is written here on the cells that openpyxl reads.
"""

from collections import Counter
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import clinical_nb

DATA = Path(__file__).parents[2] / "data"
# Of the messy workbook, as R's script reads it: numbers where text is one, and -99 is missing.
NUMBERS = (
    *(
        "start_mes",
        "start_bss",
        "start_sys",
        "start_coping",
        "start_emo",
        "start_wbc",
        "start_plt",
        "start_na",
        "start_k",
    ),
    *("end_mes", "end_bss", "end_abd", "end_sys", "end_coping", "end_emo", "end_dl", "end_wbc", "end_plt", "end_na"),
    *("end_k", "Start Abd score", "Daily Life impact score at start"),
)


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "store") as opened:
        yield opened


@pytest.fixture(scope="module")
def cells():
    """The patients of the messy workbook as R reads them: header in row 7, rows with a patient's number."""
    book = openpyxl.load_workbook(DATA / "messy_uc" / "messy_uc.xlsx", data_only=True, read_only=True)
    rows = list(book["Data"].iter_rows(values_only=True))
    book.close()
    header = [str(name) if name is not None else f"blank {at}" for at, name in enumerate(rows[6])]
    found = [dict(zip(header, row, strict=True)) for row in rows[7:]]
    return [row for row in found if row["pat_id"] is not None]


def as_number(cell):
    try:
        number = float(cell)
    except (TypeError, ValueError):
        return None
    return None if number == -99 else number


def test_a_messy_workbook_gives_r_s_values_once_its_proposals_are_accepted(session, cells):
    session.upload(DATA / "messy_uc" / "messy_uc.xlsx", "uc")

    frame = session.accept("all").lazy("Data").collect()

    assert frame["pat_id"].to_list() == [row["pat_id"] for row in cells]
    assert frame["treatment"].to_list() == [row["treatment"].strip() for row in cells]
    for name in NUMBERS:
        assert frame[name].cast(pl.Float64).to_list() == [as_number(row[name]) for row in cells], name
    for parts, name in (
        (("start_bp_systolic", "start_bp_diastolic"), "start_bp"),
        (("pre_wt_kg", "post_wt_kg"), "pre/post_wt_kg"),
    ):
        for at, part in enumerate(parts):
            assert frame[part].to_list() == [int(row[name].split("/")[at]) for row in cells], part
    hispanic = ["not hispanic" if row["ethnic"].strip().lower().startswith("not") else "hispanic" for row in cells]
    assert frame["ethnic"].to_list() == hispanic
    for name in ("start_date", "dob"):
        assert frame[name].to_list() == [row[name].date() for row in cells], name


def test_a_messy_workbook_is_told_before_it_is_cleaned(session):
    dataset = session.upload(DATA / "messy_uc" / "messy_uc.xlsx", "uc")

    kinds = {(each.kind, each.column) for each in dataset.report if each.table == "Data"}
    assert {("missing codes", "end_k"), ("missing codes", "end_na"), ("look-alike levels", "ethnic")} <= kinds
    assert {("two in one", "start_bp"), ("two in one", "pre/post_wt_kg")} <= kinds
    assert {("identifiers", name) for name in ("dob", "fake_street", "fake_zip")} <= kinds


def test_a_trial_of_cdisc_has_its_tables_labels_events_and_relations(session):
    dataset = session.upload(DATA / "cdisc_pilot" / "cdisc_pilot.zip", "cdisc")

    assert {name: rows for name, (rows, _) in dataset.tables.items()} == {
        "adae": 1191,
        "adqscibc": 730,
        "adsl": 254,
        "adtte": 254,
    }
    adsl = dataset.lazy("adsl").collect()
    assert Counter(adsl["TRT01A"]) == {"Placebo": 86, "Xanomeline Low Dose": 84, "Xanomeline High Dose": 84}
    censored = dataset.dictionary.tables["adtte"]["CNSR"]
    assert (censored.role, censored.event) == ("event", 0)
    grains = dataset.dictionary.grains
    assert grains["adsl"].row == "patient"
    assert [each.table for each in grains["adae"].relations] == ["adsl"]
    assert dataset.dictionary.tables["adsl"]["AGE"].label == "Age"


@pytest.mark.parametrize(("name", "rows"), [("pbc", 418), ("indo_rct", 602)])
def test_a_trial_with_its_dictionary_comes_in_whole(session, name, rows):
    file = DATA / name / f"{name}.csv"

    dataset = session.upload(file, name, DATA / name / f"{name}_dictionary.csv")

    assert dataset.tables[name][0] == rows
