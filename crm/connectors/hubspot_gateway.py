"""Requests to HubSpot about contacts, with the token of a private app."""

from core.log import Log
from crm.json_answer import Row, record, rows
from crm.setup import Setup
from crm.shape import PermanentCrmError, TemporaryCrmError
from crm.wire import Reply, Wire, safe_url

_CONTACTS = "/crm/v3/objects/contacts"
# How long until requests are let through again, where HubSpot does not say it by Retry-After.
_WAITS_S = {"DAILY": 3600.0}
_WAIT_S = 10.0
_TOO_MANY = 429
# What is wrong with what was sent. Of any other status nothing was looked at.
_REFUSED = {400, 409, 413, 422}
_NO_SUCH_PROPERTY = "PROPERTY_DOESNT_EXIST"
_MENDS = {
    401: "crm.hubspot.access_token must be the token of a private app that is still there",
    403: "the private app of crm.hubspot.access_token needs the scopes"
    " crm.objects.contacts.read and crm.objects.contacts.write",
    404: "crm.hubspot.url must be where HubSpot's API is",
}

_log = Log("crm")


class HubspotGateway:
    def __init__(self, setup: Setup) -> None:
        """SettingsError if the address is not safe."""
        found = setup.settings.crm.hubspot
        self._url = safe_url(found.url, "crm.hubspot.url")
        self._wire = Wire(self._url, setup.settings.crm.timeout_s, setup.clock)
        self._token = found.access_token.get_secret_value()

    def address(self, path: str) -> str:
        return str(self._url).rstrip("/") + _CONTACTS + path

    def ask(self, path: str, body: object) -> Row:
        """The answer to what is posted at `path`. Raises CrmError if it is no success."""
        headers = {"authorization": f"Bearer {self._token}"}
        reply = self._wire.ask_json("POST", _CONTACTS + path, body, headers=headers)
        if not reply.is_success:
            raise _error(reply)
        return record(reply.json()) if reply.body else {}

    def close(self) -> None:
        self._wire.close()


def _error(reply: Reply) -> TemporaryCrmError | PermanentCrmError:
    if reply.status == _TOO_MANY:
        policy = _said(reply).get("policyName")
        wait = reply.retry_after_s or _WAITS_S.get(str(policy), _WAIT_S)
        return TemporaryCrmError(reply.reason, wait)
    if reply.is_busy:
        return reply.temporary()
    mend = _MENDS.get(reply.status, "HubSpot's side is not set up as docs/crm.md says")
    if reply.status in _REFUSED:
        if _NO_SUCH_PROPERTY not in {
            row.get("code") for row in rows(_said(reply).get("errors", []))
        }:
            return PermanentCrmError(reply.reason)
        mend = "contacts at HubSpot lack a property of those in docs/crm.md or crm.hubspot.fields"
    _log.error("HubSpot turns everything away", reason=reply.reason, mend=mend)
    return reply.temporary()


def _said(reply: Reply) -> Row:
    """What is told of an error; nothing if that is not readable."""
    try:
        return record(reply.json())
    except TemporaryCrmError:
        return {}
