"""The study: what a dataset's tables and columns are in it, proposed from the dictionary and checked in the data."""

from collections.abc import Mapping

import polars as pl

from clinical_nb.dictionary.lookups import name_levels
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.dictionary.relations import Related, relate
from clinical_nb.dictionary.roles import propose, propose_patients


def propose_study(dictionary: Dictionary, tables: Mapping[str, pl.DataFrame | pl.LazyFrame]) -> Related:
    """Fill in the roles, keys, relations and grains that a dictionary does not declare.

    Patients come first, since they tell keys apart; the other roles last, since visits are where a patient has several
    rows.

    Parameters
    ----------
    dictionary : Dictionary
        What was inferred and declared; all that it says stays.
    tables : mapping of str to pl.DataFrame or pl.LazyFrame
        The tables by name.

    Returns
    -------
    Related
        The dictionary with roles and grains, and what a person should know of how its tables belong together.

    """
    related = relate(propose_patients(dictionary), tables)
    return Related(propose(name_levels(related.dictionary, tables)).dictionary, related.told)
