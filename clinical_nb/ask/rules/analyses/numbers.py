"""Numbers: named tests, pairs of groups, repeated values, correlations of several columns, what is missing where."""

from collections.abc import Iterator
from typing import cast

from clinical_nb.ask.rules.analyses.asked import Asked, distinct
from clinical_nb.plan import (
    Compare,
    Correlate,
    Correlations,
    Family,
    Missing,
    NamedChange,
    NamedCorrelation,
    NamedTest,
    OneOf,
    Pair,
    Pairwise,
    Plan,
    Regress,
    Repeated,
    Variable,
    Visits,
)

_PAIR = 2
_FAMILIES: dict[str, Family] = {
    "poisson": "poisson",
    "negativebinomial": "negative_binomial",
    "ordinal": "ordinal",
}


_OF_CHANGE: dict[str, NamedChange] = {
    "t_test_paired": "t_test_paired",
    "signed_rank": "signed_rank",
    "mcnemar": "mcnemar",
    "mcnemar_exact": "mcnemar_exact",
    "t_test_welch": "t_test_paired",  # "t test of weight before and after"
    "wilcoxon": "signed_rank",
}
_CORRELATIONS: dict[str, NamedCorrelation] = {
    "": "",
    "pearson": "pearson",
    "spearman": "spearman",
    "kendall": "kendall",
}
_OF_EVENTS = frozenset({"mcnemar", "mcnemar_exact", "cochran_q"})


def named_test(asked: Asked) -> Iterator[Plan]:
    """Yield a comparison of groups by the test that was named, or of each pair of them."""
    parts = asked.parts
    if parts.twice and not asked.pool and not asked.groups and parts.test in _OF_CHANGE:
        yield from paired(asked)
        return
    is_asked = asked.asks_only("pairwise", "tukey", "differs") and asked.says_only(
        "asks", "test", "items", "aims", "by", "contrast", "effect"
    )
    if not is_asked or parts.effect:
        return
    outcomes, groups = _sides(asked)
    if len(outcomes) != 1 or len(groups) != 1 or not distinct(*outcomes, *groups):
        return
    outcome, by = asked.term(outcomes[0]), asked.term(groups[0])
    pairwise: Pairwise = "tukey" if "tukey" in parts.asks else "holm" if "pairwise" in parts.asks else ""
    if pairwise and (not isinstance(by, str) or len(asked.index.columns[by].levels) <= _PAIR or parts.contrast):
        return
    yield Compare(asked.cohort(), outcome, by, cast("NamedTest", parts.test), pairwise)


def _sides(asked: Asked) -> tuple[list[Variable], list[Variable]]:
    """Return what is compared, and the groups: those after "by"; else of two columns the one that makes groups."""
    pool = list(asked.pool)
    if asked.groups:
        return [each for each in pool if _is_outcome(asked, each)] if len(pool) == 1 else [], list(asked.groups)
    if len(pool) != _PAIR:
        return [], []
    numbers = [each for each in pool if asked.is_number(each)]
    if len(numbers) == 1:
        return numbers, [each for each in pool if asked.is_group(each)]
    if numbers:
        return [], []
    arms = [each for each in pool if asked.is_arm(each) and asked.is_group(each)]
    groups = arms or [each for each in pool[1:] if asked.is_group(each)]
    return [each for each in pool if each not in groups and _is_outcome(asked, each)], groups


def _is_outcome(asked: Asked, item: Variable) -> bool:
    return asked.is_number(item) or asked.is_group(item) or isinstance(item, OneOf)


def paired(asked: Asked) -> Iterator[Plan]:
    """Yield how far a value changed in the same persons: twice measured, or two columns of one kind."""
    if not asked.asks_only("pairedtest", "differs", "changes") or not asked.says_only(
        "asks", "items", "aims", "twice", "test"
    ):
        return
    pool = asked.pool
    test: NamedChange = _OF_CHANGE[asked.parts.test] if asked.parts.test else ""
    if asked.parts.twice and not pool:
        if asked.is_number(asked.parts.twice[0]) == (test not in _OF_EVENTS) or not test:
            yield Pair(asked.cohort(), *asked.parts.twice, test)
    elif len(pool) == _PAIR and not asked.parts.twice:
        before, after = pool
        numbers = asked.is_number(before) and asked.is_number(after)
        levels = asked.is_group(before) and asked.is_group(after) and not test.startswith("t_test")
        if (levels or (numbers and test not in _OF_EVENTS)) and distinct(before, after):
            yield Pair(asked.cohort(), before, after, test)


