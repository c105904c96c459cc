"""Questions: rules for what is asked: how many, what share, how distributed, whether groups differ."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from clinical_nb.ask.language.lexicon import Phrase, spoken
from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.language.words import name_words
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import GROUPABLE
from clinical_nb.ask.rules.changing import changing_rules
from clinical_nb.ask.rules.conditions import Conditions, Meaning, negated, only
from clinical_nb.ask.rules.contrasting import Contrasts, contrasting_rules
from clinical_nb.ask.rules.models import model_rules
from clinical_nb.ask.rules.scopes import Contrast, Scope, is_loose, is_of_groups, narrowed, two_levels
from clinical_nb.ask.rules.superlatives import superlative_rules
from clinical_nb.ask.rules.survival import survival_rules
from clinical_nb.ask.rules.table_one import table_one_rules
from clinical_nb.plan import (
    AnyRow,
    Cohort,
    Compare,
    Condition,
    Count,
    Describe,
    Known,
    OneOf,
    Plan,
    Proportion,
    Statistic,
    Variable,
    all_of,
    columns_of,
)

_STATISTICS: tuple[Statistic, ...] = ("mean", "sd", "median", "quartiles", "range", "distribution")


def question_rules(index: Index, dataset: str, table: str) -> tuple[Rule, ...]:
    """Return the rules of the phrase `question`, whose value is a plan about one table."""
    of = _Plans(index, dataset, table)
    return (
        Rule("question", "openings? core endings?", lambda _, plan, __: plan),
        Rule("openings", "@opening openings?", lambda *_: True),
        Rule("endings", "@ending endings?", lambda *_: True),
        Rule("core", "asked", lambda asked: of.plan(asked, ())),
        Rule("core", "prefix @comma? asked", lambda where, _, asked: of.plan(asked, where)),
        Rule("prefix", "@prep conditions", lambda _, where: where),
        Rule("prefix", "@by conditions", lambda _, where: where),
        Rule("prefix", "conditions @comma", lambda where, _: where),
        *_scope_rules(of),
        *_count_rules(),
        *_share_rules(of),
        *_describe_rules(of),
        *_compare_rules(of),
        *survival_rules(index, dataset, table),
        *table_one_rules(index, dataset, table),
        *model_rules(index, dataset, table),
        *changing_rules(index, dataset, table),
        *contrasting_rules(index, of.compare),
        *superlative_rules(index, dataset, table),
    )


def _scope_rules(of: "_Plans") -> Sequence[Rule]:
    """`scope`: restrictions and groupings in any order; `group`: a column that makes groups."""
    return (
        Rule("scope", "restriction", Scope),
        Rule("scope", "grouping", lambda by: Scope((), by)),
        Rule("scope", "@comma? restriction scope", lambda _, where, more: Scope(where + more.where, more.by)),
        Rule("scope", "@comma? grouping scope", lambda _, by, more: None if more.by else Scope(more.where, by)),
        Rule("restriction", "@prep conditions", lambda _, where: where),
        Rule("restriction", "@prep? @lack @article? atom", lambda *parts: of.lacking(parts[-1])),
        Rule("restriction", "@prep? @not @prep? @article? atom", lambda *parts: only(negated(parts[-1]))),
        Rule("restriction", "@prep @each? @article? @people", lambda *_: ()),
        Rule("grouping", "@by group", lambda _, group: (group,)),
        Rule("grouping", "@by group @and group", lambda _, one, __, other: (one, other) if one != other else None),
        Rule(
            "group", "@each? @article? HOWMANY? @each? COLUMN @values? @groupword?",
            lambda _, __, number, ___, column, ____, _____: of.group(column, number),
        ),
    )  # fmt: skip


def _count_rules() -> Sequence[Rule]:
    return (
        Rule("asked", "@howmany people @tail? scope?", lambda _, __, ___, scope: ("count", (), scope or Scope())),
        Rule("asked", "@howmany @tail? grouping", lambda _, __, by: ("count", (), Scope((), by))),
        Rule(
            "asked", "@howmany NOROWS conditions @tail? scope?",
            lambda _, __, of, ___, scope: ("count", of, scope or Scope()),
        ),
        Rule(
            "asked", "@howmany NOROWS conditions @tail? @comma? @andpercent scope?",
            lambda _, __, of, ___, ____, _____, scope: ("share", of, scope or Scope()),
        ),
        Rule("people", "@article? @people", lambda *_: True),
        Rule("people", "@article? @people @verb", lambda *_: True),
    )  # fmt: skip


def _share_rules(of: "_Plans") -> Sequence[Rule]:
    """Take as the event what the verb says of the people; without a verb, what can only be the event."""

    def share(pattern: str, where: int | None, event: int, scope: int) -> Rule:
        def build(*parts: Any) -> object:  # noqa: ANN401 - what the pattern names
            named = () if where is None else parts[where]
            nouns = () if "said" in pattern else (*parts[event], *named)
            if "@rate" not in pattern and any(of.is_verb(condition) for condition in nouns):
                return None
            if "@howmanyof" in pattern and any(isinstance(each, AnyRow) and not each.where for each in named):
                return None  # of the events, and not of the persons who had any
            return "share", parts[event], narrowed(parts[scope], named)

        return Rule("asked", pattern, build)

    return (
        share("@share people? said scope?", None, 2, 3),
        share("@share named said scope?", 1, 2, 3),
        share("@share atomic groupings", None, 1, 2),
        share("@share atomic joined groupings", 1, 2, 3),
        share("@share named atomic groupings", 1, 2, 3),
        share("@share atomic @prep joined groupings", 3, 1, 4),
        share("@share groupings said", None, 2, 1),
        share("@share people? whosaid scope?", None, 2, 3),
        share("@share named whosaid scope?", 1, 2, 3),
        share("@howmanyof named said scope?", 1, 2, 3),
        share("@article? atomic @rate scope?", None, 1, 3),
        share("@rateof atomic scope?", None, 1, 2),
        Rule("said", "@verb @prep? @article? event", lambda _, __, ___, event: event),
        Rule("said", "@verb? @non atom", lambda *parts: only(negated(parts[-1]))),
        Rule("said", "@verb? @not @prep? @article? atom", lambda *parts: only(negated(parts[-1]))),
        Rule("said", "@lack @article? atom", lambda *parts: only(negated(parts[-1]))),
        Rule("said", "ENDING", only),
        Rule("said", "LEVEL", lambda level: of.verbal(OneOf(level.column, (level.value,)))),
        Rule("said", "COLUMN", lambda column: of.verbal(Meaning(of.index).plain_yes(column))),
        Rule("whosaid", "@who told", lambda _, told: (told,)),
        Rule("whosaid", "@who told @and told", lambda _, one, __, other: (one, other)),
        Rule("told", "@verb? @prep? @article? atom", lambda *parts: parts[-1]),
        Rule("told", "@verb? @prep? either", lambda *parts: parts[-1]),
        Rule("event", "atom", lambda atom: (atom,)),
        Rule("event", "atom event", lambda atom, more: (atom, *more)),
        Rule("event", "either", only),
        Rule("event", "atom @and event", lambda atom, _, more: (atom, *more)),
        Rule("named", "atomic", lambda atom: atom),
        Rule("named", "atomic named", lambda atom, more: (*atom, *more)),
        Rule("joined", "atomic further?", lambda atom, more: (*atom, *(more or ()))),
        Rule("further", "@prep? @article? atom further?", lambda _, __, atom, more: (atom, *(more or ()))),
        Rule("atomic", "naming? atom", lambda _, atom: (atom,)),
        Rule("atomic", "naming? @non atom", lambda *parts: only(negated(parts[-1]))),
        Rule("atomic", "naming? @not naming? atom", lambda *parts: only(negated(parts[-1]))),
        Rule("atomic", "naming? @lack @article? atom", lambda *parts: only(negated(parts[-1]))),
        Rule("naming", "namingpart naming?", lambda *_: True),
        *(Rule("namingpart", part, lambda *_: True) for part in ("@prep", "@who", "@article", "@people")),
        Rule("groupings", "grouping?", lambda by: Scope((), by or ())),
    )


def _describe_rules(of: "_Plans") -> Sequence[Rule]:
    return (
        Rule(
            "asked", "statistics @of? COLUMN @values? @people? also? scope?",
            lambda first, _, column, __, ___, more, scope: of.describe(column, first + (more or ()), scope),
        ),
        Rule(
            "asked", "statistics @of? @countof COLUMN scope?",
            lambda asked, _, __, column, scope: of.describe(column, asked, scope),
        ),
        Rule(
            "asked", "@article? COLUMN @values? @colon? statistics scope?",
            lambda _, column, __, ___, statistics, scope: of.describe(column, statistics, scope),
        ),
        Rule(
            "asked", "statistics @of? COLUMN @prep contrast",
            lambda asked, _, column, __, contrast: of.describe_each(asked, column, contrast),
        ),
        Rule("asked", "@howold AGE people", lambda _, column, __: of.describe(column, ("mean",), None)),
        Rule("asked", "@howold AGE conditions", lambda _, column, where: of.describe(column, ("mean",), Scope(where))),
        Rule("also", "@with statistics @close?", lambda _, statistics, __: statistics),
        Rule("statistics", "statistic", lambda one: (one,)),
        Rule("statistics", "statistic @with? statistics @close?", lambda one, _, more, __: (one, *more)),
        *(Rule("statistic", f"@article? @{name}", lambda _, found: found) for name in _STATISTICS),
    )  # fmt: skip


def _compare_rules(of: "_Plans") -> Sequence[Rule]:
    held = Contrasts(of.index)

    def compare(pattern: str, outcome: int, contrast: int, scope: int | None = None) -> Rule:
        def build(*parts: object) -> object:
            return of.compare(
                parts[outcome], parts[contrast], None if scope is None else parts[scope], ratios="ratios" in parts
            )

        return Rule("asked", pattern, build)

    return (
        compare("@compare outcome groups scope? remark?", 1, 2, 3),
        compare("@does outcome @differ groups scope? remark?", 1, 3, 4),
        compare("@difference outcome groups scope? remark?", 1, 2, 3),
        compare("@does outcome @higher @prep? contrast scope? remark?", 1, 4, 5),
        compare("@does outcome @higher @prep? alone remark?", 1, 4),
        compare("@does amount @associated grouped scope? remark?", 1, 3, 4),
        compare("@association amount @and grouped scope? remark?", 1, 3, 4),
        compare("@does grouped @associated outcome scope? remark?", 3, 1, 4),
        compare("@association grouped @and outcome scope? remark?", 3, 1, 4),
        compare("@compare contrast @prep outcome scope? remark?", 3, 1, 4),
        compare("@article? outcome @colon? @by grouped scope? remark?", 1, 4, 5),
        compare("outcome @prep contrast scope? remark?", 0, 2, 3),
        Rule(
            "asked",
            "@does condition AGE @olderthan condition remark?",
            lambda _, one, age, __, other, ___: of.compare(age, held.contrast(one, other), None, ratios=False),
        ),
        Rule("remark", "@comma? @pvalue remark?", lambda _, __, more: more or "remarked"),
        Rule("remark", "@comma? @ratio remark?", lambda *_: "ratios"),
        Rule("remark", "@ending remark", lambda _, more: more),
        Rule("outcome", "@article? COLUMN @values?", lambda _, column, __: column),
        Rule("outcome", "@article? LEVEL", lambda _, level: OneOf(level.column, (level.value,))),
        Rule("amount", "@article? COLUMN @values?", lambda _, column, __: of.amount(column)),
        Rule("grouped", "group", Contrast),
        Rule("grouped", "LEVEL", lambda level: Contrast(OneOf(level.column, (level.value,)))),
        Rule("groups", "@by grouped", lambda _, contrast: contrast),
        Rule("groups", "@by contrast", lambda _, contrast: contrast),
        Rule("groups", "@prep contrast", lambda _, contrast: contrast),
        Rule("contrast", "condition @versus condition", lambda one, _, other: held.contrast(one, other)),
        Rule(
            "contrast",
            "@article? COLUMN VALUE @against VALUE",
            lambda _, column, one, __, other: two_levels(of.index, column, one, other),
        ),
        Rule("contrast", "condition @than condition", lambda one, _, other: held.contrast(one, other)),
        Rule("contrast", "condition @versus others", lambda one, _, __: Contrast(one)),
        Rule("contrast", "condition @than others", lambda one, _, __: Contrast(one)),
        Rule("contrast", "people? @withwithout @article? COLUMN", lambda *parts: held.halves(parts[-1])),
        Rule("contrast", "people? @withwithout @article? LEVEL", lambda *parts: held.holders(parts[-1])),
        Rule("others", "@prep? @others @people?", lambda *_: True),
    )


@dataclass(frozen=True, slots=True)
class _Plans:
    """Builds plans about one table; None where the parts make no plan."""

    index: Index
    dataset: str
    table: str

    def plan(self, asked: object, where: Conditions) -> Plan | None:  # noqa: PLR0911 - one return a kind of question
        match asked:
            case ("count" | "share", tuple() as conditions, Scope() as scope) if is_loose(conditions, scope):
                return None
            case ("share", tuple() as conditions, Scope() as scope) if self._is_of_rows(
                conditions, where + scope.where
            ):
                return None
            case ("count", tuple() as conditions, Scope() as scope) if not where and not (conditions and scope.by):
                return Count(self._cohort(conditions + scope.where), scope.by)
            case ("count", (), Scope() as scope):
                return Count(self._cohort(where + scope.where), scope.by)
            case ("count", tuple() as conditions, Scope() as scope) if is_of_groups(conditions, scope.by):
                return Count(self._cohort(where + conditions + scope.where), scope.by)
            case ("count" | "share", tuple() as conditions, Scope() as scope) if not is_of_groups(conditions, scope.by):
                return Proportion(self._cohort(where + scope.where), all_of(*conditions), scope.by)
            case _ if isinstance(asked, Plan):
                return replace(asked, cohort=self._cohort(where + asked.cohort.where))
            case _:
                return None

    def _is_of_rows(self, conditions: Conditions, where: Conditions) -> bool:
        """Whether a share is of a table's rows: of the events, those that are serious."""
        owners = {self.index.owner.get(name) for each in conditions for name in columns_of(each)}
        return any(isinstance(each, AnyRow) and each.table in owners for each in where)

    def describe(self, column: str, statistics: tuple[Statistic, ...], scope: Scope | None) -> Plan | None:
        scope = scope or Scope()
        asked = tuple(dict.fromkeys(statistics))
        return Describe(self._cohort(scope.where), column, scope.by, asked)

    def describe_each(self, statistics: tuple[Statistic, ...], column: str, contrast: Contrast) -> Plan | None:
        """Read "in women and in men" as each by itself; the rule for conditions offers them together."""
        return self.describe(column, statistics, Scope(contrast.where, (contrast.by,)))

    def compare(self, outcome: object, contrast: object, scope: object, *, ratios: bool) -> Plan | None:
        if not isinstance(contrast, Contrast) or not isinstance(outcome, str | OneOf):
            return None
        if isinstance(outcome, str) and self.index.columns[outcome].kind == "identifier":
            return None
        if isinstance(outcome, str) and self.index.columns[outcome].role == "arm" and contrast.by != outcome:
            outcome, contrast = contrast.by, Contrast(outcome, contrast.where)  # the arm is never what differs
        more = scope if isinstance(scope, Scope) else Scope()
        if more.by or set(columns_of(outcome)) & set(columns_of(contrast.by)):
            return None
        if isinstance(outcome, str) and self.index.is_flag(outcome):
            outcome = Known(outcome)
        elif isinstance(outcome, str) and len(self.index.columns[outcome].levels) == 1:
            return None  # set or empty: whether empty means no is not known
        if ratios and isinstance(outcome, str) and self.index.columns[outcome].kind != "binary":
            return None
        against = contrast.against if ratios else ()
        return Compare(self._cohort(contrast.where + more.where), outcome, contrast.by, against=against)

    def verbal(self, condition: Condition | None) -> Conditions | None:
        """Return what is said as a verb: in "what proportion of women died" it is the event."""
        return only(condition) if condition is not None and self.is_verb(condition) else None

    def is_verb(self, condition: Condition) -> bool:
        """Whether a condition is of a level or a yes/no column that is called by a verb in the past: died, relapsed."""
        if isinstance(condition, Known):
            return self.index.is_flag(condition.column) and self._is_past(name_words(condition.column))
        if not isinstance(condition, OneOf) or len(condition.values) != 1:
            return False
        is_yes = condition == Meaning(self.index).plain_yes(condition.column)
        label = self.index.columns[condition.column].label_of(condition.values[0])
        return self._is_past(name_words(condition.column) if is_yes else spoken(label))

    def _is_past(self, words: Phrase) -> bool:
        said = self.index.lexicon.canonical(words)
        return bool(said) and said[0].endswith("ed")

    def group(self, column: str, number: int | None) -> Variable | None:
        """Return a column that makes groups; "the two arms" only where there are two; of a flag its yes and no."""
        meaning = self.index.columns[column]
        if self.index.is_flag(column):
            return Known(column) if number in (None, 2) else None
        if meaning.kind not in GROUPABLE or number not in (None, len(meaning.levels)):
            return None
        return column

    def amount(self, column: str) -> str | None:
        return column if self.index.columns[column].kind == "numeric" else None

    def lacking(self, atom: Condition) -> Conditions | None:
        return only(negated(atom))

    def _cohort(self, where: Conditions) -> Cohort:
        return Cohort(self.dataset, self.table, where)
