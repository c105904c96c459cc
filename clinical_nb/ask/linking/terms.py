"""Terms: diagnoses, drugs and procedures by a part of how records have them: "metformin" of a tablet's whole name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from clinical_nb.ask.language.lexicon import Lexicon, Phrase, spoken
from clinical_nb.ask.language.words import name_words
from clinical_nb.ask.linking.content import Contents
from clinical_nb.ask.linking.naming import GROUPABLE, LevelLink, Target
from clinical_nb.dictionary.meaning import Code, Column

_SHORTEST = 3  # letters of a word that says which
_DRUG: Phrase = ("medication",)


@dataclass(frozen=True)
class Term:
    """The levels of a column that words name in part."""

    column: str
    values: tuple[Code, ...]


@dataclass
class Terms:
    """The columns that say what each row of a table is of, by the words of their levels.

    `tables` says which table each column is of, `columns` are only those that say it.
    """

    columns: Mapping[str, Column]
    tables: Mapping[str, Phrase]
    lexicon: Lexicon
    contents: Contents

    def find(self, words: Phrase) -> Term | None:
        """Return what words that are part of a level's mean; None where it is open which of several."""
        asked = self.contents.of(words)
        if not self.columns or asked.time or not any(map(self._tells, asked.words)):
            return None
        found = tuple(Term(name, values) for name in self.columns if (values := self._values(name, asked.words)))
        return found[0] if len(found) == 1 else None

    def of_one_text(self, links: Sequence[tuple[Target, int]]) -> Mapping[int, Term]:
        """Return the codes that words name by a text that several have, by where it ends: of two lists of codes."""
        ends: dict[int, list[Target]] = {}
        for target, end in links:
            ends.setdefault(end, []).append(target)
        found: dict[int, Term] = {}
        for end, targets in ends.items():
            levels = [each for each in targets if isinstance(each, LevelLink) and each.column in self.columns]
            if 1 < len(levels) == len(targets) and len({each.column for each in levels}) == 1:
                found[end] = Term(levels[0].column, tuple(each.value for each in levels))
        return found

    def _tells(self, word: str) -> bool:
        """Whether a word says by itself which: no number, no stage, and no form of a drug."""
        of = self.lexicon
        empty = of.grading | of.light | of.when | of.scale | of.qualifiers | of.narrowing | of.forms
        return word.isalpha() and len(word) >= _SHORTEST and word not in empty and word not in self._numbered

    def _values(self, column: str, asked: frozenset[str]) -> tuple[Code, ...]:
        having = [(value, said - asked) for value, said in self._having(column, asked)]
        left = [(value, more) for value, more in having if more.isdisjoint(self._otherwise)]
        is_drug = self.tables[column] == _DRUG
        if len(left) > 1 and not is_drug and not self._are_grades([more for _, more in left]):
            return ()
        return tuple(value for value, _ in left)

    def _having(self, column: str, asked: frozenset[str]) -> Iterator[tuple[Code, frozenset[str]]]:
        levels = self._levels[column]
        rarest = min((levels.get(word, ()) for word in asked), key=len)
        yield from ((value, said) for value, said in rarest if asked <= said)

    def _are_grades(self, left: Sequence[frozenset[str]]) -> bool:
        """Whether levels differ by nothing but a stage or a number: stages 1 and 2 of one disease."""
        shared = frozenset[str].intersection(*left)
        return all(word.isdecimal() or word in self.lexicon.grading for each in left for word in each - shared)

    @cached_property
    def _numbered(self) -> frozenset[str]:
        """The words that a number follows in a level, as in "type 2"."""
        others = [column for name, column in self.columns.items() if self.tables[name] != _DRUG]  # "metformin 500"
        labels = [spoken(level.label) for column in others for level in column.levels]
        before = {one for said in labels for one, number in pairwise(said) if number.isdecimal()}
        return frozenset(word for one in before for word in self.contents.of((one,)).words)

    @cached_property
    def _otherwise(self) -> frozenset[str]:
        """Words with which a level is not what the others say: a history of it, what is due to it."""
        return (self.lexicon.qualifiers | self.lexicon.elsewhere | self.lexicon.aside) - self.lexicon.grading

    @cached_property
    def _levels(self) -> Mapping[str, Mapping[str, list[tuple[Code, frozenset[str]]]]]:
        """The levels of each column that have a word, with all their words."""
        found: dict[str, dict[str, list[tuple[Code, frozenset[str]]]]] = {}
        for name, column in self.columns.items():
            of = found[name] = {}
            for level in column.levels:
                said = self.contents.of(spoken(level.label)).words
                for word in said:
                    of.setdefault(word, []).append((level.value, said))
        return found


def terms_among(
    columns: Mapping[str, Column], phrases: Mapping[str, Sequence[Phrase]], owner: Mapping[str, str], contents: Contents
) -> Terms:
    """Return the terms of the columns, of which persons may have several values, that say what rows are of."""
    of = contents.lexicon
    rows = {name: of.rows.get(name_words(owner.get(name, "")), ()) for name in columns}
    named = {
        name: column
        for name, column in columns.items()
        if column.kind in GROUPABLE and rows[name] in of.termed_rows and not of.termed.isdisjoint(phrases[name])
    }
    return Terms(named, rows, of, contents)
