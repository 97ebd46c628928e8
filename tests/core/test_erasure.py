"""After an erasure nothing opens to the person's keys, but what the law has us keep."""

import json

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import erasure, outbox, resealing, session_records
from core.database import Database
from core.models import identity as identities
from core.models import login as logins
from core.models.base import LookupBinary
from core.models.consent import Consent, Purpose
from core.models.device import Device
from core.models.every import metadata
from core.models.grant import Grant
from core.models.identity import Identity, IdentityKind
from core.models.login import Login, LoginState, LoginWay
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import SealBrokenError

# The law's log, and proof of what was agreed to: a blind index opens to nobody.
STATUTORY = {
    "access_records.account_lookup",
    "access_records.device_lookup",
    "access_records.sealed_body",
    "consents.account_lookup",
    "devices.lookup",
    "devices.sealed_mac",
    "logins.account_lookup",
    "logins.sealed_account",
}
IDS = ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAW", "01ARZ3NDEKTSV4RRFFQ69G5FAX"]
MAC = b"\x02\0\0\0\0\x01"


class House:
    """Two members, the one to be erased and another, with whatever a test gives them."""

    def __init__(self, database, sealer, now):
        self.database, self.sealer, self.now = database, sealer, now

    def enrol(self, public_id, phone, *, wechat=None, sessions=0, unfinished=0):
        with self.database.writing() as session:
            member = Member(public_id=public_id, language="zh", enrolled_at=self.now, version=3)
            session.add(member)
            session.flush()
            for kind, value in ((IdentityKind.PHONE, phone), (IdentityKind.OPENID, wechat)):
                if value:
                    session.add(self._identity(member, kind, value))
            lookup = self.sealer.lookup("phone", phone.encode())
            for purpose in Purpose:
                session.add(self._consent(member, lookup, purpose))
            for number in range(sessions + unfinished):
                login = self._login(session, phone, lookup)
                if number < sessions:
                    grant = Grant(
                        device_id=login.device_id,
                        login_id=login.id,
                        member_id=member.id,
                        started_at=self.now,
                        expires_at=self.now,
                    )
                    session.add(grant)
                    session.flush()
                    session_records.granted(session, self.sealer, grant, self.now)

    def queue(self, kind, subject, *, state=OutboxState.WAITING, **data):
        with self.database.writing() as session:
            event_id = outbox.add(
                session,
                self.sealer,
                kind,
                subject=subject,
                data={"member": subject} | data,
                now=self.now,
            )
            session.flush()
            row = session.query(OutboxEvent).filter_by(event_id=event_id).one()
            row.state = state
            if state is OutboxState.SENT:
                row.sealed_data, row.sent_at = b"", self.now

    def erase(self, public_id=IDS[0]):
        with self.database.writing() as session:
            return erasure.erase(session, self.sealer, public_id, store_id="store-7", now=self.now)

    def rows(self, model):
        with self.database.reading() as session:
            return list(session.query(model))

    def news(self):
        return [
            (row.type, json.loads(self.sealer.open(outbox.DATA, row.sealed_data)))
            for row in self.rows(OutboxEvent)
            if row.sealed_data
        ]

    def traces(self, *values):
        """Each `table.column` that holds one of the values, sealed or as a blind index."""
        kinds = ("phone", "openid", "mac")
        raw = [value if isinstance(value, bytes) else value.encode() for value in values]
        lookups = {self.sealer.lookup(kind, value) for kind in kinds for value in raw}
        found = set()
        with self.database.reading() as session:
            for table in metadata.sorted_tables:
                for column in table.columns:
                    for (value,) in session.execute(sa.select(column)):
                        if self._tells(column, value, raw, lookups):
                            found.add(resealing.place(column))
        return found

    def _tells(self, column, value, raw, lookups):
        if not isinstance(value, (bytes, str)):
            return False
        if isinstance(column.type, LookupBinary):
            return value in lookups
        octets = value if isinstance(value, bytes) else value.encode()
        if column in resealing.columns(metadata) and octets:
            try:
                octets = self.sealer.open(resealing.place(column), octets)
            except SealBrokenError:
                return True
        return any(each in octets for each in raw)

    def _identity(self, member, kind, value):
        return Identity(
            member_id=member.id,
            kind=kind,
            lookup=self.sealer.lookup(kind, value.encode()),
            sealed_value=self.sealer.seal(identities.VALUE, value.encode()),
            verified_at=self.now,
        )

    def _consent(self, member, lookup, purpose):
        return Consent(
            account_lookup=lookup,
            member_id=member.id,
            purpose=purpose,
            wording_version="0" * 16,
            language="zh",
            given_at=self.now,
        )

    def _login(self, session, phone, lookup):
        device = session.query(Device).first()
        if device is None:
            device = Device(
                lookup=self.sealer.lookup("mac", MAC),
                sealed_mac=self.sealer.seal("devices.sealed_mac", MAC),
                randomised=True,
                first_seen_at=self.now,
                last_seen_at=self.now,
            )
            session.add(device)
            session.flush()
        body = json.dumps(["phone", phone]).encode()
        login = Login(
            device_id=device.id,
            state=LoginState.ONLINE,
            language="zh",
            way=LoginWay.SMS,
            account_lookup=lookup,
            sealed_account=self.sealer.seal(logins.ACCOUNT, body),
            failures=0,
            started_at=self.now,
            terms_accepted_at=self.now,
        )
        session.add(login)
        session.flush()
        return login


