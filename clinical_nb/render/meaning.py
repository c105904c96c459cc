"""What a column, a table's rows and a named cohort are in the study, in words."""

from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, NamedCohort, Relation, value_text
from clinical_nb.errors import PlanError, UnknownColumnError, UnknownTableError
from clinical_nb.plan import condition_from_json
from clinical_nb.render.reading import say_condition


def say_role(column: Column) -> str:
    """Say what a column is in the study: "arm", "event (2 = dead)", "baseline: sbp_0"; empty where nothing is known."""
    said = [_say_event(column) if column.role == "event" else column.role or ""]
    if column.baseline:
        said.append(f"baseline: {column.baseline}")
    return "; ".join(filter(None, said))


def say_grain(grain: Grain | None) -> str:
    """Say what one row is about, its key, and where it belongs; empty where nothing is known.

    Such as "one row per patient and visit (key: id, visit), confirmed; belongs to patients by id, not confirmed".
    """
    if grain is None:
        return ""
    row, several, _ = grain.row.partition(" (several a patient)")
    inside = [*(["several a patient"] if several else []), *([f"key: {', '.join(grain.key)}"] if grain.key else [])]
    said = [f"one row per {row}" + (f" ({'; '.join(inside)})" if inside else "") + _say_confirmed(grain)]
    said += [f"{say_relation(each)}{_say_confirmed(each)}" for each in grain.relations]
    return " ".join("; ".join(said).split())  # a column's name may have line breaks


def say_relation(relation: Relation) -> str:
    """Say where the rows of a table belong: "belongs to patients by id"."""
    return f"belongs to {relation.table} by {', '.join(relation.columns)}"


def say_cohort(cohort: NamedCohort, dictionary: Dictionary) -> str:
    """Say whom a name stands for: "age > 65 years and diabetes = yes"; of several tables, of which each is."""
    several = len(cohort.where) > 1
    try:
        said = [
            say_condition(condition_from_json(each), dictionary, table) + (f" of {table}" if several else "")
            for table, where in cohort.where.items()
            for each in where
        ]
    except (UnknownTableError, UnknownColumnError, PlanError) as error:
        return f"not in this version: {error.message}"
    return " and ".join(said)


def _say_confirmed(of: Grain | Relation) -> str:
    return ", confirmed" if of.confirmed else ", not confirmed"


def _say_event(column: Column) -> str:
    if column.event is None:
        return "event (which code is not known)"
    code, label = value_text(column.event), column.label_of(column.event)
    return f"event ({code})" if code == label else f"event ({code} = {label})"
