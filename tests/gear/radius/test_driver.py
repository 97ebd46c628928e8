"""The gate's own rules, with orders that are only written down."""

import pytest

from core.settings import SettingsError
from gate.shape import Counters, Gate, GateFailedError, Limits, Redirected, Witness
from gear.radius import nas
from gear.radius.desk import Desk
from gear.radius.driver import RadiusGate, open_gate
from gear.radius.memory import Memory
from gear.radius.orders import Done, OrderFailedError
from tests.gear.radius.conftest import radius_settings
from tests.gear.radius.test_words import said

ALICE, BERT = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
AT, OTHER = "192.168.77.10", "192.168.77.11"


class WrittenOrders:
    def __init__(self):
        self.given, self.fails, self.meanwhile = [], False, lambda: None
        self.tries = 0

    def disconnect(self, nas, phone):
        return self._give("disconnect", nas, phone, {})

    def change(self, nas, phone, attributes):
        return self._give("change", nas, phone, dict(attributes))

    def _give(self, what, nas, phone, attributes):
        self.tries += 1
        if self.fails:
            raise OrderFailedError(f"the gateway {nas.name} refuses an order")
        self.given.append((what, nas.name, phone.mac, attributes))
        self.meanwhile()
        return Done.DONE


class Store:
    """A gate with one or two gateways, asked without FreeRADIUS."""

    def __init__(self, folder, *dialects):
        self.now, self.moment = 1000.0, 1_700_000_000
        settings = radius_settings((1, 2, 3, 4), 0)
        only = settings.nas[0]
        named = [
            only.model_copy(update={"name": f"ac{n}", "dialect": dialect})
            for n, dialect in enumerate(dialects, 1)
        ]
        secrets = dict.fromkeys([each.name for each in named], settings.secrets["ac1"])
        gateways = nas.read(settings.model_copy(update={"nas": tuple(named), "secrets": secrets}))
        self.memory = Memory(folder / "radius.sqlite", lambda: self.now)
        self.orders = WrittenOrders()
        self.gate = RadiusGate(gateways, self.memory, self.orders, 300)
        self.desk = Desk(gateways, self.memory, "http://wifi.example/gateway", 300, 900)

    def ask(self, mac, address="", at="ac1", session="s1"):
        name = mac.replace(":", "-")
        return self.desk.authorise(
            said(
                Tmp_String_0=at,
                User_Name=name,
                Calling_Station_Id=name,
                Framed_IP_Address=address,
                Acct_Session_Id=session,
            )
        )

    def tell(self, mac, kind, up=0, down=0, *, at="ac1", session="s1", **others):
        self.moment += 10
        report = said(
            Tmp_String_0=at,
            Calling_Station_Id=mac,
            Acct_Session_Id=session,
            Acct_Status_Type=kind,
            Acct_Input_Octets=[up],
            Acct_Output_Octets=[down],
            **({"Tmp_Integer_0": [self.moment]} | others),
        )
        self.desk.report(report)

    def close(self):
        self.gate.close()
        self.memory.__exit__()


@pytest.fixture
def store_of(tmp_path):
    made = []

    def make(*dialects):
        made.append(Store(tmp_path, *dialects))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def store(store_of):
    return store_of("standard")


def test_it_is_a_gate_and_a_witness(store):
    gate: Gate = store.gate

    assert gate.kind == "radius"
    assert isinstance(gate, Witness)


def test_it_gives_no_passes(store):
    with pytest.raises(GateFailedError):
        store.gate.give_pass(ALICE, 60, Limits())


@pytest.mark.parametrize(
    ("dialect", "answer"),
    [
        ("standard", {"Filter-Id": ("guests",)}),
        (
            "cisco",
            {
                "Cisco-AVPair": (
                    "url-redirect-acl=guests",
                    "url-redirect=http://wifi.example/gateway",
                )
            },
        ),
        ("coovachilli", None),
    ],
)
def test_an_unknown_phone_is_answered_as_its_gateway_wants(store_of, dialect, answer):
    found = store_of(dialect).ask(ALICE)

    assert (found and {name: found[name] for name in answer}) == answer


