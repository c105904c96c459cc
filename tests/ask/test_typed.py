"""Questions that name their analysis mean the plan that their words say, on three made-up datasets, or are refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.ask.reading import Read, read_question
from clinical_nb.dictionary.meaning import from_yaml
from clinical_nb.plan import (
    Agree,
    Change,
    Compare,
    Correlate,
    Correlations,
    Count,
    Diagnose,
    Discriminate,
    Extremes,
    Hazard,
    Incidence,
    Margin,
    Measured,
    Pair,
    Plan,
    Proportion,
    Rate,
    Regress,
    Repeated,
    Stratified,
    Trend,
    Variable,
    Visits,
    name_of,
)

HERE = Path(__file__).parent / "questions"
SCHEMAS = ("graft", "screen", "stent")
CHANGING = (
    "not", "without", "except", "before", "half", "twice", "first", "new", "severe", "never", "second", "maternal",
    "former", "unknown", "previous", "risk", "daily", "non", "recurrent", "possible", "worst", "change", "other",
    "than", "over", "under", "log", "sum", "least", "during", "nobody",
)  # fmt: skip
DICTIONARIES = {name: from_yaml((HERE / f"{name}.yaml").read_text(encoding="utf-8")) for name in SCHEMAS}


def cases() -> list[tuple[str, str, str]]:
    """Return each question with its schema and what it means."""
    found: list[tuple[str, str, str]] = []
    for schema in SCHEMAS:
        lines = (HERE / f"{schema}.txt").read_text(encoding="utf-8").splitlines()
        said = [line.strip() for line in lines if line and not line.startswith("#")]
        found += [(schema, question, meant) for question, meant in zip(said[::2], said[1::2], strict=True)]
    return found


def say(plan: Plan) -> str:  # noqa: C901, PLR0911, PLR0912 - one return a kind of plan
    """Write a plan as the files do, but for its conditions."""
    match plan:
        case Rate(_, event, time, by, per):
            return f"rate {name_of(event)} / {time} per {per:g}{_each(by)}"
        case Incidence(_, time, event, competing, by, at):
            times = "".join(f" at {each:g}" for each in at)
            return f"incidence {time} {name_of(event)} vs {name_of(competing)}{_each(by)}{times}"
        case Hazard(_, time, event, terms, _, competing, modifiers):
            against = "".join(f" vs {name_of(each)}" for each in competing)
            return f"hazard {time} {name_of(event)}{against} : {_listed(terms)}{_by_which(modifiers)}"
        case Regress(_, outcome, terms, family, exposure, modifiers):
            over = f" per {exposure}" if exposure else ""
            return f"{family} {name_of(outcome)} : {_listed(terms)}{over}{_by_which(modifiers)}"
        case Trend(_, date, period, of, by):
            told = "" if not of else f" mean {of}" if isinstance(of, str) else f" share {name_of(of)}"
            return f"trend {date} {period}{told}{_each(by)}"
        case Correlate(_, one, other, test):
            return f"correlate {one} ~ {other}{_named(test)}"
        case Correlations(_, columns, given, test):
            return f"correlations {', '.join(columns)}{f' given {_listed(given)}' if given else ''}{_named(test)}"
        case Compare(_, outcome, by, test, pairwise):
            return f"compare {name_of(outcome)}{_each((by,))}{_named(test)}{_pairs(pairwise)}"
        case Pair(_, before, after, test):
            return f"pair {name_of(before)} -> {name_of(after)}{_named(test)}"
        case Extremes(_, column, side, most):
            return f"{side} {most} {column}"
        case Measured(_, column, measures, percentiles, by):
            return f"{' '.join((*measures, *(f'p{each:g}' for each in percentiles)))} {column}{_each(by)}"
        case Diagnose(_, test, reference, by):
            return f"diagnose {name_of(test)} for {name_of(reference)}{_each(by)}"
        case Discriminate(_, marker, event, other):
            return f"auc {marker}{f', {other}' if other else ''} for {name_of(event)}"
        case Agree(_, one, other):
            return f"agree {one} ~ {other}"
        case Stratified(_, outcome, by, strata):
            return f"stratified {name_of(outcome)}{_each((by,))} within {_listed(strata)}"
        case Margin(_, outcome, by, margin, aim, better):
            way = f" {better} better" if better else ""
            return f"margin {aim} {name_of(outcome)}{_each((by,))} within {margin:g}{way}"
        case Change(_, before, after, by):
            return f"change {before} -> {after}{_each((by,))}"
        case Repeated(_, times, pairwise):
            return f"repeated {_listed(times)}{_pairs(pairwise)}"
        case Visits(_, outcome, visit, pairwise):
            return f"visits {name_of(outcome)} over {visit}{_pairs(pairwise)}"
        case Proportion(_, event, by):
            return f"share {name_of(event)}{_each(by)}"
        case Count(_, by):
            return f"count{_each(by)}"
        case _:
            return type(plan).__name__


def _each(by: tuple[Variable, ...]) -> str:
    return "".join(f" by {name_of(group)}" for group in by)


def _named(test: str) -> str:
    return f" {test}" if test else ""


def _listed(several: tuple[Variable, ...]) -> str:
    return ", ".join(map(name_of, several))


def _by_which(modifiers: tuple[Variable, ...]) -> str:
    return f" x {_listed(modifiers)}" if modifiers else ""


def _pairs(pairwise: str) -> str:
    return f" pairs {pairwise}" if pairwise else ""


def said_of(plan: Plan) -> tuple[str, list[str]]:
    return say(plan), sorted(map(name_of, plan.cohort.where))


def said_in(text: str) -> tuple[str, list[str]]:
    asked, *where = text.split(" | ")
    return asked, sorted(where)


@pytest.mark.parametrize(("schema", "question", "meant"), cases(), ids=lambda text: text)
def test_a_question_that_names_its_analysis_means_what_its_words_say_or_is_refused(schema, question, meant):
    reading = read_question(question, schema, DICTIONARIES[schema])

    if isinstance(reading, Read):
        assert said_of(reading.plan) == said_in(meant[2:])
    else:
        assert meant[0] in "~!", f"refused: {reading}"


def test_each_kind_of_plan_has_many_phrasings():
    meant = [meant for _, _, meant in cases() if meant[0] in "=~"]
    kinds = ("rate", "incidence", "trend", "correlations", "compare", "pair", "diagnose", "auc", "agree")
    more = ("stratified", "margin", "change", "logistic")

    for kind in (*kinds, *more):
        assert sum(each[2:].startswith(f"{kind} ") for each in meant) >= 8, kind
    assert len(meant) > 160
    assert sum(each[0] == "!" for _, _, each in cases()) > 60


def read() -> list[tuple[str, str]]:
    """Return each question that means a plan, with its dataset."""
    return [(schema, question) for schema, question, meant in cases() if meant[0] == "="]


@given(st.sampled_from(read()), st.sampled_from(CHANGING), st.integers(0, 20))
def test_a_word_that_changes_what_is_meant_is_not_passed_over(asked, word, place):
    schema, question = asked
    words = question.split()
    if word in words:
        return
    words.insert(place % (len(words) + 1), word)

    changed = read_question(" ".join(words), schema, DICTIONARIES[schema])

    before = read_question(question, schema, DICTIONARIES[schema])
    assert isinstance(before, Read)
    assert not isinstance(changed, Read) or changed.remarks or changed.plan != before.plan


@pytest.mark.parametrize(
    ("word", "another"), [("cancer", "cancre"), ("restenosis", "stenosis"), ("failure", "rejection")]
)
def test_another_word_in_the_place_of_a_name_is_refused_or_told(word, another):
    for schema, question in read():
        if word in question.split():
            reading = read_question(question.replace(word, another), schema, DICTIONARIES[schema])

            assert not isinstance(reading, Read) or reading.remarks, question
