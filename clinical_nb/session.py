"""Session: the whole product without a notebook. Every surface walks its one path from files to history."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from clinical_nb.answering.conversation import Conversation
from clinical_nb.answering.disclosing import Disclosing
from clinical_nb.ask.model.address import Address
from clinical_nb.dataset import Dataset
from clinical_nb.disclosure.profile import Profile
from clinical_nb.sessions.asking import Asking
from clinical_nb.sessions.comparing import Comparing
from clinical_nb.sessions.consulting import Consulting
from clinical_nb.sessions.declaring import Declaring
from clinical_nb.sessions.dropping import Dropping
from clinical_nb.sessions.guarding import Guarding
from clinical_nb.sessions.holdings import Holdings
from clinical_nb.sessions.moving import Moving
from clinical_nb.sessions.place import Place
from clinical_nb.sessions.recording import Recording

_Given = ParamSpec("_Given")
_Returned = TypeVar("_Returned")


class _By(Generic[_Given, _Returned]):
    """A method of Session that one of its parts has under the same name: written, typed and documented there alone."""

    def __init__(self, part: str, method: Callable[Concatenate[Any, _Given], _Returned]) -> None:
        self._part = part
        self._method = method

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, session: None, owner: type) -> Callable[Concatenate[Any, _Given], _Returned]: ...
    @overload
    def __get__(self, session: object, owner: type) -> Callable[_Given, _Returned]: ...
    def __get__(self, session: object | None, owner: type) -> Callable[..., _Returned]:
        return self._method if session is None else getattr(getattr(session, self._part), self._name)


class Session:
    """A store and its history: upload, ask, rerun.

    Parameters
    ----------
    home : str or Path
        The folder of the store; made when it is not there, and its datasets are restored when it is.

    Attributes
    ----------
    home : Path
        That folder.
    warnings : tuple of str
        What is to be told of the store since it was opened: what was mended, adopted, or could not be restored.

    Raises
    ------
    StoreError
        When the folder cannot be made or written, or a newer clinical_nb wrote it.

    """

    def __init__(self, home: str | Path) -> None:
        place = Place(Path(home))
        talk = Conversation(place.references, place.log.log)
        self._disclosing = Disclosing(place.store)
        self._holdings = Holdings(place, talk)
        self._moving = Moving(place, self._holdings, self._disclosing)
        self._comparing = Comparing(self._holdings, self._disclosing)
        self._dropping = Dropping(place, self._holdings, talk, self._disclosing)
        self._declaring = Declaring(place, self._holdings)
        self._guarding = Guarding(place, self._holdings, self._disclosing)
        self._consulting = Consulting(place, self._holdings, talk)
        self._asking = Asking(place, self._holdings, talk, self._consulting, self._disclosing)
        self._recording = Recording(place, self._holdings, self._disclosing)
        self.home = place.home
        self.warnings: tuple[str, ...] = (*place.restore(), *self._consulting.say_unusable())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    upload = _By("_moving", Moving.upload)
    export = _By("_moving", Moving.export)
    archive = _By("_moving", Moving.archive)
    drop = _By("_dropping", Dropping.drop)
    copies = _By("_dropping", Dropping.copies)

    datasets = _By("_holdings", Holdings.datasets)
    find = _By("_holdings", Holdings.find)
    versions = _By("_holdings", Holdings.versions)
    find_versions = _By("_holdings", Holdings.find_versions)
    use = _By("_holdings", Holdings.use)
    asked_of = _By("_holdings", Holdings.asked_of)
    attach = _By("_holdings", Holdings.attach)
    close = _By("_holdings", Holdings.close)
    diff = _By("_comparing", Comparing.diff)

    @property
    def current(self) -> Dataset | None:
        """The dataset that questions are about: the one last used, else the newest; None where it is not there."""
        return self._holdings.current

    accept = _By("_declaring", Declaring.accept)
    reject = _By("_declaring", Declaring.reject)
    correct = _By("_declaring", Declaring.correct)
    define = _By("_declaring", Declaring.define)
    undefine = _By("_declaring", Declaring.undefine)

    disclosure = _By("_guarding", Guarding.disclosure)

    @property
    def profile(self) -> Profile | None:
        """The profile of disclosure control in force; None where it is off."""
        return self._disclosing.profile

    ask = _By("_asking", Asking.ask)
    run = _By("_asking", Asking.run)
    rerun = _By("_asking", Asking.rerun)
    sql = _By("_asking", Asking.sql)
    sql_names = _By("_asking", Asking.sql_names)

    use_model = _By("_consulting", Consulting.use_model)
    leave_model = _By("_consulting", Consulting.leave_model)
    request_for = _By("_consulting", Consulting.request_for)

    @property
    def model(self) -> Address | None:
        """Where the language model is that is asked, as the store's settings say now; None where none is."""
        return self._consulting.model

    history = _By("_recording", Recording.history)
    attempts = _By("_recording", Recording.attempts)
    export_history = _By("_recording", Recording.export_history)
    verify = _By("_recording", Recording.verify)
    forget = _By("_recording", Recording.forget)
