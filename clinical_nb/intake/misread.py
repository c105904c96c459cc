"""Text that its file says to be in a code page and that is UTF-8, read anew: many files of SAS and Stata are so.

"MÃ¼ller" is the UTF-8 of "Müller" taken for Latin-1. The bytes are had back from the characters; where all text beyond
ASCII of a column is valid UTF-8, it is that: what people write in a code page practically never is.
"""

import polars as pl

_BEYOND_ASCII = "[^\x00-\x7f]"
_CODE_PAGE = {
    byte.decode("cp1252"): number
    for number in range(0x80, 0xA0)
    if (byte := bytes([number])).decode("cp1252", "ignore")
}  # Windows-1252 where it differs from Latin-1


def read_again(values: pl.Series) -> tuple[pl.Series, int]:
    """Return a column of text as what its bytes say, and how many cells changed: none, or all beyond ASCII."""
    odd = values.str.contains(_BEYOND_ASCII).fill_null(False)
    if not odd.any():
        return values, 0
    distinct = values.filter(odd).unique()
    again = distinct.map_elements(as_utf8, return_dtype=pl.String)
    if again.null_count():
        return values, 0
    return values.replace(distinct, again), int(odd.sum())


def as_utf8(text: str) -> str | None:
    """Return what the bytes of a text say where they are UTF-8 beyond ASCII; None where they are not.

    The last character may be cut off, as a column of a fixed width does; what is left of it is left out.
    """
    numbers = [_CODE_PAGE.get(character, ord(character)) for character in text]
    if max(numbers, default=0) not in range(0x80, 0x100):
        return None
    try:
        return bytes(numbers).decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut = error.reason == "unexpected end of data" and error.start > 0
        return as_utf8(text[: error.start]) if is_cut else None
