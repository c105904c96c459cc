"""How many rows a join would make that is refused because it would multiply rows."""

from collections.abc import Mapping

from clinical_nb.analysis.counts import Frame
from clinical_nb.analysis.rows.bringing import most_rows_each
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.errors import MultiplyingError, PlanError


def count_multiplied(error: MultiplyingError, frames: Mapping[str, Frame], dictionary: Dictionary) -> PlanError:
    """Return the refusal of a join with how many rows one row of the table that both belong to has in each.

    Parameters
    ----------
    error : MultiplyingError
        As it was refused by the relations alone.
    frames : mapping of str to frame
        The rows of the dataset's tables.
    dictionary : Dictionary
        By which they belong together.

    """
    one, other, shared = error.tables
    try:
        most = tuple(most_rows_each(each, shared, frames, dictionary) for each in (one, other))
    except PlanError as further:  # a key repeats there
        return further
    return MultiplyingError(one, other, shared, (most[0], most[1]))
