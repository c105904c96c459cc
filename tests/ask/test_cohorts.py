"""A named cohort is its condition wherever a question has the name, and a name that means something else is refused."""

from pathlib import Path

import pytest

from clinical_nb.ask.defining import define
from clinical_nb.ask.following.following import follow
from clinical_nb.ask.reading import Declined, Read, known_words, read_question
from clinical_nb.dictionary.meaning import Dictionary, from_yaml, rename_tables, to_yaml
from clinical_nb.errors import DictionaryError
from clinical_nb.plan import AnyRow, Cohort, Count, OneOf, Threshold, name_of

HERE = Path(__file__).parent
TRIAL = from_yaml((HERE / "trial.yaml").read_text(encoding="utf-8"))


def with_cohorts(dictionary=TRIAL, **cohorts):
    for name, text in cohorts.items():
        called = name.replace("_", " ")
        defined = define(called, text, dictionary)
        dictionary = dictionary.model_copy(update={"cohorts": {**dictionary.cohorts, called: defined}})
    return dictionary


def where(question, dictionary):
    read = read_question(question, "trial", dictionary)
    assert isinstance(read, Read), read
    return [name_of(each) for each in read.plan.cohort.where]


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("age over 65 and diabetes = yes", ["age > 65", "diabetes = 1"]),
        ("women over 65 without diabetes", ["age > 65", "diabetes not 1", "sex = F"]),
        ("patients aged 40 to 60 in Berlin or Oslo.", ["age <= 60", "age >= 40", "site = BER or OSL"]),
        ("those with diabetes or prediabetes", ["(diabetes = 1 or prediabetes = 1)"]),
        ("bmi at least 30 kg/m2", ["bmi >= 30"]),
        ("missing ldl", ["ldl missing"]),
    ],
)
def test_a_definition_is_read_as_a_condition_of_a_question_is(text, conditions):
    dictionary = with_cohorts(frail_elderly=text)

    assert where("how many frail elderly", dictionary) == conditions


@pytest.mark.parametrize(
    ("question", "conditions"),
    [
        ("how many patients in frail elderly", ["age > 65", "diabetes = 1"]),
        ("how many frail elderly patients are there?", ["age > 65", "diabetes = 1"]),
        ("mean bmi in the frail elderly by arm", ["age > 65", "diabetes = 1"]),
        ("mean bmi in frail elderly women", ["age > 65", "diabetes = 1", "sex = F"]),
        ("compare ldl by arm among frail elderly", ["age > 65", "diabetes = 1"]),
        ("how many are not frail elderly", ["(age <= 65 or diabetes not 1)"]),
        ("how many women in FRAIL ELDERLY", ["age > 65", "diabetes = 1", "sex = F"]),
    ],
)
def test_a_question_that_has_the_name_is_about_the_condition(question, conditions):
    assert where(question, with_cohorts(frail_elderly="age over 65 and diabetes = yes")) == conditions


def test_a_cohort_may_be_defined_by_another():
    dictionary = with_cohorts(frail_elderly="age over 65 and diabetes = yes", frail_berliners="frail elderly in Berlin")

    assert where("how many frail berliners", dictionary) == ["age > 65", "diabetes = 1", "site = BER"]


def test_a_cohort_can_be_what_is_counted_and_what_is_compared():
    dictionary = with_cohorts(frail_elderly="age over 65 and diabetes = yes")

    share = read_question("what proportion are frail elderly by arm", "trial", dictionary)
    compared = read_question("compare ldl between frail elderly and others", "trial", dictionary)

    assert name_of(share.plan.event) == "age > 65 and diabetes = 1"
    assert name_of(compared.plan.by) == "age > 65 and diabetes = 1"


