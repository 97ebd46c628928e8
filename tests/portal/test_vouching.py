import logging

import pytest

from portal.access.passes import PassDesk, PassKind
from portal.neighbours import LoopbackNeighbours, NeighboursError
from portal.vouching import Vouching
from tests.portal.conftest import FakeGate


class BrokenNeighbours:
    def mac_of(self, _address):
        raise NeighboursError("the kernel did not answer about a neighbour")


@pytest.fixture
def desk(settings, database, sealer, gate):
    passes = settings.passes.model_copy(update={"per_day": 1})
    return PassDesk(passes, database, sealer, gate)


@pytest.fixture
def gate():
    return FakeGate()


@pytest.fixture
def give(desk, now):
    def give(mac):
        desk.open(mac, desk.take(mac, PassKind.IOS, now), now)

    return give


def test_whose_pass_runs_is_told_by_the_address_the_probe_came_from(desk, give, now):
    vouches_for = Vouching(desk, LoopbackNeighbours(), lambda: now)
    give(LoopbackNeighbours().mac_of("127.0.0.7"))

    assert vouches_for("127.0.0.7")
    assert not vouches_for("127.0.0.8")


@pytest.mark.parametrize("address", ["192.0.2.1", "nonsense", ""])
def test_nobody_is_vouched_for_whom_the_kernel_does_not_know(desk, now, address):
    assert not Vouching(desk, LoopbackNeighbours(), lambda: now)(address)


def test_who_cannot_be_told_is_not_vouched_for(desk, now, caplog):
    caplog.set_level(logging.ERROR)

    assert not Vouching(desk, BrokenNeighbours(), lambda: now)("127.0.0.1")
    assert "could not tell whether a probe comes with a pass" in caplog.text


def test_a_database_that_fails_vouches_for_nobody(desk, give, database, now):
    vouches_for = Vouching(desk, LoopbackNeighbours(), lambda: now)
    give(LoopbackNeighbours().mac_of("127.0.0.1"))
    assert vouches_for("127.0.0.1")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE temporary_passes")

    assert not vouches_for("127.0.0.1")


def test_a_store_that_gives_no_passes_asks_nobody(settings, database, sealer, gate, now):
    desk = PassDesk(settings.passes, database, sealer, gate)

    assert not Vouching(desk, BrokenNeighbours(), lambda: now)("127.0.0.1")