@pytest.mark.parametrize(
    ("dialect", "given"),
    [
        ("standard", [("disconnect", "ac1", ALICE, {})]),
        (
            "cisco",
            [("change", "ac1", ALICE, {"Cisco-AVPair": ("subscriber:command=reauthenticate",)})],
        ),
        ("coovachilli", []),
    ],
)
def test_after_the_login_a_gateway_is_made_to_ask_again(store_of, dialect, given):
    store = store_of(dialect)
    store.ask(ALICE)

    store.gate.admit(ALICE, 3600, Limits())

    assert store.orders.given == given
    assert store.ask(ALICE)["Session-Timeout"] == ("3600",)


def test_a_phone_that_is_nowhere_is_admitted_without_an_order(store):
    store.gate.admit(ALICE, 3600, Limits())

    assert store.orders.given == []
    assert store.gate.online().keys() == {ALICE}


def test_more_time_is_told_to_a_gateway_that_understands_it(store_of):
    store = store_of("standard", "h3c")
    for mac, at in ((ALICE, "ac1"), (BERT, "ac2")):
        store.gate.admit(mac, 600, Limits())
        store.ask(mac, at=at)

        store.gate.admit(mac, 3600, Limits())

    assert store.orders.given == [("change", "ac1", ALICE, {"Session-Timeout": ("3600",)})]


def test_another_speed_makes_the_others_ask_again(store_of):
    store = store_of("h3c")
    store.gate.admit(ALICE, 600, Limits())
    store.ask(ALICE)

    store.gate.admit(ALICE, 600, Limits(down_kbit_s=512))

    assert [given[0] for given in store.orders.given] == ["disconnect"]
    assert store.ask(ALICE)["H3C-Output-Average-Rate"] == ("512000",)


def test_time_runs_out(store):
    store.gate.admit(ALICE, 600, Limits())
    store.ask(ALICE)
    store.now += 601

    assert store.gate.find(ALICE) is None
    assert store.gate.online() == {}
    store.gate.stop_strangers()
    store.gate.stop_strangers()
    assert [given[0] for given in store.orders.given] == ["disconnect"]
    assert "Filter-Id" in store.ask(ALICE)


def test_data_runs_out_by_what_came_since_the_admission(store):
    store.ask(ALICE)
    store.gate.admit(ALICE, 600, Limits())
    store.tell(ALICE, "Start")
    store.tell(ALICE, "Interim-Update", 500, 500)
    store.gate.admit(ALICE, 600, Limits(bytes=1000))
    store.tell(ALICE, "Interim-Update", 900, 900)
    assert store.gate.find(ALICE) is not None

    store.tell(ALICE, "Interim-Update", 1000, 1001)

    assert store.gate.find(ALICE) is None
    assert store.gate.counters() == {ALICE: Counters(1000, 1001)}


def test_a_phone_that_went_to_another_gateway_is_stopped_at_both(store_of):
    store = store_of("standard", "standard")
    store.gate.admit(ALICE, 600, Limits())
    store.ask(ALICE, at="ac1")
    store.now += 1
    store.ask(ALICE, at="ac2")

    store.gate.revoke(ALICE)

    assert sorted(given[1] for given in store.orders.given) == ["ac1", "ac2"]


def test_after_a_reboot_every_gateway_is_asked_to_stop_a_phone_nobody_has_spoken_of(store_of):
    store = store_of("standard", "standard")

    store.gate.revoke(ALICE)

    assert sorted(given[1] for given in store.orders.given) == ["ac1", "ac2"]


def test_a_phone_that_has_left_needs_no_order(store):
    store.gate.admit(ALICE, 600, Limits())
    store.ask(ALICE)
    store.tell(ALICE, "Start")
    store.tell(ALICE, "Stop")

    store.gate.revoke(ALICE)

    assert store.orders.given == []


def test_what_a_phone_reads_at_the_portal_is_not_counted(store):
    portal = "0x" + b"doorman-portal".hex()
    store.ask(ALICE)
    store.tell(ALICE, "Start", Class=portal)
    store.tell(ALICE, "Interim-Update", 100, 100, Class=portal)
    store.tell(ALICE, "Interim-Update", 150, 150, Class="0x" + b"doorman-online-1".hex())

    assert store.gate.counters() == {ALICE: Counters(50, 50)}


def test_after_a_reboot_phones_have_a_minute_to_be_restored(store):
    online = "0x" + b"doorman-online-1".hex()
    store.tell(ALICE, "Interim-Update", 100, 100, Class=online)

    store.gate.stop_strangers()
    assert store.orders.given == []
    store.now += 61
    store.gate.stop_strangers()
    assert [given[0] for given in store.orders.given] == ["disconnect"]


