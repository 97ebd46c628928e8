"""What every connector must keep, whatever its CRM: a test file of each derives from these classes.

    class TestMembers(contract.Members): ...       always
    class TestMergers(contract.Mergers): ...       if it takes mergers
    class TestMore(contract.More): ...             if it keeps each event that says more, apart

and has a fixture `rig`: a CRM that is empty, and the ways to it (`Rig`).
"""

import abc
import contextlib
import dataclasses
import logging

import pytest

from core.log import _JsonLines
from crm.shape import CrmError, Outcome, TemporaryCrmError
from tests.crm.connectors import news_of
from tests.fakes.crm.server import BREAK_AFTER, BREAK_BEFORE, FakeCrm, Reply

# What no log, error, repr or address may show.
CANARY = {
    "phone": "+8613912345678",
    "email": "canary@example.com",
    "unionid": "oCanaryUnionId",
    "openids": ["wx12:oCanaryOpenId"],
}
_CANARIES = ("13912345678", "canary", "oCanary")
# No connector makes as many requests for one event.
_REQUESTS = 16


@dataclasses.dataclass
class Rig(abc.ABC):
    """One connector, and the CRM behind it."""

    server: FakeCrm
    """The CRM as the connector reaches it; faults are ordered here."""
    unacceptable: dict
    """Of a member: what this CRM refuses for good, in that row alone."""
    setting: str
    """`crm.<kind>`: what messages name when the CRM turns everything away."""

    @abc.abstractmethod
    def connect(self, *, forgetful=False):
        """The connector as of a new process; forgetful: what it remembered is lost."""

    @abc.abstractmethod
    def members(self):
        """Members that the CRM has and shows: `phone` and `marketing` by our id."""

    @abc.abstractmethod
    def text(self):
        """All that the CRM holds of anybody, as text."""


def sent(crm, *batch):
    """What became of each event: its outcome, None if it was left out."""
    answers = crm.send(batch)
    assert set(answers) <= {event.id for event in batch}
    return [answers[event.id].outcome if event.id in answers else None for event in batch]


def insist(rig, *batch, crm=None):
    """Send until every event is answered for good, as the sync job does."""
    crm = crm or rig.connect()
    waiting = list(batch)
    for _ in range(2 * _REQUESTS):
        with contextlib.suppress(CrmError):
            answers = crm.send(waiting)
            waiting = [event for event in waiting if event.id not in answers]
        if not waiting:
            return
    raise AssertionError("the connector never comes to an end")


def taken(outcomes):
    return all(outcome in {Outcome.ACCEPTED, Outcome.DUPLICATE} for outcome in outcomes)


