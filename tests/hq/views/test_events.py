import json

import pytest
import sqlalchemy as sa

from core import headquarters
from hq.intake import batch
from hq.models.inbox import BODY, InboxBatch, InboxEvent
from tests.hq.intake import news
from tests.hq.intake.news import T0, click, event, member, member_id, send, signed, statuses
from tests.hq.parts import PORTAL, Relay
from tests.published import EXAMPLES


@pytest.fixture
def relay(hq_database, sealer, now):
    return Relay(hq_database, sealer, now)


def rows(database, table):
    with database.reading() as session:
        return session.scalars(sa.select(table)).all()


def day(**figures):
    """A day's event with these estimates."""
    data = EXAMPLES["doorman.traffic.day"]["data"] | {"store": "store-7"}
    data |= {name: {"value": value, "low": None, "high": None} for name, value in figures.items()}
    return event("doorman.traffic.day", data["day"], data)


def test_each_event_is_taken_in_once(relay):
    events = [member(1), member(2)]
    first, again = send(relay, events), send(relay, [*events, member(3)])

    assert (statuses(first), first.status_code) == (["accepted", "accepted"], 200)
    assert statuses(again) == ["duplicate", "duplicate", "accepted"]
    assert len(rows(relay.database, InboxEvent)) == 3


def test_an_event_that_stands_twice_in_a_batch_is_taken_in_once(relay):
    one = member(1)

    assert statuses(send(relay, [one, one])) == ["accepted", "duplicate"]


def test_a_captured_batch_that_comes_again_changes_nothing(relay):
    body, headers = signed([member(1)], relay.key, relay.clock.now)
    relay.browser.post(headquarters.EVENTS, data=body, headers=headers)
    relay.clock.pass_by(minutes=4)
    again = relay.browser.post(headquarters.EVENTS, data=body, headers=headers)
    assert statuses(again) == ["duplicate"]
    assert len(rows(relay.database, InboxBatch)) == 1
    relay.clock.pass_by(minutes=2)

    late = relay.browser.post(headquarters.EVENTS, data=body, headers=headers)
    assert late.status_code == 401


def test_packed_bodies_are_taken_as_they_come(relay, sealer):
    events = [member(n) for n in range(1000)]
    answer = send(relay, events, packed=True)

    assert statuses(answer) == ["accepted"] * 1000
    [kept] = rows(relay.database, InboxBatch)
    assert len(kept.sealed_body) < len(json.dumps(events)) / 5
    assert batch.events_in(sealer.open(BODY, kept.sealed_body)) == events


def test_nothing_personal_lies_in_the_open(relay):
    send(relay, [member(1, phone="+8613800138000", unionid="u-alice")])

    [kept], [event] = rows(relay.database, InboxBatch), rows(relay.database, InboxEvent)
    assert b"13800138000" not in kept.sealed_body
    assert (event.subject, event.type) == (member_id(1), "doorman.member.enrolled")
    assert (event.occurred_at, event.store_id) == (T0, "store-7")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        pytest.param(event("doorman.cat.fed", "x", {}), "unknown_type", id="unknown type"),
        pytest.param(member(1) | {"time": "yesterday"}, "bad_envelope", id="no time"),
        pytest.param(
            member(1) | {"time": "0001-01-01T00:00:00+14:00"}, "bad_envelope", id="before all years"
        ),
        pytest.param(
            member(1) | {"time": "9999-12-31T23:59:59-14:00"}, "bad_envelope", id="after all years"
        ),
        pytest.param(
            event("doorman.traffic.hour", "a\x00b", {}), "bad_envelope", id="no letter at all"
        ),
        pytest.param(member(1) | {"subject": member_id(2)}, "bad_envelope", id="other subject"),
        pytest.param(member(1, store="store-8"), "bad_envelope", id="of another store"),
        pytest.param(
            member(1) | {"source": "/stores/store-8"}, "bad_envelope", id="another store's name"
        ),
        pytest.param(member(1, phone="12"), "bad_data", id="no number"),
        pytest.param(click(1) | {"data": {}}, "bad_data", id="no data"),
        pytest.param(member(1, 1 << 31), "bad_data", id="a version beyond all"),
        pytest.param(member(1, openids=["wx:1"] * 101), "bad_data", id="too many names"),
        pytest.param(day(visitors=-1.0), "bad_data", id="fewer than none"),
        pytest.param(day(visitors=float("nan")), "bad_data", id="no figure"),
        pytest.param(day(visitors=1e308), "bad_data", id="more than all people"),
        pytest.param(day(entry_rate=1.5), "bad_data", id="more than all who passed"),
    ],
)
def test_a_wrong_row_is_refused_and_the_others_taken(relay, wrong, reason):
    answer = send(relay, [member(8), wrong, member(9)])

    assert {row["id"]: row.get("reason") for row in answer.json["results"]}[wrong["id"]] == reason
    assert sorted(statuses(answer)) == ["accepted", "accepted", "refused"]
    assert len(rows(relay.database, InboxEvent)) == 2


