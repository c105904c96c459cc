"""Times and events: which columns say how long until what, and which code says that it happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.dictionary.meaning import Code, Column, Level, value_text
from clinical_nb.dictionary.pairing import (
    are_of_another,
    begins_as_time,
    glued_stem,
    happened_at,
    pairs_by_happening,
    pairs_by_label,
    pairs_by_stem,
    says_happened,
    says_none,
    stems,
)
from clinical_nb.dictionary.proposal import RoleProposal
from clinical_nb.dictionary.vocabulary import says, squeeze, vocabulary

_MOST_CODES = 6  # an event has two codes, and competing events a few more


@dataclass(frozen=True, slots=True)
class EventCode:
    """The code of an event, None where nothing says which it is; `why` is the rest of a sentence about the column."""

    code: Code | None
    why: str
    asks: bool = False


def propose_events(table: str, columns: Mapping[str, Column]) -> Iterator[RoleProposal]:
    """Yield which columns are times until an event and which say whether it happened.

    Pairs whose names share what happened (`os_time`, `os_status`) are all proposed; of others one time and one event,
    where exactly one of each is the most plainly named.
    """
    found = _find_standard(table, columns) or _find_plain(table, columns)
    yield from (each for each in found if columns[each.column].role is None)


def _find_plain(table: str, columns: Mapping[str, Column]) -> Iterator[RoleProposal]:
    """Yield the times and events of a table; those that it has already are partners of what is still to be found."""
    times = {name for name, column in columns.items() if column.kind == "numeric" and column.role in (None, "time")}
    events = {
        name
        for name, column in columns.items()
        if column.role == "event" or (column.role is None and _may_be_event(name, column))
    }
    paired = list(pairs_by_stem(times, events))
    left, untold = times - {time for time, _ in paired}, events - {event for _, event in paired}
    told = untold | {name for name, column in columns.items() if column.role is None and _tells_either(column)}
    paired += pairs_by_happening(left, told, columns)
    left -= {time for time, _ in paired}
    open_ones = {name for name, column in columns.items() if column.role is None and _yes_level_of(column)}
    paired += pairs_by_label(left, open_ones - {event for _, event in paired}, columns)
    for time, event in paired:
        yield from _propose_pair(table, columns, time, event)
    times -= {time for time, _ in paired}
    if paired:
        times = {name for name in times if not happened_at(name, columns[name])}
    if len(paired) > 1:
        times = {name for name in times if not stems(name, "time")}
    events -= {event for _, event in paired}
    time, event = _only_time(times, columns), _only_event(events, columns)
    if time and event and are_of_another(time, event, columns):
        return
    if time and event:
        yield from _propose_pair(table, columns, time, event)
    elif event and squeeze(event) in vocabulary().event.named and not paired:
        yield _propose_event(table, event, columns[event])
    elif time and _is_named_time(time, columns[time]) and not paired:
        yield _propose_time(
            table, time, f"{time} is the time until an event or the end of follow-up, as its name says."
        )


def _find_event_code(name: str, levels: Sequence[Level]) -> EventCode:
    """Return which of a column's codes says that the event happened, as far as labels, codes and custom tell.

    Labels decide; then 0 and 1 (1 is the event, but not under a name such as `censored`), then yes and no, and, only as
    an assumption, 1 and 2 by the custom of survival files (2 is the event). With more than two codes none is chosen.
    """
    said = vocabulary().event
    if len(levels) != 2:  # noqa: PLR2004 - it happened or it did not
        codes = ", ".join(_say_level(level) for level in levels)
        return EventCode(None, f"has {len(levels)} codes ({codes}): say which one is the event", asks=True)
    by_label = _by_labels(levels)
    if by_label:
        other = next(level for level in levels if level is not by_label)
        return EventCode(
            by_label.value, f"{_say_level(by_label)} is the event, {_say_level(other)} is not, by its labels"
        )
    called = squeeze(name)
    yes = _yes_level(levels)
    if yes is None:
        return _by_survival_codes(called, levels)
    no = next(level for level in levels if level is not yes)
    if _is_one_of(called, said.either):
        return EventCode(
            None, f"is coded {_say_level(no)} and {_say_level(yes)}: say which one is the event", asks=True
        )
    if _is_one_of(called, said.reversed):
        why = f"{_say_level(no)} is the event, since {_say_level(yes)} says {words_of(name)[-1]}"
        return EventCode(no.value, why, asks=True)
    return EventCode(yes.value, f"{_say_level(yes)} is the event")


def _by_survival_codes(called: str, levels: Sequence[Level]) -> EventCode:
    codes = {value_text(level.value): level for level in levels}
    if codes.keys() == {"1", "2"} and _is_one_of(called, vocabulary().event.survival_codes):
        why = "2 is the event and 1 is not: assumed, by the custom of survival files coded 1 and 2"
        return EventCode(codes["2"].value, why, asks=True)
    said = " and ".join(_say_level(level) for level in levels)
    return EventCode(None, f"is coded {said}: say which one is the event", asks=True)


def _is_one_of(called: str, names: frozenset[str]) -> bool:
    """Tell whether a name is one of several, or ends with one that is long enough to be meant: `os_status`."""
    return called in names or any(len(name) > 3 and called.endswith(name) for name in names)  # noqa: PLR2004 - cens, fail


def _by_labels(levels: Sequence[Level]) -> Level | None:
    """Return the one of two levels whose label is the event's, or whose other's is that of none."""
    happened = [level for level in levels if says_happened(level.label)]
    no = vocabulary().event.no
    did_not = [level for level in levels if says_none(level.label) and squeeze(level.label) not in no]
    if len(happened) == 1 and happened != did_not:
        return happened[0]
    left = [level for level in levels if level not in did_not]
    return left[0] if len(did_not) == len(left) == 1 and _has_words(left[0]) else None


def _yes_level(levels: Sequence[Level]) -> Level | None:
    """Return the level that says yes, where the other says no: by their labels, or 1 beside 0."""
    said = vocabulary().event
    words = {squeeze(level.label): level for level in levels}
    yes = [level for word, level in words.items() if word in said.yes]
    if len(yes) == 1 and any(word in said.no for word in words):
        return yes[0]
    codes = {value_text(level.value): level for level in levels}
    return codes["1"] if codes.keys() == {"0", "1"} and not any(map(_has_words, levels)) else None


def _yes_level_of(column: Column) -> Level | None:
    return _yes_level(column.levels) if column.kind == "binary" else None


def _has_words(level: Level) -> bool:
    """Tell whether a level is more than a number: by its own label, or as it is stored."""
    code = value_text(level.value)
    text = code if isinstance(level.value, str) else ""
    return any(word.isalpha() for word in words_of(level.label if level.label != code else text))


def _say_level(level: Level) -> str:
    code = value_text(level.value)
    return code if level.label == code else f"{code} ({level.label})"


def _may_be_event(name: str, column: Column) -> bool:
    """Tell whether a column's codes can say that something happened: numbers, yes and no, or labels of events."""
    if column.kind not in ("binary", "categorical") or not 1 < len(column.levels) <= _MOST_CODES:
        return False
    said = vocabulary().event
    if not (
        _is_named_event(name)
        or stems(name, "event")
        or glued_stem(name, "event")
        or says(column.label, (("event",), ("censored",), ("censor",)))
    ):
        return False
    labels = {squeeze(level.label) for level in column.levels}
    is_told = any(says_happened(level.label) or squeeze(level.label) in said.did_not for level in column.levels)
    if is_told or labels <= said.yes | said.no:
        return True
    return not any(map(_has_words, column.levels))


