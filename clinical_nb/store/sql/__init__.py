"""SQL over what the store holds: read only, on an in-memory DuckDB that can read the named tables and nothing else."""
