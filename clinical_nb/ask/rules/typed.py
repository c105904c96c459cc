"""Typed questions: the analysis is named (AUC, kappa, Friedman, per month), and its parts stand in whatever order.

Every word belongs to a part, as in `frame.py`. What a part is for is told by the words before it; where that leaves it
open, there is no plan.
"""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from clinical_nb.ask.language.lexicon import Phrase, lexicon
from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import LevelLink
from clinical_nb.ask.rules.conditions import Conditions
from clinical_nb.ask.rules.scopes import Contrast
from clinical_nb.ask.rules.survival import Timed
from clinical_nb.plan import AllOf, Condition, OneOf, Statistic, Threshold, Variable

_SEVERAL = frozenset(
    {"asks", "items", "aims", "where", "terms", "given", "statistics", "percentiles"}
)  # what may be said in several places


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a typed question.

    `items` are named with nothing before them, in their order; `aims` after "for", "to predict", "on"; `terms` after
    "on" or "with" in a model; `given` after "adjusted for"; `competing` as a competing event. A column that says yes or
    no stands for its yes.
    """

    asks: frozenset[str] = frozenset()
    test: str = ""
    period: str = ""
    items: tuple[Variable, ...] = ()
    aims: tuple[Variable, ...] = ()
    effect: tuple[Variable, ...] = ()
    terms: tuple[Variable, ...] = ()
    given: tuple[Variable, ...] = ()
    competing: tuple[Variable, ...] = ()
    where: Conditions = ()
    by: tuple[Variable, ...] = ()
    strata: tuple[Variable, ...] = ()
    contrast: Contrast | None = None
    ordered: tuple[OneOf, OneOf] | None = None  # the first is held against the second
    number: float | None = None
    unit: str = ""
    per: float | None = None
    step: float | None = None  # of a number, that a ratio is for
    better: str = ""
    point: tuple[tuple[float, ...], Phrase] | None = None
    timed: Timed | None = None
    twice: tuple[str, str] | None = None
    statistics: tuple[Statistic, ...] = ()
    percentiles: tuple[float, ...] = ()
    table: str = ""
    dated: str = ""
    offset: str = ""


def asks_something(words: Phrase) -> bool:
    """Tell whether a question has any of the words that name an analysis: the others need not be looked at."""
    return any(
        words[at : at + len(phrase)] == phrase
        for name in (*lexicon().typed, "strata", "survival", "timeunit", "effectof")
        for phrase in lexicon().keywords[name]
        for at in range(len(words) - len(phrase) + 1)
    )


def typed_rules(index: Index) -> tuple[Rule, ...]:
    """Return the rules of the phrase `typed`, whose value is the parts of a question."""
    of = _Items(index)

    def part(pattern: str, build: Callable[[Any], Parts | None]) -> Rule:
        return Rule("part", pattern, lambda *parts: build(parts[-1]))

    return (
        Rule("typed", "part END", lambda one, _: one),
        Rule("typed", "part typed", merged),
        *(
            Rule("part", pattern, lambda *_: Parts())
            for pattern in (
                "@opening",
                "@ending",
                "@typedfiller",
                "@comma",
                "@close",
                "@joint",
                "@article",
            )
        ),
        *(Rule("part", f"@{name}", _asking(name)) for name in lexicon().typed),
        *_item_rules(of),
        *_place_rules(part, of),
        *_amount_rules(),
    )


def _item_rules(of: "_Items") -> Sequence[Rule]:
    """`item`: a column, a level or a range, which nothing denies; `happened`: one that a verb may say."""
    return (
        Rule("item", "@article? COLUMN @values?", lambda _, column, __: of.column(column)),
        Rule("item", "@article? ENDING @people?", lambda _, codes, __: of.ending(codes)),
        Rule("item", "@article? LEVEL @people?", lambda _, level, __: of.level(level)),
        Rule("item", "@article? COLUMN @is? VALUE", lambda _, column, __, level: of.value(column, level)),
        Rule("item", "atom", of.ranged),
        Rule("happened", "item", lambda item: item),
        Rule("happened", "@who? @verb? @prep? item", lambda *parts: parts[-1]),
        Rule("happened", "@being? @article? item @afterwards?", lambda _, __, item, ___: item),
        Rule("listed_items", "item", lambda one: (one,)),
        Rule("listed_items", "item between listed_items", lambda one, _, more: (one, *more)),
        Rule("groups_made", "group", lambda group: (group,)),
        Rule("groups_made", "group @and groups_made", lambda one, _, more: (one, *more)),
    )


def _place_rules(part: Callable[[str, Callable[[Any], Parts | None]], Rule], of: "_Items") -> Sequence[Rule]:
    return (
        part("item", lambda item: Parts(items=(item,))),
        Rule("part", "item @alone", lambda item, _: Parts(items=(item,))),
        part("@aimed happened", lambda item: Parts(aims=(item,))),
        part("@astest happened", lambda item: Parts(frozenset({"accuracy"}), aims=(item,))),
        part("@within @article? COLUMN", lambda column: Parts(aims=(column,)) if of.is_number(column) else None),
        part("@whichpairs group", lambda by: Parts(frozenset({"pairwise"}), by=(by,))),
        Rule("part", "@within conditions @onlyword?", lambda _, where, __: Parts(where=where)),
        part("@within @each? @article? @people", lambda _: Parts()),
        part("@by groups_made", lambda by: Parts(by=by)),
        part("@strata groups_made", lambda strata: Parts(strata=strata)),
        part("@given listed_items", lambda given: Parts(given=given)),
        part("@explainedby listed_items", lambda terms: Parts(terms=terms)),
        part("@effectof item", lambda item: Parts(frozenset({"effect"}), effect=(item,))),
        part("@treatmenteffect", lambda _: Parts(frozenset({"effect"}), effect=of.arm())),
        part("@within contrast", lambda contrast: Parts(contrast=contrast)),
        part("@by contrast", lambda contrast: Parts(contrast=contrast)),
        part("held", lambda contrast: Parts(contrast=contrast)),
        Rule("part", "LEVEL @noninferior LEVEL", lambda one, _, other: _ordered("noninferior", one, other)),
        Rule("part", "LEVEL @equivalent LEVEL", lambda one, _, other: _ordered("equivalent", one, other)),
        Rule("part", "@noninferior? LEVEL @against LEVEL", lambda _, one, __, other: _ordered("", one, other)),
        Rule("part", "@noninferior? LEVEL @to LEVEL", lambda _, one, __, other: _ordered("", one, other)),
        Rule("part", "@to LEVEL", lambda _, level: Parts(aims=(OneOf(level.column, (level.value,)),))),
        Rule("part", "@competingof? item @ascompeting", lambda _, item, __: Parts(competing=(item,))),
        part("@competingof item", lambda item: Parts(competing=(item,))),
        part("timed", lambda timed: Parts(timed=timed)),
        part("@aimed @article? timed", lambda timed: Parts(timed=timed)),
        part("@within @article? timed", lambda timed: Parts(timed=timed)),
        part("point", lambda point: Parts(point=point)),
        part("@bytime point", lambda point: Parts(point=point)),
        part("@firstperiod UNIT", lambda unit: Parts(point=((1.0,), unit))),
        part("@against @otherside", lambda _: Parts(frozenset({"others"}))),
        Rule("part", "@stepword NUMBER? steps @increase?", lambda _, n, unit, __: _step(n, unit)),
        Rule("steps", "UNIT", " ".join),
        Rule("steps", "@point", lambda _: ""),
        part("TWICE", lambda pair: Parts(twice=pair)),
        part("@dayafter point", lambda point: Parts(frozenset({"later"}), point=point)),
        part("@lasting point", lambda point: Parts(frozenset({"lasting"}), point=point)),
        part("pair", lambda pair: Parts(twice=pair)),
        part("COLUMN", lambda column: _counted(column) if of.is_identifier(column) else None),  # "number of patients"
        part("@offset @article? COLUMN", lambda column: Parts(offset=column)),
        part("TABLE", lambda table: Parts(table=table)),
        part("statistic", lambda one: Parts(statistics=(one,))),
        part("@curve", lambda _: Parts(frozenset({"curve"}))),
        part("@missing", lambda _: Parts(frozenset({"missing"}))),
        part("@share", lambda _: Parts(frozenset({"share"}))),
        *(part(f"@{word}", _counted) for word in ("people", "howmany", "eventword")),
        *(part(f"@{word}", _dated(word)) for word in lexicon().dated),
    )


def _amount_rules() -> Sequence[Rule]:
    return (
        Rule("part", "@marginword? NUMBER pointed?", lambda _, number, unit: Parts(number=number, unit=unit or "")),
        Rule("part", "HOWMANY", lambda number: Parts(number=float(number))),
        Rule("part", "@percentile NUMBER", lambda _, number: Parts(percentiles=(number,))),
        Rule("part", "ordinals @percentile", lambda ordinals, _: Parts(percentiles=ordinals)),
        Rule("ordinals", "ORDINAL", lambda one: (one,)),
        Rule("ordinals", "ORDINAL between ordinals", lambda one, _, more: (one, *more)),
        Rule("pointed", "@point", lambda _: "point"),
        Rule("pointed", "UNIT", " ".join),
        Rule("part", "@per NUMBER @persontimeunit", lambda _, number, __: _per(number)),
        Rule("part", "@per @persontimeunit", lambda *_: _per(1.0)),
        Rule("part", "@higherbetter @close?", lambda *_: Parts(better="higher")),
        Rule("part", "@lowerbetter @close?", lambda *_: Parts(better="lower")),
    )


def merged(one: Parts, other: Parts) -> Parts | None:
    """Return the parts of two runs of words; None where both say what can be said once."""
    said: dict[str, Any] = {}
    for field in fields(Parts):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if field.name == "asks":
            said[field.name] = first | second
        elif field.name in _SEVERAL:
            said[field.name] = tuple(dict.fromkeys((*first, *second)))
        elif first and second and first != second:
            return None
        else:
            said[field.name] = first or second
    return Parts(**said)


def _asking(name: str) -> Callable[..., Parts]:
    of = next(group for group, names in lexicon().typed_groups.items() if name in names)
    if of == "tests":
        return lambda *_: Parts(test=name)
    if of == "periods":
        return lambda *_: Parts(period=name)
    return lambda *_: Parts(frozenset({name}))


def _counted(_: object) -> Parts:
    return Parts(frozenset({"count"}))


def _dated(word: str) -> Callable[[object], Parts]:
    return lambda _: Parts(dated=word)


def _step(number: float | None, unit: str) -> Parts:
    return Parts(step=number or 1.0, unit=unit)


def _per(number: float) -> Parts:
    return Parts(frozenset({"persontime"}), per=number)


def _ordered(asked: str, one: LevelLink, other: LevelLink) -> Parts | None:
    if one.column != other.column or one == other:
        return None
    pair = OneOf(one.column, (one.value,)), OneOf(other.column, (other.value,))
    return Parts(frozenset({asked} - {""}), ordered=pair)


@dataclass(frozen=True, slots=True)
class _Items:
    """What the parts of an item are together; a column of yes and no stands for its yes."""

    index: Index

    def arm(self) -> tuple[Variable, ...]:
        return tuple(name for name, column in self.index.columns.items() if column.role == "arm")

    def is_identifier(self, column: str) -> bool:
        return self.index.columns[column].kind == "identifier"

    def column(self, column: str) -> str | None:
        return None if self.is_identifier(column) else column

    def is_number(self, column: str) -> bool:
        return self.index.columns[column].kind == "numeric"

    def level(self, level: LevelLink) -> Variable:
        return self._plain(OneOf(level.column, (level.value,)))

    def ending(self, codes: OneOf) -> Variable:
        return self._plain(codes)

    def value(self, column: str, level: LevelLink) -> Variable | None:
        return self.level(level) if level.column == column else None

    def ranged(self, atom: Condition) -> Variable | None:
        """Return a range of numbers; what else a condition may be is said by its column or level."""
        sides = atom.conditions if isinstance(atom, AllOf) else (atom,)
        return atom if all(isinstance(each, Threshold) for each in sides) else None

    def _plain(self, condition: OneOf) -> Variable:
        yes = self.index.polar(condition.column, positive=True)
        return condition.column if condition.values == (yes,) else condition
