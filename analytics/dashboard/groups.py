"""Lists of members made by hand, for campaigns. No Flask."""

import dataclasses
import datetime as dt

import sqlalchemy as sa

from core.database import Database
from core.models.identity import Identity, IdentityKind
from core.models.member_group import GroupMember, MemberGroup
from core.phone_number import InvalidPhoneNumberError, PhoneNumber
from core.sealing import Sealer

LONGEST_NAME = 80
MOST_NUMBERS = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class GroupLine:
    group: MemberGroup
    members: int
    """Whoever made the list knows who is on it: nothing to withhold."""


def lines(database: Database) -> list[GroupLine]:
    with database.reading() as session:
        found = session.execute(
            sa.select(MemberGroup, sa.func.count(GroupMember.member_id))
            .outerjoin(GroupMember, GroupMember.group_id == MemberGroup.id)
            .group_by(MemberGroup.id)
            .order_by(MemberGroup.name)
        ).all()
    return [GroupLine(group, count) for group, count in found]


def extend(
    database: Database,
    sealer: Sealer,
    name: str,
    typed: str,
    *,
    countries: tuple[str, ...],
    now: dt.datetime,
) -> int | None:
    """Put the members of these telephone numbers on a list, which is made if it is not there.

    Returns:
        How many numbers were no member's; None if the name or the numbers cannot be used.
    """
    name = " ".join(name.split())
    numbers = list(dict.fromkeys(each for line in typed.splitlines() if (each := line.strip())))
    if not 1 <= len(name) <= LONGEST_NAME or not 1 <= len(numbers) <= MOST_NUMBERS:
        return None
    lookups = [lookup for each in numbers if (lookup := _lookup(sealer, each, countries))]
    with database.writing() as session:
        group = session.scalar(sa.select(MemberGroup).where(MemberGroup.name == name))
        if group is None:
            group = MemberGroup(name=name, created_at=now)
            session.add(group)
            session.flush()
        rows = session.execute(
            sa.select(Identity.lookup, Identity.member_id).where(
                Identity.kind == IdentityKind.PHONE, Identity.lookup.in_(lookups)
            )
        )
        found = {row.lookup: row.member_id for row in rows}
        there = sa.select(GroupMember.member_id).where(GroupMember.group_id == group.id)
        new = set(found.values()) - set(session.scalars(there))
        session.add_all(GroupMember(group_id=group.id, member_id=each) for each in sorted(new))
    return len(numbers) - len(found)


def remove(database: Database, number: int) -> None:
    """Delete a list. A campaign for it is shown to nobody from then on."""
    with database.writing() as session:
        group = session.get(MemberGroup, number)
        if group is not None:
            session.delete(group)


def _lookup(sealer: Sealer, typed: str, countries: tuple[str, ...]) -> bytes | None:
    try:
        number = PhoneNumber.parse(typed[:32], countries)
    except InvalidPhoneNumberError:
        return None
    return sealer.lookup(IdentityKind.PHONE, number.e164().encode())
