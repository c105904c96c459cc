"""SQL over the store: it reads every dataset, whatever its names, and nothing else; what is wrong has its place."""

import os
import signal
import threading
import time
from itertools import count
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from clinical_nb.errors import SqlError, StoreError
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.quoting import quote, quote_text
from clinical_nb.store.sql import query
from clinical_nb.store.sql.mistakes import translate
from clinical_nb.store.sql.names import name_stored, name_tables
from clinical_nb.store.sql.query import prepare
from clinical_nb.store.version import Provenance

VISITS = pl.DataFrame({"patient": [1, 1, 2], "weight": [70.5, None, 82.0], "sex": ["f", "f", "John Smith"]})
LABS = pl.DataFrame({"patient": [1, 2], "crp": ["<5", "12"]})
_HERE = Path(__file__).parent
REFUSED = (_HERE / "sql_refused.txt").read_text(encoding="utf-8").splitlines()[1:]
MISTAKES = [
    tuple(block.strip().split("\n=> "))
    for block in (_HERE / "sql_mistakes.txt").read_text(encoding="utf-8").split("\n\n")[1:]
]


@pytest.fixture
def store(tmp_path):
    store = DataStore(tmp_path / "ho[m]e '*'")
    publish(store, "trial", {"visits": VISITS, "labs": LABS})
    return store


def publish(store, dataset, frames, dictionary=""):
    return store.publish(
        dataset, {name: store.save_table(frame) for name, frame in frames.items()}, dictionary, Provenance()
    )


def look(store, text, in_use="trial"):
    return prepare(store, text, name_stored(store.home, in_use)).look(20)


def remarks(store, text):
    return prepare(store, text, name_stored(store.home)).remarks


def refused(store, text):
    with pytest.raises(SqlError) as error:
        look(store, text)
    return error.value


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM trial.visits",
        "select * from TRIAL.Visits;",
        "SELECT * FROM trial.visits ; -- and no more",
        "FROM trial.visits",
        "FROM visits",
        "FROM memory.trial.visits",
        "WITH v AS (SELECT * FROM trial.visits) FROM v",
        "WITH visits AS (FROM trial.visits) FROM visits",
        "(SELECT * FROM trial.visits)",
        "/* é */ SELECT * FROM trial.visits /* ; */",
        "SELECT v.* FROM trial.visits v WHERE patient IN (SELECT patient FROM labs)",
    ],
)
def test_a_dataset_is_a_schema_and_its_tables_are_there(store, text):
    found = look(store, text)

    assert found.rows == 3
    assert_frame_equal(found.first, VISITS)
    assert_frame_equal(found.frame.collect(), VISITS)


def test_the_name_of_a_dataset_stands_for_its_only_table(store):
    publish(store, "other", {"values": LABS})

    assert_frame_equal(look(store, "FROM other").first, LABS)


def test_the_name_of_a_dataset_stands_for_the_table_that_is_called_as_it_is(store):
    publish(store, "Labs", {"labs": LABS[:1], "more": VISITS})

    assert_frame_equal(look(store, "FROM labs", in_use=None).first, LABS[:1])
    assert_frame_equal(look(store, "FROM labs.labs").first, LABS[:1])


def test_a_name_that_could_be_two_tables_is_asked_back(store):
    publish(store, "labs", {"labs": LABS[:1]})

    assert str(refused(store, "FROM labs")) == "Line 1, column 6: 'labs' could be trial.labs or labs.labs. Write which."


def test_datasets_are_joined(store):
    publish(store, "other", {"arms": pl.DataFrame({"patient": [1, 2], "arm": ["drug", "placebo"]})})

    found = look(
        store, "SELECT arm, count(*) AS n FROM trial.visits JOIN other.arms USING (patient) GROUP BY 1 ORDER BY 1"
    )

    assert found.first.rows() == [("drug", 2), ("placebo", 1)]


