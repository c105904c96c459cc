"""Everything that a person can cause and fix, each said in one sentence with what to do."""

import re
from collections.abc import Collection
from difflib import get_close_matches

_UNSHOWN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")


class ClinicalError(Exception):
    """Something that the person in front of the notebook can mend.

    Parameters
    ----------
    message : str
        What is wrong, in one sentence.
    hint : str
        What to do about it, in one sentence; empty where the message says it.

    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        """Show IPython's user the sentence instead of a stack: it is she who can mend it, not we."""
        return [str(self)]


class FileError(ClinicalError):
    """A file that cannot be read as a table."""

    def __init__(self, file: str, problem: str, hint: str = "") -> None:
        super().__init__(f"'{as_shown(file)}' {problem}.", hint)


class EmptyFileError(FileError):
    """A file that holds nothing of a table: beside others it is left out, and told."""


class DictionaryError(ClinicalError):
    """A dictionary that says something impossible."""


class UnknownDatasetError(ClinicalError):
    """A dataset that the store does not hold."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        super().__init__(f"There is no dataset '{name}'.", suggest(name, known, "datasets"))


class UnknownTableError(ClinicalError):
    """A table that the dataset does not have."""

    def __init__(self, table: str, dataset: str, known: Collection[str]) -> None:
        super().__init__(f"Dataset '{dataset}' has no table '{table}'.", suggest(table, known, "tables"))


class UnknownColumnError(ClinicalError):
    """A column that the table does not have."""

    def __init__(self, column: str, table: str, known: Collection[str]) -> None:
        super().__init__(f"Table '{table}' has no column '{column}'.", suggest(column, known, "columns"))


class UnknownCohortError(ClinicalError):
    """A named cohort that the dataset does not have."""

    def __init__(self, cohort: str, dataset: str, known: Collection[str]) -> None:
        super().__init__(f"Dataset '{dataset}' has no cohort '{cohort}'.", suggest(cohort, known, "cohorts"))


class GoneError(ClinicalError):
    """A column or a table that an earlier version of the dataset has, and this one has not.

    Parameters
    ----------
    called : collection of str
        What is gone, as it is said: "'weight'", "table 'visits'".
    dataset, number
        The dataset, and the version's number.
    last : (int, str)
        The number and the hash of the last version that has it.
    hint : str
        What to do.

    """

    def __init__(
        self, called: Collection[str], dataset: str, number: int, last: tuple[int, str], hint: str = ""
    ) -> None:
        *others, final = called
        named = f"{', '.join(others)} and {final}" if others else final
        is_not, with_it = ("are not", "with them") if others else ("is not", "with it")
        message = f"{named[0].upper()}{named[1:]} {is_not} in version {number} of '{dataset}'"
        super().__init__(f"{message}; the last version {with_it} is {last[0]} ({last[1][:8]}).", hint)


class NoDatasetError(ClinicalError):
    """A question before there is anything to ask about."""

    def __init__(self) -> None:
        super().__init__("There is no dataset yet.", "Upload one: %clinical upload PATH.")


class PlanError(ClinicalError):
    """A plan that cannot be computed on these data: the wrong kind of column, or nothing to compare."""


class UnrelatedError(PlanError):
    """Tables of which it is not known which of their rows belong together; `why` says what was found of it."""

    def __init__(self, one: str, other: str, why: str = "") -> None:
        self.tables = (one, other)
        super().__init__(
            f"No relation between '{one}' and '{other}' is known: it is open which of their rows belong together.",
            why or "Declare in the dictionary by which columns they belong together.",
        )


class RepeatedPersonsError(PlanError):
    """Several rows of a person where each would be taken for another person's."""


