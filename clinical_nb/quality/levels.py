"""Levels that seem to be one in several spellings: "Female", "female " and "F"; yes, Y, 1 and ja."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from clinical_nb.dictionary.identifiers import names_private, names_row, words_of
from clinical_nb.dictionary.steps import Recode
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import Doubt, is_any, is_number, quoted
from clinical_nb.quality.missing_codes import may_mean_missing, numbers_of
from clinical_nb.quality.shapes import shape_of

_LONGEST = 500  # letters: who writes more writes no level
_FEW_LEVELS = 200  # each of which is compared with each other
_LONG = 6  # letters of a word in which one letter more, less or other is a slip
_MANY_LEVELS = 50  # that no table or figure shows
_FEW_ROWS = 5  # a level on average, too few to compare
_READ_AS = {"yes": frozenset({"yes", "y", "true", "t", "1"}), "no": frozenset({"no", "n", "false", "f", "0"})}
# In other languages, as their spreadsheets write true and false too.
_YES = _READ_AS["yes"] | {"ja", "j", "si", "sí", "sì", "oui", "sim", "tak", "wahr", "vrai", "vero", "verdadero", "waar"}
_NO = _READ_AS["no"] | {"nein", "non", "nee", "nej", "nie", "não", "nao", "falsch", "faux", "falso", "onwaar"}
# Before a word, these make its opposite, and no other spelling of it.
_OPPOSED = frozenset(
    {"non", "not", "no", "un", "in", "im", "ir", "dis", "anti", "hyper", "hypo", "a", "pre", "post", "inter", "intra"}
)
_ROMAN = {roman: str(at) for at, roman in enumerate(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"], 1)}
# Letters of Cyrillic and Greek that look like Latin ones, as somebody types who has another keyboard.
_LIKE_LATIN = str.maketrans("авекмнорстухіјѕ" + "αβεικνορτυχ", "abekmhopctyxijs" + "abeikvoptux")
_LATIN_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_SHORT_FOR = {"f": "female", "m": "male", "w": "woman", "y": "yes", "n": "no"}
# Words for one category of race in the United States' standards (OMB Directive 15), without blanks and marks.
_RACES: tuple[frozenset[str], ...] = (
    frozenset({"white", "caucasian"}),
    frozenset({"black", "africanamerican", "afroamerican", "blackorafricanamerican", "black/africanamerican"})
    | {"blackafricanamerican"},
    frozenset({"hawaiian", "nativehawaiian", "pacificislander", "hawaiianpacificislander", "nhpi", "nhopi"})
    | {"nativehawaiianorotherpacificislander", "nativehawaiianorpacificislander"},
    frozenset({"americanindian", "nativeamerican", "aian"})
    | {"americanindianoralaskanative", "americanindianalaskanative"},
)
_SEXES = frozenset(
    {"m", "f", "male", "female", "man", "woman", "w", "d", "u", "x", "other", "unknown", "intersex", "diverse", "boy"}
    | {"girl", "men", "women", "nonbinary", "non-binary", "transgender", "männlich", "weiblich", "homme", "femme"}
)


def doubt_levels(counts: Counts) -> list[Doubt]:
    """Return which levels of a column of text look like one."""
    column = counts.name
    if not counts.is_text or not counts.is_whole or counts.numbers or names_row(column) or names_private(column):
        return []
    levels = {str(text): rows for text, rows in counts.values.items() if not may_mean_missing(str(text))}
    if any(len(level) > _LONGEST for level in levels):
        return _many(counts)
    if booleans := _booleans(column, levels):
        return booleans
    if len(levels) > _FEW_LEVELS or len(set(map(_key, levels))) > 2 + counts.known / 2:
        return [*_unknown(column, levels), *_many(counts)]
    return [*_alike(column, levels), *_unknown(column, levels), *_many(counts)]


def doubt_codes(counts: Counts) -> list[Doubt]:
    """Return which codes stand beside 0 and 1 in a column of few numbers: not yes, not no, and not said what."""
    numbers = numbers_of(counts)
    if not counts.is_number or not counts.is_whole or not {0.0, 1.0} < set(numbers) or len(numbers) > 4:  # noqa: PLR2004
        return []
    odd = [number for number in numbers if number not in (0.0, 1.0)]
    main = numbers[0.0] + numbers[1.0]
    # 0, 1, 2 is a score as often as not; 0, 1, 9 is none
    if main < sum(numbers[number] for number in odd) or (max(odd) - min(odd) < 2 and 9.0 not in odd):  # noqa: PLR2004
        return []
    said = ", ".join(f"{number:g}" for number in odd)
    text = f"of {said} beside 0 and 1, which nothing explains."
    where = is_number(counts.name, odd)
    return [Doubt("unknown codes", text, "Say in the dictionary what they mean.", "value", where)]


def _booleans(column: str, levels: Mapping[str, int]) -> list[Doubt]:
    """Yes and no in several spellings; T and F are true and false only beside each other, or beside such words."""
    folded = {level: level.casefold().strip() for level in levels}
    yes = {level for level, fold in folded.items() if fold in _YES}
    no = {level for level, fold in folded.items() if fold in _NO}
    if not yes or not no or len(yes) + len(no) < len(levels):
        return []
    if len(yes) == 1 and len(no) == 1 and {folded[level] for level in (*yes, *no)} <= _READ_AS["yes"] | _READ_AS["no"]:
        return []
    into = dict.fromkeys(sorted(yes - {"yes"}), "yes") | dict.fromkeys(sorted(no - {"no"}), "no")
    both = {level: levels[level] for level in (*yes, *no)}
    how = f"in {len(both)} spellings" if len(both) > 2 else "in other words"  # noqa: PLR2004 - one of each
    text = f"of yes or no {how}{quoted(both, column)}."
    step = Recode(values=into)
    return [Doubt("yes or no", text, "Write them as yes and no.", "value", is_any(column, both), step=step)]


def _alike(column: str, levels: Mapping[str, int]) -> list[Doubt]:
    """Levels that differ by nothing that means anything, each to be written as the most frequent of its group."""
    keys = _bare_keys(column, levels)
    ranked = _ranked(levels, keys)
    by_rows = sorted(levels, key=lambda level: _order(level, ranked))
    main: dict[str, str] = {}
    for level in by_rows:
        twin = next((other for other in by_rows if other not in main and _is_twin(level, other, ranked, keys)), None)
        if twin is not None:
            main[level] = twin
    if not main:
        return []
    both = {level: levels[level] for level in (*main, *main.values())}
    text = f"in spellings that look alike{quoted(both, column)}."
    step = Recode(values=dict(sorted(main.items())))
    proposal = "Write each in the spelling that is most frequent; until then they are different values."
    return [Doubt("look-alike levels", text, proposal, "value", is_any(column, both), step=step)]


def _bare_keys(column: str, levels: Mapping[str, int]) -> dict[str, str]:
    """Return each level without the column's name before it, "Ward 7B"; where all are numbers, IV is 4."""
    name = words_of(column)
    keys: dict[str, str] = {}
    for level in levels:
        said = _key(level).split() if any(each.isdigit() for each in level) else level.casefold().split()
        start = next((at for at in range(len(said), 0, -1) if said[:at] == list(name[:at]) and len(said) > at), 0)
        keys[level] = " ".join(said[start:])
    numbers = {level: _ROMAN.get(key, key) for level, key in keys.items()}
    return numbers if all(number in _ROMAN.values() for number in numbers.values()) else keys


