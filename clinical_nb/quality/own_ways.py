"""Numbers written in a way of their own: titres (1:80), weeks and days (38+2), and what is about so much (~52)."""

import re
from collections.abc import Collection, Mapping

import polars as pl

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.dictionary.steps import Censor, ReadNumbers
from clinical_nb.intake.literals import PLAIN_NUMBER
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import Doubt, is_any, quoted
from clinical_nb.quality.shapes import ABOUT, Shape

OWN_WAYS: tuple[Shape, ...] = ("titre", "about", "weeks")
_BEFORE = re.compile(rf"({ABOUT})\s*{PLAIN_NUMBER}")
_DILUTED = "1:"
_TITRE = re.compile(r"[<>≤≥]?=?\s*1\s*:\s*([1-9]\d*)")
_TITRES = frozenset(
    {"titre", "titer", "titres", "titers", "dilution", "ana", "vdrl", "rpr", "hai", "antibody", "serology"}
)
_MINUTES = 60  # from here on 1:80 is no time
_LONGEST = 45  # weeks of a pregnancy
_SHORTEST = 4  # weeks of a pregnancy that anybody records


def are_titres(column: str, texts: Collection[str]) -> bool:
    """Tell whether texts such as 1:80 are titres and no times: by a number that no minute has, or by the name."""
    found = [int(parts[1]) for text in texts if (parts := _TITRE.fullmatch(text))]
    return len(found) == len(texts) > 0 and (max(found) >= _MINUTES or bool(set(words_of(column)) & _TITRES))


def doubt_own_ways(counts: Counts, shapes: Mapping[Shape, Mapping[str, int]]) -> Doubt | None:
    """Return how a column is read whose odd numbers are all written in one such way; None where it is another."""
    present: list[Shape] = [shape for shape in OWN_WAYS if shape in shapes]
    others = {shape for shape in ("marks", "comma", "limit", "pair", "unit", "compound") if shape in shapes}
    if len(present) != 1:
        return None
    way = present[0]
    odd = shapes[way]
    if way == "titre" and others <= {"limit"}:
        return _titres(counts, odd, beyond={**shapes.get("limit", {})})
    if way == "about" and others <= {"limit"}:
        return _about(counts, odd, beyond={**shapes.get("limit", {})})
    if way == "weeks" and not others and _are_weeks(odd):
        text = f"of weeks and days{quoted(odd, counts.name)}."
        ask = "Read them as weeks: 38+2 is 38 weeks and 2 days."
        step = ReadNumbers(weeks_and_days=True)
        return Doubt("units", text, ask, "value", is_any(counts.name, odd), step=step)
    return None


def _titres(counts: Counts, titres: Mapping[str, int], beyond: Mapping[str, int]) -> Doubt:
    text = f"of how far something was diluted{quoted(titres, counts.name)}."
    where = is_any(counts.name, [*titres, *beyond])
    if beyond or any(titre[0] in "<>≤≥" for titre in titres):
        ask = "Read 1:80 as 80, and keep those beyond a limit as censored; statistics count <1:20 as 10."
        return Doubt("units", text, ask, "value", where, step=Censor(before=(_DILUTED,)))
    ask = "Read 1:80 as 80; titres are compared by ranks, or by their logarithms."
    return Doubt("units", text, ask, "value", where, step=ReadNumbers(before=(_DILUTED,)))


def _about(counts: Counts, about: Mapping[str, int], beyond: Mapping[str, int]) -> Doubt:
    signs = {found[1] for text in about if (found := _BEFORE.fullmatch(text))}
    text = f"said to be about so much{quoted(about, counts.name)}."
    where = is_any(counts.name, [*about, *beyond])
    ask = "Read them as the numbers that they are about; reject it where they are too rough to be used."
    step = (Censor if beyond else ReadNumbers)(before=tuple(sorted(signs)))
    return Doubt("units", text, ask, "number", where, step=step)


def _are_weeks(texts: Mapping[str, int]) -> bool:
    weeks = pl.Series(list(texts)).str.extract(r"^(\d+)").cast(pl.Int64)
    return bool(weeks.is_between(_SHORTEST, _LONGEST).all())
