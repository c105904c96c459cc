"""Answers made by hand, so that what is shown is tested apart from what is computed."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.plan import Cohort, Compare, Count, Describe, OneOf, Plan, Proportion, Threshold
from clinical_nb.render.answer import Answer
from clinical_nb.render.reading import read_back
from clinical_nb.result import Note, Result, Statistic

YES_NO = (Level(value=0, label="no"), Level(value=1, label="yes"))
MEANINGS = Dictionary(
    tables={
        "trial": {
            "arm": Column(
                kind="binary",
                label="randomised treatment (oral)",
                levels=(Level(value=0, label="placebo"), Level(value=1, label="active")),
            ),
            "relapse": Column(kind="binary", label="relapse within a year (primary endpoint)", levels=YES_NO),
            "status": Column(
                kind="categorical",
                label="status at the end",
                levels=(
                    Level(value=0, label="alive"),
                    Level(value=1, label="transplant"),
                    Level(value=2, label="died"),
                ),
            ),
            "age": Column(kind="numeric", label="age at entry", unit="years"),
            "sex": Column(
                kind="categorical",
                label="sex",
                levels=(Level(value="f", label="female"), Level(value="m", label="male")),
            ),
            "stage": Column(kind="categorical", label="stage", ordered=True),
            "<b>bad</b>": Column(
                kind="categorical",
                label="<img src=x onerror=alert`1`> {{x}}",
                levels=(Level(value=1, label="<script>alert(1)</script>"), Level(value=2, label="**a** & {b} -5")),
            ),
        }
    }
)
TRIAL = Cohort("trial", "trial")
DIED = OneOf("status", (2,))


def rows(
    context: str,
    variable: str | None,
    numbers: Mapping[str, float | None],
    *,
    groups: tuple[tuple[str, str | None], ...] = (),
    level: str | None = None,
) -> list[Statistic]:
    """Return a row a number, as an analysis writes them."""
    first, second = [*groups, (None, None), (None, None)][:2]
    return [
        Statistic(
            variable, name, name, number, context,
            variable_level=level, group1=first[0], group1_level=first[1], group2=second[0], group2_level=second[1],
            warning="cannot be estimated" if number is None else None,
        )
        for name, number in numbers.items()
    ]  # fmt: skip


def share(n: int, of: int, low: float, high: float) -> dict[str, float | None]:
    return {"n": n, "N": of, "p": n / of, "conf.low": low, "conf.high": high, "N_miss": 0}


def spread(n: int, *numbers: float) -> dict[str, float | None]:
    names = ("mean", "sd", "conf.low", "conf.high", "median", "p25", "p75", "min", "max")
    return {"N": n, "N_miss": 1, **dict(zip(names, numbers, strict=True))}


def answer_to(plan: Plan, statistics: list[Statistic], *notes: Note) -> Answer:
    return Answer(
        question="as asked",
        status="answered",
        reading=read_back(plan, MEANINGS),
        plan=plan,
        result=Result(tuple(statistics), notes),
        dictionary=MEANINGS,
        run_id="r1",
        run_key="k1",
        reused=True,
        computed_at=datetime(2026, 3, 1, 9, 41, tzinfo=UTC),
        dataset="trial",
        dataset_version="9f3c21ab00000000",
    )


def pair(variable: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (variable, "1"), (variable, "0")


@pytest.fixture
def meanings() -> Dictionary:
    return MEANINGS


@pytest.fixture
def total() -> Answer:
    """How many women over 65."""
    plan = Count(Cohort("trial", "trial", (OneOf("sex", ("f",)), Threshold("age", ">", 65))))
    statistics = rows("count", None, {"n": 1234, "N": 5678, "p": 1234 / 5670, "n_unknown": 8})
    who = Note(
        "who", "{n} of {total} persons; {identifier} does not repeat.", {"n": 1234, "total": 5678, "identifier": "{n}"}
    )
    return answer_to(plan, statistics, who)


@pytest.fixture
def counts_by_arm() -> Answer:
    plan = Count(TRIAL, ("arm",))
    statistics = [
        *rows("count", None, {"n": 602, "N": 602}),
        *rows("count", None, {"N_miss": 0}, groups=(("arm", None),)),
        *rows("count", None, {"n": 307, "N": 602, "p": 307 / 602}, groups=(("arm", "0"),)),
        *rows("count", None, {"n": 295, "N": 602, "p": 295 / 602}, groups=(("arm", "1"),)),
    ]
    return answer_to(plan, statistics)


@pytest.fixture
def risk() -> Answer:
    """A yes-or-no outcome by arm: the effect, its interval and its test."""
    plan = Compare(TRIAL, "relapse", "arm")
    of = {"level": "1", "groups": pair("arm")}
    statistics = [
        *rows("proportion", "relapse", share(52, 307, 0.1316, 0.2154), groups=(("arm", "0"),), level="1"),
        *rows("proportion", "relapse", share(27, 295, 0.0637, 0.1299), groups=(("arm", "1"),), level="1"),
        *rows("risk_difference", "relapse", {"estimate": -0.077856, "conf.low": -0.131, "conf.high": -0.0243}, **of),
        *rows("risk_ratio", "relapse", {"estimate": 0.54035, "conf.low": 0.34919, "conf.high": 0.83616}, **of),
        *rows("odds_ratio", "relapse", {"estimate": 0.494, "conf.low": 0.3013, "conf.high": 0.81}, **of),
        *rows("nnt", "relapse", {"estimate": 12.844, "conf.low": 7.63, "conf.high": 41.2}, **of),
        *rows("chi_squared", "relapse", {"statistic": 8.0038, "parameter": 1, "p.value": 0.00468}),
        *rows("fisher", "relapse", {"p.value": 0.0053}),
    ]
    why = Note(
        "test", "The least expected count is {least}, so chi-squared (p = {p_chi}).", {"least": 38.7, "p_chi": 0.00468}
    )
    return answer_to(plan, statistics, why)


@pytest.fixture
def ages() -> Answer:
    """A numeric outcome by a condition's yes and no, the lower group first."""
    plan = Compare(TRIAL, "age", DIED)
    by = "status = 2"
    sides = ((by, "yes"), (by, "no"))
    statistics = [
        *rows("continuous", "age", spread(257, 48.04, 9.96, 46.82, 49.26, 48, 41.5, 55, 26, 78), groups=((by, "no"),)),
        *rows("continuous", "age", spread(161, 45.12, 11.01, 43.4, 46.8, 45, 38, 52.5, 30, 76), groups=((by, "yes"),)),
        *rows(
            "t_test_welch",
            "age",
            {"estimate": -2.92, "conf.low": -4.99, "conf.high": -0.85, "statistic": -2.77, "parameter": 313.2}
            | {"p.value": 0.0059},
            groups=sides,
        ),
        *rows(
            "wilcoxon",
            "age",
            {"superiority": 0.411, "statistic": 17012, "p.value": 0.0031},
            groups=sides,
        ),
    ]
    return answer_to(plan, statistics)


