"""Every way in which a grant or pass begins, changes or ends has a row in the access log."""

import ast
import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from access_log import entries, verification
from access_log.access_points import Point
from access_log.phone_addresses import PhoneAddresses
from core import revocation
from core.account import Account, AccountKind
from core.mac import Mac
from core.models import login as logins
from core.models.access_record import Kind
from core.models.grant import EndCause, Grant
from core.models.login import Login, LoginState, LoginWay
from core.models.temporary_pass import PassEnd, PassKind, TemporaryPass
from core.session_records import Change
from core.setting_groups.plans import PassSettings
from gate.client import GateError
from portal import devices
from portal.access import accounting, grants, passes, restoration
from portal.access.admission import Admission
from portal.access.passes import PassDesk
from portal.access.plan import Plan
from portal.clones import challenges

ALICE = Mac.parse("02:00:00:00:00:0a")
PLAN = Plan(dt.timedelta(hours=4), extensions=1)
HOUR = dt.timedelta(hours=1)


class FakeGate:
    def __init__(self):
        self.fails = False

    def _answer(self, *_asked):
        if self.fails:
            raise GateError("the gate is away")

    admit = give_pass = revoke = _answer

    def online(self):
        return {}


class Shop:
    """One phone, and what is done to it."""

    def __init__(self, database, sealer, now):
        self.database, self.sealer, self.now, self.gate = database, sealer, now, FakeGate()
        self.desk = PassDesk(PassSettings(per_day=3), database, sealer, self.gate)
        self.admission = Admission(self.gate, database, sealer)

    def log_in(self, way=LoginWay.SMS, plan=PLAN):
        account = Account(AccountKind.PHONE, "+8613800138000")
        with self.database.writing() as session:
            device = devices.find_or_make(session, self.sealer, ALICE, self.now)
            login = Login(
                device_id=device.id,
                state=LoginState.ONLINE,
                way=way,
                language="zh",
                account_lookup=account.lookup(self.sealer),
                sealed_account=account.sealed(self.sealer, logins.ACCOUNT),
                started_at=self.now,
                terms_accepted_at=self.now,
                verified_at=self.now,
            )
            session.add(login)
            session.flush()
            return grants.give(session, self.sealer, device, login, None, plan=plan, now=self.now)

    def take_pass(self):
        return self.desk.take(ALICE, PassKind.IOS, self.now)

    def set(self, **values):
        with self.database.writing() as session:
            session.execute(sa.update(Grant).values(**values))

    def end_what_is_over(self):
        accounting.end_what_is_over(
            self.database, self.sealer, self.gate, self.now, watched_since=self.now - HOUR
        )

    def revoke(self, cause=EndCause.REVOKED):
        return revocation.revoke(
            self.database, self.sealer, self.gate, ALICE, cause=cause, now=self.now
        )

    def challenge(self, most=3):
        challenges.challenge(self.database, self.sealer, self.gate, ALICE, most=most, now=self.now)

    def lift(self):
        with self.database.writing() as session:
            grant = session.scalars(sa.select(Grant)).one()
            challenges.lift(session, self.sealer, grant.id, grant.login_id, self.now)

    def rows(self):
        """Of the log, which has to be right."""
        assert verification.verify(self.database, self.sealer, self.now).trouble is None
        day = self.now.date()
        week = dt.timedelta(days=7)
        with self.database.reading() as session:
            return list(entries.read(session, self.sealer, day - week, day + week))

    def told(self):
        return [(row.kind, row.body.get("change") or row.body.get("cause")) for row in self.rows()]


@pytest.fixture
def shop(any_database, sealer, now):
    return Shop(any_database, sealer, now)


