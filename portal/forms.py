"""Reads what shoppers type into values that the rules can trust."""

import dataclasses
import enum
import re
import unicodedata
from collections.abc import Mapping

from core import voucher_code
from core.email_address import EmailAddress, InvalidEmailAddressError
from core.models.consent import Purpose
from core.phone_number import InvalidPhoneNumberError, PhoneNumber
from portal.ways import codes

_LONGEST_PHONE = 32
_LONGEST_NAME = 40
_CODE = re.compile(rf"[0-9]{{{codes.LENGTH}}}")


class Fault(enum.StrEnum):
    """What is wrong with a field. Each has its text in the catalogues, under `fault`."""

    PHONE_MISSING = "phone_missing"
    PHONE_INVALID = "phone_invalid"
    TERMS_MISSING = "terms_missing"
    CODE_MALFORMED = "code_malformed"
    EMAIL_INVALID = "email_invalid"
    VOUCHER_INVALID = "voucher_invalid"
    NAME_MISSING = "name_missing"


@dataclasses.dataclass(frozen=True, slots=True)
class PhoneForm:
    """A valid number, or the faults to show; the terms are accepted if there are none."""

    phone: PhoneNumber | None
    faults: Mapping[str, Fault]


def read_phone(form: Mapping[str, str], countries: tuple[str, ...]) -> PhoneForm:
    faults: dict[str, Fault] = {}
    typed = form.get("phone", "").strip()
    phone = None
    if not typed:
        faults["phone"] = Fault.PHONE_MISSING
    else:
        phone = _phone(typed, countries)
        if phone is None:
            faults["phone"] = Fault.PHONE_INVALID
    return PhoneForm(phone, faults | _terms(form))


def read_email(form: Mapping[str, str]) -> tuple[EmailAddress | None, Mapping[str, Fault]]:
    """A valid address, or what is wrong; as the two that follow."""
    try:
        address = EmailAddress.parse(form.get("email", ""))
    except InvalidEmailAddressError:
        return None, {"email": Fault.EMAIL_INVALID} | _terms(form)
    return address, _terms(form)


def read_voucher(form: Mapping[str, str]) -> tuple[str | None, Mapping[str, Fault]]:
    code = voucher_code.read(form.get("voucher", ""))
    return code, ({} if code else {"voucher": Fault.VOUCHER_INVALID}) | _terms(form)


def read_guest(form: Mapping[str, str]) -> tuple[str | None, Mapping[str, Fault]]:
    """How the guest wishes to be called."""
    shown = "".join(each if each.isprintable() else " " for each in form.get("sponsor", ""))
    name = " ".join(shown.split())[:_LONGEST_NAME]
    return name or None, ({} if name else {"sponsor": Fault.NAME_MISSING}) | _terms(form)


def read_code(form: Mapping[str, str]) -> str | None:
    """Six ASCII digits, or None. Keyboards also give wide digits and blanks."""
    typed = unicodedata.normalize("NFKC", form.get("code", "")[:32])
    digits = re.sub(r"[\s-]", "", typed)
    return digits if _CODE.fullmatch(digits) else None


def read_choices(form: Mapping[str, str]) -> frozenset[Purpose]:
    """The boxes that were ticked. The terms have been accepted before."""
    boxes = (Purpose.MEMBERSHIP, Purpose.MARKETING, Purpose.VISIT_ANALYTICS)
    return frozenset(box for box in boxes if form.get(box.value))


def _terms(form: Mapping[str, str]) -> dict[str, Fault]:
    return {} if form.get("terms") else {"terms": Fault.TERMS_MISSING}


def _phone(typed: str, countries: tuple[str, ...]) -> PhoneNumber | None:
    # The library would turn letters into digits, as on a keypad: somebody else's number.
    if len(typed) > _LONGEST_PHONE or any(character.isalpha() for character in typed):
        return None
    try:
        return PhoneNumber.parse(typed, countries)
    except InvalidPhoneNumberError:
        return None
