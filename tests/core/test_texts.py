import pytest

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


def test_a_changed_wording_has_another_version(tmp_path):
    before = Texts.load(write(tmp_path, 'a = "甲"', 'a = "A"')).version("zh", "a")

    assert Texts.load(write(tmp_path, 'a = "乙"', 'a = "A"')).version("zh", "a") != before


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.5", "en"),
        ("fr", "zh"),
        ("", "zh"),
        (None, "zh"),
    ],
)
def test_speaks_the_first_language_asked_for_that_it_knows(header, language):
    assert texts.preferred(header, "zh") == language
