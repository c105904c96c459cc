"""Questions about several things at once: "correlation of age with bmi", "hazard ratio for arm adjusted for age"."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from dataclasses import dataclass, replace
from typing import Literal

from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import LevelLink
from clinical_nb.ask.rules.survival import Timed, timed_death
from clinical_nb.dictionary.pairing import happening
from clinical_nb.plan import Cohort, Condition, Correlate, Hazard, OneOf, Plan, Regress, Variable, columns_of

_TERMS = ("numeric", "categorical", "binary")
_ENDS = ("time", "event", "outcome", "death")  # roles of what is explained
Model = Literal["any", "linear", "logistic", "cox"]


def model_rules(index: Index, dataset: str, table: str) -> tuple[Rule, ...]:
    """Return the rules of the phrase `asked` that are about two columns of numbers, or about several terms."""
    of = Models(index, dataset, table)

    def correlate(pattern: str, one: int, other: int) -> Rule:
        return Rule(
            "asked", f"{pattern} scope? remark?", lambda *parts: of.correlate(parts[one], parts[other], parts[-2])
        )

    def cox(pattern: str, timed: int | None, first: int | None, more: int | None) -> Rule:
        def build(*parts: object) -> object:
            terms = (() if first is None else (parts[first],), () if more is None else parts[more])
            return of.hazard(None if timed is None else parts[timed], terms, parts[-2])

        return Rule("asked", f"{pattern} scope? remark?", build)

    def regress(pattern: str, outcome: int, first: int | None, more: int, model: Model) -> Rule:
        def build(*parts: object) -> object:
            terms = (() if first is None else (parts[first],), parts[more])
            return of.regress(parts[outcome], terms, parts[-2], model)

        return Rule("asked", f"{pattern} scope? remark?", build)

    return (
        correlate("@article? @correlation @prep? amount @andwith amount", 3, 5),
        correlate("@correlation @prep? amount amount", 2, 3),
        correlate("@does amount @correlated amount", 1, 3),
        correlate("@does amount @associated amount", 1, 3),
        correlate("@does amount @affect amount", 1, 3),
        correlate("@does amount @riseswith amount", 1, 3),
        correlate("@association amount @and amount", 1, 3),
        correlate("@association amount @andwith amount", 1, 3),
        Rule(
            "asked",
            "amount @andwith amount scope? @comma? @anyassociation",
            lambda one, _, other, scope, *__: of.correlate(one, other, scope),
        ),
        correlate("@article? @correlation @prep? amount @values? @and amount", 3, 6),
        cox("@article? @hazardratio hazard? per term @comma? @adjusted terms", 2, 4, 7),
        cox("@article? @hazardratio hazard? per term", 2, 4, None),
        cox("@article? @hazardratio hazard? @prep term @comma? @adjusted terms", 2, 4, 7),
        cox("@article? @hazardratio hazard? @prep amount", 2, 4, None),
        cox("@making? @article? @coxmodel hazard? listing_of terms", 3, None, 5),
        Rule(
            "asked",
            "@making? @article? @coxmodel @modelof predictors scope? remark?",
            lambda *parts: of.only_hazard(parts[4], parts[5]),
        ),
        Rule("predictors", "predictor between predictor", lambda one, _, other: (one, other)),
        Rule("predictors", "predictor between predictors", lambda one, _, more: (one, *more)),
        Rule("predictor", "@article? COLUMN", lambda _, column: of.term(column)),
        regress("@making? @article? @linear @prep? outcome @onterms terms", 4, None, 6, "linear"),
        regress("@making? @article? @logistic @prep? happening @onterms terms", 4, None, 6, "logistic"),
        regress("@making? @article? @regression @prep? explained @onterms terms", 4, None, 6, "any"),
        regress("@compare explained @by term @comma? @adjusted terms", 1, 3, 6, "any"),
        Rule("per", "@prep? @per NUMBER? UNIT? @of?", lambda *parts: True if parts[2] in (None, 1.0) else None),
        Rule("listing_of", "@including", lambda _: True),
        Rule("listing_of", "@onterms", lambda _: True),
        Rule("listing_of", "@colon", lambda _: True),
        Rule("terms", "term", lambda one: (one,)),
        Rule("terms", "term between terms", lambda one, _, more: (one, *more)),
        Rule("term", "@article? COLUMN @values?", lambda _, column, __: of.term(column)),
        Rule("term", "@article? LEVEL", lambda _, level: of.level(level)),
        Rule("explained", "outcome", lambda outcome: outcome),
        Rule("explained", "happening", lambda event: event),
        Rule(
            "happening",
            "@prep? @is? @article? atom",
            lambda *parts: parts[-1] if isinstance(parts[-1], OneOf) else None,
        ),
    )


@dataclass(frozen=True, slots=True)
class Models:
    """Builds plans of one table; None where the parts make no plan."""

    index: Index
    dataset: str
    table: str

    def correlate(self, one: object, other: object, scope: object) -> Plan | None:
        """Return how two columns of numbers rise together."""
        cohort = self._cohort(scope)
        if cohort is None or not isinstance(one, str) or not isinstance(other, str) or one == other:
            return None
        is_numeric = all(self.index.columns[each].kind == "numeric" for each in (one, other))
        return Correlate(cohort, one, other) if is_numeric else None

    def hazard(self, said: object, parts: tuple[object, object], scope: object) -> Plan | None:
        """Return how the hazard of what is timed, else of death, depends on terms."""
        timed = said if isinstance(said, Timed) else timed_death(self.index)
        cohort, terms = self._cohort(scope), _joined(parts)
        if timed is None or cohort is None or not terms or _overlap((timed.time, timed.event, *terms)):
            return None
        cohort = replace(cohort, where=(*cohort.where, *timed.where))
        return Hazard(cohort, timed.time, timed.event, terms)

    def only_hazard(self, terms: tuple[str, ...], scope: object) -> Plan | None:
        """Return the hazard of the one timed event by what a model is "of", where none of that is an event."""
        columns = self.index.columns
        is_event = any(columns[name].role in _ENDS or happening(name, columns[name]) for name in terms)
        is_one = len(self.index.pairs) == 1 and not self.index.endpoints
        return self.hazard(None, (terms, ()), scope) if is_one and not is_event else None

    def regress(self, outcome: object, parts: tuple[object, object], scope: object, model: Model) -> Plan | None:
        """Return how an outcome depends on terms: a mean of numbers, the odds of an event."""
        cohort, terms = self._cohort(scope), _joined(parts)
        is_number = isinstance(outcome, str) and self.index.columns[outcome].kind == "numeric"
        event = self._event(outcome)
        if cohort is None or not terms or (model == "linear" and not is_number) or (model == "logistic" and not event):
            return None
        explained: Variable | None = outcome if is_number and isinstance(outcome, str) else event
        if explained is None or _overlap((explained, *terms)):
            return None
        return Regress(cohort, explained, terms, "linear" if is_number else "logistic")

    def term(self, column: str) -> str | None:
        """Return a column that can be a term."""
        return column if self.index.columns[column].kind in _TERMS else None

    def level(self, level: LevelLink) -> Variable:
        """Return the column of a level that has but one other; else whether it is this one."""
        is_binary = self.index.columns[level.column].kind == "binary"
        return level.column if is_binary else OneOf(level.column, (level.value,))

    def _event(self, outcome: object) -> Condition | None:
        if isinstance(outcome, OneOf):
            return outcome
        yes = self.index.polar(outcome, positive=True) if isinstance(outcome, str) else None
        return OneOf(outcome, (yes,)) if isinstance(outcome, str) and yes is not None else None

    def _cohort(self, scope: object) -> Cohort | None:
        if getattr(scope, "by", ()):
            return None
        return Cohort(self.dataset, self.table, getattr(scope, "where", ()))


def side_by_side_rules() -> tuple[Rule, ...]:
    """Return the rule of terms with nothing between them, "on age sex arm", which are asked about and not assumed."""
    return (Rule("terms", "term terms", lambda one, more: (one, *more)),)


def _joined(parts: tuple[object, object]) -> tuple[Variable, ...]:
    return tuple(each for part in parts if isinstance(part, tuple) for each in part)


def _overlap(variables: tuple[Variable, ...]) -> bool:
    """Tell whether a column stands in two places, of which one would explain the other."""
    columns = [column for each in variables for column in columns_of(each)]
    return len(set(columns)) < len(columns)
