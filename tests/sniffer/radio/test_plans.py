import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniffer.radio.channels import Channel
from sniffer.radio.plans import FLOOR, HALF_LIFE_S, Heard, Kind, Plan, PlanError, Turn

ONE, SIX, ELEVEN = (Channel.of(number) for number in (1, 6, 11))
ALL = [Channel.of(number) for number in (*range(1, 15), *range(36, 65, 4), 5955, 5975)]

plans = st.builds(
    Plan,
    st.just(Kind.WEIGHTED),
    st.lists(st.sampled_from(ALL), min_size=2, max_size=20, unique=True).map(tuple),
    st.floats(2, 300),
)
heards = st.dictionaries(
    st.sampled_from(ALL), st.builds(Heard, st.floats(0, 1e6), st.floats(0, 1e5))
)


@pytest.mark.parametrize(
    ("written", "plan"),
    [
        ("fixed 6", Plan(Kind.FIXED, (SIX,), 10)),
        ("slow 1 6 11", Plan(Kind.SLOW, (ONE, SIX, ELEVEN), 10)),
        ("weighted 11 5955", Plan(Kind.WEIGHTED, (ELEVEN, Channel(5955)), 10)),
    ],
)
def test_a_plan_is_read_as_settings_have_it(written, plan):
    assert Plan.read(written, 10) == plan


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "not empty"),
        ("hasty 1 6", "hasty"),
        ("slow", "name channels"),
        ("slow 1 6 1", "each once"),
        ("fixed 1 6", "name one"),
        ("slow 1 99", "99"),
        ("slow 1 six", "six"),
    ],
)
def test_what_is_no_plan_is_refused_and_named(written, problem):
    with pytest.raises(PlanError, match=problem):
        Plan.read(written, 10)


@pytest.mark.parametrize("kind", [Kind.FIXED, Kind.SLOW, Kind.WEIGHTED])
def test_a_radio_with_one_channel_stays_there(kind):
    [turn] = Plan(kind, (SIX,), 10).turns({SIX: Heard(99, 10)})

    assert turn.channel == SIX


def test_a_slow_plan_gives_each_channel_the_same_time_whatever_is_heard():
    turns = Plan.read("slow 1 6 11", 10).turns({SIX: Heard(1000, 10)})

    assert turns == (Turn(ONE, 10), Turn(SIX, 10), Turn(ELEVEN, 10))


def test_a_weighted_plan_begins_as_a_slow_one():
    turns = Plan.read("weighted 1 6 11", 10).turns({})

    assert [turn.seconds for turn in turns] == pytest.approx([10, 10, 10])


def test_a_weighted_plan_stays_where_phones_are_heard():
    heard = {ONE: Heard(0, 300), SIX: Heard(300, 300), ELEVEN: Heard(100, 300)}

    one, six, eleven = (turn.seconds for turn in Plan.read("weighted 1 6 11", 10).turns(heard))

    # 301 and 101 frames of 403, of what is above the floor.
    assert (six, eleven) == pytest.approx(
        (2.5 + 22.5 * 301 / 403, 2.5 + 22.5 * 101 / 403), rel=1e-6
    )
    assert one == pytest.approx(2.5 + 22.5 / 403)


@given(plans, heards)
def test_no_channel_starves_and_no_round_takes_longer(plan, heard):
    turns = plan.turns(heard)

    assert [turn.channel for turn in turns] == list(plan.channels)
    assert all(turn.seconds >= FLOOR * plan.stay_s for turn in turns)
    assert sum(turn.seconds for turn in turns) == pytest.approx(plan.stay_s * len(turns))


@given(plans, heards)
def test_the_same_is_heard_the_same_is_done(plan, heard):
    backwards = Plan(plan.kind, plan.channels[::-1], plan.stay_s)

    assert plan.turns(heard) == plan.turns(dict(heard))
    there = {turn.channel: turn.seconds for turn in plan.turns(heard)}
    back = {turn.channel: turn.seconds for turn in backwards.turns(heard)}
    assert there == pytest.approx(back)


@given(plans, heards, st.floats(1, 1e5))
def test_a_channel_where_more_is_heard_never_gets_less(plan, heard, more):
    channel = plan.channels[0]
    before = plan.turns(heard)[0].seconds

    known = heard.get(channel, Heard())
    after = plan.turns({**heard, channel: known.with_more(more, 0)})[0].seconds

    assert after >= before or after == pytest.approx(before)


@given(plans, st.floats(0.01, 10))
def test_equal_rates_get_equal_time_however_long_each_was_listened_to(plan, rate):
    """What a channel got of time does not bring it more: frames count by the second."""
    heard = {
        channel: Heard(rate * 1e6 * number, 1e6 * number)
        for number, channel in enumerate(plan.channels, 1)
    }

    shares = [turn.seconds / plan.stay_s for turn in plan.turns(heard)]

    assert shares == pytest.approx([1] * len(shares), rel=0.01)


def test_what_was_heard_long_ago_weighs_little():
    assert Heard(8, 100).faded(HALF_LIFE_S) == Heard(4, 50)
    assert Heard(8, 100).faded(3 * HALF_LIFE_S) == Heard(1, 12.5)


def test_channels_that_the_radio_may_not_use_are_left_out():
    plan = Plan.read("slow 1 6 11", 10)

    assert plan.limited_to([ELEVEN, ONE]) == Plan.read("slow 1 11", 10)
    assert plan.limited_to([Channel(5180)]) is None
