"""The first page, in each state that a store can be in."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from analytics.calibration import thresholds
from analytics.dashboard import glance
from core import sensor_status
from core.clock import day_bounds
from core.models.counting_session import CountingSession, CountSource
from core.models.traffic import PresenceHour, TrafficHour, TrafficNow
from core.models.user import Role
from core.sensor_status import Hearing, SensorStatus, State

LIVE = "/live?lang=en&again=1"
A_WEEK = dt.timedelta(days=7)


@pytest.fixture
def sensor(settings, clock):
    """Puts down what the sensor tells of its radios: the state of each, and minutes ago."""

    def tell(minutes_ago=0, **radios):
        at = clock.now - dt.timedelta(minutes=minutes_ago)
        sources = {name: Hearing(State(state), at) for name, state in radios.items()}
        sensor_status.write(settings.data_dir, SensorStatus(at, sources))

    return tell


@pytest.fixture
def inside(database, clock):
    def put(devices, low, high, minutes_ago=0):
        at = clock.now - dt.timedelta(minutes=minutes_ago)
        with database.writing() as session:
            session.merge(TrafficNow(id=1, at=at, devices=devices, low=low, high=high))

    return put


def events(text):
    """(name, data) of every event of a stream that says something."""
    for block in text.split("\n\n"):
        fields = [line.split(": ", 1) for line in block.splitlines() if ": " in line]
        names = [value for name, value in fields if name == "event"]
        if names:
            yield names[0], "\n".join(value for name, value in fields if name == "data")


def test_the_store_now_is_said_to_the_nearest_five_with_its_interval(alice, inside):
    inside(23, 16, 33)

    page = alice.get("/?lang=en").text

    assert '<p class="value">25</p>' in page
    assert '<span class="range">15–35</span>' in page


@pytest.mark.parametrize(
    ("devices", "minutes_ago", "said"),
    [(4, 0, "fewer than 5"), (23, 6, "not known"), (23, 60 * 24, "not known")],
    ids=["few", "old", "of-yesterday"],
)
def test_what_is_too_few_or_too_old_is_no_figure_of_now(alice, inside, devices, minutes_ago, said):
    inside(devices, 0, 40, minutes_ago)

    page = alice.get("/?lang=en").text

    assert f'<p class="value withheld">{said}</p>' in page.split("In the store")[1][:300]


def test_phones_online_are_measured_and_a_silent_gate_is_not_nobody(alice, gate):
    gate.inside = {f"02:00:00:00:00:{number:02x}": None for number in range(12)}
    assert '<p class="value">10</p>' in alice.get("/?lang=en").text

    gate.down = True
    page = alice.get("/?lang=en").text
    assert "The gate does not answer" in page
    assert "Have IT check that doorman gate runs" in page


def test_what_needs_a_look_comes_before_the_figures(alice, sensor, traffic, today):
    traffic(today)
    sensor(minutes_ago=180, mon0="hearing")

    page = alice.get("/?lang=en").text

    assert page.index("The sensor’s program does not run") < page.index("In the store")
    assert 'href="/sensor"' in page


@pytest.mark.parametrize(
    ("radios", "says"),
    [
        ({"mon0": "gone"}, "The sensor is deaf"),
        ({"mon0": "gone", "mon1": "hearing"}, "Part of the sensor is deaf"),
        ({"mon0": "hearing"}, None),
    ],
)
def test_a_deaf_sensor_is_told_whole_or_in_part(alice, sensor, radios, says):
    sensor(**radios)

    page = alice.get("/?lang=en").text

    assert (says in page) if says else ("Needs a look" not in page)


def test_a_store_on_its_first_day_is_told_what_it_takes(alice, sensor):
    sensor(mon0="hearing")

    page = alice.get("/?lang=en").text

    assert "The first day" in page
    assert "nothing was counted" not in page


def test_a_sensor_that_broke_yesterday_makes_no_zeros(alice, sensor, traffic, today):
    traffic(today - 2 * A_WEEK)
    sensor(minutes_ago=60 * 20, mon0="hearing")

    page = alice.get("/?lang=en").text

    assert "Nothing is being counted" in page
    assert "That does not mean that nobody came" in page
    assert "Fri 15 May: nothing was counted" in page


def test_an_odd_day_says_whether_it_was_the_sensor(alice, traffic, sensor, clock, today):
    yesterday = today - dt.timedelta(days=1)
    for weeks in range(7):
        traffic(yesterday - weeks * A_WEEK, 60 if weeks else 400, closed_at=clock.now)
    sensor(mon0="hearing")

    page = alice.get("/?lang=en").text

    assert "Fri 15 May: more visitors, " in page
    assert "so it is no fault of the sensor" in page
    assert f'href="/traffic?day={yesterday}"' in page


def test_a_day_on_which_nobody_came_yet_says_that_the_sensor_works(alice, sensor, traffic, today):
    traffic(today - dt.timedelta(days=1))
    sensor(mon0="hearing")

    page = alice.get("/?lang=en").text

    assert "The sensor works" in page
    assert "Needs a look" not in page


def test_a_strict_day_leads_to_its_counts(alice, database, clock, today):
    with database.writing() as session:
        row = PresenceHour(
            start=clock.now, day=today, windows=15, near=300, inside=99, near_most=33
        )
        session.add(row)

    assert 'href="/traffic#presence"' in alice.get("/?lang=en").text


def test_hours_that_are_over_are_set_beside_the_same_hours_a_week_ago(alice, traffic, today):
    traffic(today)
    traffic(today - A_WEEK)

    page = alice.get("/?lang=en").text

    # 44 and 13 of either day, to the nearest five; what is withheld is in neither.
    assert "60; a week ago 60. The difference may be chance" in page
    assert "Same weekday last week" in page


def test_hours_in_which_the_sensor_was_deaf_are_set_beside_nothing(alice, traffic, today, database):
    traffic(today)
    traffic(today - A_WEEK)
    with database.writing() as session:
        # Of this day's two hours that show their visitors, the one with 44.
        session.execute(
            sa.update(TrafficHour)
            .where(TrafficHour.day == today, TrafficHour.visitors == 44)
            .values(heard_s=600)
        )

    assert "15; a week ago 15. The difference may be chance" in alice.get("/?lang=en").text


def test_a_difference_is_clear_only_if_the_intervals_leave_no_room_for_chance():
    def so_far(*others):
        this, other = glance.Estimate(100, 80, 120), glance.Estimate(*others)
        return glance.SoFar(dt.datetime.now(dt.UTC), this, other)

    assert so_far(50, 40, 63).is_clear
    assert not so_far(90, 72, 113).is_clear
    assert so_far(50, 40, 63).change == pytest.approx(1)
    assert so_far().change is None


def test_a_week_without_figures_is_no_comparison(alice, traffic, today):
    traffic(today)

    page = alice.get("/?lang=en").text

    assert "there is nothing to compare with" in page
    assert "week ago" not in page


def test_people_stand_beside_devices_as_long_as_a_count_by_hand_holds_good(
    alice, traffic, today, database, settings
):
    yesterday = today - dt.timedelta(days=1)
    start, end = day_bounds(yesterday, settings.store.zone)
    traffic(yesterday, closed_at=end)
    traffic(today)
    with database.writing() as session:
        for name, at in (("yesterday", start), ("long ago", start - dt.timedelta(days=400))):
            counted = CountingSession(
                user_name=name,
                source=CountSource.HAND,
                begun_at=at + dt.timedelta(hours=1),
                ended_at=at + dt.timedelta(hours=2),
                entered=90,
                rules=thresholds.rules_hash(settings),
            )
            session.add(counted)

    page = alice.get("/?lang=en").text
    # Twice as many as devices, drawn a little towards as many while little is known.
    assert re.search(r"about 1[01]\d people \(95%: ", page)
    assert '<span class="tag layer">calibrated people</span>' in page

    with database.writing() as session:
        session.query(CountingSession).filter_by(user_name="yesterday").delete()
    assert "calibrated people" not in alice.get("/?lang=en").text


def test_members_are_for_those_who_may_see_the_funnel(hired, database, clock, today):
    assert 'href="/funnel"' not in hired(Role.IT).get("/?lang=en").text


def test_a_stream_tells_of_the_store_and_again_only_what_is_new(alice, inside):
    inside(23, 16, 33, minutes_ago=1)

    text = alice.get(LIVE, headers={"Accept": "text/event-stream"}).text

    told = list(events(text))
    assert text.startswith("retry: 1000\n\n")
    # As time goes on in the test, the figure grows old and is taken back.
    assert [name for name, _ in told] == ["now", "figures", "now"]
    assert '<p class="value">25</p>' in told[0][1]
    assert "not known" in told[2][1]


def test_a_stream_ends_by_itself_and_does_not_keep_anybody_signed_in(alice, settings, clock):
    """Its time runs on at every pause: five minutes of a stream, then idle for the rest."""
    begun_at = clock.now
    alice.get(LIVE, headers={"Accept": "text/event-stream"})
    assert clock.now - begun_at < dt.timedelta(minutes=6)

    clock.now = begun_at + dt.timedelta(minutes=settings.dashboard.idle_minutes, seconds=1)

    assert alice.get(LIVE).status_code == 303


def test_a_stream_ends_with_the_sign_in(alice, settings, clock):
    clock.now += dt.timedelta(minutes=settings.dashboard.idle_minutes, seconds=-20)

    told = list(events(alice.get(LIVE, headers={"Accept": "text/event-stream"}).text))

    assert told[-1] == ("over", "")


def test_who_finds_no_room_is_told_once_and_comes_again_later(app, alice):
    room = app.extensions["doorman_live_room"]
    while room.acquire(blocking=False):
        pass

    text = alice.get(LIVE).text

    assert text.startswith("retry: 20000\n\n")
    assert [name for name, _ in events(text)] == ["now", "figures"]


def test_a_stream_that_ends_makes_room(app, alice, settings):
    for _ in range(settings.dashboard.live_streams + 1):
        assert alice.get(LIVE, buffered=True).text.startswith("retry: 1000\n\n")


def test_without_script_the_page_fetches_itself_anew(alice):
    assert (
        '<noscript><meta http-equiv="refresh" content="60; url=/?again=1">' in alice.get("/").text
    )
