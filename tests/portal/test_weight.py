"""A page is light and whole: under 50 KB with all it needs, and all of it from us."""

import re

import pytest

from core.texts import LANGUAGES
from portal.application import create_app
from tests.portal import stages
from tests.portal.conftest import Phone

LIMIT_BYTES = 50 * 1024


@pytest.fixture(params=LANGUAGES)
def pages(request, parts, carrier, gate, clock, marketing):  # noqa: PLR0917 - fixtures are passed by name
    shop = stages.generous(parts)
    phone = Phone(create_app(shop), "127.0.0.1", carrier)
    others = {"parts": shop, "gate": gate, "clock": clock, "marketing": marketing}
    return phone, list(stages.visited(phone, request.param, **others))


def needed(html):
    """Addresses that a browser fetches by itself for a page."""
    found = re.findall(r"<(?:link|script|img|iframe|source|video|audio)\b[^>]*>", html)
    return [
        address
        for tag in found
        for address in re.findall(r'(?:href|src|srcset)="([^"]*)"', tag)
        if not address.startswith("data:")
    ]


def test_every_page_weighs_less_than_50_kb_in_all(pages):
    phone, answers = pages
    for name, answer in answers:
        parts = [phone.get(address) for address in needed(answer.text)]
        assert [part.status_code for part in parts] == [200], name
        weight = sum(len(part.data) + len(str(part.headers)) for part in [answer, *parts])
        assert 1000 < weight < LIMIT_BYTES, name


def test_no_page_refers_to_anything_outside(pages):
    phone, answers = pages
    sheet = phone.get(needed(answers[0][1].text)[0]).text
    assert not re.search(r"url\(|@import", sheet)
    for name, answer in answers:
        # What only leads on when it is tapped is WeChat.
        kinds = "src|action" if name.startswith("wechat") else "href|src|action"
        assert not re.search(rf'(?:{kinds})="(?:https?:)?//|url\(|@import', answer.text), name
        assert all(address.startswith("/") for address in needed(answer.text)), name


def test_no_page_needs_a_script(pages):
    for _, answer in pages[1]:
        assert "<script" not in answer.text
        assert not re.search(r'\son\w+="', answer.text)
        assert ' style="' not in answer.text


def test_a_style_sheet_may_be_kept(phone):
    (address,) = needed(phone.get("/").text)
    answer = phone.get(address)

    assert "max-age=86400" in answer.headers["Cache-Control"]
    assert re.search(r"v=[0-9a-f]{8}$", address)


def test_every_field_has_a_label(pages):
    for name, answer in pages[1]:
        shown = re.findall(r'<input id="(\w+)"[^>]*type="(\w+)"', answer.text)
        for field, sort in shown:
            beside = rf'<label class="tick[^>]*><input id="{field}"'
            above = rf'<label class="field" for="{field}"'
            assert re.search(beside if sort == "checkbox" else above, answer.text), (name, field)
