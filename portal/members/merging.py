"""Makes room before what is one member's becomes another's.

Of some things a member has one at most: an attribution, a coupon of each campaign, a turn at
a survey. Where both have one, the older member's stays, but for a coupon that was used: it
was used by the person, so they have had theirs.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from core.models.coupon import Coupon


def make_room(
    session: Session, table: sa.Table, column: "sa.Column[int]", *, stays: int, goes: int
) -> None:
    """Delete the rows that member `stays` and member `goes` could not both keep as one."""
    if table.name == Coupon.__tablename__:
        _keep_used_coupons(session, stays=stays, goes=goes)
    for key in table.constraints:
        if not isinstance(key, sa.UniqueConstraint | sa.PrimaryKeyConstraint):
            continue
        if column.name not in key.columns:
            continue
        theirs = table.alias()
        rest = [each for each in key.columns if each.name != column.name]
        twin = sa.exists().where(
            theirs.c[column.name] == stays, *(theirs.c[each.name] == each for each in rest)
        )
        session.execute(sa.delete(table).where(column == goes, twin))


def _keep_used_coupons(session: Session, *, stays: int, goes: int) -> None:
    used = aliased(Coupon)
    twin = sa.exists().where(
        used.member_id == goes, used.campaign_id == Coupon.campaign_id, used.used_at.is_not(None)
    )
    session.execute(
        sa.delete(Coupon)
        .where(Coupon.member_id == stays, Coupon.used_at.is_(None), twin)
        .execution_options(synchronize_session=False)
    )
