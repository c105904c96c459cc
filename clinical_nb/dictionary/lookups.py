"""Tables that say what the codes of others mean: each row is one code, so that its text names a level."""

from collections.abc import Mapping, Sequence

import polars as pl
from polars.selectors import by_name

from clinical_nb.dictionary.identifiers import names_private
from clinical_nb.dictionary.inference import MAX_LEVELS, label_levels
from clinical_nb.dictionary.keys import patient_of
from clinical_nb.dictionary.meaning import Column, Dictionary, Level, Relation, kind_of, value_text
from clinical_nb.dictionary.vocabulary import squeeze, vocabulary

MOST_TERMS = 5_000  # diagnoses, drugs or tests that a column may have
_LONGEST = 80  # characters of a name; what is longer is a remark
_LONGEST_TERM = 255  # of a diagnosis, as ICD has them
_REPEATED = 1.5  # rows of each term at least: what is hardly repeated are remarks
_APART = frozenset({"fluid", "specimen", "system", "category", "route", "site"})  # what tells tests of one name apart


def name_levels(dictionary: Dictionary, tables: Mapping[str, pl.DataFrame | pl.LazyFrame]) -> Dictionary:
    """Return the dictionary with the texts of look-up tables as levels, so that rows can be grouped by them.

    A look-up table is one to whose rows those of another belong by a code, and which has few rows and no patients. Its
    texts are each there once, for which they pass for free text everywhere else.

    Where patients have several rows, the codes of these are the levels, each with its text as its label, and so is what
    says in words what each row is of, however many there are of either: diagnoses, drugs, tests.
    """
    scans = {name: tables[name].lazy() for name in sorted(tables.keys() & dictionary.tables.keys())}
    found = dict(dictionary.tables)
    listed: set[str] = set()
    for name, scan in scans.items():
        grain = dictionary.grains.get(name)
        if grain is None or not any(patient_of(found.get(each.table, {})) for each in grain.relations):
            continue
        for relation in grain.relations:
            other, code = relation.table, found[name].get(relation.columns[0])
            if code is None:  # it was renamed, and the relation is found anew
                continue
            is_open = not code.confirmed and all(each.label == value_text(each.value) for each in code.levels)
            is_list = is_open and other in scans and patient_of(found[other]) is None
            if is_list and (text := _text_of(found[other], relation.keys)):
                levels = _levels_of_codes(scan, relation, scans[other], text)
                if levels:
                    coded = code.model_copy(update={"kind": kind_of(levels), "levels": levels, "ordered": False})
                    found[name] = {**found[name], relation.columns[0]: coded}
                    listed.add(other)
        found[name] = _with_terms(found[name], scan)
    for name in listed:
        found[name] = {
            column: Column(kind="identifier") if column == dictionary.grains[name].key[0] else meaning
            for column, meaning in found[name].items()
        }
    targets = {each.table for grain in dictionary.grains.values() for each in grain.relations if len(each.keys) == 1}
    for name in sorted((targets - listed) & scans.keys()):
        if patient_of(found[name]) is None:
            found[name] = _with_levels(found[name], scans[name])
    return dictionary.model_copy(update={"tables": found})


def _text_of(columns: Mapping[str, Column], keys: Sequence[str]) -> str | None:
    """Return the column that says what the codes of a list mean, where its first key is called as a code."""
    texts = vocabulary().texts
    named = [name for name in columns if squeeze(name) in texts and name not in keys and not names_private(name)]
    is_code = squeeze(keys[0]).endswith(("code", "id", "cd"))
    return min(named, key=lambda name: texts[squeeze(name)], default=None) if is_code else None