def test_the_current_version_is_read(store):
    publish(store, "trial", {"visits": VISITS[:1], "labs": LABS})

    assert look(store, "FROM trial.visits").rows == 1


def test_listings_show_every_dataset_and_read_no_table(store):
    publish(store, "other", {"values": LABS})
    for file in (store.home / "parquet").glob("*"):
        file.unlink()

    found = look(store, "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema <> 'main'")

    assert sorted(found.first.rows()) == [("other", "values"), ("trial", "labs"), ("trial", "visits")]
    assert look(store, "SHOW ALL TABLES").rows == 3 + 3  # `visits` and `labs` of the dataset in use, and `other`
    assert look(store, "SELECT DISTINCT column_name FROM duckdb_columns() WHERE column_name = 'crp'").rows == 1


def test_describing_tells_the_columns_of_a_table(store):
    assert look(store, "DESCRIBE trial.visits").first["column_name"].to_list() == VISITS.columns
    assert look(store, "SUMMARIZE visits").first["column_name"].to_list() == VISITS.columns


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("EXPLAIN SELECT * FROM visits", "READ_PARQUET"),
        ("/* é /* */ */ explain -- x\n(SELECT * FROM visits);;", "READ_PARQUET"),
        ("EXPLAIN ANALYZE (SELECT * FROM visits)", "Total Time"),
        ("explain (analyze) SELECT * FROM visits", "Total Time"),
        ("EXPLAIN (/* ) */ format json, analyze) FROM visits", "total_bytes_read"),
        ("EXPLAIN ANALYZE (FORMAT json) FROM visits", "total_bytes_read"),
        ("EXPLAIN SUMMARIZE visits", "READ_PARQUET"),
    ],
)
def test_explaining_tells_what_would_be_done(store, text, told):
    assert told.casefold() in look(store, text).first["explain_value"][0].casefold()


def test_only_the_tables_that_are_named_are_checked(store):
    hashes = {name: table.hash for name, table in store.list_versions("trial")[0].tables.items()}
    (store.home / "parquet" / f"{hashes['labs']}.parquet").write_bytes(b"damaged")

    look(store, "FROM visits")

    assert (store.home / "parquet" / f"{hashes['labs']}.parquet").read_bytes() == b"damaged"
    with pytest.warns(UserWarning, match="rebuilt"):
        assert look(store, "FROM labs").rows == 2


@pytest.mark.parametrize(
    "text",
    [*REFUSED, "", " ;; -- nothing", "SELECT 'a\0b'", "SELECT '\ud800'", "SELECT " + "(" * 2000 + "1" + ")" * 2000],
)
def test_what_does_more_than_read_the_store_is_refused_with_a_sentence(store, text):
    file = next((store.home / "parquet").glob("*.parquet"))
    (store.home / "history").mkdir()
    (store.home / "history" / "queries-000001.jsonl").write_text("{}\n")
    before = _bytes_of(store.home)
    df = VISITS_OF_THE_TEST = VISITS  # noqa: F841, N806 - a variable of whoever calls is no table

    error = refused(store, text.replace("{file}", _in_sql(file)).replace("{home}", _in_sql(store.home)))

    assert str(error)[0].isupper()
    assert "Error" not in str(error)
    assert "\n" not in str(error)
    assert _bytes_of(store.home) == before


