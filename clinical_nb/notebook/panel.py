"""The panel: state goes down to the browser in one trait, messages come up and are worked on in one thread."""

import re
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from clinical_nb.errors import ClinicalError
from clinical_nb.notebook import settling
from clinical_nb.notebook.incoming import Chunk, Incoming
from clinical_nb.notebook.settling import Settled
from clinical_nb.notebook.views import (
    View,
    current_versions,
    view_answer,
    view_description,
    view_run,
    view_store,
    view_versions,
)
from clinical_nb.notebook.work import Worker
from clinical_nb.session import Dataset, Session

if TYPE_CHECKING:  # it comes with the first dataset
    import polars as pl

# Known to browser/connection.js: after a restart the browser finds the new kernel's panel by it.
MODEL_ID = "clinical-nb-panel"
_RUNS_SHOWN = 100  # of the history, with each state; the browser asks for the older ones when it lists them
_RUNS_SENT = 2_000  # at once: about 600 kB
_BROWSER = Path(__file__).parent / "browser"
_MODULES = (  # each imports from those before it
    *("html", "parts", "connection", "frame", "asking", "forms", "datasets", "settling", "history", "upload", "panel"),
)
_BETWEEN = re.compile(r'^import .* from "\./\w+\.js";\n|^export (?!default)', re.MULTILINE)
_EMPTY: View = {
    "opened": False,  # until the first look: an empty list would say that there are no datasets
    "dataset": None,
    "profile": "off",
    "datasets": [],
    "described": None,
    "versions": None,
    "changes": None,
    "answer": None,
    "uploaded": None,
    "history": [],
    "asked": 0,
    "rerun": None,
    "busy": None,
    "error": None,
}


def _join_modules() -> str:
    """Return the browser's modules as one: a host loads it from a Blob, which has no place to import siblings from."""
    texts = ((_BROWSER / f"{module}.js").read_text(encoding="utf-8") for module in _MODULES)
    return _BETWEEN.sub("", "\n".join(texts))


