import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from core import revocation
from core.models.grant import EndCause, Grant
from gate.client import GateClient, GateUnavailableError
from gate.recording import RecordingGate
from portal.access import restoration
from tests.gate.conftest import serving


@pytest.fixture
def restore(database, sealer, gate, clock):
    return lambda: restoration.restore(database, sealer, gate, clock.now)


@pytest.fixture
def revoke(database, sealer, gate, clock):
    """As the dashboard's button does."""
    return lambda mac: revocation.revoke(
        database, sealer, gate, mac, cause=EndCause.REVOKED, now=clock.now
    )


def test_a_gate_that_starts_anew_gets_its_phones_back(database, sealer, clock, join_with, tmp_path):
    client = GateClient(tmp_path / "gate.sock")
    phone = join_with(gate=client)
    with serving(tmp_path / "gate.sock", RecordingGate()):
        phone.go_online()
    clock.pass_by(hours=1)

    with serving(tmp_path / "gate.sock", RecordingGate()):
        assert client.online() == {}
        assert restoration.restore(database, sealer, client, clock.now) == 1

        assert client.find(phone.mac.text()).seconds_left in {10_799, 10_800}
        assert phone.get("/online").status_code == 200


def test_every_phone_is_restored_for_what_it_has_left(phone, join, gate, clock, restore):
    other = join("127.0.0.2")
    phone.go_online()
    clock.pass_by(hours=1)
    other.go_online("13912345678")
    gate.inside.clear()

    assert restore() == 2
    assert gate.inside == {phone.mac.text(): 10_800, other.mac.text(): 14_400}


def test_a_disk_that_takes_nothing_keeps_no_phone_offline(database, phone, join, gate, restore):
    other = join("127.0.0.2")
    phone.go_online()
    other.go_online("13912345678")
    gate.inside.clear()
    database.engine.dispose()
    sa.event.listen(
        database.engine, "connect", lambda opened, _: opened.execute("PRAGMA query_only=ON")
    )

    with pytest.raises(OperationalError):
        restore()
    assert gate.inside.keys() == {phone.mac.text(), other.mac.text()}


def test_who_is_online_is_left_alone(phone, gate, restore):
    phone.go_online()
    before = list(gate.calls)

    assert restore() == 0
    assert gate.calls == before


@pytest.mark.parametrize("end", ["logged-out", "revoked"])
def test_a_grant_that_has_been_ended_is_not_restored(phone, gate, restore, revoke, end):
    phone.go_online()
    phone.post("/logout") if end == "logged-out" else revoke(phone.mac)

    assert restore() == 0
    assert gate.inside == {}


def test_a_grant_that_has_run_out_is_not_restored(phone, gate, clock, restore):
    phone.go_online()
    gate.inside.clear()
    clock.pass_by(hours=4)

    assert restore() == 0
    assert gate.inside == {}


def test_a_phone_that_never_got_online_is_not_restored(phone, gate, restore):
    phone.verify()
    gate.down = True
    phone.post("/consent")
    gate.down = False

    assert restore() == 0
    assert gate.inside == {}


def test_who_is_revoked_while_the_gate_lists_is_not_let_in(phone, gate, restore, revoke):
    phone.go_online()
    gate.inside.clear()
    listing = gate.online

    def online():
        revoke(phone.mac)
        return listing()

    gate.online = online

    assert restore() == 0
    assert gate.calls[-1] == ("revoke", phone.mac.text())


def test_who_is_revoked_while_the_gate_admits_is_stopped_again(phone, gate, restore, revoke):
    phone.go_online()
    gate.inside.clear()
    admitting = gate.admit

    def admit(mac, seconds, limits):
        revoke(phone.mac)
        admitting(mac, seconds, limits)

    gate.admit = admit

    assert restore() == 0
    assert gate.inside == {}


def test_a_gate_that_does_not_answer_is_no_end(phone, gate, restore):
    phone.go_online()
    gate.inside.clear()
    gate.down = True

    with pytest.raises(GateUnavailableError):
        restore()
    gate.down = False
    assert restore() == 1


def test_an_address_that_does_not_open_keeps_no_other_phone_offline(
    phone, join, gate, database, restore
):
    other = join("127.0.0.2")
    phone.go_online()
    other.go_online("13912345678")
    gate.inside.clear()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE devices SET sealed_mac = x'00' WHERE id = 1")

    assert restore() == 1
    assert gate.inside.keys() == {other.mac.text()}


def test_who_is_revoked_sees_the_form_for_the_number_again(phone, rows, revoke):
    phone.go_online()
    assert revoke(phone.mac)

    assert phone.get("/online").location == "/"
    assert 'id="phone"' in phone.get("/").text
    assert phone.api()["captive"] is True
    assert rows(Grant)[0].end_cause is EndCause.REVOKED
