import subprocess
import sys

import pytest

from appliance import crm_choice
from core import settings, webhook_signature
from core.outbox import EventType
from core.setting_groups.crm import CrmKind
from core.settings import Settings, SettingsError
from crm import rehearsal, samples
from crm.records import MEMBER, Record

KEY = webhook_signature.write_key(bytes(32))
# What each kind needs, besides its name.
NEEDED = {
    CrmKind.WEBHOOK: {"url": "https://crm.example/events"},
    CrmKind.HEADQUARTERS: {},
    CrmKind.TRYTON: {"tryton": {"url": "https://erp.example", "database": "crm", "key": "k"}},
    CrmKind.HUBSPOT: {"hubspot": {"access_token": "pat-1"}},
    CrmKind.SALESFORCE: {
        "salesforce": {
            "url": "https://x.my.salesforce.com",
            "client_id": "c",
            "client_secret": "s",
        }
    },
    CrmKind.YOUZAN: {"youzan": {"client_id": "c", "client_secret": "s", "kdt_id": "1"}},
    CrmKind.WECOM: {
        "wecom": {"corp_id": "c", "secret": "s", "guides": [{"code": "G7", "userid": "mei"}]}
    },
}


def chosen(kind, secrets, database, sealer, **crm):
    line = {"url": "https://hq.example", "key": KEY} if kind is CrmKind.HEADQUARTERS else {}
    found = Settings(crm={"kind": kind, **crm}, headquarters=line, store={"countries": ["FR"]})
    return crm_choice.choose(found, secrets, database, sealer)


@pytest.mark.parametrize("kind", CrmKind)
def test_each_kind_is_made_of_its_settings(kind, secrets, database, sealer):
    crm = chosen(kind, secrets, database, sealer, **NEEDED[kind])

    assert crm.takes <= frozenset(EventType)
    assert crm.at_once >= 1
    crm.close()


@pytest.mark.parametrize("kind", CrmKind)
def test_each_kind_shows_what_it_would_send_of_events_whose_values_are_hidden(
    kind, secrets, database, sealer
):
    crm = chosen(kind, secrets, database, sealer, **NEEDED[kind])
    events = [event for each in EventType if (event := samples.of_member(each, "store-1"))]

    found = rehearsal.rehearse(crm, events, shows_personal=False)
    assert found.requests
    assert "13800138000" not in str([(each.address, each.body) for each in found.requests])
    crm.close()


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        (CrmKind.TRYTON, {"database": "test"}),
        (CrmKind.HUBSPOT, {"hub_id": "42"}),
        (CrmKind.SALESFORCE, {"url": "https://y.my.salesforce.com"}),
        (CrmKind.YOUZAN, {"kdt_id": "2"}),
        (CrmKind.WECOM, {"corp_id": "d"}),
    ],
)
def test_what_is_remembered_of_one_account_says_nothing_of_another(
    kind, other, secrets, any_database, sealer
):
    def remembered(**changes):
        group = {**NEEDED[kind][kind], **changes}
        crm = chosen(kind, secrets, any_database, sealer, **{kind: group})
        crm.close()
        return crm._records

    remembered().write(MEMBER, [Record("A", "7", 3)])

    assert remembered(**other).find(MEMBER, ["A"]) == {}
    assert remembered().find(MEMBER, ["A"]) == {"A": Record("A", "7", 3)}


@pytest.mark.parametrize("token", ["pat-eu1-é", "pat-1\n", "“pat-1”", " pat-1"])
def test_a_secret_that_no_header_can_carry_stops_the_start(token, monkeypatch):
    monkeypatch.setenv("DOORMAN_CRM__HUBSPOT__ACCESS_TOKEN", token)

    with pytest.raises(SettingsError, match=r"crm\.hubspot\.access_token.*ASCII") as caught:
        settings.load()
    assert token not in str(caught.value)


def test_without_an_address_news_waits(secrets, database, sealer):
    assert chosen(CrmKind.WEBHOOK, secrets, database, sealer) is None


@pytest.mark.parametrize("kind", [kind for kind in CrmKind if NEEDED[kind] and kind != "webhook"])
def test_a_kind_that_is_not_set_up_stops_the_start(kind):
    with pytest.raises(ValueError, match=f'crm.kind = "{kind}" also needs crm.{kind}'):
        Settings(crm={"kind": kind})


def test_headquarters_needs_its_address(secrets, database, sealer):
    with pytest.raises(SettingsError, match=r"headquarters\.url"):
        crm_choice.choose(Settings(crm={"kind": "headquarters"}), secrets, database, sealer)


def test_only_the_crm_that_is_asked_for_is_loaded():
    code = (
        "import sys, appliance.crm_choice;"
        "sys.exit(any(name.startswith('crm.connectors.') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
