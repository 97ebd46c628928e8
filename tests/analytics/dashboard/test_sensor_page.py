"""The page of the sensor: each radio, how it is doing, and what to do."""

import dataclasses
import datetime as dt

import pytest

from analytics.dashboard import application
from analytics.dashboard.site import PARTS
from core import sensor_status, sightings
from core.sensor_status import Hearing, SensorStatus, State
from tests.analytics.dashboard.conftest import signed_in


@pytest.fixture
def tell(settings, clock):
    def tell(minutes_ago=0, **radios):
        at = clock.now - dt.timedelta(minutes=minutes_ago)
        sources = {
            name: Hearing(State(state), at, problem) for name, (state, problem) in radios.items()
        }
        sensor_status.write(settings.data_dir, SensorStatus(at, sources))

    return tell


@pytest.fixture
def with_radios(app):
    """The manager's browser, in a store whose settings name these radios."""

    def browser(*interfaces, hopping=(), strict=False):
        parts = app.extensions[PARTS]
        sensor = parts.settings.sensor.model_copy(
            update={"interfaces": interfaces, "hopping": hopping, "strict": strict}
        )
        settings = parts.settings.model_copy(update={"sensor": sensor})
        other = application.create_app(dataclasses.replace(parts, settings=settings))
        return signed_in(other, "alice")

    return browser


@pytest.mark.parametrize(
    ("state", "problem", "says"),
    [
        ("hearing", None, "All is well"),
        ("hearing", "needs CAP_NET_ADMIN", "not as planned"),
        ("silent", None, "Is the antenna on?"),
        ("gone", None, "Plug it in again"),
        ("gone", "there is no interface mon0", "Plug it in again"),
    ],
)
def test_each_radio_says_what_to_do(alice, tell, state, problem, says):
    tell(mon0=(state, problem))

    page = alice.get("/sensor?lang=en").text

    assert "mon0" in page
    assert says in page
    assert problem is None or problem in page


def test_of_a_sensor_that_stopped_no_radio_is_said_to_hear(alice, tell):
    tell(minutes_ago=3, mon0=("hearing", None))

    page = alice.get("/sensor?lang=en").text

    assert "Start doorman sensor" in page
    assert ">Hears<" not in page


def test_a_radio_of_the_settings_that_the_sensor_does_not_know_is_there(with_radios, tell):
    tell(mon0=("hearing", None))

    page = with_radios("mon0", "mon1", hopping=("fixed 6", "slow 1 11")).get("/sensor?lang=en").text

    assert "<code>slow 1 11</code>" in page
    assert "does not know it yet" in page


def test_a_store_without_any_sensor_is_told_how_to_get_one(alice):
    page = alice.get("/sensor?lang=en").text

    assert "No radio and no other sensor" in page
    assert "sensor.interfaces" in page


def test_a_recording_that_is_played_back_is_no_sensor_of_the_store(alice, hear, clock):
    hear(clock.now - dt.timedelta(minutes=1), {"frames": 1})

    page = alice.get("/sensor?lang=en").text

    assert "A recording is played back" in page
    assert "Hears phones" in page


def test_tallies_stand_beside_their_radio(alice, tell, settings, today, clock):
    tell(mon0=("hearing", None))
    file = sightings.DayFile(settings.sightings_dir, today)
    heard = [
        sightings.Sighting(int((clock.now - age).timestamp() * 1e6), 1, 2, True, -60, 2437, "s")
        for age in [dt.timedelta(seconds=each) for each in range(180)]
        + 60 * [dt.timedelta(hours=1)]
    ]
    file.append(heard, {"frames": 777, "source.mon0.frames": 555, "source.mon0.dropped": 600})
    file.close()

    page = alice.get("/sensor?lang=en").text

    assert page.count("<dd>600</dd>") == 2
    assert '<td class="number">800</td>' in page
    assert "More is lost than heard" in page
    assert "source.mon0" not in page
    # Two hundred, to the nearest hundred, in the last quarter of an hour; the others are over.
    assert "<dd>13</dd>" in page


def test_in_strict_mode_no_rate_of_single_requests_is_claimed(with_radios):
    page = with_radios("mon0", strict=True).get("/sensor?lang=en").text

    assert "strict: counts only" in page
    assert "a minute" not in page


def test_a_day_file_that_cannot_be_read_is_no_error(alice, settings, today):
    settings.sightings_dir.mkdir(parents=True)
    sightings.path_of(settings.sightings_dir, today).write_text("not a database" * 100)

    assert alice.get("/sensor").status_code == 200


def test_no_look_tells_that_a_phone_was_heard_since_the_last(alice, hear, tell, clock):
    tell(mon0=("hearing", None))
    hear(clock.now, {"frames": 4321, "source.mon0.frames": 4321})
    before = alice.get("/sensor").text
    hear(clock.now, {"frames": 7, "source.mon0.frames": 7})

    assert alice.get("/sensor").text == before
    assert "4,300" in before
