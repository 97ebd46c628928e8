import re
import string
from pathlib import Path

import pytest

import portal
from core.models.temporary_pass import PassKind
from portal.forms import Fault
from portal.limits import Reason
from portal.login import Verdict

FOLDER = Path(portal.__file__).parent
SOURCES = [*FOLDER.rglob("*.py"), *FOLDER.rglob("*.html")]


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_placeholders(texts):
    zh, en = texts.catalogues["zh"], texts.catalogues["en"]

    assert zh.keys() == en.keys()
    assert {key: placeholders(zh[key]) for key in zh} == {key: placeholders(en[key]) for key in en}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_is_empty(texts, language):
    assert [key for key, text in texts.catalogues[language].items() if not text.strip()] == []


def test_chinese_is_chinese_and_english_is_not(texts):
    chinese = re.compile("[一-鿿]")
    other = {"page.other_language"}
    zh, en = texts.catalogues["zh"], texts.catalogues["en"]

    assert [key for key in zh.keys() - other if not chinese.search(zh[key])] == []
    assert [key for key in en.keys() - other if chinese.search(en[key])] == []


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
