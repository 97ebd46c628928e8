import re

import pytest

from analytics import wording
from analytics.dashboard.parts import FOLDER

TEXTS = wording.load(FOLDER / "texts")


def test_both_catalogues_ask_for_the_same_values():
    def asked(language):
        catalogue = TEXTS.catalogues[language]
        return {key: sorted(re.findall(r"{\w+}", text)) for key, text in catalogue.items()}

    # Only English spells the parts of a date apart.
    odd = {key for key, values in asked("zh").items() if values != asked("en")[key]}
    assert odd == set()


def test_every_text_that_templates_name_is_there():
    named = set()
    for template in (FOLDER / "templates").glob("*.html"):
        named |= set(re.findall(r"""\b(?:t|say\.text)\('([\w.]+)'[,)]""", template.read_text()))

    assert named - TEXTS.catalogues["zh"].keys() == set()
    assert len(named) > 30


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        pytest.param("", "en-GB,en;q=0.9", "en", id="browser"),
        pytest.param("", "zh-CN", "zh-CN", id="browser-chinese"),
        pytest.param("", "fr", "zh-CN", id="neither-is-the-store-s"),
        pytest.param("?lang=en", "zh-CN", "en", id="asked-for"),
        pytest.param("?lang=fr", "en", "en", id="asked-for-another"),
    ],
)
def test_the_page_s_language(charlie, query, header, language):
    page = charlie.get(f"/sign-in{query}", headers={"Accept-Language": header}).text

    assert f'<html lang="{language}">' in page


def test_a_language_once_asked_for_stays(alice):
    alice.get("/?lang=en", headers={"Accept-Language": "zh-CN"})

    assert '<html lang="en">' in alice.get("/members", headers={"Accept-Language": "zh-CN"}).text


def test_the_switch_keeps_the_day_in_view(alice, traffic, today):
    traffic(today)

    assert f"/?lang=zh&amp;day={today}" in alice.get(f"/?day={today}&lang=en").text


@pytest.mark.parametrize("name", ["endpoint", "_method", "_anchor", "_external", "_scheme"])
def test_whatever_an_argument_is_called_it_commands_nothing(alice, name):
    page = alice.get("/", query_string={name: "POST", "day": "2026-05-01"})

    assert page.status_code == 200
    assert f'href="/?lang=en&amp;{name}=POST&amp;day=2026-05-01"' in page.text
