"""What is wrong in values that a person gives for a dictionary, in plain words: where, and what should be there."""

from collections.abc import Collection, Sequence

from pydantic import ValidationError

_SHOULD_BE = {  # by the word with which the kind of pydantic's error begins
    "string": "text",
    "float": "a number",
    "int": "a whole number",
    "bool": "true or false",
    "tuple": "a list",
    "dict": "names with their values",
    "mapping": "names with their values",
    "model": "fields with their values",
}
_ALTERNATIVES = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "str": "string",
}  # of one field, as pydantic tries them
_SHOWN = 40  # characters of what was given


def say_invalid(error: ValidationError, kinds: Collection[str] = ()) -> str:
    """Say the first thing that is wrong, without a full stop.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    kinds : collection of str
        The names of cleaning steps, which pydantic puts into the place of an error and nobody wrote there.

    """
    first = error.errors(include_url=False)[0]
    kind, context, given = first["type"], first.get("ctx", {}), first["input"]
    loc = [
        part
        for at, part in enumerate(first["loc"])
        if part not in kinds or (at and not isinstance(first["loc"][at - 1], int))
    ]
    expected = context.get("expected") or _SHOULD_BE.get(kind.partition("_")[0])
    if loc and kind.startswith(_ALTERNATIVES.get(str(loc[-1]), " ")):
        loc, expected = loc[:-1], "one value"
    match kind:
        case "missing":
            return f"{_place(loc)} is missing"
        case "extra_forbidden":
            return f"there is nothing called {_place(loc)}"
        case "union_tag_not_found":
            return _place([*loc, str(context["discriminator"]).strip("'")]) + " is missing"
        case "union_tag_invalid":
            loc, given = [*loc, str(context["discriminator"]).strip("'")], context["tag"]
            expected = f"one of {context['expected_tags']}"
        case _:
            pass
    if expected is None:
        return f"{_place(loc)} is not possible: {first['msg'].removeprefix('Value error, ')}"
    shown = f"{str(given)[:_SHOWN]}…" if len(str(given)) > _SHOWN else str(given)
    shown = f"'{shown}'" if isinstance(given, str) else shown
    return f"{_place(loc)} should be {expected}, not {shown}"


def _place(loc: Sequence[str | int]) -> str:
    """Say where: the innermost first, as "number 2 of 'clean' of 'weight'"; "it" where it is the whole."""
    return " of ".join(f"number {part + 1}" if isinstance(part, int) else f"'{part}'" for part in reversed(loc)) or "it"
