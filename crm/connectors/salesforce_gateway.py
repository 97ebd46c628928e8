"""Requests to Salesforce's REST API, signed in by OAuth's client credentials flow.

    POST /services/oauth2/token     grant_type=client_credentials, client_id, client_secret
                                    {"access_token": …}; 400 {"error", "error_description"}

What is wrong with a request as a whole is [{"errorCode", "message"}]: with 401 for a session that
is over, with 403 for a limit of requests.
"""

import urllib.parse
from collections.abc import Mapping

from core.log import Log
from crm.json_answer import Row, record, rows, text
from crm.setup import Setup
from crm.shape import PermanentCrmError, TemporaryCrmError
from crm.wire import Reply, Token, Wire, safe_url

# Salesforce does not say how long a session lasts; the shortest that can be set is 15 minutes.
_SESSION_S = 900.0
_LIMIT_WAIT_S = 900.0
_UNAUTHORISED, _TOO_LARGE = 401, 413
_LIMIT = "REQUEST_LIMIT_EXCEEDED"
_MENDS = {
    400: "contacts lack a field of those in docs/crm.md or crm.salesforce.fields",
    401: "the user of the app of crm.salesforce.client_id must be let use the API",
    403: "the user of the app of crm.salesforce.client_id needs the API, and to read, write and"
    " delete contacts",
    404: "crm.salesforce.url must be https://<your domain>.my.salesforce.com, and"
    " crm.salesforce.member_field an external id of its contacts",
}

_log = Log("crm")


class SalesforceGateway:
    def __init__(self, setup: Setup) -> None:
        """SettingsError if the address is not safe."""
        self._found = setup.settings.crm.salesforce
        self._url = safe_url(self._found.url, "crm.salesforce.url")
        self._wire = Wire(self._url, setup.settings.crm.timeout_s, setup.clock)
        self._token = Token(self._sign_in)

    def address(self, path: str) -> str:
        return str(self._url).rstrip("/") + path

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """The answer, which is a success; signs in anew, once, if the session is over.

        Raises:
            CrmError: it is none.
        """
        for _ in range(2):
            headers = {"authorization": f"Bearer {self._token.current()}"}
            if body is None:
                reply = self._wire.ask(method, path, headers=headers, query=query)
            else:
                reply = self._wire.ask_json(method, path, body, headers=headers, query=query)
            if reply.status != _UNAUTHORISED:
                break
            self._token.forget()
        if not reply.is_success:
            raise _error(reply)
        return reply

    def close(self) -> None:
        self._wire.close()

    def _sign_in(self) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._found.client_id,
            "client_secret": self._found.client_secret.get_secret_value(),
        }
        content = urllib.parse.urlencode(form).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        reply = self._wire.ask("POST", "/services/oauth2/token", content=content, headers=headers)
        if not reply.is_success:
            if not reply.is_busy:
                mend = (
                    "crm.salesforce.client_id and .client_secret must be those of a connected app"
                    " with the client credentials flow and a user to run as"
                )
                _log.error("Salesforce does not let us in", reason=reply.reason, mend=mend)
            raise reply.temporary()
        return text(record(reply.json()), "access_token"), _SESSION_S


def results_of(reply: Reply, count: int) -> list[Row]:
    """What became of each row, in the order in which they were sent."""
    found = rows(reply.json())
    if len(found) != count or any(not isinstance(row.get("success"), bool) for row in found):
        raise TemporaryCrmError("unreadable_answer")
    return found


def code_of(result: Row) -> str:
    """Why a row was refused."""
    errors = rows(result.get("errors", []))
    return str(errors[0].get("statusCode")) if errors else ""


def _error(reply: Reply) -> TemporaryCrmError | PermanentCrmError:
    if reply.is_busy:
        return reply.temporary()
    if reply.status == _TOO_LARGE:
        return PermanentCrmError(reply.reason)
    if _LIMIT in _codes(reply):
        _log.warning("Salesforce's limit of requests is used up", reason=_LIMIT)
        return TemporaryCrmError(_LIMIT.lower(), reply.retry_after_s or _LIMIT_WAIT_S)
    mend = _MENDS.get(reply.status, "Salesforce's side is not set up as docs/crm.md says")
    _log.error("Salesforce turns everything away", reason=reply.reason, mend=mend)
    return reply.temporary()


def _codes(reply: Reply) -> set[str]:
    try:
        return {str(row.get("errorCode")) for row in rows(reply.json())}
    except TemporaryCrmError:
        return set()
