"""Consulting: a language model, where a person configured one, is asked for a reading that the grammar does not have.

It fills in a plan; whatever it says, the plan names only what it was told and what was typed, passes the guards that
any plan passes, and runs only when the person picks it.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clinical_nb.answering.conversation import Conversation, Heard
from clinical_nb.ask.model.address import Address, address_of
from clinical_nb.dataset import Dataset
from clinical_nb.doing import tell
from clinical_nb.errors import ClinicalError, ModelError, StoreError
from clinical_nb.history.events import Modelling, new_run_id
from clinical_nb.sessions.holdings import Holdings
from clinical_nb.sessions.place import Place
from clinical_nb.store.settings import read_settings, write_settings

if TYPE_CHECKING:  # these import Polars and pydantic, which %load_ext must not wait for
    from clinical_nb.ask.model.request import Told
    from clinical_nb.plan import Plan

# ruff: noqa: PLC0415 - what speaks to a model comes with the first question for one, so that %load_ext is quick

_SENT = (
    "for each question that cannot be read it would be sent the question, with what is not vocabulary withheld and no"
    " number, and the names, labels and shared levels of columns; never a row, a name, an identifier or a result"
)
_SUGGESTS = "The language model '{}', which has seen no data, suggests how it may be meant: check every part of it."
_AGREES = "The language model '{}' suggests one of these, too."
_FEWEST_WORDS = 2


class Consulting:
    """Asks the language model of a store's settings what a question means, where there is one."""

    def __init__(self, place: Place, holdings: Holdings, talk: Conversation) -> None:
        self._place = place
        self._holdings = holdings
        self._talk = talk

    @property
    def model(self) -> Address | None:
        """Where the language model is that is asked, as the store's settings say now; None where none is."""
        try:
            return _model_of(read_settings(self._place.home))
        except ClinicalError:  # `say_unusable` says it
            return None

    def say_unusable(self) -> tuple[str, ...]:
        """Return why no model is asked, where the settings name one that cannot be."""
        try:
            _model_of(read_settings(self._place.home))
        except ClinicalError as error:
            return (f"No language model is asked. {error}",)
        return ()

    def use_model(self, url: str, name: str, *, send_outside: bool = False) -> Address:
        """Ask a language model from now on, in every notebook of this store, where a question cannot be read.

        Parameters
        ----------
        url : str
            The address of an OpenAI-compatible chat endpoint, such as "http://127.0.0.1:8080/v1": llama.cpp's server,
            Ollama, vLLM.
        name : str
            The model's name there.
        send_outside : bool
            Has to be said of an address that is not on this machine. `request_for` tells what is sent.

        Returns
        -------
        Address
            Where it is.

        Raises
        ------
        ClinicalError
            When it is no such address, or outside of this machine and that was not said.
        StoreError
            When the store cannot be written.

        """
        address = address_of(url, name)
        if not address.is_here and not send_outside:
            plain = ", unencrypted" if address.scheme == "http" else ""
            problem = f"{address.host} is not this machine{plain}: {_SENT}."
            raise ClinicalError(problem, f"To agree: %clinical model {url} {name} --send-outside")
        self._set_model({"url": address.url, "name": address.name, "outside": not address.is_here})
        self._place.note(Modelling(new_run_id(), "here" if address.is_here else "outside"))
        return address

    def leave_model(self) -> None:
        """Ask no language model any more, in any notebook of this store.

        Raises
        ------
        StoreError
            When the store cannot be written.

        """
        self._set_model(None)
        self._place.note(Modelling(new_run_id(), "none"))

    def request_for(self, question: str, data: str | None = None) -> str:
        """Return what would be sent to the language model for a question, whole and as it stands; nothing is sent.

        Raises
        ------
        NoDatasetError, UnknownDatasetError, StoreError
            When there is nothing to ask about.

        """
        from clinical_nb.ask.model.request import request_of

        dataset, address = self._holdings.asked_of(data), self.model
        heard = self._talk.hear(question, dataset, self._holdings.versions, by_numbers=False)
        told = self._told(question, heard, dataset)
        if told is None:
            return "Nothing: this question is read by the grammar, or refused whatever it means. No model is asked."
        where = f"To {address.where}" if address else "Nothing is sent, since no model is configured. To one"
        request = request_of(told, address.name if address else "NAME")
        messages = [f"{each['role'].upper()}\n{each['content']}" for each in request.pop("messages")]
        rest = json.dumps(request, ensure_ascii=False)
        return "\n\n".join((f"{where}, this would be sent:", *messages, f"AND THE FORM OF THE ANSWER\n{rest}"))

    def consult(self, question: str, heard: Heard, dataset: Dataset) -> Heard:
        """Return a question with the reading that a language model suggests, where the grammar has none."""
        from clinical_nb.ask.reading import Declined, Unclear
        from clinical_nb.ask.stages import Tried, milliseconds_since

        address = self.model
        told = self._told(question, heard, dataset) if address else None
        if address is None or told is None or not isinstance(heard.reading, Declined | Unclear):
            return heard
        tell(f"Asking the language model {address.name}")
        since, failure, plan = time.perf_counter(), None, None
        said = f"The language model '{address.name}' was asked, too, and found no reading."
        try:
            plan = _suggested(address, told, question, heard, dataset)
        except ModelError as error:
            failure, said = error.why, str(error)
        reading = heard.reading
        unread = reading.unread or () if isinstance(reading, Declined) and plan is None else ()
        tried = Tried("model", () if plan is None else (plan,), unread, milliseconds_since(since), failure)
        heard = replace(heard, tried=(*heard.tried, tried))
        if plan is None:
            return replace(heard, reading=replace(reading, reason=f"{reading.reason} {said}"))
        others = reading.plans if isinstance(reading, Unclear) else ()
        if plan in others:
            return replace(heard, reading=replace(reading, reason=f"{reading.reason} {_AGREES.format(address.name)}"))
        reason = f"{reading.reason} {_SUGGESTS.format(address.name)}"
        suggested = Unclear(reason, (*others, plan), is_guess=True, suggested=(plan,), by=address.name)
        return replace(heard, reading=suggested, plans=(*heard.plans, plan))

    def _told(self, question: str, heard: Heard, dataset: Dataset) -> "Told | None":
        """Return what a model is told of a question; None where none is asked: it was read, or is refused anyway."""
        from clinical_nb.answering.telling import tell_model
        from clinical_nb.ask.language.words import words_of
        from clinical_nb.ask.reading import Declined, Unclear, refuses

        reading = heard.reading
        is_unread = isinstance(reading, Declined) and reading.unread is not None
        is_guess = isinstance(reading, Unclear) and reading.is_guess
        if not (is_unread or is_guess) or heard.parent or heard.meaning is None or refuses(question):
            return None
        told = tell_model(question, dataset, heard.meaning, self._place.references)
        words = [word for word in words_of(told.question) if word.normal.isalpha()]
        return told if told.columns and len(words) >= _FEWEST_WORDS else None

    def _set_model(self, said: Mapping[str, Any] | None) -> None:
        try:
            kept = read_settings(self._place.home)
        except StoreError:  # damaged: what it held cannot be kept
            kept = {}
        others = {name: value for name, value in kept.items() if name != "model"}
        write_settings(self._place.home, others if said is None else {**others, "model": said})


