"""The names of months in the languages that dates of clinical files come in, so that one format reads them all."""

import re

import polars as pl

ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# By month; English, German, French, Spanish, Italian, Portuguese, Dutch, and the Scandinavian languages. No word of one
# language is another month in another, so that nobody has to say which language it is.
_NAMES = (
    "jan january januar jän jänner janv janvier ene enero gen gennaio janeiro januari",
    "feb february februar fév févr fev fevr février fevrier febrero febbraio fevereiro februari",
    "mar march mär mrz märz maerz mars marzo março marco mrt maart marts",
    "apr april avr avril abr abril aprile",
    "may mai mayo mag maggio maio mei maj",
    "jun june juni juin junio giu giugno junho",
    "jul july juli juil juillet julio lug luglio julho",
    "aug august aoû aout août ago agosto augustus augusti",
    "sep sept september septembre septiembre setiembre set settembre setembro",
    "oct october okt oktober octobre octubre ott ottobre out outubro",
    "nov november novembre noviembre novembro",
    "dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro des desember",
)
_MONTHS = {word: ENGLISH[at] for at, words in enumerate(_NAMES) for word in words.split()}
ANY_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_WORD = re.compile(r"([^\W\d_]+)(\.?)")
_ORDINAL = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|°|\.º)(?=[ ,])", re.IGNORECASE)
_HALF_OF_DAY = re.compile(r"\s*([ap])\.?\s?m\.?$", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


def plain_date(text: str) -> str:
    """Return a date with its month as in English, in three letters, no ordinals, and AM or PM in capitals."""
    if not _LETTER.search(text):
        return text
    text = _HALF_OF_DAY.sub(lambda found: f" {found[1].upper()}M", _ORDINAL.sub(r"\1", text))
    return _WORD.sub(lambda found: _MONTHS.get(found[1].casefold(), found[0]), text)


def plain_dates(texts: pl.Series) -> pl.Series:
    """Return dates as `plain_date` writes them."""
    written = texts.filter(texts.str.contains(r"\p{L}").fill_null(value=False)).unique()
    if not written.len():
        return texts
    plain = pl.Series([plain_date(text) for text in written.to_list()], dtype=pl.String)
    return texts.replace(written, plain)
