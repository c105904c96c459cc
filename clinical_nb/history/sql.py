"""Masks a statement of SQL: its words and the store's names stay; values, comments and all other words do not."""

import re
from collections.abc import Collection, Mapping

from clinical_nb.history.privacy import MASK

_PIECE = re.compile(
    r"""
    (?P<comment>--[^\r\n]*|/\*.*?(?:\*/|\Z))
  | (?P<text>\$(?P<tag>(?:[^\W0-9]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)         # $tag$ … $tag$
           |[eE]'(?:\\.|''|[^'\\])*(?:'|\Z)                 # with backslashes
           |'(?:''|[^'])*(?:'|\Z))
  | (?P<quoted>"(?:""|[^"])*(?:"|\Z))
  | (?P<number>\.?[0-9][\w.]*)
  | (?P<word>[^\W0-9]\w*)
  | (?P<blank>\s+)
  | (?P<sign>[-+*/%<>=!^|&~()\[\]{},;:.?])
  | (?P<strange>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SEVERAL = re.compile(rf"{MASK}(?:\s*,?\s*{MASK})+")


def mask_sql(statement: str, words: Collection[str], names: Mapping[str, str]) -> str:
    """Return a statement without what only its writer could have put there.

    What cannot be taken apart, such as a text that is not closed, is masked as a whole; whatever is taken apart wrongly
    holds words that are neither SQL's nor the store's, and these are masked wherever they stand.

    Parameters
    ----------
    statement : str
        As typed, and right or wrong.
    words : collection of str
        The keywords, functions and types of SQL, in lower case.
    names : mapping of str to str
        What the store calls its datasets, tables and columns, and what is written for each.

    Returns
    -------
    str
        On one line, with single blanks; what is masked is `▢`, and a list of that is `▢, …`.

    """
    known = {name.casefold(): written for name, written in names.items()}
    shown = "".join(_shown(piece, words, known) for piece in _PIECE.finditer(statement))
    listed = _SEVERAL.sub(lambda found: f"{MASK}, …" if "," in found[0] else MASK, shown)
    return " ".join(listed.split())


def _shown(piece: re.Match[str], words: Collection[str], names: Mapping[str, str]) -> str:
    text = piece[0]
    match piece.lastgroup:
        case "comment" | "blank":
            return " "
        case "sign":
            return text
        case "word" if text.casefold() in names:
            return text if names[text.casefold()].casefold() == text.casefold() else names[text.casefold()]
        case "word" if text.lower() in words:
            return text
        case "quoted" if (name := text[1:-1].replace('""', '"').casefold()) in names and len(text) > 1:
            return text if names[name].casefold() == name else names[name]
        case _:
            return MASK
