"""Several numbers in one cell (114/72, 70 / 68 kg, 3x4x5): what parts them, and what each of them is called."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from clinical_nb.dictionary.headers import is_unit, unit_of
from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.dictionary.steps import Split
from clinical_nb.intake.table import Finding

# Each mark with the signs that are written for it.
SEPARATORS: Mapping[str, str] = {"/": "/", "\\": r"\\", "x": "[xX\u00d7]", "\u00b1": "\u00b1", "-": "[-\u2013]"}
_NUMBER = r"\d+(?:[.,]\d+)?"
_CELL = re.compile(
    rf"({_NUMBER})\s*([/\\xX\u00d7\u00b1\u2013-])\s*({_NUMBER})(?:\s*\2\s*({_NUMBER}))?\s*([^\W\d][^\d\s]*)?"
)
_PRESSURE = frozenset({"bp", "pressure", "rr", "nibp"})
_PRESSURES = ("systolic", "diastolic")
_BETWEEN = r"\s*[/\\]\s*"
_JOINED = r"\s+(?:and|over|then|und|et|y|e|en)\s+"
_WORD = r"[^\W_]+"


@dataclass(frozen=True, slots=True)
class Parts:
    """The numbers of one cell in their order, the mark between them, as `SEPARATORS` has it, and the unit behind."""

    numbers: tuple[float, ...]
    separator: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """What the parts of a column are called: the names of their columns, their labels where these are known, a unit."""

    names: tuple[str, ...]
    labels: tuple[str, ...] = ()
    unit: str = ""


def parts_of(text: str) -> Parts | None:
    """Return the two or three numbers that a cell holds; None where it holds something else.

    Of two with a dash between them the first is the larger one: 3-4 is a range, from the one to the other.
    """
    found = _CELL.fullmatch(text.strip())
    if not found:
        return None
    numbers = [float(part.replace(",", ".")) for part in found.group(1, 3, 4) if part]
    mark = next(name for name, signs in SEPARATORS.items() if re.fullmatch(signs, found[2]))
    if mark == "-" and (len(numbers) > 2 or numbers[0] <= numbers[1]):  # noqa: PLR2004 - 1-2-3 is a code
        return None
    return Parts(tuple(numbers), mark, found[5] or "")


def find_split(texts: Mapping[str, int]) -> tuple[dict[str, int], Parts] | None:
    """Return those of some texts that are parted in the way that most are, with that way; None where none is."""
    found = {text: parts for text in texts if (parts := parts_of(text))}
    ways: Counter[tuple[str, int]] = Counter()
    for text, parts in found.items():
        ways[parts.separator, len(parts.numbers)] += texts[text]
    if not ways:
        return None
    way = ways.most_common(1)[0][0]
    alike = {text: each for text, each in found.items() if (each.separator, len(each.numbers)) == way}
    units = {each.unit for each in alike.values() if each.unit}
    one = next(iter(alike.values()))
    return {text: texts[text] for text in alike}, replace(one, unit=units.pop() if len(units) == 1 else "")


def is_of_parts(column: str, parts: int) -> bool:
    """Tell whether a column's name says that each cell holds so many values."""
    return _names_pressure(column) or _pieces(bare(column), parts, _BETWEEN) is not None


def _names_pressure(column: str) -> bool:
    """Tell whether a name is that of a blood pressure."""
    return bool(set(words_of(column)) & _PRESSURE)


