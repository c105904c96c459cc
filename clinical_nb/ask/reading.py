"""Reading: a question as the one plan that it means, or as choices, or as the reason why it was not understood."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from clinical_nb.ask.across import Place, Places, is_joinable, place, tables_of
from clinical_nb.ask.censoring import remark_on_times, why_censored
from clinical_nb.ask.insisting import REPEATED, as_rows, insisting, is_of_both, without_insistence
from clinical_nb.ask.language.lexicon import lexicon
from clinical_nb.ask.language.words import Word, normal, words_of
from clinical_nb.ask.linking.coordinated import written_out
from clinical_nb.ask.manner import read_in_manner
from clinical_nb.ask.readers import Reader, keyword_words, readers_of
from clinical_nb.ask.rows.of_rows import read_of_rows
from clinical_nb.ask.stages import Stages
from clinical_nb.ask.timing import why_untimed
from clinical_nb.dictionary.joining import original_of, patients_table
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import Bands, Compare, Count, Describe, Plan, Proportion, Records, canonical_json, columns_of

MOST_WORDS = 80
MOST_CHOICES = 4
_SHORTEST_TYPO = 5
OPEN = "That can be read in more than one way. Which is meant?"
OF_BOTH = (
    "In how many persons both have it is not read. Ask of the rows, such as 'how many eyes', or of persons with any."
)
UNRELATED = (
    "The words are known, but not how they belong together here. Try one thing at a time, for example: "
    "mean X by Y, how many with X, what proportion had X, compare X between Y."
)


@dataclass(frozen=True, slots=True)
class Read:
    """A question that means one plan; `remarks` say which typing errors were read over."""

    plan: Plan
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unclear:
    """A question that may mean one of several plans, of which the person chooses.

    Where it `is_guess`, none of them is of exactly its words. `suggested` are those that a language model, `by` name,
    suggested.
    """

    reason: str
    plans: tuple[Plan, ...]
    is_guess: bool = False
    suggested: tuple[Plan, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """A question that is not answered, with the reason in one or two sentences.

    Where it could not be read, `unread` are the words that nothing explains, which may be none; where it was, and is
    refused, None.
    """

    reason: str
    unread: tuple[str, ...] | None = None


Reading = Read | Unclear | Declined


_Placed = tuple[Plan, Places]  # a plan, and in which table each column that it names lies


def read_question(question: str, dataset: str, dictionary: Dictionary, stages: Stages | None = None) -> Reading:  # noqa: C901, PLR0911 - one branch a way of reading
    """Read one question about one dataset.

    Every word is read by a rule, or the question is not answered. A plan that is only near to the words is offered as
    a choice and never assumed.

    Parameters
    ----------
    question : str
        As typed.
    dataset : str
        The name of the dataset that the plan will be about.
    dictionary : Dictionary
        What its tables' columns mean.
    stages : Stages, optional
        Takes down which stage read it, and how long each took.

    """
    stages = stages or Stages()
    words = words_of(question)
    if not 0 < len(words) <= MOST_WORDS:
        return Declined(
            f"That is longer than {MOST_WORDS} words. Ask one question at a time."
            if words
            else "Type a question, for example: mean age by arm."
        )
    kept = readers_of(dictionary)
    readers = [replace(reader, dataset=dataset) for reader in kept.tables]
    words, remarks = _without_typos(written_out(words, kept.vocabulary), kept.vocabulary)
    words, despite = without_insistence(words)

    def readings(words: tuple[Word, ...]) -> tuple[Plan, ...]:
        found = _read_known(words, (), readers, dictionary, stages)
        return (found.plan,) if isinstance(found, Read) else found.plans if isinstance(found, Unclear) else ()

    def read(words: tuple[Word, ...]) -> Plan | None:
        return found[0] if len(found := readings(words)) == 1 else None

    if (taken := read_of_rows(words, read, dictionary)) is not None:
        return Read(insisting(taken, despite), remarks)
    if (computed := read_in_manner(words, readings, dictionary)) is not None:
        return Declined(computed) if isinstance(computed, str) else Read(insisting(computed, despite), remarks)
    if is_of_both(words, dictionary):
        return Declined(OF_BOTH)
    rows = as_rows(words, dictionary)
    reading = _read_known(rows, remarks, readers, dictionary, stages) if rows else None
    if not isinstance(reading, Read):
        reading = _read(words, remarks, readers, dictionary, stages)
    if rows and isinstance(reading, Read) and isinstance(reading.plan, Count | Proportion | Describe):
        despite = REPEATED  # but for no test: rows of one person are not independent
    match reading:
        case Read(plan):
            return replace(reading, plan=insisting(plan, despite))
        case Unclear(_, plans):
            return replace(reading, plans=tuple(insisting(plan, despite) for plan in plans))
        case Declined():
            return reading


def _read(
    words: tuple[Word, ...],
    remarks: tuple[str, ...],
    readers: Sequence[Reader],
    dictionary: Dictionary,
    stages: Stages,
) -> Reading:
    """Read words whose typing errors were mended; where they are not read, offer what is near to them."""
    known = _read_known(words, remarks, readers, dictionary, stages)
    if known is not None:
        return known
    guesses = (plan for reader in readers for plan in reader.plans(words, stages, guessing=True))
    near = _distinct(plan for plan in guesses if not why_censored(words, plan, dictionary))
    if near:
        meant = "Is one of these meant?" if len(near) > 1 else "Is this meant?"
        return Unclear(f"No name or label is exactly that. {meant}", near[:MOST_CHOICES], is_guess=True)
    return _why_not(words, readers)


def _read_known(
    words: tuple[Word, ...],
    remarks: tuple[str, ...],
    readers: Sequence[Reader],
    dictionary: Dictionary,
    stages: Stages,
) -> Reading | None:
    """Read words by the names and labels that they are; None where no rule reads all of them."""
    found = _of_patients(tuple(_within(words, readers, stages)), dictionary)
    if all(_is_of_persons(plan) and not _is_within_patients(plan, places, dictionary) for plan, places in found):
        found = tuple(_across(words, readers[0].dataset, dictionary, stages)) or found
    plans, why = _place(found, dictionary)
    reasons = {plan: reason for plan in plans if (reason := why_censored(words, plan, dictionary))}
    left = tuple(plan for plan in plans if plan not in reasons)
    if len(left) == 1:
        return Read(left[0], (*remarks, *remark_on_times(left[0], dictionary)))
    if left:
        return Unclear(" ".join((*remarks, OPEN)), left[:MOST_CHOICES])
    if reasons:
        return Declined(next(iter(reasons.values())))
    if why:
        return Declined(why)
    return None


def _within(words: tuple[Word, ...], readers: Iterable[Reader], stages: Stages) -> Iterator[_Placed]:
    """Yield the plans over one table, of which one may have all that is asked."""
    for reader in readers:
        places = {name: (reader.table, name) for name in reader.index.columns}
        for plan in reader.plans(words, stages, guessing=False):
            yield plan, {**places, **{name: (reader.table, name) for name in columns_of(plan)}}


def _of_patients(found: Sequence[_Placed], dictionary: Dictionary) -> Sequence[_Placed]:
    """Leave the plans over the patients' own table, where the others say no more: of copies, or of who the persons are.

    What is counted are persons, so that a word that the patients' table has is of them; what is measured may be
    measured elsewhere too.
    """
    patients = patients_table(dictionary)
    own = [(plan, places) for plan, places in found if tables_of(plan, places) <= {patients}]
    if not own or not patients:
        return found
    return own + [
        (plan, places)
        for plan, places in found
        if (plan, places) not in own
        and not all(
            _is_of(
                patients, places[name], dictionary, is_counted=isinstance(plan, Count | Proportion | Records | Bands)
            )
            for name in columns_of(plan)
            if places[name][1] in dictionary.tables[places[name][0]]
        )
    ]


def _is_of_persons(plan: Plan) -> bool:
    """Tell whether a plan counts persons, or compares how many of them had something."""
    return isinstance(plan, Count | Proportion | Records | Bands) or (
        isinstance(plan, Compare) and not isinstance(plan.outcome, str)
    )


def _is_within_patients(plan: Plan, places: Places, dictionary: Dictionary) -> bool:
    patients = patients_table(dictionary)
    return patients is None or tables_of(plan, places) <= {patients}


def _is_of(patients: str, place: Place, dictionary: Dictionary, *, is_counted: bool) -> bool:
    """Tell whether the patients' table says of a person what a column of another does: it is a copy, or the arm.

    Of what counts persons it may say anything that is not there under the same name, with other values.
    """
    table, column = place
    if original_of(dictionary, table, column)[0] == patients:
        return True
    if column in dictionary.tables[patients]:
        return False
    return is_counted or dictionary.column(table, column).role == "arm"


def _across(words: tuple[Word, ...], dataset: str, dictionary: Dictionary, stages: Stages) -> Iterator[_Placed]:
    """Yield the plans over as few tables as have all that is asked."""
    if len(dictionary.tables) == 1:
        return
    reader, places = readers_of(dictionary).across
    plans = replace(reader, dataset=dataset).plans(words, stages, guessing=False)
    fewest = min((len(tables_of(plan, places)) for plan in plans), default=0)
    yield from ((plan, places) for plan in plans if len(tables_of(plan, places)) == fewest)


def _place(found: Iterable[_Placed], dictionary: Dictionary) -> tuple[tuple[Plan, ...], str]:
    """Return the plans with the table whose rows each is about; where there is none, why."""
    placed: list[Plan] = []
    why = ""
    for plan, places in found:
        try:
            placed.append(_made_there(place(plan, places, dictionary), plan))
        except PlanError as error:
            why = why or str(error)
    # what joins tables that cannot be joined is refused with how many rows it would make, where nothing else is meant
    right = [plan for plan in placed if is_joinable(plan, dictionary)] or placed[:1]
    return _distinct(_of_persons(right, dictionary)), "" if placed else why


def _made_there(placed: Plan, read: Plan) -> Plan:
    """Return a plan whose derived variables are of the rows that it looks at."""
    if read.cohort.derived and placed.cohort.table != read.cohort.table:
        raise PlanError(
            f"That is made of columns of '{read.cohort.table}', and asked of rows of '{placed.cohort.table}'.",
            f"Ask about '{read.cohort.table}' alone.",
        )
    return placed


def _of_persons(plans: Sequence[Plan], dictionary: Dictionary) -> Sequence[Plan]:
    """Leave plans about patients where others count what rows of other tables say; but for names that both have."""
    patients = patients_table(dictionary)
    own = [plan for plan in plans if plan.cohort.table == patients]
    if not own or not patients or not all(isinstance(plan, Count | Proportion | Compare) for plan in plans):
        return plans
    named = dictionary.tables[patients]
    return [plan for plan in plans if plan in own or any(name in named for name in columns_of(plan))]


def known_words(question: str, dictionary: Dictionary) -> frozenset[str]:
    """Return the words of a question that are of the dictionary or the grammar, in whatever inflection, in lower case.

    All others are a person's own text: a name, a number of a record, an error of typing.
    """
    known = readers_of(dictionary).vocabulary
    return frozenset(word.typed.casefold() for word in words_of(question) if word.normal in known)


def _distinct(plans: Iterable[Plan]) -> tuple[Plan, ...]:
    return tuple({canonical_json(plan): plan for plan in plans}.values())


def _without_typos(words: Sequence[Word], known: frozenset[str]) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """Read a word of five letters or more that nobody knows as the only known one that is one slip away.

    The first letter must agree, as it nearly always does in typing errors: `weight` is one letter from `height`. So
    must the last one of a word of the grammar: `worst` is one letter from `worse`.
    """
    grammar = keyword_words(lexicon())
    mended: list[Word] = []
    remarks: list[str] = []
    for word in words:
        near: list[str] = []
        if word.normal not in known and word.normal.isalpha() and len(word.normal) >= _SHORTEST_TYPO:
            near = [
                other
                for other in known
                if other[0] == word.normal[0] and len(other) >= _SHORTEST_TYPO - 1
                and not (word.normal[:-1] == other[:-1] and other in grammar)
                and OSA.distance(word.normal, other, score_cutoff=1) == 1
            ]  # fmt: skip
        if len(near) == 1:
            remarks.append(f"'{word.typed}' was read as '{near[0]}'.")
        mended.append(replace(word, normal=near[0]) if len(near) == 1 else word)
    return tuple(mended), tuple(remarks)


def refuses(question: str) -> bool:
    """Tell whether a question asks for what no reading of it may answer: causes, advice, who somebody is."""
    typed = tuple(word.normal for word in words_of(question))
    return any(beyond.refused and beyond.is_said(typed) for beyond in lexicon().beyond)


def _why_not(words: tuple[Word, ...], readers: Sequence[Reader]) -> Declined:
    """Say what is known to be beyond this version, else which words nothing in the data or the grammar explains."""
    typed = tuple(word.normal for word in words)
    read = frozenset[int]().union(*(reader.understood(words) for reader in readers))
    unread = tuple(dict.fromkeys(w.typed for at, w in enumerate(words) if at not in read and w.normal[0].isalnum()))
    beyond = next((each for each in lexicon().beyond if each.is_said(typed)), None)
    untimed = why_untimed(typed, [reader.index for reader in readers]) if beyond and beyond.timed else ""
    said = untimed or (beyond.say if beyond else "")
    if beyond and not (beyond.timed and unread):
        return Declined(said, None if beyond.refused else unread)
    if unread:
        near = _near(unread, readers)
        where = f"near it: {', '.join(near)}" if near else "%clinical describe shows what there is"
        quoted = ", ".join(f"'{word}'" for word in unread)
        return Declined(f"{said} These data have nothing called {quoted}; {where}.".lstrip(), unread)
    return Declined(UNRELATED, ())


def _near(unknown: Iterable[str], readers: Sequence[Reader]) -> list[str]:
    """Name a few columns whose names or labels have an unknown word among others."""
    targets = [target for typed in unknown for reader in readers for target in reader.index.near((normal(typed),))]
    columns = dict.fromkeys(target if isinstance(target, str) else target.column for target in targets)
    return [f"'{column}'" for column in columns][:MOST_CHOICES]
