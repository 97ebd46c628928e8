import datetime as dt

import pytest
import sqlalchemy as sa
import ulid

from core import gone_members, outbox, periods, retention
from core.models.audit_entry import AuditEntry
from core.models.code_send import CodeSend, SendState
from core.models.consent import Consent, Purpose
from core.models.counting_session import CountingSession, CountSource
from core.models.crm_proof import CrmProof, ToldOf
from core.models.crm_record import CrmRecord
from core.models.day_note import DayNote, NoteKind
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login, LoginState, LoginWay
from core.models.member import Member
from core.models.opt_out import OptOut
from core.models.outbox_event import OutboxEvent, OutboxState
from core.models.portal_day import PortalPhone
from core.models.report import MailState, ReportMail
from core.models.sign_in import FailedSignIn, SignIn
from core.models.temporary_pass import PassKind, TemporaryPass
from core.models.user import Role, User
from core.models.voucher import Voucher, VoucherBatch, VoucherTry, VoucherUse
from core.models.walk import Station, Walk, WalkStation
from core.outbox import EventType
from core.setting_groups.reports import ReportKind

DAYS = dt.timedelta(days=1)


@pytest.fixture
def traces(any_database, now):
    """A shopper of long ago, one of last month who went online, one who gave up yesterday."""
    with any_database.writing() as session:
        for number, age, online in [(1, 250, True), (2, 30, True), (3, 2, False)]:
            then = now - age * DAYS
            key = bytes([number]) * 16
            device = Device(
                lookup=key, sealed_mac=b"", randomised=True, first_seen_at=then, last_seen_at=then
            )
            session.add(device)
            session.flush()
            login = Login(
                device_id=device.id,
                way=LoginWay.SMS,
                state=LoginState.ONLINE if online else LoginState.CODE_SENT,
                language="zh",
                account_lookup=key,
                sealed_account=b"",
                started_at=then,
                terms_accepted_at=then,
            )
            taken = SendState.TAKEN
            sent = CodeSend(account_lookup=key, device_id=device.id, sent_at=then, state=taken)
            short = TemporaryPass(
                device_id=device.id,
                kind=PassKind.IOS,
                started_at=then,
                expires_at=then + dt.timedelta(minutes=2),
            )
            session.add_all([login, sent, short])
            session.flush()
            if online:
                session.add(
                    Grant(
                        device_id=device.id,
                        login_id=login.id,
                        started_at=then,
                        expires_at=then + dt.timedelta(hours=4),
                    )
                )
    return any_database


def count(session, table):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def test_each_row_goes_when_its_purpose_has(traces, now):
    with traces.writing() as session:
        forgotten = retention.forget(session, now)

    assert forgotten == {
        "access_exports": 0,
        "grants": 1,
        "temporary_passes": 1,
        "logins": 2,
        "code_sends": 3,
        "voucher_tries": 0,
        "voucher_batches": 0,
        "consents": 0,
        "device_sources": 0,
        "member_sources": 0,
        "audit_entries": 0,
        "counting_sessions": 0,
        "walks": 0,
        "day_notes": 0,
        "failed_sign_ins": 0,
        "api_tokens": 0,
        "sign_ins": 0,
        "portal_phones": 0,
        "report_mails": 0,
        "member_visits": 0,
        "opt_outs": 0,
        "devices": 1,
        "outbox_events": 0,
        "crm_proofs": 0,
        "gone_members": 0,
        "crm_records": 0,
    }
    with traces.reading() as session:
        assert count(session, Grant) == count(session, Login) == 1
        assert count(session, Device) == count(session, TemporaryPass) == 2


def test_a_device_is_kept_as_long_as_its_last_pass(any_database, now):
    seen = now - periods.GRANT - dt.timedelta(minutes=1)
    with any_database.writing() as session:
        device = Device(
            lookup=bytes(16), sealed_mac=b"", randomised=True, first_seen_at=seen, last_seen_at=seen
        )
        session.add(device)
        session.flush()
        session.add(
            TemporaryPass(
                device_id=device.id,
                kind=PassKind.ANDROID,
                started_at=seen,
                expires_at=seen + dt.timedelta(minutes=2),
            )
        )

    for later, kept in ((0, 1), (1, 1), (2, 0)):
        with any_database.writing() as session:
            retention.forget(session, now + dt.timedelta(minutes=later))
            assert count(session, TemporaryPass) == count(session, Device) == kept


