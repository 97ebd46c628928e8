"""HubSpot's contacts, as strict as it is: api.hubapi.com, CRM API v3.

Checked: the token, scopes, properties that exist and their types, unique values, 100 inputs a
batch, a trace id for each input or none at all. With trace ids a batch is taken in part (207);
without, one bad input refuses all of it (400). GDPR deletion is for good; the id stays unknown.
"""

import re

from tests.fakes.crm.server import FakeCrm, RefusedError, Reply

TOKEN = "pat-eu1-00000000-1111-2222-3333-444444444444"
SCOPES = {"crm.objects.contacts.read", "crm.objects.contacts.write"}
BUILT_IN = {
    "email": "string",
    "phone": "string",
    "hs_language": "enumeration",
    "createdate": "datetime",
    "hs_email_optout": "bool",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
_CHECKS = {
    "string": lambda value: len(value) <= 65_536,
    "bool": lambda value: value in ("true", "false"),
    "number": lambda value: re.fullmatch(r"-?\d+(\.\d+)?", value) is not None,
    "datetime": lambda value: _TIME.fullmatch(value) is not None,
    "enumeration": lambda value: value.isascii(),
}
_MOST = 100


def error(status, category, message, **more):
    body = {"status": "error", "message": message, "correlationId": "c0ffee", "category": category}
    return Reply(status, {**body, **more})


def limited(policy="TEN_SECONDLY_ROLLING", **headers):
    """What HubSpot says to too many requests."""
    words = f"You have reached your {policy.lower()} limit."
    body = {"status": "error", "message": words, "errorType": "RATE_LIMIT", "policyName": policy}
    return Reply(429, body, headers)


class HubSpot(FakeCrm):
    def __init__(self, properties, unique="doorman_member"):
        super().__init__()
        self.properties = BUILT_IN | properties
        self.unique = unique
        self.token = TOKEN
        self.scopes = set(SCOPES)
        self.contacts = {}
        self.merged_into = {}
        self.history = {}
        self.number = 1000

    def by(self, name, value):
        found = [id_ for id_, contact in self.contacts.items() if contact.get(name) == value]
        return found[0] if found else None

    def answer(self, request):
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise RefusedError(error(401, "INVALID_AUTHENTICATION", "Authentication is invalid."))
        path = request.path.removeprefix("/crm/v3/objects/contacts")
        read_only = path in ("/batch/read", "/search")
        scope = f"crm.objects.contacts.{'read' if read_only else 'write'}"
        if scope not in self.scopes:
            raise RefusedError(error(403, "MISSING_SCOPES", "This app has no such scope."))
        if request.headers.get("content-type") != "application/json":
            raise RefusedError(error(415, "UNSUPPORTED", "Unsupported media type"))
        body = request.json
        answers = {
            "/batch/upsert": lambda: self._each(body, self._upsert),
            "/batch/update": lambda: self._each(body, self._update),
            "/batch/read": lambda: self._read(body),
            "/search": lambda: self._search(body),
            "/merge": lambda: self._merge(body),
            "/gdpr-delete": lambda: self._purge(body),
        }
        if request.method == "POST" and path in answers:
            return answers[path]()
        return error(404, "OBJECT_NOT_FOUND", "resource not found")

    def opt_out(self, id_, at, value="true", name="hs_email_optout"):
        """What the contact itself does, by a link in a mail; no API sets it."""
        self.contacts[id_][name] = value
        change = {"value": value, "timestamp": at, "sourceType": "EMAIL"}
        self.history.setdefault((id_, name), []).insert(0, change)

    def _search(self, body):
        groups = body["filterGroups"]
        filters = [each for group in groups for each in group["filters"]]
        if not (1 <= len(groups) <= 5 and len(filters) <= 18 and 1 <= body["limit"] <= 200):
            raise RefusedError(error(400, "VALIDATION_ERROR", "filterGroups, filters or limit"))
        if body["sorts"] != [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]:
            raise RefusedError(error(400, "VALIDATION_ERROR", "sorts"))
        for each in filters:
            self._known(each["propertyName"])
        found = [
            id_
            for id_ in sorted(self.contacts, key=int)
            if any(all(self._fits(id_, each) for each in group["filters"]) for group in groups)
        ]
        page = [
            {"id": id_, "properties": {key: self.contacts[id_].get(key) for key in wanted}}
            for id_ in found[: body["limit"]]
            if (wanted := ["hs_object_id", *body["properties"]])
        ]
        return Reply(200, {"total": len(found), "results": page})

    def _known(self, name):
        if name not in self.properties and name != "hs_object_id":
            said = f'Property "{name}" does not exist'
            details = [{"message": said, "code": "PROPERTY_DOESNT_EXIST", "in": name}]
            raise RefusedError(error(400, "VALIDATION_ERROR", said, errors=details))

    def _fits(self, id_, wanted):
        name = wanted["propertyName"]
        value = id_ if name == "hs_object_id" else self.contacts[id_].get(name)
        match wanted["operator"]:
            case "HAS_PROPERTY":
                return bool(value)
            case "EQ":
                return value == wanted["value"]
            case "GT":
                return int(value) > int(wanted["value"])
        raise RefusedError(error(400, "VALIDATION_ERROR", "operator"))

    def _inputs(self, body):
        inputs = body["inputs"]
        if not 1 <= len(inputs) <= _MOST:
            raise RefusedError(error(400, "VALIDATION_ERROR", f"inputs: 1 to {_MOST}"))
        return inputs

    def _each(self, body, do):
        inputs = self._inputs(body)
        traces = [each.get("objectWriteTraceId") for each in inputs]
        ids = [each["id"] for each in inputs]
        if len(set(ids)) < len(ids) or len({*traces} - {None}) not in (0, len(inputs)):
            raise RefusedError(error(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input"))
        before = {id_: dict(contact) for id_, contact in self.contacts.items()}
        results, errors = [], []
        for each, trace in zip(inputs, traces, strict=True):
            try:
                results.append({**do(each), "objectWriteTraceId": trace})
            except RefusedError as refused:
                if trace is None or isinstance(refused, _WholeError):
                    self.contacts = before
                    raise
                said = refused.reply.body
                context = {**said.get("context", {}), "objectWriteTraceId": [trace]}
                errors.append({**said, "context": context})
        if not errors:
            return Reply(200, {"status": "COMPLETE", "results": results})
        many = {"numErrors": len(errors), "errors": errors}
        return Reply(207, {"status": "COMPLETE", "results": results, **many})

    def _checked(self, properties):
        for name, value in properties.items():
            if name not in self.properties:
                said = f'Property "{name}" does not exist'
                details = [{"message": said, "code": "PROPERTY_DOESNT_EXIST", "in": name}]
                # Of the whole request, whatever the trace ids.
                raise _WholeError(error(400, "VALIDATION_ERROR", said, errors=details))
            fits = isinstance(value, str) and (value == "" or _CHECKS[self.properties[name]](value))
            if not fits or (name == "email" and value and not _EMAIL.fullmatch(value)):
                code = "INVALID_EMAIL" if name == "email" else "INVALID_VALUE"
                said = f"Property values were not valid: {value}"
                details = [{"message": said, "code": code, "in": name}]
                raise RefusedError(error(400, "VALIDATION_ERROR", said, errors=details))
        return properties

    def _upsert(self, each):
        if each.get("idProperty") not in (self.unique, "email"):
            raise _WholeError(error(400, "VALIDATION_ERROR", "idProperty is not unique"))
        properties = self._checked({each["idProperty"]: each["id"], **each["properties"]})
        id_ = self.by(each["idProperty"], each["id"])
        return self._put(id_, properties)

    def _update(self, each):
        properties = self._checked(each["properties"])
        if "idProperty" in each:
            id_ = self.by(each["idProperty"], each["id"])
        else:
            id_ = self.merged_into.get(each["id"], each["id"])
        if id_ not in self.contacts:
            raise RefusedError(error(404, "OBJECT_NOT_FOUND", "Object not found"))
        return self._put(id_, properties)

    def _put(self, id_, properties):
        for name in ("email", self.unique):
            value = properties.get(name)
            holder = self.by(name, value) if value else None
            if holder and holder != id_:
                said = f"Contact already exists. Existing ID: {holder}"
                raise RefusedError(error(409, "CONFLICT", said, context={"existingId": [holder]}))
        is_new = id_ is None
        if is_new:
            self.number += 1
            id_ = str(self.number)
            self.contacts[id_] = {}
        self.contacts[id_].update(properties)
        return {"id": id_, "new": is_new, "properties": dict(self.contacts[id_]), "archived": False}

    def _read(self, body):
        name, histories = body.get("idProperty"), body.get("propertiesWithHistory", [])
        if histories and len(body["inputs"]) > 50:
            said = "The maximum number of inputs for property histories is 50."
            raise RefusedError(error(400, "VALIDATION_ERROR", said))
        for each in histories:
            self._known(each)
        found, missing = [], []
        for each in self._inputs(body):
            if name:
                id_ = self.by(name, each["id"])
            else:
                id_ = self.merged_into.get(each["id"], each["id"])
            if id_ in self.contacts:
                wanted = {"hs_object_id": id_} | {
                    key: self.contacts[id_].get(key) for key in body["properties"]
                }
                row = {"id": id_, "properties": wanted, "archived": False}
                if histories:
                    told = {key: self.history.get((id_, key), []) for key in histories}
                    row["propertiesWithHistory"] = told
                found.append(row)
            else:
                missing.append(each["id"])
        if not missing:
            return Reply(200, {"status": "COMPLETE", "results": found})
        lost = {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some CONTACT objects, they may be deleted or not exist.",
            "context": {"ids": missing},
        }
        return Reply(
            207, {"status": "COMPLETE", "results": found, "numErrors": 1, "errors": [lost]}
        )

    def _merge(self, body):
        first, other = body["primaryObjectId"], body["objectIdToMerge"]
        if first == other or not {first, other} <= self.contacts.keys():
            raise RefusedError(error(400, "VALIDATION_ERROR", "objects cannot be merged"))
        # A merged contact has a new id, and newer values win over the primary's.
        self.number += 1
        merged = str(self.number)
        self.contacts[merged] = self.contacts.pop(first) | self.contacts.pop(other)
        self.merged_into |= {first: merged, other: merged}
        return Reply(200, {"id": merged, "properties": dict(self.contacts[merged])})

    def _purge(self, body):
        if body.get("idProperty") not in (None, "email"):
            raise RefusedError(error(400, "VALIDATION_ERROR", "idProperty must be email"))
        self.contacts.pop(body["objectId"], None)
        return Reply(204)


class _WholeError(RefusedError):
    """Refuses the request, not one input."""
