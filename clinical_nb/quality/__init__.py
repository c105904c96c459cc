"""Mess in tables, found and told: each finding with its column, its rows, and the step that would clean it."""
