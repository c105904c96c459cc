"""What is kept partly back is said to be of what it is: the event of a rate, and the persons that were counted."""

from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.plan import Cohort, OneOf, Rate, name_of
from clinical_nb.render.findings import noun_of
from clinical_nb.render.partial import partial_cells
from clinical_nb.result import SUPPRESSED, Note, Result, Statistic

DIED = OneOf("death", ("yes",))
DICTIONARY = Dictionary(tables={"t": {"death": Column(kind="binary"), "years": Column(kind="numeric")}})


def test_events_of_a_rate_are_not_called_the_absence_of_the_event():
    plan = Rate(Cohort("d", "t"), DIED, "years")
    shown = Statistic(name_of(DIED), "n", "n", 103.0, "rate", "100 person-years")
    hidden = Statistic(name_of(DIED), "N", "N", None, "rate", "100 person-years", warning=SUPPRESSED)

    heads, rows = partial_cells(plan, Result((shown, hidden), (), partial=True), DICTIONARY)

    assert heads == ("Of", "n", "N")
    assert rows == [("death: 100 person-years", "103", SUPPRESSED)]


def test_persons_stay_persons_where_the_note_on_who_was_used_is_left_out():
    named = Note("caution", "Disclosure control by {profile}.", {"profile": "cms11", "identifier": "id"})
    other = Note("caution", "Disclosure control by {profile}.", {"profile": "cms11"})

    assert noun_of(Result((), (named,))) == "persons"
    assert noun_of(Result((), (other,))) == "rows"
