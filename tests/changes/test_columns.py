"""Columns that came, went or are of another type, and what the dictionary says otherwise."""

from clinical_nb.changes.columns import compare_columns, compare_grains, compare_meaning
from clinical_nb.changes.values import ColumnChanges, LevelChanges, MeaningChange, Retyped
from clinical_nb.dictionary.meaning import Column, Grain, Level, MissingCode, Relation


def arm(*levels: tuple[int, str], **more: object) -> Column:
    return Column(kind="categorical", levels=tuple(Level(value=code, label=label) for code, label in levels), **more)


def test_columns_are_compared_by_name_and_type():
    found = compare_columns(
        {"id": "integer", "age": "integer", "visit": "date"}, {"bmi": "float", "age": "float", "id": "integer"}
    )

    assert found == ColumnChanges({"bmi": "float"}, {"visit": "date"}, (Retyped("age", "integer", "float"),))
    assert found.count == 3


def test_what_is_said_of_a_column_is_compared_word_by_word():
    before = {
        "w": Column(kind="numeric", label="weight", unit="kg", missing=(MissingCode(value=999, reason="unknown"),))
    }
    after = {"w": Column(kind="text", label="body weight", unit="lb", synonyms=("mass",))}

    assert compare_meaning(before, after, ()) == (
        MeaningChange("w", "kind", "numeric", "text"),
        MeaningChange("w", "label", "weight", "body weight"),
        MeaningChange("w", "unit", "kg", "lb"),
        MeaningChange("w", "other names", "", "mass"),
        MeaningChange("w", "missing code 999", "unknown", ""),
    )


def test_a_role_an_event_and_a_baseline_are_compared():
    before = {"status": Column(kind="binary", role="event", event=2), "sbp_12": Column(kind="numeric")}
    after = {"status": Column(kind="binary", role="event", event=1), "sbp_12": Column(kind="numeric", baseline="sbp_0")}

    assert compare_meaning(before, after, ()) == (
        MeaningChange("status", "event", "2", "1"),
        MeaningChange("sbp_12", "baseline", "", "sbp_0"),
    )


def test_what_a_row_is_is_compared():
    patients = Relation(table="patients", columns=("id",), keys=("id",))
    visits = Grain(row="patient and visit", key=("id", "visit"), relations=(patients,))

    assert compare_grains(visits, visits.model_copy(update={"confirmed": True})) == ()
    assert compare_grains(Grain(row="patient", key=("id",)), visits) == (
        MeaningChange("rows", "one is a", "patient", "patient and visit"),
        MeaningChange("rows", "key", "id", "id, visit"),
        MeaningChange("rows", "belong to patients by", "", "id"),
    )
    assert compare_grains(None, None) == ()


def test_codes_are_compared_one_by_one_and_those_told_as_levels_are_not_told_again():
    before = {"arm": arm((1, "drug"), (2, "placebo"), (3, "other"))}
    after = {"arm": arm((1, "active"), (2, "placebo"), (4, "both"), (5, "none"), ordered=True)}
    told = (LevelChanges("arm", appeared={"4": "both"}, vanished={}),)

    assert compare_meaning(before, after, told) == (
        MeaningChange("arm", "order", "not ranked", "ranked"),
        MeaningChange("arm", "code 1", "drug", "active"),
        MeaningChange("arm", "code 3", "other", ""),
        MeaningChange("arm", "code 5", "", "none"),
    )


def test_what_is_said_of_new_and_gone_columns_is_no_change_of_meaning():
    assert compare_meaning({"a": Column(kind="text")}, {"b": Column(kind="text")}, ()) == ()
