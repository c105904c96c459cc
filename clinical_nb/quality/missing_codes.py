"""Codes and words that seem to say that a value is missing: -99 in sodium, "not done" among levels."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from clinical_nb.dictionary.codes import gives_reason
from clinical_nb.dictionary.identifiers import may_name_person, names_private, names_row
from clinical_nb.dictionary.steps import TreatAsMissing
from clinical_nb.quality.counts import CODES, Counts
from clinical_nb.quality.doubt import Doubt, is_any, is_number, quoted
from clinical_nb.quality.shapes import shape_of
from clinical_nb.quality.spread import far_out

# Without points and brackets, in small letters; the names of errors are those that spreadsheets have in any language.
_WORDS = frozenset(
    {"not done", "nd", "nk", "not known", "qns", "keine angabe", "ka", "k a", "non renseigné", "n/d", "unknown", "unk"}
    | {"missing", "n/a", "na", "not available", "not collected", "not applicable", "not recorded", "not measured"}
    | {"not tested", "no data", "refused", "declined", "nan", "null", "unavailable", "not assessed", "blank", "empty"}
    | {"lost to follow-up", "pending", "illegible", "unbekannt", "inconnu", "unknown/not reported", "not reported"}
    | {"not stated", "no answer", "don't know", "dont know", "s/d", "sin dato", "sin datos", "no aplica", "desconocido"}
    | {"ignoto", "sconosciuto", "desconhecido", "onbekend", "okänd", "ukjent", "nieznane", "brak danych", "bilinmiyor"}
    | {"н/д", "нет данных", "неизвестно", "不明", "未知", "不详", "不詳", "未测", "غير معروف"}
    | {"#n/a", "#n/d", "#n/b", "#nv", "#value!", "#wert!", "#valeur!", "#div/0!", "#ref!", "#bezug!", "#name?", "#num!"}
    | {"#zahl!", "#null!"}
)
_SIGNS = frozenset("-\u2013\u2014?.")  # of nothing else is a value that is missing
_AROUND = ".()[]<>"
_UNBRACKETED = str.maketrans("", "", _AROUND)
_FEW_LEVELS = 10  # of a scale beside which 9 may be no step of it
_CODE_OF_FEW = (9, 8, 99, 88, 77)
_FEWEST_FOR_SLIPS = 5  # other numbers, of which fewer say nothing about one of them
_APART = 2  # times the spread of the others, for codes that are no larger than values may be
_COMPANIONS = (7, 8, -8, *(97, 98, -97, -98), *(997, 998, -997, -998), *(9997, 9998))  # don't know, refused


def may_mean_missing(text: str) -> bool:
    """Tell whether a value is a word or signs that people write where there is none: n.d., (unknown), --."""
    plain = text.casefold().strip()
    if text.strip() == "Na":
        return False  # is sodium
    return plain.translate(_UNBRACKETED).strip() in _WORDS or (plain != "" and set(plain) <= _SIGNS)


def are_missing_words(text: pl.Expr) -> pl.Expr:
    """Return which texts in small letters are such words, of whole columns at once."""
    return text.str.replace_many(list(_AROUND), [""]).str.strip_chars().is_in(list(_WORDS))


def doubt_missing_words(counts: Counts) -> list[Doubt]:
    """Return which words of a column of levels or text seem to stand for missing."""
    if not counts.is_text or names_private(counts.name):
        return []
    words = [str(text) for text in counts.values if may_mean_missing(str(text))]
    if any(set(str(text)) == {"+"} for text in counts.values):
        words = [word for word in words if set(word) != {"-"}]  # beside a plus it is a negative finding
    if not words or len(words) == len(counts.values):
        return []
    text = f"that may mean that it is missing{quoted(words, counts.name)}."
    step = TreatAsMissing(values=tuple(sorted(words)))
    proposal = f"Treat them as missing, {say_kept(words)}."
    return [Doubt("missing codes", text, proposal, "value", is_any(counts.name, words), step=step)]


def say_kept(words: Iterable[str]) -> str:
    """Return what becomes of words that are taken for missing: of "unknown" alone it is not told why."""
    return "with the word kept as the reason" if any(map(gives_reason, words)) else "for a reason that no word gives"


def doubt_missing_codes(counts: Counts) -> list[Doubt]:
    """Return which numbers of a column stand apart from all others and are used for missing values."""
    numbers = numbers_of(counts)
    present = _used(numbers)
    if not present or names_row(counts.name) or may_name_person(counts.name) or names_private(counts.name):
        return []
    others = {number: rows for number, rows in numbers.items() if number not in present}
    others |= dict.fromkeys(_bounds(counts), 1)
    others = dict(sorted(others.items()))
    if counts.is_text and not others:
        return _among_words(counts, [code for code in present if code < 0])
    # a typing error or two, such as an age of 450, bring no code nearer to the others
    slips = far_out(others, others, sum(others.values())) if len(others) >= _FEWEST_FOR_SLIPS else []
    codes = _apart([number for number in others if number not in slips], present)
    if not codes:
        return []
    said = ", ".join(str(code) for code in sorted(codes))
    most = "nearly all" if slips else "all"
    text = f"of {said}, apart from {most} others, which may mean that it is missing."
    step = TreatAsMissing(values=tuple(str(code) for code in sorted(codes)))
    where = is_number(counts.name, codes)
    return [Doubt("missing codes", text, f"Treat {said} as missing.", "value", where, step=step)]


def _bounds(counts: Counts) -> list[float]:
    """Return the limits that stand among the numbers of a column of text: 90 of >90, which 88 is not apart from."""
    if not counts.is_text:
        return []
    texts = (str(text) for text in counts.values)
    found = (_number(text.lstrip("<>≤≥= ")) for text in texts if shape_of(text) == "limit")
    return [number for number in found if number is not None]


def _among_words(counts: Counts, codes: Sequence[int]) -> list[Doubt]:
    """Return which codes below zero stand among levels that are words: -99 beside yes and no."""
    values = sorted(str(text) for text in counts.values if _number(str(text)) in codes)
    if not values or len(values) == len(counts.values):
        return []
    said = ", ".join(values)
    text = f"of {said}, apart from all others, which are words: it may mean that it is missing."
    step = TreatAsMissing(values=tuple(values))
    where = is_any(counts.name, values)
    return [Doubt("missing codes", text, f"Treat {said} as missing.", "value", where, step=step)]


def values_of(codes: Iterable[Doubt]) -> frozenset[float]:
    """Return the numbers that were told to stand for missing."""
    told = (value for each in codes if isinstance(each.step, TreatAsMissing) for value in each.step.values)
    return frozenset(number for value in told if (number := _number(value)) is not None)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _used(numbers: Mapping[float, int]) -> list[int]:
    """Return which codes occur; of those that stand beside others only what is apart, or 97 of 95, 96, 97 were one."""
    present = [code for code in CODES if numbers.get(code)]
    others = [number for number in numbers if number not in CODES and number not in _COMPANIONS]
    for code in sorted((code for code in _COMPANIONS if numbers.get(code)), key=abs):
        is_said = bool(present) or (abs(code) >= 10 and numbers[code] > 1)  # noqa: PLR2004 - of two digits
        if is_said and others and _is_apart(code, others[0], others[-1], len(others)):
            present.append(code)
        else:
            others = sorted([*others, code])
    return present


def numbers_of(counts: Counts) -> Mapping[float, int]:
    """Return the numbers of a column with their counts, in order; of a column of text those among it."""
    if counts.plain:
        return numbers_of(counts.plain)
    if counts.is_number:
        values = counts.values if counts.is_whole else counts.values | counts.edges
        return dict(sorted((float(value), rows) for value, rows in values.items()))
    found: dict[float, int] = {}
    for text, rows in counts.values.items():
        if (number := _number(str(text))) is not None:
            found[number] = found.get(number, 0) + rows
    return dict(sorted(found.items()))


def _apart(others: Sequence[float], present: Sequence[int]) -> list[int]:
    if not others:
        return []
    least, most = others[0], others[-1]
    return [code for code in present if _is_apart(code, least, most, len(others))]


def _is_apart(code: int, least: float, most: float, others: int) -> bool:
    spread = most - least
    if code < 0:
        return code < least and (least >= 0 or least - code > _APART * spread > 0)
    if code <= most:
        return False
    if abs(code) < 10:  # noqa: PLR2004 - 8 and 9 are codes among few levels alone, such as 0, 1 and 2
        return code in (7, *_CODE_OF_FEW) and most <= 4 and 1 < others <= _FEW_LEVELS and most == int(most)  # noqa: PLR2004
    return others > 1 and code - most > spread and code >= 77  # noqa: PLR2004