ALICE, BOB, OPENID = "+8613800138000", "+8613912345678", "wx1:o-alice"


@pytest.fixture
def house(any_database, sealer, now):
    return House(any_database, sealer, now)


def test_what_stays_is_the_law_s(house):
    house.enrol(IDS[0], ALICE, wechat=OPENID, sessions=2, unfinished=1)
    house.queue(EventType.MEMBER_ENROLLED, IDS[0], phone=ALICE, openids=[OPENID])
    assert {"identities.sealed_value", "outbox_events.sealed_data"} <= house.traces(ALICE, OPENID)

    erased = house.erase()

    assert house.traces(ALICE, OPENID, MAC) <= STATUTORY
    assert (erased.identities, erased.consents, erased.sessions, erased.unsent) == (2, 4, 2, 1)
    assert [grant.member_id for grant in house.rows(Grant)] == [None, None]
    assert len(house.rows(Login)) == 2
    assert house.rows(Device)[0].forgotten_at == house.now


def test_without_sessions_nothing_but_the_consents_stays(house):
    house.enrol(IDS[0], ALICE, wechat=OPENID, unfinished=2)
    house.erase()

    assert house.traces(ALICE, OPENID) == {"consents.account_lookup"}


def test_others_keep_everything(house):
    house.enrol(IDS[0], ALICE, sessions=1)
    house.enrol(IDS[1], BOB, sessions=1)
    house.queue(EventType.MEMBER_ENROLLED, IDS[1], phone=BOB)
    before = house.traces(BOB)
    house.erase()

    assert house.traces(BOB) == before
    assert [member.public_id for member in house.rows(Member)] == [IDS[1]]
    live = [each for each in house.rows(Consent) if each.member_id and not each.withdrawn_at]
    assert len(live) == len(Purpose)


def test_the_tombstone_takes_the_place_of_what_waited(house):
    house.enrol(IDS[0], ALICE)
    house.queue(EventType.MEMBER_ENROLLED, IDS[0], state=OutboxState.SENT)
    house.queue(EventType.MEMBER_UPDATED, IDS[0], phone=ALICE)
    house.queue(EventType.COUPON_ISSUED, IDS[0], state=OutboxState.PARKED)
    house.erase()

    [(kind, data)] = house.news()
    assert kind == EventType.MEMBER_ERASED
    assert data == {
        "member": IDS[0],
        "absorbed": [],
        "erased_at": house.now.isoformat(),
        "store": "store-7",
        "version": 4,
    }


def test_who_was_merged_into_them_unbeknown_to_the_crm_is_erased_as_well(house):
    house.enrol(IDS[0], ALICE)
    house.queue(EventType.COUPON_ISSUED, IDS[2], code="X")
    house.queue(EventType.MEMBER_MERGED, IDS[1], absorbed=[IDS[2]])
    house.queue(EventType.MEMBER_MERGED, IDS[0], absorbed=[IDS[1]])
    house.erase()

    [(_, data)] = house.news()
    assert data["absorbed"] == IDS[1:]


def test_erased_twice_is_erased_once(house):
    house.enrol(IDS[0], ALICE)

    assert house.erase() is not None
    assert house.erase() is None
    assert len(house.news()) == 1


def test_proof_and_log_outlive_a_member_however_it_goes(house):
    house.enrol(IDS[0], ALICE, sessions=1)
    with house.database.writing() as session:
        session.execute(sa.delete(Member))

    assert house.rows(Identity) == []
    kept = [*house.rows(Consent), *house.rows(Grant)]
    assert len(kept) == len(Purpose) + 1
    assert {each.member_id for each in kept} == {None}


def test_an_erasure_that_fails_half_way_erases_nothing(house):
    house.enrol(IDS[0], ALICE, wechat=OPENID, sessions=1)
    house.queue(EventType.MEMBER_ENROLLED, IDS[0], phone=ALICE)
    before = house.traces(ALICE, OPENID)
    with pytest.raises(RuntimeError), house.database.writing() as session:
        erasure.erase(session, house.sealer, IDS[0], store_id="store-7", now=house.now)
        raise RuntimeError

    assert house.traces(ALICE, OPENID) == before


@pytest.fixture
def house_of_its_own(tmp_path_factory, sealer, now):
    def build():
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('erasure') / 'doorman.sqlite'}")
        metadata.create_all(database.engine)
        return House(database, sealer, now)

    return build


WHEN = st.sampled_from([OutboxState.WAITING, OutboxState.PARKED, OutboxState.SENT])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sessions=st.integers(0, 3),
    unfinished=st.integers(0, 2),
    wechat=st.sampled_from([None, OPENID]),
    events=st.lists(st.tuples(st.sampled_from(list(EventType)[:2]), WHEN), max_size=4),
)
def test_whatever_there_was_nothing_else_opens(house_of_its_own, **there):
    house = house_of_its_own()
    house.enrol(IDS[1], BOB, sessions=1)
    house.enrol(
        IDS[0],
        ALICE,
        wechat=there["wechat"],
        sessions=there["sessions"],
        unfinished=there["unfinished"],
    )
    for kind, state in there["events"]:
        house.queue(kind, IDS[0], state=state, phone=ALICE, openids=[OPENID])
    house.erase()

    left = house.traces(ALICE, OPENID)
    house.database.dispose()
    assert left <= STATUTORY
    assert ("logins.sealed_account" in left) == (there["sessions"] > 0)
