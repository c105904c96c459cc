"""What many tests need: the two real trials that the project ships."""

from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def indo_rct() -> Path:
    return DATA / "indo_rct" / "indo_rct.csv"


@pytest.fixture
def pbc() -> Path:
    return DATA / "pbc" / "pbc.csv"