def test_what_a_newer_store_says_besides_is_ignored(relay):
    newer = member(1)
    newer["data"]["shoe_size"] = 43
    newer["traceparent"] = "00-x"

    assert statuses(send(relay, [newer])) == ["accepted"]


def test_a_row_without_an_id_is_not_answered(relay):
    answer = send(relay, [{"type": "x"}, 5, member(1)])

    assert statuses(answer) == ["accepted"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{}", 400, id="no array"),
        pytest.param(b"[" * 100_000, 400, id="depth"),
        pytest.param(b"\x1f\x8bxxxx", 400, id="no gzip"),
        pytest.param(b"\xff\xfe", 400, id="no text"),
        pytest.param(json.dumps([5] * 1001).encode(), 413, id="too many"),
    ],
)
def test_what_is_no_batch_is_turned_away(relay, body, status):
    assert send(relay, [], body=body).status_code == status
    assert rows(relay.database, InboxBatch) == []


def test_a_packed_body_that_would_fill_the_memory_is_not_unpacked(relay):
    bomb = b"[" + b" " * (batch.MOST_OCTETS + 1) + b"]"

    assert send(relay, [], body=bomb, packed=True).status_code == 413


def test_a_body_above_the_limit_is_not_read(relay):
    too_long = bytes(batch.MOST_PACKED_OCTETS + 1)

    assert relay.browser.post(headquarters.EVENTS, data=too_long).status_code == 413


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"key": b"x" * 32}, id="another key"),
        pytest.param({"store": "store-9"}, id="a store nobody knows"),
        pytest.param({"store": ""}, id="no store"),
    ],
)
def test_whoever_is_no_store_of_ours_is_turned_away_before_anything_is_read(relay, change):
    assert send(relay, [], body=b"[" * 100_000, **change).status_code == 401


def test_no_store_can_take_anothers_id(relay):
    other = relay.add_store("store-8", PORTAL)
    id_of_8 = news.event_id()
    send(relay, [member(1) | {"id": id_of_8}])

    answer = send(relay, [member(1, store="store-8") | {"id": id_of_8}], store="store-8", key=other)
    assert statuses(answer) == ["accepted"]


@pytest.mark.parametrize(
    "limit", [{"events_per_store_minute": 3}, {"megabytes_per_store_minute": 1}], ids=str
)
def test_a_store_that_sends_without_end_is_told_when_to_go_on(hq_database, sealer, now, limit):
    relay = Relay(hq_database, sealer, now, **limit)
    other = relay.add_store("store-8", PORTAL)
    filler = b"[" + b" " * 600_000 + b"]"
    relay.clock.pass_by(seconds=10)
    for _ in range(2):
        send(relay, [member(1), member(2)])
        send(relay, [], body=filler)

    answer = send(relay, [member(3)])
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "50")
    of_8 = send(relay, [member(1, store="store-8")], store="store-8", key=other)
    assert of_8.status_code == 200
    relay.clock.pass_by(seconds=51)
    assert statuses(send(relay, [member(3)])) == ["accepted"]


def test_a_store_that_sends_what_nobody_can_read_is_told_to_wait_as_well(hq_sqlite, sealer, now):
    relay = Relay(hq_sqlite, sealer, now, events_per_store_minute=2)
    bad = [send(relay, [], body=b"{}").status_code for _ in range(3)]

    assert bad == [400, 400, 429]
