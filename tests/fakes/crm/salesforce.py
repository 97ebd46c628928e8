"""A Salesforce organisation's contacts, as strict as it is: OAuth and the REST API.

Checked: client, session and its end, the daily limit, fields that exist and their types, 200
rows, the type of each row, external ids, a last name for what is made anew, e-mail addresses,
locked rows, and contacts that cannot be deleted. Each row is answered in its place.
"""

import re
import urllib.parse

from tests.fakes.crm.server import FakeCrm, RefusedError, Reply

CLIENT_ID, CLIENT_SECRET = "3MVG9example", "the consumer secret"
VERSION = "62.0"
BUILT_IN = {
    "LastName": "text",
    "Email": "email",
    "MobilePhone": "text",
    "HasOptedOutOfEmail": "checkbox",
}
_LENGTHS = {"LastName": 80, "MobilePhone": 40, "Email": 80}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
_WHERE = re.compile(
    r"SELECT Id, (\w+) FROM (\w+) WHERE (\w+) IN \(([^)]*)\) OR (\w+) IN \(([^)]*)\)"
)
_OPTED_OUT = re.compile(
    r"SELECT Id, (\w+) FROM Contact WHERE \((\w+) = true\) AND (\w+) != null AND (\w+) = true"
    r"(?: AND Id > '(\w+)')? ORDER BY Id LIMIT (\d+)"
)
_HISTORY = re.compile(
    r"SELECT ContactId, NewValue, CreatedDate FROM ContactHistory"
    r" WHERE ContactId IN \(([^)]*)\) AND Field IN \(([^)]*)\) ORDER BY CreatedDate DESC"
)
_CHECKS = {
    "text": lambda value: isinstance(value, str),
    "email": lambda value: isinstance(value, str),
    "checkbox": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "datetime": lambda value: isinstance(value, str) and _TIME.fullmatch(value),
    "external_id": lambda value: isinstance(value, str),
}


def whole(status, code, message="…"):
    return Reply(status, [{"message": message, "errorCode": code}])


def failed(code, *fields):
    # Salesforce's words quote what was sent; nothing of them may be kept.
    error = {"statusCode": code, "message": "a value: +8613800138000", "fields": list(fields)}
    return {"success": False, "errors": [error]}


