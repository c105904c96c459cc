"""What cleaning steps are: values that go to JSON and to a dictionary's YAML, and back, without loss."""

import pytest

from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, Relation, from_yaml, to_yaml
from clinical_nb.dictionary.steps import (
    Censor,
    ReadDates,
    ReadNumbers,
    Recode,
    Split,
    TreatAsMissing,
    step_from_json,
    step_to_json,
)
from clinical_nb.errors import DictionaryError

STEPS = (
    Recode(values={"F": "female", "f": "female"}),
    TreatAsMissing(values=("-99", "n/a"), reasons={"-99": "refused"}),
    ReadNumbers(thousands=",", factors={"lb": 0.45359237, "": 1}),
    ReadDates(formats=("%d/%m/%Y", "%d.%m.%Y"), excel=True),
    Censor(rule="limit"),
    Split(into=("systolic", "diastolic")),
)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.do)
def test_a_step_goes_to_json_and_back(step):
    assert step_from_json(step_to_json(step)) == step


def test_steps_roles_and_grains_stand_in_the_dictionary_s_yaml():
    weight = Column(kind="numeric", role="outcome", baseline="weight_0", clean=STEPS[:3], rejected=STEPS[4:])
    visits = Grain(row="visit", key=("id", "visit"), relations=(Relation(table="t", columns=("id",), keys=("id",)),))
    dictionary = Dictionary(tables={"visits": {"weight": weight}}, grains={"visits": visits})

    assert from_yaml(to_yaml(dictionary)) == dictionary


def test_a_step_that_nobody_knows_is_refused_with_its_place():
    with pytest.raises(DictionaryError, match="In a cleaning step"):
        step_from_json({"do": "guess"})
