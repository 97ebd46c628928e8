import datetime as dt

import pytest

from access_log import sessions
from core import law, periods, settings
from core.law import Asked, Kept
from core.models.consent import Purpose
from core.settings import SettingsError

PROFILES = law.profiles()
each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def load(monkeypatch, **said):
    for name, value in said.items():
        monkeypatch.setenv(f"DOORMAN_{name}", value)
    return settings.load()


def asked(*, age=16, strict=False, **days):
    return Asked(age, strict, {name: Kept(each, f"{name}.days") for name, each in days.items()})


@pytest.mark.parametrize(
    ("countries", "named", "name", "age"),
    [
        ('["CN"]', "", "cn", 14),
        ('["DE", "CN"]', "", "eu", 16),
        ('["NO"]', "", "eu", 16),
        ('["JP"]', "", "other", 16),
        ('["CN"]', "eu", "eu", 16),
        ('["DE"]', "cn", "cn", 14),
    ],
)
def test_the_law_is_that_of_the_store_s_home_unless_said(monkeypatch, countries, named, name, age):
    found = load(monkeypatch, STORE__COUNTRIES=countries, LAW__PROFILE=named)

    assert found.law_profile.name == name
    assert found.minimum_age == age


@pytest.mark.parametrize("setting", ["flows.days", "access_log.days"])
@pytest.mark.parametrize("days", [1, 182])
def test_a_log_that_is_too_short_for_the_law_stops_the_start(monkeypatch, setting, days):
    with pytest.raises(SettingsError) as raised:
        load(monkeypatch, **{setting.upper().replace(".", "__"): str(days)})

    said = str(raised.value)
    assert said.startswith(f"{setting} is {days} days: ")
    assert "art. 23" in said
    assert said.endswith("asks for at least 183. Set that or more")


def test_as_long_as_the_law_asks_is_long_enough(monkeypatch):
    found = load(monkeypatch, FLOWS__DAYS="183", ACCESS_LOG__DAYS="183")

    assert (found.flows.days, found.access_log.days) == (183, 183)


def test_where_no_law_asks_for_it_a_log_may_be_short(monkeypatch):
    found = load(monkeypatch, STORE__COUNTRIES='["FR"]', FLOWS__DAYS="7", ACCESS_LOG__DAYS="7")

    assert (found.flows.days, found.access_log.days) == (7, 7)


@pytest.mark.parametrize(("country", "age", "lowest"), [("CN", 13, 14), ("FR", 12, 13)])
def test_who_is_too_young_for_the_law_is_no_member(monkeypatch, country, age, lowest):
    with pytest.raises(SettingsError, match=f"^portal.minimum_age = {age}: .* less than {lowest}"):
        load(monkeypatch, STORE__COUNTRIES=f'["{country}"]', PORTAL__MINIMUM_AGE=str(age))


def test_a_member_state_may_take_a_lower_age(monkeypatch):
    found = load(monkeypatch, STORE__COUNTRIES='["FR"]', PORTAL__MINIMUM_AGE="15")

    assert found.minimum_age == 15


def test_a_law_that_asks_for_the_strict_sensor_gets_it():
    strict = law.Profile.parse(
        "x",
        {
            "countries": [],
            "minimum_age": {"is": 16, "lowest": 13, "by": "a", "sure": "ours"},
            "strict_sensor": {"is": True, "by": "Act 7", "sure": "unverified"},
            "stays": {"is": False, "by": "a", "sure": "ours"},
            "real_name": {"is": False, "by": "a", "sure": "ours"},
            "boxes": {"is": [], "by": "a", "sure": "ours"},
            "log_fields": {"is": [], "by": "a", "sure": "ours"},
            "records": {},
        },
    )

    assert law.problems(strict, asked(strict=True)) == []
    [said] = law.problems(strict, asked(strict=False))
    assert said == ('sensor.strict = false: law.profile "x", Act 7 (unverified), asks for true')


def test_what_is_kept_for_too_long_is_named():
    [said] = law.problems(PROFILES["eu"], asked(flows=401))

    assert said.startswith("flows.days is 401 days: ")
    assert "at most 400" in said


@each_profile
def test_what_no_setting_changes_is_within_every_law(profile):
    assert law.problems(profile, Asked(16, True, law.CONSTANTS)) == []


def test_constants_that_fall_short_would_be_noticed():
    short = {name: Kept(each.days // 3, each.by) for name, each in law.CONSTANTS.items()}

    said = law.problems(PROFILES["cn"], Asked(16, True, short))
    assert [each.split(" ")[0] for each in said] == ["GRANT", "AUDIT_ENTRY", "CONSENT", "CRM_PROOF"]


def test_the_constants_are_those_that_retention_goes_by():
    days = {name: dt.timedelta(days=kept.days) for name, kept in law.CONSTANTS.items()}

    assert days == {
        "sessions": periods.GRANT,
        "audit_log": periods.AUDIT_ENTRY,
        "consents": periods.CONSENT,
        "told_to_crm": periods.CRM_PROOF,
    }


@each_profile
def test_every_profile_knows_every_record(profile):
    assert list(profile.records) == ["access_log", "flows", *law.CONSTANTS]


@each_profile
def test_every_box_that_a_law_asks_for_is_one_of_ours(profile):
    assert set(profile.boxes.names) <= set(Purpose) - {Purpose.TERMS}


@each_profile
def test_an_export_of_the_access_log_has_what_a_law_asks_for(profile):
    assert set(profile.log_fields.names) <= set(sessions.COLUMNS)


def test_no_country_has_two_laws():
    countries = [each for profile in PROFILES.values() for each in profile.countries]

    assert len(countries) == len(set(countries))
