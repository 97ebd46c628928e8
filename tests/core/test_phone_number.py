import pytest

from core.phone_number import InvalidPhoneNumberError, PhoneNumber

CHINA = ("CN",)


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "138 0013 8000",
        "+86 138-0013-8000",
        "008613800138000",
        "１３８００１３８０００",
    ],
)
def test_reads_a_number_as_people_type_it(typed):
    assert PhoneNumber.parse(typed, CHINA).e164() == "+8613800138000"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="empty"),
        pytest.param("hello", id="words"),
        pytest.param("1380013800", id="too-short"),
        pytest.param("138001380000", id="too-long"),
        pytest.param("010 6552 9988", id="landline"),
        pytest.param("4008208820", id="shared-cost"),
        pytest.param("+44 7400 123456", id="other-country"),
    ],
)
def test_refuses_what_gets_no_code_without_repeating_it(typed):
    with pytest.raises(InvalidPhoneNumberError) as caught:
        PhoneNumber.parse(typed, CHINA)

    assert typed == "" or typed not in str(caught.value)


def test_takes_a_second_country_when_it_is_allowed():
    assert PhoneNumber.parse("+44 7400 123456", ("CN", "GB")).e164() == "+447400123456"


def test_masks_the_middle_and_hides_the_rest():
    number = PhoneNumber.parse("13800138000", CHINA)

    assert number.masked() == "138****8000"
    assert f"{number} {number!r}" == "PhoneNumber(hidden) PhoneNumber(hidden)"
