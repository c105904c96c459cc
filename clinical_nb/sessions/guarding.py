"""What may be shown of small counts: the profile of disclosure control that a person chooses."""

from clinical_nb.answering.disclosing import Disclosing
from clinical_nb.disclosure.profile import OFF, profile_of
from clinical_nb.history.events import Disclosure, new_run_id
from clinical_nb.sessions.holdings import Holdings
from clinical_nb.sessions.place import Place


class Guarding:
    """Puts a profile in force for all that a store holds, and notes that it did."""

    def __init__(self, place: Place, holdings: Holdings, disclosing: Disclosing) -> None:
        self._place = place
        self._holdings = holdings
        self._disclosing = disclosing

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
            chosen = self._disclosing.profile
        if anew:
            names = [dataset.name for dataset in self._holdings.datasets()]
            self._disclosing.begin_anew([each for name in names for each in self._holdings.versions(name)])
        if profile is not None or anew:
            name, small, rounded = (chosen.name, chosen.most, chosen.base) if chosen else (OFF, 0, 1)
            self._place.note(Disclosure(new_run_id(), name, small, rounded, anew))
        return f"Disclosure control by {chosen.name}: {chosen.say()}." if chosen else "Disclosure control is off."
