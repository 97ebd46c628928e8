"""A CRM that takes events by webhook, shows what it has, and misbehaves when told to."""

import datetime as dt
import json
import socket
import time
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from appliance.demo.fakes import crm_intake
from appliance.demo.fakes import fault as faults
from appliance.demo.fakes.fault import Fault
from appliance.demo.fakes.parts import checked, wired

bp = Blueprint("crm_receiver", __name__)

_CONTENT_TYPE = "application/cloudevents-batch+json"
_LARGEST_BATCH = 1000
_RETRY_AFTER_S = "1"
_SLOW_S = 2
_SHOWN = 20
_KEPT = {
    "members": "SELECT data FROM members ORDER BY id DESC",
    "consents": "SELECT data FROM consents ORDER BY member, purpose",
    "visits": "SELECT data FROM visits ORDER BY id DESC",
    "days": "SELECT data FROM days ORDER BY day DESC, store",
    "hours": "SELECT data FROM hours ORDER BY start DESC, store",
    "sensors": "SELECT data FROM sensors ORDER BY store, name",
}


@bp.post("/crm/events")
def receive() -> ResponseReturnValue:
    parts = wired()
    _, body = checked(parts.crm_key)
    if request.mimetype != _CONTENT_TYPE:
        abort(415)
    batch = _read(body)
    if len(batch) > _LARGEST_BATCH:
        abort(413)
    with parts.store.writing() as connection:
        fault = faults.take(connection)
    if fault is Fault.BUSY:
        return "", 429, {"Retry-After": _RETRY_AFTER_S}
    if fault is Fault.DOWN:
        return "", 503
    if fault is Fault.PARTIAL:
        batch = batch[: len(batch) // 2]
    if fault is Fault.SLOW:
        time.sleep(_SLOW_S)
    with parts.store.writing() as connection:
        now = parts.clock().timestamp()
        results = [crm_intake.take(connection, event, now) for event in batch]
    if fault is Fault.DROP_AFTER_COMMIT:
        return _hang_up()
    return {"results": results}


@bp.post("/crm/faults")
def order_fault() -> ResponseReturnValue:
    """For tests: `{"mode": "503", "count": 3}`. Not signed; it listens on loopback alone."""
    ordered = request.get_json()
    try:
        mode, count = Fault(ordered["mode"]), int(ordered.get("count", 1))
    except (KeyError, TypeError, ValueError):
        return {"error": "bad_fault", "modes": list(Fault)}, 422
    with wired().store.writing() as connection:
        faults.order(connection, mode, count)
    return {"mode": mode, "count": count}


@bp.get("/crm")
def page() -> str:
    return render_template(
        "crm.html", events=_events(), since=_local_day, when=_local_time, **_state()
    )


@bp.get("/crm/state.json")
def state() -> ResponseReturnValue:
    return _state()


def _read(body: bytes) -> list[Any]:
    try:
        batch = json.loads(body)
    except ValueError:
        abort(400)
    if not isinstance(batch, list):
        abort(400)
    return batch


def _hang_up() -> ResponseReturnValue:
    """Break the connection, where the server lets us reach it; else fail."""
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    return "", 500


def _state() -> dict[str, Any]:
    with wired().store.reading() as connection:
        (received,) = connection.execute("SELECT count(*) FROM events").fetchone()
        (duplicates,) = connection.execute("SELECT count FROM duplicates").fetchone()
        kept = {
            name: [json.loads(row["data"]) for row in connection.execute(query)]
            for name, query in _KEPT.items()
        }
    return {"events_received": received, "duplicates": duplicates, **kept}


def _local_day(moment: str) -> dt.date:
    return _local(moment).date()


def _local_time(moment: str) -> str:
    return f"{_local(moment):%m-%d %H:%M}"


def _local(moment: str) -> dt.datetime:
    return dt.datetime.fromisoformat(moment).astimezone(wired().zone)


def _events() -> list[dict[str, Any]]:
    """The last events, newest first."""
    parts = wired()
    with parts.store.reading() as connection:
        rows = connection.execute(
            "SELECT type, subject, at FROM events ORDER BY number DESC LIMIT ?", (_SHOWN,)
        ).fetchall()
    return [{**row, "at": dt.datetime.fromtimestamp(row["at"], parts.zone)} for row in rows]
