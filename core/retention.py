"""How long each table keeps a row, and the job that keeps to it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit_chain, periods
from core.models.access_export import AccessExport
from core.models.api_token import ApiToken
from core.models.attribution import DeviceSource, MemberSource
from core.models.code_send import CodeSend
from core.models.consent import Consent, Purpose
from core.models.counting_session import CountingSession
from core.models.crm_proof import CrmProof
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


def forget(session: Session, now: dt.datetime) -> dict[str, int]:
    """Delete what has outlived its purpose; returns how many rows of each table."""
    rules = _of_shoppers(now) | _of_the_store(now) | of_users(now) | _left_alone(now)
    counts = {
        name: session.connection().execute(statement).rowcount for name, statement in rules.items()
    }
    return counts | {"audit_entries": audit_chain.forget(session, now)}


def _of_shoppers(now: dt.datetime) -> dict[str, sa.Delete]:
    in_use = sa.select(Grant.login_id)
    still_known = sa.exists().where(Login.account_lookup == Consent.account_lookup)
    return {
        "grants": sa.delete(Grant).where(Grant.expires_at < now - periods.GRANT),
        "temporary_passes": sa.delete(TemporaryPass).where(
            TemporaryPass.expires_at < now - periods.GRANT
        ),
        "logins": sa.delete(Login).where(
            Login.started_at < now - periods.UNFINISHED_LOGIN, Login.id.not_in(in_use)
        ),
        "code_sends": sa.delete(CodeSend).where(CodeSend.sent_at < now - periods.CODE_SEND),
        "voucher_tries": sa.delete(VoucherTry).where(
            VoucherTry.tried_at < now - periods.VOUCHER_TRY
        ),
        "consents": sa.delete(Consent).where(
            sa.or_(
                Consent.withdrawn_at < now - periods.CONSENT,
                sa.and_(
                    Consent.purpose == Purpose.TERMS,
                    Consent.given_at < now - periods.CONSENT,
                    ~still_known,
                ),
            )
        ),
        # Over, they count for nothing.
        "device_sources": sa.delete(DeviceSource).where(DeviceSource.until < now),
        "member_sources": sa.delete(MemberSource).where(MemberSource.until < now),
        "portal_phones": sa.delete(PortalPhone).where(
            PortalPhone.day < (now - periods.PORTAL_PHONE).date()
        ),
        "member_visits": sa.delete(MemberVisit).where(
            MemberVisit.last_at < now - periods.MEMBER_VISIT
        ),
        "opt_outs": sa.delete(OptOut).where(OptOut.until < now),
    }


def _of_the_store(now: dt.datetime) -> dict[str, sa.Delete]:
    """Of its staff, and of what they told the appliance."""
    return {
        "access_exports": sa.delete(AccessExport).where(
            AccessExport.expires_at < now - periods.ACCESS_EXPORT
        ),
        "voucher_batches": sa.delete(VoucherBatch).where(
            VoucherBatch.expires_at < now - periods.GRANT
        ),
        "counting_sessions": sa.delete(CountingSession).where(
            CountingSession.begun_at < now - periods.COUNTING_SESSION
        ),
        "walks": sa.delete(Walk).where(
            Walk.accepted_at.is_(None), Walk.begun_at < now - periods.UNFINISHED_WALK
        ),
        "day_notes": sa.delete(DayNote).where(DayNote.last < (now - periods.DAY_NOTE).date()),
        "report_mails": sa.delete(ReportMail).where(
            ReportMail.first < (now - periods.REPORT_MAIL).date()
        ),
    }


def of_users(now: dt.datetime) -> dict[str, sa.Delete]:
    """Of those who sign in, here or at headquarters, and of their programs."""
    return {
        "api_tokens": sa.delete(ApiToken).where(ApiToken.expires_at < now - periods.API_TOKEN),
        "failed_sign_ins": sa.delete(FailedSignIn).where(
            FailedSignIn.tried_at < now - periods.FAILED_SIGN_IN
        ),
        "sign_ins": sa.delete(SignIn).where(SignIn.begun_at < now - periods.SIGN_IN),
    }


def told_to_crm(now: dt.datetime) -> sa.Delete:
    """What the CRM was told of somebody's will, by a store or by headquarters."""
    return sa.delete(CrmProof).where(CrmProof.confirmed_at < now - periods.CRM_PROOF)


def _left_alone(now: dt.datetime) -> dict[str, sa.Delete]:
    """What goes once nothing needs it any more, so after the rest."""
    return {
        "devices": sa.delete(Device).where(
            Device.last_seen_at < now - periods.GRANT,
            Device.id.not_in(sa.select(Grant.device_id)),
            Device.id.not_in(sa.select(TemporaryPass.device_id)),
        ),
        "outbox_events": sa.delete(OutboxEvent).where(
            OutboxEvent.state == OutboxState.SENT, OutboxEvent.sent_at < now - periods.SENT_EVENT
        ),
        "crm_proofs": told_to_crm(now),
        "gone_members": sa.delete(GoneMember).where(GoneMember.gone_at < now - periods.GONE_MEMBER),
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
