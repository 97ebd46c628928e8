"""What is known of a console's guests, from what it shows and what it was told."""

from gate.shape import Counters
from gear.unifi.picture import Guest, Picture
from tests.gear.conftest import ALICE, AT


def test_a_console_that_lags_does_not_undo_what_it_was_told():
    picture = Picture(60)
    waiting = {ALICE: Guest(AT, is_authorised=False, counters=Counters(0, 0))}
    picture.saw_ends({}, 0.0)
    picture.saw_guests(waiting, 0.0)
    picture.told(ALICE, 3600.0, 10.0)
    picture.saw_ends({}, 11.0)
    picture.saw_guests(waiting, 11.0)
    assert picture.find(ALICE, 12.0) is not None

    picture.told(ALICE, None, 20.0)
    picture.saw_ends({ALICE: 3600.0}, 21.0)
    assert picture.find(ALICE, 22.0) is None

    picture.saw_ends({ALICE: 3600.0}, 60.0)
    picture.saw_guests({}, 60.0)
    assert picture.find(ALICE, 61.0) is not None, "by now it is what the console says"
