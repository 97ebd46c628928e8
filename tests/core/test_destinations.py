"""Personal data of a store in China goes to no place that is known to be elsewhere."""

import pytest

from core import destinations, law, settings
from core.settings import Settings, SettingsError

HUBSPOT = {"CRM__KIND": "hubspot", "CRM__HUBSPOT__ACCESS_TOKEN": "pat-1"}
SALESFORCE = {
    "CRM__KIND": "salesforce",
    "CRM__SALESFORCE__URL": "https://x.my.salesforce.com",
    "CRM__SALESFORCE__CLIENT_ID": "c",
    "CRM__SALESFORCE__CLIENT_SECRET": "s",
}
YOUZAN = {
    "CRM__KIND": "youzan",
    "CRM__YOUZAN__CLIENT_ID": "c",
    "CRM__YOUZAN__CLIENT_SECRET": "s",
    "CRM__YOUZAN__KDT_ID": "1",
}
OWN = {"CRM__URL": "https://crm.example/events"}
TWILIO = {
    "SMS__CARRIERS": '["twilio"]',
    "SMS__TWILIO__ACCOUNT_SID": "AC" + "0" * 32,
    "SMS__TWILIO__AUTH_TOKEN": "t" * 32,
    "SMS__TWILIO__SERVICE_SID": "VA" + "0" * 32,
}
S3 = {
    "BACKUP__TARGET": "s3://bucket/doorman",
    "BACKUP__PUBLIC_KEY": "age1" + "q" * 58,
    "BACKUP__S3_KEY_ID": "k",
    "BACKUP__S3_SECRET": "s",
}
MAIL = {"MAIL__HOST": "mail.example", "MAIL__SENDER": "a@mail.example"}


@pytest.fixture
def load(monkeypatch):
    def load(*groups, **more):
        for name, value in {k: v for group in (*groups, more) for k, v in group.items()}.items():
            monkeypatch.setenv(f"DOORMAN_{name}", value)
        return settings.load()

    return load


@pytest.mark.parametrize(
    ("group", "setting"),
    [
        (HUBSPOT, "crm.hubspot.url: api.hubapi.com"),
        (SALESFORCE, "crm.salesforce.url: x.my.salesforce.com"),
        (TWILIO, "sms.twilio.url: verify.twilio.com"),
        (S3, "backup.target: s3.us-east-1.amazonaws.com"),
        (OWN | {"LAW__CRM_COUNTRY": "US"}, "crm.url: crm.example"),
        (MAIL | {"LAW__MAIL_COUNTRY": "JP"}, "mail.host: mail.example"),
    ],
    ids=["hubspot", "salesforce", "twilio", "s3", "own-crm", "mail"],
)
def test_what_is_known_to_be_abroad_stops_the_start_with_the_rule_named(load, group, setting):
    with pytest.raises(SettingsError) as raised:
        load(group)

    said = str(raised.value)
    assert said.startswith(f"{setting} is outside of CN: ")
    assert "art. 38 to 40" in said
    assert "law.export_basis" in said


@pytest.mark.parametrize("group", [HUBSPOT, SALESFORCE, TWILIO, S3])
def test_who_says_by_what_it_may_leave_has_it_leave(load, group):
    load(group, LAW__EXPORT_BASIS="standard contract, filed 2026-03-01")


@pytest.mark.parametrize("group", [HUBSPOT, TWILIO, S3, OWN | {"LAW__CRM_COUNTRY": "CN"}])
def test_other_laws_do_not_ask(load, group):
    found = load(group, STORE__COUNTRIES='["FR"]')

    assert destinations.unsaid(found.law_profile, found.destinations) == []


def test_what_is_known_goes_over_what_is_said(load):
    with pytest.raises(SettingsError, match=r"api\.hubapi\.com is outside of CN"):
        load(HUBSPOT, LAW__CRM_COUNTRY="CN")


@pytest.mark.parametrize(
    ("group", "unsaid"),
    [
        (YOUZAN, []),
        (OWN, ["crm.url"]),
        (OWN | {"LAW__CRM_COUNTRY": "CN"}, []),
        (S3 | {"BACKUP__S3_REGION": "cn-north-1"}, []),
        (S3 | {"BACKUP__S3_ENDPOINT": "https://s3.example"}, ["backup.target"]),
        (MAIL, ["mail.host"]),
        ({"CRM__URL": "http://127.0.0.1:8082/crm"}, []),
    ],
)
def test_of_what_nobody_knows_the_country_it_is_told(load, group, unsaid):
    found = load(group)

    asked = destinations.unsaid(found.law_profile, found.destinations)
    assert [each.setting for each in asked] == unsaid


@pytest.mark.parametrize("host", ["api.hubapi.com.example", "nothubspot.com", "hubspot.com.cn"])
def test_a_host_is_not_known_by_a_part_of_its_name(host):
    assert destinations.known(host) is None


def test_no_crm_of_ours_is_forgotten():
    """Each hosted one has its host in the table, or its address has to be set."""
    for kind in ("hubspot", "youzan", "wecom"):
        url = getattr(Settings.model_construct().crm, kind).url
        assert destinations.known(url.removeprefix("https://")) is not None


def test_each_row_says_where_or_where_not():
    for _, found in destinations._hosts():
        assert bool(found.country) != bool(found.not_in)
    assert law.profiles()["cn"].countries == {"CN"}
