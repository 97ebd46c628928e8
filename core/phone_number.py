"""A telephone number that hides when printed."""

import dataclasses

import phonenumbers

# Types that cannot receive an SMS, or that bill the caller.
_REFUSED = {
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.UAN,
    phonenumbers.PhoneNumberType.VOICEMAIL,
    phonenumbers.PhoneNumberType.PAGER,
}


class InvalidPhoneNumberError(ValueError):
    """The text is no mobile number of an allowed country. The message never repeats it."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """One mobile number. `str` and `repr` show nothing; `masked()` is for pages."""

    _e164: str

    @classmethod
    def parse(cls, text: str, countries: tuple[str, ...]) -> "PhoneNumber":
        """Read a number as a person types it.

        Args:
            text: national or international form, with blanks or dashes.
            countries: ISO 3166 codes allowed; the first is where a number without
                a country code is from.

        Raises:
            InvalidPhoneNumberError: not a valid mobile number of one of `countries`.
        """
        try:
            number = phonenumbers.parse(text, countries[0])
        except phonenumbers.NumberParseException as error:
            raise InvalidPhoneNumberError("not a phone number") from error
        if not phonenumbers.is_valid_number(number):
            raise InvalidPhoneNumberError("no such number in its country's plan")
        if phonenumbers.region_code_for_number(number) not in countries:
            raise InvalidPhoneNumberError("this country is not allowed here")
        if phonenumbers.number_type(number) in _REFUSED:
            raise InvalidPhoneNumberError("this kind of number gets no SMS")
        return cls(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    @classmethod
    def from_e164(cls, text: str) -> "PhoneNumber":
        """Take a number that `e164()` gave earlier, without judging it again."""
        return cls(text)

    def e164(self) -> str:
        """The number itself, as +<country><number> (ITU-T E.164)."""
        return self._e164

    def masked(self) -> str:
        """The national number with its middle hidden, such as 138****8000."""
        number = phonenumbers.parse(self._e164)
        national = phonenumbers.national_significant_number(number)
        if len(national) <= 7:  # noqa: PLR2004 - too short to show seven digits of it
            return "*" * len(national)
        return national[:3] + "*" * (len(national) - 7) + national[-4:]

    def __repr__(self) -> str:
        return "PhoneNumber(hidden)"
