"""Who of the stores' members is one person, written down, and what follows for the CRM.

It is found out anew each time from all that hangs together with what was just told: the same
news gives the same people, whichever came first. A person keeps the id under which the CRM knows
them; of two who turn out to be one, who enrolled first stays.
"""

import collections
import contextlib
import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
import ulid
from sqlalchemy.orm import Session, selectinload

from core.models.identity import IdentityKind
from core.sealing import SealBrokenError, Sealer
from hq import erasures, followers
from hq.intake import chain_news, parking, people
from hq.intake.people import Key, Person, Unit
from hq.models.chain import VALUE, ChainIdentity, ChainLink, ChainMember


@dataclasses.dataclass(frozen=True, slots=True)
class Settling:
    """One go, in the transaction of what was told."""

    session: Session
    sealer: Sealer
    store_id: str
    """The store that told."""
    now: dt.datetime

    def settle(self, told: Collection[ChainLink]) -> None:
        """Write down who is who, after these were told of, and tell the CRM what has changed."""
        if not told:
            return
        self.session.flush()
        found = _hanging_together(self.session, {link.id for link in told})
        roots = {_name(link): link for link in found if link.into_id is None}
        merged = collections.defaultdict(list)
        for link in found:
            merged[_name(_root(link))].append(link)
        persons = people.told_apart([_unit(name, links) for name, links in merged.items()])
        persons.sort(key=lambda person: (roots[person.units[0]].enrolled_at, person.units))
        theirs = [[link for name in person.units for link in merged[name]] for person in persons]
        for person, links in zip(persons, theirs, strict=True):
            if person.erased_at:
                self._forget(links, person.erased_at)
        living = [
            (person, links)
            for person, links in zip(persons, theirs, strict=True)
            if not person.erased_at
        ]
        gone = self._assign([links for _, links in living])
        for person, links in living:
            self._tell(person, links, gone)

    def _assign(
        self, living: Sequence[Sequence[ChainLink]]
    ) -> Mapping[ChainMember, Sequence[ChainMember]]:
        """Give each person, by their links, a member of the chain; whom those have absorbed."""
        taken: set[ChainMember] = set()
        before: list[tuple[ChainMember, list[ChainMember]]] = []
        for links in living:
            known = {link.member for link in links if link.member}
            eldest = sorted(known, key=lambda each: (each.enrolled_at, each.public_id))
            mine = next((each for each in eldest if each not in taken), None)
            if mine is None:
                mine = ChainMember(public_id=str(ulid.ULID()), enrolled_at=self.now, version=0)
                self.session.add(mine)
            taken.add(mine)
            before.append((mine, eldest))
            mine.enrolled_at = min(link.enrolled_at for link in links)
            for link in links:
                link.member = mine
        self.session.flush()
        gone = {}
        for mine, eldest in before:
            gone[mine] = [each for each in eldest if each not in taken]
            taken.update(eldest)
        return gone

    def _tell(
        self,
        person: Person,
        links: Sequence[ChainLink],
        absorbed: Mapping[ChainMember, Sequence[ChainMember]],
    ) -> None:
        member = links[0].member
        if member is None:
            return
        news = chain_news.News(self.session, self.sealer, self.store_id, self.now)
        gone = absorbed[member]
        if gone:
            member.version = max(member.version, *(each.version for each in gone))
            news.merged(member, gone)
        for each in gone:
            self.session.delete(each)
        news.changed(member, [link for link in links if link.into_id is None], person.keys)

    def _unbind(self, store_id: str, row: ChainIdentity) -> None:
        if row.kind is not IdentityKind.OPENID or not row.sealed_value:
            return
        # Without its key nobody can say whose it is: it stays until they unfollow.
        with contextlib.suppress(SealBrokenError):
            account = self.sealer.open(VALUE, row.sealed_value).decode()
            followers.unbind(self.session, self.sealer, store_id, account)

    def _forget(self, links: Sequence[ChainLink], erased_at: dt.datetime) -> None:
        """Keep nothing of a person but ids and blind indexes, here and in the other stores."""
        members = {link.member.id: link.member for link in links if link.member}
        told = [(link.erased_at, link.store_id) for link in links if link.erased_at]
        _, told_by = min(told)
        for link in links:
            if not link.is_erased and link.erased_at is None:
                who = (link.store_id, link.store_member)
                erasures.order(self.session, *who, told_by=told_by, now=self.now)
            # For good, even if late news would have told them apart from who was erased.
            link.is_erased, link.erased_at = True, link.erased_at or erased_at
            link.member = None
            link.consents, link.sealed_attribution = {}, None
            for row in link.identities:
                self._unbind(link.store_id, row)
                row.sealed_value = b""
        for store_id in {link.store_id for link in links}:
            of_store = {link.store_member for link in links if link.store_id == store_id}
            parking.forget(self.session, store_id, of_store)
        self.session.flush()
        kept = sa.select(ChainLink.member_id).where(ChainLink.member_id.in_(members))
        news = chain_news.News(self.session, self.sealer, self.store_id, self.now)
        for number in members.keys() - set(self.session.scalars(kept)):
            news.erased(members[number], erased_at)
            self.session.delete(members[number])


def _hanging_together(session: Session, ids: Collection[int]) -> list[ChainLink]:
    """These links, and all that a chain of common keys or mergers leads to."""
    seen: dict[int, ChainLink] = {}
    wanted = set(ids)
    while wanted:
        query = (
            sa.select(ChainLink)
            .where(sa.or_(ChainLink.id.in_(wanted), ChainLink.into_id.in_(wanted)))
            .options(
                selectinload(ChainLink.identities),
                selectinload(ChainLink.member),
                selectinload(ChainLink.into),
            )
        )
        new = {link.id: link for link in session.scalars(query) if link.id not in seen}
        seen |= new
        lookups = {row.lookup for link in new.values() for row in link.identities}
        sharing = sa.select(ChainIdentity.link_id).where(ChainIdentity.lookup.in_(lookups))
        wanted = set(session.scalars(sharing)) if lookups else set()
        wanted |= {link.into_id for link in new.values() if link.into_id is not None}
        wanted -= seen.keys()
    return list(seen.values())


def _unit(name: str, links: Sequence[ChainLink]) -> Unit:
    """A member of a store, with whom that store has merged into them."""
    keys = [
        Key((row.kind, row.lookup), row.first_at, row.bound_at, row.gone_at)
        for link in links
        for row in link.identities
    ]
    erasures_told = [link.erased_at for link in links if link.erased_at]
    return Unit(
        name,
        min(link.enrolled_at for link in links),
        tuple(sorted(keys, key=lambda key: (key.name, key.first_at))),
        min(erasures_told, default=None),
    )


def _root(link: ChainLink) -> ChainLink:
    while link.into is not None:
        link = link.into
    return link


def _name(link: ChainLink) -> str:
    return f"{link.store_id}/{link.store_member}"
