"""Tells stores what the fake CRM holds of theirs, by counts and digests, as docs/sync.md asks."""

import datetime as dt
import hashlib
import json
import sqlite3
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from appliance.demo.fakes.parts import checked, wired

bp = Blueprint("crm_compare", __name__)

_PAGE = 500


@bp.post("/crm/reconcile")
def compare() -> ResponseReturnValue:
    parts = wired()
    _, body = checked(parts.crm_key)
    try:
        question: Any = json.loads(body)
        if question["to"] != request.path:
            abort(401)
        store = request.headers["doorman-store"]
        with parts.store.reading() as connection:
            rows = _rows(connection, store, question["kind"])
        if "listed" in question:
            since, until = question["listed"]
            listed = [row for row in rows if since <= row[0] < until]
            return {"rows": listed[:_PAGE], "more": len(listed) > _PAGE}
        return {"differing": _differing(rows, question["ranges"])}
    except (ValueError, KeyError, TypeError):
        abort(422)


def _differing(rows: list[list[str]], ranges: list[list[Any]]) -> list[int]:
    found = []
    for place, (since, until, count, digest) in enumerate(ranges):
        within = [f"{key} {value}\n" for key, value in rows if since <= key < until]
        lines = [line for line in within if not line.endswith(" erased\n")]
        ours = hashlib.blake2b("".join(lines).encode(), digest_size=16).hexdigest()
        if (len(lines), ours) != (count, digest):
            found.append(place)
    return found


def _rows(connection: sqlite3.Connection, store: str, kind: str) -> list[list[str]]:
    if kind == "members":
        members = connection.execute(
            "SELECT members.id, heard.version FROM members JOIN heard ON heard.id = members.id"
            " WHERE store = ?",
            (store,),
        )
        erased = connection.execute("SELECT id, 'erased' AS version FROM erased")
        return sorted([row["id"], str(row["version"])] for row in (*members, *erased))
    if kind == "days":
        days = connection.execute("SELECT day, data FROM days WHERE store = ?", (store,))
        return sorted([row["day"], _closed(json.loads(row["data"]))] for row in days)
    raise ValueError(kind)


def _closed(day: dict[str, Any]) -> str:
    moment = dt.datetime.fromisoformat(day["closed_at"]).astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
