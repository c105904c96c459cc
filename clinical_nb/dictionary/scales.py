"""Scales: names of columns that say that a higher code is more of something, or later."""

from clinical_nb.dictionary.identifiers import words_of

# Scales that are counted with, such as pain of 0 to 10.
_SCORES = frozenset({"pain", "vas", "nrs", "score", "scores"})
# Words of a column's name that say that higher codes are more of something, or later.
_RANKS = _SCORES | {
    "stage", "staging", "grade", "grading", "class", "level", "severity", "degree", "rating", "rank", "scale",
    "index", "nyha", "asa", "ecog", "ccs", "killip", "likert", "tier", "quartile", "tertile", "quintile",
    "quantile", "decile", "risk", "ps", "performance", "frequency", "intensity", "dose", "number", "n", "num",
    "count", "nr", "no", "parity", "gravida", "children", "visit", "week", "month", "year", "day", "wave", "cycle",
    "time", "period", "round", "mrs", "gcs", "sofa", "apgar", "satisfaction", "education", "edu", "income",
    "toxicity", "value", "values", "val", "aval", "result", "results",
}  # fmt: skip


def is_score(name: str) -> bool:
    """Tell whether a column's name says that its numbers are counted with."""
    return not _SCORES.isdisjoint(words_of(name))


def ranks(name: str) -> bool:
    """Tell whether a column's name says that its codes rise: a stage, a grade, a value that is measured."""
    return not _RANKS.isdisjoint(words_of(name))
