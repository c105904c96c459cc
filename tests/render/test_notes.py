"""Notes: facts are put in as they are, whatever they look like."""

import pytest

from clinical_nb.render.notes import fill
from clinical_nb.render.phrase import markup, plain
from clinical_nb.result import Note


@pytest.mark.parametrize(
    ("fact", "shown"), [(1234, "1,234"), (12.0, "12"), (2.34567, "2.35"), (-0.5, "-0.500"), ("Ann", "Ann"), ("", "")]
)
def test_a_fact_is_shown_by_its_kind(fact, shown):
    assert plain(fill(Note("who", "<{fact}>", {"fact": fact}))) == f"<{shown}>"


@pytest.mark.parametrize("name", ["p", "p_fisher"])
def test_a_fact_whose_name_says_p_is_shown_as_a_p_value(name):
    assert plain(fill(Note("test", f"p {{{name}}}.", {name: 0.00001}))) == "p <0.001."


@pytest.mark.parametrize("text", ["{x}", "{0}", "{x.__class__}", "{", "}}", "{y!r:>9}", "%s", "\\1"])
def test_braces_in_what_a_person_supplied_stay_as_they_are(text):
    assert plain(fill(Note("who", "{x} and {x}", {"x": text, "y": "no"}))) == f"{text} and {text}"


def test_a_place_without_a_fact_stays_visible():
    assert plain(fill(Note("who", "{lost} of {n}", {"n": 3}))) == "{lost} of 3"


def test_facts_are_escaped_in_html():
    shown = markup(fill(Note("who", "a < {x}", {"x": "<script>"})))

    assert shown == "a &lt; &lt;script&gt;"


@pytest.mark.parametrize(
    ("p", "shown"), [(0.00001, "with p <0.001."), (0.02, "with p = 0.020."), (1.0, "with p >0.99.")]
)
def test_a_bound_does_not_stand_after_an_equals_sign(p, shown):
    assert plain(fill(Note("test", "with p = {p}.", {"p": p}))) == shown
