"""Ask clinical questions in plain words; the answers come with the right statistics, checked and reproducible."""

from typing import TYPE_CHECKING

from clinical_nb.errors import ClinicalError
from clinical_nb.session import Dataset, Session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["ClinicalError", "Dataset", "Session", "current", "load_ipython_extension", "unload_ipython_extension"]
__version__ = "0.1.0"


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Open the store, restore its datasets and add the magics: what `%load_ext clinical_nb` runs."""
    from clinical_nb.notebook import extension  # noqa: PLC0415 - a script that uses Session needs no IPython

    extension.load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take away the magics and close the session: what `%unload_ext clinical_nb` runs."""
    from clinical_nb.notebook import extension  # noqa: PLC0415 - as above

    extension.unload(shell)


def current() -> Session:
    """Return the session that `%load_ext clinical_nb` opened in this kernel.

    Raises
    ------
    ClinicalError
        When the extension is not loaded.

    """
    from clinical_nb.notebook import extension  # noqa: PLC0415 - as above

    return extension.session()
