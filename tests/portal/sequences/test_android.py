"""Android's page: it closes itself the moment the way is open; in a browser's tab it stays."""

import dataclasses

import pytest

from core.models.grant import Grant
from core.models.login import Login, LoginState
from portal.application import create_app
from tests.portal.sequences.air import Air
from tests.portal.sequences.handsets import Android
from tests.portal.sequences.verdict import PORTAL_URL, Verdict


def log_in(android, carrier):
    android.give_number()
    android.window.press("next", code=carrier.code)
    assert android.window.path == "/consent"
    android.window.press("go-online")


def test_the_page_closes_before_it_has_shown_that_all_is_well(android, carrier, gate, rows):
    assert android.join() is Verdict.PORTAL
    assert android.window.path == "/"

    log_in(android, carrier)
    assert not android.window.is_open
    # It was closed at the redirect, so "you are online" was never asked for, and nothing
    # may depend on it.
    assert android.window.led == [303]
    assert len(gate.inside) == len(rows(Grant)) == 1
    assert rows(Login)[0].state is LoginState.ONLINE
    assert android.join() is Verdict.OPEN


def test_the_page_waits_while_its_owner_looks_at_the_text_message(android, carrier):
    android.join()
    android.give_number()
    android.put_aside()

    android.window.press("next", code=carrier.code)
    assert android.window.path == "/consent"


def test_a_page_that_was_swiped_away_comes_back_at_the_same_step(android, carrier):
    android.join()
    android.give_number()
    code = carrier.code
    android.window = None

    android.join()
    assert android.window.path == "/code"
    android.window.press("next", code=code)
    assert android.window.path == "/consent"
    assert len(carrier.sent) == 1


def test_the_page_stays_while_the_gate_is_down(android, carrier, gate):
    android.join()
    android.give_number()
    android.window.press("next", code=carrier.code)
    gate.down = True
    android.window.press("go-online")
    assert android.window.is_open
    assert android.window.page.status == 503

    gate.down = False
    android.window.press("connect")
    assert not android.window.is_open


def test_the_api_and_the_makers_page_agree_at_every_step(android, carrier):
    def told():
        return android.ask_api()["captive"], android.ask_maker()[0]

    assert told() == (True, Verdict.PORTAL)
    android.join()
    android.give_number()
    assert told() == (True, Verdict.PORTAL)
    android.window.press("next", code=carrier.code)
    assert told() == (True, Verdict.PORTAL)
    android.window.press("go-online")
    assert told() == (False, Verdict.OPEN)
    android.air.pass_by(hours=4)
    assert told() == (True, Verdict.PORTAL)


@pytest.fixture
def android_with_tabs(parts, gate, clock):
    asked = parts.settings.portal.model_copy(update={"custom_tabs": True})
    ours = parts.settings.model_copy(update={"portal": asked})
    return Android(
        Air(create_app(dataclasses.replace(parts, settings=ours)), gate, clock), "127.0.0.14"
    )


def test_a_tab_of_the_browser_stays_open_to_the_end(android_with_tabs, carrier):
    android = android_with_tabs
    assert android.join_by_api()
    assert android.window.path == "/"

    log_in(android, carrier)
    assert android.window.is_open
    assert android.window.path == "/online"
    assert not android.join_by_api()


def test_without_the_setting_the_api_leads_to_androids_own_page(android, carrier):
    assert android.join_by_api()

    log_in(android, carrier)
    assert not android.window.is_open


def test_a_tab_can_be_left_and_opened_again_at_every_step(android_with_tabs, carrier):
    android = android_with_tabs
    android.join_by_api()
    android.give_number()
    android.join_by_api()
    assert android.window.path == "/code"

    android.window.press("next", code=carrier.code)
    android.join_by_api()
    assert android.window.path == "/consent"

    android.window.press("go-online")
    android.window.open(f"{PORTAL_URL}/")
    assert android.window.path == "/online"
