"""The table to publish: what it holds, that it is the same each time, and readable in a dark theme."""

import re

from clinical_nb.plan import Cohort, Describe
from clinical_nb.render.table import build_table
from clinical_nb.result import Result, Statistic


def cells(table) -> list[list[str]]:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table.as_raw_html(), re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


def test_a_table_has_a_row_a_group(risk):
    assert cells(risk.table()) == [
        ["randomised treatment", "n", "Of", "Share", "95 % CI", "Missing"],
        ["placebo", "52", "307", "16.9 %", "13.2 to 21.5 %", "0"],
        ["active", "27", "295", "9.2 %", "6.4 to 13.0 %", "0"],
    ]


def test_levels_are_rows_and_groups_are_columns(several_levels):
    assert cells(several_levels.table())[:3] == [
        ["status at the end", "placebo", "active"],
        ["n", "160", "160"],
        ["alive", "85 (53.1 %)", "83 (51.9 %)"],
    ]


def test_heads_and_rows_are_escaped(hostile):
    head, first, second = cells(hostile.table())

    assert head[0].replace("\N{ZERO WIDTH SPACE}", "") == "&lt;img src=x onerror=alert`1`&gt; {{x}}"
    assert first[0] == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert second[0] == "**a** &amp; {b} -5"


def test_a_table_is_the_same_on_every_run_and_its_rules_are_its_own(risk, ages):
    html = risk.table().as_raw_html()

    name = re.search(r'<div id="(cnb-[0-9a-f]{8})"', html).group(1)
    assert html == risk.table().as_raw_html()
    assert f"#{name} .gt_table, #{name} .gt_table * {{" in html
    assert "var(--jp-content-font-color1, inherit) !important" in html
    assert name not in ages.table().as_raw_html()


def test_a_table_shows_fifty_rows_and_says_how_many_more(meanings):
    plan = Describe(Cohort("trial", "trial"), "stage")
    statistics = tuple(
        Statistic("stage", name, name, number, "categorical", variable_level=f"l{level}")
        for level in range(1260)
        for name, number in (("n", level), ("N", 10**6), ("p", level / 10**6))
    )

    rows = cells(build_table(plan, Result(statistics, ()), meanings))

    assert len(rows) == 1 + 1 + 50 + 1
    assert "and 1,210 more" in rows[-1][0]
