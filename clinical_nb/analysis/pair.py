"""To come: Pair is a plan that nothing computes yet."""

from clinical_nb.analysis.counts import Scan
from clinical_nb.errors import PlanError
from clinical_nb.plan import Pair
from clinical_nb.result import Result


def pair(plan: Pair, scan: Scan) -> Result:
    """Refuse, until it is computed."""
    del plan, scan
    raise PlanError("This cannot be computed yet.")
