"""Keys: which columns tell a table's rows apart, checked to the last row, and what a row is about in words."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from clinical_nb.dictionary.identifiers import PLACES, names_person, names_private, names_row, words_of
from clinical_nb.dictionary.meaning import Column
from clinical_nb.dictionary.vocabulary import Within, squeeze, vocabulary

_SAMPLE = 10_000  # rows that mostly show already that a key repeats
_SAMPLE_PATIENTS = 500  # all rows of these show it where a file is sorted by visit
_MOST_SAMPLED = 200_000
_MOST_WITHIN = 6  # columns that may complete a patient's key: each is tried, each two and each three of them
_MOST_NUMBERS = 2  # columns that only number the rows
_MOST_SIZE = 3
_MOST_CHECKS = 8  # keys of a table that are looked at to the last row
_KEY_WORDS = frozenset({"id", "code", "key"})
_ENDINGS_OF_KEYS = ("id", "code")  # of `itemid`, where another table has it too
# Names of what is numbered within another: patients of a centre, members of a family.
_PARTS_OF_KEYS = PLACES | frozenset(
    {"cluster", "block", "batch", "plate", "well", "sample", "specimen", "eye", "tooth", "side", "familie", "nummer"}
    | {"family", "household", "pair", "set", "member", "twin", "sibling", "child", "number", "no", "nr", "num", "id"}
    | {"subject", "patient", "participant", "person", "case", "code", "study", "trial", "cohort", "group", "version"}
)
_ENDS = frozenset({"end", "stop", "discharge", "dischtime", "stoptime", "endtime", "outtime", "ended", "stopped"})
_ONCE = frozenset({"birth", "dob", "death", "randomisation", "randomization", "enrolment", "enrollment", "consent"})


@dataclass(frozen=True, slots=True)
class Key:
    """What tells a table's rows apart, if anything does, and what a row is about: "patient and visit"."""

    row: str
    columns: tuple[str, ...] = ()


def find_key(  # noqa: PLR0911 - one return a way to tell rows apart
    table: str, scan: pl.LazyFrame, columns: Mapping[str, Column], elsewhere: Collection[str] = ()
) -> Key | None:
    """Return the smallest key of a table that has a meaning, and what one row is about; None where nothing tells.

    The patient alone is tried first, then with what tells a patient's rows apart by its name (parameter, visit, date,
    number), up to three of these; then columns that identify rows. In a table without patients these come first, then
    two of them, then what another table has a column of (`elsewhere`, as `squeeze` writes names): a visit, a parameter,
    or its only text that is never repeated. A key has no missing value and is never repeated, and no
    smaller part of it is one that was tried; but a parameter stays in it where the file has only one, since the table
    has one row for each.
    """
    patient = patient_of(columns)
    if patient is None:
        found = _find_key_of_others(table, scan, columns, elsewhere)
        are_patients = found is not None and len(found) > 1 and squeeze(table) in vocabulary().patient_tables
        nouns = ["patient"] if are_patients else [_noun_of(table, name) for name in found or ()]
        return Key(_and(nouns), found) if found else None
    within = _find_within(columns, patient)
    long = next((name for name, each in within.items() if each.long and is_known(scan, name)), None)
    if is_unique(scan, (patient,)):
        if is_number_of_rows(table, patient):
            return Key(_noun_of(table, patient), (patient,))
        return Key(*(("patient and parameter", (patient, long)) if long else ("patient", (patient,))))
    alone = _find_row_elsewhere(scan, columns, elsewhere)
    if alone and not long:
        return Key(f"{_noun_of(table, alone, of_rows=True)} (several a patient)", (alone,))
    for key in _pass_sample(scan, patient, list(_keys_within(patient, within, long))):
        if is_unique(scan, key):
            alone = next((name for name in key[1:] if names_row(name) and is_unique(scan, (name,))), None)
            if alone:
                return Key(f"{_noun_of(table, alone)} (several a patient)", (alone,))
            return Key(_say_within(table, [within[name] for name in key[1:]], key), key)
    rows = sorted(name for name in columns if name != patient and names_row(name))
    found = next((name for name in rows[:_MOST_CHECKS] if is_unique(scan, (name,))), None)
    noun = _noun_of(table, found) if found else vocabulary().rows.get(squeeze(table), "record")
    return Key(f"{noun} (several a patient)", (found,) if found else ())


