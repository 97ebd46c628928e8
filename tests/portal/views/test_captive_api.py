import json

import pytest

from core.setting_groups.portal import PortalSettings
from core.settings import Settings

URL = "http://wifi.example"
API = "/captive-portal/api"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def phone_at(join_with, parts):
    """A phone at a portal with other settings: `phone_at(custom_tabs=True)`."""

    def join(**portal):
        ours = parts.settings.model_copy(update={"portal": PortalSettings(**{"url": URL} | portal)})
        return join_with(settings=ours)

    return join


def test_a_phone_that_is_not_online_is_told_where_to_go(phone):
    answer = phone.get(API)

    assert answer.status_code == 200
    assert json.loads(answer.data) == {"captive": True, "user-portal-url": "http://wifi.example/"}


def test_the_answer_has_the_type_and_is_not_kept(phone):
    answer = phone.get(API)

    assert answer.headers["Content-Type"] == "application/captive+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Accept"


def test_a_phone_that_is_online_is_told_for_how_long(phone, clock):
    phone.go_online()
    clock.pass_by(hours=1)

    assert phone.api() == {
        "captive": False,
        "user-portal-url": "http://wifi.example/",
        "seconds-remaining": 10_800,
        "can-extend-session": False,
    }


def test_the_seconds_are_whole_and_never_more_than_are_left(phone, clock):
    phone.go_online()
    clock.pass_by(hours=3, minutes=59, seconds=59, milliseconds=100)

    assert phone.api()["seconds-remaining"] == 0
    clock.pass_by(seconds=1)
    assert phone.api()["captive"] is True


@pytest.mark.parametrize("step", ["number", "code", "consent", "gate down"])
def test_a_phone_on_its_way_is_captive_and_told_nothing_of_a_session(phone, gate, step):
    phone.ask_code()
    if step != "number":
        phone.enter_code()
    if step == "gate down":
        gate.down = True
        phone.post("/consent")

    assert phone.api() == {"captive": True, "user-portal-url": "http://wifi.example/"}


def test_a_session_that_is_over_is_captive_again(phone, clock):
    phone.go_online()
    clock.pass_by(hours=4)

    assert phone.api()["captive"] is True


def test_a_shopper_who_has_logged_out_is_captive_again(phone):
    phone.go_online()
    phone.post("/logout")

    assert phone.api()["captive"] is True


def test_who_is_no_neighbour_is_captive(join):
    assert join("192.0.2.7").api()["captive"] is True


def test_each_phone_is_told_of_itself_alone(phone, join):
    phone.go_online()

    assert phone.api()["captive"] is False
    assert join("127.0.0.2").api()["captive"] is True


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"Accept": ""}, id="empty"),
        pytest.param({"Accept": "*/*"}, id="anything"),
        pytest.param({"Accept": "application/captive+json"}, id="the type"),
        pytest.param({"Accept": "application/captive+json, */*;q=0.1"}, id="the type first"),
        pytest.param({"Accept": "text/html, Application/Captive+JSON"}, id="the type last"),
        pytest.param({"Accept": f"{BROWSER},application/captive+json;q=0.1"}, id="a browser's"),
        pytest.param({"Accept": "application/json"}, id="another json"),
    ],
)
def test_whoever_may_want_the_type_gets_it(phone, headers):
    answer = phone.get(API, **headers)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/captive+json"


def test_a_person_with_a_browser_is_led_to_the_portal(phone):
    answer = phone.get(API, Accept=BROWSER)

    assert (answer.status_code, answer.location) == (302, "http://wifi.example/")
    assert answer.headers["Vary"] == "Accept"
    assert answer.headers["Cache-Control"] == "no-store"
    assert phone.get(answer.location).status_code == 200


def test_the_stores_own_page_is_named_in_both_states(phone_at):
    phone = phone_at(url="https://wifi.example", venue_url="https://store.example/hello")
    assert phone.api()["venue-info-url"] == "https://store.example/hello"

    phone.go_online()
    assert phone.api()["venue-info-url"] == "https://store.example/hello"


def test_the_page_of_an_https_portal_is_https(phone_at):
    assert phone_at(url="https://wifi.example").api()["user-portal-url"] == "https://wifi.example/"


def test_a_browsers_tab_is_asked_for_only_by_a_store_that_wants_it(phone, phone_at):
    assert "x-android-use-custom-tabs" not in phone.api()
    assert phone_at(custom_tabs=True).api()["x-android-use-custom-tabs"] == 361335020


@pytest.mark.parametrize(
    "address", ["http://store.example", "store.example", "https://", "https://a b", "https://é"]
)
def test_a_page_of_the_store_is_https_and_plain(address):
    with pytest.raises(ValueError, match="venue_url"):
        Settings(portal={"venue_url": address})


def test_the_longest_answer_is_short_enough_for_android(phone_at):
    """It reads 4096 bytes."""
    longest = "https://" + '"' * 992
    phone = phone_at(url=f"{URL}/{'a' * 500}", venue_url=longest, custom_tabs=True)
    phone.go_online()
    answer = phone.get(API)

    assert json.loads(answer.data)["venue-info-url"] == longest
    assert len(answer.data) < 4096


def test_asking_for_the_head_alone_gives_the_same_head(phone):
    whole, head = phone.get(API), phone._open("HEAD", API, {})

    assert head.status_code == 200
    assert head.data == b""
    # But for the number of the request, which is each one's own.
    own = {"X-Request-ID": ""}
    assert dict(head.headers) | own == dict(whole.headers) | own


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(app, method):
    answer = getattr(app.test_client(), method)(API, base_url="http://wifi.example")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
