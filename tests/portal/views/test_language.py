import re

import pytest

from core.setting_groups.store import StoreSettings


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        pytest.param("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", id="Chinese"),
        pytest.param("zh-Hant-HK", "zh-TW", id="Chinese in the other script"),
        pytest.param("en-GB", "en", id="English"),
        pytest.param("ja-JP,en;q=0.5", "ja", id="Japanese"),
        pytest.param("ko", "ko", id="Korean"),
        pytest.param("fr,en;q=0.5", "en", id="second choice"),
        pytest.param("fr", "zh-CN", id="none of ours"),
        pytest.param("", "zh-CN", id="nothing"),
    ],
)
def test_the_browser_is_asked_first(phone, header, shown):
    answer = phone.get("/", Accept_Language=header)

    assert f'<html lang="{shown}">' in answer.text
    assert answer.headers["Content-Language"] == shown
    assert "Accept-Language" in answer.vary


def test_a_store_says_what_others_see(join_with, parts):
    store = StoreSettings(language="en")
    phone = join_with(settings=parts.settings.model_copy(update={"store": store}))

    assert '<html lang="en">' in phone.get("/", Accept_Language="fr").text


@pytest.mark.parametrize("language", ["zh-TW", "en", "ja", "ko"])
def test_a_picked_language_stays_to_the_end_without_cookies(phone, carrier, language):
    shown = f'<html lang="{language}">'
    assert shown in phone.get(f"/?lang={language}").text
    location = phone.ask_code(lang=language).location
    assert shown in phone.get(location).text
    assert carrier.sent[-1].language == language
    location = phone.post("/code", code=carrier.code, lang=language).location
    assert shown in phone.get(location).text
    location = phone.post("/consent", lang=language).location
    assert shown in phone.get(location).text


def test_a_language_picked_on_the_way_stays_too(phone, carrier):
    phone.ask_code()
    assert '<html lang="en">' in phone.get("/code?lang=en").text
    location = phone.post("/code", code=carrier.code, lang="en").location

    assert location == "/consent?lang=en"
    assert '<html lang="en">' in phone.get(location).text


def test_every_other_language_is_a_link_away_on_every_page(phone, gate):
    def switched(answer):
        links = re.findall(r'<li><a href="([^"]+)" lang="([^"]+)" hreflang="', answer.text)
        assert [tag for _, tag in links] == ["zh-TW", "en", "ja", "ko"]
        other = phone.get(links[1][0].replace("&amp;", "&"))
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
