import datetime as dt

import pytest

from appliance import crm_check
from appliance.finding import Grade
from core import clock
from core.database import Database
from core.models.every import metadata
from core.setting_groups.crm import CrmSettings
from core.settings import Settings
from crm import breaker, ledger
from crm.shape import TemporaryCrmError
from tests.crm.desk import Desk, ScriptedCrm

ADDRESS = "https://crm.example/events"


@pytest.fixture
def desk(tmp_path, sealer):
    settings = Settings(data_dir=tmp_path, crm=CrmSettings(url=ADDRESS))
    database = Database(settings.database_url)
    metadata.create_all(database.engine)
    yield Desk(database, sealer, settings)
    database.dispose()


def test_without_a_crm_news_waits(settings):
    assert crm_check.crm(settings).grade is Grade.NOTE


def test_a_crm_that_takes_everything_is_well(desk):
    desk.add("A", now=clock.now())

    assert crm_check.crm(desk.settings).grade is Grade.GOOD


def test_news_that_waits_for_a_day_is_a_finding_with_the_reason(desk):
    yesterday = clock.now() - dt.timedelta(days=1)
    desk.add("A", now=yesterday)
    desk.deliver(ScriptedCrm(TemporaryCrmError("http_503")), yesterday)

    found = crm_check.crm(desk.settings)

    assert found.grade is Grade.WRONG
    assert "http_503" in found.text
    assert "24 h" in found.text


def test_a_crm_that_fails_is_a_finding_from_the_first_time(desk):
    desk.add("A", now=clock.now())
    desk.deliver(ScriptedCrm(TemporaryCrmError("http_401")), clock.now())

    found = crm_check.crm(desk.settings)

    assert found.grade is Grade.WRONG
    assert "http_401" in found.text


def test_what_was_lost_or_is_for_a_person_to_decide_is_noted(desk):
    with desk.database.writing() as session:
        line = breaker.writable(session)
        line.dropped, line.dropped_at, line.unknown = 7, clock.now(), 3

    found = crm_check.crm(desk.settings)

    assert found.grade is Grade.NOTE
    assert "7 events" in found.text
    assert "3 things" in found.text


@pytest.mark.parametrize(
    ("crm", "says"),
    [
        pytest.param({"url": "http://crm.example/x"}, "crm.url", id="in-the-clear"),
        pytest.param({"url": ADDRESS, "signing_key": "short"}, "crm.signing_key", id="key"),
        pytest.param(
            {"url": ADDRESS, "reconcile_url": "http://crm.example/y"},
            "crm.reconcile_url",
            id="asked-in-the-clear",
        ),
        pytest.param(
            {"url": ADDRESS, "withdrawals_url": "http://crm.example/y"},
            "crm.withdrawals_url",
            id="asked-who-opts-out-in-the-clear",
        ),
        pytest.param({"kind": "headquarters"}, "headquarters.url", id="no-headquarters"),
        pytest.param(
            {"kind": "wecom", "wecom": {"corp_id": "a", "secret": "b"}}, "crm.wecom", id="wecom"
        ),
        pytest.param(
            {
                "kind": "hubspot",
                "hubspot": {"access_token": "x", "fields": [{"field": "phon", "to": "x"}]},
            },
            "crm.hubspot.fields",
            id="unknown-field",
        ),
    ],
)
def test_settings_with_which_jobs_cannot_start_are_a_finding(tmp_path, crm, says):
    abroad = {"countries": ["FR"]}
    found = crm_check.crm(Settings(data_dir=tmp_path, crm=crm, store=abroad))

    assert found.grade is Grade.WRONG
    assert says in found.mend
    assert list(tmp_path.iterdir()) == []


def test_what_the_crm_refused_is_a_finding(desk):
    desk.add("A", now=clock.now())
    with desk.database.writing() as session:
        ledger.parked(session, desk.rows(), "bad_data")

    assert "doorman crm parked" in crm_check.crm(desk.settings).mend


def test_a_database_that_is_not_there_yet_is_somebody_elses_finding(settings):
    there = settings.model_copy(update={"crm": CrmSettings(url=ADDRESS)})

    assert crm_check.crm(there).grade is Grade.GOOD
