"""Requests to WeCom, with the token of one application of the company's own.

    GET /cgi-bin/gettoken?corpid=…&corpsecret=…     {"errcode": 0, "access_token", "expires_in"}

Secrets and tokens go in the address, as WeCom wants it. Every answer has an `errcode`.
"""

from collections.abc import Collection, Mapping

from core.log import Log
from crm.json_answer import Row, record, text
from crm.news import RefusedError
from crm.setup import Setup
from crm.shape import Refusal, TemporaryCrmError
from crm.wire import Reply, Token, Wire, safe_url

_STALE = {40001, 40014, 42001}
_BUSY = {-1}
_BAD_DATA = {40003, 40058, 40096}
# Calls a minute, or an hour; at the same time.
_LIMIT_WAITS_S = {45009: 60.0, 45011: 60.0, 45033: 3.0}
_SCOPE = (
    "the application of crm.wecom.secret must be among those that may use 客户联系 (可调用应用),"
    " and see the staff concerned"
)
_MENDS = {
    40001: "crm.wecom.secret is not that of an application of crm.wecom.corp_id",
    40013: "crm.wecom.corp_id is not the 企业 ID",
    40014: "another program must not use up the tokens of crm.wecom.secret",
    42001: "the clock of this machine is wrong",
    41054: "a guide of crm.wecom.guides has not activated WeCom",
    48002: _SCOPE,
    60011: _SCOPE,
    60020: "add this machine's address to the trusted IPs of the application of crm.wecom.secret",
    60111: "a guide of crm.wecom.guides is no member of staff at WeCom",
    84074: _SCOPE,
}
_TURNED_AWAY = "crm.wecom.url must be where WeCom's API is"

_log = Log("crm")


class WecomGateway:
    def __init__(self, setup: Setup) -> None:
        """SettingsError if the address is not safe."""
        self._found = setup.settings.crm.wecom
        self._url = safe_url(self._found.url, "crm.wecom.url")
        self._wire = Wire(self._url, setup.settings.crm.timeout_s, setup.clock)
        self._token = Token(self._fetch)

    def address(self, path: str) -> str:
        """Where a call goes, without the token."""
        return str(self._url).rstrip("/") + path

    def get(self, path: str, query: Mapping[str, str]) -> Row:
        return self._ask("GET", path, None, query)

    def post(self, path: str, body: Mapping[str, object], about_one: Collection[int] = ()) -> Row:
        """`about_one`: errors that say nothing of other calls, whatever they mean elsewhere."""
        return self._ask("POST", path, body, {}, about_one)

    def close(self) -> None:
        self._wire.close()

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        query: Mapping[str, str],
        about_one: Collection[int] = (),
    ) -> Row:
        """The answer; with a new token, once, if WeCom does not take the one there is.

        Raises:
            TemporaryCrmError: it may succeed later.
            RefusedError: it never will.
        """
        for _ in range(2):
            asked = {**query, "access_token": self._token.current()}
            if body is None:
                answer = _read(self._wire.ask(method, path, query=asked))
            else:
                answer = _read(self._wire.ask_json(method, path, body, query=asked))
            number = _number(answer)
            if number not in _STALE:
                break
            self._token.forget()
        if number:
            raise _refused(number) if number in about_one else _error(number)
        return answer

    def _fetch(self) -> tuple[str, float]:
        secret = self._found.secret.get_secret_value()
        query = {"corpid": self._found.corp_id, "corpsecret": secret}
        answer = _read(self._wire.ask("GET", "/cgi-bin/gettoken", query=query))
        number = _number(answer)
        if number:
            error = _error(number)
            raise error if isinstance(error, TemporaryCrmError) else _mended(number)
        lasts_s = answer.get("expires_in")
        if not isinstance(lasts_s, int):
            raise TemporaryCrmError("unreadable_answer")
        return text(answer, "access_token"), lasts_s


def _read(reply: Reply) -> Row:
    if not reply.is_success:
        if not reply.is_busy:
            _log.error("WeCom turns everything away", reason=reply.reason, mend=_TURNED_AWAY)
        raise reply.temporary()
    return record(reply.json())


def _number(answer: Row) -> int:
    number = answer.get("errcode")
    if not isinstance(number, int):
        raise TemporaryCrmError("unreadable_answer")
    return number


def _error(number: int) -> TemporaryCrmError | RefusedError:
    if number in _LIMIT_WAITS_S:
        return TemporaryCrmError(f"wecom_{number}", _LIMIT_WAITS_S[number])
    if number in _BUSY:
        return TemporaryCrmError("wecom_busy")
    return _mended(number) if number in _MENDS else _refused(number)


def _refused(number: int) -> RefusedError:
    return RefusedError(number, Refusal.BAD_DATA if number in _BAD_DATA else Refusal.OTHER)


def _mended(number: int) -> TemporaryCrmError:
    """The error to raise when somebody has to see to it."""
    mend = _MENDS.get(number, "look the number up in WeCom's list of 全局错误码")
    _log.error("WeCom turns everything away", reason=f"wecom_{number}", mend=mend)
    return TemporaryCrmError(f"wecom_{number}")
