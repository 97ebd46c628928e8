"""A store's line to a headquarters in this process, signed and read as over HTTP."""

import json

import ulid

from core import headquarters, webhook_signature
from core.headquarters_line import HeadquartersDownError, HeadquartersRefusalError


class LineInside:
    """A `core.headquarters_line.Line` to a `tests.hq.parts.Relay`; `is_cut` while it fails."""

    def __init__(self, relay, store_id, key):
        self._relay, self._store_id, self.key = relay, store_id, key
        self.is_cut = False

    def ask(self, to, question, now, message_id=None):
        if self.is_cut:
            raise HeadquartersDownError("headquarters does not answer (ConnectError)")
        body = json.dumps({"to": to, **question}).encode()
        headers = webhook_signature.headers(self.key, message_id or str(ulid.ULID()), body, now)
        headers[headquarters.STORE_HEADER] = self._store_id
        answer = self._relay.browser.post(to, data=body, headers=headers)
        if answer.status_code != 200:
            raise HeadquartersRefusalError(answer.status_code, answer.json.get("error", ""))
        return answer.json
