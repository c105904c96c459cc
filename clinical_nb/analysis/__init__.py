"""Plan → result: counts.py queries, and one file per analysis computes from the counts."""
