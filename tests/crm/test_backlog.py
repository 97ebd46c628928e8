import datetime as dt

from crm import backlog
from crm.backlog import Backlog
from crm.shape import Answer, Outcome, Refusal
from tests.crm.desk import ScriptedCrm

HOUR = dt.timedelta(hours=1)


def test_an_empty_outbox_has_no_backlog(any_desk):
    with any_desk.database.reading() as session:
        assert backlog.summary(session) == Backlog(waiting=0, parked=0, oldest_at=None)


def test_what_waits_and_what_is_parked_is_counted_and_what_is_sent_is_not(any_desk, now):
    any_desk.add("sent", "parked", now=now - HOUR)
    any_desk.deliver(ScriptedCrm({"parked": Answer(Outcome.REFUSED, Refusal.OTHER)}), now)
    any_desk.add("A", now=now)
    any_desk.add("B", now=now + HOUR)

    with any_desk.database.reading() as session:
        assert backlog.summary(session) == Backlog(waiting=2, parked=1, oldest_at=now)
