"""Names that people gave, as SQL takes them: quoted, and told apart where SQL sees no difference."""

from collections.abc import Iterable


def quote(name: str) -> str:
    """Return a name as an identifier that SQL reads literally."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return a text as a constant that SQL reads literally."""
    return "'" + text.replace("'", "''") + "'"


def told_apart(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Return identifiers: no two the same but for case, none empty, and none that is taken."""
    used = {name.casefold() for name in taken}
    apart: list[str] = []
    for name in names:
        wanted = free = name or "unnamed"
        number = 1
        while free.casefold() in used:
            number += 1
            free = f"{wanted}_{number}"
        used.add(free.casefold())
        apart.append(free)
    return apart
