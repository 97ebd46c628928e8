"""What the fakes' views work with: made once in `wsgi`, found through the application."""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Callable, Mapping

from flask import abort, current_app, request

from appliance.demo.fakes.store import Store
from core import webhook_signature

NAME = "doorman_fakes"


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    store: Store
    sms_key: bytes
    crm_key: bytes
    clock: Callable[[], dt.datetime]
    zone: zoneinfo.ZoneInfo
    """Pages show times of this zone."""
    sms_limits: Mapping[int, int]
    """The carrier's limits for one number: seconds -> messages."""


def wired() -> Parts:
    parts: Parts = current_app.extensions[NAME]
    return parts


def checked(key: bytes) -> tuple[str, bytes]:
    """Id and body of a request that is signed with `key`; ends any other with 401."""
    body = request.get_data()
    headers = {name.lower(): value for name, value in request.headers}
    try:
        message_id = webhook_signature.check(key, headers, body, wired().clock())
    except webhook_signature.SignatureError:
        abort(401)
    return message_id, body
