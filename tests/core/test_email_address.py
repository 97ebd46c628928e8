import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.email_address import EmailAddress, InvalidEmailAddressError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("alice@example.com", "alice@example.com", id="plain"),
        pytest.param("  Alice@Example.COM ", "alice@example.com", id="case and blanks"),
        pytest.param("a.b+c@mail.example.co.uk", "a.b+c@mail.example.co.uk", id="dots and plus"),
        pytest.param("alice@例子.中国", "alice@xn--fsqu00a.xn--fiqs8s", id="Chinese domain"),
        pytest.param("ａｌｉｃｅ＠example.com", "alice@example.com", id="wide letters"),
    ],
)
def test_spellings_of_one_mailbox_are_one_address(typed, meant):
    assert EmailAddress.parse(typed).text() == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "alice",
        "@example.com",
        "alice@",
        "alice@localhost",
        "alice@127.0.0.1",
        "alice@-a.com",
        "alice@a..com",
        ".alice@example.com",
        "a..b@example.com",
        "alice bob@example.com",
        "alice@example.com\nBcc: bob@example.com",
        "alice@example.com,bob@example.com",
        '"a b"@example.com',
        "<alice@example.com>",
        "爱丽丝@example.com",
        "a" * 65 + "@example.com",
        "alice@" + "a." * 130 + "com",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(typed):
    with pytest.raises(InvalidEmailAddressError) as caught:
        EmailAddress.parse(typed)

    assert not typed or typed not in str(caught.value)


@given(st.text(max_size=300))
def test_anything_may_be_typed(typed):
    try:
        text = EmailAddress.parse(typed).text()
    except InvalidEmailAddressError:
        return
    assert text.isascii()
    assert EmailAddress.parse(text).text() == text


def test_an_address_hides_itself():
    assert "alice" not in repr(EmailAddress.parse("alice@example.com"))
