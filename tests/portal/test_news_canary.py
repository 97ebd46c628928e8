"""A busy day at the portal: of all its news not one says a code, an address or a line of the log.

Of the sensor's news the same is held in tests/appliance/test_sensor_canary.py.
"""

import base64

import pytest
import sqlalchemy as sa

from analytics.dashboard import coupons
from core.models import device as devices
from core.models.base import LookupBinary, SealedBinary
from core.models.consent import Purpose
from core.models.coupon import Coupon
from core.models.device import Device
from core.models.every import metadata
from core.models.grant import Grant
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from crm.event import opened
from portal.access import visits
from tests import published
from tests.portal.conftest import NUMBER, OTHER_NUMBER
from tests.portal.made_up_store import MadeUpStore

AGENT = "canary-agent/7.31415926"
BYTES_UP, BYTES_DOWN = 918_273_645, 827_364_551
TICKED = {"membership": "yes", "marketing": "yes", "visit_analytics": "yes"}
OF_THE_SENSOR = {
    EventType.TRAFFIC_HOUR,
    EventType.TRAFFIC_DAY,
    EventType.SENSOR_HEALTH,
    EventType.VISITS_DAY,
}


class Ears:
    """All news there ever was, opened, whatever becomes of it."""

    def __init__(self, database, sealer):
        self.database, self.sealer, self.heard = database, sealer, {}

    def listen(self):
        with self.database.reading() as session:
            for row in session.query(OutboxEvent):
                event = opened(row, self.sealer, "store-7")
                self.heard[row.event_id, event.body] = event


def spelt(octets):
    """In the ways in which bytes might slip out."""
    text = octets.hex(":")
    yield from (text, text.upper(), text.replace(":", "-"), octets.hex(), octets.hex().upper())
    yield base64.b64encode(octets).decode()
    yield base64.urlsafe_b64encode(octets).decode().rstrip("=")


def secrets_of(database, sealer):
    """Addresses of phones, and every blind index and sealed value of the database."""
    with database.reading() as session:
        for device in session.query(Device):
            yield sealer.open(devices.MAC, device.sealed_mac)
        for table in metadata.sorted_tables:
            kept = [c for c in table.c if isinstance(c.type, LookupBinary | SealedBinary)]
            if kept:
                for row in session.execute(sa.select(*kept)):
                    yield from (value for value in row if value)


@pytest.fixture
def day(phone, marketing, database, sealer, clock, texts, tmp_path):  # noqa: PLR0917 - fixtures are passed by name
    """Everything happens that is news; what was heard, and what must not have been."""
    ears, codes = Ears(database, sealer), []
    campaign = marketing.welcome(link="https://shop.example/")
    marketing.source("aaaa1111")
    phone.get("/?from=aaaa1111", User_Agent=AGENT)
    phone.go_online(**TICKED)
    codes.append(phone.carrier.code)
    ears.listen()
    phone.get(f"/c/{campaign}", User_Agent=AGENT)
    with database.reading() as session:
        coupon = session.query(Coupon).filter(Coupon.member_id.is_not(None)).one().code
    coupons.redeem(database, sealer, "store-7", coupon, clock.now)
    with database.writing() as session:
        used = {"bytes_up": BYTES_UP, "bytes_down": BYTES_DOWN, "last_active_at": clock.now}
        session.query(Grant).update(used)
    desk = visits.Desk(sealer, "store-7")
    desk.turn(database, clock.now)
    clock.pass_by(hours=1)
    desk.turn(database, clock.now)
    ears.listen()
    shop = MadeUpStore(database, texts, clock.now, tmp_path, sealer)
    shop.log_in(7, "+86" + OTHER_NUMBER, Purpose.MEMBERSHIP, wechat="alice")
    shop.log_in(8, "+86" + NUMBER, wechat="alice")
    shop.withdraw("+86" + NUMBER, Purpose.MARKETING)
    ears.listen()
    shop.erase("+86" + NUMBER)
    ears.listen()
    return ears.heard.values(), codes


def test_no_news_says_a_code_an_address_or_a_line_of_the_log(day, database, sealer):
    events, codes = day
    assert {event.type for event in events} == set(EventType) - OF_THE_SENSOR
    assert [published.faults(event.envelope()) for event in events] == [[]] * len(events)
    said = b"".join(event.written() for event in events).decode()

    assert NUMBER in said, "what is told can be found"
    canaries = {AGENT, "canary", str(BYTES_UP), str(BYTES_DOWN), "127.0.0.1"}
    canaries |= {f'"{code}"' for code in codes} | {f":{code}," for code in codes}
    hidden = list(secrets_of(database, sealer))
    assert len(hidden) > 10
    canaries |= {spelling for each in hidden for spelling in spelt(each)}
    assert sorted(each for each in canaries if each in said) == []
