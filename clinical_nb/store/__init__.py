"""Tables → versions: content hashes, DuckDB, Parquet, locks, recovery."""
