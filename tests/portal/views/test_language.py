import re

import pytest

from core.setting_groups.store import StoreSettings


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        pytest.param("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", id="Chinese"),
        pytest.param("zh-Hant-HK", "zh-CN", id="Chinese in any script"),
        pytest.param("en-GB", "en", id="English"),
        pytest.param("fr,en;q=0.5", "en", id="second choice"),
        pytest.param("fr", "zh-CN", id="none of ours"),
        pytest.param("", "zh-CN", id="nothing"),
    ],
)
def test_the_browser_is_asked_first(phone, header, shown):
    assert f'<html lang="{shown}">' in phone.get("/", Accept_Language=header).text


def test_a_store_says_what_others_see(join_with, parts):
    store = StoreSettings(language="en")
    phone = join_with(settings=parts.settings.model_copy(update={"store": store}))

    assert '<html lang="en">' in phone.get("/", Accept_Language="fr").text


def test_a_picked_language_stays_to_the_end_without_cookies(phone, carrier):
    assert '<html lang="en">' in phone.get("/?lang=en").text
    location = phone.ask_code(lang="en").location
    assert '<html lang="en">' in phone.get(location).text
    location = phone.post("/code", code=carrier.code, lang="en").location
    assert '<html lang="en">' in phone.get(location).text
    location = phone.post("/consent", lang="en").location
    assert '<html lang="en">' in phone.get(location).text


def test_a_language_picked_on_the_way_stays_too(phone, carrier):
    phone.ask_code()
    assert '<html lang="en">' in phone.get("/code?lang=en").text
    location = phone.post("/code", code=carrier.code, lang="en").location

    assert location == "/consent?lang=en"
    assert '<html lang="en">' in phone.get(location).text


def test_the_other_language_is_a_link_away_on_every_page(phone, gate):
    def switched(answer):
        (link,) = re.findall(r'class="lang" href="([^"]+)"', answer.text)
        other = phone.get(link.replace("&amp;", "&"))
        return other.status_code, re.search('<html lang="(..)', other.text)[1]

    assert switched(phone.get("/")) == (200, "en")
    assert switched(phone.post("/login", phone="1")) == (200, "en")
    phone.ask_code()
    assert switched(phone.get("/?change=1")) == (200, "en")
    assert switched(phone.post("/resend")) == (200, "en")
    assert switched(phone.enter_code("1")) == (200, "en")
    phone.enter_code()
    assert switched(phone.get("/consent")) == (200, "en")
    gate.down = True
    assert switched(phone.post("/consent")) == (200, "en")
    gate.down = False
    phone.post("/connect")
    assert switched(phone.get("/online")) == (200, "en")
    assert switched(phone.get("/privacy")) == (200, "en")


def test_an_error_is_in_the_language_of_the_page(phone):
    assert "Please enter" in phone.post("/login", lang="en").text


def test_an_unknown_language_is_ignored(phone):
    assert '<html lang="zh-CN">' in phone.get("/?lang=xx").text
