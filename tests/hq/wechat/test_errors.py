import pytest

from hq.wechat.errors import (
    PermanentWechatError,
    RefusedCodeError,
    StaleTokenError,
    TemporaryWechatError,
    of_number,
)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (-1, TemporaryWechatError),
        (45009, TemporaryWechatError),
        (45011, TemporaryWechatError),
        (44993, TemporaryWechatError),
        (40029, RefusedCodeError),
        (40163, RefusedCodeError),
        (40226, RefusedCodeError),
        (40001, StaleTokenError),
        (42001, StaleTokenError),
        (40013, PermanentWechatError),
        (40125, PermanentWechatError),
        (40164, PermanentWechatError),
        (48001, PermanentWechatError),
        (45103, PermanentWechatError),
        (99999, PermanentWechatError),
    ],
)
def test_sorts_wechats_numbers(number, kind):
    error = of_number(number)

    assert type(error) is kind
    assert error.number == number
    assert str(number) in str(error)


@pytest.mark.parametrize(
    ("number", "word"), [(40164, "whitelist"), (40125, "AppSecret"), (48001, "verified")]
)
def test_says_what_it_has_to_mend(number, word):
    assert word in of_number(number).mend
