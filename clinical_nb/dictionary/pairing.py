"""Pairs: which time is until which event, where a table has several, by what their names and labels say happened."""

import re
from collections.abc import Collection, Iterator, Mapping

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.dictionary.meaning import Column
from clinical_nb.dictionary.vocabulary import says, squeeze, vocabulary

_IN_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_MOST_ENDING = 2  # words that may end the name of a time or an event
_LONG_ENDING = 3  # letters of an ending that may be written without a sign before it: `ostime`


def stems(name: str, of: str) -> tuple[str, ...]:
    """Return what stands before the ending of a time's or an event's name: `os` of `os_time`; empty for none."""
    words = words_of(name)
    ends = vocabulary().time.ends if of == "time" else vocabulary().event.ends
    for count in range(min(_MOST_ENDING, len(words) - 1), 0, -1):
        if "".join(words[-count:]) in ends:
            return words[:-count]
    return ()


def glued_stem(name: str, of: str) -> str:
    """Return what stands before an ending that no sign parts from it: `p` of `ptime` and of `pstat`; empty for none."""
    ends = vocabulary().time.ends if of == "time" else vocabulary().event.ends
    called = squeeze(name)
    found = [called.removesuffix(end) for end in ends if len(end) > _LONG_ENDING and called.endswith(end)]
    return min(found, key=len, default="")


def begins_as_time(name: str) -> tuple[str, ...] | None:
    """Return what a time is until, by its name: `relapse` of `time_to_relapse`."""
    words = words_of(name)
    for begins in vocabulary().time.begins:
        if len(words) > len(begins) and words[: len(begins)] == begins:
            return words[len(begins) :]
    return None


def pairs_by_stem(times: Collection[str], events: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the times and events whose names share what happened, where there is one of each."""
    of_time: dict[str, list[str]] = {}
    of_event: dict[str, list[str]] = {}
    for name in sorted(times):
        if stem := "".join(begins_as_time(name) or stems(name, "time")) or glued_stem(name, "time"):
            of_time.setdefault(stem, []).append(name)
    for name in sorted(events):
        stem = "".join(stems(name, "event")) or glued_stem(name, "event")
        for each in {stem, squeeze(name)} - {""}:
            of_event.setdefault(each, []).append(name)
    for stem, found in of_time.items():
        match = of_event.get(stem, [])
        if len(found) == len(match) == 1:
            yield found[0], match[0]


def pairs_by_happening(
    times: Collection[str], events: Collection[str], columns: Mapping[str, Column]
) -> Iterator[tuple[str, str]]:
    """Yield the times and events of which names, labels or codes say the same event, where there is one of each."""
    of_time: dict[frozenset[str], list[str]] = {}
    of_event: dict[frozenset[str], list[str]] = {}
    for name in sorted(times):
        if happened := happened_at(name, columns[name]):
            of_time.setdefault(happened, []).append(name)
    for name in sorted(events):
        if happened := happening(name, columns[name]):
            of_event.setdefault(happened, []).append(name)
    for happened, found in of_time.items():
        match = of_event.get(happened, [])
        if len(found) == len(match) == 1:
            yield found[0], match[0]


def pairs_by_label(
    times: Collection[str], events: Collection[str], columns: Mapping[str, Column]
) -> Iterator[tuple[str, str]]:
    """Yield the times that say until what they are with the events that are called so: "Time to reinfection"."""
    called: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(events):
        for words in {words_of(_IN_BRACKETS.sub(" ", columns[name].label)), words_of(name)} - {()}:
            called.setdefault(words, []).append(name)
    for name in sorted(times):
        until = begins_as_time(_IN_BRACKETS.sub(" ", columns[name].label)) or begins_as_time(name)
        match = called.get(until or (), [])
        if len(match) == 1:
            yield name, match[0]


def paired(columns: Mapping[str, Column]) -> tuple[tuple[str, str], ...]:
    """Return the times of a table with the event that each is until; one time and one event are of each other."""
    times = [name for name, column in columns.items() if column.role == "time"]
    events = [name for name, column in columns.items() if column.role == "event"]
    if len(times) == len(events) == 1:
        return ((times[0], events[0]),)
    by_stem = tuple(pairs_by_stem(times, events))
    left = [name for name in times if all(name != time for time, _ in by_stem)]
    untold = [name for name in events if all(name != event for _, event in by_stem)]
    by_label = tuple(pairs_by_label(left, untold, columns))
    left = [name for name in left if all(name != time for time, _ in by_label)]
    untold = [name for name in untold if all(name != event for _, event in by_label)]
    return (*by_stem, *by_label, *pairs_by_happening(left, untold, columns))


def are_of_another(time: str, event: str, columns: Mapping[str, Column]) -> bool:
    """Tell whether a time is said to be until something else than what an event says: a death, and a relapse."""
    until, told = happened_at(time, columns[time]), happening(event, columns[event])
    return bool(until) and bool(told) and until.isdisjoint(told)


def happened_at(name: str, column: Column) -> frozenset[str]:
    """Return what a column of times is until, as its label says, else its name; empty where it is no time by these."""
    said = vocabulary().time
    is_time = any(says(text, (*said.begins, *said.says)) for text in (column.label, name))
    glued = glued_stem(name, "time")
    if not is_time and not glued and not stems(name, "time"):
        return frozenset()
    return families(column.label) or families(name) or families(glued)


def happening(name: str, column: Column) -> frozenset[str]:
    """Return what an event is: by the code that says that it happened, else by its label, else by its name."""
    labels = [level.label for level in column.levels if squeeze(level.label) in vocabulary().event.happened]
    said = {families(label) for label in labels or [each.label for each in column.levels if says_happened(each.label)]}
    by_code = said.pop() if len(said) == 1 else frozenset[str]()
    stem = "".join(stems(name, "event"))
    return by_code or families(column.label) or families(name) or families(stem)


def says_happened(label: str) -> bool:
    """Tell whether the label of a code says that an event happened: "dead", "recurrence or death"."""
    return squeeze(label) in vocabulary().event.happened or (bool(families(label)) and not says_none(label))


def says_none(label: str) -> bool:
    """Tell whether the label of a code says that no event happened: "censored", "alive without recurrence"."""
    said = vocabulary().event
    return squeeze(label) in said.did_not or not said.denying.isdisjoint(words_of(label))


def families(text: str) -> frozenset[str]:
    """Return the kinds of event that a text names; what it says to be free of one is until that."""
    return frozenset(each.name for each in vocabulary().happenings if says(text, each.says))
