"""What headquarters pushes down to stores: its form, its bytes, and its signature.

A version is whole: what it does not name is not pushed. Signed (Ed25519, RFC 8032) are its
canonical bytes: JSON in UTF-8, keys sorted, no blanks.
"""

import datetime as dt
import json
import re
import string
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, Field, field_validator, model_validator

from core import campaign_rules
from core.models.campaign import Audience, CouponKind, Spot
from core.pushed import allowed
from core.setting_groups.base import Group, Identifier
from core.texts import LANGUAGES

_PURPOSE = b"doorman-pushed-1\0"
_WORDING = re.compile(
    r"consent\.(membership|marketing|visit_analytics)(_detail)?|phone\.(terms|terms_link)"
    r"|notice\.(heading|(terms|what|why|long|whom|rights|contact)(_text)?)"
)
_OF_LANGUAGE = Annotated[str, Field(pattern="^(zh|zh-TW|en|ja|ko)?$")]


class PushedCampaign(Group):
    """A campaign of the chain's: no picture, no group of one store's, no codes of the chain's."""

    key: Identifier
    """By which it stays the same campaign over versions, with its counts."""
    name: str = Field(min_length=1, max_length=80)
    spot: Spot = Spot.ONLINE
    audience: Audience = Audience.EVERYONE
    language: _OF_LANGUAGE = ""
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    heading: str = Field(min_length=1, max_length=60)
    line: str = Field(default="", max_length=200)
    link: str = Field(default="", max_length=1000)
    coupon: Literal[CouponKind.NONE, CouponKind.MADE] = CouponKind.NONE
    coupon_pattern: str = Field(default="", max_length=32)
    coupon_text: str = Field(default="", max_length=80)
    coupon_days: int = Field(default=30, ge=1, le=730)

    @model_validator(mode="after")
    def _is_one_that_a_store_could_make(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be after starts_at")
        if self.audience is Audience.GROUP:
            raise ValueError("a group is a store's own: choose another audience")
        if self.spot is Spot.FIRST and self.audience is not Audience.EVERYONE:
            raise ValueError("before the login nobody is known: audience must be everyone")
        if self.link and not campaign_rules.is_safe_link(self.link):
            raise ValueError("link must be a plain https address")
        if self.coupon is CouponKind.MADE:
            if not campaign_rules.is_coupon_pattern(self.coupon_pattern):
                raise ValueError("coupon_pattern: capitals, digits, hyphens, six # at least")
            if not self.coupon_text:
                raise ValueError("coupon_text must say what it is good for")
        return self


class Document(Group):
    form: Literal["doorman-pushed-1"] = "doorman-pushed-1"
    number: int = Field(ge=1, lt=10**9)
    stores: tuple[Identifier, ...] | None
    """Whom it is for; None: every store of the chain."""
    made_at: AwareDatetime
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    campaigns: tuple[PushedCampaign, ...] = ()
    wording: dict[str, dict[str, Annotated[str, Field(min_length=1, max_length=4000)]]] = Field(
        default_factory=dict
    )
    """Texts beside the boxes and of the notice, by key and language."""

    @field_validator("settings")
    @classmethod
    def _may_be_pushed(cls, value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        if names := allowed.forbidden(value):
            raise ValueError(f"these settings cannot be pushed: {', '.join(names)}")
        return value

    @field_validator("campaigns")
    @classmethod
    def _each_once(cls, value: tuple[PushedCampaign, ...]) -> tuple[PushedCampaign, ...]:
        if len({each.key for each in value}) < len(value):
            raise ValueError("each campaign needs a key of its own")
        return value

    @field_validator("wording")
    @classmethod
    def _in_all_languages(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for key, texts in value.items():
            if not _WORDING.fullmatch(key):
                raise ValueError(f"{key} is no text beside a box, nor one of the notice")
            if texts.keys() != LANGUAGES.keys():
                raise ValueError(f"{key} must be there in {', '.join(LANGUAGES)}")
            names = _placeholders(key)
            if not all(_names_only(text, names) for text in texts.values()):
                raise ValueError(f"{key} may have these placeholders: {sorted(names) or 'none'}")
        return value

    def is_for(self, store_id: str) -> bool:
        return self.stores is None or store_id in self.stores


def canonical(document: Document) -> bytes:
    said = document.model_dump(mode="json")
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign(key: Ed25519PrivateKey, document: bytes) -> bytes:
    return key.sign(_signed(document))


def is_signed(public_key: bytes, document: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _signed(document))
    except (InvalidSignature, ValueError):
        return False
    return True


def parse(document: bytes) -> Document:
    """ValueError if it is not of the form; of what it says nothing is repeated there."""
    return Document.model_validate_json(document)


def from_toml(
    said: Mapping[str, Any], number: int, stores: tuple[str, ...] | None, made_at: dt.datetime
) -> Document:
    """A version of what stands in a file for `doorman hq publish`, or ValueError."""
    unknown = said.keys() - {"settings", "campaigns", "wording"}
    if unknown:
        raise ValueError(f"there is no {', '.join(sorted(unknown))}")
    return Document(number=number, stores=stores, made_at=made_at, **said)


def _signed(document: bytes) -> bytes:
    # So that nothing else that this key may sign one day can pass for a version.
    return _PURPOSE + document


def _placeholders(key: str) -> set[str]:
    """Those that pages fill in the text of `key`."""
    if key.endswith("_detail"):
        return {"store", "age"}
    if key == "notice.contact_text":
        return {"store", "contact"}
    return {"store"} if key.startswith("notice.") and key.endswith("_text") else set()


def _names_only(text: str, names: set[str]) -> bool:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return False
    return all(
        name is None or (name in names and not form and not conversion)
        for _, name, form, conversion in parts
    )