def _levels_of_codes(scan: pl.LazyFrame, relation: Relation, codes: pl.LazyFrame, text: str) -> tuple[Level, ...]:
    """Return the codes that rows have, each with its text; none where these are too many, too long, or no text."""
    types = scan.collect_schema(), codes.collect_schema()
    if types[1][text] != pl.String or any(
        types[0][column] != types[1][key] for column, key in zip(relation.columns, relation.keys, strict=True)
    ):
        return ()
    used = _names_of(scan, relation.columns).unique()
    aside = next((name for name in codes.collect_schema() if squeeze(name) in _APART and name != text), None)
    said = codes.select(
        *_columns(relation.keys), by_name(text).as_expr().alias("text"),
        (by_name(aside).as_expr() if aside else pl.lit(None)).cast(pl.String).alias("aside"),
    )  # fmt: skip
    rows = used.join(said, on=used.collect_schema().names(), how="inner").head(MOST_TERMS + 1).collect()
    rows = rows.filter(pl.col("text").is_not_null() & pl.col("k0").is_not_null()).sort(rows.columns)
    if not 1 < rows.height <= MOST_TERMS or rows["text"].str.len_chars().max() > _LONGEST_TERM:  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]
        return ()
    rows = rows.unique("k0", keep="none", maintain_order=True)  # one code of two lists is left as it is
    shared = rows["text"].is_duplicated()
    apart = rows.select(pl.struct("text", "aside").is_duplicated().alias("same"))["same"] | rows["aside"].is_null()
    levels: list[Level] = []
    for code, label, more, is_shared, is_same in zip(
        rows["k0"], rows["text"], rows["aside"], shared, apart, strict=True
    ):
        if is_shared:
            levels.append(Level(value=code, label=f"{label} ({code if is_same else more})", synonyms=(label,)))
        else:
            levels.append(Level(value=code, label=label))
    return tuple(levels)


def _names_of(scan: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    return scan.select(_columns(names))


def _columns(names: Sequence[str]) -> list[pl.Expr]:
    return [by_name(name).as_expr().alias(f"k{place}") for place, name in enumerate(names)]


def _with_terms(columns: Mapping[str, Column], scan: pl.LazyFrame) -> Mapping[str, Column]:
    """Return the columns of a table of several rows a patient with levels for the words that say what its rows are."""
    schema, terms = scan.collect_schema(), vocabulary().terms
    named = [
        name
        for name, column in columns.items()
        if column == Column(kind="text", label=column.label)
        and schema.get(name) == pl.String
        and (squeeze(name) in terms or squeeze(column.label) in terms)
        and not names_private(name)
    ]
    if not named:
        return columns
    texts = [by_name(name).as_expr() for name in named]
    rows = scan.select(
        *(text.count().alias(f"n{at}") for at, text in enumerate(texts)),
        *(
            text.drop_nulls().unique().head(MOST_TERMS + 1).implode().alias(f"texts{at}")
            for at, text in enumerate(texts)
        ),
    ).collect()
    made = dict(columns)
    for at, name in enumerate(named):
        values = sorted(rows[f"texts{at}"].item().to_list())
        is_free = len(values) * _REPEATED > rows[f"n{at}"].item() or any(len(value) > _LONGEST_TERM for value in values)
        if len(values) > MAX_LEVELS and len(values) <= MOST_TERMS and not is_free:
            levels = tuple(Level(value=value, label=value) for value in values)
            made[name] = columns[name].model_copy(update={"kind": kind_of(levels), "levels": levels})
    return made


def _with_levels(columns: Mapping[str, Column], scan: pl.LazyFrame) -> Mapping[str, Column]:
    schema = scan.collect_schema()
    texts = [
        name
        for name, column in columns.items()
        if column == Column(kind="text") and schema.get(name) == pl.String and not names_private(name)
    ]
    rows = scan.select(by_name(texts)).head(MAX_LEVELS + 1).collect() if texts else pl.DataFrame()
    if not 1 < rows.height <= MAX_LEVELS:
        return columns
    named = {name: sorted(rows[name].drop_nulls().to_list()) for name in texts}
    levels = {
        name: label_levels(values, name)
        for name, values in named.items()
        if len(values) > 1 and len(set(values)) == len(values) and all(len(value) <= _LONGEST for value in values)
    }
    made = {
        name: columns[name].model_copy(update={"kind": "categorical", "levels": each}) for name, each in levels.items()
    }
    return {**columns, **made}
