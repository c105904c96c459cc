"""A question that goes on from the one before changes its plan, or is asked about, or is none."""

from dataclasses import replace
from pathlib import Path

import pytest

from clinical_nb.ask.following.following import begins_as_follow_up, follow, is_follow_up
from clinical_nb.ask.following.referring import refer, without_reference
from clinical_nb.ask.reading import Declined, Read, Unclear, read_question
from clinical_nb.dictionary.meaning import Column, Dictionary, Level, from_yaml
from clinical_nb.plan import (
    Cohort,
    Compare,
    Correlate,
    Count,
    Describe,
    Hazard,
    OneOf,
    Plan,
    Proportion,
    Rate,
    Regress,
    Survive,
    TableOne,
    Threshold,
    name_of,
)

HERE = Path(__file__).parent
_TRIAL = from_yaml((HERE / "trial.yaml").read_text(encoding="utf-8")).tables["trial"]
_YES_NO = (Level(value=0, label="no"), Level(value=1, label="yes"))
_TIMED = {
    "months": Column(kind="numeric", unit="months", role="time"),
    "relapse": Column(kind="binary", role="event", event=1, levels=_YES_NO),
}
TRIAL = Dictionary(tables={"trial": {**_TRIAL, **_TIMED}})


def say(plan: Plan) -> str:
    """Write a plan as the lines of followups.txt do."""
    by = ()
    match plan:
        case Count(_, by):
            said = "count"
        case Proportion(_, event, by):
            said = f"share {name_of(event)}"
        case Describe(_, column, by, statistics):
            said = f"{' '.join(statistics) or 'distribution of'} {column}"
        case Compare(_, outcome, group):
            said, by = f"compare {name_of(outcome)}", (group,)
        case Survive(_, _, event, by):
            said = f"km {name_of(event)}"
        case TableOne(_, columns, by):
            said = f"table {', '.join(columns)}"
        case Correlate(_, one, other):
            said = f"correlate {one} with {other}"
        case Regress(_, outcome, terms, family):
            said = f"{family} {name_of(outcome)} on {', '.join(map(name_of, terms))}"
        case Hazard(_, _, event, terms):
            said = f"cox {name_of(event)} on {', '.join(map(name_of, terms))}"
        case _:
            raise AssertionError(plan)
    groups = f" by {' and '.join(map(name_of, by))}" if by else ""
    times = f" at {', '.join(f'{time:g}' for time in plan.at)}" if isinstance(plan, Survive) and plan.at else ""
    tests = " with tests" if isinstance(plan, TableOne) and plan.tests else ""
    pairs = " in pairs" if isinstance(plan, Compare) and plan.pairwise == "holm" else ""
    where = "".join(f" | {name_of(condition)}" for condition in plan.cohort.where)
    return said + groups + times + tests + pairs + where


def cases() -> list[tuple[str, str, list[str]]]:
    """Return each question of followups.txt with what goes on from it, and what that must be read as."""
    found: list[tuple[str, str, list[str]]] = []
    before = ""
    for line in (HERE / "followups.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("        "):
            found[-1][2].append(line.strip())
        elif line.startswith("    > "):
            found.append((before, line.removeprefix("    > "), []))
        elif line and not line.startswith("#"):
            before = line
    return found


def plan_of(question: str) -> Plan:
    read = read_question(question, "trial", TRIAL)
    assert isinstance(read, Read), question
    return read.plan


@pytest.mark.parametrize(("before", "question", "expected"), cases())
def test_a_follow_up_changes_the_question_before_as_it_is_meant(before, question, expected):
    followed = follow(question, plan_of(before), TRIAL)

    match followed.reading if followed else None:
        case None:
            assert expected == ["-"]
        case Read(plan, _):
            assert [f"= {say(plan)}"] == expected
        case Unclear(_, plans):
            assert [f"? {say(plan)}" for plan in plans] == expected
        case Declined(reason):
            assert len(expected) == 1
            assert expected[0].startswith("! ")
            assert expected[0].removeprefix("! ") in reason


@pytest.mark.parametrize("question", sorted({question for _, question, expected in cases() if expected != ["-"]}))
def test_no_follow_up_is_a_question_by_itself(question):
    assert not isinstance(read_question(question, "trial", TRIAL), Read)


@pytest.mark.parametrize("before", sorted({before for before, _, _ in cases()}))
def test_a_whole_question_is_no_follow_up(before):
    assert not is_follow_up(before, "trial", TRIAL)
    assert not begins_as_follow_up(before)


@pytest.mark.parametrize("question", ["and in Rome?", "what about xyzzy", "exclude the xyzzy", "same for xyzzy"])
def test_a_follow_up_with_an_unknown_word_still_begins_as_one(question):
    assert begins_as_follow_up(question)
    assert not is_follow_up(question, "trial", TRIAL)


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("why?", False),
        ("why Wilcoxon?", False),
        ("why a chi-squared test", False),
        ("why was Fisher's exact test used?", False),
        ("why not a t test?", True),
        ("why the median and not the mean?", False),
    ],
)
def test_why_asks_how_it_was_done_and_changes_nothing(question, other):
    before = plan_of("compare ldl by arm")

    followed = follow(question, before, TRIAL)

    assert followed is not None
    assert followed.why is not None
    assert followed.why.other == other
    assert followed.reading == Read(before, ())


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("of those, how many died", "how many died"),
        ("Of these, what percentage were women?", "what percentage were women ?"),
        ("how many of them died", "how many died"),
        ("what proportion of those had diabetes", "what proportion had diabetes"),
        ("and among them, mean age", "and mean age"),
        ("how many of those over 65 died", None),
        ("how many of those who died were women", None),
        ("how many of those on placebo died", None),
        ("of those with diabetes, how many died", None),
        ("how many women are there and how many of them died", None),
        ("how many women", None),
    ],
)
def test_of_those_is_of_whom_the_question_before_counted_unless_it_says_who_they_are(question, left):
    assert without_reference(question) == left


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("how many women over 65", "how many had diabetes", ["count | age > 65 | diabetes = 1 | sex = F"]),
        ("what proportion of women had diabetes", "mean age", ["mean age | diabetes = 1 | sex = F"]),
        ("mean age in women", "how many had diabetes", ["count | diabetes = 1 | sex = F"]),
        ("how many women by arm", "how many had diabetes", [
            "count | diabetes = 1 | sex = F", "count by arm | diabetes = 1 | sex = F",
        ]),
        ("how many women by arm", "how many by site", ["count by site | sex = F"]),
    ],
)  # fmt: skip
def test_of_those_keeps_the_cohort_before_and_of_a_share_those_who_have_it(before, question, expected):
    reading = refer(plan_of(before), read_question(question, "trial", TRIAL))

    plans = (reading.plan,) if isinstance(reading, Read) else reading.plans
    assert [say(plan) for plan in plans] == expected


