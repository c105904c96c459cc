"""A chart as a picture, drawn on this machine without a browser or a network."""

import base64
from collections.abc import Mapping
from html import escape
from typing import Any

import vl_convert

from clinical_nb.render.chart import INK, Spec

VEGA_LITE = "5.20"  # the newest 5 that vl-convert brings; JupyterLab's 5.6 draws the same features
SCALE = 2  # for sharp text on dense screens
# A picture cannot ask for the theme: its text is of a grey that can be read on white and on black.
_CONFIG: Spec = {
    "font": "Liberation Sans, Arial, Helvetica, sans-serif",  # of one width each, so that an SVG has room anywhere
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "domainColor": INK,
        "tickColor": INK,
        "gridColor": f"{INK}40",
        "labelFlush": False,
        "labelSeparation": 4,
    },
    "legend": {"labelColor": INK, "titleColor": INK},
    "title": {"color": INK, "subtitleColor": INK},
    "view": {"stroke": None},
}


def draw_png(spec: Mapping[str, Any]) -> bytes:
    """Return the chart as PNG on a transparent ground, at twice the screen's resolution."""
    return vl_convert.vegalite_to_png(_themed(spec), vl_version=VEGA_LITE, scale=SCALE, allowed_base_urls=[])


def shown_width(picture: bytes) -> int:
    """Return how wide a PNG of `draw_png` is meant to be on the screen, in CSS pixels."""
    return int.from_bytes(picture[16:20], "big") // SCALE  # where PNG's header has it


def draw_svg(spec: Mapping[str, Any]) -> str:
    """Return the chart as SVG on a transparent ground."""
    return vl_convert.vegalite_to_svg(_themed(spec), vl_version=VEGA_LITE, allowed_base_urls=[])


def embed(spec: Mapping[str, Any]) -> str:
    """Return the chart as an HTML image that carries its picture: it loads nothing and runs nothing.

    PNG rather than SVG, because the text of an SVG is drawn in a font of the reader's, for which there may be no room.
    """
    picture = draw_png(spec)
    content = base64.b64encode(picture).decode()
    described = escape(str(spec.get("description", "")), quote=True)
    style = "max-width:100%;height:auto"
    return (
        f'<img alt="{described}" width="{shown_width(picture)}" style="{style}" src="data:image/png;base64,{content}">'
    )


def _themed(spec: Mapping[str, Any]) -> Spec:
    return {**spec, "background": None, "config": _CONFIG}