def test_what_slips_through_reading_finds_the_database_closed(store):
    prepared = prepare(store, "FROM visits", name_stored(store.home, "trial"))
    hashes = {name: table.hash for name, table in store.list_versions("trial")[0].tables.items()}
    other = _in_sql(store.home / "parquet" / f"{hashes['labs']}.parquet")

    with prepared._connected() as connection:
        for text in (
            f"FROM read_parquet('{other}')",
            f"FROM '{other}'",
            "FROM read_text('/etc/passwd')",
            f"FROM glob('{_in_sql(store.home)}/*')",
            f"COPY (SELECT 1) TO '{_in_sql(store.home)}/x.csv'",
            f"ATTACH '{_in_sql(store.home)}/analytics.duckdb' AS a",
            "SET enable_external_access = true",
            "SET allowed_paths = ['/etc/passwd']",
            "INSTALL httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(text).fetchall()


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_a_mistake_is_one_sentence_with_its_place(store, text, told):
    assert str(refused(store, text)) == told


@pytest.mark.parametrize(
    "far",
    [
        "'infinity'::DATE", "'-infinity'::TIMESTAMP", "'infinity'::TIMESTAMPTZ", "'infinity'::TIMESTAMP_NS",
        "DATE '12000-01-01'", "DATE '0044-03-15 (BC)'", "TIMESTAMP_S '290000-01-01'", "[NULL, 'infinity'::DATE]",
        "[[TIMESTAMP_MS '12000-01-01']]",
    ],
)  # fmt: skip
@pytest.mark.parametrize("rows", [1, 30])
def test_a_date_that_cannot_be_shown_is_told_and_can_be_had_as_text(store, far, rows):
    error = refused(store, f"SELECT {far} AS d FROM range({rows})")  # noqa: S608 - the test's own

    assert str(error) == (
        "A date is not in the years 1 to 9999. Leave it out, or make it a text: CAST(column AS VARCHAR)."
    )
    assert look(store, f"SELECT CAST({far} AS VARCHAR) AS d FROM range({rows})").rows == rows  # noqa: S608 - the same


def test_dates_at_the_ends_of_what_can_be_shown_are(store):
    found = look(store, "SELECT unnest([DATE '0001-01-01', DATE '9999-12-31', NULL]) AS d, [NULL::DATE] AS l, [] AS e")

    assert [row[0] and row[0].year for row in found.first.rows()] == [1, 9999, None]
    assert look(store, "SELECT TIMESTAMP '9999-12-31 23:59:59.999999' AS t").first["t"].item().year == 9999


def test_a_far_date_further_on_is_told_when_the_frame_is_collected(store):
    found = look(store, "SELECT DATE '9999-12-01' + CAST(range // 10000 AS INTEGER) AS d FROM range(400_000)")

    with pytest.raises(SqlError, match=r"A date is not in the years 1 to 9999\."):
        found.frame.collect()


def test_what_goes_wrong_further_on_is_told_when_the_frame_is_collected(store):
    publish(store, "long", {"long": pl.DataFrame({"text": ["1"] * 500_000 + ["John Smith"]})})

    found = look(store, "SELECT text::INTEGER AS number FROM long")

    assert found.rows == 500_001
    with pytest.raises(SqlError, match="'…' cannot be read as INT32"):
        found.frame.collect()


def test_many_rows_are_counted_and_only_the_first_fetched(store):
    found = look(store, "SELECT range AS n FROM range(10_000_000) ORDER BY n DESC")

    assert found.rows == 10_000_000
    assert found.first["n"].to_list() == list(range(9_999_999, 9_999_979, -1))


def test_the_lazy_frame_takes_what_polars_asks_of_it(store):
    frame = look(store, "SELECT range AS n, range % 7 AS m FROM range(1_000_000)").frame

    assert frame.head(5).collect()["n"].to_list() == [0, 1, 2, 3, 4]
    assert frame.filter(pl.col("n") > 999_997).select("m").collect().rows() == [(999_998 % 7,), (999_999 % 7,)]
    assert frame.group_by("m").len().collect()["len"].sum() == 1_000_000
    assert frame.sort("n", descending=True).head(1).collect()["n"].item() == 999_999
    assert frame.select(pl.len()).collect(engine="streaming").item() == 1_000_000


def test_a_table_that_is_deleted_after_it_was_checked_is_one_sentence_without_a_path(store):
    prepared = prepare(store, "FROM visits", name_stored(store.home, "trial"))
    files = {table: prepared._find_file(table) for table in prepared.statement.tables}
    with prepared._connected() as connection:
        store.drop("trial")

        with pytest.raises(StoreError) as defining, prepared._translated(0):
            list(prepared._definitions(files))
        with pytest.raises(StoreError) as reading, prepared._translated(0):
            connection.sql(prepared.statement.select).pl()

    for error in (defining, reading):
        assert error.value.message == "Table 'visits' of dataset 'trial' was deleted meanwhile."
        assert str(store.home) not in str(error.value)


MANY = "FROM visits, range(20)"  # more rows than are shown


def test_the_lazy_frame_keeps_to_the_version_that_it_was_made_of(store):
    frame = look(store, MANY).frame
    publish(store, "trial", {"visits": VISITS[:1], "labs": LABS})

    assert frame.collect().height == 60


@pytest.mark.parametrize("reader", ["Polars", "DuckDB", "Arrow"])
def test_a_file_that_is_deleted_while_a_statement_reads_it_is_a_deleted_table(tmp_path, reader):
    gone = tmp_path / "gone.parquet"
    connection = duckdb.connect(config={"errors_as_json": True})
    read = {
        "Polars": lambda: pl.scan_parquet(gone).collect_schema(),
        "DuckDB": lambda: connection.execute(f"FROM read_parquet({quote_text(str(gone))})"),
        "Arrow": lambda: gone.open("rb"),
    }

    with pytest.raises((OSError, duckdb.Error)) as caught:
        read[reader]()

    assert "a table was deleted meanwhile" in translate(caught.value, "FROM trial").message.lower()


def test_the_lazy_frame_of_a_deleted_dataset_says_so(store):
    frame = look(store, MANY).frame
    store.drop("trial")

    with pytest.raises(StoreError, match="Table 'visits' of dataset 'trial' cannot be read"):
        frame.collect()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT n % 50021 AS g, count(*) AS many, sum(x) AS total FROM long GROUP BY g",
        "SELECT n % 50021 AS g, count(*) AS many FROM long GROUP BY g LIMIT 15",
        "SELECT sum(x) AS total FROM long",
    ],
)
def test_rows_without_an_order_are_the_same_in_what_is_shown_and_collected(store, text):
    publish(store, "long", {"long": pl.select(n=pl.int_range(600_000)).with_columns(x=pl.col("n") % 1000 / 7)})

    found = look(store, text)

    for _ in range(3):
        collected = found.frame.collect()
        assert collected.height == found.rows
        assert collected.head(20).rows() == found.first.rows()


