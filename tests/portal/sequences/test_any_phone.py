"""What shoppers do with their phones, whoever made them."""

import pytest

from core.models.grant import Grant
from core.models.login import Login
from core.models.member import Member
from tests.portal.conftest import NUMBER, OTHER_NUMBER
from tests.portal.sequences.verdict import PORTAL_URL, Verdict


def go_online(handset, carrier):
    handset.join()
    handset.give_number()
    handset.window.press("next", code=carrier.code)
    handset.window.press("go-online")


def test_an_address_that_rotates_in_mid_login_starts_anew(handset, carrier):
    handset.join()
    handset.give_number()
    old_code = carrier.code
    first = handset.browse()
    first.open(f"{PORTAL_URL}/code")

    assert handset.take_address("127.0.0.21") is Verdict.PORTAL
    assert handset.window.path == "/"
    assert "138" not in handset.window.page.text

    # The page from before the change, sent from the new address.
    handset.window = first
    first.press("next", code=old_code)
    assert first.path == "/"
    assert first.led == [303, 200]


def test_a_code_is_worth_nothing_to_another_address(handset, carrier, gate):
    handset.join()
    handset.give_number()
    old_code = carrier.code
    handset.take_address("127.0.0.21")
    handset.air.pass_by(seconds=61)
    handset.give_number()
    new_code = carrier.code

    if new_code == old_code:
        pytest.skip("one in a million: both were given the same code")
    handset.window.press("next", code=old_code)
    assert (handset.window.path, handset.window.page.status) == ("/code", 422)
    handset.window.press("next", code=new_code)
    assert handset.window.path == "/consent"
    assert gate.inside == {}


def test_a_phone_that_rotates_while_online_is_a_new_phone(handset, carrier, gate):
    go_online(handset, carrier)

    assert handset.take_address("127.0.0.21") is Verdict.PORTAL
    assert handset.window.path == "/"
    assert handset.ask_api()["captive"] is True
    assert len(gate.inside) == 1


def test_a_code_that_is_sent_again_is_the_same_and_either_message_will_do(handset, carrier):
    handset.join()
    handset.give_number()
    handset.put_aside()
    handset.air.pass_by(minutes=2)
    handset.join()
    handset.window.press("resend")

    assert handset.window.path == "/code"
    assert [message.code for message in carrier.sent] == [carrier.code] * 2
    handset.window.press("next", code=carrier.sent[0].code)
    assert handset.window.path == "/consent"


def test_a_code_asked_for_too_soon_is_a_word_on_the_same_page(handset, carrier):
    handset.join()
    handset.give_number()
    handset.window.press("resend")

    assert (handset.window.path, handset.window.page.status) == ("/resend", 429)
    handset.window.press("next", code=carrier.code)
    assert handset.window.path == "/consent"


def test_two_tabs_both_end_on_the_right_page(handset, carrier, rows):
    handset.join()
    handset.give_number()
    first, second = handset.window, handset.browse()
    second.open(f"{PORTAL_URL}/")
    assert second.path == "/code"

    first.press("next", code=carrier.code)
    second.press("next", code=carrier.code)
    assert (first.path, second.path) == ("/consent", "/consent")
    assert second.page.status == 200

    first.press("go-online")
    second.press("go-online", membership="yes")
    assert second.path == "/online"
    assert len(rows(Login)) == len(rows(Grant)) == 1
    # The first answer counts: the second was to a question that was settled.
    assert rows(Member) == []


def test_two_tabs_that_both_ask_for_a_code_get_one(handset, carrier):
    handset.join()
    second = handset.browse()
    second.open(f"{PORTAL_URL}/")
    handset.give_number()
    second.press("next", phone=NUMBER, terms="yes")

    assert second.path == "/code"
    assert len(carrier.sent) == 1


STEPS = ("number", "code", "consent", "online")
PAGES = {"number": "/", "code": "/code", "consent": "/consent", "online": "/online"}


def walk_on(tab, carrier):
    """Send the form of the page that is shown, filled in."""
    if tab.path == "/":
        tab.press("next", phone=NUMBER, terms="yes")
    elif tab.path == "/code":
        tab.press("next", code=carrier.code)
    else:
        tab.press("go-online")


def walk_to(step, handset, carrier):
    """A tab that has been shown every page until this step."""
    tab = handset.browse()
    tab.open(f"{PORTAL_URL}/")
    while tab.path != PAGES[step]:
        walk_on(tab, carrier)
    return tab


