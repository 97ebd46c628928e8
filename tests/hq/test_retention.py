import datetime as dt

import pytest
import sqlalchemy as sa
import ulid

from core.models.outbox_event import OutboxEvent, OutboxState
from hq import retention, stores
from hq.models.chain import ChainIdentity, ChainLink
from hq.models.erasure_order import ErasureOrder
from hq.models.inbox import InboxEvent, InboxState, ParkedEvent
from hq.models.sms_send import SmsSend, SmsState
from hq.models.store import StoreKey
from hq.models.traffic import StoreHour
from hq.models.withdrawal_order import WithdrawalOrder

ULID = str(ulid.ULID())


def event(at, **more):
    row = {
        "store_id": "store-7",
        "event_id": str(ulid.ULID.from_datetime(at)),
        "batch_id": 1,
        "position": 0,
        "type": "t",
        "subject": "s",
        "occurred_at": at,
        "received_at": at,
        "state": InboxState.FOLDED,
    }
    return InboxEvent(**{**row, **more})


def hour(start):
    day = start.date()
    return StoreHour(store_id="store-7", start=start, day=day, told_at=start, visitors=5)


def outbox_event(at, state):
    return OutboxEvent(
        event_id=str(ulid.ULID()),
        type="t",
        subject="s",
        source="",
        occurred_at=at,
        sealed_data=b"",
        state=state,
        next_attempt_at=at,
        sent_at=at if state is OutboxState.SENT else None,
    )


def link(at, *, is_erased):
    key = ChainIdentity(
        kind="phone", lookup=b"x" * 16, sealed_value=b"", first_at=at, verified_at=at
    )
    return ChainLink(
        store_id="store-7",
        store_member=str(ulid.ULID()),
        enrolled_at=at,
        consents={},
        is_erased=is_erased,
        erased_at=at if is_erased else None,
        identities=[key],
    )


def parked(at, name):
    return ParkedEvent(
        store_id="store-7", event_id=name, parked_at=at, reason="x", sealed_data=b"x"
    )


@pytest.mark.parametrize(
    ("table", "kept", "gone"),
    [
        pytest.param(
            InboxEvent,
            lambda now, old: [
                event(now),
                event(old, state=InboxState.WAITING),
                event(old + dt.timedelta(hours=1), received_at=now),
            ],
            lambda _now, old: [event(old - dt.timedelta(hours=1))],
            id="inbox",
        ),
        pytest.param(
            StoreHour,
            lambda now, _old: [hour(now)],
            lambda _now, old: [hour(old)],
            id="hours",
        ),
        pytest.param(
            StoreKey,
            lambda now, old: [
                StoreKey(store_id="store-7", sealed_key=b"x", made_at=old),
                StoreKey(store_id="store-7", sealed_key=b"x", made_at=old, revoked_at=now),
            ],
            lambda _now, old: [
                StoreKey(store_id="store-7", sealed_key=b"x", made_at=old, revoked_at=old),
                StoreKey(store_id="store-7", sealed_key=b"x", made_at=old, expires_at=old),
            ],
            id="keys",
        ),
        pytest.param(
            OutboxEvent,
            lambda now, old: [
                outbox_event(now, OutboxState.SENT),
                outbox_event(old, OutboxState.WAITING),
            ],
            lambda _now, old: [outbox_event(old, OutboxState.SENT)],
            id="outbox",
        ),
        pytest.param(
            ChainIdentity,
            lambda now, old: [link(old, is_erased=False), link(now, is_erased=True)],
            lambda _now, old: [link(old, is_erased=True)],
            id="keys of the erased",
        ),
        pytest.param(
            ParkedEvent,
            lambda now, _old: [parked(now, ULID)],
            lambda _now, old: [parked(old, "0" * 26)],
            id="parked",
        ),
    ],
)
def test_what_has_outlived_its_purpose_goes(  # noqa: PLR0917 - passed by name
    hq_database, sealer, now, table, kept, gone
):
    old = now - dt.timedelta(days=3 * 365)
    count = sa.select(sa.func.count()).select_from(table)
    with hq_database.writing() as session:
        stores.add(session, sealer, "store-7", ["http://a.test"], now)
        session.execute(sa.delete(StoreKey))
        session.add_all([*kept(now, old), *gone(now, old)])
    with hq_database.writing() as session:
        forgotten = retention.forget_news(session, now)

    assert forgotten[table.__tablename__] == len(gone(now, old))
    with hq_database.reading() as session:
        assert session.scalar(count) == len(kept(now, old))


def test_text_messages_and_done_erasures_go_and_an_order_that_waits_stays(hq_sqlite, sealer, now):
    old = now - dt.timedelta(days=31)
    with hq_sqlite.writing() as session:
        stores.add(session, sealer, "store-7", ["http://wifi.store.test"], now)
        for at in (old, now):
            row = {"store_id": "store-7", "number_lookup": bytes(16), "state": SmsState.TAKEN}
            session.add(SmsSend(message_id=str(ulid.ULID()), sent_at=at, **row))
        for done_at in (old, now, None):
            row = {"store_id": "store-7", "store_member": str(ulid.ULID()), "ordered_at": old}
            session.add(ErasureOrder(done_at=done_at, **row))
            session.add(WithdrawalOrder(done_at=done_at, withdrawn_at=old, **row))
        session.flush()
        retention.forget(session, now)

    with hq_sqlite.reading() as session:
        assert session.scalars(sa.select(SmsSend.sent_at)).all() == [now]
        assert set(session.scalars(sa.select(ErasureOrder.done_at))) == {now, None}
        assert set(session.scalars(sa.select(WithdrawalOrder.done_at))) == {now, None}
