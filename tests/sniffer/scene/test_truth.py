import datetime as dt

import pytest

from sniffer.scene.models import models
from sniffer.scene.people import Kind, Person, Trip
from sniffer.scene.premises import Point
from sniffer.scene.truth import Device, Truth, zones_of
from sniffer.scene.walk import Walk

OPENING = dt.datetime(2026, 5, 16, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))
A25 = (models()["A25"], 0)


def trip(kind, since_s, until_s, **more):
    return Trip(kind, Walk((since_s, until_s), (Point(0, -2), Point(10, -2))), **more)


@pytest.fixture(scope="module")
def truth():
    """One passes twice, one looks in, one comes in; a lamp burns all the time."""
    people = [
        Person(0, 0, (trip(Kind.FURNITURE, 0, 7200, inside_s=(0, 7200)),), (A25,)),
        Person(1, 1, (trip(Kind.PASSER_BY, 100, 160), trip(Kind.PASSER_BY, 4000, 4060)), (A25,)),
        Person(2, 2, (trip(Kind.WINDOW_SHOPPER, 500, 620, at_window_s=(540, 580)),), ()),
        Person(3, 3, (trip(Kind.VISITOR, 800, 2000, inside_s=(830, 1970)),), (A25, A25)),
    ]
    devices = [Device(number, person, "A25", 0) for number, person in enumerate((0, 1, 3, 3))]
    first = int(OPENING.timestamp() // 900)
    return Truth(OPENING, people, devices, {first: frozenset({0, 1}), first + 1: frozenset({2})})


def test_hours_count_trips_by_when_they_begin(truth):
    found = [(hour.passed, hour.looked_in, hour.entered) for hour in truth.hours()]

    assert found == [(1, 1, 1), (1, 0, 0)]
    assert truth.hours()[0].start == OPENING
    assert truth.hours()[0].entry_rate == pytest.approx(1 / 3)


def test_the_entry_rate_is_of_those_who_came_near(truth):
    assert truth.entry_rate == pytest.approx(1 / 4)


def test_dwell_is_the_time_inside(truth):
    assert truth.dwell_s() == [1140]


def test_windows_count_who_was_there_at_all_and_what_was_heard(truth):
    first, second, third, *_ = truth.windows()

    assert first.start == OPENING
    assert (first.people_near, first.people_inside) == (3, 1)
    assert (first.devices_near, first.devices_inside) == (3, 2)
    assert (first.devices_heard, first.gear_heard) == (1, 1)
    assert (second.people_near, second.devices_heard, second.gear_heard) == (1, 1, 0)
    assert (third.people_near, third.people_inside, third.devices_heard) == (1, 1, 0)


@pytest.mark.parametrize(
    ("kind", "more", "zones"),
    [
        pytest.param(Kind.PASSER_BY, {}, [(0, "street"), (60, "away")], id="passes"),
        pytest.param(
            Kind.VISITOR,
            {"inside_s": (10, 50)},
            [(0, "street"), (10, "inside"), (50, "street"), (60, "away")],
            id="comes-in",
        ),
        pytest.param(
            Kind.STAFF, {"inside_s": (0, 60)}, [(0, "inside"), (60, "away")], id="is-inside"
        ),
        pytest.param(Kind.NEIGHBOUR, {}, [(0, "next door"), (60, "away")], id="lives-next-door"),
    ],
)
def test_zones_follow_each_other(kind, more, zones):
    assert zones_of(trip(kind, 0, 60, **more)) == zones
