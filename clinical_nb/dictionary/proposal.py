"""A proposal: what a column is taken to be in the study until a person confirms it, and why."""

from dataclasses import dataclass

from clinical_nb.dictionary.meaning import Code, Role


@dataclass(frozen=True, slots=True)
class RoleProposal:
    """What a column is in the study: its role, the code of its event, or the column with its baseline.

    `why` is one sentence for the person who confirms it. `asks` says that she has to look: the code of the event is an
    assumption, or (with the role event and no code) nothing says which it is.
    """

    table: str
    column: str
    why: str
    role: Role | None = None
    event: Code | None = None
    baseline: str = ""
    asks: bool = False
