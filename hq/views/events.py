"""Takes events from stores (docs/events/README.md): at least once from there, once in here."""

import datetime as dt
import json

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core import headquarters
from core.log import Log
from core.webhook_signature import SignatureError
from hq import store_keys, stores
from hq.intake import batch as batches
from hq.intake import inbox, limits
from hq.intake.batch import Batch, BatchError
from hq.parts import Parts, wired

bp = Blueprint("events", __name__)

_log = Log("hq")


@bp.post(headquarters.EVENTS)
def take() -> ResponseReturnValue:
    """What is accepted is on disk before it is said to be."""
    parts, now = wired(), wired().clock()
    request.max_content_length = batches.MOST_PACKED_OCTETS
    body = request.get_data(cache=False)
    with parts.database.writing() as session:
        store_id = _signer(parts, session, body, now)
        wait_s = limits.wait_s(session, parts.settings, store_id, now)
        if wait_s is not None:
            return Response(status=429, headers={"Retry-After": str(wait_s)})
        try:
            batch = batches.read(batches.inflated(body), store_id)
        except BatchError as error:
            # Not raised: what it has cost to find out counts as well.
            limits.add(session, store_id, 1, error.octets, now)
            return Response(status=error.status)
        new: set[int] = set()
        if batch.rows:
            new = inbox.take(session, parts.sealer, store_id, body, batch.rows, now=now)
        count = len(batch.rows) + len(batch.refused)
        limits.add(session, store_id, count, batch.octets, now)
    if batch.refused:
        reasons = sorted(set(batch.refused.values()))
        _log.warning("events refused", store=store_id, count=len(batch.refused), reasons=reasons)
    return Response(_answer(batch, new), mimetype="application/json")


def _signer(parts: Parts, session: Session, body: bytes, now: dt.datetime) -> str:
    """The id of the store that has signed the body as it came."""
    headers = {name.lower(): value for name, value in request.headers}
    store_id = headers.get(headquarters.STORE_HEADER, "")
    try:
        stores.check_name(store_id)
        store_keys.check(
            session,
            parts.sealer,
            store_id,
            headers=headers,
            body=body,
            now=now,
            grace=dt.timedelta(seconds=parts.settings.key_grace_s),
        )
    except SignatureError:
        abort(401)
    return store_id


def _answer(batch: Batch, new: set[int]) -> bytes:
    # Ids and reasons are of letters and digits: nothing in them has to be escaped.
    rows = [
        f'{{"id":"{row.id}","status":"{"accepted" if row.position in new else "duplicate"}"}}'
        for row in batch.rows
    ]
    rows += [
        json.dumps({"id": event_id, "status": "refused", "reason": reason})
        for event_id, reason in batch.refused.items()
    ]
    return f'{{"results":[{",".join(rows)}]}}'.encode()
