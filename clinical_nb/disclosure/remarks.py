"""Which remarks on an answer may be shown: those of the plan alone, and those of numbers that stand beside them.

Nobody can see of a sentence what it was computed from, so what is not named here is withheld where any number is.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from clinical_nb.plan import Plan, columns_of, name_of, parts_of
from clinical_nb.result import Note, Statistic

# Facts of notes that name variables or say how something was done; others may hold counts.
_NAMES = frozenset(
    """identifier variable columns by event events competing outcome before after marker term terms others modifier time
    given way ways how references levels period""".split()  # noqa: SIM905 - words read better than a list of quoted words
)

# The remarks that are of the plan and the dictionary alone, by their text, and those that say no more than the numbers
# of a context, with it. That there is any other remark may by itself tell of what is suppressed.
REMARKS: Mapping[str, str] = {
    "The event that is counted: {variable} = {event}.": "",
    "The unit is not known of both {before} and {after}: they are taken to be in the same.": "",
    "The unit of {time} is not known: the rate is for each of its own.": "",
    "The margin must have been stated before the data were seen: no data can justify it.": "",
    "The first and the last {period} may be incomplete: what they say is then of a part of them.": "",
    "Each is a partial correlation: {given} is held still, as if all had the same.": "",
    "Errors are clustered by person, as asked for: rows of one person may be alike.": "",
    "{competing} makes {event} impossible: who has had it stays among those who will not have {event}.": "",
    "The rate is taken to be the same at all times: person-time counts alike, early and late.": "",
    "Those with {event} have the {way} values of {marker}: the area is taken that way.": "auc",
    "DeLong's test, because both markers are of the same rows.": "delong",
    "Compared: {references}.": "adjusted",
}


def remarks_of(plan: Plan, notes: Sequence[Note], statistics: Sequence[Statistic], *, is_whole: bool) -> Iterator[Note]:
    """Yield the notes that may be shown beside some statistics, which are all that was computed where it `is_whole`."""
    names = {*columns_of(plan), *(name_of(each) for held in parts_of(plan).values() for each in held)}
    for note in notes:
        if _holds_names(note, names) and (is_whole or _is_free(note, statistics)):
            yield note


def _is_free(note: Note, statistics: Sequence[Statistic]) -> bool:
    """Tell whether a note is of the plan alone, or of statistics that are shown."""
    context = REMARKS.get(note.text)
    of = [each.stat is not None for each in statistics if each.context == context]
    return context == "" or (bool(of) and all(of))


def _holds_names(note: Note, names: Collection[str]) -> bool:
    """Tell whether a note holds no more than names of variables, and no digit that may be of a count."""
    facts = [fact for fact in note.facts.values() if fact not in names]
    return (
        note.facts.keys() <= _NAMES
        and all(isinstance(fact, str) for fact in facts)
        and not any(letter.isdigit() for text in (note.text, *map(str, facts)) for letter in text)
    )
