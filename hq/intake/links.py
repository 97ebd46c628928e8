"""What stores have told of their members, each by itself: keys, consents, mergers, erasures.

Whose events come in which order between stores makes no difference here, since a store's member is
told of by that store alone, and in order. Who is one person is found out in `hq.intake.people`.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from core.models.identity import IdentityKind
from core.one_member import LASTING
from core.outbox import EventType
from core.sealing import Sealer
from hq.intake.people import Name
from hq.models.chain import ATTRIBUTION, VALUE, ChainIdentity, ChainLink


class Links:
    """The members of one store that a number of events are about, loaded at once."""

    def __init__(
        self, session: Session, sealer: Sealer, store_id: str, members: Collection[str]
    ) -> None:
        self._session, self._sealer, self._store_id = session, sealer, store_id
        wanted = (
            sa.select(ChainLink)
            .where(ChainLink.store_id == store_id, ChainLink.store_member.in_(members))
            .options(selectinload(ChainLink.identities))
        )
        self._links = {link.store_member: link for link in session.scalars(wanted)}
        self.met: set[str] = set()
        """Who was not known before."""

    def find(self, member: str) -> ChainLink | None:
        """The link of a member, or of whom the store has merged them into."""
        link = self._links.get(member)
        while link is not None and link.into is not None:
            link = link.into
        return link

    def take_member(self, data: Mapping[str, Any], at: dt.datetime) -> ChainLink:
        """A member, whole (`core.events.of_members.Member`)."""
        enrolled_at = moment(data["enrolled_at"], at)
        known = self._links.get(data["member"])
        link = known or self._met(data["member"], enrolled_at)
        link.enrolled_at = min(link.enrolled_at, enrolled_at)
        is_newest = data["version"] > link.state_version
        rows = {(row.kind, row.lookup): row for row in link.identities}
        told = dict(self._keys(data, at if known else enrolled_at, at))
        for name, row in told.items():
            if name not in rows:
                link.identities.append(row)
            else:
                _joined(rows[name], row, is_newest=is_newest)
        if is_newest:
            for name in rows.keys() - told.keys():
                rows[name].gone_at = rows[name].gone_at or at
                rows[name].sealed_value = b""
            # Told of for the first time, they may have agreed long ago: no yes counts as newer.
            since = at if link.state_version else link.enrolled_at
            link.state_version, link.language = data["version"], data["language"]
            self._agree(link, set(data["consents"]), since)
        return link

    def take_more(
        self, link: ChainLink, kind: str, data: Mapping[str, Any], at: dt.datetime
    ) -> None:
        """What else is told of a member who is known."""
        match kind:
            case EventType.CONSENT_GIVEN:
                self._take_consent(link, data, "given_at", at)
            case EventType.CONSENT_WITHDRAWN:
                self._take_consent(link, data, "withdrawn_at", at)
            case EventType.MEMBER_MERGED:
                for member in data["absorbed"]:
                    other = self._links.get(member) or self._met(member, at)
                    if other is not link:
                        other.into = link
            case EventType.ATTRIBUTION_CHANGED:
                self._take_attribution(link, data)

    def take_tombstone(self, data: Mapping[str, Any], at: dt.datetime) -> list[ChainLink]:
        erased_at = moment(data["erased_at"], at)
        links = []
        for member in (data["member"], *data["absorbed"]):
            link = self._links.get(member) or self._met(member, erased_at)
            link.erased_at = link.erased_at or erased_at
            links.append(link)
        return links

    def _take_consent(
        self, link: ChainLink, data: Mapping[str, Any], since: str, at: dt.datetime
    ) -> None:
        if data["version"] > link.state_version:
            link.state_version = data["version"]
            said = [since == "given_at", moment(data[since], at).isoformat()]
            link.consents = {**link.consents, data["purpose"]: said}

    def _take_attribution(self, link: ChainLink, data: Mapping[str, Any]) -> None:
        """Who brought them, if that is newer than what is known."""
        said = {name: data[name] for name in ("source", "since", "until")}
        before = attribution(self._sealer, link)
        if not before or said["since"] > before["since"]:
            body = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
            link.sealed_attribution = self._sealer.seal(ATTRIBUTION, body)

    def _met(self, member: str, enrolled_at: dt.datetime) -> ChainLink:
        link = ChainLink(
            store_id=self._store_id,
            store_member=member,
            enrolled_at=enrolled_at,
            version=0,
            state_version=0,
            language="",
            consents={},
            is_erased=False,
        )
        self._session.add(link)
        self._links[member] = link
        self.met.add(member)
        return link

    def _agree(self, link: ChainLink, purposes: set[str], at: dt.datetime) -> None:
        """What a member agrees to by now: where that is new, since `at`."""
        known = {purpose for purpose, (is_given, _) in link.consents.items() if is_given}
        said = {purpose: [True, at.isoformat()] for purpose in purposes - known}
        said |= {purpose: [False, at.isoformat()] for purpose in known - purposes}
        link.consents = {**link.consents, **said}

    def _keys(
        self, data: Mapping[str, Any], since: dt.datetime, at: dt.datetime
    ) -> Iterator[tuple[Name, ChainIdentity]]:
        for kind in (IdentityKind.PHONE, IdentityKind.EMAIL):
            if data[kind]:
                verified_at = moment(data[f"{kind}_verified_at"] or since.isoformat(), at)
                bound = data[f"{kind}_bound_at"]
                bound_at = moment(bound, at) if bound else None
                yield self._key(kind, data[kind], verified_at, bound_at)
        if data["unionid"]:
            yield self._key(IdentityKind.UNIONID, data["unionid"], since)
        for openid in data["openids"]:
            yield self._key(IdentityKind.OPENID, openid, since)

    def _key(
        self,
        kind: IdentityKind,
        value: str,
        verified_at: dt.datetime,
        bound_at: dt.datetime | None = None,
    ) -> tuple[Name, ChainIdentity]:
        lookup = self._sealer.lookup(kind, value.encode())
        row = ChainIdentity(
            kind=kind,
            lookup=lookup,
            sealed_value=self._sealer.seal(VALUE, value.encode()),
            first_at=min(verified_at, bound_at or verified_at),
            verified_at=verified_at,
            bound_at=bound_at,
        )
        return (kind, lookup), row


def attribution(sealer: Sealer, link: ChainLink) -> dict[str, Any] | None:
    if not link.sealed_attribution:
        return None
    said: dict[str, Any] = json.loads(sealer.open(ATTRIBUTION, link.sealed_attribution))
    return said


def moment(text: str, latest: dt.datetime) -> dt.datetime:
    """A time that a store tells; one that has not come yet is of a wrong clock."""
    return min(dt.datetime.fromisoformat(text), latest)


def _joined(row: ChainIdentity, told: ChainIdentity, *, is_newest: bool) -> None:
    row.first_at = min(row.first_at, told.first_at)
    if row.kind not in LASTING:
        row.verified_at = max(row.verified_at, told.verified_at)
    if told.bound_at:
        row.bound_at = max(row.bound_at or told.bound_at, told.bound_at)
    if is_newest:
        row.gone_at, row.sealed_value = None, told.sealed_value
