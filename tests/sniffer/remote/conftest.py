"""A box that takes, and sensors that send to it, over real TLS on the loopback address."""

import contextlib
import datetime as dt
import time

import pytest

from core import clock
from core.pseudonym import DayKeys
from core.settings import Settings
from sniffer.frames import LINK_RADIOTAP, Frame
from sniffer.remote import bundle, lent
from sniffer.remote.authority import Authority
from sniffer.remote.loan import Loan
from sniffer.remote.sender import Sender
from sniffer.remote.server import Server
from sniffer.remote.spool import Spool
from sniffer.remote.store_keys import PeriodKeys
from sniffer.sensor import Sensor
from tests.sniffer.octets import probe_request
from tests.sniffer.remote.wire import Wire


def wait_for(condition, within_s=30):
    end = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
    return found


def now_us():
    return time.time_ns() // 1000


def phone(number):
    return b"\xda\x00\x00\x00" + number.to_bytes(2, "big")


def frame(number, sequence=0, at_us=None, signal_dbm=-60):
    data = probe_request(sender=phone(number), sequence=sequence, signal_dbm=signal_dbm)
    return Frame(at_us or now_us(), LINK_RADIOTAP, data)


class Box:
    """The store's box: its server, and all that came out of it."""

    def __init__(self, folder, *, port=0, clock_limit_s=300, leave_out=""):
        self.settings = Settings(data_dir=folder)
        self.authority = Authority(folder / "sensors")
        self.keys = DayKeys(24)
        self.leave_out = leave_out
        self.counts = {}
        self.batches = []
        zone = self.settings.store.zone
        self.server = Server(
            ("127.0.0.1", port),
            self.authority,
            PeriodKeys(self.keys, zone, is_strict=False),
            lambda: self.leave_out,
            clock_limit_s,
        )
        self.place = ("127.0.0.1", self.server.port)

    def collect(self):
        self.batches += self.server.read()
        for name, value in self.server.look_after().items():
            self.counts[name] = self.counts.get(name, 0) + value

    def heard(self):
        self.collect()
        return [sighting for batch in self.batches for sighting, _ in batch.heard]

    def wait_for_sightings(self, count):
        wait_for(lambda: len(self.heard()) >= count)
        return self.heard()

    def wait_for_count(self, name, value=1):
        wait_for(lambda: self.collect() or self.counts.get(name, 0) >= value)

    def close(self):
        self.server.close()


class Remote:
    """A sensor at another corner."""

    def __init__(self, place, bundle_file, *, our_us=now_us):
        self.whose = bundle.read(bundle_file)
        self.loan = Loan()
        self.spool = Spool(self.loan, now_us=our_us)
        self.sender = Sender(place, self.whose, self.loan, self.spool, now_us=our_us, haste=20)
        outlet = lent.of_store(self.loan, self.spool, self.whose.name)
        self.sensor = Sensor(outlet, is_brief=True)
        self.our_us = our_us

    def wait_for_key(self):
        wait_for(lambda: self.key() is not None)

    def key(self):
        held = self.loan.key_at(self.loan.box_us(self.our_us()))
        return held and held[0]

    def hear(self, *frames):
        return self.sensor.run(frames, lambda: False)

    def close(self):
        self.sender.close()


@pytest.fixture
def place(tmp_path):
    """Makes what a test needs, and ends it."""
    with contextlib.ExitStack() as stack:
        yield Place(tmp_path, stack)


class Place:
    def __init__(self, folder, stack):
        self.folder = folder
        self._stack = stack

    def box(self, name="box", **how):
        box = Box(self.folder / name, **how)
        self._stack.callback(box.close)
        return box

    def bundle_for(self, box, name="corner", now=None):
        path = self.folder / f"{name}-{len(list(self.folder.iterdir()))}.pem"
        path.touch(0o600)
        path.write_bytes(box.authority.add(name, now or clock.now()))
        return path

    def remote(self, place, bundle_file, **how):
        remote = Remote(place, bundle_file, **how)
        self._stack.callback(remote.close)
        return remote

    def joined(self, box, name="corner", **how):
        """A sensor that the box knows and has lent a key."""
        remote = self.remote(box.place, self.bundle_for(box, name), **how)
        remote.wait_for_key()
        return remote

    def wire(self, box):
        return self._stack.enter_context(Wire(box.place))


LONG_AGO = dt.timedelta(days=4 * 365)