class Panel(anywidget.AnyWidget):
    """The one panel of a kernel, drawn as often as one likes.

    Messages are dicts with one key that says what is wanted (`{"ask": {…}}`); each is acknowledged at once with
    `{"heard": …}`, so that the browser can tell a busy kernel from a slow answer.
    """

    _esm = _join_modules()
    _css = _BROWSER / "panel.css"
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session) -> None:
        super().__init__(model_id=MODEL_ID, view=_EMPTY)
        self._session = session
        self._incoming = Incoming(session.home / "incoming")
        self._worker = Worker()
        self._showing = threading.Lock()
        self._cancelled: set[str] = set()
        self._asked: pl.DataFrame | None = (
            None  # the frame of the history as it was last read, and the datasets' versions then
        )
        self._current: Mapping[str, str] = {}
        self._choices: tuple[Any, ...] = ()
        self._wishes: dict[str, Callable[[Any], None]] = {
            "look": self._look,
            "ask": self._ask,
            "choose": self._choose,
            "use": self._use,
            "describe": self._describe,
            "versions": self._versions,
            "diff": self._diff,
            "accept": self._accept,
            "reject": self._reject,
            "correct": self._correct,
            "drop": self._drop,
            "rerun": self._rerun,
            "older": self._older,
            "upload": self._upload,
            "cancel": self._cancel,
            "disclose": self._disclose,
        }
        _stay_on_own_subshell(self)
        self.on_msg(self._hear)  # pyright: ignore[reportUnknownMemberType] - ipywidgets has no types

    def close(self) -> None:
        """Take the panel off the page and end its thread."""
        self._worker.close()
        super().close()

    def _hear(self, _widget: object, message: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """Acknowledge a message and give the work to the thread; whatever goes wrong is shown in the panel."""
        try:
            if "chunk" in message:
                self._store_chunk(message["chunk"], buffers)
                return
            kind, content = next(iter(message.items()))
            self.send({"heard": kind})  # pyright: ignore[reportUnknownMemberType] - ipywidgets has no types
            self._wishes[kind](content)
        except Exception as error:  # noqa: BLE001 - the outermost edge: what a handler raises is shown nowhere else
            self._show(error=_view_error(error, "upload" if "chunk" in message else next(iter(message), "")))

    def _look(self, _content: object) -> None:
        """Show what the store holds, whoever changed it; a drawn panel asks for it, and one that somebody comes to."""

        def look() -> None:
            try:
                error: Any = self.view["error"]
                self._show(error=None if error and error["kind"] == "look" else error, **self._held())
            except Exception as failure:  # noqa: BLE001 - the outermost edge: a thread's exception is shown nowhere else
                self._show(error=_view_error(failure, "look"))

        self._worker.submit(look)

    def _ask(self, content: Mapping[str, Any]) -> None:
        question = str(content["question"]).strip()
        self._work("ask", f"Answering “{question}”", lambda: self._show_answer(self._session.ask(question)))

    def _choose(self, number: int) -> None:
        plan = self._choices[number].plan
        self._work("ask", "Answering", lambda: self._show_answer(self._session.run(plan)))

    def _use(self, name: str) -> None:
        self._work("use", f"Opening {name}", lambda: self._session.use(name))

    def _disclose(self, profile: str) -> None:
        """Put a profile of disclosure control in force; what is shown from before, under another, goes."""

        def disclose() -> None:
            self._session.disclosure(profile)
            self._choices = ()
            self._show(answer=None, rerun=None, described=None, uploaded=None, changes=None)

        self._work("disclose", f"Choosing what may be shown: {profile}", disclose)

    def _describe(self, name: str | None) -> None:
        def describe() -> None:
            named = [dataset for dataset in self._session.datasets() if dataset.name == name]
            self._show(
                described=view_description(self._session, named[0]) if named else None, versions=None, changes=None
            )

        self._work("describe", f"Describing {name}", describe)

    def _accept(self, content: Mapping[str, Any]) -> None:
        """Accept proposals by their numbers, or all; `instead` is what the form for a change says."""
        which, instead = content["which"], content.get("instead") or ""
        self._settle("accept", content, lambda dataset: settling.accept(self._session, dataset, which, instead))

    def _reject(self, content: Mapping[str, Any]) -> None:
        self._settle("reject", content, lambda dataset: settling.reject(self._session, dataset, content["which"]))

    def _correct(self, content: Mapping[str, Any]) -> None:
        column, fields = f"{content['table']}.{content['column']}", content["fields"]
        self._settle("correct", content, lambda dataset: settling.correct(self._session, dataset, column, fields))

    def _settle(self, kind: str, content: Mapping[str, Any], settle: Callable[[Dataset], Settled]) -> None:
        """Do what a person says of the version that she sees, and show the next in its place."""
        name, seen = str(content["name"]), str(content["version"])

        def work() -> None:
            try:
                settled = settle(settling.of_version(self._session, name, seen))
            except ClinicalError:
                self._show(described=view_description(self._session, self._session.find(name)))
                raise
            shown = view_description(self._session, settled.dataset)
            self._show(described={**shown, "changes": settled.changes}, uploaded=None, versions=None, changes=None)

        self._work(kind, f"Making the next version of {name}", work)

    def _versions(self, name: str | None) -> None:
        """Show the versions of a dataset, or with None no longer."""

        def list_versions() -> None:
            versions = None
            if name is not None:
                versions = view_versions(self._session.versions(name), self._session.copies(name))
            self._show(versions=versions, changes=None, described=None)

        self._work("versions", f"Looking at the versions of {name}", list_versions)

    def _diff(self, content: Mapping[str, Any]) -> None:
        name, before, after = str(content["name"]), int(content["before"]), int(content["after"])

        def compare() -> None:
            changes = self._session.diff(name, before, after)
            self._show(changes={"name": name, "after": after, "html": changes.html()})

        self._work("diff", f"Comparing versions of {name}", compare)

    def _drop(self, name: str) -> None:
        """Delete a dataset for good; the browser has asked whether it is meant."""

        def drop() -> None:
            self._session.drop(name)
            shown: Any = self.view["answer"]
            answer = None if shown and shown["dataset"] == name else shown
            self._show(versions=None, changes=None, described=None, uploaded=None, answer=answer)

        self._work("drop", f"Deleting {name}", drop)

    def _rerun(self, content: Mapping[str, Any]) -> None:
        run, latest = str(content["run"]), bool(content["latest"])

        def rerun() -> None:
            answer = self._session.rerun(run, on_latest=latest)
            self._show(rerun={"of": run, "answer": view_answer(answer)})

        self._work("rerun", "Running it again", rerun)

    def _older(self, known: int) -> None:
        """Send the next runs that the browser does not have: it has so many, from the oldest on."""
        asked = self._asked
        older = [] if asked is None else asked.head(-_RUNS_SHOWN)[known : known + _RUNS_SENT].to_dicts()
        piece = [view_run(row, self._current) for row in older]
        self.send({"older": {"from": known, "runs": piece}})  # pyright: ignore[reportUnknownMemberType] - ipywidgets has no types

    def _store_chunk(self, chunk: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """Write a piece at once, on whatever thread it comes: the browser waits for it with the next."""
        piece = Chunk(**chunk)
        try:
            if piece.file not in self._cancelled:
                self._incoming.write(piece, bytes(buffers[0]))
        except ClinicalError:
            self._cancel([piece.file])
            raise
        finally:
            self.send({"stored": {"file": piece.file, "offset": piece.offset}})  # pyright: ignore[reportUnknownMemberType] - ipywidgets has no types

    def _upload(self, content: Mapping[str, Any]) -> None:
        """Read what arrived: `files` are of the data, `dictionary` may say what their columns mean."""
        files: list[View] = content["files"]
        dictionary: View | None = content["dictionary"]
        sent = [*files, *([dictionary] if dictionary else [])]

        def upload() -> None:
            try:
                if not self._cancelled.isdisjoint(each["file"] for each in sent):
                    return
                paths = [self._incoming.finish(each["file"], each["name"]) for each in files]
                words = self._incoming.finish(dictionary["file"], dictionary["name"]) if dictionary else None
                dataset = self._session.upload(paths, name=content["name"] or None, dictionary=words)
                found = view_description(self._session, dataset)
                uploaded = {part: found[part] for part in ("name", "findings", "proposals")}
                self._show(uploaded=uploaded, answer=None, described=None, versions=None, changes=None)
            finally:
                for each in sent:
                    self._incoming.discard(each["file"])

        self._work("upload", f"Reading {', '.join(each['name'] for each in files)}", upload)

    def _cancel(self, files: list[str]) -> None:
        """Forget files that are on their way or wait to be read; what is being read already is stored."""
        self._cancelled.update(files)
        for file in files:
            self._incoming.discard(file)

    def _show_answer(self, answer: Any) -> None:  # noqa: ANN401 - Answer's module imports Polars
        self._choices = answer.choices
        self._show(answer=view_answer(answer))

    def _work(self, kind: str, doing: str, job: Callable[[], object]) -> None:
        """Do a job in the thread, and show before it what is being done and after it what the store now holds."""

        def work() -> None:
            error: View | None = None
            try:
                self._show(busy={"doing": doing, "kind": kind, "waiting": self._worker.waiting}, error=None)
                job()
                self._show(**self._held())
            except Exception as failure:  # noqa: BLE001 - the outermost edge: a thread's exception is shown nowhere else
                error = _view_error(failure, kind)
            self._show(busy=None, error=error)

        self._worker.submit(work)

    def _held(self) -> View:
        """Return what the store holds now, and what was asked of it."""
        asked, current = self._session.history(), current_versions(self._session)
        self._asked, self._current = asked, current
        newest = [view_run(row, current) for row in reversed(asked.tail(_RUNS_SHOWN).to_dicts())]
        return {"history": newest, "asked": len(asked), **view_store(self._session)}

    def _show(self, **parts: object) -> None:
        """Replace parts of the state and send it down."""
        with self._showing:
            self.view = {**self.view, **parts}


def _view_error(error: Exception, kind: str) -> View:
    """Return what the panel says of a failure: the sentence of a person's mistake, or that it is our defect."""
    if isinstance(error, ClinicalError):
        return {"kind": kind, "message": error.message, "hint": error.hint, "detail": ""}
    return {
        "kind": kind,
        "message": "clinical_nb could not do this. It is a defect of clinical_nb, not something you did.",
        "hint": "Nothing that was stored is lost.",
        "detail": "".join(traceback.format_exception(error)),
    }


def _stay_on_own_subshell(panel: Panel) -> None:
    """Keep the panel's messages on the subshell that the browser chose.

    ipykernel 7.4.0 sends them to where the widget last sent from, which after a progress message is the main thread:
    the panel would then stand still while a cell runs. Other versions have no such attribute.
    """
    comm: Any = panel.comm
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _as_asked  # noqa: SLF001 - there is no public way to undo it


def _as_asked(_data: object, asked: object) -> object:
    return asked
