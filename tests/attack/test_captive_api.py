"""The Captive Portal API (RFC 8908), asked by phones and by whoever else is in the network."""

import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.attack.web_programs import portal

ADDRESS = "/captive-portal/api"
WHOLE = {"type": "integer", "minimum": 0}
# Section 5 of the RFC, and Android's own word; nobody is told anything else.
STATE = {
    "type": "object",
    "required": ["captive", "user-portal-url"],
    "additionalProperties": False,
    "properties": {
        "captive": {"type": "boolean"},
        "user-portal-url": {"type": "string", "pattern": "^https?://localhost/"},
        "venue-info-url": {"type": "string"},
        "can-extend-session": {"type": "boolean"},
        "seconds-remaining": WHOLE,
        "bytes-remaining": WHOLE,
        "x-android-use-custom-tabs": WHOLE,
    },
}
TEXT = {"schema": {"type": "string"}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "RFC 8908", "version": "1"},
    "paths": {
        ADDRESS: {
            "get": {
                "parameters": [
                    {"in": "query", "name": "lang", **TEXT},
                    {"in": "header", "name": "Accept-Language", **TEXT},
                    {"in": "header", "name": "User-Agent", **TEXT},
                    {"in": "header", "name": "X-Forwarded-For", **TEXT},
                ],
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/captive+json": {"schema": STATE}},
                    },
                    # For people, and for addresses that cannot be read.
                    "302": {"description": ""},
                    "400": {"description": ""},
                },
            }
        }
    },
}
PROMISES = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
ACCEPTED = st.sampled_from(["application/captive+json", "*/*", "", "text/html", "TEXT/HTML;q=,"])


def test_whatever_is_asked_is_answered_as_the_rfc_has_it(request):
    app, _ = portal(request)
    document = schemathesis.openapi.from_dict(DOCUMENT)
    document.app = app
    operation = document[ADDRESS]["GET"]

    @hypothesis_settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), accepted=ACCEPTED)
    def ask(case, accepted):
        answer = case.call(base_url="http://localhost", headers={"Accept": accepted})
        case.validate_response(answer, checks=PROMISES)

    ask()
