"""What many tests need: the two real trials that the project ships, and how many examples a property is tried on."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Half of hypothesis' own number, so that `make test-fast` stays under a minute; how long one takes says more of the
# machine than of the code. CI tries the same examples each time; people's machines look for new ones.
settings.register_profile("quick", max_examples=50, deadline=None, derandomize="CI" in os.environ)
settings.load_profile("quick")

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def indo_rct() -> Path:
    return DATA / "indo_rct" / "indo_rct.csv"


@pytest.fixture
def pbc() -> Path:
    return DATA / "pbc" / "pbc.csv"
