"""Short questions, of a noun and for whom, without a verb: "unemployed people in the control arm", "deaths?"."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import LevelLink
from clinical_nb.ask.linking.senses import OUTCOMES
from clinical_nb.ask.rules.conditions import Conditions, Meaning
from clinical_nb.ask.rules.scopes import Scope
from clinical_nb.plan import Cohort, Condition, Count, Missing, OneOf, Plan, Proportion, Variable, columns_of


def short_rules(index: Index, dataset: str, table: str, *, is_rate: bool) -> tuple[Rule, ...]:
    """Return the rules of the phrase `question` for what names people, or what happened, and asks nothing else.

    No "list" or "which" may stand before it: people are counted, and not shown. Where it `is_rate`, as "mortality" is,
    a share is meant.
    """

    def count(where: Conditions) -> Plan:
        return Count(Cohort(dataset, table, where))

    def share(_: object, __: object, atom: Condition, where: Conditions | None, ___: object) -> Plan | None:
        of = Proportion(Cohort(dataset, table, where or ()), atom)
        return of if is_rate else None

    return (
        Rule("question", "openings? @article? atom restriction? endings?", share),
        Rule(
            "asked", "@article? COLUMN @prep conditions", lambda _, column, __, where: _share_with(index, column, where)
        ),
        Rule("asked", "@crosstab @of? group crossing group restriction?", lambda *parts: _crossed(*parts[2:])),
        *(Rule("crossing", part, lambda *_: True) for part in ("@andwith", "@by", "@against")),
        Rule("question", "persons endings?", lambda where, _: count(where)),
        Rule("persons", "@article? @people conditions", lambda _, __, where: where),
        Rule("persons", "@missing @blanks? @article? COLUMN", lambda *parts: (Missing(parts[-1]),)),
        Rule("persons", "sized", lambda atom: (atom,)),
        Rule("persons", "kind conditions", _together),
        Rule("kind", "@article? LEVEL @people", lambda _, level, __: _condition(level)),
        Rule("kind", "@article? LEVEL", lambda _, level: _condition(level) if _is_of_sex(index, level) else None),
        Rule(
            "question", "@article? atom @asking", lambda _, atom, __: count((atom,)) if _happened(index, atom) else None
        ),
    )


def _condition(level: LevelLink) -> Condition:
    return OneOf(level.column, (level.value,))


def _together(kind: Condition, where: Conditions) -> Conditions | None:
    """Return who is of a kind and meets conditions, where these are on something else."""
    columns = {name for each in where for name in columns_of(each)}
    return None if columns & set(columns_of(kind)) else (kind, *where)


def _is_of_sex(index: Index, level: LevelLink) -> bool:
    return level.column in {link.column for link in index.initials.values()}


def _happened(index: Index, condition: Condition) -> bool:
    return any(index.columns[name].role in OUTCOMES for name in columns_of(condition) if name in index.columns)


def _share_with(index: Index, column: str, where: Conditions) -> object:
    """Return the share of people who have what a yes/no column says: "delirium in women"."""
    yes = Meaning(index).plain_yes(column)
    return None if yes is None else ("share", (yes,), Scope(where))


def _crossed(one: Variable, _: object, other: Variable, where: Conditions | None) -> object:
    return None if one == other else ("count", (), Scope(where or (), (one, other)))