@pytest.mark.parametrize(
    "clock",
    ["now()", "NOW()", "current_timestamp", "Current_Timestamp", "get_current_timestamp()", "transaction_timestamp()"],
)
def test_the_clock_is_the_same_in_what_is_shown_and_collected(store, clock):
    found = look(store, f"SELECT {clock} AS at, range FROM range(30)")  # noqa: S608 - the test's own

    assert found.frame.collect()["at"].to_list() == found.first["at"].to_list()[:1] * 30


@pytest.mark.parametrize(
    "text",
    [
        "SELECT today()",
        "SELECT current_date",
        "SELECT localtime",
        "SELECT age(TIMESTAMP '1980-05-12')",
        "FROM visits WHERE now() > now()",
    ],
)
def test_what_the_clock_tells_is_kept(store, text):
    statement = prepare(store, text, name_stored(store.home, "trial")).statement

    assert statement.varies


def test_the_time_between_two_dates_needs_no_clock(store):
    text = "SELECT age(TIMESTAMP '2020-01-01', TIMESTAMP '1980-05-12')"

    assert not prepare(store, text, name_stored(store.home, "trial")).statement.varies


def test_a_sample_is_the_same_in_what_is_shown_counted_and_collected(store):
    found = look(store, "SELECT range AS n, random() AS r FROM range(10_000) USING SAMPLE 10 PERCENT (BERNOULLI)")

    collected = found.frame.collect()
    assert collected.height == found.rows
    assert_frame_equal(collected.head(20), found.first)


