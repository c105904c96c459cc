"""Questions about a dozen other datasets, as people type them, mean what their words say, or are refused."""

from pathlib import Path

import pytest

from clinical_nb.ask.reading import Read, read_question
from clinical_nb.dictionary.meaning import from_yaml
from clinical_nb.plan import (
    Bands,
    Change,
    Compare,
    Correlate,
    Count,
    Describe,
    Extremes,
    FollowUp,
    Hazard,
    Missingness,
    Pair,
    Plan,
    Proportion,
    Rank,
    Records,
    Regress,
    Survive,
    TableOne,
    Variable,
    name_of,
)

HERE = Path(__file__).parent / "questions"
SCHEMAS = (
    "survey", "pain", "hospital", "stroke", "lung", "surgery", "children", "mood", "migraine", "joints", "ward",
    "thyroid", "spine", "naevus", "clinic", "gastric", "retina", "births", "renal", "nephritis", "theatre",
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
    """Write a plan as the files do, but for its conditions and its table."""
    match plan:
        case Count(_, by):
            return f"count{_each(by)}"
        case Proportion(_, event, by):
            return f"share {name_of(event)}{_each(by)}"
        case Describe(_, column, by, statistics):
            return f"{' '.join(statistics)} {column}{_each(by)}"
        case Compare(_, outcome, by):
            return f"compare {name_of(outcome)}{_each((by,))}"
        case Survive(_, time, event, by, _, at):
            return f"survive {time} {name_of(event)}{_each(by)}{''.join(f' at {each:g}' for each in at)}"
        case FollowUp(_, time, event, by):
            return f"followup {time} {name_of(event)}{_each(by)}"
        case TableOne(_, columns, by, tests):
            return f"table {', '.join(columns)}{_each(by)}{' tested' if tests else ''}"
        case Correlate(_, one, other):
            return f"correlate {one} ~ {other}"
        case Pair(_, before, after):
            return f"pair {name_of(before)} -> {name_of(after)}"
        case Change(_, before, after, by):
            return f"change {before} -> {after} by {by}"
        case Missingness(_, _, by):
            return f"missing{_each(by)}"
        case Regress(_, outcome, terms, family):
            return f"{family} {name_of(outcome)} : {', '.join(map(name_of, terms))}"
        case Records(_, rows, by, among):
            return f"rows {name_of(rows)}{''.join(f' of {name_of(each)}' for each in among)}{_each(by)}"
        case Rank(_, column, most):
            return f"top {most} {column}"
        case Bands(_, _, bands, events):
            return f"bands {'; '.join(map(name_of, bands))}{''.join(f' share {name_of(each)}' for each in events)}"
        case Extremes(_, column, side, most):
            return f"{side} {most} {column}"
        case Hazard(_, time, event, terms):
            return f"hazard {time} {name_of(event)} : {', '.join(map(name_of, terms))}"


def _each(by: tuple[Variable, ...]) -> str:
    return "".join(f" by {name_of(group)}" for group in by)


def parts_of(plan: Plan, first: str) -> tuple[str, list[str]]:
    table = " @rows" if plan.cohort.despite else "" if plan.cohort.table == first else f" @{plan.cohort.table}"
    return say(plan) + table, sorted(map(name_of, plan.cohort.where))


def parts_said(text: str) -> tuple[str, list[str]]:
    said, _, table = text.partition(" @")
    asked, *where = said.split(" | ")
    return asked + (f" @{table}" if table else ""), sorted(where)


@pytest.mark.parametrize(("schema", "question", "meant"), cases(), ids=lambda text: text)
def test_a_question_means_what_its_words_say_or_is_refused(schema, question, meant):
    dictionary = DICTIONARIES[schema]

    reading = read_question(question, schema, dictionary)

    if isinstance(reading, Read):
        assert parts_of(reading.plan, next(iter(dictionary.tables))) == parts_said(meant[2:])
    else:
        assert meant[0] in "~!", f"refused: {reading}"


def test_most_questions_that_mean_a_plan_are_read():
    marks = [meant[0] for _, _, meant in cases()]

    assert len(marks) >= 450
    assert marks.count("=") > 2 * marks.count("~")
    assert marks.count("!") > 140
