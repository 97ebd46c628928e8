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
# Such are told of, and not counted.
_GONE = ("erased", "merged ")


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
        within = [
            f"{key} {value}\n"
            for key, value in rows
            if since <= key < until and not value.startswith(_GONE)
        ]
        ours = hashlib.blake2b("".join(within).encode(), digest_size=16).hexdigest()
        if (len(within), ours) != (count, digest):
            found.append(place)
    return found


def _rows(connection: sqlite3.Connection, store: str, kind: str) -> list[list[str]]:
    if kind == "members":
        members = connection.execute(
            "SELECT members.id, heard.version FROM members JOIN heard ON heard.id = members.id"
            " WHERE store = ?",
            (store,),
        )
        held = {row["id"]: str(row["version"]) for row in members}
        return sorted([key, value] for key, value in (held | _gone(connection)).items())
    if kind == "days":
        days = connection.execute("SELECT day, data FROM days WHERE store = ?", (store,))
        return sorted([row["day"], _closed(json.loads(row["data"]))] for row in days)
    raise ValueError(kind)


def _gone(connection: sqlite3.Connection) -> dict[str, str]:
    into = {row["id"]: row["into_id"] for row in connection.execute("SELECT * FROM absorbed")}
    erased = {row["id"] for row in connection.execute("SELECT id FROM erased")}
    gone = dict.fromkeys(erased, "erased")
    for member in into.keys() - erased:
        stays = member
        while stays in into:
            stays = into[stays]
        gone[member] = "erased" if stays in erased else f"merged {stays}"
    return gone


def _closed(day: dict[str, Any]) -> str:
    moment = dt.datetime.fromisoformat(day["closed_at"]).astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
