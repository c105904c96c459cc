"""What many tests need: the two real trials that the project ships, and how many examples a property is tried on."""

import json
import os
from pathlib import Path

import jsonschema
import pytest
from hypothesis import settings

from clinical_nb.history import logger
from clinical_nb.history.schema import history_schema

# Half of hypothesis' own number, so that `make test-fast` stays under a minute; how long one takes says more of the
# machine than of the code. CI tries the same examples each time; people's machines look for new ones.
settings.register_profile("quick", max_examples=50, deadline=None, derandomize="CI" in os.environ)
settings.load_profile("quick")

_LINES = {
    name: jsonschema.Draft202012Validator({**definition, "$defs": {}})
    for name, definition in history_schema()["$defs"].items()
}
DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def indo_rct() -> Path:
    return DATA / "indo_rct" / "indo_rct.csv"


@pytest.fixture
def pbc() -> Path:
    return DATA / "pbc" / "pbc.csv"


@pytest.fixture(autouse=True)
def each_line_of_the_history_satisfies_its_schema(monkeypatch):
    """Check whatever a test writes into a history in this process."""
    chained = logger.chained

    def checked(*arguments):
        line, link = chained(*arguments)
        entry = json.loads(line)
        _LINES[entry["event"]].validate(entry)
        return line, link

    monkeypatch.setattr(logger, "chained", checked)
