"""Sessions are charged what really passes, and end when their data or their time to rest is up."""

import contextlib
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from core import clock, secret_file
from core.database import Database
from core.mac import Mac
from core.models.grant import EndCause, Grant
from portal.access import restoration
from portal.access.accounting import Watch
from portal.access.admission import OVERRUN_BYTES, Admission
from tests import running_grant
from tests.lab import network
from tests.lab.test_reach import PORT, listening
from tests.lab.test_reboot import jobs_running

_WITHIN_S = 20
# What addresses, acknowledgements and the ends of a connection may add.
_HEADERS = 1.1
_DOORMAN = Path(sys.executable).with_name("doorman")


class Books:
    """What the shop's database says of the phone's session."""

    def __init__(self, shop, phone):
        data = shop.folder / "data"
        self.gate, self.mac = shop.gate, Mac.parse(phone.mac)
        self.database = Database(f"sqlite:///{data / 'doorman.sqlite'}")
        self.sealer = secret_file.open_sealer(data)

    def open(self, **measures):
        now = clock.now()
        self.grant_id = running_grant.give(self.database, self.sealer, self.mac, now, **measures)
        assert Admission(self.gate, self.database, self.sealer).open(self.mac, self.grant, now)

    @property
    def grant(self):
        with self.database.reading() as session:
            return session.get(Grant, self.grant_id)

    @property
    def charged(self):
        return self.grant.bytes_up, self.grant.bytes_down

    @property
    def counted(self):
        counters = self.gate.counters()[self.mac.text()]
        return counters.bytes_up, counters.bytes_down


@pytest.fixture
def books(shop, phone):
    books = Books(shop, phone)
    yield books
    books.database.dispose()


def wait_until(is_so):
    deadline = time.monotonic() + _WITHIN_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def transfer(shop, phone, *, up, down):
    """So many bytes by TCP each way, one way after the other."""
    with (
        listening(shop.internet, network.WEB[4]) as server,
        phone.connect(4, PORT) as here,
        server.accept()[0] as there,
    ):
        for source, sink, count in ((here, there, up), (there, here, down)):
            sink.settimeout(5)
            sending = threading.Thread(target=_send, args=(source, count))
            sending.start()
            try:
                _receive(sink, count)
            except OSError:
                # Nothing tells the other end.
                source.shutdown(socket.SHUT_RDWR)
                raise
            finally:
                sending.join()


def _receive(sink, count):
    while count:
        count -= len(sink.recv(count))


def _send(source, count):
    with contextlib.suppress(OSError):
        source.sendall(bytes(count))


def restart(shop, *programs):
    """As the machine's service manager does; they answer again afterwards."""
    running = [
        each
        for each in shop.gateway._processes
        if each.poll() is None and each.args[-2] == str(_DOORMAN) and each.args[-1] in programs
    ]
    assert len(running) == len(programs)
    for each in running:
        each.terminate()
    for each in running:
        each.wait(20)
        shop.gateway.start(each.args[-2:], shop._log(each.args[-1]), shop._environment)
    shop._wait()


def test_what_passes_is_charged_once_whatever_restarts(shop, phone, books):
    books.open()
    transfer(shop, phone, up=200_000, down=1_000_000)
    # What jobs did before it was restarted; packets may still be on their way.
    Watch().turn(books.database, books.sealer, books.gate, clock.now())
    assert books.charged > (200_000, 1_000_000)
    transfer(shop, phone, up=200_000, down=1_000_000)
    restart(shop, "gate", "portal")
    shop.load_ruleset()
    transfer(shop, phone, up=200_000, down=1_000_000)
    with jobs_running(shop, DOORMAN_JOBS__ACCOUNT_EVERY_S="1"):
        wait_until(lambda: books.charged == books.counted)

    up, down = books.charged
    assert 600_000 < up < 600_000 * _HEADERS + 3_000_000 * (_HEADERS - 1)
    assert 3_000_000 < down < 3_000_000 * _HEADERS


def turn_until_over(books):
    """As jobs does, but as often as it goes."""
    watch = Watch()

    def is_over():
        watch.turn(books.database, books.sealer, books.gate, clock.now())
        return books.grant.ended_at is not None

    wait_until(is_over)


def test_a_phone_that_falls_silent_is_ended_and_not_restored(shop, phone, books):
    books.open(idle_timeout_s=1)
    assert phone.get(4).status == 200
    turn_until_over(books)

    assert books.grant.end_cause is EndCause.IDLE
    restoration.restore(books.database, books.sealer, shop.gate, clock.now())
    assert shop.gate.find(phone.mac) is None
    assert phone.get(4).status == 302


def test_a_phone_whose_data_are_used_up_is_cut_and_then_ended(shop, phone, books):
    books.open(quota_bytes=300_000)
    with pytest.raises(ConnectionResetError):
        transfer(shop, phone, up=0, down=5_000_000)
    turn_until_over(books)

    assert books.grant.end_cause is EndCause.QUOTA
    # The kernel may join packets to one of 64 kB.
    assert 300_000 <= sum(books.charged) < 300_000 + OVERRUN_BYTES + 65_536
    restoration.restore(books.database, books.sealer, shop.gate, clock.now())
    assert phone.get(4).status == 302
