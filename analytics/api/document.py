"""What programs may ask, as a document of the OpenAPI Specification, version 3.1."""

from typing import Any

from pydantic import TypeAdapter

from analytics.api.questions import QUESTIONS, Parameter, Question

VERSION = "1.0"
"""Its first number grows when a program that reads what it knows would break: then the
addresses do, too."""
BASE = "/api/v1"

_SCHEMAS = "#/components/schemas/"
_PROBLEMS = {
    400: "The address cannot be read.",
    401: "No token, or one that is unknown or has expired.",
    404: "Nothing is known of that.",
    422: "A parameter is missing, unknown or not a date; the answer says which.",
}
_WHAT_IT_IS = (
    "Figures of one store, to read. Figures of traffic are estimates of devices, with 95 %"
    " intervals; small counts are withheld, as null. Days are the store's own."
)


def build() -> dict[str, Any]:
    """Of all questions; ready for JSON."""
    answers, definitions = TypeAdapter.json_schemas(
        [(each.name, "serialization", each.answer) for each in QUESTIONS],
        ref_template=_SCHEMAS + "{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Doorman: a store's figures",
            "version": VERSION,
            "description": _WHAT_IT_IS,
        },
        "servers": [{"url": BASE}],
        "security": [{"token": []}],
        "paths": {
            each.path: {"get": _operation(each, answers[each.name, "serialization"])}
            for each in QUESTIONS
        },
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made in the dashboard, under Tokens.",
                }
            },
            "schemas": {**definitions["$defs"], "Problem": _problem()},
        },
    }


def _operation(question: Question, answer: Any) -> dict[str, Any]:
    return {
        "operationId": question.name,
        "summary": question.summary,
        "parameters": [_parameter(each) for each in question.parameters],
        "responses": {
            "200": {
                "description": "The figures.",
                "content": {"application/json": {"schema": answer}},
            },
            **{str(status): _refusal(text) for status, text in _PROBLEMS.items()},
        },
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "path" if parameter.in_path else "query",
        "required": True,
        "description": parameter.text,
        "schema": {"type": "string", "format": "date"},
    }


def _refusal(text: str) -> dict[str, Any]:
    schema = {"$ref": f"{_SCHEMAS}Problem"}
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}


def _problem() -> dict[str, Any]:
    """RFC 9457."""
    return {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What to ask instead."},
        },
        "required": ["title", "status"],
        "additionalProperties": False,
    }