def _find_row_elsewhere(scan: pl.LazyFrame, columns: Mapping[str, Column], elsewhere: Collection[str]) -> str | None:
    """Return the one column that identifies the rows of a table of several a patient, and that another table has too.

    The number of an admission, which its diagnoses and its results have, and not when it began.
    """
    named = [
        name
        for name, column in columns.items()
        if squeeze(name) in elsewhere and names_row(name) and not names_person(name) and column.role != "patient"
    ]
    found = [name for name in sorted(named)[:_MOST_CHECKS] if is_unique(scan, (name,))]
    return found[0] if len(found) == 1 else None


def patient_of(columns: Mapping[str, Column]) -> str | None:
    """Return the column with the role of the patient, where there is one."""
    return next((name for name, column in columns.items() if column.role == "patient"), None)


def is_number_of_rows(table: str, name: str) -> bool:
    """Tell whether a column that is only called `id` numbers the rows of a table of something else than patients."""
    return words_of(name) == ("id",) and squeeze(table) in {*vocabulary().rows, *vocabulary().other_tables}


def is_unique(scan: pl.LazyFrame, key: Sequence[str]) -> bool:
    """Tell whether a key has no missing value and is never repeated, exactly.

    Rows are compared by a hash first, of which only eight bytes a row are held; where two agree, by their values.
    """
    names = [f"k{place}" for place in range(len(key))]
    rows = scan.select(known(scan, name).alias(called) for name, called in zip(key, names, strict=True))
    if _repeats(rows.head(_SAMPLE).collect()):
        return False
    mark = pl.struct(names).hash()
    is_missing = pl.any_horizontal(pl.col(names).is_null())
    looked_at = rows.select(mark.alias("mark"), is_missing.alias("missing")).collect(engine="streaming")
    if looked_at["missing"].any():
        return False
    marks = looked_at["mark"].sort()
    again = marks.filter(marks == marks.shift()).unique()
    if again.len() != 1:  # two keys of one hash occur once in years, never two at a time
        return not again.len()
    return not _repeats(rows.filter(mark == again[0]).collect())


def known(scan: pl.LazyFrame, name: str) -> pl.Expr:
    """Return a column in which what is not a number is missing."""
    schema = scan.collect_schema()
    column = pl.nth(schema.names().index(name))  # by its place: a name such as ^.*$ is a pattern
    return column.fill_nan(None) if schema[name].is_float() else column


def is_known(scan: pl.LazyFrame, name: str) -> bool:
    """Tell whether a column has a value in every row."""
    return not scan.select(known(scan, name).is_null().any().alias("any")).collect(engine="streaming").item()


def _repeats(rows: pl.DataFrame) -> bool:
    return any(column.null_count() for column in rows.iter_columns()) or rows.is_duplicated().any()


