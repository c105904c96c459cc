"""What Tab offers in %clinical: commands, options, datasets, and the words of the data inside a question."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,  # pyright: ignore[reportUnknownVariableType] - IPython does not type it
)
from IPython.core.error import UsageError

from clinical_nb.errors import ClinicalError
from clinical_nb.notebook.commands import Argument, Command, quote_word, split_words
from clinical_nb.notebook.magic import COMMANDS
from clinical_nb.session import Dataset, Session

Matcher = Callable[[CompletionContext], SimpleMatcherResult]
Candidate = tuple[str, str]  # what is offered, and the word that the notebook shows beside it
_CALL = re.compile(r"\s*%%?clinical\s+(.*)$")
_PRIORITY = 200  # above IPython's own matchers, which know nothing inside a magic
_RUNS_OFFERED = 50


def make_matcher(session: Session) -> Matcher:
    """Return the matcher that IPython's completer asks while a cell or line of %clinical is written."""
    vocabulary = Vocabulary()

    @context_matcher(identifier="clinical_nb", priority=_PRIORITY)  # pyright: ignore[reportUntypedFunctionDecorator] - the same
    def match_clinical(context: CompletionContext) -> SimpleMatcherResult:
        found = list(_candidates(context, session, vocabulary))
        token = context.token
        matches = [
            SimpleCompletion(text, type=kind)
            for text, kind in found
            if text.removeprefix('"').casefold().startswith(token.casefold())  # IPython's token has no quotes
        ]
        return {"completions": matches, "suppress": bool(matches), "matched_fragment": token, "ordered": True}

    return match_clinical


class Vocabulary:
    """The words of the dataset that was completed last; a version never changes, so that they are collected once."""

    def __init__(self) -> None:
        self._version = ""
        self._words: tuple[Candidate, ...] = ()

    def of(self, dataset: Dataset) -> tuple[Candidate, ...]:
        """Return column names, then words of labels, then labels of levels, then named cohorts, once each."""
        if dataset.version != self._version:
            self._words = tuple(dict(reversed(list(_words_of(dataset)))).items())[::-1]
            self._version = dataset.version
        return self._words


def _words_of(dataset: Dataset) -> Iterator[Candidate]:
    columns = [entry for table in dataset.dictionary.tables.values() for entry in table.items()]
    yield from ((name, "column") for name, _ in columns)
    for _, column in columns:
        yield from ((word, "label") for word in re.findall(r"\w{3,}", column.label))
        yield from ((level.label, "level") for level in column.levels)
    yield from ((name, "cohort") for name in dataset.dictionary.cohorts)


def _candidates(context: CompletionContext, session: Session, vocabulary: Vocabulary) -> Iterable[Candidate]:
    """Return what can stand where the cursor is: nothing outside of %clinical."""
    lines = context.full_text.split("\n")
    in_cell = context.cursor_line > 0 and lines[0].startswith("%%clinical")
    call = _CALL.match(lines[0] if in_cell else lines[context.cursor_line][: context.cursor_position])
    if call is None:
        return ()
    name, blank, rest = call.group(1).partition(" ")
    command = COMMANDS.get(name)
    if not in_cell and not blank:
        return [(each.name, "command") for each in COMMANDS.values()]
    if command is None:
        return ()
    try:
        if in_cell:
            return _in_cell(session, vocabulary, command, rest)
        return _in_line(session, vocabulary, command, rest)
    except ClinicalError:  # a store that cannot be read is told by the command, not while one types
        return ()


def _in_cell(session: Session, vocabulary: Vocabulary, command: Command, rest: str) -> Iterable[Candidate]:
    """Return what can stand in the lines below the command."""
    if command.cell == "statement":
        return session.sql_names()
    return _in_question(session, vocabulary, command, rest)


def _in_line(session: Session, vocabulary: Vocabulary, command: Command, rest: str) -> Iterable[Candidate]:
    """Return what can follow on the command's own line."""
    *done, token = rest.split(" ")
    previous = done[-1] if done else ""
    option = next((each for each in command.arguments if previous in each.flags), None)
    words = _words_before(done)
    if option is not None and "action" not in option.options:
        return _values(session, option, words, rest)
    if token.startswith("-"):
        flags = [flag for argument in command.arguments for flag in argument.flags if flag.startswith("-")]
        return [(flag, "option") for flag in [*flags, "-h"]]
    if command.cell == "questions":
        return _in_question(session, vocabulary, command, rest)
    positional = [each for each in command.arguments if not each.flags[0].startswith("-")]
    return _values(session, positional[min(len(words), len(positional) - 1)], words, rest) if positional else ()


