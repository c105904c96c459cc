"""The tokens of a statement as DuckDB itself cuts them, so that nobody else's idea of a comment or a quote matters."""

from collections.abc import Iterator

import duckdb

from clinical_nb.errors import SqlError

_FORMATS = frozenset({"TEXT", "JSON", "HTML", "YAML", "GRAPHVIZ", "MERMAID"})
_COMMENT, _STRING = duckdb.token_type.comment, duckdb.token_type.string_const


def blank_comments(text: str) -> str:
    """Return a text with blanks instead of its comments: as many bytes, so that every place stays."""
    return b"".join(_blank(token) if kind is _COMMENT else token for token, kind in _cut(text)).decode()


def outline(text: str) -> str:
    """Return a text without its comments, and with nothing in its quoted texts; as it is where it cannot be cut."""
    try:
        pieces = list(_cut(text))
    except UnicodeEncodeError:
        return text
    return b"".join(_emptied(token, kind) for token, kind in pieces).decode(errors="ignore")


def split_explain(text: str) -> tuple[str | None, str]:
    """Take EXPLAIN off a text without comments.

    Returns
    -------
    str or None
        EXPLAIN with its options, in our own words; None where the text does not begin with it.
    str
        What is explained, or the whole text: with blanks instead of the rest, and without the semicolons behind it.

    Raises
    ------
    SqlError
        When it has options that we do not know.

    """
    pieces = [token for token, kind in _cut(text) if kind is not None]
    before = len(text.encode()) - sum(map(len, pieces))
    while pieces and pieces[-1].strip() == b";":
        pieces.pop()
    words = [piece.decode(errors="ignore").strip().upper() for piece in pieces]
    if words[:1] != ["EXPLAIN"]:
        return None, " " * before + b"".join(pieces).decode()
    at = 1
    options: dict[str, None] = {}
    if words[at : at + 1] == ["ANALYZE"]:
        options["ANALYZE"] = None
        at += 1
    if words[at : at + 1] == ["("] and words[at + 1 : at + 2] in (["ANALYZE"], ["FORMAT"]):
        end = words.index(")", at) if ")" in words[at:] else len(words)
        options |= dict.fromkeys(map(_option, " ".join(words[at + 1 : end]).split(",")))
        at = end + 1
    begin = f"EXPLAIN ({', '.join(options)})" if options else "EXPLAIN"
    blank = _blank(b" " * before + b"".join(pieces[:at]))
    return begin, (blank + b"".join(pieces[at:])).decode()


def _option(words: str) -> str:
    """Return an option of EXPLAIN in our own words."""
    match words.split():
        case ["ANALYZE"]:
            return "ANALYZE"
        case ["FORMAT", name] if name in _FORMATS:
            return f"FORMAT {name}"
        case _:
            hint = f"It takes ANALYZE, and FORMAT with one of {', '.join(sorted(_FORMATS))}."
            raise SqlError("refused", f"EXPLAIN does not take '{words.strip()}' here", hint)


def _cut(text: str) -> Iterator[tuple[bytes, duckdb.token_type | None]]:
    """Yield every piece of a text with its kind: what stands between two tokens belongs to the first of them."""
    content = text.encode()
    tokens = duckdb.tokenize(text)
    ends = [at for at, _ in tokens] + [len(content)]
    yield content[: ends[0]], None
    for (at, kind), end in zip(tokens, ends[1:], strict=True):
        yield content[at:end], kind


def _emptied(token: bytes, kind: duckdb.token_type | None) -> bytes:
    if kind is _COMMENT:
        return b" "
    return b"'' " if kind is _STRING else token


def _blank(content: bytes) -> bytes:
    return bytes(byte if byte in b"\r\n" else ord(" ") for byte in content)