def test_news_is_kept_until_it_was_sent_however_long(any_database, now):
    with any_database.writing() as session:
        for number, state in enumerate(OutboxState):
            session.add(
                OutboxEvent(
                    event_id=f"{number:026}",
                    type="t",
                    subject="s",
                    occurred_at=now - 99 * DAYS,
                    sealed_data=b"",
                    state=state,
                    next_attempt_at=now,
                    sent_at=now - 98 * DAYS if state is OutboxState.SENT else None,
                )
            )

    with any_database.writing() as session:
        assert retention.forget(session, now)["outbox_events"] == 1
        assert set(session.scalars(sa.select(OutboxEvent.state))) == {
            OutboxState.WAITING,
            OutboxState.PARKED,
        }


def test_who_is_gone_is_known_by_id_for_longer_than_a_year(any_database, now):
    with any_database.writing() as session:
        gone_members.remember(session, ["A"], now - 399 * DAYS)
        gone_members.remember(session, ["B"], now - 401 * DAYS, into="A")

    with any_database.writing() as session:
        assert retention.forget(session, now)["gone_members"] == 1
        assert gone_members.is_known(session, "A")


def test_a_consent_is_kept_as_proof_for_three_years_after_its_end(any_database, now):
    def given(account, purpose, years, *, ended=None):
        return Consent(
            account_lookup=bytes([account]) * 16,
            purpose=purpose,
            wording_version="0" * 16,
            language="zh",
            given_at=now - years * 366 * DAYS,
            withdrawn_at=ended and now - ended * 366 * DAYS,
        )

    with any_database.writing() as session:
        session.add_all(
            [
                given(1, Purpose.MARKETING, 9, ended=4),
                given(1, Purpose.MARKETING, 9, ended=2),
                given(1, Purpose.MEMBERSHIP, 9),
                given(1, Purpose.TERMS, 2),
                given(2, Purpose.TERMS, 4),
            ]
        )
        session.flush()
        assert retention.forget(session, now)["consents"] == 2

    with any_database.reading() as session:
        kept = session.query(Consent).order_by(Consent.id)
        assert [each.purpose for each in kept] == [
            Purpose.MARKETING,
            Purpose.MEMBERSHIP,
            Purpose.TERMS,
        ]


def test_vouchers_are_kept_as_long_as_what_was_done_with_them(any_database, now):
    with any_database.writing() as session:
        for age in (periods.GRANT - DAYS, periods.GRANT + DAYS):
            batch = VoucherBatch(
                name="Test",
                uses_each=1,
                minutes=60,
                speed_kbit_s=0,
                created_at=now - age - DAYS,
                expires_at=now - age,
            )
            session.add(batch)
            session.flush()
            key = age.days.to_bytes(16, "big")
            voucher = Voucher(batch_id=batch.id, lookup=key, sealed_code=b"")
            session.add(voucher)
            session.flush()
            used_at = now - age
            session.add(VoucherUse(voucher_id=voucher.id, started_at=used_at, until=used_at))
    with any_database.writing() as session:
        assert retention.forget(session, now)["voucher_batches"] == 1
        assert [count(session, table) for table in (VoucherBatch, Voucher, VoucherUse)] == [1] * 3


def test_wrong_vouchers_are_forgotten_after_the_hour_that_they_count_for(any_database, now):
    with any_database.writing() as session:
        device = Device(
            lookup=bytes(16), sealed_mac=b"", randomised=True, first_seen_at=now, last_seen_at=now
        )
        session.add(device)
        session.flush()
        for minutes in (59, 61):
            tried_at = now - dt.timedelta(minutes=minutes)
            session.add(VoucherTry(device_id=device.id, tried_at=tried_at))
    with any_database.writing() as session:
        assert retention.forget(session, now)["voucher_tries"] == 1


def test_a_phone_is_counted_again_when_its_time_is_over(any_database, now):
    with any_database.writing() as session:
        for number, left in enumerate([-1, 0, 1]):
            session.add(OptOut(entry=bytes([number]) * 16, until=now + left * DAYS))
        session.flush()

        assert retention.forget(session, now)["opt_outs"] == 1
        assert count(session, OptOut) == 2


def test_the_audit_log_is_kept_for_three_years(any_database, now):
    with any_database.writing() as session:
        for age in (periods.AUDIT_ENTRY + DAYS, periods.AUDIT_ENTRY - DAYS):
            session.add(AuditEntry(at=now - age, user_name="alice", action="members.page"))
        session.flush()

        assert retention.forget(session, now)["audit_entries"] == 1
        assert count(session, AuditEntry) == 1


def test_sign_ins_go_when_nothing_can_be_done_with_them(any_database, now):
    with any_database.writing() as session:
        user = User(name="alice", role=Role.IT, password_hash="", created_at=now)
        session.add(user)
        session.flush()
        for number, age in enumerate((periods.SIGN_IN - DAYS, periods.SIGN_IN + DAYS)):
            key, begun_at = bytes([number]) * 16, now - age
            session.add(
                SignIn(token_lookup=key, user_id=user.id, begun_at=begun_at, seen_at=begun_at)
            )
        for minutes in (59, 61):
            tried_at = now - dt.timedelta(minutes=minutes)
            session.add(
                FailedSignIn(name_lookup=bytes(16), address_lookup=bytes(16), tried_at=tried_at)
            )
        session.flush()
        forgotten = retention.forget(session, now)

        assert (forgotten["sign_ins"], forgotten["failed_sign_ins"]) == (1, 1)
        assert count(session, SignIn) == count(session, FailedSignIn) == 1