class MultiplyingError(PlanError):
    """Tables whose rows would be multiplied if they were joined: each row of a third may have several in both.

    `most` is how many a row of `shared` has at most in `one` and in `other`, where that was counted.
    """

    def __init__(self, one: str, other: str, shared: str, most: tuple[int, int] | None = None) -> None:
        self.tables = (one, other, shared)
        those = f"the rows of '{one}'" if one == shared else "them"
        if most is None:
            several = f"'{other}'" if one == shared else f"'{one}' and in '{other}'"
            said = f"A row of '{shared}' may have several rows in {several}: joining them would multiply {those}."
        elif one == shared:
            said = f"A row of '{shared}' has up to {most[1]:,} rows in '{other}': joining them would multiply {those}."
        else:
            said = (
                f"A row of '{shared}' has up to {most[0]:,} rows in '{one}' and {most[1]:,} in '{other}': "
                f"joining them would make {most[0] * most[1]:,} of one."
            )
        hint = f"Ask about the rows of '{other}', or for those who have any row of it with something."
        if one != shared:
            hint = f"Ask about one of them, for those who have any row of the other, or by what '{shared}' has."
        super().__init__(said, hint)


class StoreError(ClinicalError):
    """The store cannot be opened, read or written."""


class DeletedTableError(StoreError):
    """A table that was there when its dataset was looked up, and that no version has any more."""

    def __init__(self) -> None:
        super().__init__("The table was deleted meanwhile, here or in another notebook.", "Look at the datasets again.")


class UnreadableTableError(ClinicalError):
    """A table whose stored file is damaged inside."""

    def __init__(self) -> None:
        super().__init__(
            "The stored table cannot be read: its file is damaged.", "Restart the kernel: it is rebuilt then."
        )


class UnansweredFrameError(ClinicalError):
    """An attached frame whose engine could not answer."""

    def __init__(self, said: str) -> None:
        first = next((line.strip() for line in said.splitlines() if line.strip()), "it did not say why")
        super().__init__(
            f"The attached data could not be asked: {first.rstrip('.!')}.",
            "See that its table and its connection are still there, and attach it again.",
        )


class HistoryError(ClinicalError):
    """The history cannot be read or written."""


class UnknownRunError(ClinicalError):
    """A run that the history does not hold."""

    def __init__(self, run: str) -> None:
        super().__init__(
            f"The history has no run '{run}'.", "%clinical history --find WORDS lists runs by words of their questions."
        )


class AmbiguousRunError(ClinicalError):
    """The beginning of a run's id that several runs share."""

    def __init__(self, run: str, found: Collection[str]) -> None:
        super().__init__(
            f"The history has {len(found)} runs that begin with '{run}'.",
            f"Give more of it: {', '.join(sorted(found)[:4])}.",
        )


class SqlError(ClinicalError):
    """A statement of SQL that cannot be read or run.

    Parameters
    ----------
    kind : str
        What sort of mistake it is, in a word or two that hold nothing of the statement and of the data.
    problem : str
        What is wrong, as the rest of a sentence that may begin with its place.
    hint : str
        What to do about it.
    place : (int, int), optional
        Its line and column in the text, from 1.

    """

    def __init__(self, kind: str, problem: str, hint: str = "", place: tuple[int, int] | None = None) -> None:
        where = f"Line {place[0]}, column {place[1]}: " if place else ""
        sentence = f"{where}{problem}" if place else problem[:1].upper() + problem[1:]
        super().__init__(f"{sentence.rstrip('.')}.", hint)
        self.kind = kind
        self.place = place


class ModelError(ClinicalError):
    """A language model that gave no answer; `why` says what it did instead."""

    def __init__(self, name: str, why: str) -> None:
        self.why = why
        super().__init__(f"The language model '{name}' {why}.", "%clinical model off leaves it out.")


class ShowError(ClinicalError):
    """An answer cannot be shown or saved in the way that was asked for."""


def as_shown(name: str) -> str:
    """Return a name without characters that are no text, but act on the screen that shows it, or turn text round."""
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", name)


def suggest(asked: str, known: Collection[str], noun: str) -> str:
    """Name the nearest known word, or the first few of what there is."""
    folded = {name.casefold(): name for name in sorted(known)}
    close = get_close_matches(asked.casefold(), folded, n=1)
    if close:
        return f"Did you mean '{folded[close[0]]}'?"
    if not known:
        return f"There are no {noun} yet."
    few = [f"'{name}'" for name in sorted(known)[:8]]
    more = f" and {len(known) - len(few)} more" if len(known) > len(few) else ""
    if len(known) == 1:
        return f"The only {noun.removesuffix('s')} is {few[0]}."
    return f"The {noun} are {', '.join(few)}{more}."
