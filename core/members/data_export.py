"""A dossier as a file for its owner: docs/my-data.md says what each part means."""

import datetime as dt
import enum
import json
from collections.abc import Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.members.dossier import Dossier, Stay
from core.models import login as logins
from core.models.attribution import DeviceSource, MemberSource, Source
from core.models.base import Base
from core.models.campaign import Campaign
from core.models.code_send import CodeSend
from core.models.coupon import Coupon
from core.models.crm_proof import CrmProof
from core.models.login import Login
from core.models.member_group import GroupMember, MemberGroup
from core.models.member_visit import MemberVisit
from core.models.survey import Survey, SurveyTurn
from core.models.temporary_pass import TemporaryPass
from core.sealing import Sealer

_Row = TypeVar("_Row", bound=Base)


def as_file(
    session: Session, sealer: Sealer, dossier: Dossier, *, store_id: str, now: dt.datetime
) -> str:
    """The whole file, as its owner gets it."""
    head = {"store": store_id, "exported_at": now.isoformat()}
    found = head | exported(session, sealer, dossier)
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def exported(session: Session, sealer: Sealer, dossier: Dossier) -> dict[str, object]:
    """The dossier whole, with all that a page leaves out."""
    own = _own_devices(session, dossier)
    return {
        "account": {"kind": dossier.account.kind, "value": dossier.account.value},
        "member": _member(session, dossier),
        "consents": [
            _plain(each, "purpose", "language", "wording_version", "given_at")
            | _plain(each, "withdrawn_at", "withdrawn_via")
            for each in dossier.consents
        ],
        "devices": [
            {"address": each.mac.text()}
            | _plain(each.device, "randomised", "first_seen_at", "last_seen_at")
            for each in dossier.phones
        ],
        "sessions": [_stay(each) for each in dossier.stays],
        "logins": _logins(session, sealer, dossier),
        "codes_sent": [
            _plain(each, "sent_at", "state", "carrier")
            for each in _rows(session, CodeSend, CodeSend.account_lookup.in_(dossier.lookups))
        ],
        "temporary_passes": [
            _plain(each, "kind", "started_at", "expires_at", "opened_at", "ended_at", "end_cause")
            for each in _rows(session, TemporaryPass, TemporaryPass.device_id.in_(own))
        ],
        "came_by": [
            {"source": session.get_one(Source, each.source_id).name}
            | _plain(each, "since", "entered_at", "until")
            for each in _rows(session, DeviceSource, DeviceSource.device_id.in_(own))
        ],
        "sent_to_crm": [
            _plain(each, "type", "occurred_at", "state", "sent_at") for each in dossier.news
        ],
    }


def _member(session: Session, dossier: Dossier) -> dict[str, object] | None:
    member = dossier.member
    if member is None:
        return None
    coupons = _rows(session, Coupon, Coupon.member_id == member.id)
    groups = _rows(session, GroupMember, GroupMember.member_id == member.id)
    turns = _rows(session, SurveyTurn, SurveyTurn.member_id == member.id)
    sources = _rows(session, MemberSource, MemberSource.member_id == member.id)
    return _plain(member, "public_id", "language", "enrolled_at", "version") | {
        "keys": [
            {"kind": key.kind, "value": key.account.value} | _plain(key, "verified_at", "bound_at")
            for key in dossier.keys
        ],
        "coupons": [
            {"campaign": session.get_one(Campaign, each.campaign_id).name}
            | _plain(each, "code", "issued_at", "expires_at", "used_at")
            for each in coupons
        ],
        "brought_by": [
            {"source": session.get_one(Source, each.source_id).name}
            | _plain(each, "since", "entered_at", "protected_until", "until")
            for each in sources
        ],
        "last_visit": [
            _plain(each, "started_at", "last_at")
            for each in _rows(session, MemberVisit, MemberVisit.member_id == member.id)
        ],
        "told_to_crm": [
            _plain(each, "told_of", "purpose", "happened_at", "confirmed_at")
            for each in _rows(session, CrmProof, CrmProof.member == member.public_id)
        ],
        "groups": [session.get_one(MemberGroup, each.group_id).name for each in groups],
        "surveys_answered": [session.get_one(Survey, each.survey_id).question for each in turns],
    }


def _stay(stay: Stay) -> dict[str, object]:
    return {"account": stay.account.value if stay.account else None} | _plain(
        stay.grant,
        "started_at",
        "expires_at",
        "ended_at",
        "end_cause",
        "bytes_up",
        "bytes_down",
        "last_active_at",
    )


def _logins(session: Session, sealer: Sealer, dossier: Dossier) -> list[dict[str, object]]:
    return [
        {"keys": json.loads(sealer.open(logins.KEYS, each.sealed_keys)) if each.sealed_keys else {}}
        | _plain(each, "way", "serves", "state", "language")
        | _plain(each, "started_at", "verified_at", "number_proven_at")
        for each in _rows(session, Login, Login.account_lookup.in_(dossier.lookups))
    ]


def _own_devices(session: Session, dossier: Dossier) -> Sequence[int]:
    """Of the phones, those that nobody else has ever logged in with."""
    ids = [each.device.id for each in dossier.phones]
    others = sa.select(Login.device_id).where(
        Login.device_id.in_(ids),
        Login.account_lookup.is_not(None),
        Login.account_lookup.not_in(dossier.lookups),
    )
    taken = set(session.scalars(others))
    return [each for each in ids if each not in taken]


def _rows(session: Session, table: type[_Row], mine: sa.ColumnElement[bool]) -> Sequence[_Row]:
    return session.scalars(sa.select(table).where(mine)).all()


def _plain(row: object, *names: str) -> dict[str, object]:
    return {name: _value(getattr(row, name)) for name in names}


def _value(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value.value if isinstance(value, enum.Enum) else value
