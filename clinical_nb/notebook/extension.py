"""What %load_ext clinical_nb does and undoes: the store opened, the magics, the completion, the panel."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import InteractiveShell

from clinical_nb.errors import ClinicalError
from clinical_nb.notebook.completion import Matcher, make_matcher
from clinical_nb.notebook.dataset_commands import NO_DATASETS
from clinical_nb.notebook.magic import ClinicalMagics, as_line
from clinical_nb.notebook.model_command import say_model
from clinical_nb.notebook.views import say_size, say_time
from clinical_nb.session import Session

if TYPE_CHECKING:  # the panel comes with the kernel, see `load`
    from clinical_nb.notebook.panel import Panel

_HOME = "CLINICAL_NB_HOME"


@dataclass(slots=True)
class _Loaded:
    """What the extension holds while it is loaded."""

    session: Session
    matcher: Matcher
    panel: "Panel | None" = None


_loaded: _Loaded | None = None
_STARTING = 2.0  # seconds; what a kernel sends before its notebook has connected is lost


def load(ip: InteractiveShell) -> None:
    """Open the store, say what it holds, and add the magics, the completion and the panel.

    Raises
    ------
    StoreError
        When the folder named by `CLINICAL_NB_HOME`, or else `clinical_data` here, cannot be made or written.

    """
    global _loaded  # noqa: PLW0603 - a kernel has one extension, as IPython has it
    opened = Session(Path(os.environ.get(_HOME) or "clinical_data").expanduser().resolve())
    matcher = make_matcher(opened)
    ip.register_magics(ClinicalMagics(ip, opened, open_panel))
    _matchers(ip).append(matcher)
    ip.input_transformers_cleanup.append(as_line)
    _loaded = _Loaded(opened, matcher)
    if hasattr(ip, "kernel"):
        # A panel of a kernel that was restarted waits in its notebook for this one, which has the same id.
        _open_when_heard(ip)
    print(_say_restored(opened))  # noqa: T201 - what %load_ext tells the person


def unload(ip: InteractiveShell) -> None:
    """Take away all that `load` added; the store stays as it is."""
    global _loaded  # noqa: PLW0603 - as in `load`
    if _loaded is None:
        return
    _matchers(ip).remove(_loaded.matcher)
    ip.input_transformers_cleanup.remove(as_line)
    for magics in _magics(ip).values():
        magics.pop("clinical", None)
    if _loaded.panel is not None:
        _loaded.panel.close()
    _loaded.session.close()
    _loaded = None


def session() -> Session:
    """Return the session of this kernel.

    Raises
    ------
    ClinicalError
        When the extension is not loaded.

    """
    return _extension().session


def open_panel() -> "Panel":
    """Return the kernel's one panel; made when it is first asked for."""
    from clinical_nb.notebook.panel import Panel  # noqa: PLC0415 - anywidget takes 47 ms, which a terminal never needs

    loaded = _extension()
    if loaded.panel is None:
        loaded.panel = Panel(loaded.session)
    return loaded.panel


def _open_when_heard(ip: InteractiveShell) -> None:
    """Make the panel now; or, while the kernel starts and nobody listens to it yet, a moment later."""
    if ip.kernel.get_parent("shell"):  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue] - ipykernel's
        open_panel()
        return
    later = threading.Timer(_STARTING, lambda: open_panel() if _loaded else None)
    later.daemon = True
    later.start()


def _matchers(ip: InteractiveShell) -> list[Matcher]:
    return ip.Completer.custom_matchers  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - IPython does not type it


def _magics(ip: InteractiveShell) -> dict[str, dict[str, object]]:
    return ip.magics_manager.magics  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - IPython does not type it


def _extension() -> _Loaded:
    if _loaded is None:
        raise ClinicalError("clinical_nb is not loaded.", "Run %load_ext clinical_nb.")
    return _loaded


def _say_restored(opened: Session) -> str:
    lines = [
        f"{dataset.name}: {say_size(dataset)}, version {dataset.number} ({dataset.version[:8]}), "
        f"stored {say_time(dataset.created)}"
        for dataset in opened.datasets()
    ]
    current = opened.current
    about = (
        [f"Questions are about {current.name}; %clinical use NAME changes that."] if current and len(lines) > 1 else []
    )
    model = [said] if (said := say_model(opened)) else []
    return "\n".join([*opened.warnings, *(lines or [NO_DATASETS]), *about, *model])
