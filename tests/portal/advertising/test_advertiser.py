import logging
import threading

from portal.advertising.advertiser import Advertiser
from portal.advertising.fault import Fault

URI = "https://wifi.store.test/captive-portal/api"


class Told:
    def __init__(self):
        self.uris = []

    def advertise(self, uri):
        self.uris.append(uri)


def run(outcomes):
    """What phones were told: at the start, after each test, at the end."""
    stop_event, left, told = threading.Event(), list(outcomes), Told()

    def test():
        if len(left) == 1:
            stop_event.set()
        return left.pop(0)

    Advertiser(URI, test, [told], 0.001).run(stop_event)
    return told.uris


def test_tells_nothing_before_the_first_test_and_after_the_end():
    assert run([None] * 4) == [None, None, None, URI, URI, None]


def test_withdraws_and_comes_back():
    bad = Fault.ENDS_SOON

    assert run([None] * 3 + [bad] * 2 + [None] * 3)[3:] == [URI, URI, None, None, None, URI, None]


def test_names_a_reason_once(caplog):
    caplog.set_level(logging.INFO)
    run([Fault.UNREACHABLE] * 3 + [Fault.SELF_SIGNED] * 2 + [None] * 3 + [Fault.SELF_SIGNED] * 3)

    assert [
        (each.message, getattr(each, "values", {}).get("reason")) for each in caplog.records
    ] == [
        ("API not advertised", Fault.UNREACHABLE),
        ("API not advertised", Fault.SELF_SIGNED),
        ("API advertised", None),
        ("API not advertised", Fault.SELF_SIGNED),
    ]
