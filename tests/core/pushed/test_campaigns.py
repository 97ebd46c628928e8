import datetime as dt
import subprocess
import sys

import pytest
import sqlalchemy as sa

from core.models.campaign import Campaign, CampaignDay, Spot
from core.pushed import campaigns
from tests.core.pushed.versions import campaign, version


@pytest.fixture
def bring(any_database, now):
    def bring(*wanted, at=now):
        made = version(campaigns=list(wanted)).campaigns
        with any_database.writing() as session:
            return campaigns.bring(session, made, at)

    return bring


def rows(database):
    with database.reading() as session:
        return list(session.scalars(sa.select(Campaign).order_by(Campaign.id)))


def test_it_is_the_same_campaign_over_versions_with_its_counts(any_database, bring, now):
    assert bring(campaign("spring"))
    [before] = rows(any_database)
    with any_database.writing() as session:
        session.add(CampaignDay(campaign_id=before.id, day=now.date(), impressions=7, clicks=2))
    assert bring(campaign("spring", heading="Sale"), campaign("summer"))

    spring, summer = rows(any_database)
    assert (spring.id, spring.heading, summer.pushed_key) == (before.id, "Sale", "summer")
    with any_database.reading() as session:
        assert session.scalars(sa.select(CampaignDay.impressions)).one() == 7


def test_brought_again_nothing_changes(bring):
    bring(campaign("spring"))

    assert not bring(campaign("spring"))


def test_what_a_version_does_not_have_is_ended_and_goes_on_when_it_is_back(
    any_database, bring, now
):
    bring(campaign("spring"), campaign("summer"))
    bring(campaign("spring"))
    assert [row.ended_at for row in rows(any_database)] == [None, now]
    # A later turn does not move its end.
    assert not bring(campaign("spring"), at=now + dt.timedelta(days=1))
    bring(campaign("summer"), at=now + dt.timedelta(days=1))

    spring, summer = rows(any_database)
    assert (spring.ended_at, summer.ended_at) == (now + dt.timedelta(days=1), None)


def test_the_stores_own_campaigns_are_left_alone(any_database, bring, now):
    with any_database.writing() as session:
        own = {"name": "Ours", "spot": Spot.ONLINE, "audience": "everyone", "heading": "…"}
        session.add(Campaign(**own, starts_at=now, ends_at=now, created_at=now))
    bring(campaign("spring"))
    bring()

    ours, spring = rows(any_database)
    assert (ours.ended_at, spring.ended_at) == (None, now)


def test_a_program_that_knows_no_other_table_can_bring_them(database):
    content = (
        "import datetime as dt\n"
        "from core.database import Database\n"
        "from core.pushed import campaigns\n"
        "from tests.core.pushed.versions import campaign, version\n"
        f"database = Database('{database.engine.url}')\n"
        "with database.writing() as session:\n"
        "    wanted = version(campaigns=[campaign()]).campaigns\n"
        "    campaigns.bring(session, wanted, dt.datetime.now(dt.UTC))\n"
    )
    subprocess.run([sys.executable, "-c", content], check=True, timeout=60)

    [row] = rows(database)
    assert row.pushed_key == "spring"