@pytest.fixture
def medians() -> Answer:
    plan = Describe(TRIAL, "age", ("sex",), ("median", "quartiles"))
    women = spread(374, 50.2, 10.5, 49.1, 51.2, 49.8, 42.5, 56.7, 26.3, 78.4)
    men = spread(44, 55.7, 11.0, 52.4, 59.1, 56.5, 47.0, 65.1, 33.5, 78.4)
    statistics = [
        *rows("continuous", "age", women, groups=(("sex", "f"),)),
        *rows("continuous", "age", men, groups=(("sex", "m"),)),
    ]
    return answer_to(plan, statistics)


@pytest.fixture
def stages() -> Answer:
    """Levels without a group, and with a level that nobody has a label for."""
    plan = Describe(TRIAL, "stage")
    statistics = [
        statistic
        for level, n in (("1", 21), ("2", 92), ("3", 155), ("4", 144))
        for statistic in rows("categorical", "stage", {"n": n, "N": 412, "p": n / 412}, level=level)
    ]
    return answer_to(plan, [*statistics, *rows("categorical", "stage", {"N_miss": 6})])


@pytest.fixture
def several_levels() -> Answer:
    """Three levels by two groups."""
    plan = Compare(TRIAL, "status", "arm")
    cells = {("0", "0"): 85, ("1", "0"): 10, ("2", "0"): 65, ("0", "1"): 83, ("1", "1"): 9, ("2", "1"): 60}
    statistics = [
        statistic
        for (level, arm), n in cells.items()
        for statistic in rows(
            "categorical", "status", {"n": n, "N": 160, "p": n / 160}, groups=(("arm", arm),), level=level
        )
    ]
    test = {"statistic": 0.3, "parameter": 2, "p.value": 0.997}
    strength = rows("cramers_v", "status", {"estimate": 0.0123})
    return answer_to(plan, [*statistics, *rows("chi_squared", "status", test), *strength])


@pytest.fixture
def hostile() -> Answer:
    """Names and labels that would be markup, if anybody let them."""
    plan = Proportion(TRIAL, DIED, ("<b>bad</b>",))
    statistics = [
        *rows("proportion", "status = 2", share(7, 9, 0.45, 0.94), groups=(("<b>bad</b>", "1"),), level="yes"),
        *rows("proportion", "status = 2", share(3, 12, 0.09, 0.53), groups=(("<b>bad</b>", "2"),), level="yes"),
    ]
    return answer_to(plan, statistics, Note("caution", "Of {who}.", {"who": "<i>{who}</i>"}))
