"""Files → a stored version: prepared as the dictionary says, with the quality report beside it."""