def _pass_sample(scan: pl.LazyFrame, patient: str, keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the keys that do not repeat among all rows of some patients, as many as are looked at further."""
    names = list(dict.fromkeys(name for key in keys for name in key)) or [patient]
    rows = scan.select(known(scan, name).alias(f"c{place}") for place, name in enumerate(names))
    called = {name: f"c{place}" for place, name in enumerate(names)}
    some = rows.select(called[patient]).head(_SAMPLE).collect().to_series().drop_nulls().unique().head(_SAMPLE_PATIENTS)
    theirs = rows.filter(pl.col(called[patient]).is_in(some.implode())).head(_MOST_SAMPLED)
    sample = theirs.collect(engine="streaming")
    passed = [key for key in keys if not _repeats(sample.select(called[name] for name in key))]
    return passed[:_MOST_CHECKS]


def _find_within(columns: Mapping[str, Column], patient: str) -> dict[str, Within]:
    """Return the columns that may tell a patient's rows apart, the most telling first."""
    found: dict[str, Within] = {}
    for each in vocabulary().within:
        named = [name for name in columns if squeeze(name) in each.names and _may_tell_apart(each, columns[name])]
        dates = [name for name, column in columns.items() if each.dates and column.kind == "date"]
        # never in the order of the file: the same table with other columns first has the same key
        named.sort(key=lambda name: (each.names[squeeze(name)], name))
        for name in (*named, *sorted(date for date in dates if _may_begin(date))):
            if name != patient:
                found.setdefault(name, each)
    return found


def _may_begin(date: str) -> bool:
    """Tell whether a date may say when a row is of: not when it ended, nor what happens once."""
    words = words_of(date)
    return _ONCE.isdisjoint(words) and _ENDS.isdisjoint(words) and not squeeze(date).endswith(("endtc", "endt"))


def _may_tell_apart(within: Within, column: Column) -> bool:
    """Tell whether a column can be what its name says: a `marker` of numbers is a value, not which marker it is."""
    return within.noun != "parameter" or column.kind != "numeric"


def _keys_within(patient: str, within: Mapping[str, Within], long: str | None) -> Iterator[tuple[str, ...]]:
    """Yield what may tell a patient's rows apart, the smallest first, and before others what says most of a row."""
    start = (patient, long) if long else (patient,)
    plain = [name for name, each in within.items() if not (each.long or each.several)][:_MOST_WITHIN]
    numbers = [name for name, each in within.items() if each.several][:_MOST_NUMBERS]
    if long:
        yield start
    for size in range(1, _MOST_SIZE + 1):
        found = list(combinations([*plain, *numbers], size))
        yield from ((*start, *names) for names in sorted(found, key=lambda names: not set(numbers).isdisjoint(names)))


def _say_within(table: str, within: Sequence[Within], key: Sequence[str]) -> str:
    """Say what a row is about: what is counted for a patient, or what a patient has several of."""
    called = [squeeze(name) for name in key] + [squeeze(table)]
    noun = next((vocabulary().rows[name] for name in called if name in vocabulary().rows), "record")
    if all(each.several or each.dates for each in within) and (
        noun != "record" or any(each.several for each in within)
    ):
        return f"{noun} (several a patient)"
    return _and(["patient", *(noun if each.several else each.noun for each in within)])


def _find_key_of_others(
    table: str, scan: pl.LazyFrame, columns: Mapping[str, Column], elsewhere: Collection[str]
) -> tuple[str, ...] | None:
    """Return the key of a table without patients: by its name, or by what other tables have of it."""
    schema = scan.collect_schema()
    wholes = sorted(name for name, dtype in schema.items() if dtype == pl.String or dtype.is_integer())
    within = {name for each in vocabulary().within for name in each.names} & {*elsewhere}
    named = [
        name
        for name in wholes
        if _is_named_as_key(name, table, columns[name])
        or squeeze(name) in within
        or (squeeze(name) in elsewhere and squeeze(name).endswith(_ENDINGS_OF_KEYS))
    ]
    named.sort(key=lambda name: not names_row_of(name, table))
    for key in [*((name,) for name in named), *combinations(named, 2)][:_MOST_CHECKS]:
        if is_unique(scan, key):
            return key
    texts = [name for name in wholes if schema[name] == pl.String and squeeze(name) in elsewhere and name not in named]
    found = [name for name in texts[:_MOST_CHECKS] if not names_private(name) and is_unique(scan, (name,))]
    return (found[0],) if len(found) == 1 else _find_key_of_parts(scan, wholes, elsewhere)


def _find_key_of_parts(scan: pl.LazyFrame, wholes: Sequence[str], elsewhere: Collection[str]) -> tuple[str, ...] | None:
    """Return the two or three columns that another table has too and that count within each other: centre, number."""
    parts = [name for name in wholes if squeeze(name) in elsewhere and not _PARTS_OF_KEYS.isdisjoint(words_of(name))]
    for size in range(2, _MOST_SIZE + 1):
        found = [key for key in list(combinations(parts, size))[:_MOST_CHECKS] if is_unique(scan, key)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _is_named_as_key(name: str, table: str, column: Column) -> bool:
    if column.kind == "identifier" or names_row(name) or names_row_of(name, table):
        return True
    return not (names_private(name) or _KEY_WORDS.isdisjoint(words_of(name)[-1:]))


def _singulars(table: str) -> tuple[tuple[str, ...], ...]:
    """Return what one row of a table may be called by the table's name, best first: `site` of `sites`."""
    *first, last = words_of(table) or ("",)
    endings = {"ies": "y", "s": "", "": ""}
    return tuple((*first, last.removesuffix(end) + more) for end, more in endings.items() if last.endswith(end))


def names_row_of(name: str, table: str) -> bool:
    """Tell whether a column is called as what identifies the rows of a table: `site_id` of `sites`."""
    words = words_of(name)
    return words in _singulars(table) or (
        words[-1:] != () and words[-1] in _KEY_WORDS and words[:-1] in _singulars(table)
    )


def _noun_of(table: str, name: str, *, of_rows: bool = False) -> str:
    """Return what a row is about: by the column that identifies it (`site_id`), or by the table beside a bare `id`.

    Of rows of patients, what the table's are called goes first: an admission of `hadm_id`.
    """
    if of_rows and squeeze(table) in vocabulary().rows:
        return vocabulary().rows[squeeze(table)]
    words = [word for word in words_of(name) if word not in _KEY_WORDS]
    if words:
        return " ".join(words)
    return " ".join(_singulars(table)[0]) or "record"


def _and(nouns: Sequence[str]) -> str:
    """Enumerate nouns, each once: "patient, parameter and visit"."""
    *first, last = dict.fromkeys(nouns)
    return f"{', '.join(first)} and {last}" if first else last
