"""What the chain's CRM is told: events about members of the chain, and the stores' figures.

Members' news has no source of its own, so that it is sent in order whichever store told; the
`store` in it names that store. The stores' figures go on as they came.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from core import erasure, outbox
from core.events import unsent
from core.models.consent import Purpose
from core.models.identity import IdentityKind
from core.outbox import EventType
from core.sealing import Sealer
from hq.intake.links import attribution
from hq.intake.people import Name
from hq.models.chain import VALUE, ChainIdentity, ChainLink, ChainMember


@dataclasses.dataclass(frozen=True, slots=True)
class News:
    """Queued in the transaction of what it tells of."""

    session: Session
    sealer: Sealer
    store_id: str
    """The store that told."""
    now: dt.datetime

    def changed(
        self, member: ChainMember, links: Sequence[ChainLink], keys: Collection[Name]
    ) -> None:
        """The person as they are now, whole, if the CRM was told otherwise."""
        data = {
            **_keys(self.sealer, links, keys),
            "language": next((link.language for link in links if link.language), ""),
            "enrolled_at": member.enrolled_at.isoformat(),
            "consents": _agreed(links),
        }
        told = self._digest(data)
        if told != member.told:
            kind = EventType.MEMBER_UPDATED if member.told else EventType.MEMBER_ENROLLED
            if member.told:
                unsent.correct(self.session, self.sealer, member.public_id, data)
            member.told = told
            self.about(member, kind, data, self.now)
        self._attribution(member, links)

    def merged(self, member: ChainMember, gone: Sequence[ChainMember]) -> None:
        absorbed = sorted(each.public_id for each in gone)
        self.about(member, EventType.MEMBER_MERGED, {"absorbed": absorbed}, self.now)

    def erased(self, member: ChainMember, erased_at: dt.datetime) -> None:
        """Forget what waits, and leave a tombstone if the CRM may have heard of them."""
        ids, _ = erasure.forget_news(self.session, self.sealer, member.public_id)
        if member.version:
            absorbed = sorted(ids - {member.public_id})
            data = {"absorbed": absorbed, "erased_at": erased_at.isoformat()}
            self.about(member, EventType.MEMBER_ERASED, data, self.now)

    def withdrawn(self, member: ChainMember, purpose: str) -> None:
        """Take back what waits and rests on what the person no longer agrees to."""
        unsent.withdraw(self.session, self.sealer, member.public_id, Purpose(purpose))

    def about(
        self, member: ChainMember, kind: str, data: Mapping[str, Any], at: dt.datetime
    ) -> None:
        """One event about a member of the chain, with a greater version than the one before."""
        member.version += 1
        known = {"member": member.public_id, "store": self.store_id, "version": member.version}
        self.pass_on(kind, member.public_id, {**data, **known}, at, source="")

    def pass_on(
        self, kind: str, subject: str, data: Mapping[str, Any], at: dt.datetime, source: str
    ) -> None:
        """As it came; what says all of its subject takes the place of what waits."""
        outbox.add(
            self.session,
            self.sealer,
            EventType(kind),
            subject=subject,
            data=data,
            now=self.now,
            source=source,
            occurred_at=at,
        )

    def _attribution(self, member: ChainMember, links: Sequence[ChainLink]) -> None:
        """Who brought the person: by the store where that was last."""
        said = [each for link in links if (each := attribution(self.sealer, link))]
        if not said:
            return
        newest = max(said, key=lambda each: (each["since"], json.dumps(each, sort_keys=True)))
        told = self._digest(newest)
        if told != member.told_attribution:
            member.told_attribution = told
            self.about(member, EventType.ATTRIBUTION_CHANGED, newest, self.now)

    def _digest(self, data: Mapping[str, Any]) -> bytes:
        return self.sealer.lookup("chain_told", json.dumps(data, sort_keys=True).encode())


def _keys(sealer: Sealer, links: Sequence[ChainLink], keys: Collection[Name]) -> dict[str, object]:
    """How the person can be known: of several numbers or addresses, the one proven last."""
    rows = [
        row
        for link in links
        for row in link.identities
        if row.gone_at is None and (row.kind, row.lookup) in keys
    ]
    of_kind: dict[IdentityKind, list[ChainIdentity]] = {kind: [] for kind in IdentityKind}
    for row in sorted(rows, key=lambda row: (row.verified_at, row.lookup)):
        of_kind[row.kind].append(row)
    phone, email = of_kind[IdentityKind.PHONE], of_kind[IdentityKind.EMAIL]
    unionids = {_value(sealer, row) for row in of_kind[IdentityKind.UNIONID]}
    return {
        **_passing(sealer, "phone", phone),
        **_passing(sealer, "email", email),
        "unionid": min(unionids, default=None),
        "openids": sorted({_value(sealer, row) for row in of_kind[IdentityKind.OPENID]}),
    }


def _passing(sealer: Sealer, name: str, rows: Sequence[ChainIdentity]) -> dict[str, object]:
    if not rows:
        return {name: None, f"{name}_verified_at": None, f"{name}_bound_at": None}
    newest = rows[-1]
    bound = [row.bound_at for row in rows if row.lookup == newest.lookup and row.bound_at]
    return {
        name: _value(sealer, newest),
        f"{name}_verified_at": newest.verified_at.isoformat(),
        f"{name}_bound_at": max(bound).isoformat() if bound else None,
    }


def _value(sealer: Sealer, row: ChainIdentity) -> str:
    return sealer.open(VALUE, row.sealed_value).decode()


def _agreed(links: Sequence[ChainLink]) -> list[str]:
    """What the person agrees to: of each purpose, what they said last, in whatever store."""
    said: dict[str, tuple[dt.datetime, bool]] = {}
    for link in links:
        for purpose, (is_given, since) in link.consents.items():
            # Said at the same time, the refusal stands.
            told = (dt.datetime.fromisoformat(str(since)), not is_given)
            said[purpose] = max(said.get(purpose, told), told)
    return sorted(purpose for purpose, (_, is_refused) in said.items() if not is_refused)
