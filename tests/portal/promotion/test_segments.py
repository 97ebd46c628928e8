import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.campaign import Audience
from core.setting_groups.campaigns import CampaignSettings
from portal.promotion.segments import segment

TODAY = dt.date(2026, 5, 16)
RULES = CampaignSettings()


def of(*days_ago):
    return segment([TODAY - dt.timedelta(days=each) for each in days_ago], TODAY, RULES)


@pytest.mark.parametrize(
    ("days_ago", "found"),
    [
        pytest.param([], Audience.NEW, id="never here"),
        pytest.param([0], Audience.NEW, id="today does not count"),
        pytest.param([7], Audience.SEED, id="once"),
        pytest.param([7, 7], Audience.SEED, id="twice in a day is once"),
        pytest.param([7, 60], Audience.ACTIVE, id="twice in two months"),
        pytest.param([7, 61], Audience.SEED, id="now and then"),
        pytest.param([1, 30, 60, 90], Audience.LOYAL, id="four times in three months"),
        pytest.param([90], Audience.SEED, id="three months ago"),
        pytest.param([91, 92, 93, 94], Audience.DORMANT, id="not for three months"),
        pytest.param([180], Audience.DORMANT, id="half a year ago"),
        pytest.param([181], Audience.LOST, id="longer"),
    ],
)
def test_examples(days_ago, found):
    assert of(*days_ago) is found


@given(st.lists(st.integers(0, 400)))
def test_the_order_of_visits_does_not_matter(days_ago):
    assert of(*days_ago) is of(*sorted(days_ago)) is of(*days_ago, *days_ago)


KEENNESS = [Audience.SEED, Audience.ACTIVE, Audience.LOYAL]


@given(st.lists(st.integers(1, 90), min_size=1), st.integers(1, 90))
def test_another_visit_lets_nobody_fall(days_ago, another):
    assert KEENNESS.index(of(*days_ago, another)) >= KEENNESS.index(of(*days_ago))


@pytest.mark.parametrize(
    "wrong", [{"dormant_days": 90, "lost_days": 90}, {"protection_days": 20, "validity_days": 15}]
)
def test_rules_that_contradict_each_other_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        CampaignSettings(**wrong)
