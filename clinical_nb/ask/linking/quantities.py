"""Quantities: what the words at one place are as a number, an ordinal, a few, or a unit; what is no age, and ranges."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from clinical_nb.ask.language.lexicon import Phrase
from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import Target
from clinical_nb.plan import Sign

LONGEST_UNIT = 5  # words
_ORDINAL = re.compile(r"(\d{1,2}(?:\.\d)?)(?:st|nd|rd|th)")
_BEFORE_A_RANGE = frozenset({"between", "from"})
_COUNTING = frozenset({"than", "least", "most", "exactly"})  # "more than 5" things, where "over 65" are persons
_AGED = frozenset({"aged", "age", "older", "younger", "old"})
_LONGEST_SIGN = 5  # words before the number: "aged not more than"
_HIGHEST_GRADE = 17

Links = Mapping[int, Sequence[tuple[Target, int]]]


def quantities(words: Sequence[Word], index: Index, part: str, start: int) -> Iterator[tuple[Any, int]]:
    """Yield what the words at a place have as this part, with the place after it.

    NUMBER is any number, TIMES one that begins no range, WORD a word of letters, ORDINAL that of a percentile, HOWMANY
    a few in words, and UNIT the longest unit.
    """
    word = words[start]
    if part in ("NUMBER", "TIMES") and word.number is not None:
        if part == "NUMBER" or not start or words[start - 1].normal not in _BEFORE_A_RANGE:
            yield word.number, start + 1
    elif part == "WORD" and word.normal.isalpha():
        yield word.normal, start + 1
    elif part == "ORDINAL" and (ordinal := _ORDINAL.fullmatch(word.normal)):
        yield float(ordinal[1]), start + 1
    elif part == "HOWMANY" and word.normal in index.lexicon.number_words:
        yield index.lexicon.number_words[word.normal], start + 1
    elif part == "UNIT":
        for end in range(min(len(words), start + LONGEST_UNIT), start, -1):
            unit = index.units.get(tuple(each.normal for each in words[start:end]))
            if unit is not None:
                yield unit, end
                return


def is_of_a_thing(words: Sequence[Word], index: Index, links: Links, start: int) -> bool:
    """Tell whether the bare number that follows is of what stands after it, or a grade of what stands before it.

    "More than 5 positive nodes" and "NYHA class above 2" say nothing of an age.
    """
    places = range(start, min(start + _LONGEST_SIGN, len(words)))
    at = next((place for place in places if words[place].number is not None), None)
    if at is None or not _AGED.isdisjoint(word.normal for word in words[start:at]):
        return False
    is_low = (words[at].number or 0) <= _HIGHEST_GRADE
    if is_low and any(
        end == start and isinstance(target, str) and index.columns[target].ordered
        for found in links.values()
        for target, end in found
    ):
        return True
    after = at + 1
    if after >= len(words) or not words[after].normal.isalpha() or words[after].normal == "year":
        return False
    if found := links.get(after):
        is_counted = is_low or (at > 0 and words[at - 1].normal in _COUNTING)
        return any(_is_thing(target, index, is_counted=is_counted) for target, _ in found)
    return not _is_of_grammar(words[after].normal, index)


def _is_thing(target: Target, index: Index, *, is_counted: bool) -> bool:
    """Whether what is named can be counted or measured, and is not what persons are or have: "over 65 diabetics"."""
    if isinstance(target, str):
        return is_counted or index.polar(target, positive=True) is None
    return is_counted and target not in index.initials.values()


def _is_of_grammar(word: str, index: Index) -> bool:
    of = index.lexicon
    keywords = (phrase for phrases in (*of.keywords.values(), *of.words.values(), of.units) for phrase in phrases)
    return word in of.function | of.joining or any(phrase[0] == word for phrase in keywords)


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a range, with the unit that was typed."""

    sign: Sign
    number: float
    unit: Phrase | None


def range_rules() -> tuple[Rule, ...]:
    """Return the rules of the phrases `range`, `ranged` and `many`, whose values are bounds of a number."""
    signs: dict[str, Sign] = {"@above": ">", "@below": "<", "@atleast": ">=", "@atmost": "<="}
    after: dict[str, Sign] = {"@orover": ">=", "@orunder": "<="}

    def one_sided(sign: Sign) -> Rule:
        word = next(word for word, of in signs.items() if of == sign)
        return Rule("range", f"{word} NUMBER UNIT?", lambda _, number, unit: (Bound(sign, number, unit),))

    def afterwards(sign: Sign) -> Rule:
        word = next(word for word, of in after.items() if of == sign)
        return Rule(
            "range", f"NUMBER UNIT? {word} @article? UNIT?",
            lambda number, unit, _, __, late: (Bound(sign, number, unit or late),),
        )  # fmt: skip

    def two_sided(pattern: str) -> Rule:
        return Rule("range", pattern, lambda *parts: _inclusive(parts))

    def many(phrase: str, pattern: str, *signs: Sign) -> Rule:
        def build(*parts: float | str) -> tuple[Bound, ...]:
            (number,) = [part for part in parts if not isinstance(part, str)]
            return tuple(Bound(sign, float(number), None) for sign in signs)

        return Rule(phrase, pattern, build)

    return (
        Rule("ranged", "range", lambda bounds: bounds),
        many("ranged", "HOWMANY @orover", ">="),
        many("ranged", "HOWMANY @orunder", "<="),
        *(many("ranged", f"{word} HOWMANY", sign) for sign, word in zip(signs.values(), signs, strict=True)),
        many("many", "NUMBER", ">=", "<="),
        many("many", "HOWMANY", ">=", "<="),
        *map(one_sided, signs.values()),
        *map(afterwards, after.values()),
        two_sided("@between NUMBER UNIT? @andto NUMBER UNIT? @inclusive?"),
        Rule("range", "NUMBER UNIT? @to NUMBER UNIT? @inclusive?", lambda *parts: _inclusive((None, *parts))),
    )


def _inclusive(parts: Sequence[object]) -> tuple[Bound, Bound] | None:
    """`between 40 and 60` holds both ends, as METHODS decides; backwards it holds nothing, and is not read."""
    _, low, low_unit, _, high, high_unit, *_ = parts
    if not isinstance(low, float) or not isinstance(high, float) or low > high:
        return None
    unit = high_unit or low_unit
    return Bound(">=", low, cast("Phrase | None", unit)), Bound("<=", high, cast("Phrase | None", unit))
