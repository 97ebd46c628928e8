"""What runs by the clock in the store, against a console in place of a firewall."""

import contextlib
import dataclasses
import datetime as dt

import pytest

from core import clock
from core.database import Database
from core.mac import Mac
from core.models.grant import EndCause, Grant
from core.sealing import Sealer
from gate.client import GateClient, GateError, Limits
from portal.access import accounting, restoration
from tests import running_grant
from tests.gate.conftest import serving
from tests.gear.conftest import ALICE, AT

MB = 1_000_000


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def grant(database, sealer, now):
    """Reads Alice's grant, which has a quota of 10 MB."""
    since = now - dt.timedelta(minutes=10)
    measures = {"quota_bytes": 10 * MB, "idle_timeout_s": 7200, "last_active_at": since}
    grant_id = running_grant.give(database, sealer, Mac.parse(ALICE), since, **measures)

    def read():
        with database.reading() as session:
            return session.get(Grant, grant_id)

    return read


@pytest.fixture
def jobs(database, sealer, now, tmp_path):
    """Asks a gate as the jobs do: through its socket."""
    path = tmp_path / "gate.sock"

    @contextlib.contextmanager
    def of(gate):
        with serving(path, gate, takes_turns=False):
            yield Jobs(database, sealer, GateClient(path), now)

    return of


@dataclasses.dataclass
class Jobs:
    database: Database
    sealer: Sealer
    client: GateClient
    now: dt.datetime
    watch: accounting.Watch = dataclasses.field(default_factory=accounting.Watch)

    def restore(self):
        return restoration.restore(self.database, self.sealer, self.client, self.now)

    def account(self):
        return self.watch.turn(self.database, self.sealer, self.client, self.now)


def test_a_restart_of_the_box_lets_nobody_in_a_second_time(jobs, gate, console, grant):
    console.connect(ALICE, AT)
    gate.admit(ALICE, 4 * 3600, Limits())
    gate.read()

    with jobs(gate) as ours:
        assert ours.restore() == 0
    assert len(console.asked("cmd/stamgr")) == 1


def test_whom_the_console_has_forgotten_is_let_in_for_what_is_left(jobs, gate, console, grant):
    with jobs(gate) as ours:
        assert ours.restore() == 1
        assert ours.restore() == 0

    (order,) = console.asked("cmd/stamgr")
    assert 229 <= order.json["minutes"] <= 231
    assert order.json["bytes"] == 11


def test_a_console_that_is_silent_has_nobody_restored(jobs, gate_of, console, grant):
    with jobs(gate_of(console)) as ours, pytest.raises(GateError):
        ours.restore()

    assert console.asked("cmd/stamgr") == []


def test_traffic_is_charged_and_a_quota_that_is_used_up_ends_the_grant(jobs, gate, console, grant):
    console.connect(ALICE, AT)
    with jobs(gate) as ours:
        ours.restore()
        gate.read()
        console.carry(ALICE, up=1 * MB, down=3 * MB)
        gate.read()
        assert ours.account() == {}
        assert ours.account() == {}
        assert (grant().bytes_up, grant().bytes_down) == (1 * MB, 3 * MB)

        console.carry(ALICE, up=0, down=6 * MB)
        gate.read()
        assert ours.account() == {EndCause.QUOTA: 1}
    assert not console.is_open(ALICE)
    assert grant().end_cause is EndCause.QUOTA
