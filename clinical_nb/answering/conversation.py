"""Conversation: what was asked of each dataset before: a question can go on from it, or pick what it left open."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from clinical_nb.answering.computing import earlier_meanings, meaning_of, read_plan
from clinical_nb.answering.withholding import mask_question
from clinical_nb.dataset import Dataset
from clinical_nb.errors import HistoryError, PlanError, UnknownColumnError, UnknownTableError
from clinical_nb.history.events import Event, Offer
from clinical_nb.history.references import References
from clinical_nb.plan import Plan

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    from clinical_nb.ask.following.following import Followed
    from clinical_nb.ask.reading import Reading
    from clinical_nb.ask.stages import Tried
    from clinical_nb.dictionary.meaning import Dictionary
    from clinical_nb.render.answer import Answer

# ruff: noqa: PLC0415 - what reads questions comes with the first one, so that %load_ext is quick


@dataclass(frozen=True, slots=True)
class Heard:
    """A question as it was read; `parent` is the run of the question that it goes on from.

    `plans` are those of the reading as they were asked, without what they suppose of values that nobody settled;
    `meaning` is the dictionary by which it was read. `tried` is what tried to read it, `pick` the run that suggested
    it, and as which of its suggestions.
    """

    reading: "Reading"
    plans: tuple[Plan, ...] = ()
    masked: str = ""
    parent: str | None = None
    remarks: tuple[str, ...] = ()
    meaning: "Dictionary | None" = None
    tried: "tuple[Tried, ...]" = ()
    pick: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer, and the plans of its question as they were asked: one, or one for each choice."""

    answer: "Answer"
    plans: tuple[Plan, ...]


