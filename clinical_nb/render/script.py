"""A short Python script that computes an answer again through the public surface."""

import json

from clinical_nb.errors import ShowError
from clinical_nb.plan import Plan, to_json

# What a person supplied stands in the script only as string literals, written by `repr`.
_SCRIPT = '''"""Compute one answer again, from the store in the folder that is given as the argument."""

import json
import sys

import clinical_nb
from clinical_nb.plan import plan_from_json

READING = {reading}
VERSION = {version}
PLAN = {plan}

home = sys.argv[1] if len(sys.argv) > 1 else "clinical_data"
with clinical_nb.Session(home) as session:
    dataset = session.use({dataset})
    if dataset.version != VERSION:
        print(f"The data are version {{dataset.version}}; the answer was computed on {{VERSION}}.")
    print(session.run(plan_from_json(json.loads(PLAN))))
'''


def write_script(plan: Plan, reading: str, dataset_version: str) -> str:
    """Return the script as text; it is never run here.

    Raises
    ------
    ShowError
        When the data were attached: no store has them to compute it from.

    """
    if not dataset_version:
        raise ShowError("The data were attached, so no script can find them again.", "Upload them, and ask again.")
    return _SCRIPT.format(
        reading=ascii(reading),
        version=ascii(dataset_version),
        plan=ascii(json.dumps(to_json(plan), sort_keys=True)),
        dataset=ascii(plan.cohort.dataset),
    )
