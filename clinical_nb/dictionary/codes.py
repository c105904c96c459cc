"""How codes are written: a code before a word in one value (1_female), code = label in a dictionary, a range."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

# The word must begin with a letter: '18-30 years' and '0.5 mg' begin with no code.
_LEADING_CODE = re.compile(r"(-?\d{1,18})\s*[_:=.)–-]\s*([^\W\d_].*)", re.DOTALL)  # noqa: RUF001 - the dash that people type
_RANGE = re.compile(r"(-?\d{1,18}(?:\.\d+)?)\s*(?:to|\.\.\.?|–|-)\s*(-?\d{1,18}(?:\.\d+)?)(?!\d)\s*(.*)", re.IGNORECASE)  # noqa: RUF001 - the same
_BLANK = frozenset({"", "blank", "empty", "(blank)", "(empty)", "missing", "null", "na", "n/a", "nan", "."})
_UNKNOWN = re.compile(
    r"(unknown|unk|missing|refused|n/?a|blank|don'?t know|no (answer|data|response)"
    r"|not (recorded|done|applicable|known|available|assessed|reported|stated|measured|tested|answered|evaluable))\.?",
    re.IGNORECASE,
)
_SAYS_UNKNOWN = re.compile(
    r"(unknown|unk|n\.k\.|missing|n/a|don'?t know|keine angabe|k\. ?a\.|non renseigné"
    r"|no (answer|data)|not (recorded|known|available|stated|reported))\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CodeRange:
    """The least and the greatest value that a column may have, with the unit that was written behind them."""

    low: float
    high: float
    unit: str

    def whole(self) -> range | None:
        """Return the whole numbers of the range; None where it does not begin and end with one."""
        if self.low.is_integer() and self.high.is_integer() and self.low < self.high:
            return range(int(self.low), int(self.high) + 1)
        return None


def split_code(value: str) -> tuple[int, str] | None:
    """Return the code and the word of a value like '1_female', '1 - yes' or '2: Indiana'; None where it is not one."""
    found = _LEADING_CODE.fullmatch(value.strip())
    return (int(found[1]), found[2].strip()) if found else None


def all_coded(values: Collection[str]) -> bool:
    """Tell whether each of several values has a leading code, and no two the same."""
    codes = [code[0] for code in map(split_code, values) if code]
    return len(values) > 1 and len(codes) == len(values) == len(set(codes))


def split_entries(text: str) -> tuple[str, ...]:
    """Return the entries of '1=drug; 2=placebo', in order; they may also stand on lines, or after commas."""
    entries = re.split(r"[;\n|]", text)
    if len(entries) == 1 and text.count("=") > 1:
        entries = re.split(r",\s*(?=[^,=]+=)", text)
    return tuple(entry.strip() for entry in entries if entry.strip())


def read_range(text: str) -> CodeRange | None:
    """Return what '1 to 4' or '0-100 mm' says; None where it is no range."""
    found = _RANGE.fullmatch(text.strip())
    return CodeRange(float(found[1]), float(found[2]), found[3].strip()) if found else None


def read_number(text: str) -> int | float | None:
    """Return a code as the number that it is, whole where it can be; None where it is none."""
    if re.fullmatch(r"[-+]?\d{1,300}", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\d{1,300}\.\d*|\.\d+)", text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return None


def means_blank(code: str) -> bool:
    """Tell whether a code stands for an empty cell; tokens that are read as missing leave one too."""
    return code.casefold() in _BLANK


def means_unknown(label: str, others: Iterable[str] = ()) -> bool:
    """Tell whether a label says that nothing is known: such a code is a missing value, never a level.

    `others` are the column's other labels: beside `done`, `not done` is a level like any other.
    """
    said = label.strip().casefold()
    denied = said.removeprefix("not ").strip()
    if denied != said and denied in {other.strip().casefold() for other in others}:
        return False
    return _UNKNOWN.fullmatch(said) is not None


def gives_reason(text: str) -> bool:
    """Tell whether a value that stands for none says why: "refused" does; "missing", "unknown" and a dash do not."""
    bare = text.strip().strip("()<>[]. ").casefold()
    return bare not in _BLANK | {"none", "no value"} and any(map(str.isalnum, bare)) and not says_unknown(text)


def says_unknown(text: str) -> bool:
    """Tell whether a value that nobody declared says that nothing is known; "not done" may be an answer."""
    return _SAYS_UNKNOWN.fullmatch(text.strip()) is not None