class Conversation:
    """The last answer of each dataset, the choices that the last question left open, and what was suggested to ask.

    `note` writes into the history what was suggested, when it is shown.
    """

    def __init__(self, references: References, note: Callable[[Event], None]) -> None:
        self._references = references
        self._note = note
        self._last: dict[str, _Said] = {}
        self._open: _Said | None = None
        self._suggested: dict[str, tuple[str, tuple[str, ...]]] = {}

    def forget(self, dataset: str | None = None) -> None:
        """Leave no choice open; and forget what was asked of a dataset, where one is named."""
        self._open = None
        if dataset is not None:
            self._last.pop(dataset, None)
            self._suggested.pop(dataset, None)

    def keep(self, answer: "Answer", heard: Heard, question: str, dataset: Dataset) -> "Answer":
        """Remember the answer of a question, and return it with what can be asked next.

        Refused ones are remembered too: what goes on from them is refused.
        One that only failed to change another leaves that one to go on from.
        """
        from clinical_nb.ask.following.following import begins_as_follow_up

        said = _Said(answer, heard.plans)
        self._open = said if answer.status == "unclear" else None
        if answer.status == "answered" or not (heard.parent or begins_as_follow_up(question)):
            self._last[answer.dataset] = said
        return self._with_suggestions(said, heard.meaning, dataset)

    def keep_picked(self, answer: "Answer", dataset: Dataset) -> "Answer":
        """Do the same with the answer of a plan; where it was one of several choices, another can be picked next."""
        asked = next((plan for choice, plan in self._choices() if choice == answer.plan), answer.plan)
        said = self._last[answer.dataset] = _Said(answer, (asked,) if asked else ())
        return self._with_suggestions(said, answer.dictionary, dataset)

    def choices(self, dataset: str) -> tuple[Plan, ...]:
        """Return the plans that the last question left open, where it was about this dataset."""
        is_open = self._open is not None and self._open.answer.dataset == dataset
        return tuple(choice for choice, _ in self._choices()) if is_open else ()

    def picked(self, plan: Plan) -> tuple[str, int] | None:
        """Return the run whose question left a plan open, and as which of its choices, from 1."""
        places = [number for number, (choice, _) in enumerate(self._choices(), 1) if choice == plan]
        return (self._open.answer.run_id, places[0]) if self._open and places else None

    def remarks_on(self, plan: Plan) -> tuple[str, ...]:
        """Return what is to be said of a plan that is picked: whether a language model suggested it."""
        offered = self._open.answer.choices if self._open else ()
        by = next((choice.by for choice in offered if choice.plan == plan), "")
        said = f"Suggested by the language model '{by}' and picked: only the reading above says what was computed."
        return (said,) if by else ()

    def _choices(self) -> list[tuple[Plan, Plan]]:
        """Return each plan that is open, and as it was asked."""
        offered = self._open.answer.choices if self._open else ()
        return [
            (choice.plan, plan) for choice, plan in zip(offered, self._open.plans if self._open else (), strict=True)
        ]

    def hear(
        self, question: str, dataset: Dataset, versions_of: Callable[[str], Sequence[Dataset]], *, by_numbers: bool
    ) -> Heard:
        """Read a question by itself; or, where it cannot be read so, as one that goes on from the one before.

        Of several ways to read it one may be taken `by_numbers`, where all give the same: which tells that they do.
        """
        from clinical_nb.answering.supposing import read_supposing, suppose
        from clinical_nb.ask.gone import tell_gone
        from clinical_nb.ask.reading import Read, read_question
        from clinical_nb.ask.stages import Stages, Tried, milliseconds_since

        meaning = read_supposing(dataset)
        stages = Stages()
        read = read_question(question, dataset.name, meaning, stages)
        tried = list(stages.tried(_plans_of(read), _unread_of(read)))
        since = time.perf_counter()
        heard = self._go_on(question, read, dataset, meaning) or Heard(read)
        if not isinstance(read, Read) or heard.reading is not read:
            went_on = () if heard.reading is read else _plans_of(heard.reading)
            unread = () if went_on else _unread_of(read)
            tried.append(Tried("conversation", went_on, unread, milliseconds_since(since)))
        reading = suppose(dataset, heard.reading)
        if heard.reading is read:
            since, before = time.perf_counter(), reading
            earlier = earlier_meanings(dataset, versions_of)
            reading = tell_gone(reading, question, dataset.name, meaning_of(dataset), earlier)
            if reading is not before:
                tried.append(Tried("versions", _plans_of(reading), (), milliseconds_since(since)))
        since, before = time.perf_counter(), reading
        reading, heard = _settled(reading, heard, dataset) if by_numbers else (reading, heard)
        if reading is not before:
            tried.append(Tried("settled", _plans_of(reading), (), milliseconds_since(since)))
        return replace(
            heard,
            reading=reading,
            plans=_plans_of(heard.reading),
            masked=mask_question(question, _plans_of(reading), dataset, self._references),
            meaning=meaning,
            tried=tuple(tried),
            pick=self._suggestion(question, dataset.name),
        )

    def _suggestion(self, question: str, dataset: str) -> tuple[str, int] | None:
        """Return the run that suggested a question, and as which of its suggestions, from 1."""
        run, shown = self._suggested.get(dataset, ("", ()))
        return (run, shown.index(question.strip()) + 1) if question.strip() in shown else None

    def _with_suggestions(self, said: _Said, meaning: "Dictionary | None", dataset: Dataset) -> "Answer":
        """Return an answer that finds what can be asked next when it is shown, which the history then tells."""
        answer = said.answer
        if answer.status != "answered" or meaning is None:
            return answer
        (plan,) = said.plans

        def find() -> tuple[str, ...]:
            from clinical_nb.ask.following.suggesting import suggest

            found = suggest(plan, meaning)
            if found:
                self._suggested[answer.dataset] = answer.run_id, found
                told = [mask_question(each, (plan,), dataset, self._references) for each in found]
                with suppress(HistoryError):  # the question said it, where nothing can be written
                    self._note(Offer(answer.run_id, "questions", told))
            return found

        return replace(answer, suggest=cache(find))

    def _go_on(  # noqa: PLR0911 - one return a way to go on
        self, question: str, read: "Reading", dataset: Dataset, meaning: "Dictionary"
    ) -> Heard | None:
        """Read a question by the one before; None where it is one by itself."""
        from clinical_nb.ask.following.following import NOT_ANSWERED, NOTHING_BEFORE, follow, is_follow_up
        from clinical_nb.ask.following.referring import begins_with_reference, refer, without_reference
        from clinical_nb.ask.reading import Declined, Read, Unclear, read_question

        last = self._last.get(dataset.name)
        rest = without_reference(question)
        if isinstance(read, Read) and (rest is None or (last is None and not begins_with_reference(question))):
            return None
        if last is None or last.answer.status != "answered":
            is_open = isinstance(read, Unclear) and not read.is_guess  # each of its readings is whole by itself
            if rest is None and (is_open or not is_follow_up(question, dataset.name, meaning)):
                return None
            return Heard(Declined(NOTHING_BEFORE if last is None else NOT_ANSWERED))
        (before,) = last.plans
        if gone := _gone(before, dataset):
            return Heard(Declined(gone)) if rest or is_follow_up(question, dataset.name, meaning) else None
        if rest is not None:
            return _follows(last.answer, refer(before, read_question(rest, dataset.name, meaning)))
        followed = follow(question, before, meaning)
        if followed is None:
            return None
        if followed.why:
            return _explains(last.answer, followed)
        return _follows(last.answer, followed.reading)


