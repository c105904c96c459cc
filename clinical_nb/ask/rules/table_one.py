"""Questions for a Table 1: "table 1 by arm with age, sex and stage", "baseline characteristics by site"."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from dataclasses import dataclass

from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import LevelLink
from clinical_nb.ask.rules.scopes import Scope
from clinical_nb.dictionary.deriving import MadeColumn
from clinical_nb.plan import Cohort, Plan, TableOne

_FEW_LEVELS = 3  # of which one says what all are of
MOST_COLUMNS = 30  # a table of all columns has at most so many
_DESCRIBED = ("numeric", "categorical", "binary")
_AFTER_BASELINE = ("time", "event", "outcome", "visit", "visit date", "death", "patient")


def table_one_rules(index: Index, dataset: str, table: str) -> tuple[Rule, ...]:
    """Return the rules of the phrase `asked` that are about several columns at once."""
    of = _Tables(index, dataset, table)

    def tabulate(pattern: str, scope: int, columns: int | None, remark: int) -> Rule:
        def build(*parts: object) -> object:
            return of.table(None if columns is None else parts[columns], parts[scope], parts[remark])

        return Rule("asked", f"@making? @article? @tableone {pattern}", build)

    return (
        tabulate("scope? remark?", 3, None, 4),
        tabulate("scope? beginning columns @close? remark?", 3, 5, 7),
        tabulate("beginning columns @close? scope? remark?", 6, 4, 7),
        Rule("asked", "several grouping remark?", lambda columns, by, remark: of.table(columns, Scope((), by), remark)),
        Rule(
            "asked",
            "@does group @similar @prep columns remark?",
            lambda _, by, __, ___, columns, ____: of.table(columns, Scope((), (by,)), "remarked"),
        ),
        Rule("several", "described @and described", lambda one, _, other: (one, other)),
        Rule("several", "described @comma several", lambda one, _, more: (one, *more)),
        Rule("beginning", "@ending? beginningpart beginning?", lambda *_: True),
        *(Rule("beginningpart", part, lambda *_: True) for part in ("@colon", "@of", "@including")),
        Rule("columns", "described", lambda one: (one,)),
        Rule("columns", "described between columns", lambda one, _, more: (one, *more)),
        Rule("between", "@comma", lambda *_: True),
        Rule("between", "@comma? @and", lambda *_: True),
        Rule("described", "@article? COLUMN @values?", lambda _, column, __: column),
        Rule("described", "@article? LEVEL", lambda _, level: of.column_of(level)),
    )


@dataclass(frozen=True, slots=True)
class _Tables:
    """Builds plans of one table; None where the parts make no plan."""

    index: Index
    dataset: str
    table_name: str

    def table(self, columns: object, scope: object, remark: object) -> Plan | None:
        by = getattr(scope, "by", ())
        named = columns if isinstance(columns, tuple) else self._all_but(by)
        if not named or len(by) > 1 or len(set(named)) < len(named) or set(named) & set(by) or remark == "ratios":
            return None
        arms = [each for each in by if isinstance(each, str) and self.index.columns[each].role == "arm"]
        tests = bool(by) and (not arms or remark is not None)
        return TableOne(Cohort(self.dataset, self.table_name, getattr(scope, "where", ())), named, by, tests)

    def column_of(self, level: LevelLink) -> str | None:
        """Return a column of few levels by one of them: "hispanic" in a list of characteristics."""
        return level.column if len(self.index.columns[level.column].levels) <= _FEW_LEVELS else None

    def _all_but(self, by: tuple[object, ...]) -> tuple[str, ...]:
        """Return what is known of people at the start; nothing where that would be too much to read."""
        meanings = self.index.columns.values()
        beside = {each.reasons for each in meanings} | {each.limit.column for each in meanings if each.limit}
        found = tuple(
            name
            for name, column in self.index.columns.items()
            if column.kind in _DESCRIBED
            and not isinstance(column, MadeColumn)
            and column.role not in _AFTER_BASELINE
            and not column.baseline
            and name not in by
            and name not in beside
            and name not in self.index.parameters
        )
        return found if len(found) <= MOST_COLUMNS else ()
