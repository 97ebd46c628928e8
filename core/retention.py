"""How long each table keeps a row, and the job that keeps to it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.api_token import ApiToken
from core.models.attribution import DeviceSource, MemberSource
from core.models.audit_entry import AuditEntry
from core.models.code_send import CodeSend
from core.models.consent import Consent, Purpose
from core.models.counting_session import CountingSession
from core.models.crm_record import CrmRecord
from core.models.day_note import DayNote
from core.models.device import Device
from core.models.gone_member import GoneMember
from core.models.grant import Grant
from core.models.login import Login
from core.models.member import Member
from core.models.member_visit import MemberVisit
from core.models.opt_out import OptOut
from core.models.outbox_event import OutboxEvent, OutboxState
from core.models.portal_day import PortalPhone
from core.models.report import ReportMail
from core.models.sign_in import FailedSignIn, SignIn
from core.models.temporary_pass import TemporaryPass
from core.models.voucher import VoucherBatch, VoucherTry
from core.models.walk import Walk
from core.outbox import EventType

# A login that was never finished, and the count of codes sent: the limits look back a day.
UNFINISHED_LOGIN = dt.timedelta(days=1)
CODE_SEND = dt.timedelta(days=1)
VOUCHER_TRY = dt.timedelta(hours=1)
# What was sent has no content any more; its row still shows when it went.
SENT_EVENT = dt.timedelta(days=30)
# An id of a member who is gone: until no backup of a CRM is as old as that any more.
GONE_MEMBER = dt.timedelta(days=400)
# Counted and deleted when its day is closed (`logins.portal_rollup`); this is if it is not.
PORTAL_PHONE = dt.timedelta(days=2)
# Who was online when: the law asks for six months (Cybersecurity Law, art. 23). A temporary
# pass is use of the network as well.
GRANT = dt.timedelta(days=190)
# A visit that the CRM was told of: so that it is not told of again.
MEMBER_VISIT = dt.timedelta(days=2)
# Consents are proof: three years after they ended, and terms three years after their last use.
CONSENT = dt.timedelta(days=3 * 365)
# A record of how personal data was handled: three years (Personal Information Protection Law,
# art. 56).
AUDIT_ENTRY = dt.timedelta(days=3 * 365)
# Says how things were; after three months it calibrates nothing any more. A walk may hold on.
COUNTING_SESSION = dt.timedelta(days=2 * 365)
UNFINISHED_WALK = dt.timedelta(days=30)
# Free text, so not for good; a comparison with the year before looks back two years at most.
DAY_NOTE = dt.timedelta(days=3 * 365)
# The limit of guesses looks back a quarter of an hour; no sign-in may last longer than a week.
FAILED_SIGN_IN = dt.timedelta(hours=1)
SIGN_IN = dt.timedelta(days=7)
# One that has expired, so that its owner finds out why a program is shut out.
API_TOKEN = dt.timedelta(days=90)
# A report goes out once; the newest month's, the oldest that may be due, began two months ago.
REPORT_MAIL = dt.timedelta(days=100)


def forget(session: Session, now: dt.datetime) -> dict[str, int]:
    """Delete what has outlived its purpose; returns how many rows of each table."""
    rules = _of_shoppers(now) | _of_the_store(now) | of_users(now) | _left_alone(now)
    return {
        name: session.connection().execute(statement).rowcount for name, statement in rules.items()
    }


def _of_shoppers(now: dt.datetime) -> dict[str, sa.Delete]:
    in_use = sa.select(Grant.login_id)
    still_known = sa.exists().where(Login.account_lookup == Consent.account_lookup)
    return {
        "grants": sa.delete(Grant).where(Grant.expires_at < now - GRANT),
        "temporary_passes": sa.delete(TemporaryPass).where(TemporaryPass.expires_at < now - GRANT),
        "logins": sa.delete(Login).where(
            Login.started_at < now - UNFINISHED_LOGIN, Login.id.not_in(in_use)
        ),
        "code_sends": sa.delete(CodeSend).where(CodeSend.sent_at < now - CODE_SEND),
        "voucher_tries": sa.delete(VoucherTry).where(VoucherTry.tried_at < now - VOUCHER_TRY),
        "consents": sa.delete(Consent).where(
            sa.or_(
                Consent.withdrawn_at < now - CONSENT,
                sa.and_(
                    Consent.purpose == Purpose.TERMS,
                    Consent.given_at < now - CONSENT,
                    ~still_known,
                ),
            )
        ),
        # Over, they count for nothing.
        "device_sources": sa.delete(DeviceSource).where(DeviceSource.until < now),
        "member_sources": sa.delete(MemberSource).where(MemberSource.until < now),
        "portal_phones": sa.delete(PortalPhone).where(
            PortalPhone.day < (now - PORTAL_PHONE).date()
        ),
        "member_visits": sa.delete(MemberVisit).where(MemberVisit.last_at < now - MEMBER_VISIT),
        "opt_outs": sa.delete(OptOut).where(OptOut.until < now),
    }


def _of_the_store(now: dt.datetime) -> dict[str, sa.Delete]:
    """Of its staff, and of what they told the appliance."""
    return {
        "voucher_batches": sa.delete(VoucherBatch).where(VoucherBatch.expires_at < now - GRANT),
        "counting_sessions": sa.delete(CountingSession).where(
            CountingSession.begun_at < now - COUNTING_SESSION
        ),
        "walks": sa.delete(Walk).where(
            Walk.accepted_at.is_(None), Walk.begun_at < now - UNFINISHED_WALK
        ),
        "day_notes": sa.delete(DayNote).where(DayNote.last < (now - DAY_NOTE).date()),
        "report_mails": sa.delete(ReportMail).where(ReportMail.first < (now - REPORT_MAIL).date()),
    }


def of_users(now: dt.datetime) -> dict[str, sa.Delete]:
    """Of those who sign in, here or at headquarters, of what they did, and of their programs."""
    return {
        "api_tokens": sa.delete(ApiToken).where(ApiToken.expires_at < now - API_TOKEN),
        "audit_entries": sa.delete(AuditEntry).where(AuditEntry.at < now - AUDIT_ENTRY),
        "failed_sign_ins": sa.delete(FailedSignIn).where(
            FailedSignIn.tried_at < now - FAILED_SIGN_IN
        ),
        "sign_ins": sa.delete(SignIn).where(SignIn.begun_at < now - SIGN_IN),
    }


def _left_alone(now: dt.datetime) -> dict[str, sa.Delete]:
    """What goes once nothing needs it any more, so after the rest."""
    return {
        "devices": sa.delete(Device).where(
            Device.last_seen_at < now - GRANT,
            Device.id.not_in(sa.select(Grant.device_id)),
            Device.id.not_in(sa.select(TemporaryPass.device_id)),
        ),
        "outbox_events": sa.delete(OutboxEvent).where(
            OutboxEvent.state == OutboxState.SENT, OutboxEvent.sent_at < now - SENT_EVENT
        ),
        "gone_members": sa.delete(GoneMember).where(GoneMember.gone_at < now - GONE_MEMBER),
        # `crm.records` says when what is gone, or a note, may be forgotten.
        "crm_records": sa.delete(CrmRecord).where(sa.or_(CrmRecord.expires_at < now, _of_nobody())),
    }


def _of_nobody() -> sa.ColumnElement[bool]:
    """What a CRM called a member who is none any more, and who has left that CRM long ago.

    Such are left when another CRM is chosen. While it is still to be told that somebody goes,
    their record is needed.
    """
    goes = (EventType.MEMBER_ERASED, EventType.MEMBER_MERGED)
    untold = sa.exists().where(OutboxEvent.state != OutboxState.SENT, OutboxEvent.type.in_(goes))
    is_member = sa.exists().where(Member.public_id == CrmRecord.local_id)
    # Who is gone there has a date at which that is forgotten.
    return sa.and_(CrmRecord.expires_at.is_(None), ~is_member, ~untold)
