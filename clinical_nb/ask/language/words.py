"""Words: a question, a name or a label cut into normal words, so that spelling and number do not matter."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# A number (its minus has nothing right before it), a word (letters and digits, with inner apostrophes), or one sign.
# `5-year` and `post-ERCP` are two words.
_TOKEN = re.compile(
    r"(?<![\w)%])-\d+(?:\.\d+)?(?![\w-])|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?!\w)"
    r"|[^\W_]+(?:['\u2019][^\W_]+)*|<=|>=|!=|[^\w\s]",
    re.UNICODE,
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_TIMED = re.compile(r"(week|wk|day|month|visit|year|hour)(\d{1,3})")  # `cea_wk8` is of week 8
# `30d` and `12wk` are two words; 2D and 3D are none of these.
_DURATIONS = {
    "d": "day", "h": "hour", "hr": "hour", "hrs": "hour", "wk": "week", "wks": "week", "mo": "month", "yr": "year",
    "yrs": "year",
}  # fmt: skip
# `1500g` is two words too
_WITH_UNIT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(kg|g|mg|mcg|ml|cm|mm|mmhg|lbs?)\b", re.IGNORECASE)
_DURATION = re.compile(rf"\b((?![23]d\b)\d{{1,3}})({'|'.join(_DURATIONS)})\b", re.IGNORECASE)
_SHORTS = {"w/o": "without", "w/": "with", "b/w": "between"}
_SHORT = re.compile(r"(?<!\S)(?:w/o|w/|b/w)(?=\s)", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
# British to American spelling, of names and questions alike, so it need not make real words either.
_SPELLING = {
    "oea": "ea", "oed": "ed", "oes": "es", "aem": "em", "aes": "es", "paed": "ped", "gynae": "gyne", "tumour": "tumor",
    "isation": "ization", "ised": "ized", "ising": "izing", "ise": "ize", "centre": "center", "colour": "color",
    "fibre": "fiber", "litre": "liter",
}  # fmt: skip
_SHORTEST_PLURAL = 4
_ENDINGS = ("ing", "ion", "ed", "er", "e")
_SHORTEST_ROOT = 4
_BRITISH = re.compile("|".join(_SPELLING))
_SAID = re.compile(r"\w")
_WORDS = 1 << 16  # that are remembered: the names and labels of a wide table say the same ones again and again
_NAMES = 1 << 15
# Quotation marks say nothing here; a long dash is a pause.
_SIGNS = {**dict.fromkeys(map(ord, '"`\u201c\u201d\u201e\u00ab\u00bb'), " "), 0x2265: ">=", 0x2264: "<=", 0x2014: ","}
_IRREGULAR = {"women": "woman", "men": "man", "children": "child", "pts": "pt", "diagnoses": "diagnosis", "dies": "die"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a question: as typed, and normal; `number` is its value where it is one."""

    typed: str
    normal: str
    number: float | None = None


def words_of(text: str) -> tuple[Word, ...]:
    """Cut a question into words and signs."""
    found: list[Word] = []
    for token in _tokens(text):
        if not normal(token):  # an apostrophe that stands alone
            continue
        number = float(token.replace(",", "")) if _NUMBER.fullmatch(token) else None
        found.append(Word(token, normal(token), number))
    return tuple(found)


def normal_words(text: str) -> tuple[str, ...]:
    """Cut a text into normal words and signs."""
    return tuple([word for token in _tokens(text) if (word := normal(token))])


def _tokens(text: str) -> list[str]:
    words = text.split()
    if text.isascii() and all(word.isalpha() or word.isdecimal() for word in words):  # nearly always
        return words
    plain = _SHORT.sub(lambda found: _SHORTS[found[0].casefold()], unicodedata.normalize("NFKC", text)).translate(
        _SIGNS
    )
    apart = _DURATION.sub(lambda found: f"{found[1]} {_DURATIONS[found[2].casefold()]}", plain)
    return _TOKEN.findall(_WITH_UNIT.sub(r"\1 \2", apart))


@lru_cache(maxsize=_NAMES)
def name_words(name: str) -> tuple[str, ...]:
    """Cut a column's name into normal words: at signs, underscores and humps (`riskScore_0` is risk, score, 0)."""
    spaced = _HUMP.sub(" ", name.replace("_", " ").replace(".", " "))
    words = [word for word in normal_words(spaced) if _SAID.search(word)]
    return tuple([part for word in words for part in _apart(word)])


def _apart(word: str) -> tuple[str, ...]:
    timed = _TIMED.fullmatch(word)
    return timed.groups() if timed else (word,)


@lru_cache(maxsize=_WORDS)
def root(word: str) -> str:
    """Return what a word has in common with others of its family: `smok` of smoke, smoked, smoker and smoking.

    What is left has four letters or more; so lactate keeps its own, which lactation does not share.
    """
    if not word.isalpha() or word.endswith("ate"):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_ROOT:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=_WORDS)
def normal(word: str) -> str:
    """Return a word without case, possessive, plural and British spelling."""
    if word.isascii() and word.isdecimal():
        return word
    if word.endswith("s") and len(word) > 2 and word[:-1].isupper():  # noqa: PLR2004 - BMIs, MIs, but not "Is"
        word = word[:-1]
    lower = unicodedata.normalize("NFKC", word).casefold().replace("\u2019", "'")
    lower = lower.removesuffix("'s").removesuffix("'")
    for british, american in _SPELLING.items() if _BRITISH.search(lower) else ():
        lower = lower.replace(british, american)
    return _IRREGULAR.get(lower) or _singular(lower)


def _singular(word: str) -> str:
    """Take off what looks like a plural's ending, of names and questions alike, so it need not leave a real word."""
    if not word.isalpha() or len(word) < _SHORTEST_PLURAL or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word.removesuffix("s")
