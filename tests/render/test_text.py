"""An answer as plain text: whole texts in golden/, and what holds for all of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinical_nb.plan import Cohort, Count, Describe
from clinical_nb.render.answer import Answer
from clinical_nb.render.text import write_text
from clinical_nb.result import Note, Result, Statistic

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.txt"))
NUMBER = re.compile(r"(?<![\w.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?")


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_reads_as_it_was_agreed(name, request):
    answer: Answer = request.getfixturevalue(name)

    assert f"{answer}\n" == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "hostile"])
def test_every_number_of_a_text_is_a_rounded_statistic(name, request):
    answer: Answer = request.getfixturevalue(name)
    known = list(known_numbers(answer.result))

    text = write_text(answer.plan, answer.result, answer.dictionary)

    shown = NUMBER.findall(re.sub(r"95 % CI|stage \d|age at entry\) > 65", "", text))
    assert len(shown) > 1
    strange = [each for each in shown if not any(is_rounded(each, number) for number in known)]
    assert strange == []


def known_numbers(result: Result) -> Iterator[float]:
    """Yield the statistics and facts, also in percent and turned round."""
    facts = [fact for note in result.notes for fact in note.facts.values() if not isinstance(fact, str)]
    for number in (*(row.stat for row in result.statistics if row.stat is not None), *facts, 0.001, 0.99):
        yield from (number, 100 * number, -number, -100 * number)
    counted = {row.stat_name: row.stat for row in result.statistics if row.context == "count"}
    yield counted.get("N", 0) - (counted.get("n_unknown") or 0)


def is_rounded(shown: str, number: float) -> bool:
    decimals = len(shown.partition(".")[2])
    return abs(float(shown.replace(",", "")) - number) <= 0.5 * 10**-decimals + 1e-9


def numeric_levels(count: int) -> Result:
    names = {"n": 0, "N": count * count, "p": 0.0}
    return Result(
        tuple(
            Statistic("stage", name, name, n + 1 if name == "n" else number, "categorical", variable_level=f"level {n}")
            for n in range(count)
            for name, number in names.items()
        ),
        (),
    )


@pytest.mark.parametrize(
    ("levels", "lines", "more"), [(20, 20, None), (21, 10, "and 11 more"), (5000, 10, "and 4,990 more")]
)
def test_many_levels_are_cut_to_the_ten_largest(levels, lines, more, meanings):
    plan = Describe(Cohort("trial", "trial"), "stage")

    text = write_text(plan, numeric_levels(levels), meanings)

    rows = [line for line in text.splitlines() if line.startswith("  level")]
    assert len(rows) == lines
    assert len(NUMBER.findall(text)) <= 400
    if more:
        assert f"  {more}" in text.splitlines()
        assert rows[0].startswith(f"  level {levels - 1}:")


def test_many_levels_in_many_groups_stay_within_400_numbers(meanings):
    plan = Describe(Cohort("trial", "trial"), "stage", ("sex",))
    names = {"n": 3.0, "N": 90.0, "p": 3 / 90}
    statistics = tuple(
        Statistic("stage", name, name, number, "categorical", f"l{level}", group1="sex", group1_level=f"g{group}")
        for group in range(30)
        for level in range(30)
        for name, number in names.items()
    )

    text = write_text(plan, Result(statistics, ()), meanings)

    assert 0 < len(NUMBER.findall(text)) <= 400


def test_what_cannot_be_estimated_is_said_with_its_reason(ages):
    statistics = tuple(
        Statistic(
            row.variable, row.stat_name, row.stat_label, None, row.context,
            group1=row.group1, group1_level=row.group1_level, group2=row.group2, group2_level=row.group2_level,
            warning="only one person",
        )
        if row.stat_name in ("p.value", "sd") else row
        for row in ages.result.statistics
    )  # fmt: skip

    text = write_text(ages.plan, Result(statistics, ()), ages.dictionary)

    assert "mean (SD) 48.0 (not estimable)" in text
    assert "p not estimable" in text
    assert "(only one person)" in text


def test_a_result_without_statistics_says_so_and_keeps_its_notes(meanings):
    result = Result((), (Note("caution", "Nobody is left."),))

    text = write_text(Count(Cohort("trial", "trial")), result, meanings)

    assert text == "There is nothing to show.\n- Nobody is left."
