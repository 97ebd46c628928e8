import pytest

from analytics.dashboard import chart


@pytest.mark.parametrize(
    ("value", "scale"),
    [(0, 10), (10, 10), (11, 20), (21, 50), (51, 100), (101, 200), (999, 1000), (1001, 2000)],
)
def test_the_scale_ends_at_a_round_number_above_the_highest_value(value, scale):
    assert chart.ceiling(value) == scale


def test_columns_stand_on_the_axis_within_the_chart():
    made = chart.columns([0, 50, None, 25], height=100)

    assert [(column.top, column.height) for column in made.columns] == [
        (100, 0),
        (0, 100),
        (100, 0),
        (50, 50),
    ]
    assert [column.value for column in made.columns] == [0, 50, None, 25]
    edges = [(column.left, column.left + column.width) for column in made.columns]
    assert all(0 <= left < right <= 100 for left, right in edges)
    assert all(edges[n][1] < edges[n + 1][0] for n in range(3))


def test_bars_are_measured_by_the_longest():
    assert chart.shares([10, None, 40, 0]) == [25, 0, 100, 0]
    assert chart.shares([]) == []
    assert chart.shares([0, None]) == [0, 0]
