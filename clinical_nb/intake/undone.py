"""What programs do to a table of text without meaning it, undone and told: lines in quotes, a last delimiter, zeros."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from clinical_nb.dictionary.identifiers import may_name_person, names_person, names_row
from clinical_nb.intake.delimiter import find_delimiter, skeleton_of
from clinical_nb.intake.literals import is_number
from clinical_nb.intake.pieces import Piece

_SAMPLE = 64 * 1024
_LINES = 200
_FEWEST_LINES = 2
_BLOCK = 1024**2
_FEW = 0.02  # of the bytes; where more are zeros, the file is not text
_DELIMITERS = ",;\t|"
_QUOTED_LINE = re.compile(r'"((?:[^"]|"")*)"')
_QUOTED_LINES = re.compile(r'^"((?:[^"\n]|"")*)"$', re.MULTILINE)
_RULE = re.compile(r"[\s|+:=-]+")
_CROSS = re.compile(r"[|+]")
_OUTER_BAR = re.compile(r"^\s*\|\s?|\s?\|\s*$")
IN_FRAME = "The bars and rules around the cells taken away."
_STRAY = re.compile(r'[^",;\t|\n]"[^",;\t|\n]')  # within a field: one that is doubled has another beside it
_BEFORE_MARK = re.compile(r'([,;\t|]) +"')
_PRINTED = "\u201c\u201d\u201e\u00ab\u00bb"  # quotation marks of print
_FORMULA = re.compile(r'="([^"\n]*)"')
AS_FORMULAS = 'The signs of a formula (="007") around texts taken away.'
BEFORE_MARKS = "Blanks before quotation marks taken away."
WITHIN = "Quotation marks within quoted fields taken for a part of their text."
IN_APOSTROPHES = "Apostrophes around fields taken for quotation marks."
OF_HEADER = "The names in the header parted as the rows are, which have another delimiter."
IN_PRINT = "Quotation marks of print around fields taken for plain ones."
IN_QUOTES = "Quotation marks around each whole line taken away."


def as_meant(pieces: Iterable[Piece], told: dict[str, None]) -> Iterator[Piece]:
    """Yield the pieces of a text with its fields parted and its header complete; what was done is `told`."""
    is_quoted = is_framed = False
    for piece in pieces:
        if piece.line == 0:
            is_quoted, is_framed = _is_in_quotes(piece.text), _is_framed(piece.text)
        mended = piece
        if is_framed:
            told[IN_FRAME] = None
            mended = Piece(_without_frame(piece.text).encode(), piece.line, piece.is_last)
        if is_quoted:
            told[IN_QUOTES] = None
            text = _QUOTED_LINES.sub(lambda found: found[1].replace('""', '"'), piece.text)
            mended = Piece(text.encode(), piece.line, piece.is_last)
        if piece.line == 0:
            mended = _with_header_parted(mended, told)
        if piece.line == 0 and piece.is_last:
            mended = _with_fields_parted(mended, told)
        yield _with_last_name(mended) if piece.line == 0 else mended


def _with_header_parted(piece: Piece, told: dict[str, None]) -> Piece:
    """Return a piece whose header has another delimiter than all rows, as many times, with theirs."""
    header, feed, rest = piece.text.partition("\n")
    lines = _sample(rest) if any(mark in header for mark in _DELIMITERS) and '"' not in header else []
    if len(lines) < _FEWEST_LINES:
        return piece
    mark = find_delimiter("\n".join(lines) + "\n")
    counts = {line.count(mark) for line in lines}
    other = next((each for each in _DELIMITERS if each != mark and counts == {header.count(each)}), None)
    if mark in header or other is None or any(other in line for line in lines):
        return piece
    told[OF_HEADER] = None
    return Piece(f"{header.replace(other, mark)}{feed}{rest}".encode(), piece.line, piece.is_last)


def _with_fields_parted(piece: Piece, told: dict[str, None]) -> Piece:
    """Return a whole text whose quotation marks are those of fields, where they stand amiss."""
    mends = [
        (AS_FORMULAS, _without_formulas),
        (BEFORE_MARKS, _without_blanks_before_marks),
        (WITHIN, _with_doubled_marks),
        (IN_PRINT, _with_plain_marks),
        (IN_APOSTROPHES, _with_quotation_marks),
    ]
    for said, mend in mends:
        text = mend(piece.text)
        if text != piece.text:
            told[said] = None
            piece = Piece(text.encode(), 0, is_last=True)
    return piece


def _without_formulas(text: str) -> str:
    """Return a text whose cells are formulas of a text, as exports keep 007 from Excel, without the signs."""
    if not _FORMULA.search(text) and '"=""' not in text:
        return text
    mark = re.escape(find_delimiter(text))
    return re.sub(rf'(?m)(^|{mark})(?:="([^"\n]*)"|"=""([^"\n]*)""")(?={mark}|$)', r'\1"\2\3"', text)


