"""Steps as sentences."""

import pytest

from clinical_nb.dictionary.steps import step_from_json
from clinical_nb.render.steps import say_step


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"do": "missing", "values": ["-99"]}, "treat -99 as missing"),
        (
            {"do": "missing", "values": ["-99", "-98"], "reasons": {"-98": "refused"}},
            "treat -99, -98 (refused) as missing",
        ),
        ({"do": "dates", "formats": ["%d/%m/%Y"]}, "read as dates, day first (%d/%m/%Y)"),
        (
            {"do": "dates", "formats": ["%m/%d/%y", "%Y-%m-%d"], "excel": True},
            "read as dates, month first (%m/%d/%y), else year first (%Y-%m-%d), or as Excel's day numbers",
        ),
        ({"do": "dates", "formats": ["%Y"]}, "read as dates, %Y"),
        (
            {"do": "recode", "values": {"F": "female", "f": "female", "m": "male"}},
            "write 'F', 'f' as 'female'; 'm' as 'male'",
        ),
        ({"do": "numbers"}, "read as numbers"),
        (
            {"do": "numbers", "decimal": ",", "thousands": ".", "factors": {"kg": 1, "lb": 0.4536}},
            "read as numbers; decimal comma; '.' between thousands; in kg; those in lb times 0.4536",
        ),
        (
            {"do": "censor"},
            "keep values beyond a limit (<5, >100) as such, counted as half the limit (above one, the limit)",
        ),
        ({"do": "split", "into": ["sbp", "dbp"]}, "split at '/' into sbp and dbp, and keep the text"),
    ],
)
def test_a_step_is_said_as_an_order(step, said):
    assert say_step(step_from_json(step)) == said


def test_of_many_values_the_first_are_said_and_how_many_more_there_are():
    step = step_from_json({"do": "missing", "values": [str(each) for each in range(90, 100)]})

    assert say_step(step) == "treat 90, 91, 92, 93, 94 and 5 more as missing"
