import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.campaign import Audience, Campaign, Spot
from portal.promotion.campaign_choice import Viewer, choose, fits

NOON = dt.datetime(2026, 5, 16, 4, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def campaign(number=1, **others):
    usual = {
        "spot": Spot.ONLINE,
        "audience": Audience.EVERYONE,
        "group_id": None,
        "stores": "",
        "language": "",
        "starts_at": NOON - HOUR,
        "ends_at": NOON + HOUR,
        "ended_at": None,
    }
    return Campaign(id=number, **(usual | others))


STRANGER = Viewer("store-7", "zh")
LOYAL = Viewer("store-7", "zh", is_member=True, segment=Audience.LOYAL, groups=frozenset({3}))


@pytest.mark.parametrize(
    ("others", "viewer", "shown"),
    [
        pytest.param({}, STRANGER, True, id="everyone"),
        pytest.param({"ends_at": NOON}, STRANGER, False, id="over"),
        pytest.param({"starts_at": NOON + HOUR}, STRANGER, False, id="not yet"),
        pytest.param({"ended_at": NOON}, STRANGER, False, id="ended"),
        pytest.param({"stores": "store-1 store-7"}, STRANGER, True, id="this store"),
        pytest.param({"stores": "store-70"}, STRANGER, False, id="another store"),
        pytest.param({"language": "en"}, STRANGER, False, id="another language"),
        pytest.param({"language": "zh"}, STRANGER, True, id="this language"),
        pytest.param({"audience": Audience.MEMBERS}, STRANGER, False, id="members"),
        pytest.param({"audience": Audience.NEW}, STRANGER, False, id="nobody's visits are known"),
        pytest.param({"audience": Audience.LOYAL}, LOYAL, True, id="the segment"),
        pytest.param({"audience": Audience.LOST}, LOYAL, False, id="another segment"),
        pytest.param({"audience": Audience.GROUP, "group_id": 3}, LOYAL, True, id="the group"),
        pytest.param({"audience": Audience.GROUP, "group_id": 4}, LOYAL, False, id="another group"),
        pytest.param({"audience": Audience.GROUP}, LOYAL, False, id="a group that was deleted"),
    ],
)
def test_who_sees_what(others, viewer, shown):
    assert fits(campaign(**others), viewer, NOON) is shown


def test_what_is_for_fewer_goes_first():
    narrow = campaign(1, audience=Audience.GROUP, group_id=3)
    middle, wide = campaign(2, audience=Audience.LOYAL), campaign(3)

    assert choose([wide, middle, narrow], LOYAL, Spot.ONLINE, NOON) is narrow
    assert choose([wide, middle, narrow], STRANGER, Spot.ONLINE, NOON) is wide
    assert choose([wide, middle, narrow], LOYAL, Spot.FIRST, NOON) is None


campaigns = st.lists(
    st.builds(
        campaign,
        number=st.integers(1, 50),
        audience=st.sampled_from([Audience.EVERYONE, Audience.LOYAL, Audience.LOST]),
        language=st.sampled_from(["", "zh", "en"]),
        starts_at=st.sampled_from([NOON - HOUR, NOON, NOON + HOUR]),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)


@given(campaigns, st.randoms())
def test_the_order_does_not_matter_and_what_is_shown_fits(some, chance):
    chosen = choose(some, LOYAL, Spot.ONLINE, NOON)
    shuffled = list(some)
    chance.shuffle(shuffled)

    assert choose(shuffled, LOYAL, Spot.ONLINE, NOON) is chosen
    assert chosen is None or fits(chosen, LOYAL, NOON)
    assert chosen is not None or not any(fits(each, LOYAL, NOON) for each in some)
