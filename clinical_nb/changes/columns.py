"""What changed of columns and named cohorts: what came, went or is of another type, and what is said of them."""

from collections.abc import Iterator, Mapping, Sequence

from clinical_nb.changes.values import ColumnChanges, LevelChanges, MeaningChange, Retyped
from clinical_nb.dictionary.meaning import Column, Grain, NamedCohort, value_text

GROUPABLE = ("categorical", "binary")


def compare_columns(before: Mapping[str, str], after: Mapping[str, str]) -> ColumnChanges:
    """Compare the types of two versions' columns, by name."""
    return ColumnChanges(
        added={name: kind for name, kind in after.items() if name not in before},
        dropped={name: kind for name, kind in before.items() if name not in after},
        retyped=tuple(
            Retyped(name, before[name], kind) for name, kind in after.items() if before.get(name, kind) != kind
        ),
    )


def compare_meaning(
    before: Mapping[str, Column], after: Mapping[str, Column], levels: Sequence[LevelChanges]
) -> tuple[MeaningChange, ...]:
    """Compare what is said of the columns that both versions have; codes that came or went with `levels` are left out.

    Those are told as what they are, a change of the data.
    """
    told = {each.column: {*each.appeared, *each.vanished} for each in levels}
    return tuple(
        MeaningChange(name, what, then, now)
        for name, meaning in after.items()
        if name in before
        for what, then, now in _find_differences(before[name], meaning, told.get(name, set()))
        if then != now
    )


def compare_grains(before: Grain | None, after: Grain | None) -> tuple[MeaningChange, ...]:
    """Compare what is said of a table's rows: what one is about, what tells them apart, and where they belong."""
    then, now = dict(_say_grain(before)), dict(_say_grain(after))
    return tuple(
        MeaningChange("rows", what, then.get(what, ""), now.get(what, ""))
        for what in dict.fromkeys([*then, *now])
        if then.get(what, "") != now.get(what, "")
    )


def compare_cohorts(before: Mapping[str, NamedCohort], after: Mapping[str, NamedCohort]) -> tuple[MeaningChange, ...]:
    """Compare which cohorts have a name, and what was written of whom each is."""
    then, now = ({name: each.text for name, each in cohorts.items()} for cohorts in (before, after))
    return tuple(
        MeaningChange(name, "", then.get(name, ""), now.get(name, ""))
        for name in dict.fromkeys([*then, *now])
        if before.get(name) != after.get(name)
    )


def _say_grain(grain: Grain | None) -> Iterator[tuple[str, str]]:
    if grain:
        yield "one is a", grain.row
        yield "key", ", ".join(grain.key)
        for each in grain.relations:
            yield f"belong to {each.table} by", ", ".join(each.columns)


def _find_differences(before: Column, after: Column, told: set[str]) -> Iterator[tuple[str, str, str]]:
    yield "kind", before.kind, after.kind
    yield "label", before.label, after.label
    yield "unit", before.unit, after.unit
    yield "role", before.role or "", after.role or ""
    yield "event", value_text(before.event), value_text(after.event)
    yield "baseline", before.baseline, after.baseline
    yield "other names", ", ".join(before.synonyms), ", ".join(after.synonyms)
    if before.kind in GROUPABLE and after.kind in GROUPABLE:
        yield "order", _say_order(before), _say_order(after)
        then, now = ({value_text(level.value): level.label for level in each.levels} for each in (before, after))
        for code in dict.fromkeys([*then, *now]):
            if code not in told:
                yield f"code {code}", then.get(code, ""), now.get(code, "")
    then, now = ({value_text(code.value): code.reason for code in each.missing} for each in (before, after))
    for code in dict.fromkeys([*then, *now]):
        if code not in told:
            yield f"missing code {code}" if code else "an empty cell", then.get(code, ""), now.get(code, "")


def _say_order(column: Column) -> str:
    return "ranked" if column.ordered else "not ranked"