class Members:
    def test_a_new_member_is_there_with_what_they_agreed_to(self, rig):
        member, number = news_of.new_id(), news_of.phone()

        event = news_of.enrolled(member, phone=number, consents=["membership", "marketing"])
        assert sent(rig.connect(), event) == [Outcome.ACCEPTED]

        assert rig.members() == {member: {"phone": number, "marketing": True}}

    def test_many_come_in_one_batch(self, rig):
        numbers = {news_of.new_id(): news_of.phone() for _ in range(7)}
        crm = rig.connect()

        batch = [news_of.enrolled(member, phone=number) for member, number in numbers.items()]
        assert taken(sent(crm, *batch))
        assert {each: found["phone"] for each, found in rig.members().items()} == numbers

    def test_a_change_arrives(self, rig):
        member, number = news_of.new_id(), news_of.phone()
        crm = rig.connect()

        sent(crm, news_of.enrolled(member, consents=["membership", "marketing"]))
        assert taken(sent(crm, news_of.updated(member, 2, phone=number)))

        assert rig.members() == {member: {"phone": number, "marketing": False}}

    def test_whoever_withdraws_marketing_is_no_longer_written_to(self, rig):
        member = news_of.new_id()
        crm = rig.connect()

        sent(crm, news_of.enrolled(member, consents=["membership", "marketing"]))
        assert rig.members()[member]["marketing"] is True
        sent(crm, news_of.updated(member, 2, consents=["membership"]))

        assert rig.members()[member]["marketing"] is False

    @pytest.mark.parametrize("forgetful", [False, True], ids=["remembering", "forgetful"])
    def test_the_same_events_again_change_nothing(self, rig, forgetful):
        batch = [news_of.enrolled(news_of.new_id(), phone=news_of.phone()) for _ in range(3)]
        sent(rig.connect(), *batch)
        before = rig.members()

        assert taken(sent(rig.connect(forgetful=forgetful), *batch))
        assert rig.members() == before
        assert len(before) == 3

    def test_an_older_version_never_overwrites_a_newer_one(self, rig):
        member, number = news_of.new_id(), news_of.phone()
        crm = rig.connect()
        sent(crm, news_of.updated(member, 5, phone=number))

        late = [news_of.updated(member, 4), news_of.enrolled(member, 1)]
        assert [sent(crm, event) for event in late] == [[Outcome.DUPLICATE]] * 2
        assert rig.members()[member]["phone"] == number

    def test_who_is_erased_leaves_nothing_behind(self, rig):
        member, other = news_of.new_id(), news_of.new_id()
        crm = rig.connect()
        sent(crm, news_of.enrolled(member, **CANARY), news_of.enrolled(other))
        more = sorted(crm.takes & news_of.SAYS.keys())
        for version, kind in enumerate(more, 2):
            assert taken(sent(crm, news_of.SAYS[kind](member, version)))

        assert sent(crm, news_of.erased(member, 20)) == [Outcome.ACCEPTED]

        assert list(rig.members()) == [other]
        assert not [each for each in (*_CANARIES, "TEA-1", "Guide Seven") if each in rig.text()]

    def test_erased_is_erased_whatever_comes_after(self, rig):
        member, stranger = news_of.new_id(), news_of.new_id()
        crm = rig.connect()
        sent(crm, news_of.enrolled(member))
        assert taken(sent(crm, news_of.erased(member, 9), news_of.erased(stranger, 9)))

        late = [news_of.enrolled(member, 1), news_of.updated(member, 12), news_of.updated(stranger)]
        late += [say(member, 13) for kind, say in news_of.SAYS.items() if kind in crm.takes]
        for event in late:
            assert sent(crm, event) == [Outcome.DUPLICATE], event.type
        assert taken(sent(crm, news_of.erased(member, 9)))
        assert rig.members() == {}

    def test_who_is_erased_takes_along_whom_they_absorbed(self, rig):
        member, absorbed = news_of.new_id(), news_of.new_id()
        crm = rig.connect()
        sent(crm, news_of.enrolled(member), news_of.enrolled(absorbed, **CANARY))

        assert taken(sent(crm, news_of.erased(member, 9, absorbed)))

        assert rig.members() == {}
        assert not [each for each in _CANARIES if each in rig.text()]

    def test_what_the_crm_refuses_parks_that_row_alone(self, rig):
        good, bad, other = (news_of.new_id() for _ in range(3))
        crm = rig.connect()

        outcomes = sent(
            crm,
            news_of.enrolled(good, phone=news_of.phone()),
            news_of.enrolled(bad, **rig.unacceptable),
            news_of.enrolled(other, phone=news_of.phone()),
        )

        assert outcomes == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.ACCEPTED]
        assert rig.members().keys() == {good, other}
        assert taken(sent(crm, news_of.updated(bad, 2, phone=news_of.phone())))
        assert rig.members().keys() == {good, bad, other}

    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_a_crm_that_is_down_costs_nothing_but_time(self, rig, status):
        batch = [news_of.enrolled(news_of.new_id(), phone=news_of.phone()) for _ in range(3)]
        crm = rig.connect()
        rig.server.order(Reply(status, {"message": "not now"}, {"Retry-After": "7"}))

        with pytest.raises(TemporaryCrmError) as caught:
            crm.send(batch)

        assert (caught.value.reason, caught.value.retry_after_s) == (f"http_{status}", 7)
        assert rig.members() == {}
        assert taken(sent(crm, *batch))
        assert len(rig.members()) == 3

    @pytest.mark.parametrize("fault", [BREAK_BEFORE, BREAK_AFTER], ids=["before", "after"])
    def test_a_line_that_breaks_at_any_request_loses_and_doubles_nothing(self, rig, fault):
        member, number, gone = news_of.new_id(), news_of.phone(), news_of.new_id()
        before = len(rig.server.requests)
        for skipped in range(_REQUESTS):
            rig.server.order(*[None] * skipped, fault)
            insist(rig, news_of.enrolled(member, phone=number), news_of.enrolled(gone))
            insist(rig, news_of.updated(member, 2 + skipped, phone=number))
            if _was_late(rig):
                break
        insist(rig, news_of.erased(gone, 20))

        assert rig.members() == {member: {"phone": number, "marketing": False}}
        assert len(rig.server.requests) > before

    @pytest.mark.parametrize("forgetful", [False, True], ids=["remembering", "forgetful"])
    def test_an_answer_that_is_lost_doubles_nobody(self, rig, forgetful):
        batch = [news_of.enrolled(news_of.new_id(), phone=news_of.phone()) for _ in range(3)]
        made = _requests_for(rig, news_of.enrolled(news_of.new_id(), phone=news_of.phone()))
        for last in range(made):
            rig.server.order(*[None] * last, BREAK_AFTER)
            with contextlib.suppress(CrmError):
                rig.connect(forgetful=forgetful).send(batch)
            rig.server.faults.clear()

        insist(rig, *batch, crm=rig.connect(forgetful=forgetful))
        assert len(rig.members()) == 4

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_key_that_is_wrong_is_named_and_gives_up_no_event(self, rig, status, caplog):
        crm = rig.connect()
        # A token may be fetched anew once before it is believed to be wrong.
        rig.server.order(*[Reply(status, {"message": "no"})] * 4)

        with pytest.raises(TemporaryCrmError):
            crm.send([news_of.enrolled(news_of.new_id())])
        rig.server.faults.clear()

        assert rig.setting in _logged(caplog)

    def test_no_personal_data_in_logs_errors_addresses(self, rig, caplog):
        caplog.set_level(logging.DEBUG, logger="crm")
        event = news_of.enrolled(news_of.new_id(), **CANARY)
        quoting = {"message": f"bad: {CANARY}", "errors": [{"message": str(CANARY)}]}
        said = []
        for status in (400, 401, 404, 409, 422, 429, 500):
            rig.server.order(*[Reply(status, quoting)] * 4)
            crm = rig.connect()
            try:
                said.append(repr(crm.send([event])))
            except CrmError as error:
                said += [str(error), repr(error), repr(error.__cause__)]
            said.append(repr(crm))
            rig.server.faults.clear()
        said += [f"{each.path} {each.query}" for each in rig.server.requests]
        said += [_logged(caplog), repr(rig.connect().preview([event]))]

        assert not [line for line in said for canary in _CANARIES if canary in line]

    def test_a_preview_sends_nothing_and_shows_what_send_sends(self, rig):
        event = news_of.enrolled(news_of.new_id(), **CANARY)
        crm = rig.connect()
        # So that tokens are fetched, and names looked up: a preview has those it needs.
        sent(crm, news_of.enrolled(news_of.new_id()))
        before = len(rig.server.requests)

        shown = crm.preview([event])
        assert len(rig.server.requests) == before
        crm.send([event])

        assert shown
        assert all(each.event_ids == (event.id,) for each in shown)
        really = rig.server.requests[before:]
        assert [(each.method, _body(each)) for each in really] == [
            (each.method, each.body) for each in shown
        ]


