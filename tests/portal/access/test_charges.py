import contextlib
import datetime as dt

import pytest
import sqlalchemy as sa

from access_log.phone_addresses import PhoneAddresses
from analytics.logins import portal_rollup
from core.mac import Mac
from gate.client import Counters
from portal.access.accounting import Watch
from tests import running_grant


class Gate:
    """Tells of phones that send more and more."""

    def __init__(self):
        self.octets = 0

    def counters(self):
        self.octets += 1 << 20
        return {mac.text(): Counters(self.octets, self.octets) for mac in self.macs}

    def revoke(self, mac):
        raise AssertionError(mac)


@contextlib.contextmanager
def statements(engine):
    """Those that are sent, each once."""
    seen = set()

    def note(_connection, _cursor, statement, _parameters, _context, _executemany):
        seen.add(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def turn(database, sealer, settings, now):
    """What jobs do over the phones of a day, with some phones more."""
    gate, watch, addresses = Gate(), Watch(), PhoneAddresses()
    gate.macs = []

    def run(more):
        at = now + dt.timedelta(seconds=len(gate.macs))
        new = [Mac(b"\x02\0\0\0\0" + bytes([len(gate.macs) + each])) for each in range(more)]
        gate.macs += new
        with database.writing() as session:
            for mac in new:
                running_grant.add(session, sealer, mac, at)
        watch.turn(database, sealer, gate, at)
        found = {mac: ["192.168.50.7"] for mac in gate.macs}
        addresses.turn(database, sealer, found, settings.today(at), at)
        portal_rollup.roll_up(database, sealer, settings, at)

    return run


def test_a_few_phones_more_make_no_statement_that_was_not_made_before(database, turn):
    with statements(database.engine) as seen:
        turn(12)
        turn(3)
        before = set(seen)
        turn(2)

    assert seen == before
