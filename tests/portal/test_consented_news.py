"""Whatever people do, whenever the CRM is reached: what leaves is what they agree to just then."""

import json
import shutil

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.database import Database
from core.models import identity as identities
from core.models.consent import Consent, Purpose
from core.models.every import metadata
from core.models.identity import Identity
from core.models.member import Member
from core.outbox import EventType
from portal.promotion import campaigns
from tests import published
from tests.portal.made_up_store import MadeUpStore
from tests.portal.marketing import Marketing

NUMBERS = ("+8613800138000", "+8613912345678", "+8613700137000")
MEMBERSHIP, MARKETING, VISITS = Purpose.MEMBERSHIP, Purpose.MARKETING, Purpose.VISIT_ANALYTICS
RESTS_ON = {
    EventType.CAMPAIGN_CLICK: MARKETING,
    EventType.VISIT_CLOSED: VISITS,
}

number = st.sampled_from(NUMBERS)
wechat = st.sampled_from(["alice", "bob"])
ticks = st.sets(st.sampled_from([MEMBERSHIP, MEMBERSHIP, MARKETING, VISITS]))
steps = st.one_of(
    st.tuples(st.just("log_in"), st.integers(1, 3), number, ticks, st.none() | wechat),
    st.tuples(
        st.just("log_in"), st.integers(1, 3), number, st.just({*Purpose} - {Purpose.TERMS}), wechat
    ),
    st.tuples(st.just("withdraw"), number, st.sampled_from([MARKETING, VISITS])),
    st.tuples(st.just("change_number"), number, number),
    st.tuples(st.just("erase"), number),
    st.tuples(st.just("unfollow"), wechat),
    st.tuples(st.just("click"), number),
    st.tuples(st.just("use")),
    st.tuples(st.just("wait"), st.sampled_from([10, 45])),
    st.tuples(st.just("crm"), st.booleans()),
    st.tuples(st.just("deliver")),
)

EVERYTHING = {MEMBERSHIP, MARKETING, VISITS}
TWO_WHO_ARE_ONE = [
    ("log_in", 1, NUMBERS[0], EVERYTHING, None),
    ("click", NUMBERS[0]),
    ("log_in", 2, NUMBERS[1], EVERYTHING, "alice"),
    ("use",),
    ("withdraw", NUMBERS[1], MARKETING),
    ("log_in", 1, NUMBERS[0], set(), "alice"),
    ("wait", 45),
    ("withdraw", NUMBERS[0], MARKETING),
    ("log_in", 3, NUMBERS[1], {MEMBERSHIP, MARKETING}, "bob"),
]


class Clock:
    def __init__(self, now):
        self.now = now


@pytest.fixture
def make_store(tmp_path, texts, now):
    """A new store each time, of a database that is copied."""
    empty = tmp_path / "empty.sqlite"
    database = Database(f"sqlite:///{empty}")
    metadata.create_all(database.engine)
    Marketing(database, Clock(now)).welcome(link="https://shop.example/")
    Marketing(database, Clock(now)).source()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()

    def make():
        for left in tmp_path.glob("store.sqlite*"):
            left.unlink()
        shutil.copy(empty, tmp_path / "store.sqlite")
        return MadeUpStore(Database(f"sqlite:///{tmp_path}/store.sqlite"), texts, now, tmp_path)

    return make


class Watch:
    """Looks at each event at the moment it leaves."""

    def __init__(self, store):
        self.store = store
        self.versions = {}

    def __call__(self, event):
        assert published.faults(event.envelope()) == []
        data = event.data
        assert event.subject == data["member"]
        assert data["version"] > self.versions.get(event.subject, 0)
        self.versions[event.subject] = data["version"]
        with self.store.database.reading() as session:
            member = session.query(Member).filter_by(public_id=event.subject).one_or_none()
            if event.type == EventType.MEMBER_ERASED:
                assert member is None
                return
            agreed = self.agreed(session, member)
            assert MEMBERSHIP in agreed
            assert RESTS_ON.get(event.type, MEMBERSHIP) in agreed
            if event.type == EventType.CONSENT_GIVEN:
                assert data["purpose"] in agreed
            if "phone" in data:
                assert set(data["consents"]) == agreed
                known = self.keys(session, member)
                told = {data["phone"], data["email"], data["unionid"], *data["openids"]}
                assert told - {None} <= known

    def agreed(self, session, member):
        live = session.query(Consent).filter_by(member_id=member.id, withdrawn_at=None)
        return {each.purpose for each in live} - {Purpose.TERMS}

    def keys(self, session, member):
        rows = session.query(Identity).filter_by(member_id=member.id)
        return {self.store.sealer.open(identities.VALUE, row.sealed_value).decode() for row in rows}


def do(store, step):
    name, *arguments = step
    match name:
        case "log_in":
            device, phone, ticked, account = arguments
            store.log_in(device, phone, *ticked, wechat=account, source="aaaa1111")
        case "crm":
            store.crm.is_down = not arguments[0]
        case _:
            getattr(store, name)(*arguments)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(script=TWO_WHO_ARE_ONE)
@given(script=st.lists(steps, min_size=4, max_size=12))
def test_nothing_leaves_that_is_not_agreed_to_at_that_moment(make_store, script):
    store = make_store()
    store.crm.watch = Watch(store)
    for step in script:
        do(store, step)
    store.crm.is_down = False
    store.deliver()

    # And what has left in the end is how it is.
    with store.database.reading() as session:
        for member in session.query(Member):
            told = [each for each in store.crm.had if each["subject"] == member.public_id]
            assert max(each["data"]["version"] for each in told) == member.version
            [*_, whole] = [each["data"] for each in told if "phone" in each["data"]]
            assert set(whole["consents"]) == store.crm.watch.agreed(session, member)
            for purpose in (MARKETING, VISITS):
                news = [each["type"] for each in told if each["data"].get("purpose") == purpose]
                agrees = campaigns.agrees_to(session, member.id, purpose)
                assert (news[-1:] == [EventType.CONSENT_GIVEN]) == agrees
    store.database.dispose()


def test_the_script_above_can_see_a_leak(make_store):
    """What a store that forgot to look would send."""
    store = make_store()
    store.crm.watch = Watch(store)
    store.log_in(1, NUMBERS[0], MEMBERSHIP, MARKETING)
    with store.database.writing() as session:
        session.query(Consent).filter_by(purpose=MARKETING).update({"withdrawn_at": store.now})
    with pytest.raises(AssertionError):
        store.deliver()
    store.database.dispose()
    assert json.dumps(store.crm.had)
