import datetime as dt

import pytest

from core.mac import Mac
from portal import ticket

MAC = Mac.parse("02:00:00:00:00:0a")


def test_tells_the_phone_it_was_given_to(sealer, now):
    given = ticket.write(sealer, MAC, now)

    assert ticket.read(sealer, given, now + dt.timedelta(hours=3)) == MAC
    assert MAC.text().replace(":", "") not in given


@pytest.mark.parametrize(
    "later", [ticket.LASTS, dt.timedelta(seconds=-1)], ids=["too-old", "of-tomorrow"]
)
def test_lasts_from_now_on_for_a_while(sealer, now, later):
    assert ticket.read(sealer, ticket.write(sealer, MAC, now), now + later) is None


@pytest.mark.parametrize("made_up", ["", "AAAA", "=", "ü", "02:00:00:00:00:0a"])
def test_one_that_is_made_up_is_nobodys(sealer, now, made_up):
    assert ticket.read(sealer, made_up, now) is None


def test_one_that_was_altered_is_nobodys(sealer, now):
    given = ticket.write(sealer, MAC, now)
    altered = given[:-6] + ("A" if given[-6] != "A" else "B") + given[-5:]

    assert ticket.read(sealer, altered, now) is None
