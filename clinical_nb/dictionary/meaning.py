"""The dictionary of a dataset as values: kinds, labels, units, levels and missing codes, to and from YAML."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clinical_nb.dictionary.invalid import say_invalid
from clinical_nb.dictionary.steps import STEPS, LimitRule, Step
from clinical_nb.errors import DictionaryError, UnknownColumnError, UnknownTableError

# libyaml's, where PyYAML has it: ten times as fast, with the same result.
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Kind = Literal["identifier", "numeric", "categorical", "binary", "date", "text"]
# What a column is in a study, beyond its kind; an event's code is in `event`.
Role = Literal["patient", "arm", "outcome", "time", "event", "visit", "visit date", "birth", "death"]
# Tried from the left and strictly, so that a code keeps the type that it has in the data: true is not 1, 1 is not "1".
Code = (
    Annotated[bool, Field(strict=True)]
    | Annotated[int, Field(strict=True)]
    | Annotated[float, Field(strict=True)]
    | str
)


class _Value(BaseModel):
    """What all entries share: they are never changed in place, and a field that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(_Value):
    """One value that a column can have, as stored, with the label that people read and other words for it."""

    value: Code
    label: str
    synonyms: tuple[str, ...] = ()


class MissingCode(_Value):
    """A value that stands for missing (None: an empty cell), and what is known of the reason."""

    value: Code | None
    reason: str


class Limit(_Value):
    """That some values of a column are known only to lie beyond a limit, and what they count as.

    `column` is the column beside it that says which ("<5"), `rule` what stands for them in statistics.
    """

    column: str
    rule: LimitRule


class Column(_Value):
    """What one column means.

    `levels` are in display order, and in rank order where `ordered`. `label` is empty where the name says all that is
    known. `unit` is as written ("mg/dl"), empty where there is none.

    `role` is what it is in the study, `event` the code of an event column that says that it happened, `baseline` the
    column that has the same measurement before treatment. `confirmed` says that a person agreed to these.

    `clean` are the steps by which its values were made from those of the file, and `rejected` those that a person did
    not want. `reasons` is the column beside it that says why a value is missing, `limit` says which lie beyond one.
    """

    kind: Kind
    label: str = ""
    unit: str = ""
    ordered: bool = False
    levels: tuple[Level, ...] = ()
    missing: tuple[MissingCode, ...] = ()
    synonyms: tuple[str, ...] = ()
    role: Role | None = None
    event: Code | None = None
    baseline: str = ""
    confirmed: bool = False
    clean: tuple[Step, ...] = ()
    rejected: tuple[Step, ...] = ()
    reasons: str = ""
    limit: Limit | None = None

    def label_of(self, value: Code | None) -> str:
        """Return the label of a value of this column; the value itself where none was declared."""
        for level in self.levels:
            if value_text(level.value) == value_text(value):
                return level.label
        return value_text(value)


class Relation(_Value):
    """That each row of a table belongs to one row of another: `columns` here are `keys` there.

    `confirmed` says that a person agreed to it; else it was found in the data. `copied` are the columns that each row
    has from the row that it belongs to, as the arm of the patient beside each event.
    """

    table: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    confirmed: bool = False
    copied: tuple[str, ...] = ()


class Grain(_Value):
    """What one row of a table is about, such as a patient or a visit, and which columns tell its rows apart.

    `confirmed` says that a person agreed to these two; each relation says it of itself.
    """

    row: str
    key: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    confirmed: bool = False


class NamedCohort(_Value):
    """Whom a name stands for: as a person wrote it, and as conditions on the columns of tables, in a plan's JSON."""

    text: str
    where: Mapping[str, tuple[Mapping[str, Any], ...]]


class Dictionary(_Value):
    """What each column of each table of a dataset means, what its rows are, and which cohorts have a name."""

    tables: Mapping[str, Mapping[str, Column]]
    grains: Mapping[str, Grain] = {}
    cohorts: Mapping[str, NamedCohort] = {}

    def column(self, table: str, column: str) -> Column:
        """Return what a column means.

        Raises
        ------
        UnknownTableError, UnknownColumnError
            When the dictionary does not have it.

        """
        if table not in self.tables:
            raise UnknownTableError(table, "this dataset", self.tables)
        columns = self.tables[table]
        if column not in columns:
            raise UnknownColumnError(column, table, columns)
        return columns[column]

    def identifier(self, table: str) -> str | None:
        """Return the column that identifies the persons of a table, where one is known.

        The one with that role; else the one by which its rows belong to the patients' table; else an identifier that
        is no part of what tells rows apart only together.
        """
        columns = self.tables[table]
        patients = [name for name, column in columns.items() if column.role == "patient"]
        relations = self.grains[table].relations if table in self.grains else ()
        foreign = [each.columns[0] for each in relations if self._is_to_patients(each) and each.columns[0] in columns]
        keys = [self.grains[table].key] if table in self.grains else []
        parts = {name for key in (*keys, *(each.columns for each in relations)) if len(key) > 1 for name in key}
        identifiers = [name for name, column in columns.items() if column.kind == "identifier" and name not in parts]
        return next(iter((*patients, *foreign, *identifiers)), None)

    def parts_of_patients(self, table: str) -> frozenset[str]:
        """Return the columns that tell patients apart only together, as a site and a number that begins anew there."""
        grain = self.grains.get(table)
        if grain is None:
            return frozenset()
        whole = {
            name: other.key for name, other in self.grains.items() if other.row == "patient" and len(other.key) > 1
        }
        relations = [each.columns for each in grain.relations if whole.get(each.table) == each.keys]
        return frozenset(name for key in (*relations, whole.get(table, ())) for name in key)

    def _is_to_patients(self, relation: Relation) -> bool:
        keys = [self.tables.get(relation.table, {}).get(key) for key in relation.keys]
        return len(keys) == 1 and keys[0] is not None and keys[0].role == "patient"


