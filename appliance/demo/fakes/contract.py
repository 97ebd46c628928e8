"""What a CRM is sent, as its own side reads it. The fake CRM holds every event to this.

The JSON Schema files in docs/events are made from these models:

    python -m appliance.demo.fakes.contract docs/events
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core.models.consent import Purpose
from core.outbox import EventType

Id = Annotated[str, Field(pattern="^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
Store = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Count = Annotated[int, Field(ge=0)]
Shown = Count | None


class _Part(BaseModel):
    # Stricter than we ask others to be: a new field has to be written down here first.
    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True, extra="forbid", use_attribute_docstrings=True
    )


class Envelope(_Part):
    """One event: CloudEvents 1.0, JSON format. A request carries a JSON array of them."""

    specversion: Literal["1.0"]
    id: Id
    """ULID. The same event always has the same one: take each id once."""
    source: Annotated[str, Field(pattern="^/stores/[a-z0-9][a-z0-9-]{0,62}$")]
    """The store it happened in."""
    type: str
    """What happened; says which schema `data` follows. Refuse types you do not know."""
    subject: Annotated[str, Field(min_length=1, max_length=64)]
    """What it is about: a member's id, or a day. Events of one subject come in order."""
    time: AwareDatetime
    """When it happened, RFC 3339, in UTC."""
    datacontenttype: Literal["application/json"]
    data: dict[str, Any]


class Member(_Part):
    """A member, whole: everything the person agreed to have sent, as of `version`."""

    member: Id
    """What we know them by; says nothing about the person. Equal to `subject`."""
    phone: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")] | None
    """The number they proved to have last, E.164; null if none."""
    email: Annotated[str, Field(max_length=254)] | None
    """The address they proved to have last; null if none."""
    unionid: str | None
    """WeChat's name for them towards all accounts of the brand; null if none."""
    openids: list[str]
    """WeChat's names for them towards single accounts: `appid:openid`."""
    language: Annotated[str, Field(max_length=5)]
    """Of the pages they saw, such as `zh` or `en`."""
    enrolled_at: AwareDatetime
    consents: list[Purpose]
    """What they agree to now. Without `marketing` among them, send them nothing."""
    store: Store
    """The store that tells."""
    version: Annotated[int, Field(ge=1)]
    """Grows with every change: never let an older one overwrite a newer one."""


class Merge(_Part):
    """Members turned out to be one person. The person as a whole follows as an update."""

    member: Id
    """Who stays. Equal to `subject`."""
    absorbed: Annotated[list[Id], Field(min_length=1)]
    """Who is the same person. Nothing will be heard of them again."""
    store: Store
    version: Annotated[int, Field(ge=1)]


class Tombstone(_Part):
    """A member wishes to be forgotten. Delete all that you know of them."""

    member: Id
    """Equal to `subject`. They are never heard of again; who comes back is somebody new."""
    absorbed: list[Id]
    """Who is the same person, by mergers that you may not have been told of: delete them, too."""
    erased_at: AwareDatetime
    store: Store
    """The store that tells."""
    version: Annotated[int, Field(ge=1)]
    """Newer than everything else about them."""


class Source(_Part):
    kind: Literal["guide", "poster"]
    """A sales guide, or a poster."""
    code: Annotated[str, Field(min_length=1, max_length=16)]
    """What its QR code carries."""
    name: Annotated[str, Field(min_length=1, max_length=80)]
    """As the store wrote it down."""


class Attribution(_Part):
    """Who counts as having brought a member, from now on."""

    member: Id
    """Equal to `subject`."""
    source: Source
    since: AwareDatetime
    """When they first came by it."""
    until: AwareDatetime
    """From then on nobody counts, unless they come again."""
    store: Store


class CampaignName(_Part):
    id: Annotated[int, Field(ge=1)]
    """Of this store."""
    name: Annotated[str, Field(min_length=1, max_length=80)]


