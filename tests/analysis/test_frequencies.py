"""Rows of persons, ranks of levels and bands of a number are what plain Polars counts, or refused with the reason."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, Level, Relation
from clinical_nb.errors import PlanError
from clinical_nb.plan import AnyRow, Bands, Cohort, OneOf, Rank, Records, Threshold, all_of

TERMS = ("rash", "nausea", "cough")
DICTIONARY = Dictionary(
    tables={
        "patients": {
            "id": Column(kind="identifier", role="patient"),
            "arm": Column(kind="categorical"),
            "age": Column(kind="numeric"),
        },
        "events": {
            "id": Column(kind="identifier"),
            "term": Column(kind="categorical", levels=tuple(Level(value=each, label=each) for each in TERMS)),
            "phone": Column(kind="text"),
        },
    },
    grains={
        "patients": Grain(row="patient", key=("id",)),
        "events": Grain(row="event", relations=(Relation(table="patients", columns=("id",), keys=("id",)),)),
    },
)
PATIENTS = pl.DataFrame({"id": [1, 2, 3, 4], "arm": ["a", "a", "b", "b"], "age": [30, 65, 80, None]})
EVENTS = pl.DataFrame({"id": [1, 1, 1, 3, 9, 2], "term": ["rash", "rash", "cough", "rash", "rash", None]})
ALL, RASH = AnyRow("events"), AnyRow("events", (OneOf("term", ("rash",)),))
PERSONS = Cohort("d", "patients")


def numbers(plan, frame, **related):
    result = run(plan, frame.lazy(), DICTIONARY, {name: each.lazy() for name, each in related.items()})
    return {
        (each.group1_level, each.variable_level, each.stat_name): each.stat
        for each in result.statistics
        if each.stat is not None
    }


def test_rows_are_told_with_the_persons_who_have_any_and_those_without_have_none():
    found = numbers(Records(PERSONS, ALL, ("arm",)), PATIENTS, events=EVENTS)

    assert [found[None, None, name] for name in ("n.rows", "n", "N", "mean")] == [5, 3, 4, 1.25]
    assert [found["a", None, name] for name in ("n.rows", "n", "N", "mean")] == [4, 2, 2, 2]
    assert [found["b", None, name] for name in ("n.rows", "n", "N", "mean")] == [1, 1, 2, 0.5]


def test_a_share_of_rows_leaves_out_those_of_which_it_is_not_known():
    found = numbers(Records(PERSONS, RASH, (), (ALL,)), PATIENTS, events=EVENTS)

    assert [found[None, None, name] for name in ("n.rows", "N.rows", "p", "n_unknown", "n")] == [3, 4, 0.75, 1, 2]


def test_levels_are_ranked_by_persons_with_all_that_tie():
    found = numbers(Rank(Cohort("d", "events"), "term", 1), EVENTS, patients=PATIENTS)
    tied = numbers(Rank(Cohort("d", "events"), "term", 1), EVENTS[:3], patients=PATIENTS)

    assert {key[1]: n for key, n in found.items() if key[2] == "n" and key[1]} == {"rash": 3}
    assert {key[1]: n for key, n in tied.items() if key[2] == "n" and key[1]} == {"cough": 1, "rash": 1}


def test_what_may_identify_persons_is_not_ranked():
    frame = EVENTS.with_columns(phone=pl.lit("555"))

    with pytest.raises(PlanError, match="may identify persons"):
        numbers(Rank(Cohort("d", "events"), "phone", 3), frame, patients=PATIENTS)


def bands(*edges):
    return tuple(all_of(Threshold("age", ">=", low), Threshold("age", "<=", high)) for low, high in edges)


def test_bands_hold_each_number_once_and_the_missing_are_told():
    plan = Bands(PERSONS, "age", (Threshold("age", "<", 65), *bands((65, 80))))

    found = numbers(plan, PATIENTS)

    assert sorted(n for key, n in found.items() if key[2] == "n") == [1, 2]
    assert found[None, None, "N_miss"] == 1


def test_an_event_is_counted_within_each_band():
    plan = Bands(PERSONS, "age", (Threshold("age", "<", 65), *bands((65, 80))), (RASH,))

    found = numbers(plan, PATIENTS, events=EVENTS[:4])

    assert {key[1]: n for key, n in found.items() if key[2] == "n"} == {
        "age < 65": 1, "age <= 80 and age >= 65": 1
    }  # fmt: skip


@pytest.mark.parametrize(("edges", "said"), [([(0, 30), (70, 90)], "none of the bands"), ([(0, 65), (65, 90)], "two")])
def test_bands_with_a_gap_or_an_overlap_are_refused(edges, said):
    with pytest.raises(PlanError, match=said):
        numbers(Bands(PERSONS, "age", bands(*edges)), PATIENTS)


events = st.lists(st.tuples(st.integers(1, 6), st.sampled_from(TERMS)), max_size=30)


@given(events)
def test_rows_of_groups_sum_to_all_rows_of_persons(rows):
    frame = pl.DataFrame(
        {"id": [each for each, _ in rows], "term": [each for _, each in rows]}, {"id": pl.Int64, "term": pl.String}
    )
    people = pl.DataFrame({"id": range(1, 6), "arm": ["a", "b", "a", "b", "b"], "age": [1] * 5})

    found = numbers(Records(PERSONS, RASH, ("arm",)), people, events=frame)

    own = [each for each in rows if each[0] <= 5 and each[1] == "rash"]
    assert found[None, None, "n.rows"] == len(own) == found["a", None, "n.rows"] + found["b", None, "n.rows"]
    assert found[None, None, "n"] == len({each for each, _ in own})
