"""Questions that count more than persons: rows of persons, the most frequent levels, bands of a number."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import GROUPABLE, phrases_of_column
from clinical_nb.ask.rules.conditions import Bound, Conditions, Meaning, bounded, negated
from clinical_nb.ask.rules.dispositions import reasons_only
from clinical_nb.ask.rules.frame import Frame
from clinical_nb.plan import AllOf, AnyRow, Bands, Cohort, Condition, Count, Plan, Rank, Records, Threshold, columns_of

_USUAL = 5  # levels that are told where no number of them is asked for
_MOST_RANKED = 20
_MOST_GROUPS = 8


def frequency_rules(index: Index) -> tuple[Rule, ...]:
    """Return the rules of the pieces of frames that are about frequencies."""

    def piece(pattern: str, frame: Frame) -> Rule:
        return Rule("piece", pattern, lambda *_: frame)

    def most(pattern: str, place: int) -> Rule:
        return Rule("piece", pattern, lambda *parts: _most(parts[place]))

    return (
        piece("@perperson", Frame(frozenset({"each"}))),
        piece("@inhowmany @people", Frame(frozenset({"each"}))),
        Rule(
            "piece",
            "@share @allof? TABLE",
            lambda _, __, table: Frame(frozenset({"share", "rows"}), said=(AnyRow(table),)),
        ),
        Rule("piece", "@verb @prep? @article? either", lambda *parts: Frame(events=(parts[-1],))),
        Rule("either", "LEVEL levels COLUMN", lambda one, more, column: Meaning(index).levels(column, (one, *more))),
        Rule("levels", "@or LEVEL", lambda _, level: (level,)),
        Rule("levels", "@comma LEVEL levels", lambda _, level, more: (level, *more)),
        most("@most NUMBER", 1),
        most("@most HOWMANY", 1),
        most("NUMBER @most", 0),
        most("HOWMANY @most", 0),
        Rule(
            "piece",
            "banding? @article? AMOUNT @bandword? @bandopen? bandlist @close?",
            lambda _, __, column, ___, ____, ranges, _____: _banded(index, column, ranges),
        ),
        Rule("banding", "@by", lambda _: True),
        Rule("banding", "@prep", lambda _: True),
        Rule("bandlist", "range bandparting range", lambda one, _, other: (one, other)),
        Rule("bandlist", "range bandparting bandlist", lambda one, _, more: (one, *more)),
        *(Rule("bandparting", part, lambda *_: True) for part in ("@comma", "@and", "@comma @and", "@versus")),
    )


def _most(number: float) -> Frame | None:
    whole = float(number).is_integer() and 1 <= number <= _MOST_RANKED
    return Frame(frozenset({"most"}), most=int(number)) if whole else None


def _banded(index: Index, column: str, ranges: Sequence[Sequence[Bound]]) -> Frame | None:
    """Return ranges of a number that follow each other; None where two of them overlap, or one is backwards."""
    bands = [bounded(index, column, bounds) for bounds in ranges]
    edges = [_edges(bounds) for bounds in ranges]
    if any(low[0] > high[0] for low, high in edges):
        return None
    for (_, (end, is_closed)), ((start, is_open), _) in pairwise(edges):
        if start < end or (start == end and is_closed and not is_open):
            return None
    known = tuple(band for band in bands if band is not None)
    return Frame(bands=(column, known)) if len(known) == len(bands) else None


def _edges(bounds: Sequence[Bound]) -> tuple[tuple[float, bool], tuple[float, bool]]:
    """Return where a range begins and whether it leaves that out, and where it ends and whether it holds that."""
    low, high = (float("-inf"), True), (float("inf"), False)
    for bound in bounds:
        if bound.sign in (">", ">="):
            low = (bound.number, bound.sign == ">")
        else:
            high = (bound.number, bound.sign == "<=")
    return low, high


def has_only(frame: Frame, *parts: str) -> bool:
    """Whether a question has no other parts than these, beside what it asks."""
    return all(each.name in ("asks", *parts) or not getattr(frame, each.name) for each in fields(frame))


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Makes plans about frequencies of frames; None where it is open what is counted."""

    index: Index
    dataset: str
    table: str

    def bands(self, frame: Frame) -> Plan | None:
        """Return how many are in each band, or of each how many have what is said."""
        if frame.bands is None or not has_only(frame, "bands", "statistics", "events", "said", "where"):
            return None
        if frame.asks - {"count", "share", "people"} or set(frame.statistics) - {"distribution"}:
            return None
        column, bands = frame.bands
        events = (*frame.events, *frame.said)
        is_own = any(column in columns_of(each) for each in events)
        if len(events) > 1 or is_own:
            return None
        return Bands(self._cohort(frame.where), column, bands, events)

    def in_bands(self, frame: Frame) -> Frame | None:
        """Return what is asked of each band of a number as of groups by where its bands meet: "mean weight by age".

        None where a value may lie between two bands; of an age in whole years none lies between 64 and 65.
        """
        if frame.bands is None or not has_only(frame, "bands", "statistics", "targets", "where", "by"):
            return None
        column, bands = frame.bands
        said = {name for each in (*frame.where, *frame.by, *frame.targets) for name in columns_of(each)}
        if column in said or len(bands) > _MOST_GROUPS:
            return None  # "<50, 50-65, >60" is no two bands among those over 60
        sides = [each.conditions if isinstance(each, AllOf) else (each,) for each in bands]
        bounds = [{each.sign[0]: each for each in part if isinstance(each, Threshold)} for part in sides]
        cuts: list[Condition] = []
        for one, other in pairwise(bounds):
            end, start = one.get("<"), other.get(">")
            if end is None or start is None or not self._meet(column, end, start):
                return None
            cuts.append(negated(start) or end)
        outer = (bounds[0].get(">"), bounds[-1].get("<"))
        where = (*frame.where, *(each for each in outer if each))
        return replace(frame, bands=None, where=where, by=(*frame.by, *cuts))

    def _meet(self, column: str, end: Threshold, start: Threshold) -> bool:
        if end.value == start.value:
            return (end.sign, start.sign) in (("<", ">="), ("<=", ">"))
        whole = [each.value for each in (end, start) if isinstance(each.value, int | float) and each.value % 1 == 0]
        is_next = len(whole) == 2 and whole[1] - whole[0] == 1  # noqa: PLR2004 - both of them
        return column == self.index.age and is_next and (end.sign, start.sign) == ("<=", ">=")

    def records(self, frame: Frame) -> Plan | None:  # noqa: PLR0911 - one a reason why it is open
        """Return how many rows persons have, or what share of these."""
        rows = [each for each in frame.said if isinstance(each, AnyRow)]
        is_more = not has_only(frame, "statistics", "events", "said", "where", "by") or len(frame.by) > 1
        if len(rows) != 1 or is_more or frame.asks - {"count", "share", "people", "each", "rows"}:
            return None
        (of,) = rows
        others = tuple(each for each in (*frame.said, *frame.events) if each != of)
        rest, inside = self._parted(frame.where, of.table)
        outside, events = self._parted(others, of.table)
        if outside or rest is None:
            return None
        if any(self._is_of(group, of.table) for group in frame.by):
            return self._by_own(frame, (*rest, *inside, *events, *of.where))
        among = AnyRow(of.table, (*of.where, *inside))
        if "rows" in frame.asks:
            if not events or frame.statistics or "each" in frame.asks:
                return None
            return Records(self._cohort(rest), AnyRow(of.table, (*among.where, *events)), frame.by, (among,))
        if "share" in frame.asks:
            return None
        return Records(self._cohort(rest), AnyRow(of.table, (*among.where, *events)), frame.by)

    def is_by_own(self, frame: Frame) -> bool:
        """Whether all that is said is rows, grouped by a column of their own: "adverse events by severity"."""
        tables = {each.table for each in frame.said if isinstance(each, AnyRow)}
        is_own = all(self._is_of(group, table) for table in tables for group in frame.by)
        return not frame.asks and bool(frame.by) and is_own

    def _by_own(self, frame: Frame, where: Conditions) -> Plan | None:
        """Return how many rows there are in each group that a column of their own makes: "admissions of each type"."""
        if frame.asks - {"count"} or frame.statistics:
            return None
        return Count(replace(self._cohort(where), despite=("repeated",)), frame.by)

    def ranked(self, frame: Frame) -> Plan | None:
        """Return the most frequent terms of a table's rows, or levels of a column of which persons may have several."""
        if frame.asks - {"most", "count", "people"} or not has_only(frame, "targets", "said", "where", "most"):
            return None
        where = frame.where
        if len(frame.targets) == 1 and not frame.said:
            (column,) = frame.targets
            if (apart := reasons_only(self.index, column)) is not None:
                where = (*where, *apart)
            elif column not in self.index.many or self.index.columns[column].kind not in GROUPABLE:
                return None
        elif len(frame.said) == 1 and isinstance(frame.said[0], AnyRow) and not frame.targets:
            rows = frame.said[0]
            terms = self._terms(rows.table)
            if len(terms) != 1:
                return None
            column, where = terms[0], (*where, *rows.where)
        else:
            return None
        return Rank(self._cohort(where), column, frame.most or _USUAL)

    def _terms(self, table: str) -> list[str]:
        """Return the column that says what each row of a table is: the standard term, or what its rows are called."""
        own = [
            name
            for name, of in self.index.owner.items()
            if of == table and self.index.columns[name].kind in GROUPABLE and len(self.index.columns[name].levels) > 1
        ]
        phrases = {name: phrases_of_column(name, self.index.columns[name]) for name in own}
        standard = [name for name in own if not self.index.lexicon.standard.isdisjoint(phrases[name])]
        called = {phrase for phrase, of in self.index.tables.items() if of == table}
        light = self.index.lexicon.light
        named = [
            name
            for name in own
            if any(tuple(word for word in phrase if word not in light) in called for phrase in phrases[name])
        ]
        return standard or named or [name for name in own if name in self.index.terms.columns]

    def _parted(self, conditions: Conditions, table: str) -> tuple[Conditions | None, Conditions]:
        """Part conditions into those on persons and those on the rows of a table; None where one is on other rows."""
        inside = tuple(each for each in conditions if self._is_of(each, table))
        rest = tuple(each for each in conditions if each not in inside)
        is_other = any(isinstance(each, AnyRow) or self.index.many & set(columns_of(each)) for each in rest)
        return (None if is_other else rest), inside

    def _is_of(self, variable: Condition | str, table: str) -> bool:
        return {self.index.owner.get(name) for name in columns_of(variable)} == {table}

    def _cohort(self, where: Conditions) -> Cohort:
        return Cohort(self.dataset, self.table, where)
