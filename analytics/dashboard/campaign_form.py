"""Reads the editor's form into a campaign, or says which field is wrong. No Flask."""

import dataclasses
import datetime as dt
import re
import zoneinfo
from collections.abc import Mapping
from typing import Any

from core import campaign_rules, texts
from core.models.campaign import Audience, Campaign, CouponKind, Spot

LONGEST = {
    "name": 80,
    "heading": 60,
    "line": 200,
    "picture_text": 120,
    "link": 1000,
    "stores": 500,
    "coupon_text": 80,
    "coupon_pattern": 32,
}
_NEEDED = ("name", "heading")
_STORE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CODE = re.compile(r"[A-Za-z0-9-]{4,32}")
_MOST_CODES = 20_000
_LONGEST_VALIDITY = 730


Typed = Mapping[str, str]
"""By the name of a field."""


@dataclasses.dataclass(frozen=True, slots=True)
class CampaignForm:
    """What was typed, what is wrong with it by field, and what it comes to."""

    typed: Mapping[str, str]
    faults: Mapping[str, str]
    values: Mapping[str, Any]
    """Columns of `Campaign`; of those fields only that are right."""
    codes: tuple[str, ...] = ()
    """The chain's own, to be added."""


def read(form: Mapping[str, str], zone: zoneinfo.ZoneInfo) -> CampaignForm:
    typed = {name: value.strip() for name, value in form.items()}
    faults: dict[str, str] = {}
    values: dict[str, Any] = {}
    _read_texts(typed, faults, values)
    _read_choices(typed, faults, values)
    _read_times(typed, faults, values, zone)
    if typed.get("link") and not campaign_rules.is_safe_link(typed["link"]):
        faults.setdefault("link", "link")
    codes = _read_coupon(typed, faults, values)
    return CampaignForm(typed, faults, values, codes)


def typed_of(campaign: Campaign, zone: zoneinfo.ZoneInfo) -> dict[str, str]:
    """A campaign as the form shows it."""
    return {
        **{name: getattr(campaign, name) for name in LONGEST},
        "spot": campaign.spot,
        "audience": campaign.audience,
        "group": str(campaign.group_id or ""),
        "language": campaign.language,
        "starts": _local(campaign.starts_at, zone),
        "ends": _local(campaign.ends_at, zone),
        "coupon": campaign.coupon,
        "coupon_days": str(campaign.coupon_days),
    }


def empty(now: dt.datetime, zone: zoneinfo.ZoneInfo) -> dict[str, str]:
    """What the form of a new campaign holds: from now, for a fortnight."""
    return {
        "spot": Spot.ONLINE,
        "audience": Audience.EVERYONE,
        "coupon": CouponKind.NONE,
        "coupon_days": "30",
        "starts": _local(now, zone),
        "ends": _local(now + dt.timedelta(days=14), zone),
    }


def _read_texts(typed: Mapping[str, str], faults: dict[str, str], values: dict[str, Any]) -> None:
    for name, longest in LONGEST.items():
        text = " ".join(typed.get(name, "").split())
        if len(text) > longest:
            faults[name] = "too_long"
        elif name in _NEEDED and not text:
            faults[name] = "missing"
        else:
            values[name] = text
    stores = typed.get("stores", "").split()
    if not all(_STORE.fullmatch(each) for each in stores):
        faults["stores"] = "stores"


def _read_choices(typed: Mapping[str, str], faults: dict[str, str], values: dict[str, Any]) -> None:
    for name, choices in (("spot", Spot), ("audience", Audience), ("coupon", CouponKind)):
        try:
            values[name] = choices(typed.get(name, ""))
        except ValueError:
            faults[name] = "missing"
    values["language"] = typed.get("language", "")
    if values["language"] not in {"", *texts.LANGUAGES}:
        faults["language"] = "missing"
    group = typed.get("group", "")
    values["group_id"] = None
    if values.get("audience") is Audience.GROUP:
        values["group_id"] = int(group) if group.isascii() and group.isdigit() else None
        if values["group_id"] is None:
            faults["group"] = "missing"
    nobody_is_known = values.get("spot") is Spot.FIRST
    if nobody_is_known and values.get("audience") is not Audience.EVERYONE:
        faults["audience"] = "audience"


def _read_times(
    typed: Mapping[str, str],
    faults: dict[str, str],
    values: dict[str, Any],
    zone: zoneinfo.ZoneInfo,
) -> None:
    for name in ("starts", "ends"):
        try:
            local = dt.datetime.fromisoformat(typed.get(name, ""))
            values[f"{name}_at"] = local.replace(tzinfo=zone).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            faults[name] = "time"
    if not {"starts", "ends"} & faults.keys() and values["ends_at"] <= values["starts_at"]:
        faults["ends"] = "order"


def _read_coupon(
    typed: Mapping[str, str], faults: dict[str, str], values: dict[str, Any]
) -> tuple[str, ...]:
    kind = values.get("coupon", CouponKind.NONE)
    days = typed.get("coupon_days", "")
    values["coupon_days"] = int(days) if re.fullmatch(r"[0-9]{1,3}", days) else 0
    if kind is CouponKind.NONE:
        values["coupon_days"] = values["coupon_days"] or 30
        return ()
    if not 1 <= values["coupon_days"] <= _LONGEST_VALIDITY:
        faults["coupon_days"] = "days"
    if not values.get("coupon_text"):
        faults.setdefault("coupon_text", "missing")
    if kind is CouponKind.MADE:
        pattern = values.get("coupon_pattern", "")
        if not campaign_rules.is_coupon_pattern(pattern):
            faults["coupon_pattern"] = "pattern"
        return ()
    codes = tuple(dict.fromkeys(typed.get("coupon_codes", "").split()))
    if len(codes) > _MOST_CODES or not all(_CODE.fullmatch(code) for code in codes):
        faults["coupon_codes"] = "codes"
    return codes


def _local(moment: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
