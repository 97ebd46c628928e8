"""The iPhone's sheet: it opens by itself, forgets everything, and wants a full page to be done."""

import pytest

from core.models.login import Login
from tests.portal.sequences.verdict import PORTAL_URL, Verdict


def test_from_joining_to_done(iphone, carrier, gate):
    assert iphone.join() is Verdict.PORTAL
    assert (iphone.window.path, iphone.button) == ("/", "Cancel")

    iphone.give_number()
    assert (iphone.window.path, iphone.button) == ("/code", "Cancel")

    iphone.window.press("next", code=carrier.code)
    assert (iphone.window.path, iphone.button) == ("/consent", "Cancel")

    iphone.window.press("go-online")
    assert (iphone.window.path, iphone.button) == ("/online", "Done")
    # A full navigation: upon an answer to a script it would not have looked again.
    assert iphone.window.led == [303, 200]

    iphone.window = None
    assert iphone.join() is Verdict.OPEN
    assert iphone.window is None


def test_each_step_is_a_full_navigation(iphone, carrier):
    iphone.join()
    assert iphone.window.led == [302, 200]

    for button, typed in (("next", {"phone": "13800138000", "terms": "yes"}), ("resend", {})):
        iphone.air.pass_by(seconds=61)
        iphone.window.press(button, **typed)
        assert iphone.window.led == [303, 200]

    iphone.window.press("next", code=carrier.code)
    assert iphone.window.led == [303, 200]
    iphone.window.press("go-online")
    assert iphone.window.led == [303, 200]
    iphone.window.press("logout")
    assert iphone.window.led == [303, 200]
    assert iphone.button == "Cancel"


def test_looking_at_the_text_message_loses_nothing(iphone, carrier):
    iphone.join()
    iphone.give_number()
    code = carrier.code
    iphone.put_aside()

    iphone.join()
    assert iphone.window.path == "/code"
    assert "138****8000" in iphone.window.page.text
    iphone.window.press("next", code=code)
    assert iphone.window.path == "/consent"
    assert len(carrier.sent) == 1


def test_looking_at_the_text_message_again_and_again_loses_nothing(iphone, carrier, rows):
    iphone.join()
    iphone.give_number()
    for _ in range(5):
        iphone.put_aside()
        iphone.join()
        assert iphone.window.path == "/code"

    iphone.window.press("next", code=carrier.code)
    iphone.put_aside()
    iphone.join()
    assert iphone.window.path == "/consent"
    iphone.window.press("go-online")
    assert iphone.button == "Done"
    assert len(rows(Login)) == len(carrier.sent) == 1


@pytest.mark.parametrize("asked_again", ["/login", "/resend", "/consent", "/logout"])
def test_a_sheet_that_reloads_where_its_last_form_went_finds_the_step(iphone, asked_again):
    iphone.join()
    iphone.give_number()

    iphone.window.open(PORTAL_URL + asked_again)
    assert iphone.window.path == "/code"


def test_a_gate_that_is_down_leaves_cancel_and_a_way_to_try_again(iphone, carrier, gate):
    iphone.join()
    iphone.give_number()
    iphone.window.press("next", code=carrier.code)
    gate.down = True
    iphone.window.press("go-online")
    assert (iphone.window.page.status, iphone.button) == (503, "Cancel")

    iphone.put_aside()
    iphone.join()
    assert iphone.window.path == "/connect"

    iphone.window.press("connect")
    assert (iphone.window.page.status, iphone.button) == (503, "Cancel")

    gate.down = False
    iphone.window.press("connect")
    assert (iphone.window.path, iphone.button) == ("/online", "Done")
    assert iphone.window.led == [303, 200]


def test_who_opens_the_portal_while_online_is_told_so(iphone, carrier):
    iphone.join()
    iphone.give_number()
    iphone.window.press("next", code=carrier.code)
    iphone.window.press("go-online")

    safari = iphone.browse()
    safari.open(f"{PORTAL_URL}/")
    assert safari.path == "/online"
    assert 'id="online"' in safari.page.text
