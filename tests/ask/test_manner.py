"""Words that say how something is to be computed make that plan, or are refused, and never passed over."""

from typing import Any

import pytest

from clinical_nb.ask.reading import Declined, Read, read_question
from clinical_nb.dictionary.meaning import from_yaml
from clinical_nb.plan import Compare, FollowUp, Hazard, Missingness, Plan, Rate, Regress, Stratified, Survive

STUDY = from_yaml("""
tables:
  study:
    pat: {kind: identifier, role: patient}
    arm: {kind: binary, role: arm, levels: [{value: 0, label: placebo}, {value: 1, label: active}]}
    sex: {kind: binary, levels: [{value: F, label: female}, {value: M, label: male}]}
    age: {kind: numeric, unit: years}
    ward: {kind: categorical, levels: [{value: a, label: north}, {value: b, label: south}, {value: c, label: east}]}
    grade:
      kind: categorical
      ordered: true
      levels: [{value: 1, label: "1"}, {value: 2, label: "2"}, {value: 3, label: "3"}]
    weight: {kind: numeric, unit: kg}
    fever: {kind: binary, label: fever, levels: [{value: 0, label: "no"}, {value: 1, label: "yes"}]}
    days: {kind: numeric, role: time, label: days until death, unit: days}
    died: {kind: binary, role: event, event: 1, levels: [{value: 0, label: "no"}, {value: 1, label: "yes"}]}
""")

MEANT: tuple[tuple[str, type[Plan], dict[str, Any]], ...] = (
    ("logistic regression of fever on age and sex with robust standard errors", Regress, {"errors": "robust"}),
    ("linear regression of weight on age, with robust errors", Regress, {"errors": "robust", "family": "linear"}),
    ("logistic regression of fever on age with profile likelihood intervals", Regress, {"intervals": "profile"}),
    ("Cox model with age and sex stratified by ward", Hazard, {"terms": ("age", "sex"), "strata": ("ward",)}),
    ("hazard ratio for arm stratified by ward", Survive, {"by": ("arm",), "strata": ("ward",)}),
    ("stratified log-rank test of survival by arm stratified by ward", Survive, {"by": ("arm",), "strata": ("ward",)}),
    ("Cox regression with arm and age with robust standard errors", Hazard, {"errors": "robust"}),
    ("log-rank test for trend by grade", Survive, {"by": ("grade",)}),
    ("log-rank trend across grade", Survive, {"by": ("grade",)}),
    ("Cohen's d of age by arm", Compare, {"effect": "cohens_d", "outcome": "age", "by": "arm"}),
    ("Hedges' g of weight between men and women", Compare, {"effect": "hedges_g", "outcome": "weight"}),
    ("rate ratio of death by arm", Rate, {"by": ("arm",)}),
    ("missingness by arm", Missingness, {"by": ("arm",)}),
    ("which values are missing together?", Missingness, {"by": ()}),
    ("reverse Kaplan-Meier follow-up", FollowUp, {"by": ()}),
    ("Hosmer-Lemeshow test of a logistic regression of fever on age and sex", Regress, {"family": "logistic"}),
    ("VIF of a linear regression of weight on age and sex", Regress, {"family": "linear"}),
    ("Mantel-Haenszel of fever by arm over wards", Stratified, {"strata": ("ward",), "by": "arm"}),
)
WITHOUT_ORDER = ("log-rank test for trend by ward", "log-rank test for trend by sex", "log-rank trend")
REFUSED = (
    "linear regression of weight on age with profile likelihood intervals",
    "Hosmer-Lemeshow test of a linear regression of weight on age and sex",
    "VIF of a linear regression of weight on age",
    "Cohen's d of fever by arm",
    "Cohen's d of age",
    "rate ratio of death",
    "hazard ratio for arm stratified by arm",
    "hazard ratio for arm stratified by blood",
    "logistic regression of fever on age clustered by ward",
    "mean age with robust standard errors",
    "median survival by arm stratified by ward with profile likelihood intervals",
    "median age by reverse Kaplan-Meier",
)


@pytest.mark.parametrize(("question", "kind", "said"), MEANT, ids=[each[0] for each in MEANT])
def test_how_it_is_to_be_computed_is_part_of_the_plan(question, kind, said):
    reading = read_question(question, "study", STUDY)

    assert isinstance(reading, Read)
    assert isinstance(reading.plan, kind)
    assert {name: getattr(reading.plan, name) for name in said} == said


@pytest.mark.parametrize("question", REFUSED)
def test_what_cannot_be_computed_so_is_refused(question):
    assert isinstance(read_question(question, "study", STUDY), Declined)


@pytest.mark.parametrize("question", WITHOUT_ORDER)
def test_a_trend_over_groups_without_an_order_is_refused_with_what_it_needs(question):
    reading = read_question(question, "study", STUDY)

    assert isinstance(reading, Declined)
    assert "three groups or more that have an order" in reading.reason
