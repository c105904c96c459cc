"""The published JSON Schema says what the lines are, of every kind of event."""

import json
from pathlib import Path

import jsonschema
import pytest

from clinical_nb.history.chain import START, chained
from clinical_nb.history.events import NAMES, SCHEMA
from clinical_nb.history.schema import history_schema

PUBLISHED = Path(__file__).parents[2] / "docs" / "history.schema.json"


def test_the_published_schema_is_the_one_of_the_code():
    assert json.loads(PUBLISHED.read_text()) == history_schema()


def test_it_is_a_schema_and_has_every_event():
    jsonschema.Draft202012Validator.check_schema(history_schema())

    assert history_schema()["$defs"].keys() == set(NAMES.values())


@pytest.mark.parametrize("change", [{"event": "other"}, {"extra": 1}, {"number": 0}, {"hash": "short"}, {"text": None}])
def test_what_is_no_line_does_not_satisfy_it(change):
    entry = {
        "schema": SCHEMA, "event": "question", "at": "2026-01-01T00:00:00+00:00", "run_id": "r", "dataset": "d",
        "dataset_version": "v", "text": "mean age", "status": "answered", "reading": None,
    }  # fmt: skip
    line = json.loads(chained(entry, START, b"key")[0])
    validator = jsonschema.Draft202012Validator(history_schema())
    assert validator.is_valid(line)

    assert not validator.is_valid({**line, **change})
