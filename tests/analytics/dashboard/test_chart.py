import json

import pytest
from flask import render_template_string

from analytics.dashboard import chart
from analytics.dashboard.chart import Chart, HeatMap, Layer, Mark, Series, Unit
from analytics.dashboard.parts import wired
from analytics.figures.report import Estimate
from analytics.wording import Wording

WITHHELD = Estimate()
PAGE = '{% from "charts.html" import chart with context %}{{ chart("x", "Title", shown) }}'


@pytest.fixture
def say(app, settings):
    with app.app_context():
        return Wording(wired().texts, "en", settings.store.zone)


@pytest.fixture
def render(app):
    def drawn(shown):
        with app.test_request_context("/?lang=en"):
            return render_template_string(PAGE, shown=shown)

    return drawn


def hours(*points, layer=Layer.ESTIMATED, unit=Unit.NUMBER):
    labels = [f"{number}:00" for number in range(len(points))]
    return Chart(labels, [Series("Visitors", points, layer)], head="Hour", unit=unit)


def test_a_withheld_figure_is_words_alone_and_one_that_has_not_come_is_nothing(say):
    (series,) = hours(Estimate(20, 15, 26), Estimate(7), WITHHELD, None).to_data(say)["series"]

    assert series["points"] == [["20 (95%: 15–26)", 20, 15, 26], ["7", 7], ["not shown"], None]


@pytest.mark.parametrize(
    ("unit", "drawn", "axis"),
    [(Unit.PERCENT, ["12.5%", 12.5], "%"), (Unit.NUMBER, ["0", 0.125], "")],
)
def test_a_figure_is_drawn_in_the_unit_of_its_axis(say, unit, drawn, axis):
    data = hours(Estimate(0.125), unit=unit).to_data(say)

    assert data["series"][0]["points"] == [drawn]
    assert data["axis"] == axis


def test_time_inside_is_drawn_in_minutes(say):
    data = hours(Estimate(5400), unit=Unit.DURATION).to_data(say)

    assert data["series"][0]["points"] == [["1 h 30 min", 90]]
    assert data["axis"] == " min"


@pytest.mark.parametrize("layer", Layer)
def test_every_chart_names_its_layer_in_words(render, layer):
    page = render(hours(Estimate(9), layer=layer))

    named = {"measured", "estimated devices", "calibrated people"}
    assert [name for name in named if f'<span class="tag layer">{name}</span>' in page] == [
        {"measured": "measured", "estimated": "estimated devices"}.get(layer, "calibrated people")
    ]


def test_layers_side_by_side_are_named_one_by_one(render):
    page = render(
        Chart(
            ["Mon"],
            [
                Series("Online", [Estimate(9)], Layer.MEASURED),
                Series("Visitors", [Estimate(30)], Layer.ESTIMATED, tone="second"),
            ],
            head="Day",
        )
    )

    assert 'Online <span class="tag layer">measured</span>' in page
    assert 'Visitors <span class="tag layer">estimated devices</span>' in page


def test_the_table_has_what_the_drawing_has_and_stands_open(render):
    page = render(hours(Estimate(20, 15, 26), WITHHELD, None))

    assert "<details open>" in page
    assert '<th scope="row">0:00</th><td class="number">20 (95%: 15–26)</td>' in page
    assert '<th scope="row">1:00</th><td class="number quiet">not shown</td>' in page
    assert "2:00</th>" not in page


def test_the_data_ends_no_script_whatever_somebody_writes_in_a_note(render, say):
    made = hours(Estimate(20))
    made = Chart(made.labels, made.series, "Hour", marks=[Mark(0, "</script><script>x()")])

    page = render(made)
    block = page.split('<script type="application/json">')[1].split("</script>")[0]

    assert page.count("<script") == 1
    assert json.loads(block) == json.loads(json.dumps(made.to_data(say)))


def test_a_heat_map_has_a_row_for_each_weekday_and_says_what_is_darkest(render):
    page = render(
        HeatMap(
            ["9", "10"],
            ["Mon", "Tue"],
            [[Estimate(12), None], [WITHHELD, Estimate(40)]],
            head="Weekday",
        )
    )

    assert "pale: few, full: 40" in page
    assert (
        '<th scope="row">Mon</th><td class="number">12</td><td class="number quiet"></td>' in page
    )
    assert '<td class="number quiet">not shown</td><td class="number">40</td>' in page


def test_bars_are_measured_by_the_longest():
    assert chart.shares([10, None, 40, 0]) == [25, 0, 100, 0]
    assert chart.shares([]) == []
    assert chart.shares([0, None]) == [0, 0]