def test_an_address_that_two_phones_have_is_nobodys_however_often_one_says_so(store):
    store.ask(ALICE, AT)
    store.ask(BERT, AT)
    assert store.gate.phone_at(AT) is None

    for _ in range(3):
        store.tell(BERT, "Interim-Update", session="s1", Framed_IP_Address=AT)

    assert store.gate.phone_at(AT) is None


@pytest.mark.parametrize(("dialect", "lasts_s"), [("standard", 120), ("coovachilli", 600)])
def test_an_address_moves_on_when_its_last_user_is_not_heard_any_more(store_of, dialect, lasts_s):
    store = store_of(dialect)
    store.ask(ALICE, AT)
    store.now += lasts_s
    assert store.gate.phone_at(AT) == ALICE

    store.now += 1
    assert store.gate.phone_at(AT) is None
    store.ask(BERT, AT)

    assert store.gate.phone_at(AT) == BERT


def test_an_address_of_two_gateways_is_nobodys(store_of):
    store = store_of("standard", "standard")
    store.ask(ALICE, AT, at="ac1")
    store.ask(BERT, AT, at="ac2")

    assert store.gate.phone_at(AT) is None


def test_of_a_phone_that_may_pass_an_address_is_believed_two_reports_long(store):
    store.gate.admit(ALICE, 3600, Limits())
    store.ask(ALICE, AT)
    store.now += 600
    assert store.gate.phone_at(AT) == ALICE

    store.now += 1

    assert store.gate.phone_at(AT) is None


@pytest.mark.parametrize(
    ("query", "address", "believed"),
    [
        pytest.param("mac=02-00-00-00-00-0A", AT, True, id="as the gateway says"),
        pytest.param("", AT, True, id="says nothing"),
        pytest.param("url=http%3A%2F%2Fexample.com", AT, True, id="other parameters"),
        pytest.param("mac=02-00-00-00-00-0b", AT, False, id="another phone"),
        pytest.param("mac=02-00-00-00-00-0a&mac=02-00-00-00-00-0b", AT, False, id="both"),
        pytest.param("mac=alice", AT, False, id="nonsense"),
        pytest.param("mac=02-00-00-00-00-0a", OTHER, False, id="another address"),
        pytest.param("mac=02-00-00-00-00-0a", "", False, id="no address"),
    ],
)
def test_a_redirect_is_believed_as_far_as_the_gateway_confirms_it(store, query, address, believed):
    store.ask(ALICE, AT)

    found = store.gate.vouch(Redirected("/gateway", query, address))

    assert found == (ALICE if believed else None)


def test_a_failed_order_leaves_things_as_they_were(store):
    store.ask(ALICE)
    store.orders.fails = True
    with pytest.raises(GateFailedError) as caught:
        store.gate.admit(ALICE, 600, Limits())

    assert store.gate.find(ALICE) is None
    assert "0a" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param({"secrets": {}}, "radius.secrets.ac1", id="no secret"),
        pytest.param({"secrets": {"ac1": "short"}}, "16 to 128", id="short secret"),
        pytest.param({"secrets": {"ac1": 'sixteen or "more"'}}, "quotes", id="quotes in it"),
        pytest.param({"dialect": "unheard-of"}, "dialect must be one of", id="dialect"),
        pytest.param({"role": ""}, "role must name", id="no role"),
    ],
)
def test_what_is_missing_is_named_before_anything_starts(change, named):
    found = radius_settings((1, 2, 3, 4), 0).model_dump()
    found["secrets"] = change.get("secrets", {"ac1": "a-secret-of-more-than-sixteen"})
    found["nas"][0].update({name: change[name] for name in ("dialect", "role") if name in change})

    with pytest.raises(SettingsError, match=named):
        nas.read(radius_settings((1, 2, 3, 4), 0).model_validate(found))


def test_reports_too_rare_to_tell_silence_are_refused(settings):
    plan = settings.plans.guest.model_copy(update={"idle_timeout_s": 400})
    plans = settings.plans.model_copy(update={"guest": plan})
    found = settings.model_copy(update={"plans": plans, "radius": radius_settings((1, 2, 3, 4), 0)})

    with pytest.raises(SettingsError, match=r"radius\.report_every_s"), open_gate(found):
        pass
