"""However the news of several stores is shuffled, the end is the same."""

import datetime as dt

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from core.database import Database
from hq.models.every import metadata
from tests.hq.intake.chain import Chain
from tests.hq.intake.news import T0, member
from tests.hq.intake.test_folding import attribution, consent, erased, merged

STORES = ("store-7", "store-8", "store-9")
# One number a member: of those who had two, an erasure may be told before what would have told
# two people apart, and what was erased is not brought back.
NUMBER = st.sampled_from([None, "+8613800138000", "+8613900139000"])
# And of two WeChat accounts, for the same reason, only where nobody is erased.
ACCOUNT = st.sampled_from([None, None, "u1", "u2"])
STEPS = ["updated", "said", "brought", "erased"]
PURPOSES = st.sampled_from([["membership"], ["marketing", "membership"]])


@st.composite
def histories(draw):
    """What each of a few stores' members went through, as lists of events in order."""
    found, steps, account = [], STEPS[:3], ACCOUNT
    if draw(st.booleans()):
        steps, account = STEPS, st.sampled_from([None, "u1"])
    for number in range(1, draw(st.integers(2, 4)) + 1):
        store = draw(st.sampled_from(STORES))
        hour, phone, events = draw(st.integers(0, 20)), draw(NUMBER), []
        for version in range(1, draw(st.integers(1, 4)) + 1):
            at = T0 + dt.timedelta(hours=hour, minutes=number)
            last = version > 1 and draw(st.sampled_from(steps))
            more = {"store": store, "at": at}
            if last == "said":
                events.append(consent(number, version, given=draw(st.booleans()), **more))
            elif last == "brought":
                events.append(attribution(number, version, at, name=f"guide {number}", **more))
            elif last == "erased":
                events.append(erased(number, version, **more))
                break
            else:
                kind = "updated" if last else "enrolled"
                keys = {"phone": phone, "unionid": draw(account)}
                consents = draw(PURPOSES)
                event = member(number, version, kind=kind, consents=consents, **keys, **more)
                events.append(event)
            hour += draw(st.integers(1, 5))
        found.append(events)
    return found


def woven(order, found):
    """One sequence of all, in which each member's own keep their order."""
    turns = [number for number, events in enumerate(found) for _ in events]
    order.shuffle(turns)
    left = [iter(events) for events in found]
    return [next(left[number]) for number in turns]


@hypothesis.settings(
    max_examples=10,
    # Each is a database: what was found once is found again.
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@given(histories(), st.randoms(use_true_random=False))
def test_late_news_of_other_stores_ends_in_the_same_state(sealer, now, tmp_path, found, order):
    ends = []
    for events in (woven(order, found), woven(order, found)):
        database = Database("sqlite://")
        metadata.create_all(database.engine)
        chain = Chain(database, sealer, now, tmp_path)
        chain.told(*events)
        assert chain.is_folded()
        ends.append(chain.state())
        database.dispose()

    assert ends[0] == ends[1]


def test_a_merger_that_comes_before_who_it_merges_ends_as_if_it_came_after(
    hq_sqlite, sealer, now, tmp_path
):
    first, second = member(1, phone="+8613800138000"), member(2, unionid="u1")
    both = {"phone": "+8613800138000", "unionid": "u1"}
    rest = [merged(1, 2, 2), member(1, 3, kind="updated", **both)]
    chain = Chain(hq_sqlite, sealer, now, tmp_path)
    chain.told(first, *rest, second)
    other = Database("sqlite://")
    metadata.create_all(other.engine)
    as_meant = Chain(other, sealer, now, tmp_path)
    as_meant.told(first, second, *rest)

    assert chain.crm().keys() != {}
    assert list(chain.crm().values()) == list(as_meant.crm().values())
    other.dispose()
