"""An event that only a column of censoring tells of is called by what the rows of its table are about."""

from datetime import date, timedelta

import pytest

import clinical_nb


@pytest.fixture
def ask(tmp_path):
    rows = [
        f"p{patient},{'ab'[patient % 2]},Time to first {what},{10 + patient * factor},{int(patient % 3 == 0)},"
        f"2020-01-01,{date(2020, 1, 1) + timedelta(days=10 + patient * factor)}"
        for patient in range(40)
        for what, factor in (("relapse", 2), ("fracture", 3))
    ]
    (tmp_path / "adtte.csv").write_text("USUBJID,TRTP,PARAM,AVAL,CNSR,STARTDT,ADT\n" + "\n".join(rows) + "\n")
    session = clinical_nb.Session(tmp_path / "store")
    session.upload(tmp_path / "adtte.csv", name="adtte")
    return lambda question: str(session.ask(question))


@pytest.mark.parametrize("event", ["relapse", "fracture"])
def test_the_median_and_the_share_without_it_name_the_event_of_the_rows(ask, event):
    assert f"Median time until first {event}: " in ask(f"time to first {event}: median by TRTP")
    assert f"No first {event}: " in ask(f"probability of being free of first {event} at 30 days by TRTP")
