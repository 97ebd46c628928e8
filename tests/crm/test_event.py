import datetime as dt
import json

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from core.models.outbox_event import OutboxEvent
from core.sealing import SealBrokenError, Sealer
from crm.event import Event, batch_body, opened
from tests.crm.desk import CANARY


def event(data=None, **changes):
    values = {
        "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "type": "doorman.member.enrolled",
        "source": "/stores/demo",
        "subject": "M1",
        "time": dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC),
    }
    return Event.telling(data or {}, **values | changes)


def test_a_row_is_opened_as_news_from_its_store(desk, now):
    [event_id] = desk.add("M1", now=now)
    [row] = desk.rows()

    found = opened(row, desk.sealer, "demo")

    assert found == event({"phone": CANARY}, id=event_id, type="doorman.coupon.used", time=now)


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
    body = batch_body([event({"store": "安福路店"}, subject="M1"), event(subject="M2")])

    assert [each["subject"] for each in json.loads(body)] == ["M1", "M2"]
    assert "安福路店".encode() in body


def test_an_event_hides_what_it_says():
    found = event({"phone": CANARY})

    assert repr([found]) == "[Event(01ARZ3NDEKTSV4RRFFQ69G5FAV)]"


_WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
)


@given(st.dictionaries(_WORDS, _DATA, max_size=4), _WORDS, st.datetimes(timezones=st.timezones()))
def test_what_is_put_in_unread_is_what_writing_it_out_would_give(data, subject, time):
    found = event(data, subject=subject, time=time)
    slowly = json.dumps(found.envelope(), ensure_ascii=False, separators=(",", ":"))

    assert found.written() == slowly.encode()
    assert batch_body([found, found]) == f"[{slowly},{slowly}]".encode()


def test_an_event_passed_on_for_a_store_says_so(desk, now):
    desk.add("M1", now=now)
    with desk.database.writing() as session:
        session.execute(sa.update(OutboxEvent).values(source="store-7"))
    [row] = desk.rows()

    assert opened(row, desk.sealer, "demo").source == "/stores/store-7"
