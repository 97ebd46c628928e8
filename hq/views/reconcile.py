"""Stores ask what headquarters holds of theirs (`crm.counterpart`)."""

from typing import Annotated

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import Field

from core import headquarters
from core.wechat_relay import Refusal
from crm import comparison
from crm.comparison import Kind, Range
from hq import question, reconciliation
from hq.parts import wired
from hq.question import Question, RefusedError

bp = Blueprint("reconcile", __name__)

_MOST_ROWS = 1000

_Key = Annotated[str, Field(max_length=32)]
_Count = Annotated[int, Field(ge=0)]
_Digest = Annotated[str, Field(max_length=64)]


class _Compare(Question):
    kind: Kind
    ranges: list[tuple[_Key, _Key, _Count, _Digest]] = Field(default=[], max_length=500)
    listed: tuple[_Key, _Key] | None = None


@bp.post(headquarters.RECONCILE)
def reconcile() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Compare)
    with parts.database.reading() as session:
        if reconciliation.is_behind(session, store.id):
            raise RefusedError(Refusal.BUSY)
        if asked.listed is not None:
            rows = reconciliation.listed(session, store.id, asked.kind, *asked.listed)
            page = [[each.key, each.value] for each in rows[:_MOST_ROWS]]
            return {"rows": page, "more": len(rows) > len(page)}
        ranges = [Range(*each) for each in asked.ranges]
        if not ranges:
            return {"differing": []}
        since, until = ranges[0].since, ranges[-1].until
        held = reconciliation.held(session, store.id, asked.kind, since, until)
    return {"differing": comparison.differing(ranges, held)}
