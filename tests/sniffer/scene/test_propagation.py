import math
import random
import statistics

import pytest

from sniffer.scene import premises, propagation
from sniffer.scene.premises import Point
from sniffer.scene.propagation import Link

SHOP = premises.shop()
INSIDE = Point(5.5, 7)


@pytest.mark.parametrize(
    ("distance_m", "mhz", "loss_db"),
    [
        pytest.param(1, 2437, 39.7, id="one-metre"),
        pytest.param(10, 2437, 69.7, id="ten-metres"),
        pytest.param(10, 5180, 77.3, id="five-gigahertz"),
        pytest.param(0.01, 2437, 30.7, id="as-near-as-it-gets"),
    ],
)
def test_loss_follows_the_recommendation(distance_m, mhz, loss_db):
    assert propagation.path_loss_db(distance_m, mhz) == pytest.approx(loss_db, abs=0.1)


def test_fading_neither_gives_nor_takes_power_on_the_whole():
    rng = random.Random(5)
    gains_db = [propagation.fading_db(rng) for _ in range(20_000)]

    assert statistics.fmean(10 ** (gain_db / 10) for gain_db in gains_db) == pytest.approx(1, 0.03)
    assert 3.5 < statistics.pstdev(gains_db) < 6


@pytest.mark.parametrize(
    ("place", "loss_db"),
    [
        pytest.param(Point(2, 3), 0, id="inside"),
        pytest.param(Point(5.1, -2), 0, id="before-the-open-door"),
        pytest.param(Point(1, -3), 8.0, id="before-the-window"),
        pytest.param(Point(-4, 7), 14.7, id="next-door"),
        pytest.param(Point(5, 17), 14.7, id="behind"),
        pytest.param(Point(-30, -3), 14.7 + 8.0, id="far-down-the-street"),
    ],
)
def test_walls_take_what_lies_in_the_way(place, loss_db):
    assert SHOP.wall_loss_db(INSIDE, place, 2.437) == pytest.approx(loss_db, abs=0.1)
    assert SHOP.wall_loss_db(place, INSIDE, 2.437) == pytest.approx(loss_db, abs=0.1)


def shadowing(times_s, places):
    """Correlation, over many phones, of the signal at two times and places."""
    pairs = []
    for seed in range(1500):
        link = Link(random.Random(seed), SHOP, INSIDE)
        pairs.append(
            [link.loss_db(at_s, place, 2437) for at_s, place in zip(times_s, places, strict=True)]
        )
    return statistics.correlation(*zip(*pairs, strict=True))


@pytest.mark.parametrize(
    ("times_s", "places", "kept"),
    [
        pytest.param((0, 1), (Point(2, 3), Point(2, 3)), math.exp(-1 / 90), id="a-second-later"),
        pytest.param((0, 1), (Point(2, 3), Point(2, 9)), math.exp(-1), id="six-metres-further"),
        pytest.param((0, 900), (Point(2, 3), Point(2, 3)), 0, id="a-quarter-of-an-hour-later"),
    ],
)
def test_shadowing_changes_with_place_and_time(times_s, places, kept):
    assert shadowing(times_s, places) == pytest.approx(kept, abs=0.08)
