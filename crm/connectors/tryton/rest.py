"""Tryton's REST, and a stand-in for it that shows what would be asked.

    POST /<database>/rest/model/<model>/<action>       {argument: …}     several records at once
    PUT | DELETE /<database>/rest/model/<model>/<id>

What an answer means: 400 a record is not valid; 401 and 403 the key, or what its user may do; 500,
in HTML, anything from a full disk to an unknown field.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import httpx

from core.log import Log
from crm.shape import Preview, TemporaryCrmError
from crm.wire import Wire

Id = int | str
"""A number of Tryton's; while nothing is sent, words in its place."""
Row = dict[str, Any]

# Else Tryton would not find a party again that was made inactive.
_CONTEXT = base64.urlsafe_b64encode(json.dumps({"active_test": False}).encode()).decode()
_INVALID = {400, 413, 422}
_NOT_FOUND = 404
_KEY = "crm.tryton.key must be a validated key, and its user may read and write parties and notes"
_MENDS = {
    401: _KEY,
    403: _KEY,
    404: "crm.tryton.url and crm.tryton.database must be where trytond is; its module is `party`",
}

_log = Log("crm")


class InvalidError(Exception):
    """Tryton will not have this record. Its words are not kept: they quote the record."""


class Rest(Protocol):
    """Tryton, or what stands in for it."""

    def act(self, model: str, action: str, arguments: Row) -> Any: ...

    def change(self, model: str, record: Id, values: Row) -> None: ...

    def delete(self, model: str, record: Id) -> None: ...


class LiveRest:
    """Asks Tryton. Raises InvalidError, or TemporaryCrmError."""

    def __init__(self, wire: Wire, database: str, key: str) -> None:
        self._wire, self._path = wire, f"/{database}/rest/model"
        self._headers = {"authorization": f"Bearer {key}", "x-tryton-context": _CONTEXT}

    def act(self, model: str, action: str, arguments: Row) -> Any:
        return self._ask("POST", f"{model}/{action}", arguments)

    def change(self, model: str, record: Id, values: Row) -> None:
        self._ask("PUT", f"{model}/{record}", values)

    def delete(self, model: str, record: Id) -> None:
        self._ask("DELETE", f"{model}/{record}", None)

    def close(self) -> None:
        self._wire.close()

    def _ask(self, method: str, path: str, body: Row | None) -> Any:
        address = f"{self._path}/{path}"
        if body is None:
            reply = self._wire.ask(method, address, headers=self._headers)
        else:
            reply = self._wire.ask_json(method, address, body, headers=self._headers)
        if reply.is_success:
            return reply.json() if reply.body else None
        if reply.status in _INVALID and not path.endswith("/search_read"):
            raise InvalidError
        if method == "DELETE" and reply.status == _NOT_FOUND:
            return None
        if not reply.is_busy:
            mend = _MENDS.get(reply.status, "crm.tryton.url is not where Tryton is")
            _log.error("Tryton turns everything away", reason=reply.reason, mend=mend)
        raise reply.temporary()


class ShownRest:
    """Asks nobody: writes down what would be asked, and answers as a Tryton that has nothing yet.

    Of parties it has those that `parties` knows: what we remember.
    """

    def __init__(
        self,
        url: httpx.URL,
        database: str,
        event_ids: tuple[str, ...],
        parties: Callable[[Sequence[str]], Mapping[str, str]],
    ) -> None:
        self._url = f"{str(url).rstrip('/')}/{database}/rest/model"
        self._event_ids, self._parties = event_ids, parties
        self.shown: list[Preview] = []

    def act(self, model: str, action: str, arguments: Row) -> Any:
        self._show("POST", f"{model}/{action}", arguments)
        if action == "create":
            return [f"<new {model} {number + 1}>" for number in range(len(arguments["vlist"]))]
        if action == "fields_get":
            return {name: {} for name in arguments["fields_names"]}
        [name, operator, value], *_ = arguments["domain"]
        if model == "party.party":
            return [{"id": of, "code": ours} for ours, of in self._parties(value).items()]
        return [{"id": f"<{model} {value}>", name: value}] if operator == "=" else []

    def change(self, model: str, record: Id, values: Row) -> None:
        self._show("PUT", f"{model}/{record}", values)

    def delete(self, model: str, record: Id) -> None:
        self._show("DELETE", f"{model}/{record}", None)

    def _show(self, method: str, path: str, body: Row | None) -> None:
        self.shown.append(Preview(self._event_ids, method, f"{self._url}/{path}", body))


def find(rest: Rest, model: str, domain: Sequence[object], *fields: str) -> list[Row]:
    """The records of which `domain` holds, with these fields."""
    rows = rest.act(model, "search_read", {"domain": list(domain), "fields_names": ["id", *fields]})
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TemporaryCrmError("unreadable_answer")
    return rows


def create(rest: Rest, model: str, rows: Sequence[Row]) -> list[Id]:
    """Make records, all or none; their ids in the same order."""
    ids = rest.act(model, "create", {"vlist": list(rows)})
    if not isinstance(ids, list) or len(ids) != len(rows):
        raise TemporaryCrmError("unreadable_answer")
    return ids
