"""An answer as a fragment of HTML, for the notebook, the panel and a file: escaped, in the theme's colours."""

from collections.abc import Sequence
from html import escape

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Plan
from clinical_nb.render.comparison import comparison_lines
from clinical_nb.render.notes import fill
from clinical_nb.render.phrase import Phrase, markup, quiet
from clinical_nb.render.reading import read_parts
from clinical_nb.render.sentence import say_answer
from clinical_nb.render.table import build_table
from clinical_nb.result import Result

# Inline, because JupyterLab takes <style> out of a notebook that came from somebody else.
_MUTED = "color:var(--jp-ui-font-color2,inherit)"
_BODY = "font:13px/1.45 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,inherit)"
_SAY = "font-size:16px;line-height:1.4;margin:6px 0 10px;max-width:60em"
_MARK = (
    "<style>.cnb-answer mark{background:color-mix(in srgb,var(--jp-brand-color1,#1976d2) 14%,transparent);"
    "color:inherit;padding:1px 4px;border-radius:3px}"
    ".cnb-answer b{white-space:nowrap;font-variant-numeric:tabular-nums}</style>"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{margin:2em auto;max-width:60em;padding:0 1em}}</style></head>
<body>{body}</body></html>
"""


def write_answer(
    plan: Plan, result: Result, dictionary: Dictionary, provenance: str, suggestions: Sequence[str] = ()
) -> str:
    """Return the reading, the sentence, the table, the tests and the notes of an answer, and what can be asked next."""
    lines = [*comparison_lines(plan, result, dictionary), *(fill(note) for note in result.notes)]
    return _wrap(
        _reading(("Read as: ", *read_parts(plan, dictionary))),
        f'<p class="cnb-say" style="{_SAY}">{markup(say_answer(plan, result, dictionary))}</p>',
        str(build_table(plan, result, dictionary).as_raw_html()),
        _items(lines),
        _provenance(provenance),
        _suggestions(suggestions),
    )


def write_choices(reason: str, choices: Sequence[str]) -> str:
    """Return what was not clear, and the readings to choose from, numbered."""
    items = "".join(f'<li style="margin:4px 0">{escape(choice)}</li>' for choice in choices)
    return _wrap(
        f"<p>{escape(reason)}</p>",
        f'<ol class="cnb-choices">{items}</ol>' if items else "",
    )


def write_reason(reading: str, reason: str) -> str:
    """Return why a question was not answered."""
    border = "border-left:3px solid var(--jp-warn-color1,#f57c00);padding:6px 10px;margin:10px 0"
    return _wrap(
        _reading((f"Read as: {reading}",)) if reading else "",
        f'<p class="cnb-reason" style="{border}">{escape(reason)}</p>',
    )


def write_page(title: str, body: str) -> str:
    """Return a whole document for a browser, light or dark as the reader's machine is."""
    return _PAGE.format(title=escape(title), body=body)


def _wrap(*parts: str) -> str:
    return f'{_MARK}<div class="cnb-answer" style="{_BODY}">{"".join(parts)}</div>'


def _reading(parts: Phrase) -> str:
    return f'<p class="cnb-reading" style="{_MUTED};margin:8px 0 2px">{markup(parts)}</p>'


def _items(lines: Sequence[Phrase]) -> str:
    items = "".join(f"<li>{markup(quiet(line))}</li>" for line in lines)
    return f'<ul class="cnb-notes" style="{_MUTED};margin:10px 0 0;padding-left:16px">{items}</ul>' if items else ""


def _suggestions(questions: Sequence[str]) -> str:
    items = " · ".join(f"<i>{escape(each)}</i>" for each in questions)
    return f'<p class="cnb-next" style="{_MUTED};font-size:12px;margin:4px 0 0">Ask next: {items}</p>' if items else ""


def _provenance(said: str) -> str:
    style = f"{_MUTED};font-size:12px;margin:10px 0 0;white-space:pre-line"
    return f'<p class="cnb-provenance" style="{style}">{escape(said)}</p>' if said else ""
