"""The line to stores: their heartbeat, versions for them, whom to erase, whose consent to end
(`core.headquarters`).
"""

import base64
import hashlib
from typing import Annotated

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core import headquarters
from hq import anchors, erasures, heartbeats, published, question, withdrawal_orders
from hq.heartbeats import Heartbeat
from hq.parts import wired
from hq.question import Question

bp = Blueprint("line", __name__)

_Word = Annotated[str, Field(pattern=r"^[a-z_]{0,32}$")]
# As packages write it; what is more than a number (a pre-release) follows the numbers.
_Version = Annotated[
    str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){1,3}[0-9a-z.+-]{0,16}$", max_length=32)
]
_Count = Annotated[int, Field(ge=0, lt=2**31)]
_OrderNumber = Annotated[int, Field(ge=0, lt=2**63)]


class _Sensor(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Annotated[str, Field(max_length=64)]
    state: _Word


class _Heartbeat(Question):
    # A store of a newer version says more.
    model_config = ConfigDict(extra="ignore", frozen=True)

    told_at: AwareDatetime
    version: _Version
    outbox_waiting: _Count
    outbox_oldest_at: AwareDatetime | None
    outbox_parked: _Count
    certificate_until: AwareDatetime | None
    sensors: Annotated[list[_Sensor], Field(max_length=64)]
    sensor_state: _Word | None
    pushed_version: _Count | None
    is_pinned: bool
    pushed_trouble: _Word


class _Pushed(Question):
    pass


class _Erasures(Question):
    done: Annotated[list[_OrderNumber], Field(max_length=erasures.MOST)]


class _Withdrawals(Question):
    done: Annotated[list[_OrderNumber], Field(max_length=withdrawal_orders.MOST)]


class _Anchor(Question):
    number: Annotated[int, Field(ge=1, lt=2**63)]
    hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@bp.post(headquarters.HEARTBEAT)
def heartbeat() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Heartbeat)
    told = asked.model_dump(exclude={"to", "sensors"})
    sensors = [(each.name, each.state) for each in asked.sensors]
    with parts.database.writing() as session:
        heartbeats.keep(session, store.id, Heartbeat(sensors=sensors, **told), now)
        newest = published.fetch(session, store.id)
        return {
            "newest": newest and newest.number,
            "digest": newest and hashlib.sha256(newest.document).hexdigest(),
            "erasures": erasures.count_waiting(session, store.id),
            "marketing_withdrawals": withdrawal_orders.count_waiting(session, store.id),
        }


@bp.post(headquarters.PUSHED)
def pushed() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, _ = question.take(parts, now, _Pushed)
    with parts.database.reading() as session:
        found = published.fetch(session, store.id)
    if found is None:
        return {"document": None}
    return {
        "document": base64.b64encode(found.document).decode(),
        "signature": base64.b64encode(found.signature).decode(),
    }


@bp.post(headquarters.ERASURES)
def erasure_orders() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Erasures)
    with parts.database.writing() as session:
        erasures.settle(session, store.id, asked.done, now)
        waiting = erasures.waiting(session, store.id)
    return {"orders": [{"number": each.number, "member": each.member} for each in waiting]}


@bp.post(headquarters.MARKETING_WITHDRAWALS)
def marketing_withdrawals() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Withdrawals)
    with parts.database.writing() as session:
        withdrawal_orders.settle(session, store.id, asked.done, now)
        waiting = withdrawal_orders.waiting(session, store.id)
    orders = [(each.number, each.member, each.withdrawn_at.isoformat()) for each in waiting]
    named = ("number", "member", "withdrawn_at")
    return {"orders": [dict(zip(named, each, strict=True)) for each in orders]}


@bp.post(headquarters.ANCHOR)
def anchor() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Anchor)
    with parts.database.writing() as session:
        fits = anchors.keep(session, store.id, asked.number, bytes.fromhex(asked.hash), now)
    return {"fits": fits}
