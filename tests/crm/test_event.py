import datetime as dt
import json

import pytest

from core.sealing import SealBrokenError, Sealer
from crm.event import Event, batch_body, opened
from tests.crm.desk import CANARY


def event(**changes):
    values = {
        "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "type": "doorman.member.enrolled",
        "source": "/stores/demo",
        "subject": "M1",
        "time": dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC),
        "data": {},
    }
    return Event(**values | changes)


def test_a_row_is_opened_as_news_from_its_store(desk, now):
    [event_id] = desk.add("M1", now=now)
    [row] = desk.rows()

    found = opened(row, desk.sealer, "demo")

    assert found == event(
        id=event_id, type="doorman.member.updated", time=now, data={"phone": CANARY}
    )


def test_a_row_sealed_with_another_key_does_not_open(desk, now):
    desk.add("M1", now=now)
    [row] = desk.rows()

    with pytest.raises(SealBrokenError):
        opened(row, Sealer(bytes(32)), "demo")


@pytest.mark.parametrize(
    ("time", "text"),
    [
        pytest.param(
            dt.datetime(2026, 5, 16, 6, tzinfo=dt.UTC), "2026-05-16T06:00:00.000Z", id="utc"
        ),
        pytest.param(
            dt.datetime(2026, 5, 16, 6, tzinfo=dt.timezone(dt.timedelta(hours=8))),
            "2026-05-15T22:00:00.000Z",
            id="another-zone",
        ),
        pytest.param(
            dt.datetime(2026, 5, 16, 6, 0, 0, 123_999, tzinfo=dt.UTC),
            "2026-05-16T06:00:00.123Z",
            id="to-the-millisecond",
        ),
    ],
)
def test_its_time_is_rfc_3339_in_utc(time, text):
    assert event(time=time).envelope()["time"] == text


def test_a_batch_is_a_list_in_order_and_keeps_every_script():
    body = batch_body([event(subject="M1", data={"store": "安福路店"}), event(subject="M2")])

    assert [each["subject"] for each in json.loads(body)] == ["M1", "M2"]
    assert "安福路店".encode() in body


def test_an_event_hides_what_it_says():
    found = event(data={"phone": CANARY})

    assert repr([found]) == "[Event(01ARZ3NDEKTSV4RRFFQ69G5FAV)]"
