"""Answers with a file to keep."""

from flask import Response


def of(made: str | bytes, name: str, mimetype: str = "text/csv") -> Response:
    """`name` is of letters, digits and hyphens: it stands in a header as it is."""
    disposition = f'attachment; filename="{name}"'
    return Response(made, mimetype=mimetype, headers={"Content-Disposition": disposition})
