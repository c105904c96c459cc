"""What every figure shares: its frame as a Vega-Lite 5 specification, its colours and its sizes."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
# Okabe & Ito's palette, which people of all colour vision can tell apart, without its black and its yellow.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
INK = "#7f7f7f"  # the grey that has a contrast of 4 to 1 or more on white and on JupyterLab's dark ground
WIDTH = 420
TITLE = 64  # characters of a title that the width holds
STEP = 34  # pixels a bar
TALL = 260  # pixels of a curve


def frame(title: str, said: str, data: Sequence[Mapping[str, Any]], drawing: Spec) -> Spec:
    """Put a drawing into a whole specification; no background and no text colour, so that it takes the theme's."""
    return {
        "$schema": SCHEMA,
        "description": f"{title}. {said}",
        "title": {"text": textwrap.wrap(title, TITLE), "subtitle": said, "anchor": "start", "offset": 10},
        "width": WIDTH,
        "height": {"step": STEP},
        "data": {"values": list(data)},
        **drawing,
    }


def nominal(field: str, order: Sequence[str]) -> Spec:
    """Encode groups or levels in the order of the dictionary, with room for long labels."""
    axis: Spec = {"labelLimit": 220, "title": None, "domain": False, "ticks": False, "labelPadding": 6}
    return {"field": field, "type": "nominal", "sort": list(order), "axis": axis}
