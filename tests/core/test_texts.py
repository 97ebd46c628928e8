import datetime as dt

import pytest
from babel import dates

from core import texts
from core.texts import Texts


def write(folder, zh, en):
    (folder / "zh.toml").write_text(zh, "utf-8")
    (folder / "en.toml").write_text(en, "utf-8")
    return folder


def test_finds_a_text_by_language_and_fills_it(tmp_path):
    found = Texts.load(
        write(
            tmp_path, '[start]\nhello = "欢迎来到{store}"', '[start]\nhello = "Welcome to {store}"'
        )
    )

    assert found.text("zh", "start.hello", store="甲店") == "欢迎来到甲店"
    assert found.text("en", "start.hello", store="A") == "Welcome to A"


def test_refuses_a_text_that_only_one_language_has(tmp_path):
    with pytest.raises(ValueError, match="bye"):
        Texts.load(write(tmp_path, 'hi = "你好"\nbye = "再见"', 'hi = "Hi"'))


def test_a_folder_has_the_languages_that_it_needs(tmp_path):
    write(tmp_path, 'hi = "你好"', 'hi = "Hi"')
    assert list(Texts.load(tmp_path).catalogues) == ["zh", "en"]

    (tmp_path / "ja.toml").write_text('hi = "こんにちは"', "utf-8")
    assert list(Texts.load(tmp_path).catalogues) == ["zh", "en", "ja"]


def test_a_changed_wording_has_another_version(tmp_path):
    before = Texts.load(write(tmp_path, 'a = "甲"', 'a = "A"')).version("zh", "a")

    assert Texts.load(write(tmp_path, 'a = "乙"', 'a = "A"')).version("zh", "a") != before


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.5", "en"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh-Hant", "zh-TW"),
        ("zh-Hant-MO,zh-Hans", "zh-TW"),
        ("zh-Hans-HK", "zh"),
        ("zh-SG", "zh"),
        ("zh", "zh"),
        ("ja", "ja"),
        ("ko-KR,ko;q=0.9", "ko"),
        ("JA-jp", "ja"),
        ("fr", "zh"),
        ("*", "zh"),
        ("\x00, -, zh-, i-klingon, zh-\N{PILE OF POO}, ko", "ko"),
        ("fr," * 1000 + "en", "zh"),
        ("", "zh"),
        (None, "zh"),
    ],
)
def test_speaks_the_first_language_asked_for_that_it_knows(header, language):
    assert texts.preferred(header, "zh") == language


@pytest.mark.parametrize(
    ("header", "default", "language"),
    [
        pytest.param("zh-TW", "en", "zh", id="the other Chinese"),
        pytest.param("ja", "zh", "zh", id="the default"),
        pytest.param("ja", "zh-TW", "zh", id="what is near the default"),
        pytest.param("ja", "ko", "en", id="English where nothing is near"),
    ],
)
def test_with_fewer_languages_it_speaks_the_nearest(header, default, language):
    assert texts.preferred(header, default, ("zh", "en")) == language


@pytest.mark.parametrize(
    ("language", "tag", "day"),
    [
        ("zh", "zh-CN", "2026年3月5日"),
        ("zh-TW", "zh-TW", "2026年3月5日"),
        ("en", "en", "5 March 2026"),
        ("ja", "ja", "2026年3月5日"),
        ("ko", "ko", "2026년 3월 5일"),
    ],
)
def test_each_language_has_its_tag_and_its_dates(language, tag, day):
    assert texts.tag(language) == tag
    date = dt.date(2026, 3, 5)
    assert dates.format_date(date, "long", texts.locale(language)) == day


def test_every_language_is_named_once():
    assert len(set(texts.LANGUAGES.values())) == len(texts.LANGUAGES) == 5
