"""Loads the extension in every new kernel of an IPython profile, through a small file in its startup folder."""

from pathlib import Path

_FILE = "50-clinical_nb.py"
_SNIPPET = '''"""Written by `%clinical autoload on`; `%clinical autoload off` removes it."""

from IPython import get_ipython

try:
    get_ipython().extension_manager.load_extension("clinical_nb")
except Exception as error:
    print(f"clinical_nb could not be loaded ({error}); `%clinical autoload off`, or deleting {__file__}, stops trying.")
'''


def switch_on(startup: Path) -> str:
    """Write the file, unless it is there, and return a sentence that says so and how to undo it."""
    file = startup / _FILE
    if is_on(startup) and file.read_text(encoding="utf-8") == _SNIPPET:
        return f"Autoload is on already: {file}. Undo it with %clinical autoload off."
    startup.mkdir(parents=True, exist_ok=True)
    file.write_text(_SNIPPET, encoding="utf-8")
    return (
        f"Autoload is on: new kernels of this profile load clinical_nb ({file}). Undo it with %clinical autoload off."
    )


def switch_off(startup: Path) -> str:
    """Remove the file, where it is there, and return a sentence that says so."""
    if not is_on(startup):
        return "Autoload is off already."
    (startup / _FILE).unlink()
    return f"Autoload is off: {startup / _FILE} is removed. Turn it on with %clinical autoload on."


def say_state(startup: Path) -> str:
    """Return a sentence that says whether it is on."""
    if is_on(startup):
        return f"Autoload is on: {startup / _FILE}. Undo it with %clinical autoload off."
    return "Autoload is off. Turn it on with %clinical autoload on."


def is_on(startup: Path) -> bool:
    """Say whether the profile has the file."""
    return (startup / _FILE).is_file()
