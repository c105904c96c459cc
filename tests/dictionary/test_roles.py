"""What columns are proposed to be in a study: by their names, labels and codes, and never where two could be it."""

import re
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.dictionary.declared import DictionaryFile, declare
from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, Level, value_text
from clinical_nb.dictionary.roles import propose, unconfirmed
from clinical_nb.dictionary.study import propose_study

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "data"
_COLUMN = re.compile(r"(?P<name>[^:={]+)(:(?P<kind>\w+))?(=(?P<codes>[^{]+))?(\{(?P<label>.*)\})?")


def cases(file):
    lines = (HERE / file).read_text().splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def code(text):
    return {"false": False, "true": True}.get(text, int(text) if text.isdigit() else text)


def column(said):
    found = _COLUMN.fullmatch(said.strip())
    label, codes = found["label"] or "", found["codes"]
    if not codes:
        return found["name"], Column(kind=found["kind"] or "numeric", label=label)
    entries = [entry.partition(":") for entry in codes.split("/")]
    levels = tuple(Level(value=code(value), label=word or _inferred(value, codes)) for value, _, word in entries)
    return found["name"], Column(kind="binary" if len(levels) == 2 else "categorical", label=label, levels=levels)


def _inferred(value, codes):
    return (
        {"0": "no", "1": "yes", "false": "no", "true": "yes"}.get(value, value)
        if codes in {"0/1", "false/true"}
        else value
    )


def split(line):
    columns, _, expected = line.partition("->")
    table = dict(column(each) for each in re.split(r",\s*(?![^{]*\})", columns.strip()))
    return Dictionary(tables={"t": table}), sorted(each.strip() for each in expected.split(",") if each.strip())


def said(name, column):
    event = "" if column.role != "event" else " ?" if column.event is None else f" {value_text(column.event)}"
    return f"{name} {column.role}{event}"


@pytest.mark.parametrize("line", cases("roles.txt"))
def test_roles_are_proposed_where_names_and_codes_say_them(line):
    dictionary, expected = split(line)

    columns = propose(dictionary).dictionary.tables["t"]

    assert sorted(said(name, column) for name, column in columns.items() if column.role) == expected


@pytest.mark.parametrize("line", cases("baselines.txt"))
def test_a_later_measurement_is_paired_with_the_one_before_treatment(line):
    dictionary, expected = split(line)

    columns = propose(dictionary).dictionary.tables["t"]

    assert sorted(f"{name} {column.baseline}" for name, column in columns.items() if column.baseline) == expected


def test_each_proposal_says_why_in_one_sentence_and_asks_where_it_is_an_assumption():
    dictionary, _ = split("id:identifier, time, status=1/2, sbp_0, sbp_12")

    found = {each.column: each for each in propose(dictionary).proposals}

    assert found["id"].why == "id identifies the patient, by its name."
    assert found["status"].why == (
        "status = 2 is the event and 1 is not: assumed, by the custom of survival files coded 1 and 2."
    )
    assert found["status"].asks
    assert found["sbp_12"].why == "sbp_0 has the same measurement as sbp_12 before treatment, by their names."
    assert not found["time"].asks


def test_the_code_of_an_event_with_three_codes_is_asked_for():
    dictionary, _ = split("time, status=0:censored/1:transplant/2:died")

    (found,) = [each for each in propose(dictionary).proposals if each.role == "event"]

    assert (found.event, found.asks) == (None, True)
    assert found.why == (
        "status tells the event, and has 3 codes (0 (censored), 1 (transplant), 2 (died)): say which one is the event."
    )


def test_the_planned_arm_is_proposed_before_the_actual_one_and_said_to_be_one_of_two():
    dictionary, _ = split("TRTA=a/b, TRTP=a/b")

    (found,) = propose(dictionary).proposals

    assert (found.column, found.asks) == ("TRTP", True)
    assert found.why == "TRTP is the arm, by its name; TRTA could be it too."


def test_what_a_person_said_is_not_proposed_anew():
    dictionary, _ = split("arm=a/b, treatment=a/b, sbp_0, sbp_12, outcome=0/1")
    said = dict(dictionary.tables["t"])
    said["treatment"] = said["treatment"].model_copy(update={"role": "arm", "confirmed": True})
    said["sbp_12"] = said["sbp_12"].model_copy(update={"confirmed": True})
    said["outcome"] = said["outcome"].model_copy(update={"confirmed": True})

    proposed = propose(Dictionary(tables={"t": said}))

    assert proposed.proposals == ()
    assert proposed.dictionary.tables["t"] == said


def test_the_unconfirmed_proposals_of_a_stored_dictionary_are_told_again():
    dictionary, _ = split("id:identifier, arm=a/b, time, status=1/2, sbp_0, sbp_12")
    proposed = propose(dictionary)
    columns = dict(proposed.dictionary.tables["t"])
    columns["arm"] = columns["arm"].model_copy(update={"confirmed": True})
    columns["status"] = columns["status"].model_copy(update={"event": 1, "confirmed": True})

    left = unconfirmed(Dictionary(tables={"t": columns}))

    assert unconfirmed(proposed.dictionary) == proposed.proposals
    assert [each.column for each in left] == ["id", "time", "sbp_12"]


@pytest.mark.parametrize(
    ("key", "expected"), [(("id",), {}), (("id", "visit"), {"visit": "visit", "date": "visit date"}), ((), {})]
)
def test_visits_are_proposed_where_a_patient_has_several_rows(key, expected):
    dictionary, _ = split("id:identifier, visit=1/2/3, date:date")

    proposed = propose(dictionary.model_copy(update={"grains": {"t": Grain(row="row", key=key)}}))

    columns = proposed.dictionary.tables["t"]
    assert {name: column.role for name, column in columns.items() if name != "id" and column.role} == expected


def study(name, *, declared):
    frame = pl.read_csv(DATA / name / f"{name}.csv", infer_schema_length=None, null_values=["", "NA"])
    dictionary = infer({name: frame})
    if declared:
        text = (DATA / name / f"{name}_dictionary.csv").read_text()
        dictionary = declare(dictionary, DictionaryFile(f"{name}_dictionary.csv", text))
    return propose_study(dictionary, {name: frame}).dictionary


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("pbc", {"id": "patient", "trt": "arm", "time": "time", "status": "event"}),
        ("indo_rct", {"id": "patient", "rx": "arm", "outcome": "outcome"}),
    ],
)
def test_the_trials_of_the_repository_have_their_roles(name, roles, declared):
    dictionary = study(name, declared=declared)

    assert {key: column.role for key, column in dictionary.tables[name].items() if column.role} == roles
    assert all(column.event is None and not column.baseline for column in dictionary.tables[name].values())
    assert dictionary.grains[name] == Grain(row="patient", key=("id",))
