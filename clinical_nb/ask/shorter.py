"""Short questions, of a noun and for whom, without a verb: "unemployed people in the control arm", "deaths?"."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from clinical_nb.ask.conditions import Conditions
from clinical_nb.ask.linking import Index
from clinical_nb.ask.naming import LevelLink
from clinical_nb.ask.parsing import Rule
from clinical_nb.plan import Cohort, Condition, Count, Missing, OneOf, Plan, columns_of

_HAPPENED = ("event", "outcome", "death")


def short_rules(index: Index, dataset: str, table: str) -> tuple[Rule, ...]:
    """Return the rules of the phrase `question` for what names people, or what happened, and asks nothing else.

    No "list" or "which" may stand before it: people are counted, and not shown.
    """

    def count(where: Conditions) -> Plan:
        return Count(Cohort(dataset, table, where))

    return (
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
    return any(index.columns[name].role in _HAPPENED for name in columns_of(condition) if name in index.columns)
