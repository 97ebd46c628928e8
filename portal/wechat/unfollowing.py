"""Forgets by which WeChat account a member is known, once they no longer follow it.

Whoever is known by nothing else is forgotten altogether (`core.erasure`).
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import erasure
from core.database import Database
from core.members import consent_news, consents, member_news
from core.models.consent import Purpose, Via
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.sealing import Sealer
from portal.wechat.shape import WechatRelay, WechatWithdrawal


def heed(
    database: Database, sealer: Sealer, relay: WechatRelay, store_id: str, now: dt.datetime
) -> int:
    """Do what those who have unfollowed may expect; how many members it was about.

    May raise RelayError: the relay tells again of all that it was not told to be done.
    """
    count = 0
    done: list[int] = []
    while waiting := relay.withdrawals(done, now):
        for each in waiting:
            with database.writing() as session:
                count += _heed(session, sealer, each, store_id, now)
        done = [each.number for each in waiting]
    return count


def _heed(
    session: Session,
    sealer: Sealer,
    withdrawal: WechatWithdrawal,
    store_id: str,
    now: dt.datetime,
) -> bool:
    lookup = sealer.lookup(IdentityKind.OPENID, f"{withdrawal.app_id}:{withdrawal.openid}".encode())
    identity = session.scalar(
        sa.select(Identity)
        .where(Identity.kind == IdentityKind.OPENID, Identity.lookup == lookup)
        .with_for_update()
    )
    # Who has logged in by it since has followed again.
    if identity is None or identity.verified_at > withdrawal.withdrawn_at:
        return False
    member = session.get_one(Member, identity.member_id, with_for_update=True)
    others = sa.select(Identity.id).where(
        Identity.member_id == member.id, Identity.id != identity.id
    )
    if session.scalar(others.limit(1)) is None:
        # Nobody could ever prove to be this member again: to see, to correct, to erase.
        erasure.erase(session, sealer, member.public_id, store_id=store_id, now=now)
        return True
    session.delete(identity)
    agreed = consents.of_member(session, member)
    ended = consents.withdraw(agreed, Purpose.MARKETING, Via.WECHAT, withdrawal.withdrawn_at)
    member_news.changed(
        session,
        sealer,
        member,
        is_new=False,
        purposes=consents.purposes(each for each in agreed if each.withdrawn_at is None),
        store_id=store_id,
        now=now,
    )
    if ended:
        consent_news.withdrawn(session, sealer, member, ended, store_id=store_id, now=now)
    return True
