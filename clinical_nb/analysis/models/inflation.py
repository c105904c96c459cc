"""How much less is known of a term because others say the same: its variance inflation."""

import numpy as np

from clinical_nb.analysis.ard import write_inference
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.models.design import Design
from clinical_nb.analysis.models.glm import Model
from clinical_nb.result import Note, Statistic

_HIGH = 10.0  # Marquardt 1970: beyond this an estimate is hardly of its own term


def inflation_of(design: Design, model: Model) -> tuple[list[Statistic], list[Note]]:
    """Return the variance inflation of each term, context "vif" (Fox & Monette 1992; R's `car::vif`).

    Of a term with several levels, their joint inflation to the power of one over their number, so that it compares.
    """
    if model.reason or len(design.terms) < 2:  # noqa: PLR2004 - with one term there is nothing to say the same
        return [], []
    covariance = model.covariance if model.naive is None else model.naive
    spread = np.sqrt(np.diag(covariance))
    correlations = covariance / np.outer(spread, spread)
    whole = float(np.linalg.det(correlations))
    statistics: list[Statistic] = []
    high: list[str] = []
    for place, term in enumerate(design.terms):
        own = design.of_term(place)
        others = [column for column in range(len(design.kept)) if column not in own]
        if not own or not others or not whole > 0:
            continue
        parts = [float(np.linalg.det(correlations[np.ix_(some, some)])) for some in (own, others)]
        inflation = (parts[0] * parts[1] / whole) ** (1 / len(own))
        statistics += write_inference("vif", term.name, Inference(estimate=inflation), [(term.name, None)])
        if inflation > _HIGH:
            high.append(term.name)
    if not high:
        return statistics, []
    text = "{terms} says much the same as the other terms (variance inflation above 10): its estimate is not precise."
    return statistics, [Note("caution", text, {"terms": " and ".join(high)})]
