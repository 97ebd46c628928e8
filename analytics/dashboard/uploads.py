"""How large a request may be that brings a picture. For whoever reads its form first."""

from flask import request

from analytics.dashboard import pictures

# The picture, and a page of coupon codes.
_MOST_BYTES = pictures.MOST_BYTES + 512 * 1024
_MOST_TEXT_BYTES = 1024 * 1024


def allow() -> None:
    """Only where somebody is signed in may a request be as large as a picture."""
    request.max_content_length = _MOST_BYTES
    request.max_form_memory_size = _MOST_TEXT_BYTES
