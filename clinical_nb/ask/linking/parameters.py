"""Parameters: what the rows of a long table are measurements of, each as if it were a column of its own."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from clinical_nb.ask.language.lexicon import Lexicon, Phrase, spoken
from clinical_nb.ask.language.words import name_words
from clinical_nb.ask.linking.naming import GROUPABLE, UNTIL, label_of, phrases_of_column
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.dictionary.pairing import families
from clinical_nb.dictionary.vocabulary import squeeze, vocabulary
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Condition,
    Count,
    Known,
    NoRow,
    OfRows,
    OneOf,
    Plan,
    Threshold,
    Variable,
    all_of,
    any_of,
    columns_of,
    name_of_derived,
    parts_of,
    with_parts,
)

_MOST = 2_000  # levels of one column
_EVENT_TYPE = "event type"
_AS_NUMBERS = frozenset({"num", "numeric", "valuenum", "standard", "standardized"})
# What LOINC says after the analyte: how it is counted, of what, in what: "[Mass/volume] in Serum or Plasma".
_SAMPLE = re.compile(r"\s*\[[^\]]*\].*$|/\S+(?=\s+in\s)|\s+in\s+(?:blood|serum|plasma|urine)\b.*$", re.IGNORECASE)
_UNIT = re.compile(r"\(([^()]*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """The column that has a parameter's values, which rows have them, and what a column of its own would be."""

    value: str
    where: tuple[Condition, ...]
    meaning: Column
    is_event: bool = False  # of which each person has a row that says whether it came


def parameters_of(columns: Mapping[str, Column], owner: Mapping[str, str], lexicon: Lexicon) -> Mapping[str, Parameter]:
    """Return the parameters of the long tables among some columns, under names that no column has.

    A long table has one column of values, and one or more that say of what: a parameter, a test, an item. Where it has
    a flag of the records that count in analyses, only these do.
    """
    found: dict[str, Parameter] = {}
    for table in dict.fromkeys(owner.values()):
        own = {name: column for name, column in columns.items() if owner[name] == table}
        if is_timed(own):  # its values are times until an event, of which no mean is right
            continue
        naming = [name for name, column in own.items() if names_parameters(name, column, lexicon)]
        naming = naming or _described(own, lexicon)
        values = _numbers_first([name for name, column in own.items() if _has_values(name, column, lexicon)], own)
        changes = [name for name, column in own.items() if column.kind == "numeric" and _is_change(name, column)]
        flags = [name for name, column in own.items() if _is_record_flag(name, column, lexicon)]
        counting = tuple(map(Known, flags)) if len(flags) == 1 else ()
        for name, level in _once_each(naming, own):
            where = (OneOf(name, (level.value,)), *counting)
            for of, said in ((values, ""), (changes, "change from baseline in ")):
                if len(of) == 1:
                    called = _unused(f"{said}{name}={level.value}", columns)
                    found[called] = Parameter(of[0], where, _meaning(own[of[0]], level, said))
    return found


def watched_columns(dictionary: Dictionary) -> frozenset[tuple[str, str]]:
    """Return the columns, with their tables, that say for which event each of a person's rows is watched.

    Of tables of times that have a row for each person and each of these events, whether it came or not.
    """
    return frozenset(
        (table, name)
        for table, grain in dictionary.grains.items()
        if table in dictionary.tables and is_timed(dictionary.tables[table])
        for name in grain.key
        if len(grain.key) > 1 and _names_events(name, dictionary.tables[table][name])
    )


def _names_events(name: str, column: Column) -> bool:
    """Tell whether a column is called as what names events, or all its levels are events, none of them another's."""
    kinds = [families(level.label) for level in column.levels]
    are_events = len(kinds) > 1 and all(kinds) and len(set(kinds)) == len(kinds)
    named = any(each.noun == _EVENT_TYPE and squeeze(name) in each.names for each in vocabulary().within)
    return column.kind in GROUPABLE and (are_events or named)


