"""Cleaning steps as sentences: what is done to the values of a column."""

from collections.abc import Mapping, Sequence

from clinical_nb.dictionary.steps import Censor, LeaveOut, ReadDates, ReadNumbers, Recode, Split, Step, TreatAsMissing

_SHOWN = 5  # values of a step; its JSON has them all
_PARTS = (("%d", "%e", "%-d"), ("%m", "%b", "%B", "%-m"), ("%Y", "%y"))  # day, month, year in a format
_RULES = {
    "half": "half the limit (above one, the limit)",
    "limit": "the limit itself",
    "missing": "missing",
}


def say_step(step: Step) -> str:  # noqa: PLR0911 - one return a step
    """Say what a step does, as an order: "treat -99 as missing", "read as dates, day first (%d/%m/%Y)"."""
    match step:
        case Recode():
            return _say_recode(step.values)
        case TreatAsMissing():
            return f"treat {_few([_say_missing(each, step.reasons) for each in step.values])} as missing"
        case ReadNumbers():
            return "; ".join(["read as numbers", *_say_numbers(step)])
        case ReadDates():
            said = _few([_say_format(each) for each in step.formats], between=", else ")
            latest = f", with no year after {step.latest}" if step.latest is not None else ""
            return f"read as dates, {said}{latest}" + (", or as Excel's day numbers" if step.excel else "")
        case Censor():
            comma = "; decimal comma" if step.decimal == "," else ""
            before = f"; without {_few(step.before)} before them" if step.before else ""
            return f"keep values beyond a limit (<5, >100) as such, counted as {_RULES[step.rule]}{comma}{before}"
        case LeaveOut():
            said = _few([f"'{each}'" for each in step.values])
            return f"leave out the rows that hold nothing but {said}"
        case Split():
            unit = f" (in {step.unit})" if step.unit else ""
            return f"split at '{step.separator}' into {' and '.join(step.into)}{unit}, and keep the text"


def _say_recode(values: Mapping[str, str]) -> str:
    by_word: dict[str, list[str]] = {}
    for value, word in values.items():
        by_word.setdefault(word, []).append(f"'{value}'")
    return "write " + _few([f"{_few(spellings)} as '{word}'" for word, spellings in by_word.items()], between="; ")


def _say_missing(value: str, reasons: Mapping[str, str]) -> str:
    return f"{value or 'empty text'} ({reasons[value]})" if value in reasons else value or "empty text"


def _say_numbers(step: ReadNumbers) -> list[str]:
    said: list[str] = []
    if step.decimal == ",":
        said.append("decimal comma")
    if step.thousands:
        said.append(f"'{step.thousands}' between thousands")
    if step.weeks_and_days:
        said.append("38+2 as 38 weeks and 2 days, in weeks")
    if step.accounting:
        said.append("(12) and 12- as -12")
    if step.before:
        said.append(f"without {_few(step.before)} before them")
    if step.flags:
        said.append(f"without the flags {_few(step.flags)}")
    factors = [
        f"those in {unit} times {factor:g}" if unit else f"those without a unit times {factor:g}"
        for unit, factor in step.factors.items()
        if factor != 1
    ]
    alone = [unit for unit, factor in step.factors.items() if factor == 1 and unit]
    return [*said, *([f"in {_few(alone)}"] if alone else []), *([_few(factors)] if factors else [])]


def _say_format(form: str) -> str:
    day, month, year = (min((form.find(each) for each in marks if each in form), default=-1) for marks in _PARTS)
    if -1 in (day, month, year):
        return form
    first = min((day, "day"), (month, "month"), (year, "year"))[1]
    return f"{first} first ({form})"


def _few(said: Sequence[str], between: str = ", ") -> str:
    """Return the first of what is said, on one line, and how many more there are."""
    more = f" and {len(said) - _SHOWN:,} more" if len(said) > _SHOWN else ""
    return between.join(" ".join(each.split()) for each in said[:_SHOWN]) + more