def _settled(reading: "Reading", heard: Heard, dataset: Dataset) -> "tuple[Reading, Heard]":
    """Return what is answered of a question whose ways to read it all give the same numbers, and it as it was asked."""
    from clinical_nb.answering.settling import settle
    from clinical_nb.ask.reading import OPEN, Read, Unclear

    if not isinstance(reading, Unclear) or not isinstance(heard.reading, Unclear) or reading.reason != OPEN:
        return reading, heard
    place = settle(dataset, reading.plans)
    if place is None:
        return reading, heard
    others = [read_plan(plan, dataset.dictionary) for at, plan in enumerate(reading.plans) if at != place]
    remarks = tuple(f"The same numbers come of another way to read it: {other}." for other in others)
    asked = replace(heard, reading=Read(heard.reading.plans[place], ()))
    return Read(reading.plans[place], remarks), asked


def _plans_of(reading: "Reading") -> tuple[Plan, ...]:
    from clinical_nb.ask.reading import Read, Unclear

    match reading:
        case Read(plan):
            return (plan,)
        case Unclear(_, plans):
            return plans
        case _:
            return ()


def _unread_of(reading: "Reading") -> tuple[str, ...]:
    from clinical_nb.ask.reading import Declined

    return reading.unread or () if isinstance(reading, Declined) else ()


def _follows(last: "Answer", reading: "Reading") -> Heard:
    """Return a reading with what it goes on from."""
    from clinical_nb.ask.reading import Read

    said = (f"Follows the question before: {last.reading}.",)
    return Heard(reading, parent=last.run_id, remarks=said if isinstance(reading, Read) else ())


def _explains(last: "Answer", followed: "Followed") -> Heard:
    """Return the question before again, with why it was answered so; no new number."""
    from clinical_nb.ask.language.lexicon import spoken
    from clinical_nb.ask.reading import Declined
    from clinical_nb.render.notes import explain

    because, why = " ".join(explain(last.result.notes)) if last.result else "", followed.why
    if why is None or not because:
        reason = "In the answer before nothing was chosen that could be explained."
        return Heard(Declined(reason), parent=last.run_id)
    named, done = " ".join(spoken(why.said)), " ".join(spoken(last.text))
    if named and not why.other and named not in done and named.removesuffix(" test") not in done:
        reason = f"The answer before does not use '{why.said}'. {because}"
        return Heard(Declined(reason), parent=last.run_id)
    return Heard(followed.reading, parent=last.run_id, remarks=(f"Why so: {because}",))


def _gone(plan: Plan, dataset: Dataset) -> str:
    """Say where a newer version no longer has what the question before was about."""
    try:
        read_plan(plan, dataset.dictionary)
    except (UnknownTableError, UnknownColumnError, PlanError) as error:
        return f"The question before was of an earlier version of '{dataset.name}'. {error}"
    return ""
