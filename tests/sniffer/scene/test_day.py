import collections
import random

import pytest

from sniffer.scene import premises
from sniffer.scene.day import Day
from sniffer.scene.market import Market
from sniffer.scene.people import Kind

COMERS = (Kind.PASSER_BY, Kind.WINDOW_SHOPPER, Kind.VISITOR)


def people(*, hours=10, around_h=0, **more):
    given = {"people_per_hour": 100, "entry_rate": 0.2, "staff": 3, "furniture": False}
    day = Day(
        premises=premises.shop(),
        market=Market(),
        opens_at_h=10,
        closes_s=3600 * hours,
        since_s=-3600 * around_h,
        until_s=3600 * (hours + around_h),
        **given | more,
    )
    return list(day.people(random.Random(4)))


def trips(everybody, *kinds):
    return [trip for person in everybody for trip in person.trips if trip.kind in kinds]


@pytest.fixture(scope="module")
def day():
    return people()


def test_about_as_many_come_by_and_come_in_as_was_asked_for(day):
    came = len(trips(day, *COMERS))

    assert came == pytest.approx(1050, rel=0.15)
    assert len(trips(day, Kind.VISITOR)) / came == pytest.approx(0.2, abs=0.05)
    assert len(trips(day, Kind.STAFF)) == 3


def test_the_hours_are_as_busy_as_the_curve_says(day):
    by_hour = collections.Counter(int(trip.walk.start_s // 3600) for trip in trips(day, *COMERS))

    # Ten in the morning, and six and seven in the evening.
    assert by_hour[0] < (by_hour[8] + by_hour[9]) / 2


def test_they_come_in_order(day):
    starts_s = [person.trips[0].walk.start_s for person in day]

    assert starts_s == sorted(starts_s)
    assert [person.number for person in day] == list(range(len(day)))


def test_most_walk_in_groups_and_groups_keep_together(day):
    groups = collections.defaultdict(list)
    for person in day:
        groups[person.group].append(person)

    together = [group for group in groups.values() if len(group) > 1]
    assert 0.5 < sum(map(len, together)) / len(day) < 0.7
    for group in together:
        assert len({person.trips[0].walk.times_s for person in group}) == 1


def test_some_come_again_the_same_day(day):
    again = [person for person in day if len(person.trips) > 1]

    assert 0.01 < len(again) / len(day) < 0.1
    for person in again:
        first, second = person.trips
        assert second.walk.start_s - first.walk.end_s >= 1800


def test_some_of_those_inside_join_the_network(day):
    visits = trips(day, Kind.VISITOR)
    joined = [visit for visit in visits if visit.joins_s is not None]

    assert 0.04 < len(joined) / len(visits) < 0.25
    assert all(visit.joins_s > visit.inside_s[0] for visit in joined)


def test_visits_are_mostly_minutes_and_sometimes_hours(day):
    dwell_s = sorted(until_s - since_s for since_s, until_s in
                     (visit.inside_s for visit in trips(day, Kind.VISITOR)))  # fmt: skip

    assert 400 < dwell_s[len(dwell_s) // 2] < 750
    assert dwell_s[0] < 180
    assert dwell_s[-1] > 2400


def test_window_shoppers_stay_outside(day):
    for trip in trips(day, Kind.WINDOW_SHOPPER):
        since_s, until_s = trip.at_window_s
        assert trip.walk.start_s < since_s < until_s < trip.walk.end_s
        assert trip.inside_s is None
        assert max(point.y for point in trip.walk.points) < 0


def test_nobody_comes_in_while_the_shop_is_shut():
    everybody = people(hours=1, around_h=2, entry_rate=1.0)

    assert len(trips(everybody, Kind.PASSER_BY)) > 50
    visits = trips(everybody, Kind.VISITOR)
    assert min(visit.inside_s[0] for visit in visits) > 0
    assert max(visit.inside_s[1] for visit in visits) <= 3600


def test_who_is_inside_is_between_the_walls(day):
    shop = premises.shop()
    for visit in trips(day, Kind.VISITOR)[:50]:
        middle_s = sum(visit.inside_s) / 2
        assert 0 <= visit.walk.place(middle_s).y <= shop.depth_m
        assert visit.walk.place(visit.walk.start_s).y < 0
