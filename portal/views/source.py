"""Remembers the QR code of a sales guide or poster that led here."""

from flask import request

from core.models.member import Member
from portal import devices
from portal.views.extras import member_id_of
from portal.visitor import Visitor, wired


def enter_by_source(visitor: Visitor) -> bool:
    """Remember the QR code that the address holds; whether it is one of ours."""
    parts, member_id = wired(), member_id_of(visitor)
    code = request.args.get("from", "")
    with parts.database.reading() as session:
        source = parts.source_desk.find(session, code)
    if source is None:
        return False
    with parts.database.writing() as session:
        device = devices.find_or_make(session, parts.sealer, visitor.mac, visitor.now)
        parts.source_desk.enter(session, device, source, visitor.now)
        member = session.get(Member, member_id) if member_id else None
        if member is not None:
            parts.source_desk.put_down(session, device.id, member, visitor.now)
    return True