def test_a_condition_on_part_of_an_alternative_is_asked_about():
    either = plan_of("mean bmi in patients over 65 or with diabetes")

    followed = follow("and in those under 50?", either, TRIAL)

    assert isinstance(followed.reading, Unclear)
    assert [len(plan.cohort.where) for plan in followed.reading.plans] == [1, 2]


def test_no_follow_up_widens_the_cohort_but_by_saying_so():
    before = plan_of("how many women over 40 in Berlin")
    kept = OneOf("site", ("BER",))

    for question in ("and men?", "and under 30?", "exclude the current smokers", "in diabetics", "by arm"):
        reading = follow(question, before, TRIAL).reading
        plans = (reading.plan,) if isinstance(reading, Read) else reading.plans
        assert all(kept in plan.cohort.where for plan in plans)


def test_a_plan_of_another_kind_is_changed_in_its_cohort_and_groups():
    rate = Rate(Cohort("trial", "trial"), OneOf("relapse", (1,)), "months", ("arm",))

    assert follow("and in women?", rate, TRIAL).reading.plan == replace(
        rate, cohort=Cohort("trial", "trial", (OneOf("sex", ("F",)),))
    )
    assert follow("same by site", rate, TRIAL).reading.plan == replace(rate, by=("site",))
    assert isinstance(follow("adjust that for age", rate, TRIAL).reading, Declined)
    assert isinstance(follow("and in patients with relapse", rate, TRIAL).reading, Declined)


@pytest.fixture(name="tables")
def _tables():
    persons = {"pid": Column(kind="identifier", role="patient"), "sex": _TRIAL["sex"], "arm": _TRIAL["arm"]}
    visits = {
        "pid": Column(kind="identifier"),
        "pulse": Column(kind="numeric"),
        "fever": Column(kind="binary", levels=_YES_NO),
    }
    relation = {"table": "persons", "columns": ("pid",), "keys": ("pid",), "confirmed": True}
    grains = {
        "persons": {"row": "patient", "key": ("pid",), "confirmed": True},
        "visits": {"row": "visit", "relations": (relation,)},
    }
    return Dictionary.model_validate({"tables": {"persons": persons, "visits": visits}, "grains": grains})


def test_a_follow_up_may_bring_a_column_of_the_table_that_rows_belong_to(tables):
    before = Describe(Cohort("trial", "visits"), "pulse", (), ("mean",))

    women = follow("and in women?", before, tables)
    split = follow("same by arm", before, tables)

    assert women.reading.plan.cohort == Cohort("trial", "visits", (OneOf("sex", ("F",)),), ("persons",))
    assert split.reading.plan == Describe(Cohort("trial", "visits", (), ("persons",)), "pulse", ("arm",), ("mean",))


def test_a_follow_up_on_a_finer_table_asks_for_any_of_its_rows(tables):
    before = Count(Cohort("trial", "persons"), ("arm",))

    followed = follow("and in those with pulse over 90?", before, tables)

    (held,) = followed.reading.plan.cohort.where
    assert name_of(held) == "any visits with pulse > 90"


def test_a_follow_up_of_joined_tables_stays_within_them(tables):
    before = Describe(Cohort("trial", "visits", (), ("persons",)), "pulse", ("arm",), ("mean",))

    followed = follow("in women with fever", before, tables)

    assert followed.reading.plan.cohort == Cohort(
        "trial", "visits", (OneOf("fever", (1,)), OneOf("sex", ("F",))), ("persons",)
    )
    assert Threshold("pulse", ">", 90) in follow("and pulse over 90", before, tables).reading.plan.cohort.where
