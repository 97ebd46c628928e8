"""Which stores a page is about: those that its user may see, and of them those asked for."""

import dataclasses
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.database import Database
from hq.models.store import Store
from hq.models.user_region import UserRegion

NO_REGION = "-"
"""Asks for the stores that are in none."""
_LONGEST_NAME = 80


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    region: str | None = None
    """None: every region. Empty: the stores that are in none."""
    name: str = ""
    """A part of a store's name or id, whatever its capitals. Empty: any."""
    is_bound: bool = False
    """Whether the region is the user's own, beside which they may see none."""

    @property
    def is_whole(self) -> bool:
        """Whether it is every store there is."""
        return self.region is None and not self.name

    def arguments(self) -> dict[str, str]:
        """What an address says to ask for it again."""
        found = {} if self.region is None or self.is_bound else {"region": self.asked_region}
        return found | ({"name": self.name} if self.name else {})

    @property
    def asked_region(self) -> str:
        return "" if self.region is None else self.region or NO_REGION

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Of the stores within, for a query that has `Store`."""
        found: list[sa.ColumnElement[bool]] = []
        if self.region is not None:
            found.append(Store.region == self.region)
        if self.name:
            part = self.name.lower()
            found.append(
                sa.or_(
                    sa.func.lower(Store.name).contains(part, autoescape=True),
                    Store.id.contains(part, autoescape=True),
                )
            )
        return found

    def within(self, store_id: sa.SQLColumnExpression[str]) -> list[sa.ColumnElement[bool]]:
        """The same, for a query that has only the stores' ids."""
        if self.is_whole:
            return []
        return [store_id.in_(sa.select(Store.id).where(*self.conditions()))]


def read(asked: Mapping[str, str], own_region: str | None) -> Scope:
    """The stores that a query asks for, as far as a user of `own_region` may see them."""
    name = asked.get("name", "").strip()[:_LONGEST_NAME]
    if own_region is not None:
        return Scope(own_region, name, is_bound=True)
    region = asked.get("region", "")
    if not region:
        return Scope(None, name)
    return Scope("" if region == NO_REGION else region, name)


def region_of(session: Session, user_id: int) -> str | None:
    """The one region that a user may see; None: all."""
    return session.scalar(sa.select(UserRegion.region).where(UserRegion.user_id == user_id))


def bind(database: Database, user_id: int, region: str | None) -> None:
    """Let a user see the stores of one region alone; None: of all."""
    with database.writing() as session:
        session.execute(sa.delete(UserRegion).where(UserRegion.user_id == user_id))
        if region is not None:
            row = {"user_id": user_id, "region": region}
            session.execute(sa.insert(UserRegion).values(row))


def regions(session: Session) -> Sequence[str]:
    """All there are, by name; the empty one, of stores in none, is the last."""
    found = session.scalars(sa.select(Store.region).distinct().order_by(Store.region)).all()
    return sorted(found, key=lambda region: (not region, region))


def count(session: Session, scope: Scope) -> int:
    wanted = sa.select(sa.func.count()).select_from(Store).where(*scope.conditions())
    return session.scalar(wanted) or 0
