"""One row for every look at personal data and every change, and nothing personal in it."""

import datetime as dt

import pytest
import sqlalchemy as sa

from analytics.dashboard import audit
from core.models.audit_entry import AuditEntry
from core.models.member import Member
from core.models.user import Role

HERE = {"Origin": "http://localhost"}


@pytest.fixture
def entries(database):
    def read():
        with database.reading() as session:
            return session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()

    return read


@pytest.fixture
def member(enrol, database):
    enrol()
    with database.reading() as session:
        return session.query(Member).one().public_id


def test_a_look_at_the_members_is_noted_with_who_when_and_from_where(alice, entries, clock):
    alice.get("/members?page=2")

    (entry,) = entries()
    assert (entry.user_name, entry.role, entry.address) == ("alice", Role.MANAGER, "127.0.0.1")
    assert (entry.at, entry.action, entry.number) == (clock.now, "members.page", 2)
    assert entry.refused_with is None


def test_an_erasure_is_noted_with_the_member_and_the_reason(alice, entries, member):
    alice.post("/members/erase", data={"member": member, "reason": "counter"}, headers=HERE)

    (entry,) = entries()
    assert (entry.action, entry.member, entry.reason) == ("members.erase", member, "counter")


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.get("/members/13800138000/erase"),
        lambda c: c.get("/members?page=13800138000"),
        lambda c: c.get("/campaigns/13800138000"),
        lambda c: c.post("/campaigns/2025550123/end", headers=HERE),
        lambda c: c.post(
            "/members/erase", data={"member": "13800138000", "reason": "13800138000"}, headers=HERE
        ),
        lambda c: c.post("/campaigns/save", data={"number": "13800138000"}, headers=HERE),
        lambda c: c.post("/groups", data={"name": "x", "numbers": "13800138000"}, headers=HERE),
        lambda c: c.post("/online/cut", data={"device": "13800138000"}, headers=HERE),
        lambda c: c.post("/coupons", data={"code": "13800138000"}, headers=HERE),
        lambda c: c.post(
            "/sign-in", data={"name": "13800138000", "password": "13800138000"}, headers=HERE
        ),
    ],
)
def test_a_number_typed_where_none_belongs_is_not_kept(alice, database, ask):
    ask(alice)

    with database.reading() as session:
        rows = str(session.execute(sa.select(AuditEntry.__table__)).all())
    assert "138000" not in rows
    assert "2025550123" not in rows


def test_a_change_that_was_not_done_is_noted_as_such(alice, entries):
    alice.post("/campaigns/save", data={"name": ""}, headers=HERE)

    assert [each.refused_with for each in entries()] == [None, 422]


def test_a_foreign_form_changes_nothing_and_is_not_the_users_doing(alice, entries):
    alice.post("/members/erase", headers={"Origin": "http://evil.example"})

    assert entries() == []


def test_a_page_that_fetches_itself_is_noted_once_in_a_while(alice, entries, clock):
    for _ in range(60):
        alice.get("/online?again=1")
        clock.now += dt.timedelta(seconds=20)
    assert len(entries()) == 2

    alice.get("/online?page=2")
    alice.get("/guests")
    assert len(entries()) == 4


def test_nothing_is_shown_that_could_not_be_noted(alice, enrol, database):
    enrol()
    with database.writing() as session:
        session.execute(sa.text("DROP TABLE audit_entries"))

    answer = alice.get("/members")

    assert answer.status_code == 500
    assert "138" not in answer.text


def test_sign_ins_are_noted_and_failures_of_users_there_are(charlie, entries):
    for name, password in (
        ("alice", "wrong horse battery"),
        ("my secret password", "x"),
        ("alice", "correct horse battery"),
    ):
        charlie.post("/sign-in", data={"name": name, "password": password}, headers=HERE)

    assert [(each.user_name, each.refused_with) for each in entries()] == [
        ("alice", 403),
        (None, 403),
        ("alice", None),
    ]


@pytest.fixture
def log(any_database, now):
    """60 looks of Alice's today, and one of Bob's yesterday."""
    with any_database.writing() as session:
        for minute in range(60):
            at = now - dt.timedelta(minutes=minute)
            session.add(AuditEntry(at=at, user_name="alice", action="members.page"))
        at = now - dt.timedelta(days=1)
        session.add(AuditEntry(at=at, user_name="bob", action="members.page"))
    return any_database


def test_the_log_is_paged_and_filtered_by_user_and_day(log, now):
    assert len(audit.page(log, 1).entries) == 50
    last = audit.page(log, 9)
    assert (last.number, last.pages, last.count, len(last.entries)) == (2, 2, 61, 11)
    assert last.entries[-1].user_name == "bob"
    assert list(last.names) == ["alice", "bob"]

    assert audit.page(log, 1, "bob").count == 1
    day = (now - dt.timedelta(days=1, hours=1), now - dt.timedelta(hours=23))
    assert audit.page(log, 1, bounds=day).count == 1
    assert audit.page(log, 1, "alice", day).count == 0


@pytest.mark.parametrize("day", ["", "2026-05-16", "2026-13-45", "0001-01-01", "9999-12-31", "x"])
def test_an_auditor_reads_it_in_the_browser(hired, alice, day):
    alice.get("/members?page=7")
    page = hired(Role.AUDITOR).get(f"/audit?lang=en&user=alice&day={day}")

    assert page.status_code == 200
    if day in {"", "2026-05-16"}:
        assert "See members (masked)" in page.text
        assert "№ 7" in page.text
        assert "Manager" in page.text


def test_what_another_version_wrote_is_shown_all_the_same(alice, database, clock):
    with database.writing() as session:
        session.add(AuditEntry(at=clock.now, action="gone.page"))
        session.add(AuditEntry(at=clock.now, action="user.add", user_name="system:root"))

    page = alice.get("/audit?lang=en").text

    assert "gone.page" in page
    assert "Manage accounts" in page
