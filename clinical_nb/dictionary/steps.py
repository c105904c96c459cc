"""What is done to the values of a column before anything is computed: declared, in order, and never to the source."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    model_serializer,
)

from clinical_nb.dictionary.invalid import say_invalid
from clinical_nb.errors import DictionaryError

LimitRule = Literal["half", "limit", "missing"]


class _Step(BaseModel):
    """What all steps share: they are never changed in place, and a field that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_serializer(mode="wrap")
    def _with_name(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Say what is done, by which it is read again, also where other defaults are left out."""
        return {"do": type(self).model_fields["do"].default, **serialize(self)}


class Recode(_Step):
    """Write some texts otherwise: spellings of one level, codes by their words. Other values stay as they are."""

    do: Literal["recode"] = "recode"
    values: Mapping[str, str]


class TreatAsMissing(_Step):
    """Take some values for missing, and keep the reason beside the column: the one given, else the value itself.

    Values are written as text, numbers in their shortest form; `reasons` says what some of them mean.
    """

    do: Literal["missing"] = "missing"
    values: tuple[str, ...]
    reasons: Mapping[str, str] = {}


class ReadNumbers(_Step):
    """Read text as numbers: decimal mark, marks between thousands, a unit behind each, which `factors` convert.

    `factors` says by what a number in each unit is multiplied, units without case, "" for numbers that have none.
    One in two parts (5 ft 11 in) is their sum. Without factors, the unit is the one that most of the first file have.
    `flags` are signs behind a number that are left out, as H and L of a laboratory for high and low, and `before` what
    is left out before one: 1: of a titre, ~ of what is about so much. 38+2 is 38 weeks and 2 days where
    `weeks_and_days` is true, in weeks; (12) and 12- are -12, as accountants write it, where `accounting` is.
    What is no number then becomes missing, and is kept as the reason beside the column.
    """

    do: Literal["numbers"] = "numbers"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    factors: Mapping[str, float] = {}
    flags: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    weeks_and_days: bool = False
    accounting: bool = False


class ReadDates(_Step):
    """Read text as dates by formats as of strftime, tried in order; what fits none becomes missing, with its text kept.

    Text that is a day's number in Excel is read as that day where `excel` is true. A year of two digits is none after
    `latest`, as of a birth; without it, 69 to 99 are of the 20th century and 00 to 68 of the 21st, as POSIX has it.
    """

    do: Literal["dates"] = "dates"
    formats: tuple[str, ...]
    excel: bool = False
    latest: int | None = None


class Censor(_Step):
    """Read text as numbers of which some lie beyond a limit: "<5" or "above 100". They stay known as such.

    `rule` says what they count as in statistics: half the limit (values below it; above it the limit), the limit
    itself, or missing. `before` is left out before a number, as by `ReadNumbers`.
    """

    do: Literal["censor"] = "censor"
    rule: LimitRule = "half"
    decimal: Literal[".", ","] = "."
    before: tuple[str, ...] = ()


class Split(_Step):
    """Read text of several numbers, such as 114/72, as a column each; the text stays.

    `labels` say what each is, in the order of `into`, and `unit` in which unit all are; behind a number it is left out.
    """

    do: Literal["split"] = "split"
    separator: str = "/"
    into: tuple[str, ...]
    labels: tuple[str, ...] = ()
    unit: str = ""


class LeaveOut(_Step):
    """Leave out the rows that hold nothing but one of these texts, in this column: headings of the rows below them."""

    do: Literal["leave out"] = "leave out"
    values: tuple[str, ...]


Step = Annotated[
    Recode | TreatAsMissing | ReadNumbers | ReadDates | Censor | Split | LeaveOut,
    Field(discriminator="do"),
]
STEPS: frozenset[str] = frozenset(kind.model_fields["do"].default for kind in get_args(get_args(Step)[0]))
_ANY: TypeAdapter[Step] = TypeAdapter(Step)


def step_to_json(step: Step) -> dict[str, Any]:
    """Return JSON values from which `step_from_json` makes the step; what is as by default is left out."""
    return step.model_dump(mode="json", exclude_defaults=True)


def step_from_json(data: Mapping[str, Any]) -> Step:
    """Return the step that JSON values declare, such as {"do": "missing", "values": ["-99"]}.

    Raises
    ------
    DictionaryError
        When they declare none; the sentence names the first place that is wrong.

    """
    try:
        return _ANY.validate_python(data)
    except ValidationError as error:
        raise DictionaryError(f"In a cleaning step, {say_invalid(error, STEPS)}.") from error
