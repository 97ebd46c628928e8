"""A carrier of text messages that delivers to a page, as strict as a real one."""

import datetime as dt
import json
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from appliance.demo.fakes.parts import checked, wired

bp = Blueprint("sms_carrier", __name__)

# What Aliyun allows one number: https://help.aliyun.com/document_detail/2881383.html
LIMITS = {60: 1, 3_600: 5, 86_400: 10}

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_FIELDS = {"to", "text", "language", "code"}
_SHOWN = 100


@bp.post("/sms")
def take() -> ResponseReturnValue:
    parts = wired()
    message_id, body = checked(parts.sms_key)
    message = _read(body)
    if message is None:
        return {"error": "bad_message"}, 422
    if not _E164.fullmatch(message["to"]):
        return {"error": "bad_number"}, 422
    with parts.store.writing() as connection:
        known = connection.execute(
            "SELECT 1 FROM messages WHERE message_id = ?", (message_id,)
        ).fetchone()
        if known:
            return {"id": message_id}, 202
        if _is_throttled(connection, message["to"], parts.clock(), parts.sms_limits):
            return {"error": "throttled"}, 429
        connection.execute(
            "INSERT INTO messages (message_id, phone, text, code, language, at)"
            " VALUES (:id, :to, :text, :code, :language, :at)",
            {"code": "", **message, "id": message_id, "at": parts.clock().timestamp()},
        )
    return {"id": message_id}, 202


@bp.get("/sms")
def inbox() -> str:
    return render_template("sms.html", messages=_messages())


@bp.get("/sms/messages.json")
def messages() -> ResponseReturnValue:
    return [
        {**message, "at": message["at"].isoformat(timespec="seconds")} for message in _messages()
    ]


def _read(body: bytes) -> dict[str, str] | None:
    """The message, if it has the fields it needs, no others, and all are text."""
    try:
        message: Any = json.loads(body)
    except ValueError:
        return None
    if not isinstance(message, dict) or not _FIELDS - {"code"} <= message.keys() <= _FIELDS:
        return None
    return message if all(isinstance(value, str) for value in message.values()) else None


def _is_throttled(
    connection: sqlite3.Connection, phone: str, now: dt.datetime, limits: Mapping[int, int]
) -> bool:
    for seconds, most in limits.items():
        (count,) = connection.execute(
            "SELECT count(*) FROM messages WHERE phone = ? AND at > ?",
            (phone, now.timestamp() - seconds),
        ).fetchone()
        if count >= most:
            return True
    return False


def _messages() -> list[dict[str, Any]]:
    """The newest messages, newest first."""
    parts = wired()
    with parts.store.reading() as connection:
        rows = connection.execute(
            "SELECT phone, text, code, language, at FROM messages ORDER BY number DESC LIMIT ?",
            (_SHOWN,),
        ).fetchall()
    return [
        {
            "to": row["phone"],
            "text": row["text"],
            "code": row["code"],
            "language": row["language"],
            "at": dt.datetime.fromtimestamp(row["at"], parts.zone),
        }
        for row in rows
    ]
