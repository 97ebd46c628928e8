import json

import pytest


def test_a_phone_that_is_not_online_is_told_where_to_go(phone):
    answer = phone.get("/captive-portal/api")

    assert answer.status_code == 200
    assert json.loads(answer.data) == {"captive": True, "user-portal-url": "http://wifi.example"}


def test_the_answer_has_the_type_and_is_not_kept(phone):
    answer = phone.get("/captive-portal/api")

    assert answer.headers["Content-Type"] == "application/captive+json"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_phone_that_is_online_is_told_for_how_long(phone, clock):
    phone.go_online()
    clock.pass_by(hours=1)

    assert phone.api() == {
        "captive": False,
        "user-portal-url": "http://wifi.example",
        "seconds-remaining": 10_800,
    }


@pytest.mark.parametrize("step", ["code", "consent"])
def test_a_phone_on_its_way_is_captive(phone, step):
    phone.ask_code()
    if step == "consent":
        phone.enter_code()

    assert phone.api()["captive"] is True


def test_a_session_that_is_over_is_captive_again(phone, clock):
    phone.go_online()
    clock.pass_by(hours=4)

    assert phone.api()["captive"] is True


def test_who_is_no_neighbour_is_captive(join):
    assert join("192.0.2.7").api()["captive"] is True


@pytest.mark.parametrize(
    "accept", ["application/captive+json", "application/captive+json, */*;q=0.1", "*/*", ""]
)
def test_any_accept_header_will_do(phone, accept):
    assert phone.get("/captive-portal/api", Accept=accept).status_code == 200


def test_it_is_only_read(phone):
    answer = phone.post("/captive-portal/api")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