class Salesforce(FakeCrm):
    def __init__(self, fields, key="Doorman_Member__c"):
        super().__init__()
        self.fields = BUILT_IN | fields
        self.key = key
        self.contacts = {}
        self.sessions = 0
        self.over = set()
        self.locked = set()
        self.undeletable = set()
        self.calls_left = 10_000
        self.history = []

    @property
    def session(self):
        return f"00Dxx!session{self.sessions}"

    def end_session(self):
        self.over.add(self.session)

    def by(self, name, value):
        found = [id_ for id_, contact in self.contacts.items() if contact.get(name) == value]
        return found[0] if found else None

    def answer(self, request):
        if request.path == "/services/oauth2/token":
            return self._token(request)
        self._admit(request)
        path = request.path.removeprefix(f"/services/data/v{VERSION}")
        match request.method, path.split("/")[1:]:
            case "PATCH", ["composite", "sobjects", "Contact", key]:
                return self._collection(request, key)
            case "PATCH", ["composite", "sobjects"]:
                return self._collection(request, None)
            case "DELETE", ["composite", "sobjects"]:
                return self._delete(request.query)
            case "GET", ["query"]:
                return self._query(request.query["q"])
        return whole(404, "NOT_FOUND", "The requested resource does not exist")

    def _token(self, request):
        form = dict(urllib.parse.parse_qsl(request.body.decode()))
        if request.headers["content-type"] != "application/x-www-form-urlencoded":
            return Reply(400, {"error": "unsupported_grant_type"})
        if form.get("grant_type") != "client_credentials":
            return Reply(400, {"error": "unsupported_grant_type"})
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return Reply(400, {"error": "invalid_client", "error_description": "invalid client"})
        self.sessions += 1
        return Reply(
            200,
            {
                "access_token": self.session,
                "instance_url": "https://elsewhere.example",
                "token_type": "Bearer",
                "issued_at": "1780000000000",
            },
        )

    def _admit(self, request):
        given = request.headers.get("authorization", "")
        if not self.sessions or given != f"Bearer {self.session}" or self.session in self.over:
            words = "Session expired or invalid"
            raise RefusedError(whole(401, "INVALID_SESSION_ID", words))
        self.calls_left -= 1
        if self.calls_left < 0:
            words = "TotalRequests Limit exceeded."
            raise RefusedError(whole(403, "REQUEST_LIMIT_EXCEEDED", words))

    def _collection(self, request, key):
        body = request.json
        rows = body["records"]
        if len(rows) > 200:
            raise RefusedError(whole(400, "EXCEEDED_ID_LIMIT", "record limit reached"))
        if body["allOrNone"] is not False or (key and self.fields.get(key) != "external_id"):
            raise RefusedError(whole(404, "NOT_FOUND", "Provided external ID field does not exist"))
        for row in rows:
            if row.get("attributes") != {"type": "Contact"} or (key and "id" in row):
                raise RefusedError(whole(400, "INVALID_FIELD", "attributes"))
            for name in row.keys() - {"attributes", "id"}:
                if name not in self.fields:
                    said = f"No such column '{name}' on sobject of type Contact"
                    raise RefusedError(whole(400, "INVALID_FIELD", said))
        ids = [row[key] if key else row["id"] for row in rows]
        twice = {each for each in ids if ids.count(each) > 1}
        return Reply(
            200,
            [
                failed("DUPLICATE_VALUE", key)
                if each in twice
                else self._put(key, {k: v for k, v in row.items() if k != "attributes"})
                for each, row in zip(ids, rows, strict=True)
            ],
        )

    def _put(self, key, row):
        id_ = self.by(key, row[key]) if key else row.pop("id")
        if not key and id_ not in self.contacts:
            return failed("ENTITY_IS_DELETED")
        if id_ in self.locked:
            return failed("UNABLE_TO_LOCK_ROW")
        for name, value in row.items():
            wrong = self._wrong(name, value)
            if wrong:
                return failed(wrong, name)
        if id_ is None and not row.get("LastName"):
            return failed("REQUIRED_FIELD_MISSING", "LastName")
        holder = self.by(self.key, row.get(self.key)) if row.get(self.key) else None
        if holder and holder != id_:
            return failed("DUPLICATE_VALUE", self.key)
        created = id_ is None
        if created:
            id_ = f"003{len(self.contacts) + len(self.requests):012}AAA"
            self.contacts[id_] = dict.fromkeys(self.fields)
        self.contacts[id_].update(row)
        return {"id": id_, "success": True, "errors": [], "created": created}

    def _wrong(self, name, value):
        kind = self.fields[name]
        if value is None:
            return "INVALID_TYPE_ON_FIELD_IN_RECORD" if kind == "checkbox" else None
        if not _CHECKS[kind](value):
            return "INVALID_TYPE_ON_FIELD_IN_RECORD"
        if kind == "email" and not _EMAIL.fullmatch(value):
            return "INVALID_EMAIL_ADDRESS"
        if isinstance(value, str) and len(value) > _LENGTHS.get(name, 255):
            return "STRING_TOO_LONG"
        return None

    def _delete(self, query):
        ids = query["ids"].split(",")
        if len(ids) > 200 or query.get("allOrNone", "false") != "false":
            raise RefusedError(whole(400, "EXCEEDED_ID_LIMIT"))
        return Reply(200, [self._gone(id_) for id_ in ids])

    def _gone(self, id_):
        if id_ not in self.contacts:
            return failed("ENTITY_IS_DELETED")
        if id_ in self.locked:
            return failed("UNABLE_TO_LOCK_ROW")
        if id_ in self.undeletable:
            return failed("DELETE_FAILED")
        del self.contacts[id_]
        return {"id": id_, "success": True, "errors": []}

    def opt_out(self, id_, at, value=True):
        """What the contact itself does, by a link in a mail; `at` if the field is tracked."""
        self.contacts[id_]["HasOptedOutOfEmail"] = value
        if at:
            row = {"ContactId": id_, "NewValue": value, "CreatedDate": at}
            self.history.insert(0, row)

    def _opted_out(self, asked):
        shown, field, key, told, after, limit = asked.groups()
        if {shown, field, key, told} - self.fields.keys():
            raise RefusedError(whole(400, "INVALID_FIELD"))
        found = [
            {"attributes": {"type": "Contact"}, "Id": id_, shown: contact[shown]}
            for id_, contact in sorted(self.contacts.items())
            if contact[field] and contact[key] and contact[told] and id_ > (after or "")
        ][: int(limit)]
        return Reply(200, {"totalSize": len(found), "done": True, "records": found})

    def _query(self, text):
        if asked := _OPTED_OUT.fullmatch(text):
            return self._opted_out(asked)
        if asked := _HISTORY.fullmatch(text):
            ids, fields = (re.findall(r"'([^']*)'", each) for each in asked.groups())
            if set(fields) - self.fields.keys():
                raise RefusedError(whole(400, "INVALID_FIELD"))
            rows = [row for row in self.history if row["ContactId"] in ids]
            return Reply(200, {"totalSize": len(rows), "done": True, "records": rows})
        found = _WHERE.fullmatch(text)
        if not found:
            raise RefusedError(whole(400, "MALFORMED_QUERY"))
        shown, object_, first, firsts, second, seconds = found.groups()
        if object_ != "Contact" or {shown, first, second} - self.fields.keys():
            raise RefusedError(whole(400, "INVALID_FIELD"))
        wanted = {
            first: re.findall(r"'([^']*)'", firsts),
            second: re.findall(r"'([^']*)'", seconds),
        }
        rows = [
            {"attributes": {"type": "Contact"}, "Id": id_, shown: contact[shown]}
            for id_, contact in self.contacts.items()
            if any(contact.get(name) in values for name, values in wanted.items())
        ]
        return Reply(200, {"totalSize": len(rows), "done": True, "records": rows})
