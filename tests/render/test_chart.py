"""Charts: Vega-Lite 5 as data, drawn from statistics alone, and drawn here without a network."""

import json
import struct

import pytest

import clinical_nb
from clinical_nb.render.chart import draw
from clinical_nb.render.picture import draw_png, draw_svg, embed
from clinical_nb.result import Result, Statistic

CHARTED = ["counts_by_arm", "risk", "ages", "medians", "stages", "several_levels", "hostile"]


@pytest.fixture(params=CHARTED)
def spec(request):
    return request.getfixturevalue(request.param).chart()


def marks(part) -> list[str]:
    layers = part.get("layer", [part])
    return [layer["mark"]["type"] for layer in layers]


def test_a_chart_says_what_it_is_and_takes_the_themes_colours(spec):
    assert spec["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    assert spec["description"]
    assert not {"background", "config"} & set(spec)
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec


def test_a_chart_is_drawn_as_a_picture(spec):
    png, svg = draw_png(spec), draw_svg(spec)

    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert (width > 800, height > 100) == (True, True)
    assert svg.startswith("<svg")
    assert 'fill="white"' not in svg.split("<g", 1)[0]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("counts_by_arm", ["bar"]),
        ("risk", ["bar", "rule", "tick", "tick"]),
        ("ages", ["rule", "bar", "tick", "point"]),
        ("stages", ["bar"]),
        ("several_levels", ["bar"]),
    ],
)
def test_each_kind_of_answer_has_its_chart(name, kinds, request):
    assert marks(request.getfixturevalue(name).chart()) == kinds


def test_one_number_is_not_drawn(total):
    assert total.chart() is None
    assert total.chart_bundle() is None


def test_a_chart_holds_the_statistics_unrounded_and_in_order(risk):
    values = risk.chart()["data"]["values"]

    assert [(row["group"], row["share"], row["low"]) for row in values] == [
        ("placebo", 52 / 307, 0.1316),
        ("active", 27 / 295, 0.0637),
    ]


def test_groups_of_levels_have_colours_that_all_can_tell_apart(several_levels):
    colour = several_levels.chart()["encoding"]["color"]["scale"]

    assert colour == {"domain": ["placebo", "active"], "range": ["#0072B2", "#D55E00"]}


def test_an_axis_has_the_label_and_the_unit(ages):
    titles = {layer["encoding"]["x"]["title"] for layer in ages.chart()["layer"]}

    assert titles == {"age at entry (years)"}


def test_labels_are_text_in_the_picture_and_its_description(hostile):
    svg, image = draw_svg(hostile.chart()), embed(hostile.chart())

    assert "<script" not in svg
    assert "&lt;script&gt;alert(1)" in svg
    assert image.count("<") == 1
    assert 'alt="Died by &lt;img' in image


def test_many_levels_are_cut_to_the_twenty_largest(stages):
    statistics = tuple(
        Statistic("stage", name, name, number, "categorical", variable_level=str(level))
        for level in range(300)
        for name, number in (("n", level), ("N", 10**5), ("p", level / 10**5))
    )

    spec = draw(stages.plan, Result(statistics, ()), stages.dictionary)

    assert len(spec["data"]["values"]) == 20
    assert {row["n"] for row in spec["data"]["values"]} == set(range(280, 300))


def test_a_group_without_a_median_is_not_drawn(ages):
    empty = tuple(row for row in ages.result.statistics if row.stat_name != "median")

    assert draw(ages.plan, Result(empty, ()), ages.dictionary) is None


def test_a_histogram_has_a_bar_for_each_counted_bin(pbc, tmp_path):
    with clinical_nb.Session(tmp_path / "store") as session:
        session.upload(pbc, name="pbc")
        whole, split = (session.ask(question) for question in ("distribution of age", "distribution of age by sex"))

    assert marks(whole.chart()) == ["bar"]
    first = whole.chart()["data"]["values"][0]
    assert first == {"low": 25, "high": 30, "n": 3}
    assert sum(row["n"] for row in whole.chart()["data"]["values"]) == 418
    assert marks(split.chart()) == ["rule", "bar", "tick", "point"]
