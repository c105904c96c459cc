"""What of the quality report bears on a question: steps that would mend its column, doubts that nobody settled."""

from clinical_nb.dataset import Dataset
from clinical_nb.intake.table import Finding
from clinical_nb.plan import Plan, columns_of

# Each of them changes a number silently where it is one.
_DOUBTS = frozenset(
    {"missing codes", "impossible values", "mixed units", "unread", "unknown codes", "look-alike levels", "yes or no"}
    | {"duplicated rows", "totals", "conflicts", "mixed fractions"}
)
_MOST_TOLD = 3


def proposed_step(dataset: Dataset, plan: Plan) -> str:
    """Return which step is proposed that would make numbers or dates of a column of text that a plan asks about."""
    tables = (plan.cohort.table, *plan.cohort.joined)
    for each in dataset.proposals:
        if each.step is None or each.is_done or each.column is None or each.table not in tables:
            continue
        kind = dataset.dictionary.column(each.table, each.column).kind
        if each.column in columns_of(plan) and kind in ("text", "categorical") and each.step.do != "recode":
            return f" A cleaning step is proposed for '{each.column}': {each.proposal} Accept it, and ask again."
    return ""


def open_doubts(dataset: Dataset, plan: Plan) -> tuple[str, ...]:
    """Return a sentence for each doubt about values that an answer has used as they are."""
    tables = (plan.cohort.table, *plan.cohort.joined)
    columns = columns_of(plan)
    found = [
        f"In doubt{f', {each.column}' if each.column else ''}: {each.text.rstrip('.')}{_counted_so(each)}."
        for each in dataset.report
        if each.kind in _DOUBTS and each.table in tables and (each.column in (None, *columns) or each.kind == "totals")
    ]
    more = len(found) - _MOST_TOLD
    return (*found[:_MOST_TOLD], *([f"{more} more doubts stand in the quality report."] if more > 0 else []))


def _counted_so(finding: Finding) -> str:
    return "" if finding.kind == "unread" else "; counted as they are"
