"""Questions of what was measured twice, of extremes and of groups held against each other mean what they say."""

from dataclasses import fields
from pathlib import Path

import pytest

from clinical_nb.ask.reading import Declined, Read, Unclear, read_question
from clinical_nb.dictionary.meaning import from_yaml
from clinical_nb.plan import Plan, name_of

HERE = Path(__file__).parent / "questions"
HEARING = from_yaml((HERE / "hearing.yaml").read_text(encoding="utf-8"))


def cases() -> list[tuple[str, str]]:
    lines = (HERE / "hearing.txt").read_text(encoding="utf-8").splitlines()
    said = [line.strip() for line in lines if line and not line.startswith("#")]
    return list(zip(said[::2], said[1::2], strict=True))


def said(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(said, value))
    return f"{value:g}" if isinstance(value, int | float) else value if isinstance(value, str) else name_of(value)


def say(plan: Plan) -> str:
    """Write a plan as the file does: its kind, its fields that are no defaults, and whom it is about."""
    shown = [
        f"{field.name}={said(getattr(plan, field.name))}"
        for field in fields(plan)
        if field.name != "cohort" and getattr(plan, field.name) != field.default
    ]
    where = "".join(f" | {each}" for each in sorted(map(name_of, plan.cohort.where)))
    return " ".join((type(plan).__name__, *shown)) + where


@pytest.mark.parametrize(("question", "meant"), cases(), ids=lambda text: text)
def test_a_question_is_read_asked_about_or_refused_as_it_should_be(question, meant):
    match read_question(question, "hearing", HEARING):
        case Read(plan, _):
            assert f"= {say(plan)}" == meant
        case Unclear(_, _, is_guess):
            assert meant == ("!" if is_guess else "?")
        case Declined():
            assert meant == "!"
