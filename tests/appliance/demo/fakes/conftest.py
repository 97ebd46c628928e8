"""The fakes with a clock of ours, and somebody who signs what they send."""

import datetime as dt
import json
import zoneinfo

import pytest

from appliance.demo.fakes import parts, sms_carrier, wsgi
from appliance.demo.fakes.store import Store
from core import webhook_signature

BATCH = "application/cloudevents-batch+json"
SMS_KEY, CRM_KEY = bytes([1]) * 32, bytes([2]) * 32


class Outside:
    """Sends to the fakes what the appliance would."""

    def __init__(self, folder, now):
        self.now = now
        made = parts.Parts(
            store=Store(folder),
            sms_key=SMS_KEY,
            crm_key=CRM_KEY,
            clock=lambda: self.now,
            zone=zoneinfo.ZoneInfo("Asia/Shanghai"),
            sms_limits=sms_carrier.LIMITS,
        )
        self.client = wsgi.application(made).test_client()

    def pass_by(self, seconds):
        self.now += dt.timedelta(seconds=seconds)

    def post(self, path, value, key, message_id, content_type, *, age_s=0):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        signed_at = self.now - dt.timedelta(seconds=age_s)
        headers = webhook_signature.headers(key, message_id, body, signed_at)
        return self.client.post(path, data=body, headers=headers, content_type=content_type)

    def text(self, value, message_id="m1", key=SMS_KEY):
        return self.post("/sms", value, key, message_id, "application/json")

    def tell(self, *events, body=None, key=CRM_KEY, content_type=BATCH, age_s=0):
        value = list(events) if body is None else body
        return self.post("/crm/events", value, key, "b1", content_type, age_s=age_s)

    def order_fault(self, **fault):
        return self.client.post("/crm/faults", json=fault)

    def get(self, path):
        return self.client.get(path).get_json()


@pytest.fixture
def outside(tmp_path, now):
    return Outside(tmp_path / "fakes", now)
