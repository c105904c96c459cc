"""The fragment that notebook, panel and page share: everything from data or people is escaped."""

import re
from html.parser import HTMLParser

import pytest

from clinical_nb.plan import Cohort, Count
from clinical_nb.render.answer import Answer, Choice
from clinical_nb.render.html import write_page

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Tags(HTMLParser):
    """Collect the elements, their attributes and the text of a fragment."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def test_levels_labels_and_facts_are_shown_as_text(hostile):
    page = Tags(hostile._repr_mimebundle_()["text/html"])

    assert "script" not in page.names
    assert "i" not in page.names
    assert not {name for name in page.attributes if name.startswith("on")}
    assert "<script>alert(1)</script>" in page.text
    assert "<i>{who}</i>" in page.text
    assert "**a** & {b} -5" in page.text


def test_an_image_carries_its_picture_and_fetches_nothing(hostile, risk):
    for answer in (hostile, risk):
        html = answer._repr_mimebundle_()["text/html"]

        sources = re.findall(r'src="([^"]{0,40})', html)
        assert sources
        assert all(source.startswith("data:image/png;base64,") for source in sources)
        assert not re.search(r"https?://|@import", html)


@pytest.mark.parametrize("status", ["unclear", "declined"])
def test_what_is_not_answered_is_escaped_too(status):
    plan = Count(Cohort("trial", "trial"))
    answer = Answer(EVIL, status, reading=EVIL, reason=EVIL, choices=(Choice(plan, EVIL),))

    page = Tags(answer.html())

    assert not page.names & {"script", "img"}
    assert page.text.count(EVIL) == 2


def test_choices_are_numbered():
    plan = Count(Cohort("trial", "trial"))
    answer = Answer("how many?", "unclear", choices=(Choice(plan, "Count rows"), Choice(plan, "Count persons")))

    html = answer.html()

    assert re.search(r"<ol[^>]*><li[^>]*>Count rows</li><li[^>]*>Count persons</li></ol>", html)


def test_a_negative_number_has_the_true_minus_and_a_label_keeps_its_hyphen(risk, hostile):
    text = Tags(risk.html()).text

    assert "\N{MINUS SIGN}7.8 percentage points (95\N{NO-BREAK SPACE}%" in text
    assert "-7.8" not in text
    assert "{b} -5" in Tags(hostile.html()).text


def test_the_reading_is_marked_and_the_estimate_stands_out(risk):
    html = risk.html()

    assert "<mark>relapse (relapse within a year, primary endpoint)</mark>" in html
    assert "<b>0.540</b>" in html


def test_a_page_escapes_its_title():
    assert "<title>&lt;script&gt;</title>" in write_page("<script>", "")


def test_text_takes_its_colours_from_the_theme(risk):
    fragment = risk.html().split("<table")[0] + risk.html().split("</table>")[1]

    colours = re.findall(
        r"(?<![-\w])color:\s*([^;}\"]+)", re.sub(r"#cnb-\w+ \.gt_(?!table,)[^}]*\}|#cnb-\w+ [^#]*?\}", "", fragment)
    )
    assert set(colours) <= {"var(--jp-ui-font-color1,inherit)", "var(--jp-ui-font-color2,inherit)", "inherit"}
