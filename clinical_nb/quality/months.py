"""The names of months in the languages that dates of clinical files come in, so that one format reads them all."""

import re

import polars as pl

from clinical_nb.quality.numerals import in_plain_digits

# ruff: noqa: RUF001 - the letters of Turkish

ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# By month; English, German, French, Spanish, Italian, Portuguese, Dutch, the Scandinavian languages, Russian, Polish,
# Czech, Hungarian and Turkish. No word of one language is another month in another, so that nobody has to say which
# language it is.
_NAMES = (
    (
        "jan january januar jän jänner janv janvier ene enero gen gennaio janeiro januari "
        "янв январь января styczeń stycznia leden ledna január ocak"
    ),
    (
        "feb february februar fév févr fev fevr février fevrier febrero febbraio fevereiro februari "
        "фев февр февраль февраля luty lutego únor února február şubat"
    ),
    (
        "mar march mär mrz märz maerz mars marzo março marco mrt maart marts "
        "мар март марта marzec marca březen března március mart"
    ),
    "apr april avr avril abr abril aprile апр апрель апреля kwiecień kwietnia duben dubna április nisan",
    "may mai mayo mag maggio maio mei maj май мая maja květen května május mayıs",
    "jun june juni juin junio giu giugno junho июн июнь июня czerwiec czerwca červen června június haziran",
    "jul july juli juil juillet julio lug luglio julho июл июль июля lipiec lipca červenec července július temmuz",
    (
        "aug august aoû aout août ago agosto augustus augusti "
        "авг август августа sierpień sierpnia srpen srpna augusztus ağustos"
    ),
    (
        "sep sept september septembre septiembre setiembre set settembre setembro "
        "сен сент сентябрь сентября wrzesień września září szeptember eylül"
    ),
    (
        "oct october okt oktober octobre octubre ott ottobre out outubro "
        "окт октябрь октября październik października říjen října október ekim"
    ),
    "nov november novembre noviembre novembro ноя нояб ноябрь ноября listopad listopada listopadu kasım",
    (
        "dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro des desember "
        "дек декабрь декабря grudzień grudnia prosinec prosince aralık"
    ),
)
_MONTHS = {word: ENGLISH[at] for at, words in enumerate(_NAMES) for word in words.split()}
# The letter is looked at first: of a text without one, two hundred words need not be tried.
ANY_MONTH = r"(?:(?=[^\W\d_])(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + "))"
# The same languages' days of the week, short and long.
_WEEKDAYS = (
    "mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday "
    "mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
    "lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche "
    "mié jue vie sáb dom lunes martes miércoles jueves viernes sábado domingo "
    "gio sab lunedì martedì mercoledì giovedì venerdì sabato domenica "
    "seg ter qua qui sex segunda terça quarta quinta sexta "
    "ma wo vr za zo maandag dinsdag woensdag donderdag vrijdag zaterdag zondag man tir ons tor fre lør søn lör sön"
)
WEEKDAY = r"(?:(?=[^\W\d_])(?:" + "|".join(sorted(set(_WEEKDAYS.split()), key=len, reverse=True)) + "))"
# Only before a whole date: of "Mar 1 2023" the first word is its month.
_BEFORE_DATE = re.compile(
    rf"^{WEEKDAY}\.?,?\s+(?=\d{{1,4}}\W+(?:[^\W\d_]+|\d{{1,2}})\W+\d{{2,4}}|[^\W\d_]{{3,}}\W+\d{{1,2}}\W+\d{{4}})",
    re.IGNORECASE,
)
_WORD = re.compile(r"([^\W\d_]+)(\.?)")
_ORDINAL = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|°|\.º)(?=[ ,])", re.IGNORECASE)
_HALF_OF_DAY = re.compile(r"\s*([ap])\.?\s?m\.?$", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")


def plain_date(text: str) -> str:
    """Return a date without weekday and ordinals, its month in three letters as in English, AM or PM in capitals.

    Digits of other scripts are plain ones, and 2020年1月5日 is 2020-1-5.
    """
    if not text.isascii():
        text = _EAST_ASIAN.sub(r"\1-\2-\3", in_plain_digits(text))
    if not _LETTER.search(text):
        return text
    text = _BEFORE_DATE.sub("", text)
    text = _HALF_OF_DAY.sub(lambda found: f" {found[1].upper()}M", _ORDINAL.sub(r"\1", text))
    return _WORD.sub(lambda found: _MONTHS.get(found[1].casefold(), found[0]), text)


def plain_dates(texts: pl.Series) -> pl.Series:
    """Return dates as `plain_date` writes them."""
    written = texts.filter(texts.str.contains(r"[\p{L}[^\x00-\x7f]]").fill_null(value=False)).unique()
    if not written.len():
        return texts
    plain = pl.Series([plain_date(text) for text in written.to_list()], dtype=pl.String)
    return texts.replace(written, plain)