def test_a_follow_up_may_be_about_a_cohort():
    dictionary = with_cohorts(frail_elderly="age over 65 and diabetes = yes")
    before = read_question("mean bmi by arm", "trial", dictionary).plan

    followed = follow("and in the frail elderly?", before, dictionary)

    assert [name_of(each) for each in followed.reading.plan.cohort.where] == ["age > 65", "diabetes = 1"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("sex", "'sex' is a word for 'sex'"),
        ("women", "'women' is a word for 'sex'"),
        ("Berlin", "'Berlin' is a word for 'site'"),
        ("smokers", "'smokers' is a word for 'smoking'"),
        ("pressure", "is a word for 'sbp_0'"),
        ("diabetic women", "can be read as it is"),
        ("over 65", "words that questions are made of"),
        ("patients", "words that questions are made of"),
        ("mean", "words that questions are made of"),
        ("exclude", "words that questions are made of"),
        ("12", "words that questions are made of"),
        ("", "cannot be called"),
        ("?!", "cannot be called"),
        ("A+B", "cannot be called"),
        ("the one with the very long name", "cannot be called"),
    ],
)
def test_a_name_that_cannot_be_told_from_other_words_is_refused(name, told):
    with pytest.raises(DictionaryError, match=told.replace("?", r"\?")):
        define(name, "age over 65", TRIAL)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("age over 65 and xyzzy", "nothing here is called 'xyzzy'"),
        ("how many women", "is not read as a condition"),
        ("mean age", "is not read as a condition"),
        ("", "is not read as a condition"),
        ("who should be treated", "is not read as a condition"),
    ],
)
def test_what_is_not_one_condition_is_refused(text, told):
    with pytest.raises(DictionaryError, match=told):
        define("frail elderly", text, TRIAL)


def test_a_name_is_never_read_over_as_a_typing_error_and_may_stand_in_the_history():
    dictionary = with_cohorts(waight="age over 65")

    assert where("how many waight", dictionary) == ["age > 65"]
    assert "waight" in known_words("mean age in waight", dictionary)


def test_without_the_definition_the_words_are_not_understood():
    read = read_question("how many frail elderly", "trial", TRIAL)

    assert isinstance(read, Declined)
    assert "'frail', 'elderly'" in read.reason


def test_a_cohort_of_columns_that_are_gone_is_no_word_any_more():
    dictionary = with_cohorts(frail_elderly="age over 65 and diabetes = yes")
    columns = {name: column for name, column in TRIAL.tables["trial"].items() if name != "diabetes"}
    later = dictionary.model_copy(update={"tables": {"trial": columns}})

    assert isinstance(read_question("how many frail elderly", "trial", later), Declined)


def test_a_dictionary_without_cohorts_is_written_as_before():
    assert "cohorts" not in to_yaml(TRIAL)


def test_cohorts_go_to_yaml_and_back_and_follow_their_tables():
    dictionary = with_cohorts(frail_elderly="age over 65 and diabetes = yes")

    again = from_yaml(to_yaml(dictionary))
    renamed = rename_tables(again, {"trial": "study"})

    assert again.cohorts == dictionary.cohorts
    assert list(renamed.cohorts["frail elderly"].where) == ["study"]
    assert rename_tables(again, {}).cohorts == {}


@pytest.fixture(name="tables")
def _tables():
    columns = TRIAL.tables["trial"]
    persons = {"pid": {"kind": "identifier", "role": "patient"}, "sex": columns["sex"], "age": columns["age"]}
    visits = {"pid": {"kind": "identifier"}, "pulse": {"kind": "numeric"}}
    relation = {"table": "persons", "columns": ("pid",), "keys": ("pid",), "confirmed": True}
    grains = {
        "persons": {"row": "patient", "key": ("pid",), "confirmed": True},
        "visits": {"row": "visit", "relations": (relation,)},
    }
    return Dictionary.model_validate({"tables": {"persons": persons, "visits": visits}, "grains": grains})


def test_a_cohort_may_be_of_several_tables(tables):
    dictionary = with_cohorts(tables, fast_elderly="age over 65 and pulse over 90")

    read = read_question("how many fast elderly", "trial", dictionary)
    women = read_question("how many fast elderly women", "trial", dictionary)

    over, fast = Threshold("age", ">", 65), AnyRow("visits", (Threshold("pulse", ">", 90),))
    assert read == Read(Count(Cohort("trial", "persons", (over, fast))), ())
    assert women.plan.cohort.where == Cohort("trial", "persons", (over, fast, OneOf("sex", ("F",)))).where


def test_a_cohort_of_patients_is_that_of_their_visits(tables):
    dictionary = with_cohorts(tables, old_ladies="women over 65")

    read = read_question("mean pulse in old ladies", "trial", dictionary)

    assert read.plan.cohort == Cohort(
        "trial", "visits", (OneOf("sex", ("F",)), Threshold("age", ">", 65)), ("persons",)
    )
