"""The profiles of disclosure control: which counts are small, and whether the others are rounded."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinical_nb.errors import ClinicalError

OFF = "off"
CUSTOM = "custom"
PERSONS = "persons"  # whom answers count that have an identifier; others count the rows of one table
_LARGEST = 1_000


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of 1 to `most` are suppressed, with what would tell them; others are rounded to a multiple of `base`."""

    name: str
    most: int
    base: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.most <= _LARGEST or not 1 <= self.base <= self.most:
            raise ClinicalError(
                f"Counts of 1 to {self.most}, rounded to {self.base}, make no profile.",
                f"The largest small count is 1 to {_LARGEST}, and counts are rounded to at most that.",
            )

    def is_small(self, count: int) -> bool:
        """Tell whether a count must not be shown; none at all may be."""
        return 0 < count <= self.most

    def say(self) -> str:
        """Return the rule in words."""
        rounding = f", and others are rounded to the nearest {self.base}" if self.base > 1 else ""
        return f"counts of 1 to {self.most}, and what would tell them, are suppressed{rounding}"


def rounded(count: int, base: int) -> int:
    """Return the nearest multiple of `base`, of a half the even one."""
    return base * round(count / base)


PROFILES: Mapping[str, Profile] = {
    "cms11": Profile("cms11", 10),
    "nhs10": Profile("nhs10", 10, 5),
}


def profile_of(name: str, most: int | None = None, base: int | None = None) -> Profile | None:
    """Return the profile of that name; None for `off`.

    Raises
    ------
    ClinicalError
        When there is none of that name, or only `custom` could have these numbers.

    """
    if name not in (*PROFILES, CUSTOM, OFF):
        raise ClinicalError(
            f"There is no disclosure profile '{name}'.", f"Choose {', '.join(PROFILES)}, {CUSTOM} or {OFF}."
        )
    if name == CUSTOM:
        if most is None:
            raise ClinicalError("The profile 'custom' needs the largest count that is small.", "Say such as --most 5.")
        return Profile(CUSTOM, most, 1 if base is None else base)
    if most is not None or base is not None:
        raise ClinicalError(f"The profile '{name}' has its own numbers.", "Choose custom to set others.")
    return PROFILES.get(name)