def _ranked(levels: Mapping[str, int], keys: Mapping[str, str]) -> Mapping[str, int]:
    """Return how often levels are; of numerals those of the more frequent notation come first."""
    if not all(key in _ROMAN.values() for key in keys.values()):
        return levels
    digits = {level for level in levels if any(each.isdigit() for each in level)}
    rows, every = sum(levels[level] for level in digits), sum(levels.values())
    main = digits if rows * 2 >= every else levels.keys() - digits
    return {level: of + (every if level in main else 0) for level, of in levels.items()}


def _order(level: str, levels: Mapping[str, int]) -> tuple[int, int, bool, str]:
    """Return by what the spelling of a level comes first: rows, then no needless blanks, then not all in capitals."""
    return -levels[level], level.count("  "), level.isupper() and len(level) > 1, level


def _is_twin(level: str, other: str, levels: Mapping[str, int], keys: Mapping[str, str]) -> bool:
    """Tell whether a level is another spelling of one that is more frequent, or as frequent and before it."""
    if level == other or _order(other, levels) > _order(level, levels):
        return False
    one, two = _key(level), _key(other)
    if keys[level] == keys[other] or one == two or (_synonym(one) and _synonym(one) == _synonym(two)):
        return True
    if _SHORT_FOR.get(one) == two or _SHORT_FOR.get(two) == one:
        return True
    is_rare = levels[level] <= 2 or levels[level] * 3 <= levels[other]  # noqa: PLR2004 - slips are rarer than the word
    return is_rare and _is_slip(level, other)