@pytest.mark.parametrize(
    ("expression", "dtype", "value"),
    [
        ("sum(patient)", pl.Int64, 4),
        ("count(*)", pl.Int64, 3),
        ("avg(patient)", pl.Float64, 4 / 3),
        ("INTERVAL 1 DAY", pl.String, "1 day"),
        ("'a'::ENUM('a', 'b')", pl.String, "a"),
        ("'101'::BIT", pl.String, "101"),
        ("TIMETZ '10:00:00+01'", pl.String, "10:00:00+01"),
        ("1::VARIANT", pl.String, "1"),
        ("union_value(k := 1)", pl.String, "1"),
        ("12::BIGNUM", pl.String, "12"),
        ("[INTERVAL 1 DAY]", pl.String, "[1 day]"),
        ("1.50::DECIMAL(5, 2)", pl.Decimal(5, 2), None),
        ("left(uuid()::VARCHAR, 0)", pl.String, ""),
        ("TIMESTAMPTZ '2020-01-01 00:00:00+01'", pl.Datetime("us", "UTC"), None),
        ("[1, 2]", pl.List(pl.Int32), [1, 2]),
        ("{'a': 1}", pl.Struct({"a": pl.Int32}), {"a": 1}),
        ("NULL", pl.Null, None),
    ],
)
def test_every_type_comes_to_polars(store, expression, dtype, value):
    found = look(store, f"SELECT {expression} AS x FROM visits LIMIT 1")  # noqa: S608 - the test's own

    assert found.first.schema == {"x": dtype}
    assert_frame_equal(found.frame.collect(), found.first)
    if value is not None:
        assert found.first["x"].to_list() == [value]


def test_columns_of_one_name_are_told_apart(store):
    found = look(store, 'SELECT 1 AS a, 2 AS a, 3 AS "A", 4 AS """q"')

    assert found.first.rows() == [(1, 2, 3, 4)]
    assert len(set(found.first.columns)) == 4
    assert found.first.columns[::3] == ["a", '"q']


def test_names_that_sql_takes_for_one_are_told_apart_and_said(store):
    ages = pl.DataFrame({"Age": [1], "AGE": [2], "age ": [3]})
    publish(store, "Trial", {"x": ages})

    found = look(store, "FROM Trial_6cf7")

    assert found.first.rows() == [(1, 2, 3)]
    assert found.first.columns == ["Age", "AGE_2", "age "]
    said = remarks(store, "FROM trial_a057.visits")
    assert said == (
        "SQL cannot tell the dataset 'trial' from another name: it is called 'trial_a057' here.",
        "SQL cannot tell the dataset 'Trial' from another name: it is called 'Trial_6cf7' here.",
    )
    assert remarks(store, "FROM Trial_6cf7.x") == (
        *said,
        "SQL cannot tell the column 'AGE' from another name: it is called 'AGE_2' here.",
    )


@pytest.mark.parametrize("said", ['"Trial"', "trial", "TRIAL", '"Trial"."Trial"', "trial.trial", "memory.trial.trial"])
@pytest.mark.parametrize("in_use", [None, "trial", "Trial", "other"])
def test_of_two_datasets_that_sql_takes_for_one_the_plain_name_is_neither(store, said, in_use):
    store.drop("trial")
    for name in ("trial", "Trial", "other"):
        publish(store, name, {name: pl.DataFrame({"x": [name]})})

    with pytest.raises(SqlError, match="could be"):
        prepare(store, f"FROM {said}", name_stored(store.home, in_use))


def test_what_a_dataset_is_called_beside_another_does_not_depend_on_which_is_older(store):
    publish(store, "TRIAL", {"x": VISITS})
    publish(store, "Trial", {"x": VISITS})

    one, other = (name_tables(store.list_datasets()[::step], None).tables for step in (1, -1))

    assert {table.dataset.dataset: table.schema for table in one} == {
        table.dataset.dataset: table.schema for table in other
    }


