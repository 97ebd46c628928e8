"""Reads what shoppers type into values that the rules can trust."""

import dataclasses
import enum
import re
import unicodedata
from collections.abc import Mapping

from core.models.consent import Purpose
from core.phone_number import InvalidPhoneNumberError, PhoneNumber
from portal import codes

_LONGEST_PHONE = 32
_CODE = re.compile(rf"[0-9]{{{codes.LENGTH}}}")


class Fault(enum.StrEnum):
    """What is wrong with a field. Each has its text in the catalogues, under `fault`."""

    PHONE_MISSING = "phone_missing"
    PHONE_INVALID = "phone_invalid"
    TERMS_MISSING = "terms_missing"
    CODE_MALFORMED = "code_malformed"


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
    if not form.get("terms"):
        faults["terms"] = Fault.TERMS_MISSING
    return PhoneForm(phone, faults)


def read_code(form: Mapping[str, str]) -> str | None:
    """Six ASCII digits, or None. Keyboards also give wide digits and blanks."""
    typed = unicodedata.normalize("NFKC", form.get("code", "")[:32])
    digits = re.sub(r"[\s-]", "", typed)
    return digits if _CODE.fullmatch(digits) else None


def read_choices(form: Mapping[str, str]) -> frozenset[Purpose]:
    """The boxes that were ticked. The terms have been accepted before."""
    boxes = (Purpose.MEMBERSHIP, Purpose.MARKETING, Purpose.VISIT_ANALYTICS)
    return frozenset(box for box in boxes if form.get(box.value))


def _phone(typed: str, countries: tuple[str, ...]) -> PhoneNumber | None:
    # The library would turn letters into digits, as on a keypad: somebody else's number.
    if len(typed) > _LONGEST_PHONE or any(character.isalpha() for character in typed):
        return None
    try:
        return PhoneNumber.parse(typed, countries)
    except InvalidPhoneNumberError:
        return None
