"""What may leave a store: the profile of disclosure control that is in force, and the rows that none lets out."""

from pathlib import Path
from typing import TYPE_CHECKING

from clinical_nb.answering.disclosing import Disclosing
from clinical_nb.disclosure.profile import OFF, Profile, profile_of
from clinical_nb.history.events import Disclosure, new_run_id
from clinical_nb.sessions.declaring import Declaring

if TYPE_CHECKING:  # it imports Polars, which %load_ext must not wait for
    from clinical_nb.changes.report import Changes


class Guarding(Declaring):
    """The datasets of one store, under a profile that a person chooses."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._disclosing = Disclosing(self._store)

    @property
    def profile(self) -> Profile | None:
        """The profile of disclosure control in force; None where it is off."""
        return self._disclosing.profile

    def disclosure(
        self, profile: str | None = None, most: int | None = None, base: int | None = None, *, anew: bool = False
    ) -> str:
        """Choose what may be shown of small counts, in all kernels of this store, and return what is in force in words.

        Parameters
        ----------
        profile : str, optional
            `cms11` suppresses counts of 1 to 10 and what would tell them; `nhs10` rounds others to 5 as well; `custom`
            has its own `most` and `base`; `off` shows all. Without it, nothing changes.
        most, base : int, optional
            For `custom`: the largest count that is small, and what others are rounded to.
        anew : bool
            Forget what was shown before: answers are checked against each other as if none of it had left.

        Raises
        ------
        ClinicalError, StoreError
            When there is no such profile, or the store cannot be written.

        """
        if profile is not None:
            chosen = profile_of(profile, most, base)
            self._disclosing.choose(chosen)
        else:
            chosen = self.profile
        if anew:
            self._disclosing.begin_anew([each for known in self.datasets() for each in self.versions(known.name)])
        if profile is not None or anew:
            name, small, rounded = (chosen.name, chosen.most, chosen.base) if chosen else (OFF, 0, 1)
            self._note(Disclosure(new_run_id(), name, small, rounded, anew))
        return f"Disclosure control by {chosen.name}: {chosen.say()}." if chosen else "Disclosure control is off."

    def drop(self, name: str, version: int | str | None = None) -> None:  # noqa: D102 - as in Holdings
        if version is not None:
            gone = self.find_versions(name, version)
            left = [each for each in self.versions(name) if each.version not in {one.version for one in gone}]
            if left:
                self._disclosing.hand_on(gone, left[-1])
        super().drop(name, version)

    def diff(self, name: str, before: int | str | None = None, after: int | str | None = None) -> "Changes":  # noqa: D102 - as in Holdings
        self._disclosing.refuse_rows("A comparison of versions")
        return super().diff(name, before, after)

    def export(  # noqa: D102 - as in Holdings
        self,
        name: str,
        folder: str | Path,
        format: str = "csv",  # noqa: A002 - what people call it
        version: int | str | None = None,
        *,
        replace: bool = False,
    ) -> list[Path]:
        self._disclosing.refuse_rows("An export")
        return super().export(name, folder, format, version, replace=replace)

    def archive(self, name: str, to: str | Path | None = None, *, replace: bool = False) -> Path:  # noqa: D102 - as in Holdings
        self._disclosing.refuse_rows("An archive")
        return super().archive(name, to, replace=replace)