def _synonym(key: str) -> int:
    """Return which race a key is a word for, slips of long words included; 0 where it is none."""
    for at, words in enumerate(_RACES, 1):
        if key in words or (len(key) > _LONG and any(len(word) > _LONG and _one_edit(key, word) for word in words)):
            return at
    return 0


def _key(level: str) -> str:
    """Return a level without case, accents, blanks and marks; of one with digits marks stay, for 1.5 is not 15."""
    plain = _without_accents(level)
    if any(each in _LATIN_LETTERS for each in plain) or len(plain) == 1:
        plain = plain.translate(_LIKE_LATIN)
    if any(each.isdigit() for each in plain):
        return " ".join(plain.split())
    bare = re.sub(r"[\s_.,'\u2019]|(?<=\w)[-/](?=\w)", "", plain)
    return bare or plain


def _is_seen(letter: str) -> bool:
    """Tell whether a letter is more than an accent or a sign for machines, such as that of a bell."""
    return not unicodedata.combining(letter) and (letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cf"))


def _is_slip(level: str, other: str) -> bool:
    """Tell whether two levels are the same but for one letter of one long word."""
    one, two = _words(level), _words(other)
    if len(one) != len(two):
        return False
    apart = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    if len(apart) != 1:
        return False
    a, b = apart[0]
    if max(len(a), len(b)) < _LONG or not (a.isalpha() and b.isalpha()) or _are_opposed(a, b):
        return False
    return _one_edit(a, b)


def _words(level: str) -> list[str]:
    return re.sub(r"(?<=\w)-(?=\w)", "", _without_accents(level)).split()


def _without_accents(level: str) -> str:
    """Return a level without case, accents and signs for machines."""
    return "".join(each for each in unicodedata.normalize("NFKD", level) if _is_seen(each)).casefold()


def _are_opposed(one: str, two: str) -> bool:
    """Tell whether one word is the other with a syllable before it that turns its meaning: typical, atypical."""
    longer, shorter = sorted((one, two), key=len, reverse=True)
    return longer.endswith(shorter) and longer[: len(longer) - len(shorter)] in _OPPOSED


def _one_edit(one: str, two: str) -> bool:
    """Tell whether a letter more, less or other, or two in the wrong order, make one word of the other."""
    start = next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    rest, other = one[start:], two[start:]
    if len(rest) == len(other):
        return rest[1:] == other[1:] or (rest[:2] == other[:2][::-1] and rest[2:] == other[2:])
    longer, shorter = (rest, other) if len(rest) > len(other) else (other, rest)
    return longer[1:] == shorter


def _unknown(column: str, levels: Mapping[str, int]) -> list[Doubt]:
    """Levels of sex that are none, where most are."""
    if not set(words_of(column)) & {"sex", "gender"}:
        return []
    odd = {level: rows for level, rows in levels.items() if level.casefold().strip() not in _SEXES}
    if not odd or sum(odd.values()) * 2 > sum(levels.values()):
        return []
    text = f"that nothing explains{quoted(odd, column)}."
    return [Doubt("unknown codes", text, "Say what they mean, or correct them.", "value", is_any(column, odd))]


def _many(counts: Counts) -> list[Doubt]:
    """Tell of levels so many that each has a few rows only."""
    distinct = len(counts.values)
    if distinct < _MANY_LEVELS or counts.known < distinct * 1.5 or counts.known > distinct * _FEW_ROWS:
        return []
    shapes = Counter(shape_of(str(text)) for text in counts.values)
    if shapes["word"] * 2 < distinct:
        return []
    text = f"{distinct:,} levels with about {round(counts.known / distinct)} rows each."
    proposal = "Group them before comparing; tables and figures by them would be very long."
    return [Doubt("many levels", text, proposal, rows=counts.known)]
