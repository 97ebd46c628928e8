"""What a CRM is sent, by type of event: what a store sends and what others take is held to this.

The JSON Schema files in docs/events are made from these models:

    python -m core.events.contract docs/events
"""

import json
import sys
from pathlib import Path
from typing import Any

from core.events import of_members, of_promotion, of_traffic, of_visits
from core.events.shapes import Envelope, Part
from core.outbox import EventType

DATA: dict[EventType, type[Part]] = {
    EventType.MEMBER_ENROLLED: of_members.Member,
    EventType.MEMBER_UPDATED: of_members.Member,
    EventType.MEMBER_MERGED: of_members.Merge,
    EventType.MEMBER_ERASED: of_members.Tombstone,
    EventType.CONSENT_GIVEN: of_members.ConsentGiven,
    EventType.CONSENT_WITHDRAWN: of_members.ConsentWithdrawn,
    EventType.VISIT_CLOSED: of_members.Visit,
    EventType.ATTRIBUTION_CHANGED: of_promotion.Attribution,
    EventType.COUPON_ISSUED: of_promotion.CouponIssued,
    EventType.COUPON_USED: of_promotion.CouponUsed,
    EventType.CAMPAIGN_CLICK: of_promotion.CampaignClick,
    EventType.TRAFFIC_HOUR: of_traffic.TrafficHour,
    EventType.TRAFFIC_DAY: of_traffic.TrafficDay,
    EventType.SENSOR_HEALTH: of_traffic.SensorHealth,
    EventType.VISITS_DAY: of_visits.VisitsDay,
}


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas by file name."""
    return {"envelope.json": _schema("envelope", Envelope)} | {
        f"{kind}.json": _schema(kind, model) for kind, model in DATA.items()
    }


def text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _schema(title: str, model: type[Part]) -> dict[str, Any]:
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": str(title)}
    return {**dialect, **_opened(model.model_json_schema())}


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
