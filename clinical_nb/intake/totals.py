"""The words by which rows are called that sum up others, in the languages of the files: the one list of them."""

import re

_SUMS = (
    r"(?:(?:grand |sub-?|over-?)?totals?|(?:gesamt|zwischen)?summe|gesamt|insgesamt|somme|(?:sous-)?total g[eé]n[eé]ral"
    r"|sous-total|suma|totale|totaal)"
)
_STATISTICS = (
    r"(?:sums?|means?|averages?|medians?|std\.? ?dev\.?|sd|counts?|mittelwert|durchschnitt|median|anzahl|moyenne|"
    r"m[eé]diane|mediana|gemiddelde)"
)
_SUM = re.compile(rf"{_SUMS}\s*[:.]?", re.IGNORECASE)
_SUMMARY = re.compile(rf"(?:{_SUMS}|{_STATISTICS})\s*[:.]?", re.IGNORECASE)
# Of themselves these may be values; among means and totals they are none.
_BESIDE = re.compile(
    r"(?:n|min(?:imum)?|max(?:imum)?|range|s\.?e\.?m?|std|var(?:iance)?|iqr|q[1-4]|p?\d{1,2}(?:th)? ?(?:%|percentile)"
    r"|(?:standard|std\.?) ?(?:deviation|error)|95 ?% ?ci|n ?valid|n ?miss(?:ing)?|valid|missing)\s*[:.]?",
    re.IGNORECASE,
)
_OF_LEVEL = re.compile(
    r"(?:sub-?total|zwischensumme|sous-total|totale?|summe|gesamt)\s+(?:of |for |von |de )?(.+)", re.IGNORECASE
)


_LEVEL_FIRST = re.compile(r"(.+?)[ ,:-]+(?:sub-?)?total", re.IGNORECASE)  # as pivot tables have it


def is_sum(text: str) -> bool:
    """Tell whether a row is called a total."""
    return _SUM.fullmatch(text.strip()) is not None


def is_summary(text: str) -> bool:
    """Tell whether a row is called a total, a mean, or another statistic: none of it is a record."""
    return _SUMMARY.fullmatch(text.strip()) is not None


def stands_beside_summaries(text: str) -> bool:
    """Tell whether a row is called a statistic where such rows stand together: N, SD, minimum."""
    return _BESIDE.fullmatch(text.strip()) is not None


def summed_level(text: str) -> str | None:
    """Return the level of which a row is called the total ("Total Berlin", "Berlin total")."""
    found = _OF_LEVEL.fullmatch(text.strip()) or _LEVEL_FIRST.fullmatch(text.strip())
    return found[1] if found else None
