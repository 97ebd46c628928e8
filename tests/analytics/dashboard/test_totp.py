import urllib.parse

import pytest

from analytics.dashboard import totp

# RFC 6238, appendix B.
SECRET = b"12345678901234567890"
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_the_standard(seconds, code):
    step = seconds // totp.STEP_S

    assert totp.code(SECRET, step, digits=8) == code
    assert totp.step_of(SECRET, code[-6:], seconds) == step


@pytest.mark.parametrize(
    ("late_s", "step"), [(-31, None), (-30, 42), (0, 42), (59, 42), (60, None)]
)
def test_a_clock_may_be_a_step_off(late_s, step):
    typed = totp.code(SECRET, 42)

    assert totp.step_of(SECRET, typed, 42 * totp.STEP_S + late_s) == step


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "94287082", "二八七零八二", "abcdef"])
def test_what_is_no_code_is_wrong(typed):
    assert totp.step_of(SECRET, typed, 59) is None


def test_blanks_in_a_code_are_the_apps_own():
    assert totp.step_of(SECRET, " 287 082 ", 59) == 1


def test_secrets_are_as_long_as_the_hash_and_never_the_same():
    assert {len(totp.new_secret()) for _ in range(9)} == {20}
    assert len({totp.new_secret() for _ in range(9)}) == 9


def test_the_qr_code_says_what_apps_read():
    address = urllib.parse.urlsplit(totp.address(SECRET, "Doorman 安福路店", "alice@shop"))

    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert urllib.parse.unquote(address.path) == "/Doorman 安福路店:alice@shop"
    assert urllib.parse.parse_qs(address.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
        "issuer": ["Doorman 安福路店"],
    }
    assert "+" not in address.query
    assert totp.printed(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
