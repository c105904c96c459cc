"""The line for the history: numbers about many, nothing about few, no words of the data."""

import dataclasses

import pytest

from clinical_nb.render.summary import summarise
from clinical_nb.result import Note, Result


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("total", "n = 1,234"),
        ("counts_by_arm", "n = 602"),
        ("risk", "risk ratio 0.540 (95 % CI 0.349 to 0.836), p = 0.0047, n = 602"),
        ("ages", "means 48.0 and 45.1, medians 48.0 and 45.0, p = 0.0059"),  # few have no age: n would tell how many
        ("several_levels", "answered"),
        ("stages", "answered"),  # 6 have no stage
        ("hostile", "answered"),
    ],
)
def test_a_summary_has_the_estimate_the_p_and_the_number(name, line, request):
    assert request.getfixturevalue(name).summary == line


@pytest.mark.parametrize("few", [0, 1, 4, 10, 297, 303, 306, 307])
def test_nothing_is_told_of_fewer_than_eleven(few, risk):
    statistics = [
        dataclasses.replace(row, stat=few) if row.stat_name == "n" and row.group1_level == "0" else row
        for row in risk.result.statistics
    ]

    line = summarise(Result(tuple(statistics), ()))

    told = few == 307  # all had it: nobody did not
    assert (line != "answered") is told


def test_eleven_may_be_told(risk):
    statistics = [
        dataclasses.replace(row, stat=11) if row.stat_name == "n" and row.group1_level == "0" else row
        for row in risk.result.statistics
    ]

    assert summarise(Result(tuple(statistics), ())).startswith("risk ratio")


def test_a_summary_names_no_level_and_no_column(request):
    for name in ("risk", "ages", "several_levels", "stages", "counts_by_arm", "medians"):
        line = request.getfixturevalue(name).summary

        assert not any(word in line for word in ("active", "placebo", "died", "female", "relapse", "age", "stage"))


def test_the_number_is_left_out_where_so_few_were_left_out_that_it_would_tell_on_them(counts_by_arm):
    def summary(used):
        who = Note("who", "{used} of {rows} rows are used.", {"used": used, "rows": 602})
        return summarise(Result(counts_by_arm.result.statistics, (who,)))

    assert summary(602) == "n = 602"
    assert summary(591) == "n = 602"
    assert summary(599) == "answered"