def events_of(
    columns: Mapping[str, Column], watched: Collection[str], owner: Mapping[str, str]
) -> Mapping[str, Parameter]:
    """Return the events of tables that have a row for each, under names that no column has."""
    found: dict[str, Parameter] = {}
    for naming in watched:
        own = [(name, column) for name, column in columns.items() if owner[name] == owner[naming]]
        events = [(name, column) for name, column in own if column.role == "event" and column.event is not None]
        for value, event in events if len(events) == 1 else ():
            answers = tuple(_as_answer(level, event) for level in event.levels)
            meaning = Column(kind=event.kind, levels=answers, missing=event.missing)
            for level in columns[naming].levels:
                if families(level.label):
                    called = _unused(f"{naming}={level.value}", columns)
                    happened = meaning.model_copy(update={"label": level.label})
                    found[called] = Parameter(value, (OneOf(naming, (level.value,)),), happened, is_event=True)
    return found


def _as_answer(level: Level, event: Column) -> Level:
    return level.model_copy(update={"label": "yes" if level.value == event.event else "no", "synonyms": ()})


def _once_each(naming: Sequence[str], columns: Mapping[str, Column]) -> Iterator[tuple[str, Level]]:
    """Yield the levels of columns that name what is measured; once where one has the codes of the other's names."""
    by_length = sorted(naming, key=lambda name: -sum(len(level.label) for level in columns[name].levels))
    taken: dict[int, set[Phrase]] = {}
    for name in by_length:
        levels = columns[name].levels[:_MOST]
        others = taken.setdefault(len(levels), set())
        said = {spoken(level.label) for level in levels}
        yield from ((name, level) for level in levels if spoken(level.label) not in others)
        others |= said


def expanded(plan: Plan, parameters: Mapping[str, Parameter]) -> Plan | None:
    """Return a plan over real columns; None where it has two parameters, whose values are not in the same rows."""
    named = {name: parameters[name] for name in _names(plan) if name in parameters}
    if not named:
        return plan
    if len(named) > 1:
        return _of_several_events(plan, named)
    ((name, parameter),) = named.items()
    measured = [each for variables in parts_of(plan).values() for each in variables]
    is_measured = name in measured or (parameter.is_event and any(name in columns_of(each) for each in measured))
    told = replace(parameter, where=()) if parameter.is_event else parameter  # the rows are told by the cohort
    parts = {
        part: tuple(parameter.value if each == name else _condition(each, name, told) for each in variables)
        for part, variables in parts_of(plan).items()
    }
    within = [_conditions(each, name, parameter) for each in plan.cohort.where]
    where = tuple(each for several in within for each in (several if parameter.is_event else (all_of(*several),)))
    where = (*where, *parameter.where) if is_measured else where
    return with_parts(plan, replace(plan.cohort, where=where), parts)


def _of_several_events(plan: Plan, named: Mapping[str, Parameter]) -> Plan | None:
    """Return a count of persons who had several events, each told by a row of its own; None of all else."""
    if not isinstance(plan, Count) or plan.by or not all(each.is_event for each in named.values()):
        return None
    made: dict[str, OfRows] = {}
    where: list[Condition] = []
    for each in plan.cohort.where:
        match each:
            case OneOf(column, _) if column in named:
                event = named[column]
                rows = OfRows(plan.cohort.table, "", "number", (*_conditions(each, column, event),))
                made[column] = rows
                where.append(Threshold(name_of_derived(rows), ">=", 1))
            case _ if named.keys().isdisjoint(columns_of(each)):
                where.append(each)
            case _:
                return None
    return replace(
        plan, cohort=replace(plan.cohort, where=tuple(where), derived=(*plan.cohort.derived, *made.values()))
    )


def _names(plan: Plan) -> Iterator[str]:
    yield from columns_of(plan)
    for part in ((*plan.cohort.where,), *parts_of(plan).values()):
        for each in part:
            if isinstance(each, AnyRow | NoRow):
                yield from (name for inner in each.where for name in columns_of(inner))


def _condition(variable: Variable, name: str, parameter: Parameter) -> Variable:
    return variable if isinstance(variable, str) else all_of(*_conditions(variable, name, parameter))