@pytest.mark.parametrize("way", LoginWay)
def test_each_way_in_is_written_down_with_the_account(shop, way, now):
    grant = shop.log_in(way)

    (row,) = shop.rows()
    assert (row.kind, row.session_id) == (Kind.GRANTED, grant.session_id)
    assert {**row.body, "salt": ""} == {
        "account": ["phone", "+8613800138000"],
        "down": 0,
        "from": "2026-05-16T06:30:00+00:00",
        "level": "phone",
        "mac": ALICE.text(),
        "proven": "2026-05-16T06:30:00+00:00",
        "salt": "",
        "until": "2026-05-16T10:30:00+00:00",
        "up": 0,
        "way": way,
    }


def expire(shop):
    shop.now += 5 * HOUR
    shop.end_what_is_over()


def fall_silent(shop):
    shop.set(idle_timeout_s=60)
    shop.now += HOUR
    shop.end_what_is_over()


def use_up(shop):
    shop.set(quota_bytes=1000, bytes_up=600, bytes_down=400)
    shop.end_what_is_over()


ENDS = {
    EndCause.EXPIRED: expire,
    EndCause.LOGGED_OUT: lambda shop: shop.admission.close(ALICE, shop.now),
    EndCause.REVOKED: Shop.revoke,
    EndCause.IDLE: fall_silent,
    EndCause.QUOTA: use_up,
    EndCause.CLONED: lambda shop: shop.challenge(most=0),
}


@pytest.mark.parametrize("cause", EndCause)
def test_each_end_of_a_grant_is_written_down(shop, cause):
    grant = shop.log_in()
    ENDS[cause](shop)

    *_, row = shop.rows()
    assert shop.told() == [(Kind.GRANTED, None), (Kind.ENDED, cause)]
    assert (row.session_id, row.body["mac"]) == (grant.session_id, ALICE.text())
    assert row.body["to"] == min(shop.now, grant.expires_at).isoformat()


def test_the_end_says_how_much_was_sent_and_received(shop):
    shop.log_in()
    use_up(shop)

    body = shop.rows()[-1].body
    assert (body["up"], body["down"]) == (600, 400)


PASS_ENDS = {
    PassEnd.LOGGED_IN: Shop.log_in,
    PassEnd.REVOKED: Shop.revoke,
    PassEnd.EXPIRED: expire,
}


@pytest.mark.parametrize("cause", PassEnd)
def test_each_end_of_a_pass_is_written_down(shop, cause):
    taken = shop.take_pass()
    PASS_ENDS[cause](shop)
    expire(shop)

    of_pass = [row for row in shop.rows() if row.session_id == taken.session_id]
    assert [(row.kind, row.body.get("cause")) for row in of_pass] == [
        (Kind.PASS_GIVEN, None),
        (Kind.PASS_ENDED, cause),
    ]
    assert {row.body["pass"] for row in of_pass} == {PassKind.IOS}
    assert {row.body["level"] for row in of_pass} == {"none"}


def extend(shop):
    shop.now += 3 * HOUR
    with shop.database.reading() as session:
        grant = session.scalars(sa.select(Grant)).one()
    assert shop.admission.extend(ALICE, grant.id, shop.now)


def find_at_address(shop):
    watch = PhoneAddresses()
    for _ in range(2):
        watch.turn(shop.database, shop.sealer, {ALICE: ["10.0.0.7"]}, shop.now.date(), shop.now)


def free(shop):
    shop.challenge()
    shop.lift()


CHANGES = {
    Change.LOGIN: Shop.log_in,
    Change.EXTENDED: extend,
    Change.HELD: Shop.challenge,
    Change.FREED: free,
    Change.RESTORED: lambda shop: restoration.restore(
        shop.database, shop.sealer, shop.gate, shop.now
    ),
    Change.ADDRESS: find_at_address,
}


@pytest.mark.parametrize("change", Change)
def test_each_change_of_a_grant_is_written_down(shop, change):
    shop.log_in()
    CHANGES[change](shop)

    assert shop.told()[-1] == (Kind.CHANGED, change)
    assert [kind for kind, _ in shop.told()[:-1]] in (
        [Kind.GRANTED],
        [Kind.GRANTED, Kind.CHANGED],
    )