def _without_blanks_before_marks(text: str) -> str:
    """Return a text whose fields begin with a blank before their quotation mark, as people type lists, without it.

    Only where each line is then as wide as the header, and was not before.
    """
    if not _BEFORE_MARK.search(text):
        return text
    delimiter = find_delimiter(text)
    bare = re.sub(rf'{re.escape(delimiter)} +"', f'{delimiter}"', text)
    return _where_even(bare, text, delimiter)


def _where_even(other: str, text: str, delimiter: str) -> str:
    """Return the other text where each of its lines is as wide as the header, and of `text` not; else `text`."""
    before, after = (
        {line.count(delimiter) for line in skeleton_of(each, delimiter).split("\n") if line.strip()}
        for each in (text, other)
    )
    return other if len(after) == 1 < len(before) else text


def _with_doubled_marks(text: str) -> str:
    """Return a text whose fields have quotation marks within, "so "to" say", with these doubled.

    Only where each line is then as wide as the header: `"a "b", c"` may be one field or two, and is left as it is.
    """
    if not _STRAY.search(text):
        return text
    delimiter = find_delimiter(text)
    mark = re.escape(delimiter)
    field = re.compile(rf'(?:"(?P<quoted>(?:\\"|(?!"(?:{mark}|$)).)*)"|(?P<plain>[^"{mark}]*))(?P<end>{mark}|$)')
    lines: list[str] = []
    widths: set[int] = set()
    for line in text.split("\n"):
        fields, place = list[str](), 0
        while place <= len(line) and (found := field.match(line, place)):
            quoted = found["quoted"]
            plain = None if quoted is None else quoted.replace('\\"', '"').replace('""', '"').replace('"', '""')
            fields.append(found["plain"] if plain is None else f'"{plain}"')
            place = found.end() if found["end"] else len(line) + 1
        if place <= len(line):
            return text
        widths |= {len(fields)} if line.strip() else set()
        lines.append(delimiter.join(fields))
    is_parted = len(widths) == 1 and widths != {1}  # else blanks may part it, or nothing
    return "\n".join(lines) if is_parted else text


def _with_plain_marks(text: str) -> str:
    """Return a text whose fields stand in quotation marks of print, with plain ones around these fields.

    Only where each line is then as wide as the header, and was not before.
    """
    if '"' in text or not any(mark in text for mark in _PRINTED):
        return text
    delimiter = find_delimiter(text)
    mark = re.escape(delimiter)
    marked = re.sub(rf"(?m)(^|{mark})[{_PRINTED}]([^{_PRINTED}\n]*)[{_PRINTED}](?={mark}|$)", r'\1"\2"', text)
    return _where_even(marked, text, delimiter)


def _with_quotation_marks(text: str) -> str:
    """Return a text whose fields stand in apostrophes, as SQL writes them, with quotation marks around these fields.

    Only where each line is then as wide as the header, and was not before or has a column that is all in apostrophes:
    'tis and Excel's mark of a text have but one.
    """
    if "'" not in text or '"' in text:
        return text
    delimiter = find_delimiter(text)
    mark = re.escape(delimiter)
    field = re.compile(rf"(?m)(^|{mark})'((?:[^'\n\\]|''|\\.)*)'(?={mark}|$)")
    marked = field.sub(lambda found: f'{found[1]}"{_without_escapes(found[2])}"', text)
    if marked == text:
        return text
    lines = [line for line in skeleton_of(marked, delimiter).split("\n") if line.strip()]
    if len({line.count(delimiter) for line in lines}) != 1 or delimiter not in lines[0]:
        return text
    is_torn = len({line.count(delimiter) for line in text.split("\n") if line.strip()}) > 1
    columns = zip(*(line.split(delimiter) for line in lines[1:]), strict=True)
    filled = ([cell for cell in column if cell.strip()] for column in columns)
    return marked if is_torn or any(cells and set(cells) == {"\0"} for cells in filled) else text