def _conditions(condition: Condition, name: str, parameter: Parameter) -> tuple[Condition, ...]:
    """Return a condition on a parameter as one on its values, in the rows that have them."""
    match condition:
        case AllOf(conditions):
            return tuple(each for inner in conditions for each in _conditions(inner, name, parameter))
        case AnyOf(conditions):
            return (any_of(*(all_of(*_conditions(inner, name, parameter)) for inner in conditions)),)
        case AnyRow(_, where) | NoRow(_, where):
            inside = tuple(each for inner in where for each in _conditions(inner, name, parameter))
            return (replace(condition, where=inside),)
        case _ if condition.column == name:
            return (replace(condition, column=parameter.value), *parameter.where)
        case _:
            return (condition,)


def _meaning(values: Column, level: Level, said: str) -> Column:
    """Return what a parameter would mean as a column; a unit is what its label ends with in brackets."""
    unit = _UNIT.search(level.label)
    label = _UNIT.sub("", level.label).strip() or level.label
    short = _SAMPLE.sub("", label).strip()
    code = (str(level.value),) if str(level.value) != level.label else ()
    code += (short,) if short and short != label else ()
    names = (*code, *level.synonyms)
    return values.model_copy(
        update={
            "label": f"{said}{label}",
            "unit": unit[1] if unit else values.unit,
            "synonyms": tuple(
                text
                for each in (label, *names)
                for text in ((f"{said}{each}", f"{each} {said[:-4]}") if said else (each,))
            ),
            "role": None,
            "baseline": "",
        }
    )


def is_timed(columns: Mapping[str, Column]) -> bool:
    """Tell whether a table's values are times that an event ended, or the end of follow-up."""
    return {"time", "event"} <= {column.role for column in columns.values()}


def names_parameters(name: str, column: Column, lexicon: Lexicon) -> bool:
    """Tell whether a column's levels say of what the values beside them are."""
    if column.kind not in GROUPABLE or not column.levels or column.ordered:
        return False
    if lexicon.parameter.isdisjoint(phrases_of_column(name, column)):
        return False
    return not any(spoken(level.label)[:2] in UNTIL for level in column.levels)


def _described(columns: Mapping[str, Column], lexicon: Lexicon) -> list[str]:
    """Name the column that describes each row of measurements, where their units stand beside them."""
    phrases = {name: phrases_of_column(name, column) for name, column in columns.items()}
    if all(lexicon.units_named.isdisjoint(said) for said in phrases.values()):
        return []
    return [
        name
        for name, column in columns.items()
        if column.kind in GROUPABLE and column.levels and not lexicon.termed.isdisjoint(phrases[name])
    ]


def _has_values(name: str, column: Column, lexicon: Lexicon) -> bool:
    """Whether a column is called by nothing but that it holds values: "Analysis Value", "result"."""
    numbers = column.kind == "numeric" or (
        column.ordered
        and column.kind in GROUPABLE
        and all(isinstance(each.value, int | float) for each in column.levels)
    )
    if not numbers:
        return False
    said = [spoken(column.label)] if column.label else [name_words(name)]
    return any(phrase in lexicon.measured for phrase in said)


def _numbers_first(names: Sequence[str], columns: Mapping[str, Column]) -> Sequence[str]:
    """Leave the values that are said to be numbers, or in standard units, where there are others beside them."""
    numbers = [name for name in names if not _AS_NUMBERS.isdisjoint((*spoken(columns[name].label), *name_words(name)))]
    return numbers if len(numbers) == 1 else names


def _is_change(name: str, column: Column) -> bool:
    return spoken(label_of(name, column)) == ("change", "from", "baseline")


def _is_record_flag(name: str, column: Column, lexicon: Lexicon) -> bool:
    said = {*spoken(label_of(name, column)), *name_words(name)}
    is_set = len(column.levels) == 1 and spoken(column.levels[0].label) in lexicon.yes
    return is_set and {"analysis", "record", "flag"} <= said


def _unused(name: str, columns: Mapping[str, Column]) -> str:
    while name in columns:
        name += "_"
    return name