def test_a_pass_is_found_at_its_addresses_and_again_the_next_day(shop):
    shop.take_pass()
    watch = PhoneAddresses()
    found = {ALICE: ["2001:db8::7", "10.0.0.7"], Mac.parse("02:00:00:00:00:0b"): ["10.0.0.8"]}
    today = shop.now.date()
    for day in (today, today, today + dt.timedelta(days=1)):
        watch.turn(shop.database, shop.sealer, found, day, shop.now)

    told = [row.body.get("addresses") for row in shop.rows()]
    assert told == [None, ["10.0.0.7", "2001:db8::7"], ["10.0.0.7", "2001:db8::7"]]


def test_a_phone_that_moves_to_another_access_point_has_a_row_of_it(shop):
    shop.log_in()
    watch, today = PhoneAddresses(), shop.now.date()
    radio, wire = Point("wlan0", "02:00:00:00:00:01"), Point("eth1", "")
    for point in (radio, radio, wire, None, radio):
        found, points = {ALICE: ["10.0.0.7"]}, {ALICE: point} if point else {}
        watch.turn(shop.database, shop.sealer, found, today, shop.now, points=points)

    told = [row.body.get("point") for row in shop.rows()]
    assert told == [None, list(radio), list(wire), list(radio)]


def test_what_the_gate_kept_from_being_has_no_row(shop):
    shop.log_in()
    shop.gate.fails = True
    with pytest.raises(GateError):
        shop.revoke()
    with pytest.raises(GateError):
        shop.challenge()

    assert shop.told() == [(Kind.GRANTED, None)]


def test_a_session_of_which_the_key_is_lost_ends_all_the_same(shop):
    shop.log_in()
    with shop.database.writing() as session:
        session.execute(sa.update(Login).values(sealed_account=b"\x07lost"))
    shop.revoke()

    assert shop.rows()[-1].body["account"] is None


def test_what_began_before_there_was_a_log_gets_its_name_at_the_end(shop):
    shop.log_in()
    shop.set(session_id=None)
    shop.revoke()

    assert len(shop.rows()[-1].session_id) == 26


def test_at_each_end_the_tables_and_the_log_say_the_same(shop):
    shop.take_pass()
    shop.log_in()
    expire(shop)

    with shop.database.reading() as session:
        ids = set(session.scalars(sa.select(Grant.session_id)))
        ids |= set(session.scalars(sa.select(TemporaryPass.session_id)))
    ends = {Kind.ENDED, Kind.PASS_ENDED}
    assert {row.session_id for row in shop.rows() if row.kind in ends} == ids
    assert passes.end_expired(shop.database, shop.sealer, shop.now) == 0


# Where rows are made, and where it is said that they are over: each writes into the log.
MAKES = {"portal/access/grants.py": "Grant", "portal/access/passes.py": "TemporaryPass"}
ENDS_THEM = {"core/revocation.py", "portal/access/accounting.py", "portal/access/passes.py"}


def test_no_other_place_makes_or_ends_grants_and_passes():
    root = Path(__file__).parents[3]
    made, ended = {}, set()
    for folder in ("access_log", "analytics", "appliance", "core", "crm", "gear", "portal"):
        for path in (root / folder).rglob("*.py"):
            source = path.read_text()
            if "end_cause" not in source and "Grant" not in source and "Pass(" not in source:
                continue
            name = path.relative_to(root).as_posix()
            for node in ast.walk(ast.parse(source)):
                match node:
                    case ast.Call(func=ast.Name(id="Grant" | "TemporaryPass" as table)):
                        made[name] = table
                    case ast.keyword(arg="end_cause"):
                        ended.add(name)
                    case ast.Attribute(attr="end_cause", ctx=ast.Store()):
                        ended.add(name)

    assert made == MAKES
    assert ended == ENDS_THEM
