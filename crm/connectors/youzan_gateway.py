"""Requests to Youzan's gateway, with the token of one shop."""

import dataclasses
import datetime as dt
import time
from collections.abc import Mapping

from core.log import Log
from crm.json_answer import Row, record, text
from crm.news import RefusedError
from crm.setup import Setup
from crm.shape import Refusal, TemporaryCrmError
from crm.wire import Token, Wire, safe_url

_OK = 200
_STALE = {4201, 4202, 4203}
# Youzan recommends waits of 3, 6, 12 … s; the doubling is the sending's.
_LIMITS = {4101, 123000042, 141500203, 500100004}
_LIMIT_WAIT_S = 3.0
_FAULTS = {5001, 5002, 5003}
_BAD_DATA = {141500101}
_AUTHORISED = "the shop must authorise the application of crm.youzan.client_id"
_MENDS = {
    1000: "crm.youzan.client_secret is not that of crm.youzan.client_id",
    1004: _AUTHORISED,
    1103: f"crm.youzan.client_id or .kdt_id is wrong, or {_AUTHORISED}",
    1105: "the application of crm.youzan.client_id must be one of one's own (自用型)",
    4005: "Youzan has withdrawn a call: install a newer Doorman",
    4007: "add this machine's address to the IP whitelist of the application of"
    " crm.youzan.client_id",
    4201: _AUTHORISED,
    4202: _AUTHORISED,
    4203: _AUTHORISED,
    4204: "the application of crm.youzan.client_id needs the permissions (能力包) for customers"
    " and tags, and the shop a plan with calls left",
}
_TURNED_AWAY = "crm.youzan.url must be where Youzan's gateway is"

_log = Log("crm")


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Call:
    """One method of Youzan's with its arguments, which may be about a person."""

    name: str
    version: str
    body: Mapping[str, object]
    is_slow: bool = False
    """Whether Youzan wants no more than `crm.youzan.tags_per_second` of them."""

    @property
    def path(self) -> str:
        return f"/api/{self.name}/{self.version}"

    def __repr__(self) -> str:
        return f"Call({self.name})"


class YouzanGateway:
    def __init__(self, setup: Setup) -> None:
        """SettingsError if the address is not safe."""
        self._found = setup.settings.crm.youzan
        self._url = safe_url(self._found.url, "crm.youzan.url")
        self._wire = Wire(self._url, setup.settings.crm.timeout_s, setup.clock)
        self._clock = setup.clock
        self._token = Token(self._fetch)
        self._is_refused = False
        self._not_before = 0.0

    def address(self, call: Call) -> str:
        """Where a call goes, without the token."""
        return str(self._url).rstrip("/") + call.path

    def ask(self, call: Call) -> None:
        """Make a call; with a new token, once, if Youzan does not take the one there is.

        Raises:
            TemporaryCrmError: it may succeed later.
            RefusedError: it never will.
        """
        if call.is_slow:
            self._pace()
        code = self._code(call)
        if code in _STALE:
            self._token.forget()
            self._is_refused = True
            code = self._code(call)
        if code == _OK:
            return
        if code in _LIMITS:
            raise TemporaryCrmError(f"youzan_{code}", _LIMIT_WAIT_S)
        if code in _FAULTS:
            raise TemporaryCrmError(f"youzan_{code}")
        if code in _MENDS:
            raise _mended(code)
        raise RefusedError(code, Refusal.BAD_DATA if code in _BAD_DATA else Refusal.OTHER)

    def close(self) -> None:
        self._wire.close()

    def _pace(self) -> None:
        wait = self._not_before - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._not_before = time.monotonic() + 1 / self._found.tags_per_second

    def _code(self, call: Call) -> int:
        query = {"access_token": self._token.current()}
        answer = self._post(call.path, call.body, query)
        if "gw_err_resp" in answer:
            return _number(record(answer["gw_err_resp"]).get("err_code"))
        return _number(answer.get("code"))

    def _fetch(self) -> tuple[str, float]:
        body = {
            "client_id": self._found.client_id,
            "client_secret": self._found.client_secret.get_secret_value(),
            "authorize_type": "silent",
            "grant_id": self._found.kdt_id,
            # The same token until it ends, unless it was refused.
            "refresh": self._is_refused,
        }
        answer = self._post("/auth/token", body, {})
        code = _number(answer.get("code"))
        if code != _OK:
            raise _mended(code)
        self._is_refused = False
        data = record(answer.get("data"))
        ends = dt.datetime.fromtimestamp(_number(data.get("expires")) / 1000, dt.UTC)
        return text(data, "access_token"), max((ends - self._clock()).total_seconds(), 0)

    def _post(self, path: str, body: object, query: Mapping[str, str]) -> Row:
        reply = self._wire.ask_json("POST", path, body, query=query)
        if not reply.is_success:
            if not reply.is_busy:
                _log.error("Youzan turns everything away", reason=reply.reason, mend=_TURNED_AWAY)
            raise reply.temporary()
        return record(reply.json())


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TemporaryCrmError("unreadable_answer")
    return value


def _mended(code: int) -> TemporaryCrmError:
    """The error to raise when somebody has to see to it."""
    mend = _MENDS.get(code, "look the code up in Youzan's documentation of crm.youzan")
    _log.error("Youzan turns everything away", reason=f"youzan_{code}", mend=mend)
    return TemporaryCrmError(f"youzan_{code}")
