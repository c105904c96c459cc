"""The way from a plan to its result."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from clinical_nb.analysis.counts import Frame, Scan
from clinical_nb.analysis.guards.beyond import note_beyond
from clinical_nb.analysis.guards.circular import note_circular
from clinical_nb.analysis.guards.few import note_few
from clinical_nb.analysis.guards.immortal import note_immortal
from clinical_nb.analysis.guards.independent import as_asked, note_independent
from clinical_nb.analysis.guards.timed import note_codes
from clinical_nb.analysis.kinds.agree import agree
from clinical_nb.analysis.kinds.bands import bands
from clinical_nb.analysis.kinds.change import change
from clinical_nb.analysis.kinds.compare import compare
from clinical_nb.analysis.kinds.correlate import correlate
from clinical_nb.analysis.kinds.correlations import correlations
from clinical_nb.analysis.kinds.count import count
from clinical_nb.analysis.kinds.describe import describe
from clinical_nb.analysis.kinds.diagnose import diagnose
from clinical_nb.analysis.kinds.discriminate import discriminate
from clinical_nb.analysis.kinds.extremes import extremes
from clinical_nb.analysis.kinds.hazard import hazard
from clinical_nb.analysis.kinds.incidence import incidence
from clinical_nb.analysis.kinds.margin import margin
from clinical_nb.analysis.kinds.measured import measured
from clinical_nb.analysis.kinds.missingness import missingness
from clinical_nb.analysis.kinds.mixed import mixed
from clinical_nb.analysis.kinds.pair import pair
from clinical_nb.analysis.kinds.proportion import proportion
from clinical_nb.analysis.kinds.rank import rank
from clinical_nb.analysis.kinds.rate import rate
from clinical_nb.analysis.kinds.records import records
from clinical_nb.analysis.kinds.regress import regress
from clinical_nb.analysis.kinds.repeated import repeated, visits
from clinical_nb.analysis.kinds.stratified import stratified
from clinical_nb.analysis.kinds.survive import follow_up, survive
from clinical_nb.analysis.kinds.table_one import table_one
from clinical_nb.analysis.kinds.trend import trend
from clinical_nb.analysis.rows.joining import join_tables
from clinical_nb.analysis.rows.reduction import reduce_to_persons
from clinical_nb.analysis.rows.unconfirmed import note_unconfirmed
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import (
    Agree,
    Bands,
    Change,
    Compare,
    Correlate,
    Correlations,
    Count,
    Describe,
    Diagnose,
    Discriminate,
    Extremes,
    FollowUp,
    Hazard,
    Incidence,
    Margin,
    Measured,
    Missingness,
    Mixed,
    Pair,
    Plan,
    Proportion,
    Rank,
    Rate,
    Records,
    Regress,
    Repeated,
    Stratified,
    Survive,
    TableOne,
    Trend,
    Visits,
)
from clinical_nb.result import Result

# What computes each kind of plan, and its version, which is raised whenever the same plan on the same data would give
# another result: it is part of every run key.
_METHODS: Mapping[type[Plan], tuple[Callable[[Any, Scan], Result], int]] = {
    Count: (count, 5),
    Proportion: (proportion, 7),
    Describe: (describe, 5),
    Compare: (compare, 9),
    Survive: (survive, 7),
    FollowUp: (follow_up, 4),
    TableOne: (table_one, 3),
    Correlate: (correlate, 1),
    Pair: (pair, 1),
    Missingness: (missingness, 1),
    Regress: (regress, 6),
    Hazard: (hazard, 8),
    Rate: (rate, 6),
    Diagnose: (diagnose, 2),
    Discriminate: (discriminate, 1),
    Agree: (agree, 1),
    Incidence: (incidence, 6),
    Trend: (trend, 2),
    Change: (change, 2),
    Stratified: (stratified, 6),
    Correlations: (correlations, 2),
    Margin: (margin, 2),
    Visits: (visits, 1),
    Repeated: (repeated, 1),
    Records: (records, 2),
    Rank: (rank, 1),
    Bands: (bands, 2),
    Mixed: (mixed, 1),
    Extremes: (extremes, 2),
    Measured: (measured, 2),
}


def run(
    plan: Plan, frame: Frame, dictionary: Dictionary, related: Mapping[str, Frame] = MappingProxyType({})
) -> Result:
    """Compute a plan on a table, and on those that it belongs to or that belong to it.

    Parameters
    ----------
    plan
        What to compute. Its `cohort.table` names the table in the dictionary.
    frame
        The table's rows: a Polars lazy frame, or any other that narwhals supports. Only counts leave it.
    dictionary
        What the table's columns mean, and by which its rows belong to those of others.
    related
        The rows of the other tables that the plan needs, which `related_tables` names.

    Raises
    ------
    UnknownTableError, UnknownColumnError
        When the plan names what is not there.
    PlanError
        When the plan cannot be computed on these data; the sentence says why and what could be asked instead.

    """
    scan, joined = join_tables(plan, frame, dictionary, related)
    unconfirmed = note_unconfirmed(plan, scan, dictionary)
    scan, reduction = reduce_to_persons(plan, as_asked(plan, scan))
    compute, _ = _METHODS[type(plan)]
    result = compute(plan, scan)
    told = (*joined, *unconfirmed, *reduction, *note_beyond(plan, scan), *note_immortal(plan, scan))
    doubted = (*note_circular(plan), *note_codes(plan, scan), *note_independent(plan, scan))
    return replace(result, notes=(*result.notes, *told, *doubted, *note_few(plan, result.statistics)))


def method_version(plan: Plan) -> str:
    """Return the name and version of the method that computes a plan, such as "compare/1"."""
    return f"{type(plan).__name__.lower()}/{_METHODS[type(plan)][1]}"
