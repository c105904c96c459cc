"""However comments, quotes and EXPLAIN stand around a harmful statement, SQL only reads, and its history is true."""

from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clinical_nb
from clinical_nb.errors import ClinicalError
from clinical_nb.store.sql.tokens import blank_comments

CANARY = "Canary-in-a-file"
HARMFUL = (
    "COPY (SELECT 666 AS x) TO '{file}' (FORMAT csv, use_tmp_file false)",
    "COPY trial TO '{home}/new.csv'",
    "ATTACH '{home}/analytics.duckdb' AS a",
    "INSTALL httpfs",
    "CREATE TABLE x AS SELECT 1",
    "SET allowed_paths = ['{home}/secret.txt']",
    "PRAGMA database_list",
    "SELECT content FROM read_text('{home}/secret.txt')",
    "SELECT content FROM read_blob('{file}')",
    "FROM '{file}'",
    "EXPORT DATABASE '{home}/new'",
)
HARMLESS = (
    "SELECT 1 FROM trial",
    "FROM trial",
    "(SELECT sex FROM trial)",
    "SELECT 'a' AS age",
    "SELECT 1",
    "DESCRIBE trial",
)
SPLICES = (
    "/*", "*/", "/* /* */", "/* */ */", "--", "-- */", "\n", "\r", " ", ";", "; ", "'", "''", "E'", "\\'", "$$", "$t$",
    "$1$", '"', "(", ")", "explain", "EXPLAIN ANALYZE", "explain (", "analyze", "analyze)", "(format json)", ",",
    "\N{NO-BREAK SPACE}", "\N{LINE SEPARATOR}", "\N{IDEOGRAPHIC SPACE}", "\N{ZERO WIDTH NO-BREAK SPACE}", "1e'\\' -- '",
    ") AS x", "SELECT * FROM (", "UNION ALL", "WITH x AS (",
)  # fmt: skip
HIDING = (
    "{0} {1}",
    "/* /* */ {1} -- */ {0}",
    "{1} -- \r {0}",
    "explain (/* ) {1} -- */ analyze) {0}",
    "{1}; {0}",
    "explain /* {1} */ {0}",
    "'/*' {1} '*/' {0}",
    "{1} /* ' */ {0} --'",
    "WITH x AS ({0}) {1}",
    "{1}) AS x; {0}; {1}",
)


@pytest.fixture
def session(tmp_path):
    (tmp_path / "trial.csv").write_text("id,sex,age\n1,f,60\n2,m,70\n")
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(tmp_path / "trial.csv")
        (session.home / "secret.txt").write_text(CANARY)
        yield session


@st.composite
def attempts(draw):
    """Draw a text of whole statements, harmful and not, with anything spliced between them and into them."""
    template = draw(st.sampled_from(HIDING))
    whole = template.format(draw(st.sampled_from(HARMFUL + HARMLESS)), draw(st.sampled_from(HARMLESS)))
    words = whole.split(" ")
    for splice in draw(st.lists(st.sampled_from(SPLICES), max_size=4)):
        words.insert(draw(st.integers(0, len(words))), splice)
    return " ".join(words)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(attempts())
def test_however_a_statement_is_disguised_it_only_reads_and_is_told(session, attempt):
    (file,) = (session.home / "parquet").glob("*.parquet")
    text = attempt.replace("{file}", str(file)).replace("{home}", str(session.home))
    before = _bytes_of(session.home)

    try:
        selection = session.sql(text)
    except ClinicalError as error:
        selection, said = None, str(error)
    else:
        said = str(selection.frame.collect().rows())

    assert CANARY not in said
    assert _bytes_of(session.home) == before
    if selection is not None:
        runs = session.history()
        (shown,) = runs.filter(runs["run_id"] == selection.run_id)["question"]
        assert _keywords(shown.replace("▢", "''")) == _keywords(text)
        assert _tree(text) == _tree(blank_comments(text))


def _bytes_of(home: Path) -> dict[Path, bytes]:
    """Return what the store holds; the history is written at each run."""
    files = (path for path in home.rglob("*") if path.is_file() and "history" not in path.relative_to(home).parts[0])
    return {path: path.read_bytes() for path in files}


def _keywords(text: str) -> list[str]:
    """Return the words of SQL that a text has outside of its comments and quotes, as DuckDB cuts it."""
    content = text.encode()
    tokens = [*duckdb.tokenize(text), (len(content), None)]
    words = [(content[at:end].decode(), kind) for (at, kind), (end, _) in pairwise(tokens)]
    return [word.strip().lower() for word, kind in words if kind == duckdb.token_type.keyword]


def _tree(text: str) -> str:
    """Return what DuckDB's own parser makes of a query, with the places of its parts."""
    with duckdb.connect() as connection:
        return str(connection.execute("SELECT json_serialize_sql(?)", [text]).fetchall())
