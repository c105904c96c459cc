"""What the record holds: views under people's names, and nothing of a name run as SQL."""

import duckdb
import polars as pl
import pytest

from clinical_nb.store.datastore import DataStore
from clinical_nb.store.record import RECORD
from clinical_nb.store.version import Provenance

HOSTILE = [
    "visits",
    "VISITS",
    '"; DROP TABLE catalogue.versions; --',
    "a\nb\t'",
    "😀 \u202e",
    "SELECT",
    "x" * 300,
    "..",
]
FRAME = pl.DataFrame({"Age": [61, None], "AGE": ["a", "b"], "age": [True, None], 'q"; --': [0.5, 1.5]})


@pytest.fixture
def store(tmp_path):
    return DataStore(tmp_path / "home")


def query(store, text):
    with duckdb.connect(str(store.home / RECORD), read_only=True) as record:
        return record.execute(text).fetchall()


def test_each_table_of_a_version_is_a_view_under_its_seed_name(store):
    version = store.publish("trial", {"visits": store.save_table(FRAME)}, "", Provenance())
    view = f"{version.upload_id}_visits_{version.dataset_version}"

    rows = query(store, f'SELECT "Age", "AGE_2", "age_3", "q""; --" FROM "{view}" ORDER BY ALL')  # noqa: S608 - ours

    assert rows == [(61, "a", True, 0.5), (None, "b", None, 1.5)]


@pytest.mark.parametrize("dataset", HOSTILE)
def test_no_name_is_ever_sql(store, dataset):
    tables = {name: store.save_table(FRAME.with_columns(at=pl.lit(at))) for at, name in enumerate(HOSTILE)}

    version = store.publish(dataset, tables, "", Provenance())

    assert store.list_versions(dataset) == [version]
    assert [store.load_table(table.hash).collect()["at"][0] for table in version.tables.values()] == [*range(8)]
    assert len(query(store, "SELECT view_name FROM duckdb_views() WHERE NOT internal")) == len(HOSTILE)
    store.drop(dataset)
    assert query(store, "SELECT view_name FROM duckdb_views() WHERE NOT internal") == []