def call_parts(column: str, parts: int, label: str = "", unit: str = "") -> Called:
    """Return what the parts of a column are called: as its name says, else its label, else by number.

    Parameters
    ----------
    column : str
        Its name, such as "pre/post_weight" or "systolic/diastolic (mmHg)".
    parts : int
        How many there are.
    label, unit : str
        What a file or a dictionary says of it.

    """
    unit = unit or unit_of(column) or unit_of(label)
    own = bare(column)
    by_label = _pieces(bare(label), parts, _BETWEEN) or _pieces(bare(label), parts, _JOINED)
    labels = tuple(" ".join(whole.split()) for _, whole in by_label) if by_label else ()
    if by_name := _pieces(own, parts, _BETWEEN):
        return Called(tuple(whole for _, whole in by_name), labels, unit)
    if by_label:
        return Called(tuple(f"{own}_{piece}" for piece, _ in by_label), labels, unit)
    if parts == len(_PRESSURES) and _names_pressure(column):
        labels = tuple(f"{label}, {which}" for which in _PRESSURES) if label else ()
        return Called(tuple(f"{own}_{which}" for which in _PRESSURES), labels, unit)
    return Called(tuple(f"{own}_{number}" for number in range(1, parts + 1)), (), unit)


def name_parts(finding: Finding, meaning: Dictionary) -> Finding:
    """Return a finding that proposes to split a column with the parts called as the dictionary's label says."""
    step = finding.step
    known = meaning.tables.get(finding.table, {}).get(finding.column or "")
    if not isinstance(step, Split) or finding.column is None or known is None or step in known.clean:
        return finding
    names = frozenset(meaning.tables[finding.table])
    called = split_into(finding.column, step.separator, len(step.into), names, known.label, known.unit or step.unit)
    return replace(finding, step=called, proposal=say_split(called))


def split_into(  # noqa: PLR0913, PLR0917 - what is known of a column
    column: str, separator: str, parts: int, taken: Iterable[str], label: str = "", unit: str = ""
) -> Split:
    """Return the step that splits a column, whose parts have names that no other column has."""
    called = call_parts(column, parts, label, unit)
    folded = {name.casefold() for name in taken}
    into = tuple(f"{name}_part" if name.casefold() in folded else name for name in called.names)
    return Split(separator=separator, into=into, labels=called.labels, unit=called.unit)


def say_split(step: Split) -> str:
    """Say what is proposed: which columns there will be, and in which unit."""
    *first, last = step.into
    unit = f", in {step.unit}" if step.unit else ""
    number = {2: "two", 3: "three"}.get(len(step.into), str(len(step.into)))
    return f"Read them as {number} columns, {', '.join(first)} and {last}{unit}."


def bare(name: str) -> str:
    """Return a name without the unit in brackets behind it."""
    unit = unit_of(name)
    is_behind = bool(unit) and name.rstrip()[-1] in ")]}"
    return name[: name.rindex(unit)].rstrip(" ([{") if is_behind else name.strip()


def _pieces(name: str, parts: int, between: str) -> list[tuple[str, str]] | None:
    """Return the word that names each part, and it with what it has in common with the others; None without any.

    "weight pre/post" is "weight pre" and "weight post"; "left ear/right ear" is both as they stand.
    """
    run = re.search(rf"{_WORD}(?:{between}{_WORD}){{{parts - 1}}}", name, re.IGNORECASE)
    if not run or is_unit(re.sub(r"\s", "", run[0])):
        return None
    wholes = [whole.strip() for whole in re.split(between, name, flags=re.IGNORECASE)]
    if len(wholes) == parts and _are_alike(wholes):
        return [(whole, whole) for whole in wholes]
    before, after = name[: run.start()], name[run.end() :]
    pieces = re.split(between, run[0], flags=re.IGNORECASE)
    if len({piece.casefold() for piece in pieces}) < parts or re.search(between, after, re.IGNORECASE):
        return None
    return [(piece, f"{before}{piece}{after}") for piece in pieces]


def _are_alike(wholes: Sequence[str]) -> bool:
    """Tell whether names of several words have their first or their last word in common."""
    words = [re.findall(_WORD, whole.casefold()) for whole in wholes]
    if any(len(each) < 2 for each in words) or len({tuple(each) for each in words}) < len(words):  # noqa: PLR2004
        return False
    return len({each[0] for each in words}) == 1 or len({each[-1] for each in words}) == 1