def _without_escapes(field: str) -> str:
    return field.replace("\\'", "'").replace("''", "'")


def _is_framed(text: str) -> bool:
    """Tell whether columns stand between bars, with a line of dashes below their names, as in Markdown and by psql."""
    lines = _sample(text)
    ruled = [at for at, line in enumerate(lines[:3]) if _RULE.fullmatch(line) and "-" in line and _CROSS.search(line)]
    return bool(ruled) and len(lines) > ruled[0] + 1 and "|" in lines[1 if ruled[0] == 0 else 0]


def _without_frame(text: str) -> str:
    kept = [line for line in text.split("\n") if not _RULE.fullmatch(line) or "-" not in line]
    return "\n".join("|".join(cell.strip() for cell in _OUTER_BAR.sub("", line).split("|")) for line in kept)


def _sample(text: str) -> list[str]:
    sample = text if len(text) <= _SAMPLE else text[: text.rfind("\n", 0, _SAMPLE)]
    return [line for line in sample.split("\n") if line.strip()][:_LINES]


def _is_in_quotes(text: str) -> bool:
    """Tell whether each line is one quoted field that holds a whole line: as many delimiters in each, and numbers."""
    if not text.startswith('"'):
        return False
    lines = _sample(text)
    inside = [found[1] for line in lines if (found := _QUOTED_LINE.fullmatch(line))]
    if len(inside) < len(lines) or len(inside) < _FEWEST_LINES:
        return False
    for mark in _DELIMITERS:
        counts = {line.count(mark) for line in inside if '"' not in line}
        if len(counts) == 1 and counts != {0}:
            return any(is_number(cell) for line in inside[1:] for cell in line.split(mark))
    return False


def _with_last_name(piece: Piece) -> Piece:
    """Return a piece whose header ends with delimiters, where all other lines do: their last columns are empty."""
    header, feed, rest = piece.text.partition("\n")
    if not feed:
        return piece
    for mark in _DELIMITERS:
        if not header.rstrip().endswith(mark) and mark in header:
            lines = _sample(skeleton_of(header + feed + rest[:_SAMPLE], mark))
            width = lines[0].count(mark)
            ends = mark * (lines[1].count(mark) - width if len(lines) > 1 else 0)
            is_longer = all(line.endswith(ends) and line.count(mark) == width + len(ends) for line in lines[1:])
            if ends and is_longer and not _are_numbered(lines, mark):
                return Piece(f"{header}{ends}\n{rest}".encode(), piece.line, piece.is_last)
    return piece


def _are_numbered(lines: list[str], mark: str) -> bool:
    """Tell whether rows may be numbered in a column of their own, as R writes them, below a name that is no row's."""
    name = lines[0].split(mark)[0].strip().strip('"')
    if names_row(name) or names_person(name) or may_name_person(name):
        return False
    firsts = [line.split(mark)[0].strip() for line in lines[1:]]
    return firsts == [str(number) for number in range(1, len(firsts) + 1)] or all("\0" in first for first in firsts)


def without_zeros(content: IO[bytes], place: Path | None) -> tuple[IO[bytes], int]:
    """Return a text without its few zero bytes, as crashed exports end with them, and how many there were.

    What has many is UTF-16 or no text at all, and is returned as it is.
    """
    content.seek(0)
    zeros = size = trailing = 0
    while block := content.read(_BLOCK):
        found = block.count(b"\0") if b"\0" in block else 0  # looked for much sooner than counted
        ends = len(block) - len(block.rstrip(b"\0"))
        trailing = trailing + ends if ends == len(block) else ends
        zeros, size = zeros + found, size + len(block)
    content.seek(0)
    if not zeros or zeros - trailing > max(1, _FEW * size) or size == trailing:
        return content, 0
    if trailing * 2 > size and b"\n" not in content.read(_BLOCK):
        content.seek(0)
        return content, 0  # a word and zeros are no rows
    content.seek(0)
    clean = tempfile.TemporaryFile(dir=place) if place else BytesIO()  # noqa: SIM115 - it goes when nobody reads it
    while block := content.read(_BLOCK):
        clean.write(block.replace(b"\0", b""))
    content.seek(0)
    return clean, zeros
