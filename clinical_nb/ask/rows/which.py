"""Which row: words that say which of a person's rows is meant, or what they come to, taken out of a question."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clinical_nb.ask.language.lexicon import Phrase, lexicon
from clinical_nb.ask.language.phrases import Words, places, without
from clinical_nb.ask.language.words import Word
from clinical_nb.plan import Sign
from clinical_nb.plans.derived import Taken

_TAKEN: tuple[Taken, ...] = ("first", "last", "highest", "lowest", "mean")
_SIDES: Mapping[Sign, tuple[Phrase, ...]] = {
    ">": (("more", "than"), ("over",), (">",)),
    ">=": (("at", "least"), (">=",)),
    "<": (("fewer", "than"), ("less", "than"), ("<",)),
    "<=": (("at", "most"), ("no", "more", "than")),
}
_NUMBERED = frozenset({"visit", "week", "month", "day", "year", "cycle", "wave", "period", "session", "time", "hour"})
_CHANGED = frozenset({"change", "difference", "reduction", "increase", "decrease", "fall", "rise"})
_LATER = frozenset({"to", "until", "till", "through", "and"})
_AT = frozenset({"at", "to", "by"})
_IN = frozenset({"in", "of", "for"})
_MEAN: Words = (Word("mean", "mean"),)  # which is what is told of a change that no statistic is asked of
_STAYED = frozenset({"hospitalized", "admitted"})
_STARTS = frozenset({"baseline", "screening", "enrollment", "entry"})
_ENDS = frozenset({"first", "last", "final"})
_VISITS = frozenset({"visit", "measurement", "assessment", "value", "observation", "record", "reading"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without the words that say which of a person's rows is meant: what is taken, and the other words."""

    take: Taken
    words: Words


def without_taking(words: Words) -> Iterator[Asked]:
    """Yield how a question can be read that names one row, or one number, of each person's."""
    said = lexicon().taken
    is_named = False
    for take in _TAKEN:
        for start, end in places(words, said[take]):
            is_named = True
            left = without((*words[:start], *words[end:]), said["each"])
            if not any(places(left, said[other]) for other in _TAKEN):
                yield Asked(take, left)
    if not is_named and places(words, said["each"]):
        yield Asked("mean", without(words, said["each"]))


def without_ever(words: Words) -> Words | None:
    """Return the words without "ever" and the like, which says what any of a person's rows is enough for."""
    left = without(words, lexicon().taken["ever"])
    return left if len(left) < len(words) else None


def without_clustering(words: Words) -> Words | None:
    """Return the words without those that ask for errors that reckon with which rows are of one person."""
    left = without(words, lexicon().taken["clustered"])
    while left and left[-1].normal == ",":
        left = left[:-1]
    return left if left and len(left) < len(words) else None


def asked_twice(words: Words) -> Words | None:
    """Return "how many admissions" of "how many patients and how many admissions", which tells both."""
    normal = tuple(word.normal for word in words)
    people = lexicon().keywords["people"]
    again = next((at for at in range(3, len(normal)) if normal[at : at + 2] == ("how", "many")), 0)
    is_both = normal[:2] == ("how", "many") and again and normal[again - 1] == "and"
    return words[again:] if is_both and normal[2 : again - 1] in people else None


def of_a_pair(words: Words, part: str) -> Iterator[Words]:
    """Yield the words without "in both eyes", or "in at least one eye"."""
    for start, end in places(words, lexicon().taken[part]):
        if end < len(words) and words[end].normal in lexicon().paired:
            yield (*words[:start], *words[end + 1 :])


def so_many(words: Words) -> Iterator[tuple[Words, tuple[Sign, float]]]:
    """Yield the words without a number of rows that persons have, and that number: "more than one admission"."""
    normal = tuple(word.normal for word in words)
    for start in range(len(words)):
        yield from _once(words, start)
        for sign, phrases in _SIDES.items():
            for end in (start + len(phrase) for phrase in phrases if normal[start : start + len(phrase)] == phrase):
                if (number := _whole(words, end)) is not None:
                    yield (*words[:start], *words[end + 1 :]), (sign, number)
        number = _whole(words, start)
        if number is not None and normal[start + 1 : start + 3] in (("or", "more"), ("or", "fewer"), ("or", "less")):
            side: Sign = ">=" if normal[start + 2] == "more" else "<="
            yield (*words[:start], *words[start + 3 :]), (side, number)


def _once(words: Words, at: int) -> Iterator[tuple[Words, tuple[Sign, float]]]:
    """Yield "had an admission" for "were admitted more than once"."""
    normal = tuple(word.normal for word in words)
    if normal[at] in _STAYED and normal[at + 1 : at + 4] == ("more", "than", "once"):
        start = at - (at > 0 and normal[at - 1] in ("was", "were"))
        said = (Word("had", "had"), Word("admission", "admission"))
        yield (*words[:start], *said, *words[at + 4 :]), (">", 1.0)


def _whole(words: Words, at: int) -> float | None:
    if at >= len(words) - 1:
        return None
    number = words[at].number
    number = lexicon().number_words.get(words[at].normal) if number is None else number
    return float(number) if number is not None and float(number).is_integer() else None


def between_times(words: Words) -> Iterator[tuple[Words, Words]]:
    """Yield the two questions that a change is between: "mean pain at visit 1" and "mean pain at visit 4"."""
    for place, word in enumerate(words):
        if word.normal not in _CHANGED:
            continue
        before, after = words[:place], words[place + 1 :]
        for start, each in enumerate(after):
            if each.normal == "from" and (parted := _parted(after, start)):
                one, other, rest = parted
                of = (*(before or _MEAN), *(rest[1:] if rest and rest[0].normal in _IN else rest), Word("at", "at"))
                yield (*of, *_as_visit(one, other)), (*of, *_as_visit(other, one))


def _parted(words: Words, start: int) -> tuple[Words, Words, Words] | None:
    """Return the two times after "from", and the other words: "baseline to week 12", "baseline in pain at week 12"."""
    first = _point(words, start + 1)
    if not first:
        return None
    one, middle = words[start + 1 : first], words[first:]
    if middle and middle[0].normal in _LATER and (last := _point(middle, 1)):
        return one, middle[1:last], (*words[:start], *middle[last:])
    for at, word in enumerate(middle):
        if word.normal in _AT and (last := _point(middle, at + 1)):
            return one, middle[at + 1 : last], (*words[:start], *middle[:at], *middle[last:])
    return None


def _as_visit(point: Words, other: Words) -> Words:
    """Write out what is said once for two: the visit of "from first to last visit"."""
    is_bare = len(point) == 1 and point[0].normal in _ENDS
    named = [word for word in other if word.normal in _VISITS]
    return (*point, *(named[:1] or [Word("visit", "visit")])) if is_bare else point


def _point(words: Words, start: int) -> int:
    """Return where a point in time ends that begins at a place; 0 where there is none."""
    at = start + (words[start : start + 1] != () and words[start].normal in ("the", "their"))
    normal = [word.normal for word in words[at : at + 2]]
    if not normal:
        return 0
    if normal[0] in _STARTS:
        return at + 1
    if normal[0] in _ENDS:
        return at + 1 + (normal[1:] != [] and normal[1] in _VISITS)
    for name, number in ((0, 1), (1, 0)):
        if len(normal) > 1 and normal[name] in _NUMBERED and words[at + number].number is not None:
            return at + 2
    return 0
