"""Two versions of a dataset → what changed between them: columns, what they mean, rows by key, levels."""