def test_columns_keep_their_names_where_the_file_was_rebuilt_in_another_order(store):
    composed, decomposed = "\N{LATIN SMALL LETTER E WITH ACUTE}", "e\u0301"
    frame = pl.DataFrame({"a": [1], "b": [2], composed: [3]})
    publish(store, "other", {"t": frame})
    table_hash = store.list_versions("other")[0].tables["t"].hash
    file = store.home / "parquet" / f"{table_hash}.parquet"
    file.unlink()
    publish(store, "other", {"t": frame.select(pl.col(composed).alias(decomposed), "b", "a")}, "new")
    file.unlink()

    with pytest.warns(UserWarning, match="rebuilt"):
        found = look(store, "SELECT a, b, * FROM other").first

    assert found.row(0)[:2] == (1, 2)
    assert dict(zip(found.columns[2:], found.row(0)[2:], strict=True)) == {decomposed: 3, "b_1": 2, "a_1": 1}


def test_names_that_duckdb_has_itself_are_told_apart_too(store):
    for name in ("main", "memory", "temp", "system", "information_schema", "pg_catalog"):
        publish(store, name, {"values": pl.DataFrame({"from": [name]})})
        assert look(store, f'FROM "{name}_2"."values"').first.rows() == [(name,)]


def test_a_dataset_may_be_called_as_a_list_of_duckdb_is(store):
    publish(store, "duckdb_tables", {"duckdb_tables": LABS})
    publish(store, "pg_tables", {"information_schema": VISITS})

    assert_frame_equal(look(store, "FROM duckdb_tables").first, LABS)
    assert_frame_equal(look(store, "SELECT p.* FROM pg_tables p, duckdb_views() LIMIT 3").first, VISITS[[0, 0, 0]])


def test_what_needs_too_much_memory_is_refused_and_leaves_nothing_on_the_disk(store, monkeypatch):
    monkeypatch.setitem(query._CONFIG, "memory_limit", "40MB")

    error = refused(store, "SELECT range AS n, hash(range) AS h FROM range(10_000_000) ORDER BY h LIMIT 5_000_000")

    assert str(error) == "It needs more memory than it may take. Ask for fewer rows or columns, or for groups."
    assert not Path(".tmp").exists()


NAMES = st.one_of(
    st.sampled_from(
        ["select", 'a"b', "..", "../x", "Ünï.cødé", "ünï.cødé", "Trial", "trial", "a'b", "a;b", "--", "/*", "$$",
         "a\nb", "main", "Main", "memory", "duckdb_tables", "%", "?", "a b", "ß", "SS", "İ", "visits.parquet"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(str.strip),
)  # fmt: skip
_homes = count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=4, unique_by=lambda names: names[0]))
def test_tables_are_found_whatever_they_are_called(tmp_path, named):
    store = DataStore(tmp_path / str(next(_homes)))
    for number, (dataset, table, column) in enumerate(named):
        publish(store, dataset, {table: pl.DataFrame({column: [number]})})

    names = name_stored(store.home)
    text = " UNION ALL ".join(
        f"SELECT {quote_text(table.dataset.dataset)}, {quote(table.columns[0])} "  # noqa: S608 - every name is quoted
        f"FROM {quote(table.schema)}.{quote(table.sql_name)}"
        for table in names.tables
    )
    found = prepare(store, text, names).look(20).first

    assert dict(found.rows()) == {dataset: number for number, (dataset, _, _) in enumerate(named)}


@pytest.mark.parametrize("collects", [False, True])
def test_the_persons_interrupt_ends_the_query(store, collects):
    prepared = prepare(
        store, "SELECT sum(a.range * b.range) AS s FROM range(100000000) a, range(10000) b", name_stored(store.home)
    )
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()

    with pytest.raises(KeyboardInterrupt):
        prepared._lazy(pl.Schema({"s": pl.Int64})).collect() if collects else prepared.look(20)

    assert time.monotonic() - started < 20


def _bytes_of(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def _in_sql(path: Path) -> str:
    return str(path).replace("'", "''")
