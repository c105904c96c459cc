"""What every comparison of groups shares: its parts, at least two groups, and what is said of its tests."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from clinical_nb.analysis.ard import TESTS, write_inference
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.counted.levels import Grouping, grouping_of, reference_of
from clinical_nb.analysis.counts import Key, Level, Scan
from clinical_nb.errors import PlanError
from clinical_nb.plan import Compare, Variable, name_of
from clinical_nb.result import Note, Statistic

_VERDICT = 0.05
ASKED = Note("test", "it was asked for")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The statistics and notes of a comparison, the rows of the cohort, and those that the comparison rests on."""

    statistics: list[Statistic]
    notes: list[Note]
    rows: int
    used: int


@dataclass(frozen=True, slots=True)
class Test:
    """A test by its context in the results, and what it found."""

    context: str
    found: Inference

    @property
    def name(self) -> str:
        """The test's name within a sentence."""
        return TESTS[self.context]


def groups_of(by: Variable, scan: Scan, keys: Iterable[Key], against: tuple[Level, ...] = ()) -> Grouping:
    """Return the groups to compare, with the level that was named; the last place of each key is the group's level.

    Raises
    ------
    PlanError
        When there are not at least two.

    """
    grouping = grouping_of(scan, by, {key[-1] for key in keys})
    if len(grouping.levels) > 1:
        return replace(grouping, against=against)
    hint = "Ask with fewer conditions, or by another column."
    if not grouping.levels:
        raise PlanError(f"There is nothing to compare: no row here has a known '{grouping.name}'.", hint)
    only = grouping.label(grouping.levels[0])
    raise PlanError(f"There is nothing to compare: all rows here have the same '{grouping.name}', {only}.", hint)


def refuse_test(plan: Compare, grouping: Grouping, fit: Collection[str]) -> None:
    """Refuse the test that was asked for where it is not among those that fit the outcome and the groups.

    Raises
    ------
    PlanError
        When it is not.

    """
    groups = f"between the {len(grouping.levels)} groups of '{grouping.name}'"
    refuse_unfit(plan.test, f"does not compare '{name_of(plan.outcome)}' {groups}", fit)


def refuse_unfit(test: str, does_not: str, fit: Collection[str]) -> None:
    """Refuse a test that was named where it is not among those that fit, and name these.

    Raises
    ------
    PlanError
        When it is not.

    """
    if test and test not in fit:
        names = ", ".join(TESTS[each].removeprefix("the ") for each in sorted(fit))
        raise PlanError(f"{_capital(TESTS[test])} {does_not}.", f"What can be asked for here: {names}.")


def pair_of(grouping: Grouping) -> tuple[Level, Level]:
    """Return the two levels of a grouping, the reference last."""
    reference = reference_of(grouping)
    other = next(level for level in grouping.levels if level != reference)
    return other, reference


def write_test(test: Test, outcome: str, grouping: Grouping) -> list[Statistic]:
    """Return a test's rows: of two groups, the first against the reference; of more, all of them at once."""
    if len(grouping.levels) > 2:  # noqa: PLR2004 - two groups have a direction
        return write_inference(test.context, outcome, test.found, [(grouping.name, None)])
    names = [(grouping.name, grouping.text(level)) for level in pair_of(grouping)]
    return write_inference(test.context, outcome, test.found, names)


def note_test(test: Test, because: Note) -> list[Note]:
    """Say which test is the main one and why, or why there is none."""
    if test.found.p is None and test.found.reason:
        return [Note("test", f"There is no test, because {test.found.reason}.")]
    return [Note("test", f"{_capital(test.name)}, because {because.text}.", because.facts)]


def note_alternative(main: Test, other: Test) -> list[Note]:
    """Say what another defensible test finds, and whether that changes the verdict at 0.05."""
    if main.found.p is None or other.found.p is None:
        return []
    changes = (main.found.p < _VERDICT) != (other.found.p < _VERDICT)
    effect = "that changes the verdict at 0.05" if changes else "the verdict at 0.05 is the same"
    text = f"{_capital(other.name)} is defensible too, with p = {{p}}: {effect}."
    return [Note("alternative", text, {"p": other.found.p})]


def note_small(sizes: Sequence[int], least: int, text: str) -> list[Note]:
    """Caution when a group has fewer than `least`."""
    return [Note("caution", text, {"smallest": min(sizes)})] if min(sizes) < least else []


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
