import dataclasses

import pytest

from core import do_not_count
from core.setting_groups.sensor import SensorSettings
from portal.application import create_app
from tests.portal.conftest import Phone

PAGE = "/do-not-count"


@pytest.fixture
def phone(join):
    return join("127.0.0.2")


@pytest.fixture
def stranger(parts, carrier):
    """On another network than the guests'."""
    return Phone(create_app(parts), "192.0.2.1", carrier)


def is_left_out(answer):
    assert answer.status_code == 200
    assert ('id="left-out"' in answer.text) != ('id="leave-out"' in answer.text)
    return 'id="left-out"' in answer.text


def test_one_tap_before_login_and_one_to_undo(phone, join):
    assert not is_left_out(phone.get(PAGE))

    asked = phone.post(PAGE, lang="en")
    assert (asked.status_code, asked.location) == (303, f"{PAGE}?lang=en")
    assert is_left_out(phone.get(PAGE))
    assert not is_left_out(join("127.0.0.3").get(PAGE))

    assert phone.post(f"{PAGE}/undo").status_code == 303
    assert not is_left_out(phone.get(PAGE))


def test_works_for_a_phone_that_is_online_and_changes_nothing_else(phone):
    phone.go_online()

    phone.post(PAGE)

    assert is_left_out(phone.get(PAGE))
    assert phone.api()["captive"] is False


def test_says_until_when(phone, clock):
    phone.post(PAGE)
    assert "2026-11-13" in phone.get(PAGE).text

    clock.pass_by(days=181)

    assert not is_left_out(phone.get(PAGE))


def test_who_is_elsewhere_reads_what_to_do_and_has_no_button(stranger):
    answer = stranger.get(PAGE)

    assert answer.status_code == 200
    assert 'id="elsewhere"' in answer.text
    assert "<button" not in answer.text
    assert stranger.post(PAGE).status_code == 403


def test_another_site_cannot_ask_for_somebody(phone):
    assert phone.post(PAGE, {"Origin": "https://elsewhere.example"}).status_code == 403
    assert not is_left_out(phone.get(PAGE))


def test_the_notice_leads_here(phone):
    assert f'href="{PAGE}?lang=zh"' in phone.get("/privacy").text


@pytest.mark.parametrize(("is_strict", "said"), [(True, "四分钟"), (False, "半小时")])
def test_says_for_how_long_a_made_up_address_is_known(parts, carrier, is_strict, said):
    sensor = SensorSettings(strict=is_strict)
    settings = parts.settings.model_copy(update={"sensor": sensor})
    app = create_app(dataclasses.replace(parts, settings=settings))

    assert said in Phone(app, "127.0.0.2", carrier).get(PAGE).text


def test_neither_address_nor_device_is_noted(parts, phone):
    phone.post(PAGE)

    with parts.database.reading() as session:
        listed = parts.opt_out_desk.listed(session, parts.clock())
    assert listed.covers(phone.mac.octets)
    assert phone.mac.octets.hex() not in listed.to_text()
    assert not do_not_count.path_of(parts.settings.data_dir).exists()
