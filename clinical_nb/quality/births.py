"""Columns of dates that may be birthdays though no name says so: HIPAA counts these among the identifiers."""

from datetime import UTC, date, datetime

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.shapes import shape_of, years_of

_MOSTLY = 0.5  # of what is known, so that a few odd cells hide no birthdays
_FEWEST = 3  # days, of which fewer show no spread
_OLDEST = 1880  # nobody alive was born before
_SPREAD = 25  # years between the first and the last birthday: more than a study takes
_AGE = 40  # years since the first
# Beginnings of words that say what else happened on a day.
_OTHER = (
    *("visit", "start", "begin", "began", "end", "stop", "finish", "admi", "disch", "diag", "dx", "death", "dead"),
    *("died", "dod", "deceas", "surg", "oper", "proc", "treat", "enrol", "random", "consent", "follow", "fu", "last"),
    *("seen", "sampl", "collect", "lab", "test", "result", "event", "onset", "relap", "progres", "recur", "vacc"),
    *("dos", "entry", "enter", "exit", "report", "creat", "updat", "modif", "due", "plan", "sched", "next", "expir"),
    *("transpl", "cens", "infec", "sympt", "scan", "imag", "record", "screen", "baseline", "study", "trial", "exam"),
    *("assess", "meas", "index", "refer", "regist", "registr", "implant", "therap", "rx", "drug", "med", "chemo"),
    *("radi", "biops", "hosp", "icu", "accid", "injur", "expos", "hire", "employ", "graduat", "marri", "change"),
    *("contact", "arriv", "depart", "leav", "left", "open", "clos", "valid", "issue", "publi", "review", "effective"),
)


def may_be_births(counts: Counts) -> bool:
    """Tell whether a column holds days on which patients may have been born: over decades, and called nothing else."""
    if any(word.startswith(_OTHER) for word in words_of(counts.name)) or counts.known < _FEWEST:
        return False
    years = _years(counts)
    if not years:
        return False
    now = datetime.now(UTC).date()
    return _OLDEST <= years[0] <= now.year - _AGE and years[0] + _SPREAD <= years[1] <= now.year


def _years(counts: Counts) -> tuple[int, int] | None:
    """Return the years of the first and of the last day of a column of dates; None where it is no such column."""
    if not counts.is_text:
        is_day = isinstance(counts.first, date) and not isinstance(counts.first, datetime)
        return (counts.first.year, counts.last.year) if is_day else None
    dates = [text for each in counts.values if shape_of(text := str(each)) == "date" and ":" not in text]
    years = years_of(dates)
    if len(dates) < _MOSTLY * len(counts.values) or len(years) < _MOSTLY * len(counts.values):
        return None
    return (min(years), max(years)) if years else None