def _suggested(address: Address, told: "Told", question: str, heard: Heard, dataset: Dataset) -> "Plan | None":
    """Return the plan that a model suggests; None where it is none that can be answered.

    Raises
    ------
    ModelError
        When the model gives no answer.

    """
    from clinical_nb.answering.computing import read_plan
    from clinical_nb.answering.settling import MOST_ROWS, compute
    from clinical_nb.answering.supposing import suppose
    from clinical_nb.ask.model.calling import call
    from clinical_nb.ask.model.request import read_answer, request_of
    from clinical_nb.ask.reading import Unclear

    text = call(address, request_of(told, address.name))
    meaning = heard.meaning or dataset.dictionary
    try:
        plan = read_answer(text, told, question, dataset.name, meaning)
        supposed = suppose(dataset, Unclear("", (plan,) if plan else ()))
        plan = next(iter(supposed.plans if isinstance(supposed, Unclear) else ()), None)
        if plan is not None:
            read_plan(plan, dataset.dictionary)
            if not dataset.is_attached and dataset.tables[plan.cohort.table][0] <= MOST_ROWS:
                compute(dataset, plan, dataset.dictionary)  # what the analysis refuses is not offered
    except ClinicalError:
        return None
    return plan


def _model_of(settings: Mapping[str, Any]) -> Address | None:
    """Return the model that settings name; one outside of this machine only where that was agreed to.

    Raises
    ------
    ClinicalError
        When they name something else.

    """
    match settings.get("model"):
        case None:
            return None
        case {"url": str(url), "name": str(name), "outside": bool(outside)}:
            address = address_of(url, name)
            if address.is_here or outside:
                return address
        case _:
            pass
    raise ClinicalError("The store's settings name a language model that nobody agreed to.", "%clinical model off.")
