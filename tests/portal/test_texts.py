import re
import string
from pathlib import Path

import pytest

import portal
from core.models.temporary_pass import PassKind
from core.texts import LANGUAGES
from portal.forms import Fault
from portal.ways.limits import Reason
from portal.ways.login import Verdict

FOLDER = Path(portal.__file__).parent
SOURCES = [*FOLDER.rglob("*.py"), *FOLDER.rglob("*.html")]


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_there_are_five_languages(texts):
    assert texts.catalogues.keys() == LANGUAGES.keys() == {"zh", "zh-TW", "en", "ja", "ko"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_key_and_placeholder(texts, language):
    zh, other = texts.catalogues["zh"], texts.catalogues[language]

    assert zh.keys() == other.keys()
    odd = [key for key in zh if placeholders(zh[key]) != placeholders(other[key])]
    assert odd == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(texts, language):
    assert [key for key, text in texts.catalogues[language].items() if not text.strip()] == []


HAN, KANA, HANGUL = "一-鿿", "ぁ-ゟァ-ヿ", "가-힣"


@pytest.mark.parametrize(
    ("language", "needed", "foreign"),
    [
        ("zh", HAN, KANA + HANGUL),
        ("zh-TW", HAN, KANA + HANGUL),
        ("en", "A-Za-z", HAN + KANA + HANGUL),
        ("ja", KANA + HAN, HANGUL),
        ("ko", HANGUL, KANA),
    ],
)
def test_a_language_is_written_in_its_script(texts, language, needed, foreign):
    said = texts.catalogues[language]

    assert [key for key, text in said.items() if not re.search(f"[{needed}]", text)] == []
    assert [key for key, text in said.items() if re.search(f"[{foreign}]", text)] == []


def test_whole_sentences_of_japanese_have_kana(texts):
    bare = [text for text in texts.catalogues["ja"].values() if not re.search(f"[{KANA}]", text)]

    assert [text for text in bare if "。" in text] == []


def is_taught_in_taiwan(character):
    """Whether it is of the first level of Big5: what is in common use there."""
    return b"\xa4" <= character.encode("big5", "ignore")[:1] <= b"\xc6"


def test_taiwan_reads_its_own_characters(texts):
    assert not any(is_taught_in_taiwan(each) for each in "们网络验证码录机")
    said = "".join(texts.catalogues["zh-TW"].values())

    assert {each for each in re.findall(f"[{HAN}]", said) if not is_taught_in_taiwan(each)} == set()


def test_taiwan_reads_its_own_words(texts):
    mainland = (
        "短信|網絡|登錄|信息|賬|默認|二維碼|移動數據|郵箱|屏幕|設備|檔案館|小程序|手機號(?!碼)"
    )
    said = texts.catalogues["zh-TW"]

    assert [key for key, text in said.items() if re.search(mainland, text)] == []


def test_every_text_that_is_asked_for_is_there(texts):
    asked = {
        key
        for source in SOURCES
        for key in re.findall(r'\bt\("([a-z_]+\.[a-z_]+)"', source.read_text("utf-8"))
    }

    assert len(asked) > 30
    assert asked - texts.catalogues["zh"].keys() == set()


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("fault", list(Fault)),
        ("refused", list(Reason)),
        ("pass_way", list(PassKind)),
        ("tried", [Verdict.WRONG, Verdict.EXPIRED, Verdict.LOCKED]),
    ],
)
def test_every_reason_has_its_text_and_no_text_is_left_over(texts, prefix, names):
    keys = {key for key in texts.catalogues["zh"] if key.startswith(f"{prefix}.")}

    assert keys == {f"{prefix}.{name}" for name in names}
