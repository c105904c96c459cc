"""How people left a study: that they completed it, that they left it, and for what reason."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from collections.abc import Callable, Iterable, Iterator, Sequence

from clinical_nb.ask.language.lexicon import spoken
from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import GROUPABLE, LevelLink, phrases_of_column
from clinical_nb.ask.rules.conditions import Meaning
from clinical_nb.ask.rules.frame import Frame
from clinical_nb.dictionary.meaning import Code
from clinical_nb.plan import AnyRow, Condition, NoneOf, OneOf, columns_of

_REASON = frozenset({"reason", "cause", "disposition", "why"})
_EMPTY = frozenset({"did", "do", "ha", "have", "wa", "were", "the", "of", "for", "from", "to", "in", "at", "y", "n"})


def disposition_rules(index: Index) -> tuple[Rule, ...]:
    """Return the rules of the conditions that people completed a study, left it, or left it for a reason.

    Where several columns say so each is a reading of its own.
    """

    def each_of(pattern: str, find: Callable[..., Iterable[Condition]]) -> tuple[Rule, ...]:
        def nth(place: int) -> Callable[..., Condition | None]:
            return lambda *parts: dict(enumerate(find(*parts))).get(place)

        return tuple(Rule("atom", pattern, nth(place)) for place in range(_MOST_COLUMNS))

    return (
        *each_of("@completing @thestudy?", lambda *_: completed(index)),
        *each_of("@leaving @thestudy?", lambda *_: left(index)),
        *each_of("@leaving @thestudy? @because @article? REASON", lambda *parts: _left_for(index, parts[-1])),
        Rule("atom", "atom_of_rows @because @article? TABLE", lambda atom, _, __, table: _of_rows(index, atom, table)),
        Rule("atom_of_rows", "COLUMN", lambda column: Meaning(index).plain_yes(column)),
        Rule("atom_of_rows", "LEVEL", lambda level: OneOf(level.column, (level.value,))),
        Rule("piece", "@article? @reasonword @leaving @thestudy?", lambda *_: _asked_reason(index)),
    )


_MOST_COLUMNS = 3


def reasons_only(index: Index, column: str) -> tuple[Condition, ...] | None:
    """Return what leaves those out who did not leave, of a column of reasons for leaving; None of other columns."""
    if column not in _columns_of_reasons(index):
        return None
    done = _levels_of_completion(index, column)
    return (NoneOf(column, tuple(done)),) if done else ()


def completed(index: Index) -> Iterator[Condition]:
    """Yield each way in which the columns say that somebody completed the study."""
    for name in _columns_of_reasons(index):
        if done := _levels_of_completion(index, name):
            yield OneOf(name, tuple(done))
    yield from _said_by_columns(index, index.lexicon.words["completing"])


def left(index: Index) -> Iterator[Condition]:
    """Yield each way in which the columns say that somebody left the study before its end."""
    for name in _columns_of_reasons(index):
        if done := _levels_of_completion(index, name):
            yield NoneOf(name, tuple(done))
    yield from _said_by_columns(index, index.lexicon.words["leaving"])


def _left_for(index: Index, links: Sequence[LevelLink]) -> Iterator[Condition]:
    columns = _columns_of_reasons(index)
    yield from (OneOf(link.column, (link.value,)) for link in links if link.column in columns)


def _asked_reason(index: Index) -> object:
    columns = [name for name in _columns_of_reasons(index) if _says(index, name, "reason")]
    return Frame(targets=(columns[0],)) if len(columns) == 1 else None


def _of_rows(index: Index, atom: Condition | None, table: str) -> Condition | None:
    """Return that a row of a table has what it is said to have led to."""
    if atom is None or {index.owner.get(name) for name in columns_of(atom)} != {table}:
        return None
    return AnyRow(table, (atom,))


def _columns_of_reasons(index: Index) -> list[str]:
    """Name the columns that say why, or how, people left the study: a reason for leaving, a disposition."""
    return [
        name
        for name, column in index.columns.items()
        if column.kind in GROUPABLE
        and len(column.levels) > 1
        and (
            (_says(index, name, *_REASON) and _is_about(index, name, "leaving"))
            or (_says(index, name, "disposition", "status") and bool(_levels_of_completion(index, name)))
        )
    ]


def _says(index: Index, name: str, *words: str) -> bool:
    return any(word in phrase for phrase in phrases_of_column(name, index.columns[name]) for word in words)


def _is_about(index: Index, name: str, keyword: str) -> bool:
    said = phrases_of_column(name, index.columns[name])
    wanted = index.lexicon.words[keyword]
    return any(
        phrase[at : at + length] in wanted
        for phrase in said
        for at in range(len(phrase))
        for length in range(1, len(phrase) - at + 1)
    )


def _levels_of_completion(index: Index, name: str) -> list[Code]:
    done = index.lexicon.words["completing"]
    study = {word for phrase in index.lexicon.words["thestudy"] for word in phrase}
    return [
        level.value
        for level in index.columns[name].levels
        if tuple(word for word in spoken(level.label) if word not in study) in done
    ]


def _said_by_columns(index: Index, phrases: Iterable[tuple[str, ...]]) -> Iterator[Condition]:
    """Yield that a yes/no column, or a flag, says just this, but for words that say nothing: "Discontinued?"."""
    empty = _EMPTY | index.lexicon.light
    wanted = set(phrases)
    for name, column in index.columns.items():
        said = [tuple(word for word in phrase if word not in empty) for phrase in phrases_of_column(name, column)]
        if wanted.intersection(said) and (condition := Meaning(index).plain_yes(name)):
            yield condition
