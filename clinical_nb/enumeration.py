"""Several names in one sentence: the first few, on one line, and how many more there are."""

from collections.abc import Sequence


def enumerate_names(names: Sequence[str]) -> str:
    """Return the first five names in quotation marks: `'a', 'b' and 3 more`."""
    return enumerate_few([f"'{name}'" for name in names], 5)


def enumerate_few(said: Sequence[str], most: int, between: str = ", ") -> str:
    """Return as many of what is said as there may be, each without line breaks, and how many more there are."""
    more = f" and {len(said) - most:,} more" if len(said) > most else ""
    return between.join(" ".join(each.split()) for each in said[:most]) + more
