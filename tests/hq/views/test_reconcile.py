"""A store compares itself with what headquarters folded of its news."""

import datetime as dt

import pytest

from core import headquarters
from core.settings import Settings
from crm import comparison
from crm.comparison import Held, Kind
from hq import reconciliation
from hq.intake.folding import Folding
from tests.hq.intake.news import T0, about, click, event, member, member_id, send
from tests.hq.parts import Relay

DAY = "2026-05-15"


@pytest.fixture
def relay(hq_database, sealer, now):
    return Relay(hq_database, sealer, now)


@pytest.fixture
def fold(relay, sealer, tmp_path):
    folding = Folding(Settings(data_dir=tmp_path), relay.database, sealer, lambda: relay.clock.now)
    return folding.run


def ask(relay, **question):
    return relay.ask(headquarters.RECONCILE, **question)


def compare(relay, kind, *held):
    asked = comparison.ranges(held, [])
    ranges = [[each.since, each.until, each.count, each.digest] for each in asked]
    return ask(relay, kind=kind, ranges=ranges).json["differing"]


def listed(relay, kind):
    return ask(relay, kind=kind, listed=["", "~"]).json["rows"]


def test_a_store_that_holds_the_same_hears_of_no_difference(relay, fold):
    send(relay, [member(1), member(2)])
    fold()
    # An event of whatever kind counts.
    send(relay, [click(1, version=5)])
    fold()

    ours = [Held(member_id(1), "5"), Held(member_id(2), "1")]
    assert compare(relay, Kind.MEMBERS, *ours) == []
    assert compare(relay, Kind.MEMBERS, ours[0]) == [0]
    assert compare(relay, Kind.MEMBERS, ours[0], Held(member_id(2), "2")) == [0]


def test_who_was_erased_is_told_as_such_and_counts_for_nothing(relay, fold):
    send(relay, [member(1), member(2)])
    fold()
    erased = {"absorbed": [], "erased_at": T0.isoformat()}
    send(relay, [about("doorman.member.erased", 1, 9, **erased)])
    fold()

    assert compare(relay, Kind.MEMBERS, Held(member_id(2), "1")) == []
    assert [member_id(1), comparison.ERASED] in listed(relay, Kind.MEMBERS)


def test_who_was_absorbed_is_told_as_such_and_counts_for_nothing(relay, fold):
    send(relay, [member(1), member(2), member(3)])
    fold()
    for number, version, absorbed in ((2, 2, 3), (1, 2, 2)):
        send(
            relay, [about("doorman.member.merged", number, version, absorbed=[member_id(absorbed)])]
        )
        fold()

    assert compare(relay, Kind.MEMBERS, Held(member_id(1), "2")) == []
    stays = comparison.merged(member_id(1))
    assert listed(relay, Kind.MEMBERS)[1:] == [[member_id(2), stays], [member_id(3), stays]]


def test_while_news_waits_to_be_folded_nothing_is_compared(relay, fold):
    send(relay, [member(1)])
    assert ask(relay, kind=Kind.MEMBERS, listed=["", "~"]).status_code == 503
    fold()

    assert listed(relay, Kind.MEMBERS) == [[member_id(1), "1"]]


def test_a_store_sees_its_own_alone(relay, fold):
    send(relay, [member(1)])
    fold()

    with relay.database.reading() as session:
        assert reconciliation.held(session, "store-8", Kind.MEMBERS, "", "~") == []
        assert reconciliation.held(session, "store-8", Kind.DAYS, "", "~") == []


def test_days_are_known_by_when_they_were_closed(relay, fold):
    closed = dt.datetime(2026, 5, 15, 16, 30, tzinfo=dt.UTC)
    nothing = {"value": None, "low": None, "high": None}
    dwell = ("under_5_min", "5_to_20_min", "20_to_60_min", "1_to_6_h", "over_6_h")
    data = {
        "day": DAY,
        "withheld_below": 5,
        "updated_at": closed.isoformat(),
        "closed_at": closed.isoformat(),
        "probe_requests": 100,
        "fixtures": None,
        **dict.fromkeys(("passers_by", "visitors", "entry_rate", "dwell_median_s"), nothing),
        "dwell_visits": {f"dwell_{name}": None for name in dwell},
        "bounces": None,
        "heard_s": None,
        "hours": [],
    }
    send(relay, [event("doorman.traffic.day", DAY, data)])
    fold()

    assert listed(relay, Kind.DAYS) == [[DAY, "2026-05-15T16:30:00Z"]]
    assert compare(relay, Kind.DAYS, Held(DAY, comparison.moment(closed))) == []


@pytest.mark.parametrize(
    "question",
    [
        {"kind": "secrets"},
        {"kind": "members", "ranges": [["", "~", -1, ""]]},
        {"kind": "members", "listed": ["0" * 99, "~"]},
    ],
)
def test_a_question_of_another_form_is_refused(relay, question):
    assert ask(relay, **question).status_code == 422