def _words_before(done: Sequence[str]) -> list[str]:
    """Return the words that are complete where the cursor is; those of a quote that is still open are not."""
    try:
        return [word for word in split_words(" ".join(done), prose=False) if not word.startswith("-")]
    except UsageError:
        return []


def _values(session: Session, argument: Argument, words: Sequence[str], line: str) -> Iterable[Candidate]:
    if argument.completes == "version":
        return [(str(version.number), "version") for version in reversed(session.versions(words[0]))] if words else ()
    if argument.completes == "dataset":
        return [(quote_word(dataset.name), "dataset") for dataset in session.datasets()]
    if argument.completes == "run":
        runs: list[Any] = session.history()["run_id"].to_list()
        return [(run, "run") for run in reversed(runs[-_RUNS_OFFERED:])]
    if argument.completes in _SETTLED:
        dataset = _dataset_of(session, line)
        return _SETTLED[argument.completes](dataset, words, line.rpartition(" ")[2]) if dataset else ()
    return [(choice, "choice") for choice in argument.options.get("choices", ())]


def _proposals(dataset: Dataset, words: Sequence[str], _token: str) -> Iterator[Candidate]:
    """Yield the numbers of what is proposed and not named yet, then columns, then all."""
    proposals = dataset.proposals
    yield from ((str(number), "proposal") for number in range(1, len(proposals) + 1) if str(number) not in words)
    columns = dict.fromkeys(each.column or each.table for each in proposals)
    yield from ((quote_word(column), "column") for column in columns if column not in words)
    yield "all", "proposal"


def _columns(dataset: Dataset, _words: Sequence[str], _token: str) -> Iterator[Candidate]:
    columns = [(table, column) for table, known in dataset.dictionary.tables.items() for column in known]
    names = Counter(column for _, column in columns)
    yield from (
        (quote_word(column if names[column] == 1 else f"{table}.{column}"), "column") for table, column in columns
    )


def _fields(dataset: Dataset, words: Sequence[str], token: str) -> Iterable[Candidate]:
    """Return the fields of a column, and behind the sign the values that such a field can have."""
    from clinical_nb.dictionary.written import FIELDS  # noqa: PLC0415 - pydantic comes with the first dataset

    field, sign, _ = token.partition("=")
    if not sign:
        named = {word.partition("=")[0] for word in words[1:]}
        return [(f"{each}=", "field") for each in FIELDS if each not in named]
    if field == "baseline":
        return _columns(dataset, words, token)
    if field == "event":
        known = [columns[words[0]] for columns in dataset.dictionary.tables.values() if words[0] in columns]
        return [(level.label, "level") for column in known for level in column.levels]
    return [(value, field) for value in FIELDS.get(field, ())]


def _cohorts(dataset: Dataset, _words: Sequence[str], _token: str) -> Iterable[Candidate]:
    return [(name, "cohort") for name in sorted(dataset.dictionary.cohorts)]


_SETTLED: dict[str, Callable[[Dataset, Sequence[str], str], Iterable[Candidate]]] = {
    "proposal": _proposals,
    "column": _columns,
    "field": _fields,
    "cohort": _cohorts,
}


def _dataset_of(session: Session, line: str) -> Dataset | None:
    """Return the dataset that a line is about: the one that it names, else the one in use."""
    named = re.search(r"--data[ =](?:\"([^\"]*)\"|(\S+))", line)
    name = (named.group(1) or named.group(2)) if named else None
    datasets = session.datasets() if name else []
    return next((each for each in datasets if each.name == name), None) or session.current


def _in_question(session: Session, vocabulary: Vocabulary, command: Command, line: str) -> Iterable[Candidate]:
    """Return the words of the data that the question is about."""
    if command.cell not in ("questions", "condition"):
        return ()
    dataset = _dataset_of(session, line)
    return vocabulary.of(dataset) if dataset else ()
