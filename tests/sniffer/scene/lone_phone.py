"""One invented phone alone, as the real ones of the captures were recorded."""

import datetime as dt
import random

from sniffer.scene import premises
from sniffer.scene.listening import HeardFrame, Sensors
from sniffer.scene.models import models
from sniffer.scene.phone import Phone
from sniffer.scene.premises import Point
from sniffer.scene.walk import Walk

START = dt.datetime(2021, 6, 16, 15, tzinfo=dt.UTC)
SESSION_S = 1200
# The newest of the captures are of phones of this year.
NEWEST = 2021


def names() -> list[str]:
    return [each.name for each in models().values() if each.is_carried and each.year <= NEWEST]


def session(name: str, state: str, seed: int) -> list[HeardFrame]:
    """Twenty minutes, a metre from three cards, with its screen "on" or "off"."""
    rng = random.Random(f"{seed} {name} {state}")
    sensors = Sensors.hung(premises.room(4), 1, (1, 6, 11))
    model = models()[name]
    version = rng.randrange(model.versions)
    phone = Phone(rng, model, version, sensors.heard_channels, screen_on=state == "on")
    place = Point(sensors.places[0].x + 1, sensors.places[0].y)
    walk = Walk((0, SESSION_S), (place, place))
    return list(sensors.hear(rng, 0, walk, phone.between(0, SESSION_S), START.timestamp()))
