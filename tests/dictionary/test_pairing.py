"""Times and events of a table with several: which is until which, by names, labels and codes."""

import pytest

from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.dictionary.pairing import happened_at, happening, paired
from clinical_nb.dictionary.roles import propose

NO_YES = (Level(value=0, label="No"), Level(value=1, label="Yes"))
COLUMNS = {
    "rfstime": Column(kind="numeric", label="Days to relapse or last follow-up"),
    "relapse": Column(kind="binary", levels=NO_YES),
    "ostime": Column(kind="numeric", label="Days to death or last follow-up"),
    "vital": Column(
        kind="binary",
        label="Status at last contact",
        levels=(Level(value=1, label="Alive"), Level(value=2, label="Dead")),
    ),
    "qol": Column(kind="numeric", label="Quality of life after relapse"),
}


def test_each_time_is_paired_with_the_event_that_its_label_names():
    found = {each.column: (each.role, each.event) for each in propose(Dictionary(tables={"t": COLUMNS})).proposals}

    assert found["rfstime"] == found["ostime"] == ("time", None)
    assert found["relapse"] == ("event", 1)
    assert found["vital"] == ("event", 2)
    assert "qol" not in found


def test_a_time_until_death_is_not_paired_with_a_relapse():
    columns = {name: COLUMNS[name] for name in ("ostime", "relapse")}

    proposals = propose(Dictionary(tables={"t": columns})).proposals

    assert [each.role for each in proposals if each.role in ("time", "event")] == []


def test_what_has_roles_is_paired_by_names_too():
    columns = {
        "os_months": Column(kind="numeric", role="time"),
        "pfs_months": Column(kind="numeric", role="time"),
        "pfs_status": Column(kind="binary", role="event", event=1),
        "os_status": Column(kind="binary", role="event", event=1),
    }

    assert set(paired(columns)) == {("os_months", "os_status"), ("pfs_months", "pfs_status")}


@pytest.mark.parametrize(
    ("name", "label", "kinds"),
    [
        ("t1", "Months to progression", {"progression"}),
        ("os_time", "", {"death"}),
        ("time", "Time to relapse or death", {"relapse", "death"}),
        ("age", "Age at death", set()),
    ],
)
def test_a_time_is_until_what_its_label_or_name_says(name, label, kinds):
    assert happened_at(name, Column(kind="numeric", label=label)) == kinds


def test_an_event_is_what_its_code_says_before_its_name():
    column = Column(kind="binary", levels=(Level(value=0, label="Alive"), Level(value=1, label="Died")))

    assert happening("relapse_status", column) == {"death"}
