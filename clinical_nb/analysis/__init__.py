"""Plan → result: counts.py queries, and one file per kind of plan computes from the counts."""