def repeated(asked: Asked) -> Iterator[Plan]:
    """Yield whether values of the same persons differ between visits, or between three columns and more."""
    if not asked.asks_only("repeated", "differs", "changes", "pairwise") or not asked.says_only(
        "asks", "items", "aims", "test"
    ):
        return
    pool = asked.pool
    fits = asked.is_group if asked.parts.test in _OF_EVENTS else asked.is_number
    if asked.parts.test not in ("", "friedman", "cochran_q") or (
        asked.parts.test and not fits(pool[0] if pool else "")
    ):
        return
    pairwise: Pairwise = "holm" if "pairwise" in asked.parts.asks else ""
    visits = [name for name, column in asked.index.columns.items() if column.role == "visit"]
    if (
        len(pool) > _PAIR
        and "changes" not in asked.parts.asks
        and (all(map(asked.is_number, pool)) or all(map(asked.is_group, pool)))
    ):
        yield Repeated(asked.cohort(), pool, pairwise)
    elif len(visits) == len(pool) == 1 and distinct(pool[0], visits[0]):
        event = pool[0] if asked.is_number(pool[0]) else asked.event(pool[0])
        if event is not None:
            yield Visits(asked.cohort(), event, visits[0], pairwise)


def correlations(asked: Asked) -> Iterator[Plan]:
    """Yield which of several columns rise together, each pair of them, others held still where they are named."""
    if not asked.asks_only("matrix", "partial", "correlation") or not asked.says_only(
        "asks", "items", "aims", "given", "test"
    ):
        return
    columns, given = asked.pool, asked.parts.given
    is_partial = "partial" in asked.parts.asks
    test = _CORRELATIONS[asked.parts.test]
    if test and len(columns) == _PAIR and not given and not is_partial and "matrix" not in asked.parts.asks:
        if all(asked.ranks(each) for each in columns) and distinct(*columns):
            one, other = map(str, columns)
            yield Correlate(asked.cohort(), one, other, test)
        return
    if test == "kendall":  # each pair of several is Pearson's and Spearman's
        return
    if is_partial and (len(columns) != _PAIR or not given):
        return
    if not is_partial and (len(columns) <= _PAIR - ("matrix" in asked.parts.asks)) and not given:
        return
    if len(columns) >= _PAIR and all(map(asked.is_number, (*columns, *given))) and distinct(*columns, *given):
        yield Correlations(asked.cohort(), tuple(map(str, columns)), tuple(map(str, given)), test)


def regress(asked: Asked) -> Iterator[Plan]:
    """Yield a model whose family is named: of counts, or of ordered levels."""
    parts = asked.parts
    if len(parts.asks) != 1 or not asked.says_only("asks", "items", "aims", "terms", "given", "offset"):
        return
    family: Family = next(_FAMILIES[each] for each in parts.asks)
    terms = tuple(dict.fromkeys((*parts.terms, *parts.given)))
    outcomes = [each for each in asked.pool if each not in terms]
    if len(outcomes) != 1 or not terms or (parts.offset and family == "ordinal"):
        return
    (outcome,) = outcomes
    is_right = (asked.is_group if family == "ordinal" else asked.is_number)(outcome)
    exposure = (parts.offset,) if parts.offset else ()
    if is_right and distinct(outcome, *terms, *exposure) and all(map(asked.is_number, exposure)):
        yield Regress(asked.cohort(), outcome, terms, family, parts.offset)


def missing_by(asked: Asked) -> Iterator[Plan]:
    """Yield whether a column is missing more often in some groups than in others."""
    if not asked.asks_only("missing", "dependence", "differs") or not asked.says_only(
        "asks", "items", "aims", "by", "contrast"
    ):
        return
    pool = asked.pool
    groups = asked.groups or tuple(each for each in pool[1:] if asked.is_group(each))
    missed = [each for each in pool if each not in groups]
    if len(groups) == len(missed) == 1 and isinstance(missed[0], str) and distinct(missed[0], groups[0]):
        yield Compare(asked.cohort(), Missing(missed[0]), groups[0])
