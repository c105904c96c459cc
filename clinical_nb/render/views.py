"""The views of the kinds of plan that have one of their own: which sentence, cells and figure each has."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import (
    Agree,
    Bands,
    Change,
    Correlations,
    Diagnose,
    Discriminate,
    Extremes,
    Incidence,
    Margin,
    Measured,
    Mixed,
    Rank,
    Rate,
    Records,
    Repeated,
    Stratified,
    Trend,
    Visits,
)
from clinical_nb.render.agreement import agreement_cells, draw_agreement, say_agreement
from clinical_nb.render.changing import change_cells, draw_change, say_change_by
from clinical_nb.render.courses import course_cells, draw_courses, say_courses
from clinical_nb.render.diagnosis import (
    diagnosis_cells,
    draw_diagnosis,
    draw_markers,
    marker_cells,
    say_diagnosis,
    say_markers,
)
from clinical_nb.render.figure import Spec
from clinical_nb.render.findings import Finding
from clinical_nb.render.frequencies import (
    band_cells,
    draw_bands,
    draw_rank,
    rank_cells,
    record_cells,
    say_bands,
    say_rank,
    say_records,
)
from clinical_nb.render.incidence import draw_incidence, incidence_cells, say_incidence
from clinical_nb.render.margins import draw_margin, margin_cells, say_margin
from clinical_nb.render.matrix import draw_matrix, matrix_cells, say_matrix
from clinical_nb.render.openings import Opened
from clinical_nb.render.phrase import Phrase
from clinical_nb.render.rates import draw_rates, rate_cells, say_rates
from clinical_nb.render.repeats import draw_repeats, repeat_cells, say_repeats
from clinical_nb.render.single import (
    draw_measured,
    extreme_cells,
    measured_cells,
    say_extremes,
    say_measured,
)
from clinical_nb.render.strata import draw_strata, say_strata, strata_cells
from clinical_nb.render.trend import draw_trend, say_trend, trend_cells
from clinical_nb.result import Result

Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]


def say_view(plan: Opened, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:  # noqa: C901, PLR0911, PLR0912 - one a kind
    """Return the direct answer in words."""
    match plan:
        case Rate():
            return say_rates(plan, found, result, dictionary)
        case Diagnose():
            return say_diagnosis(plan, found, dictionary)
        case Discriminate():
            return say_markers(plan, found, result, dictionary)
        case Agree():
            return say_agreement(plan, found, result, dictionary)
        case Incidence():
            return say_incidence(plan, found, result, dictionary)
        case Trend():
            return say_trend(plan, found, result, dictionary)
        case Change():
            return say_change_by(plan, found, result, dictionary)
        case Stratified():
            return say_strata(plan, found, result, dictionary)
        case Correlations():
            return say_matrix(plan, found, dictionary)
        case Margin():
            return say_margin(plan, found, result, dictionary)
        case Visits() | Repeated():
            return say_repeats(plan, found, result, dictionary)
        case Records():
            return say_records(plan, found, dictionary)
        case Rank():
            return say_rank(plan, found, result, dictionary)
        case Bands():
            return say_bands(plan, found, dictionary)
        case Mixed():
            return say_courses(plan, found, result, dictionary)
        case Extremes():
            return say_extremes(plan, found, result, dictionary)
        case Measured():
            return say_measured(plan, found, dictionary)


def view_cells(plan: Opened, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:  # noqa: C901, PLR0911, PLR0912 - one a kind
    """Return heads and rows of cells."""
    match plan:
        case Rate():
            return rate_cells(plan, found, dictionary)
        case Diagnose():
            return diagnosis_cells(plan, found, result, dictionary)
        case Discriminate():
            return marker_cells(plan, found, result, dictionary)
        case Agree():
            return agreement_cells(plan, found, result, dictionary)
        case Incidence():
            return incidence_cells(plan, found, result, dictionary)
        case Trend():
            return trend_cells(plan, found, result, dictionary)
        case Change():
            return change_cells(plan, found, result, dictionary)
        case Stratified():
            return strata_cells(plan, found, result, dictionary)
        case Correlations():
            return matrix_cells(plan, found, dictionary)
        case Margin():
            return margin_cells(plan, found, dictionary)
        case Visits() | Repeated():
            return repeat_cells(plan, found, dictionary)
        case Records():
            return record_cells(plan, found, dictionary)
        case Rank():
            return rank_cells(plan, found, dictionary)
        case Bands():
            return band_cells(plan, found, dictionary)
        case Mixed():
            return course_cells(plan, found, dictionary)
        case Extremes():
            return extreme_cells(plan, found, result, dictionary)
        case Measured():
            return measured_cells(plan, found, dictionary)


def draw_view(plan: Opened, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Spec | None:  # noqa: C901, PLR0911, PLR0912 - one a kind
    """Return the figure; None where a number says it better."""
    match plan:
        case Rate():
            return draw_rates(plan, found, dictionary)
        case Diagnose():
            return draw_diagnosis(plan, found, dictionary)
        case Discriminate():
            return draw_markers(plan, result, dictionary)
        case Agree():
            return draw_agreement(plan, result, dictionary)
        case Incidence():
            return draw_incidence(plan, result, dictionary)
        case Trend():
            return draw_trend(plan, found, result, dictionary)
        case Change():
            return draw_change(plan, result, dictionary)
        case Stratified():
            return draw_strata(plan, found, result, dictionary)
        case Correlations():
            return draw_matrix(plan, found, dictionary)
        case Margin():
            return draw_margin(plan, found, result, dictionary)
        case Visits() | Repeated():
            return draw_repeats(plan, found, dictionary)
        case Records():
            return None
        case Rank():
            return draw_rank(plan, found, dictionary)
        case Bands():
            return draw_bands(plan, found, dictionary)
        case Mixed():
            return draw_courses(plan, found, dictionary)
        case Extremes():
            return None  # a few values are better read than seen
        case Measured():
            return draw_measured(plan, found, dictionary)
