import datetime as dt

import pytest

from core.models.outbox_event import OutboxState
from crm import ledger
from tests.crm.desk import ScriptedCrm


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda session, rows, _now: ledger.parked(session, rows, "late"), id="parked"),
        pytest.param(
            lambda session, rows, now: ledger.postponed(session, rows, "late", now), id="postponed"
        ),
        pytest.param(ledger.sent, id="sent"),
    ],
)
def test_what_another_sender_has_settled_meanwhile_stays_as_it_is(any_desk, now, write):
    any_desk.add("A", now=now)
    seen_while_waiting = any_desk.rows()
    any_desk.deliver(ScriptedCrm(), now)

    with any_desk.database.writing() as session:
        write(session, seen_while_waiting, now + dt.timedelta(hours=1))

    [row] = any_desk.rows()
    assert (row.state, row.sent_at, row.last_error, row.attempts) == (OutboxState.SENT, now, "", 1)
