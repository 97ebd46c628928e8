"""The document and the answers, held against each other by somebody who knows neither."""

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from analytics.api import document, questions

PUBLISHED = Path(__file__).parents[3] / "docs" / "api.json"
PROMISES = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("path", [each.path for each in questions.QUESTIONS])
def test_whatever_is_asked_is_answered_as_documented(app, token, path, mode):
    operation = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)[path]["GET"]

    @hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=PROMISES)

    ask()


def test_the_published_document_is_the_one_that_is_served(app):
    served = app.test_client().get("/api/v1/openapi.json").json

    assert served == document.build()
    assert json.loads(PUBLISHED.read_text()) == served
