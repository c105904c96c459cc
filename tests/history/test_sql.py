"""A statement in the history holds SQL's words and the store's names, and nothing that only its writer knew."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.history.sql import mask_sql

WORDS = {"select", "from", "where", "and", "in", "count", "as", "date", "like", "limit", "group", "by", "integer"}
NAMES = {name: name for name in ("trial", "visits", "Ünï.cødé", 'a"b', "age", "body weight")} | {"smith": "◇1"}
CANARY = "Canary"


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT count(*) FROM trial.visits WHERE age > 65", "SELECT count(*) FROM trial.visits WHERE age > ▢"),
        ("select AGE\n  from Visits", "select AGE from Visits"),
        ("SELECT 'Canary'", "SELECT ▢"),
        ('FROM smith, SMITH.age, "Smith"', "FROM ◇1, ◇1.age, ◇1"),
        ("SELECT 'it''s Canary'", "SELECT ▢"),
        (r"SELECT 'a\' AND age = 'Canary'", "SELECT ▢ AND age = ▢"),
        (r"SELECT E'a\'Canary' AND age", "SELECT ▢ AND age"),
        (r"SELECT e'a\\' AND age", "SELECT ▢ AND age"),
        ("SELECT $$Canary ' select$$, age", "SELECT ▢, age"),
        ("SELECT $tag$Canary $$ select$tag$, age", "SELECT ▢, age"),
        ("SELECT $1, ?", "SELECT ▢, ?"),
        ("SELECT x'Canary', date '1980-05-12'", "SELECT ▢, date ▢"),
        ("SELECT 'Canary", "SELECT ▢"),
        ("SELECT $$Canary", "SELECT ▢"),
        ('SELECT "Canary', "SELECT ▢"),
        ("SELECT age -- Canary\nFROM visits /* Canary */", "SELECT age FROM visits"),
        ("SELECT age /* Canary", "SELECT age"),
        ("SELECT age /* a /* select */ Canary */", "SELECT age ▢ */"),
        ('SELECT "Canary", "a""b" FROM "Ünï.cødé"', 'SELECT ▢, "a""b" FROM "Ünï.cødé"'),
        ('SELECT "body weight", "Age"', 'SELECT "body weight", "Age"'),
        ("SELECT Canary AS Canary2 FROM Canary.visits", "SELECT ▢ AS ▢ FROM ▢.visits"),
        ("SELECT age IN (1, 2, 3, 'Canary')", "SELECT age IN (▢, …)"),
        ("SELECT 1.5e3, .5, 0x1F, 12_345_678, 1980-05-12", "SELECT ▢, …-▢-▢"),
        ("SELECT Jo\u0301rgen, \U0001f600, a\u200bge", "SELECT ▢, …"),
        ("", ""),
    ],
)  # fmt: skip
def test_values_comments_and_unknown_words_are_masked(statement, shown):
    assert mask_sql(statement, WORDS, NAMES) == shown


PIECES = st.sampled_from(
    [
        "'",
        '"',
        "$$",
        "$t$",
        "E'",
        "\\",
        "--",
        "/*",
        "*/",
        "\n",
        " ",
        ",",
        "(",
        "SELECT",
        "age",
        CANARY,
        "7417",
        ";",
        "''",
    ]
)


@given(st.lists(PIECES, max_size=25))
def test_however_the_quotes_stand_nothing_unknown_is_shown(pieces):
    shown = mask_sql(" ".join(pieces), WORDS, NAMES)

    assert CANARY not in shown
    assert not re.search("[0-9]", shown)


@given(st.text(max_size=60))
def test_any_text_is_masked_to_known_words_and_signs(text):
    names = {name: name for name in NAMES if name != "smith"}

    shown = mask_sql(text, WORDS, names)

    for word in re.findall(r"\w+", re.sub(r'"(?:""|[^"])*"', "", shown)):
        assert word.lower() in WORDS | names.keys()
