"""What is wrong in a cleaning step, a correction or a dictionary is one plain sentence, in no library's own words."""

import pytest

from clinical_nb.dictionary.corrections import check_corrections
from clinical_nb.dictionary.meaning import Column, Dictionary, dictionary_of
from clinical_nb.dictionary.steps import step_from_json
from clinical_nb.errors import DictionaryError

KINDS = "'identifier', 'numeric', 'categorical', 'binary', 'date' or 'text'"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({}, "'do' is missing"),
        ({"do": "missing"}, "'values' is missing"),
        ({"do": "missing", "values": ["1"], "because": "x"}, "there is nothing called 'because'"),
        ({"do": "missing", "values": "-99"}, "'values' should be a list, not '-99'"),
        ({"do": "missing", "values": ["-9", -99]}, "number 2 of 'values' should be text, not -99"),
        ({"do": "recode", "values": {"f": 1}}, "'f' of 'values' should be text, not 1"),
        ({"do": "recode", "values": ["f"]}, "'values' should be names with their values, not ['f']"),
        ({"do": "numbers", "factors": {"lb": "half"}}, "'lb' of 'factors' should be a number, not 'half'"),
        ({"do": "numbers", "weeks_and_days": "often"}, "'weeks_and_days' should be true or false, not 'often'"),
        ({"do": "dates", "formats": ["%Y"], "latest": 2000.5}, "'latest' should be a whole number, not 2000.5"),
        ({"do": "censor", "rule": "most"}, "'rule' should be 'half', 'limit' or 'missing', not 'most'"),
        ({"do": "missing", "values": "x" * 99}, f"'values' should be a list, not '{'x' * 40}…'"),
        (["missing"], "it should be fields with their values, not ['missing']"),
    ],
)
def test_what_is_wrong_in_a_cleaning_step_is_said_in_a_plain_sentence(step, said):
    with pytest.raises(DictionaryError) as raised:
        step_from_json(step)

    assert str(raised.value) == f"In a cleaning step, {said}."


def test_a_step_that_nobody_knows_is_told_with_those_that_there_are():
    with pytest.raises(DictionaryError, match=r"'do' should be one of 'recode', 'missing', .*, not 'mising'\.$"):
        step_from_json({"do": "mising", "values": ["1"]})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "number"}, f"'kind' should be {KINDS}, not 'number'"),
        ({"event": [1]}, "'event' should be one value, not [1]"),
        ({"clean": [{"do": "missing"}]}, "'values' of number 1 of 'clean' is missing"),
    ],
)
def test_what_is_wrong_in_a_correction_is_said_in_a_plain_sentence(fields, said):
    known = Dictionary(tables={"trial": {"weight": Column(kind="numeric")}})

    with pytest.raises(DictionaryError) as raised:
        check_corrections(known, {"tables": {"trial": {"weight": fields}}})

    assert str(raised.value) == f"'weight' cannot be corrected so: {said}."


def test_what_is_wrong_in_a_dictionary_is_said_in_a_plain_sentence():
    with pytest.raises(DictionaryError) as raised:
        dictionary_of({"tables": {"trial": {"weight": {"kind": "number"}}}})

    said = f"In the dictionary, 'kind' of 'weight' of 'trial' of 'tables' should be {KINDS}, not 'number'."
    assert str(raised.value) == said