def _tells_either(column: Column) -> bool:
    """Tell whether one of a column's two codes is that something happened, and the other that it did not."""
    said = vocabulary().event
    labels = [squeeze(level.label) for level in column.levels]
    is_either = any(label in said.happened for label in labels) and any(label in said.did_not for label in labels)
    return len(labels) == 2 and is_either  # noqa: PLR2004 - it happened or it did not


def _is_named_event(name: str) -> bool:
    said = vocabulary().event
    return squeeze(name) in said.named | said.plain


def _is_named_time(name: str, column: Column) -> bool:
    said = vocabulary().time
    return squeeze(name) in said.named or says(column.label, said.says) or begins_as_time(name) is not None


def _only_time(times: set[str], columns: Mapping[str, Column]) -> str | None:
    """Return the time that is the most plainly named, where it is one."""
    said = vocabulary().time
    named = [name for name in times if _is_named_time(name, columns[name])]
    plain = [name for name in times if squeeze(name) in said.plain or "".join(stems(name, "time")) in said.stems]
    best = [name for name in times if columns[name].role] or named or plain
    if len(best) > 1:  # `time` beside `months`: the one that is called so
        best = [name for name in best if squeeze(name) in {"time", "futime"}]
    return best[0] if len(best) == 1 else None


def _only_event(events: set[str], columns: Mapping[str, Column]) -> str | None:
    """Return the event that is the most plainly named, where it is one."""
    said = vocabulary().event
    named = [name for name in events if squeeze(name) in said.named]
    plain = [name for name in events if squeeze(name) in said.plain or stems(name, "event")]
    best = [name for name in events if columns[name].role] or named or plain
    if len(best) > 1:
        best = [name for name in best if squeeze(name) in {"event", "status"}]
    return best[0] if len(best) == 1 else None


def _find_standard(table: str, columns: Mapping[str, Column]) -> list[RoleProposal]:
    """Return the time and the event of a table that follows a standard, whose names say it outright."""
    called = {squeeze(name): name for name in columns}
    for standard in vocabulary().standard_events:
        if standard.time not in called or standard.event not in called:
            continue
        time, event = called[standard.time], called[standard.event]
        codes = {value_text(level.value): level.value for level in columns[event].levels}
        code = codes.get(str(standard.code), standard.code)
        return [
            _propose_time(table, time, f"{time} is the time until the event that {event} tells."),
            RoleProposal(table, event, f"{event} = {standard.code} is the event: {standard.why}.", "event", code),
        ]
    return []


def _propose_pair(table: str, columns: Mapping[str, Column], time: str, event: str) -> Iterator[RoleProposal]:
    yield _propose_time(table, time, f"{time} is the time until the event that {event} tells, or the end of follow-up.")
    yield _propose_event(table, event, columns[event])


def _propose_time(table: str, column: str, why: str) -> RoleProposal:
    return RoleProposal(table, column, why, "time")


def _propose_event(table: str, name: str, column: Column) -> RoleProposal:
    found = _find_event_code(name, column.levels)
    why = f"{name} tells the event, and {found.why}." if found.code is None else f"{name} = {found.why}."
    return RoleProposal(table, name, why, "event", found.code, asks=found.asks)