def value_text(value: Code | None) -> str:
    """Return a stored value as text, the same for 1 and 1.0; an empty cell is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def kind_of(levels: Sequence[Level]) -> Kind:
    """Return the kind of a column of levels, which two make binary."""
    return "binary" if len(levels) == 2 else "categorical"  # noqa: PLR2004 - binary means two


def to_yaml(dictionary: Dictionary) -> str:
    """Return the dictionary as YAML that a person can read and edit: one text for equal dictionaries.

    Tables and columns are sorted by name, so that the order of a file's columns does not make another version.
    """
    plain = dictionary.model_dump(mode="json", exclude_defaults=True)
    tables = {table: dict(sorted(columns.items())) for table, columns in sorted(plain["tables"].items())}
    grains = dict(sorted(plain.get("grains", {}).items()))
    cohorts = dict(sorted(plain.get("cohorts", {}).items()))
    whole = {"tables": tables} | ({"grains": grains} if grains else {}) | ({"cohorts": cohorts} if cohorts else {})
    return yaml.dump(whole, Dumper=_Dumper, allow_unicode=True, sort_keys=False)


def in_order(dictionary: Dictionary, order: Mapping[str, Sequence[str]]) -> Dictionary:
    """Return the dictionary with its tables, their grains and columns in the order of the files."""
    tables = {table: {name: dictionary.tables[table][name] for name in columns} for table, columns in order.items()}
    grains = {name: dictionary.grains[name] for name in order if name in dictionary.grains}
    return dictionary.model_copy(update={"tables": tables, "grains": grains})


def rename_tables(dictionary: Dictionary, names: Mapping[str, str]) -> Dictionary:
    """Return the dictionary of some of its tables, by their old names, under their new ones; relations follow."""
    grains = {
        names[table]: grain.model_copy(
            update={
                "relations": tuple(
                    each.model_copy(update={"table": names[each.table]})
                    for each in grain.relations
                    if each.table in names
                )
            }
        )
        for table, grain in dictionary.grains.items()
        if table in names
    }
    tables = {new: dictionary.tables[old] for old, new in names.items()}
    cohorts = {
        name: cohort.model_copy(update={"where": {names[table]: where for table, where in cohort.where.items()}})
        for name, cohort in dictionary.cohorts.items()
        if cohort.where.keys() <= names.keys()
    }
    return Dictionary(tables=tables, grains=grains, cohorts=cohorts)


def has_aliases(text: str) -> bool:
    """Tell whether a YAML text names parts of itself: a few hundred bytes of it can then stand for any number."""
    try:
        events = cast("Iterator[object]", yaml.parse(text, Loader=_Loader))  # pyright: ignore[reportUnknownMemberType] - not typed
        return any(isinstance(event, yaml.AliasEvent) for event in events)
    except yaml.YAMLError:
        return False  # which is said when it is read


def from_yaml(text: str) -> Dictionary:
    """Return the dictionary that a YAML text declares.

    Raises
    ------
    DictionaryError
        When it is not YAML, or not a dictionary; the sentence names the first place that is wrong.

    """
    return dictionary_of(load_yaml(text))


def load_yaml(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    """Return the values of a YAML text, of whatever shape.

    Raises
    ------
    DictionaryError
        When it is not YAML.

    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, by either name
    except yaml.YAMLError as error:
        raise DictionaryError("The dictionary is not valid YAML.", str(error).replace("\n", " ")) from error


def dictionary_of(values: Any) -> Dictionary:  # noqa: ANN401 - it is what is looked at
    """Return the dictionary that values declare.

    Raises
    ------
    DictionaryError
        When they are not a dictionary; the sentence names the first place that is wrong.

    """
    try:
        return Dictionary.model_validate(values)
    except ValidationError as error:
        raise DictionaryError(f"In the dictionary, {say_invalid(error, STEPS)}.") from error
