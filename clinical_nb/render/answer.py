"""What a person gets for a question: it shows itself as text, page, table, chart and script."""

import base64
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.errors import ShowError, as_shown
from clinical_nb.formulas import count_runs, protect
from clinical_nb.plan import Plan, to_json
from clinical_nb.render.chart import draw
from clinical_nb.render.differences import Differences
from clinical_nb.render.html import write_answer, write_choices, write_page, write_reason
from clinical_nb.render.picture import draw_png, draw_svg, embed, shown_width
from clinical_nb.render.script import write_script
from clinical_nb.render.summary import summarise
from clinical_nb.render.table import build_table
from clinical_nb.render.text import write_provenance, write_text
from clinical_nb.result import Result, result_to_json

if TYPE_CHECKING:
    from great_tables import GT

Status = Literal["answered", "unclear", "declined"]
VEGA_LITE_MIME = "application/vnd.vegalite.v5+json"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the ways in which a question can be meant; `by` names the language model that suggested it, if one did."""

    plan: Plan
    reading: str
    by: str = ""

    @property
    def said(self) -> str:
        """The reading, with who suggested it."""
        return f"{self.reading} (suggested by the model '{self.by}')" if self.by else self.reading


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with what was made of it.

    An answer that is `answered` has a plan, a result and the dictionary in whose words it is shown; one that is
    `unclear` has choices; one that is `declined` has a reason. Remarks are sentences about the run itself, such as that
    a newer version of the data exists. Where the question was asked before of another version, or gave other numbers,
    `differences` are to the answer of then. `suggest` finds what can be asked next, when that is shown.
    """

    question: str
    status: Status
    reading: str = ""
    plan: Plan | None = None
    result: Result | None = None
    dictionary: Dictionary | None = None
    choices: tuple[Choice, ...] = ()
    reason: str = ""
    run_id: str = ""
    run_key: str = ""
    reused: bool = False
    computed_at: datetime | None = None
    dataset: str = ""
    dataset_version: str = ""
    remarks: tuple[str, ...] = ()
    differences: Differences | None = None
    suggest: Callable[[], tuple[str, ...]] = field(default=tuple, repr=False, compare=False)

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The whole answer as plain text."""
        match self.status:
            case "answered":
                said = [f"Read as: {self.reading}", write_text(*_computed(self)), self._provenance()]
                said += [str(self.differences)] if self.differences else []
                said += ["Ask next:", *(f"  {each}" for each in self.suggestions)] if self.suggestions else []
            case "unclear":
                listed = [f"  {number}. {choice.said}" for number, choice in enumerate(self.choices, 1)]
                said = [self.reason, *listed, "Answer with its number."]
            case "declined":
                said = [f"Read as: {self.reading}" if self.reading else "", self.reason, *self.remarks]
        lines = (line for block in said if block for line in block.split("\n"))
        return "\n".join(map(as_shown, lines))

    @property
    def summary(self) -> str:
        """One line for the history: estimates, p and n without names, and no number where under 11 were counted."""
        return summarise(self.result) if self.status == "answered" and self.result is not None else self.status

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Up to three questions that go on from an answered one: each can be asked as it stands."""
        return self.suggest() if self.status == "answered" else ()

    def table(self) -> "GT":
        """Return the table of the answer, for great-tables to style and save.

        Raises
        ------
        ShowError
            When the question was not answered.

        """
        return build_table(*_computed(self))

    def chart(self) -> dict[str, Any] | None:
        """Return the figure as a Vega-Lite 5 specification; None where there is nothing to draw."""
        return draw(*_computed(self)) if self.status == "answered" else None

    def script(self) -> str:
        """Return a Python script that computes the answer again.

        Raises
        ------
        ShowError
            When the question was not answered.

        """
        return write_script(_computed(self)[0], self.reading, self.dataset_version)

    def html(self) -> str:
        """Return the answer as a fragment of HTML, without its chart."""
        match self.status:
            case "answered":
                compared = self.differences.html() if self.differences else ""
                return f"{write_answer(*_computed(self), self._provenance(), self.suggestions)}{compared}"
            case "unclear":
                return write_choices(self.reason, [choice.said for choice in self.choices])
            case "declined":
                return write_reason(self.reading, " ".join((self.reason, *self.remarks)))

    def chart_bundle(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the chart for `display(…, raw=True)`: specification, picture and description; and their metadata."""
        spec = self.chart()
        if spec is None:
            return None
        picture = draw_png(spec)
        forms = {
            VEGA_LITE_MIME: spec,
            "image/png": base64.b64encode(picture).decode(),
            "text/plain": spec["description"],
        }
        return forms, {"image/png": {"width": shown_width(picture)}}

    def save(self, path: str | Path) -> Path:
        """Write the answer to a file whose suffix says as what, and return its path.

        Parameters
        ----------
        path : str or Path
            `.html` a page, `.txt` the text, `.csv` every statistic unrounded (an apostrophe before text that a
            spreadsheet program would run as a formula), `.json` the plan and the result,
            `.png` and `.svg` the chart, `.py` the script.

        Raises
        ------
        ShowError
            When the suffix is another, when the answer has no such part, or when the file cannot be written.

        """
        target = Path(path)
        write = _WRITERS.get(target.suffix.lower())
        if write is None:
            raise ShowError(f"An answer cannot be saved as '{target.name}'.", f"Use one of {', '.join(_WRITERS)}.")
        content = write(self)
        try:
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        except OSError as error:
            raise ShowError(f"'{target}' cannot be written: {error.strerror}.") from error
        return target

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Mapping[str, str]:
        """Show the text, and the page with its chart inside (a bundle shows one part only)."""
        del include, exclude
        return {"text/plain": self.text, "text/html": _body(self)}

    def _provenance(self) -> str:
        where_from = write_provenance(self.dataset, self.dataset_version, self.computed_at, reused=self.reused)
        return "\n".join((*self.remarks, where_from))


def _computed(answer: Answer) -> tuple[Plan, Result, Dictionary]:
    if answer.plan is None or answer.result is None or answer.dictionary is None:
        raise ShowError(f"The question was not answered ({answer.status}): there is nothing to show.")
    return answer.plan, answer.result, answer.dictionary


def _body(answer: Answer) -> str:
    spec = answer.chart()
    return answer.html() if spec is None else f"{answer.html()}<p>{embed(spec)}</p>"


def _figure(answer: Answer) -> dict[str, Any]:
    spec = answer.chart()
    if spec is None:
        raise ShowError("This answer has no chart.", "Save it as .html or .txt.")
    return spec


def _statistics(answer: Answer) -> str:
    _, result, _ = _computed(answer)
    table = result.ard.lazy()
    if cells := sum(count_runs(table).values()):
        told = f"An apostrophe was written before text ({cells} times) that a spreadsheet program may run as a formula."
        warnings.warn(told, stacklevel=3)
    return protect(table).collect().write_csv()


def _values(answer: Answer) -> str:
    plan, result, _ = _computed(answer)
    parts = {"reading": answer.reading, "dataset_version": answer.dataset_version, "run_key": answer.run_key}
    return json.dumps({**parts, "plan": to_json(plan), **result_to_json(result)}, ensure_ascii=False, indent=2)


_WRITERS: Mapping[str, Callable[[Answer], str | bytes]] = {
    ".html": lambda answer: write_page(answer.reading or answer.status, _body(answer)),
    ".txt": lambda answer: f"{answer.text}\n",
    ".csv": _statistics,
    ".json": _values,
    ".png": lambda answer: draw_png(_figure(answer)),
    ".svg": lambda answer: draw_svg(_figure(answer)),
    ".py": lambda answer: answer.script(),
}
