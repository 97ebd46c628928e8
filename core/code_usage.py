"""Whether the codes that are sent are also used. Somebody who pumps SMS uses none of them."""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.code_send import CodeSend, SendState
from core.models.login import Login, LoginWay

_SPAN = dt.timedelta(hours=1)
# A shopper has this long to type the code before the login counts as unused.
_GRACE = dt.timedelta(minutes=10)
# Fewer logins say nothing about a share.
_LEAST = 20


@dataclasses.dataclass(frozen=True, slots=True)
class CodeUsage:
    """Of logins by text message that began within an hour, and ten minutes ago or earlier."""

    begun: int
    verified: int
    lost: int
    """Messages that did not arrive, by their carriers' word."""

    def is_low(self, alarm_below_percent: int) -> bool:
        """Whether so few codes were used that somebody should look."""
        return self.begun >= _LEAST and self.verified * 100 < alarm_below_percent * self.begun


def measure(session: Session, now: dt.datetime) -> CodeUsage:
    until = now - _GRACE
    in_span = Login.started_at.between(until - _SPAN, until)
    begun, verified = session.execute(
        sa.select(sa.func.count(), sa.func.count(Login.verified_at)).where(
            in_span, Login.way == LoginWay.SMS
        )
    ).one()
    lost = session.scalar(
        sa.select(sa.func.count()).where(
            CodeSend.state == SendState.LOST, CodeSend.sent_at.between(until - _SPAN, until)
        )
    )
    return CodeUsage(begun, verified, lost or 0)
