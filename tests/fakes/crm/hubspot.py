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
        self.number = 1000

    def by(self, name, value):
        found = [id_ for id_, contact in self.contacts.items() if contact.get(name) == value]
        return found[0] if found else None

    def answer(self, request):
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise RefusedError(error(401, "INVALID_AUTHENTICATION", "Authentication is invalid."))
        path = request.path.removeprefix("/crm/v3/objects/contacts")
        read_only = path == "/batch/read"
        scope = f"crm.objects.contacts.{'read' if read_only else 'write'}"
        if scope not in self.scopes:
            raise RefusedError(error(403, "MISSING_SCOPES", "This app has no such scope."))
        if request.headers.get("content-type") != "application/json":
            raise RefusedError(error(415, "UNSUPPORTED", "Unsupported media type"))
        body = request.json
        match request.method, path:
            case "POST", "/batch/upsert":
                return self._each(body, self._upsert)
            case "POST", "/batch/update":
                return self._each(body, self._update)
            case "POST", "/batch/read":
                return self._read(body)
            case "POST", "/merge":
                return self._merge(body)
            case "POST", "/gdpr-delete":
                return self._purge(body)
        return error(404, "OBJECT_NOT_FOUND", "resource not found")

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
        name = body.get("idProperty")
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
                found.append({"id": id_, "properties": wanted, "archived": False})
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
