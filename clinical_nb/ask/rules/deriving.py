"""Rules for questions of derived variables: thresholds of pairs and days, ages at a time, how many have no value."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from clinical_nb.ask.language.lexicon import Phrase
from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.days import YEARS
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.making import Columns
from clinical_nb.ask.rules.conditions import Bound, Meaning
from clinical_nb.plan import (
    AllOf,
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
_YEAR_SIGNS: dict[str, Sign | Literal["="]] = {"@daybefore": "<", "@dayafter": ">", "@daysince": ">=", "@dayin": "="}


def derived_rules(index: Index, dataset: str, table: str) -> tuple[Rule, ...]:
    """Return the rules of the phrases `atom` and `asked` that are of what a table's columns make."""
    of = _Made(index, dataset, table)
    return (
        *_day_rules(),
        *_pair_rules(of),
        Rule("atom", "AGE @aged? range TIME @people?", lambda age, _, bounds, time, __: of.aged(age, bounds, time)),
        Rule(
            "atom", "@startedwith @article? TWICE @is? NUMBER @and @endedwith range TIME",
            lambda *parts: of.both(parts[2], parts[4], parts[7], parts[8]),
        ),
        Rule("atom", "UNDEFINED @opened condition @close", lambda _, __, condition, ___: condition),
        Rule("gaps", "@gapsjoint @gaps", lambda *_: True),
        Rule(
            "asked", "@article? COLUMN @values? @colon? statistics gaps scope?",
            lambda _, column, __, ___, statistics, ____, scope: of.describe(column, statistics, scope),
        ),
        Rule(
            "asked", "statistics @of? COLUMN @values? gaps scope?",
            lambda statistics, _, column, __, ___, scope: of.describe(column, statistics, scope),
        ),
        Rule("asked", "LASTED scope?", lambda column, scope: of.describe(column, ("median",), scope)),
        Rule(
            "asked", "LASTED @comma? statistics @of? COLUMN scope?",
            lambda one, _, asked, __, time, scope: of.describe(time, asked, scope) if of.is_same(one, time) else None,
        ),
        Rule("asked", "LASTED @comma? statistics scope?", lambda one, _, asked, scope: of.describe(one, asked, scope)),
    )  # fmt: skip


def _day_rules() -> tuple[Rule, ...]:
    def side(pattern: str, build: Callable[[str, _Day], Sequence[Condition]]) -> Rule:
        return Rule("atom", f"DATE {pattern} DAY", lambda column, _, day: all_of(*build(column, day)))

    return (
        side("@daybefore", lambda column, day: [Threshold(column, "<", day[0])]),
        side("@dayafter", lambda column, day: [Threshold(column, ">=", day[1])]),
        side("@daysince", lambda column, day: [Threshold(column, ">=", day[0])]),
        side("@dayin", _within),
        *(
            Rule("atom", f"@verb? YEAROF {when} NUMBER", partial(_in_years, sign))
            for when, sign in _YEAR_SIGNS.items()
        ),
        Rule(
            "atom", "DATE @from DAY @andto DAY",
            lambda column, _, first, __, last: _within_both(column, first, last),
        ),
    )  # fmt: skip


def _in_years(sign: Sign | Literal["="], _: object, column: str, __: object, year: float) -> Condition | None:
    if not (year.is_integer() and year in YEARS):
        return None
    return OneOf(column, (year,)) if sign == "=" else Threshold(column, sign, year)


def _within(column: str, day: _Day) -> Sequence[Condition]:
    return [Threshold(column, ">=", day[0]), Threshold(column, "<", day[1])]


def _within_both(column: str, first: _Day, last: _Day) -> Condition | None:
    return all_of(*_within(column, (first[0], last[1]))) if first[0] < last[1] else None


def _pair_rules(of: "_Made") -> tuple[Rule, ...]:
    signs: dict[str, Sign] = {"@above": ">", "@below": "<", "@atleast": ">=", "@atmost": "<="}

    def side(word: str, sign: Sign) -> Rule:
        return Rule(
            "atom", f"PRESSURE @of? {word} NUMBER @slash NUMBER UNIT? TIMED?",
            lambda said, _, __, high, ___, low, ____, time: of.pressure(said, sign, (high, low), time),
        )  # fmt: skip

    def afterwards(word: str, sign: Sign) -> Rule:
        return Rule(
            "atom", f"PRESSURE @of? NUMBER @slash NUMBER UNIT? {word} TIMED?",
            lambda said, _, high, __, low, ___, ____, time: of.pressure(said, sign, (high, low), time),
        )  # fmt: skip

    after: dict[str, Sign] = {"@orover": ">=", "@orunder": "<="}
    return (
        *(side(word, sign) for word, sign in signs.items()),
        *(afterwards(word, sign) for word, sign in after.items()),
    )


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
        return AllOf((any_of(*sides),)) if sign in (">", ">=") else all_of(*sides)  # one part, whatever stands beside

    def _pressure(self, part: str, said: Phrase, time: Phrase) -> str | None:
        match self.index.meant((part, *said, *time)):
            case (str() as column,) if self.index.columns[column].kind == "numeric":
                return column
            case _:
                return None

    def aged(self, column: str, bounds: Sequence[Bound], time: str) -> Condition | None:
        """Return an age at the start, which the age of a study is."""
        return Meaning(self.index).aged(column, bounds) if time == "baseline" else None

    def both(self, pair: tuple[str, str], first: float, last: Sequence[Bound], time: str) -> Condition | None:
        """Return a number of what was measured at first, and bounds of it at the end."""
        if time != "end" or any(self.index.columns[each].kind != "numeric" for each in pair):
            return None
        after = Meaning(self.index).within(pair[1], last)
        return None if after is None else all_of(OneOf(pair[0], (first,)), after)

    def describe(self, column: str, statistics: Sequence[Statistic], scope: object) -> Plan | None:
        """Return how a number is distributed, of which the answer says how many are missing."""
        if self.index.columns[column].kind != "numeric":
            return None
        cohort = Cohort(self.dataset, self.table, getattr(scope, "where", ()))
        return Describe(cohort, column, getattr(scope, "by", ()), tuple(dict.fromkeys(statistics)))

    def is_same(self, one: str, other: str) -> bool:
        """Tell whether the same time between two dates is said twice, in words and by its dates."""
        columns = self.index.columns
        hows = [columns.made(each) for each in (one, other)] if isinstance(columns, Columns) else []
        match hows:
            case [Elapsed(since, until), Elapsed(other_since, other_until)]:
                return (since, until) == (other_since, other_until)
            case _:
                return False