def test_marks_of_phones_do_not_outlive_a_day_that_nobody_closed(database, now):
    with database.writing() as session:
        for days in (1, 2, 3):
            session.add(PortalPhone(day=(now - days * DAYS).date(), mark=bytes(16)))
        session.flush()
        assert retention.forget(session, now)["portal_phones"] == 1


def test_a_note_on_days_goes_three_years_after_the_last_of_them(any_database, now):
    gone = (now - periods.DAY_NOTE - DAYS).date()
    kind = NoteKind.CAMPAIGN
    with any_database.writing() as session:
        for last in (gone, gone + DAYS):
            first = gone - 30 * DAYS
            session.add(DayNote(first=first, last=last, kind=kind, text="Sale", written_at=now))
    with any_database.writing() as session:
        retention.forget(session, now)

    with any_database.reading() as session:
        assert session.scalars(sa.select(DayNote.last)).all() == [gone + DAYS]


def test_walks_that_were_accepted_stay_and_unfinished_ones_go(any_database, now):
    then = now - periods.UNFINISHED_WALK - DAYS
    with any_database.writing() as session:
        for begun_at, accepted_at in ((then, then), (then, None), (now, None)):
            walk = Walk(user_name="alice", begun_at=begun_at, accepted_at=accepted_at)
            session.add(walk)
            session.flush()
            session.add(WalkStation(walk_id=walk.id, station=Station.DOOR, begun_at=begun_at))
        session.flush()
        assert retention.forget(session, now)["walks"] == 1

    with any_database.reading() as session:
        assert count(session, Walk) == count(session, WalkStation) == 2


def test_what_was_counted_at_the_door_goes_after_two_years(any_database, now):
    then = now - periods.COUNTING_SESSION
    with any_database.writing() as session:
        for begun_at in (then - DAYS, then + DAYS):
            counted = {"entered": 1, "rules": "", "source": CountSource.HAND}
            session.add(CountingSession(user_name="alice", begun_at=begun_at, **counted))
        session.flush()
        assert retention.forget(session, now)["counting_sessions"] == 1


def test_that_a_report_went_out_is_known_for_longer_than_it_could_be_due(any_database, now):
    today = now.date()
    with any_database.writing() as session:
        for first in (today - periods.REPORT_MAIL - DAYS, today - 62 * DAYS):
            mail = {"kind": ReportKind.MONTH, "recipient": bytes(16), "state": MailState.SENT}
            session.add(ReportMail(first=first, next_attempt_at=now, **mail))
        session.flush()
        assert retention.forget(session, now)["report_mails"] == 1


@pytest.mark.parametrize("untold", [False, True], ids=["told", "untold"])
def test_what_a_crm_called_somebody_who_is_no_member_any_more_goes_once_all_is_told(
    any_database, sealer, now, untold
):
    with any_database.writing() as session:
        session.add(Member(public_id="A" * 26, language="zh", enrolled_at=now))
        for local_id in ("A" * 26, "B" * 26):
            session.add(
                CrmRecord(
                    connector="wecom",
                    kind="member",
                    local_id=local_id,
                    sealed_remote_id=sealer.seal("crm_records.sealed_remote_id", b"wm1"),
                    version=3,
                    expires_at=None,
                )
            )
        if untold:
            about = {"subject": "B" * 26, "data": {}, "now": now}
            outbox.add(session, sealer, EventType.MEMBER_ERASED, **about)
    with any_database.writing() as session:
        assert retention.forget(session, now)["crm_records"] == (0 if untold else 1)
        assert session.scalar(sa.select(sa.func.min(CrmRecord.local_id))) == "A" * 26


def test_what_the_crm_was_told_is_kept_for_three_years(any_database, now):
    with any_database.writing() as session:
        for days in (3 * 365 - 1, 3 * 365 + 1):
            at = now - days * DAYS
            proof = CrmProof(
                event_id=str(ulid.ULID()),
                member=str(ulid.ULID()),
                told_of=ToldOf.ERASED,
                crm="webhook",
                has_place=True,
                happened_at=at,
                confirmed_at=at,
            )
            session.add(proof)
        session.flush()

        assert retention.forget(session, now)["crm_proofs"] == 1
        assert session.scalars(sa.select(CrmProof.confirmed_at)).one() > now - 3 * 365 * DAYS