class CouponIssued(_Part):
    """A member got a coupon: at most one of each campaign."""

    member: Id
    """Equal to `subject`."""
    campaign: CampaignName
    code: Annotated[str, Field(min_length=1, max_length=32)]
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    store: Store


class CouponUsed(_Part):
    """A coupon was used at the till: at most once."""

    member: Id
    """Equal to `subject`."""
    campaign: CampaignName
    code: Annotated[str, Field(min_length=1, max_length=32)]
    used_at: AwareDatetime
    store: Store


class CampaignClick(_Part):
    """A member who agreed to `marketing` followed a campaign's link."""

    member: Id
    """Equal to `subject`."""
    campaign: CampaignName
    clicked_at: AwareDatetime
    store: Store


class Estimate(_Part):
    """A figure and its 95 % interval; all null where it is withheld."""

    value: float | None
    low: float | None
    high: float | None


class Hour(_Part):
    start: AwareDatetime
    """In the store's zone."""
    passers_by: Shown
    visitors: Shown
    inside_mean: Shown
    """Devices inside on average."""
    heard_s: Count | None
    """Seconds in which the sensor heard; null if that is not known. At 0, counts say nothing."""


class Dwell(_Part):
    """Visits by time inside."""

    dwell_under_5_min: Shown
    dwell_5_to_20_min: Shown
    dwell_20_to_60_min: Shown
    dwell_1_to_6_h: Shown
    dwell_over_6_h: Shown


class TrafficDay(_Part):
    """One store-local day, closed. Null stands for a figure too small to be shown.

    Counts of devices are multiples of `withheld_below`.
    """

    store: Store
    day: Day
    """Equal to `subject`."""
    withheld_below: Count
    """Counts smaller than this are withheld."""
    updated_at: AwareDatetime
    closed_at: AwareDatetime
    probe_requests: Count
    """Frames heard, to the nearest hundred. Not devices, and not people."""
    fixtures: Shown
    """Devices that were there all day, counted nowhere else."""
    passers_by: Estimate
    visitors: Estimate
    entry_rate: Estimate
    """All who came inside, visitors or not, among all who were near; 0 to 1."""
    dwell_median_s: Estimate
    """The middle visitor's time inside; `low` and `high` are the quartiles."""
    dwell_visits: Dwell
    bounces: Shown
    """Visitors who left again within ten minutes."""
    heard_s: Count | None
    """Seconds of the day in which the sensor heard; null if that is not known."""
    hours: list[Hour]


DATA: dict[EventType, type[_Part]] = {
    EventType.MEMBER_ENROLLED: Member,
    EventType.MEMBER_UPDATED: Member,
    EventType.MEMBER_MERGED: Merge,
    EventType.MEMBER_ERASED: Tombstone,
    EventType.ATTRIBUTION_CHANGED: Attribution,
    EventType.COUPON_ISSUED: CouponIssued,
    EventType.COUPON_USED: CouponUsed,
    EventType.CAMPAIGN_CLICK: CampaignClick,
    EventType.TRAFFIC_DAY: TrafficDay,
}


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas by file name."""
    return {"envelope.json": _schema("envelope", Envelope)} | {
        f"{kind}.json": _schema(kind, model) for kind, model in DATA.items()
    }


def _schema(title: str, model: type[_Part]) -> dict[str, Any]:
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": str(title)}
    return {**dialect, **_opened(model.model_json_schema())}


def text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _opened(schema: Any) -> Any:
    """Others shall ignore fields they do not know, so that we may add some."""
    if isinstance(schema, dict):
        kept = {
            key: _opened(value)
            for key, value in schema.items()
            if (key, value) != ("additionalProperties", False)
        }
        # A property may be called `title`; an annotation of that name repeats the property's.
        return {key: value for key, value in kept.items() if not _is_title(key, value)}
    return [_opened(each) for each in schema] if isinstance(schema, list) else schema


def _is_title(key: str, value: object) -> bool:
    return key == "title" and isinstance(value, str)


if __name__ == "__main__":
    for name, schema in schemas().items():
        Path(sys.argv[1], name).write_text(text(schema), "utf-8")
