"""Rules for questions of derived variables: thresholds of pairs and days, ages at a time, how many have no value."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clinical_nb.ask.conditions import Bound, Meaning
from clinical_nb.ask.lexicon import Phrase
from clinical_nb.ask.linking import Index
from clinical_nb.ask.making import Columns
from clinical_nb.ask.parsing import Rule
from clinical_nb.plan import (
    Cohort,
    Condition,
    Describe,
    Elapsed,
    OneOf,
    Plan,
    Sign,
    Statistic,
    Threshold,
    all_of,
    any_of,
)

_Day = tuple[str, str]


def derived_rules(index: Index, dataset: str, table: str) -> tuple[Rule, ...]:
    """Return the rules of the phrases `atom` and `asked` that are of what a table's columns make."""
    meaning, of = Meaning(index), _Made(index, dataset, table)
    return (
        *_day_rules(),
        *_pair_rules(of),
        Rule("atom", "AGE @aged? range TIME @people?", lambda column, _, bounds, time, __: of.aged(column, bounds, time)),
        Rule(
            "atom", "@startedwith @article? TWICE @is? NUMBER @and @endedwith range TIME",
            lambda *parts: of.both(meaning, parts[2], (Bound(">=", parts[4], None), Bound("<=", parts[4], None)), parts[7], parts[8]),
        ),
        Rule("atom", "UNDEFINED @opened condition @closed", lambda _, __, condition, ___: condition),
        Rule("gaps", "@gapsjoint @gaps", lambda *_: True),
        Rule(
            "asked", "@article? COLUMN @values? @colon? statistics gaps scope?",
            lambda _, column, __, ___, statistics, ____, scope: of.describe(column, statistics, scope),
        ),
        Rule(
            "asked", "statistics @of? COLUMN @values? gaps scope?",
            lambda statistics, _, column, __, ___, scope: of.describe(column, statistics, scope),
        ),
        Rule(
            "asked", "COLUMN @comma? statistics @of? COLUMN scope?",
            lambda one, _, statistics, __, other, scope: of.describe(other, statistics, scope) if of.is_time(one, other) else None,
        ),
        Rule(
            "asked", "COLUMN @comma? statistics scope?",
            lambda one, _, statistics, scope: of.describe(one, statistics, scope) if of.is_time(one, one) else None,
        ),
    )  # fmt: skip


def _day_rules() -> tuple[Rule, ...]:
    def side(pattern: str, build: Callable[[str, _Day], Sequence[Condition]]) -> Rule:
        return Rule("atom", f"DATE {pattern} DAY", lambda column, _, day: all_of(*build(column, day)))

    return (
        side("@daybefore", lambda column, day: [Threshold(column, "<", day[0])]),
        side("@dayafter", lambda column, day: [Threshold(column, ">=", day[1])]),
        side("@daysince", lambda column, day: [Threshold(column, ">=", day[0])]),
        side("@dayin", _within),
        Rule(
            "atom", "DATE @daybetween DAY @andto DAY",
            lambda column, _, first, __, last: all_of(*_within(column, (first[0], last[1]))) if first[0] < last[1] else None,
        ),
    )  # fmt: skip


def _within(column: str, day: _Day) -> Sequence[Condition]:
    return [Threshold(column, ">=", day[0]), Threshold(column, "<", day[1])]


def _pair_rules(of: "_Made") -> tuple[Rule, ...]:
    signs: dict[str, Sign] = {"@above": ">", "@below": "<", "@atleast": ">=", "@atmost": "<="}

    def side(word: str, sign: Sign) -> Rule:
        return Rule(
            "atom", f"PRESSURE @of? {word} NUMBER @slash NUMBER UNIT? TIMED?",
            lambda said, _, __, high, ___, low, ____, time: of.pressure(said, sign, (high, low), time),
        )  # fmt: skip

    after: dict[str, Sign] = {"@orover": ">=", "@orunder": "<="}
    return (
        *(side(word, sign) for word, sign in signs.items()),
        *(
            Rule(
                "atom", f"PRESSURE @of? NUMBER @slash NUMBER UNIT? {word} TIMED?",
                lambda said, _, high, __, low, ___, ____, time, sign=sign: of.pressure(said, sign, (high, low), time),
            )
            for word, sign in after.items()
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Made:
    """Builds conditions and plans of what is made; None where the parts make none."""

    index: Index
    dataset: str
    table: str

    def pressure(self, said: Phrase, sign: Sign, numbers: tuple[float, float], time: Phrase | None) -> Condition | None:
        """Return that either pressure is above its number, or that both are below theirs."""
        both = [self._pressure(part, said, time or ()) for part in ("systolic", "diastolic")]
        sides = [Threshold(column, sign, number) for column, number in zip(both, numbers, strict=True) if column]
        if len(sides) < len(both) or both[0] == both[1]:
            return None
        return any_of(*sides) if sign in (">", ">=") else all_of(*sides)

    def _pressure(self, part: str, said: Phrase, time: Phrase) -> str | None:
        phrase = (part, *said, *time)
        found = self.index.link(phrase) or self.index.senses.link(phrase)
        match found:
            case (str() as column,) if self.index.columns[column].kind == "numeric":
                return column
            case _:
                return None

    def aged(self, column: str, bounds: Sequence[Bound], time: str) -> Condition | None:
        """Return an age at the start, which the age of a study is."""
        return Meaning(self.index).aged(column, bounds) if time == "baseline" else None

    def both(
        self, meaning: Meaning, pair: tuple[str, str], first: Sequence[Bound], last: Sequence[Bound], time: str
    ) -> Condition | None:
        """Return one condition of what was measured at first, and one of it at the end."""
        if time != "end" or any(self.index.columns[each].kind != "numeric" for each in pair):
            return None
        before, after = OneOf(pair[0], (first[0].number,)), meaning.within(pair[1], last)
        return None if after is None else all_of(before, after)

    def describe(self, column: str, statistics: Sequence[Statistic], scope: object) -> Plan | None:
        """Return how a number is distributed, of which the answer says how many are missing."""
        if self.index.columns[column].kind != "numeric":
            return None
        cohort = Cohort(self.dataset, self.table, getattr(scope, "where", ()))
        return Describe(cohort, column, getattr(scope, "by", ()), tuple(dict.fromkeys(statistics)))

    def is_time(self, one: str, other: str) -> bool:
        """Tell whether the same time between two dates is said twice, in words and by its dates."""
        columns = self.index.columns
        if not isinstance(columns, Columns):
            return False
        hows = [columns.made(each) for each in (one, other)]
        match hows:
            case [Elapsed(since, until), Elapsed(other_since, other_until)]:
                return (since, until) == (other_since, other_until)
            case _:
                return False
