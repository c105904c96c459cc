"""Suggesting: what can be asked next of an answer, in words that are read as just that before they are shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from clinical_nb.ask.following.altering import asked_of, events_of, groups_of
from clinical_nb.ask.following.following import reader_of
from clinical_nb.ask.language.lexicon import Phrase, lexicon, spoken
from clinical_nb.ask.language.words import name_words
from clinical_nb.ask.linking.naming import GROUPABLE
from clinical_nb.ask.reading import Read, Reading
from clinical_nb.dictionary.joining import widen
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.plan import Compare, Count, Describe, Plan, Proportion, Survive, columns_of

MOST = 3
_MOST_COLUMNS = 500  # of a wider table the reading takes too long for a hint
_GROUPS = range(2, 7)  # levels that make groups worth looking at
_TRIED = 3  # columns of each sort
_SEX = ("sex",)
_WHY = "why?"
_UNTOLD = frozenset({"patient", "event", "time", "death"})  # roles of what is no group


def suggest(plan: Plan, dictionary: Dictionary) -> tuple[str, ...]:
    """Return up to three follow-ups of a plan that was answered, each of which is read as one other plan."""
    table = plan.cohort.table
    columns = widen(dictionary, table, plan.cohort.joined).tables[table]
    if sum(map(len, dictionary.tables.values())) > _MOST_COLUMNS:
        return ()
    read = reader_of(plan, dictionary)
    found: list[str] = []
    for sort in _Hints(plan, columns).sorts():
        found += islice((question for question in sort if _changes(question, read(question), plan)), 1)
        if len(found) == MOST:
            break
    return tuple(found)


def _changes(question: str, reading: Reading | None, plan: Plan) -> bool:
    """Whether a question is read as one other plan; or asks why it was done so, of what was tested."""
    return isinstance(reading, Read) and (reading.plan != plan or question == _WHY)


@dataclass(frozen=True, slots=True)
class _Hints:
    """What could be asked next of a plan, by what the columns of its rows mean."""

    plan: Plan
    columns: Mapping[str, Column]

    def sorts(self) -> Iterator[Iterator[str]]:
        """Yield sorts of follow-ups, the most telling first: of each, at most one is shown."""
        grouped = bool(groups_of(self.plan))
        if isinstance(self.plan, Describe | Proportion) and grouped:
            yield iter(("is the difference significant?",))
        if isinstance(self.plan, Count | Describe | Proportion | Survive) and not grouped:
            yield (f"same by {name}" for name in self._grouping())
        if isinstance(self.plan, Compare | Proportion | Survive) and grouped:
            yield (f"adjust that for {' and '.join(names)}" for names in self._confounders())
        yield (f"and in {label}?" for label in self._levels())
        if isinstance(self.plan, Compare):
            yield iter((_WHY,))
        if grouped:
            yield (f"same by {name}" for name in self._grouping())

    def _free(self) -> Iterator[tuple[str, Column]]:
        used = set(columns_of(self.plan)) | {name for each in asked_of(self.plan) for name in columns_of(each)}
        beside = {column.reasons for column in self.columns.values()}
        arms = {self.columns[name].role for name in used if name in self.columns} & {"arm"}
        told = {labels for name in used if name in self.columns and (labels := _labels(self.columns[name]))}
        for name, column in self.columns.items():
            is_same = _labels(column) in told  # the arm in other columns
            if name not in used and name not in beside and not is_same and column.role not in _UNTOLD | arms:
                yield name, column

    def _grouping(self) -> Sequence[str]:
        """Name columns that make few groups, the arm first."""
        found = [
            (name, column)
            for name, column in self._free()
            if column.kind in GROUPABLE and len(column.levels) in _GROUPS
        ]
        found.sort(key=lambda each: (each[1].role != "arm", not self._is_sex(*each), each[1].role == "outcome"))
        return [_called(*each) for each in found][:_TRIED]

    def _confounders(self) -> Iterator[tuple[str, ...]]:
        """Yield age and sex, and either alone."""
        taken = {column for each in events_of(self.plan) for column in columns_of(each)}
        free = [(name, column) for name, column in self._free() if name not in taken]
        ages = [_called(*each) for each in free if each[1].kind == "numeric" and self._said(*each) & lexicon().age]
        sexes = [_called(*each) for each in free if self._is_sex(*each)]
        if ages and sexes:
            yield ages[0], sexes[0]
        yield from ((each,) for each in (*ages[:1], *sexes[:1]))

    def _levels(self) -> Sequence[str]:
        """Name levels that say by themselves who they are: women, before those of the arm and of other columns."""
        found = [
            (name, column)
            for name, column in self._free()
            if column.kind in GROUPABLE and len(column.levels) in _GROUPS
        ]
        found.sort(key=lambda each: (not self._is_sex(*each), each[1].role != "arm"))
        labels = [_people(level.label) for _, column in found for level in column.levels[:1]]
        return [label for label in labels if label and not any(letter.isdigit() for letter in label)][:_TRIED]

    def _is_sex(self, name: str, column: Column) -> bool:
        return _SEX in {lexicon().canonical(phrase) for phrase in self._said(name, column)}

    def _said(self, name: str, column: Column) -> set[tuple[str, ...]]:
        return {name_words(name), spoken(column.label)}


def _labels(column: Column) -> frozenset[str]:
    return frozenset(level.label.casefold() for level in column.levels)


def _called(name: str, column: Column) -> str:
    """Return what a person would call a column: its label where that is short."""
    label = " ".join(column.label.split(" (")[0].split())
    return label if label and len(spoken(label)) <= 2 else name  # noqa: PLR2004 - words of a short label


def _people(label: str) -> str:
    """Return what those of a level are called: "women" for "female"."""
    plurals: dict[Phrase, str] = {("female",): "women", ("male",): "men"}
    return plurals.get(lexicon().canonical(spoken(label)), label if spoken(label) not in lexicon().weak else "")