class Mergers:
    def test_who_was_absorbed_is_there_no_more(self, rig):
        stays, absorbed, number = news_of.new_id(), news_of.new_id(), news_of.phone()
        crm = rig.connect()
        sent(crm, news_of.enrolled(stays), news_of.enrolled(absorbed, phone=number))

        assert taken(sent(crm, news_of.merged(stays, 2, absorbed)))
        assert taken(sent(crm, news_of.updated(stays, 3, phone=number)))

        assert rig.members() == {stays: {"phone": number, "marketing": False}}
        assert sent(crm, news_of.updated(absorbed, 9)) == [Outcome.DUPLICATE]
        assert list(rig.members()) == [stays]

    def test_a_merger_may_come_before_the_news_of_who_is_absorbed(self, rig):
        stays, absorbed = news_of.new_id(), news_of.new_id()
        crm = rig.connect()

        assert taken(sent(crm, news_of.merged(stays, 2, absorbed)))
        assert taken(sent(crm, news_of.updated(stays, 3), news_of.enrolled(absorbed)))

        assert list(rig.members()) == [stays]

    @pytest.mark.parametrize("fault", [BREAK_BEFORE, BREAK_AFTER], ids=["before", "after"])
    def test_a_merger_may_break_at_any_request(self, rig, fault):
        for skipped in range(_REQUESTS // 2):
            stays, absorbed = news_of.new_id(), news_of.new_id()
            crm = rig.connect()
            sent(crm, news_of.enrolled(stays), news_of.enrolled(absorbed))
            rig.server.order(*[None] * skipped, fault)
            insist(rig, news_of.merged(stays, 2, absorbed))
            assert stays in rig.members()
            assert absorbed not in rig.members()
            if _was_late(rig):
                break


class More:
    """The rig's `said(member)` counts what the CRM keeps of events that say more."""

    def test_each_event_is_kept_once(self, rig):
        member = news_of.new_id()
        crm = rig.connect()
        sent(crm, news_of.enrolled(member))
        more = [
            news_of.SAYS[kind](member, v)
            for v, kind in enumerate(sorted(crm.takes & news_of.SAYS.keys()), 2)
        ]

        for event in more:
            assert sent(crm, event) == [Outcome.ACCEPTED]
        for event in more:
            assert taken(sent(crm, event))
            assert taken(sent(rig.connect(forgetful=True), event))

        assert rig.said(member) == len(more)

    def test_of_a_member_who_was_refused_it_is_kept_until_they_come(self, rig):
        member = news_of.new_id()
        crm = rig.connect()
        assert sent(crm, news_of.enrolled(member, **rig.unacceptable)) == [Outcome.REFUSED]

        assert taken(sent(crm, news_of.coupon_issued(member, 2)))
        sent(crm, news_of.updated(member, 3))

        assert list(rig.members()) == [member]
        assert rig.said(member) == 1


def _was_late(rig):
    """Whether the fault that was ordered came after the last request."""
    late = bool(rig.server.faults)
    rig.server.faults.clear()
    return late


def _requests_for(rig, event):
    before = len(rig.server.requests)
    rig.connect().send([event])
    return len(rig.server.requests) - before


def _body(request):
    return request.json if request.body else None


def _logged(caplog):
    return "\n".join(_JsonLines().format(record) for record in caplog.records)
