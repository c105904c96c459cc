"""What many tests need: two real trials, a session of a small one, and how many examples a property is tried on."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from hypothesis import settings

import clinical_nb
from clinical_nb.history import logger
from clinical_nb.history.events import SCHEMA
from clinical_nb.history.schema import history_schema

# Half of hypothesis' own number, so that the quick tests stay quick; how long one takes says more of the
# machine than of the code. CI tries the same examples each time; people's machines look for new ones.
settings.register_profile("quick", max_examples=50, deadline=None, derandomize="CI" in os.environ)
settings.load_profile("quick")

signal.signal(signal.SIGINT, signal.default_int_handler)  # which a job in a shell's background ignores: tests send it

_LINES = {
    name: jsonschema.Draft202012Validator({**definition, "$defs": {}})
    for name, definition in history_schema()["$defs"].items()
}
_DAMAGED = "lines-were-damaged-here"
DATA = Path(__file__).parent.parent / "data"

# Modules that drive the whole program, or take many examples: together five sixths of the time of the quick tests.
_LONG_MODULES = {
    "analysis": "compare deriving fisher groups joining models",
    "ask": "across following reading refusing schemas times twice typed",
    "disclosure": "suppress",
    "end_to_end": "groups pairs real_files tables trials",
    "fuzz": "fuzz",
    "history": "verify",
    "intake": "long_numbers odd_text parquet pieces plain_piece spreadsheet statistical unsafe_workbook web_page",
    "moving": "adoption archive export",
    "quality": "odd_values ugly_dates ugly_values",
    "store": "catalogue datastore hash record restore sql tables uploads",
    "answering": "conversation querying withholding",
    "sessions": "attaching declaring",
    "uploading": "preparing storing",
    "": "adversary architecture bad_files names odd_files plan session",
}
_LONG = frozenset(
    Path(__file__).parent / folder / f"test_{module}.py"
    for folder, modules in _LONG_MODULES.items()
    for module in modules.split()
)
if gone := [str(path) for path in _LONG if not path.is_file()]:
    raise FileNotFoundError(f"_LONG_MODULES names {gone}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make test-fast` leaves out, besides the slow ones."""
    for item in items:
        if item.path in _LONG:
            item.add_marker(pytest.mark.long)


@pytest.fixture
def indo_rct() -> Path:
    return DATA / "indo_rct" / "indo_rct.csv"


@pytest.fixture
def pbc() -> Path:
    return DATA / "pbc" / "pbc.csv"


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def files(tmp_path, request) -> Path:
    """The folder with a trial and its dictionary, which are the texts CSV and MEANING of the test's module."""
    (tmp_path / "trial.csv").write_text(request.module.CSV)
    (tmp_path / "meaning.csv").write_text(request.module.MEANING)
    return tmp_path


@pytest.fixture
def session(home, files) -> Iterator[clinical_nb.Session]:
    """The session of a new store that holds these files as its only dataset."""
    with clinical_nb.Session(home) as session:
        session.upload(files / "trial.csv", dictionary=files / "meaning.csv")
        yield session


@pytest.fixture(autouse=True, scope="session")
def each_line_of_the_history_satisfies_its_schema(tmp_path_factory):
    """Check whatever any test writes into a history: in this process at once, by kernels and others in the end."""
    chained = logger.chained

    def checked(*arguments):
        line, link = chained(*arguments)
        entry = json.loads(line)
        _LINES[entry["event"]].validate(entry)
        return line, link

    with pytest.MonkeyPatch.context() as patch:  # before the stores that a module's tests share are made
        patch.setattr(logger, "chained", checked)
        yield
    validate_lines(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def each_line_that_a_test_leaves_satisfies_its_schema(request):
    """Check what processes of a test wrote, so that it is the test that fails."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None and request.path.parent.name == "history":  # whose tests damage lines
        (folder / _DAMAGED).touch()
    elif folder is not None:
        validate_lines(folder)


def validate_lines(folder: Path) -> None:
    """Hold each line of each history in a folder to its schema, but where a test damaged them."""
    for file in folder.rglob("history/queries-*.jsonl"):
        if not any((above / _DAMAGED).exists() for above in file.parents):
            for line in file.read_bytes().splitlines():
                validate_line(line)


def validate_line(line: bytes) -> None:
    """Hold a line of a history to its schema; one of an older schema, or that a killed process tore, to none."""
    try:
        entry = json.loads(line)
    except ValueError:
        return
    if entry.get("schema") == SCHEMA:
        _LINES[entry["event"]].validate(entry)
