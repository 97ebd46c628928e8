"""What headquarters is told of a closed day's visits, and when it is told nothing."""

import datetime as dt
import json

import pytest
import sqlalchemy as sa

from analytics import rollup
from analytics.figures import report
from core import outbox, sightings
from core.clock import day_bounds
from core.events import of_visits
from core.models.outbox_event import OutboxEvent
from core.models.traffic import TrafficDay, TrafficHour
from core.settings import Settings
from core.webhook_signature import write_key
from tests.analytics import toy_shop

TODAY = dt.date(2026, 5, 16)
OPENS_S = 10 * 3600
LINE = {"url": "https://hq.example", "key": write_key(bytes(32))}


@pytest.fixture(scope="module")
def shop():
    return toy_shop.day(comers=900)


@pytest.fixture
def tell(database, settings, sealer, shop):
    """Closes the shop's day; what was said of its visits, and the day's rows."""

    def run(crm="headquarters", **changed):
        at_store = Settings(
            data_dir=settings.data_dir, crm={"kind": crm}, **{"headquarters": LINE} | changed
        )
        start, end = day_bounds(TODAY, settings.store.zone)
        opens_us = round(start.timestamp() + OPENS_S) * 1_000_000
        file = sightings.DayFile(settings.sightings_dir, TODAY)
        file.append(
            (
                sightings.Sighting(
                    opens_us + round(at_s * 1e6), address, look, True, round(dbm), 2437, "one"
                )
                for at_s, address, look, _, dbm in zip(
                    *(column.tolist() for column in shop.heard), strict=True
                )
            ),
            {},
        )
        file.close()
        rollup.close_days(database, sealer, at_store, end + dt.timedelta(hours=1))
        with database.reading() as session:
            events = session.scalars(sa.select(OutboxEvent)).all()
            told = [
                json.loads(sealer.open(outbox.DATA, event.sealed_data))
                for event in events
                if event.type == outbox.EventType.VISITS_DAY
            ]
            day = session.scalars(sa.select(TrafficDay)).one()
            hours = session.scalars(sa.select(TrafficHour).order_by(TrafficHour.start)).all()
            return told, report.of(day, hours, at_store)

    return run


def test_a_closed_day_is_told_once_as_the_contract_has_it(tell):
    [told], shown = tell()

    event = of_visits.VisitsDay.model_validate_json(json.dumps(told))
    assert (event.store, event.day, event.time_zone) == ("store-1", "2026-05-16", "Asia/Shanghai")
    visitors = sum(each >= event.visitor_after_s for each in event.inside.dwell_s)
    assert visitors == sum(hour.visitors or 0 for hour in shown.hours) > 100
    near = len(event.passed) + len(event.inside.minute) - visitors
    assert near == sum(hour.passers_by or 0 for hour in shown.hours)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"crm": "webhook"}, id="its news goes to a CRM"),
        pytest.param({"headquarters": LINE | {"visits": False}}, id="switched off"),
        pytest.param({"sensor": {"strict": True}}, id="strict"),
    ],
)
def test_a_store_that_does_not_want_it_tells_nothing(tell, changed):
    told, _ = tell(**changed)

    assert told == []
