"""What a question names that an earlier version had and this one has not: its refusal says so."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from clinical_nb.ask.language.lexicon import lexicon
from clinical_nb.ask.language.words import Word, words_of
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.reading import UNRELATED, Declined, Read, Reading, Unclear, read_question
from clinical_nb.ask.terminals import Terminals
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.errors import GoneError
from clinical_nb.plan import columns_of

_HINT = "%clinical history lists what was asked of it, and %clinical rerun runs that again on it."


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the columns of one version mean: its number, its hash and its dictionary."""

    number: int
    version: str
    dictionary: Dictionary

    @property
    def columns(self) -> Mapping[str, Column]:
        """The columns of all its tables, by name."""
        return {name: column for table in self.dictionary.tables.values() for name, column in table.items()}


@dataclass(frozen=True, slots=True)
class _Gone:
    """Columns that a question names, with the last version that has them, and whether it reads the whole question."""

    names: tuple[str, ...]
    last: Meaning
    reads: bool


def tell_gone(reading: Reading, question: str, dataset: str, now: Meaning, earlier: Iterable[Meaning]) -> Reading:
    """Return the reading of a question, which says what it names that only an earlier version has.

    A question that was read whole is left as it is, unless a typing error was read over in a word that an earlier
    version knows: then it is asked back.

    Parameters
    ----------
    reading : Reading
        How it was read on the version now.
    question : str
        As typed.
    dataset : str
        The name of the dataset.
    now : Meaning
        The version that it was asked of.
    earlier : iterable of Meaning
        The versions before it, newest first; not looked at where the question was read as it was typed.

    """
    if isinstance(reading, Read) and not reading.remarks:
        return reading
    gone = list(_find_gone(reading, question, dataset, now, earlier))
    if not gone:
        return reading
    said = " ".join([*(_say(each, dataset, now) for each in gone), _HINT])
    match reading:
        case Declined(reason):
            says_all = reason == UNRELATED or any(each.reads for each in gone)
            return Declined(said if says_all else f"{said} {reason}")
        case Unclear(reason):
            return replace(reading, reason=f"{said} {reason}")
        case Read(plan, remarks):
            return Unclear(f"{said} {' '.join(remarks)} Is this meant?", (plan,))


def _find_gone(
    reading: Reading, question: str, dataset: str, now: Meaning, earlier: Iterable[Meaning]
) -> Iterator[_Gone]:
    """Yield the columns that a question names and only an earlier version has, each with the last that has it.

    A typing error is read over where the question is refused anyway, and not where it would contradict how it was read.
    """
    words = words_of(question)
    looked_for = {name.casefold() for name in now.columns}
    for former in earlier:
        gone = {name: column for name, column in former.columns.items() if name.casefold() not in looked_for}
        if not gone:
            continue
        looked_for |= {name.casefold() for name in gone}
        was = read_question(question, dataset, former.dictionary)
        reads = isinstance(was, Read) and not (was.remarks and isinstance(reading, Read))
        named = columns_of(was.plan) if isinstance(was, Read) and reads else ()
        linked = () if isinstance(reading, Read) else _find_linked(words, gone, now)
        found = dict.fromkeys(name for name in (*named, *linked) if name in gone)
        if found:
            yield _Gone(tuple(found), former, reads)


def _find_linked(words: tuple[Word, ...], gone: Mapping[str, Column], now: Meaning) -> Iterator[str]:
    """Yield the gone columns that words stand for which mean nothing now."""
    today = [Terminals(words, Index(columns, lexicon())) for columns in now.dictionary.tables.values()]
    understood = frozenset[int]().union(*(terminals.linked() for terminals in today))
    for target, start, end in Terminals(words, Index(gone, lexicon())).targets():
        if not understood.issuperset(range(start, end)):
            yield target if isinstance(target, str) else target.column


def _say(gone: _Gone, dataset: str, now: Meaning) -> str:
    called = [_called(name, gone.last.columns[name]) for name in gone.names]
    return GoneError(called, dataset, now.number, (gone.last.number, gone.last.version)).message


def _called(name: str, column: Column) -> str:
    return f"'{name}' ({column.label})" if column.label and column.label.casefold() != name.casefold() else f"'{name}'"