@pytest.mark.parametrize("seconds_later", [0, 90])
@pytest.mark.parametrize(
    ("step", "back"),
    [(step, back) for at, step in enumerate(STEPS) for back in range(1, at + 1)],
)
def test_an_old_form_sent_again_leads_to_where_the_phone_stands(
    handset, carrier, step, back, seconds_later
):
    tab = walk_to(step, handset, carrier)
    handset.air.pass_by(seconds=seconds_later)
    for _ in range(back):
        tab.back()
    walk_on(tab, carrier)

    assert tab.path == PAGES[step]
    assert tab.led == [303, 200]


@pytest.mark.parametrize(
    ("path", "form", "own_step"),
    [
        pytest.param("/code", {"code": "000000"}, "code", id="code"),
        pytest.param("/resend", {}, "code", id="resend"),
        pytest.param("/consent", {"membership": "yes"}, "consent", id="consent"),
        pytest.param("/connect", {}, None, id="connect"),
    ],
)
def test_no_form_of_ours_is_an_error_at_another_step(handset, carrier, path, form, own_step):
    for step in STEPS:
        tab = walk_to(step, handset, carrier)
        if step != own_step:
            tab.send(PORTAL_URL + path, form)
            assert tab.path == PAGES[step]
            assert tab.led == [303, 200]


@pytest.mark.parametrize("step", STEPS)
def test_a_page_that_is_loaded_anew_after_going_back_leads_to_where_the_phone_stands(
    handset, carrier, step
):
    tab = walk_to(step, handset, carrier)
    while tab.path != "/":
        tab.back()
    tab.reload()

    assert tab.path == PAGES[step]


def test_an_old_number_page_may_still_give_another_number(handset, carrier):
    tab = walk_to("consent", handset, carrier)
    handset.air.pass_by(seconds=61)
    tab.back()
    tab.back()
    tab.press("next", phone=OTHER_NUMBER, terms="yes")

    assert tab.path == "/code"
    assert "139****5678" in tab.page.text


def test_after_the_time_is_up_the_page_comes_back(handset, carrier, gate):
    go_online(handset, carrier)
    assert handset.ask_api()["captive"] is False
    assert handset.join() is Verdict.OPEN

    handset.air.pass_by(hours=4)
    assert gate.inside == {}
    assert handset.ask_api() == {"captive": True, "user-portal-url": f"{PORTAL_URL}/"}
    assert handset.join() is Verdict.PORTAL
    assert handset.window.path == "/"
    assert 'id="phone"' in handset.window.page.text


def test_the_page_of_a_session_that_is_over_leads_to_the_start(handset, carrier):
    tab = walk_to("online", handset, carrier)
    handset.air.pass_by(hours=4)
    tab.reload()
    assert tab.path == "/"

    tab = walk_to("online", handset, carrier)
    handset.air.pass_by(hours=4)
    tab.press("logout")
    assert tab.path == "/"


def test_a_login_that_was_left_lying_starts_anew(handset, carrier):
    tab = walk_to("code", handset, carrier)
    handset.air.pass_by(minutes=31)
    tab.press("next", code=carrier.code)

    assert tab.path == "/"
    assert handset.join() is Verdict.PORTAL
    assert handset.window.path == "/"


def test_a_firewall_that_was_emptied_asks_for_one_tap(handset, carrier, gate):
    go_online(handset, carrier)
    gate.inside.clear()

    assert handset.join() is Verdict.PORTAL
    assert handset.window.path == "/connect"
    assert handset.ask_api()["captive"] is True
    handset.window.press("connect")
    assert handset.join() is Verdict.OPEN


def test_who_logs_out_and_goes_back_is_not_online_again(handset, carrier, gate):
    tab = walk_to("online", handset, carrier)
    tab.press("logout")
    assert tab.path == "/"

    tab.back()
    tab.back()
    tab.press("go-online")
    assert tab.path == "/"
    assert gate.inside == {}
    assert handset.join() is Verdict.PORTAL


def test_a_page_of_the_web_is_the_portal_before_and_itself_after(handset, carrier):
    tab = handset.browse()
    tab.open("http://news.example/today")
    assert (tab.path, tab.led) == ("/", [302, 200])

    go_online(handset, carrier)
    tab.open("http://news.example/today")
    assert tab.page.text == "<html>the web</html>"


def test_no_page_speaks_of_a_code_or_a_whole_number(handset, carrier):
    tab = walk_to("online", handset, carrier)
    shown = "".join(page.text for page in tab.shown)

    assert "138****8000" in shown
    assert carrier.code not in shown
    assert NUMBER not in shown
