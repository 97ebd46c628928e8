import pytest

from core import wechat_relay
from core.wechat_relay import Way
from hq import stores
from hq.fleet.folder import Partition
from hq.models.store import Store
from hq.stores import Place, StoreError
from tests.hq.parts import BACK, PORTAL, Relay


@pytest.fixture
def relay(hq_database, sealer, now):
    return Relay(hq_database, sealer, now)


def test_a_store_that_signs_with_its_key_is_answered(relay):
    assert relay.begin(Way.OAUTH).status_code == 200


def test_a_message_is_taken_once(relay):
    body, headers = relay.signed(wechat_relay.LOOK, login="0" * 32)

    first = relay.browser.post(wechat_relay.LOOK, data=body, headers=headers)
    again = relay.browser.post(wechat_relay.LOOK, data=body, headers=headers)
    assert (first.status_code, again.status_code) == (404, 409)
    assert again.json == {"error": "replay"}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"key": b"x" * 32}, id="another key"),
        pytest.param({"store": "store-9"}, id="a store nobody knows"),
        pytest.param({"store": ""}, id="no store"),
        pytest.param({"store": "\x00"}, id="no name of a store"),
    ],
)
def test_whoever_is_no_store_of_ours_is_turned_away(relay, change):
    body, headers = relay.signed(wechat_relay.LOOK, login="0" * 32, **change)

    answer = relay.browser.post(wechat_relay.LOOK, data=body, headers=headers)
    assert answer.status_code == 401
    assert answer.json == {"error": "signature"}


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_message_is_turned_away(relay, minutes):
    body, headers = relay.signed(wechat_relay.LOOK, login="0" * 32)
    relay.clock.pass_by(minutes=minutes)

    answer = relay.browser.post(wechat_relay.LOOK, data=body, headers=headers)
    assert answer.status_code == 401


def test_a_question_put_to_another_address_is_turned_away(relay):
    body, headers = relay.signed(wechat_relay.LOOK, login="0" * 32)

    answer = relay.browser.post(wechat_relay.REDEEM, data=body, headers=headers)
    assert answer.status_code in {401, 422}


@pytest.mark.parametrize(
    "change",
    [
        {"reference": ""},
        {"reference": "a b"},
        {"reference": "x" * 65},
        {"ways": []},
        {"ways": ["telegram"]},
        {"return_url": 5},
        {"more": "x"},
    ],
    ids=str,
)
def test_a_question_not_of_the_agreed_form_is_refused(relay, change):
    assert relay.begin(**change).status_code == 422


def test_a_store_that_begins_without_end_is_told_to_wait(hq_database, sealer, now):
    relay = Relay(hq_database, sealer, now, logins_per_store_minute=2)
    statuses = [relay.begin(Way.OAUTH).status_code for _ in range(3)]
    assert statuses == [200, 200, 503]
    relay.clock.pass_by(seconds=61)

    assert relay.begin(Way.OAUTH).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        BACK,
        "http://wifi.store.test:8080",
        "http://WIFI.store.test:8080/back?x=1",
    ],
)
def test_shoppers_are_led_back_to_the_stores_own_portal(relay, address):
    assert relay.begin(Way.OAUTH, return_url=address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.test/",
        "http://wifi.store.test/",
        "https://wifi.store.test:8080/",
        "http://wifi.store.test:8080.evil.test/",
        "http://wifi.store.test:8080@evil.test/",
        "http://evil.test#http://wifi.store.test:8080",
        "http://wifi.store.test:8080/#x",
        "http://wifi.store.test:8080\\@evil.test/",
        "http://evil.test\\.wifi.store.test:8080/",
        "//wifi.store.test:8080/",
        "javascript://wifi.store.test:8080/%0aalert(1)",
        'http://wifi.store.test:8080/"><script>',
        "http://wifi.store.test:8080/\r\nx: y",
        "http://wifi.store.test:8080/]]>",
        "http://wifi.store.test:8080/" + "x" * 500,
        "http://wifi.store.test:99999/",
        "http://[wifi.store.test:8080/",
        "",
    ],
)
def test_shoppers_are_led_nowhere_else(relay, address):
    answer = relay.begin(Way.OAUTH, return_url=address)

    assert answer.status_code == 422
    assert answer.json["error"] in {"foreign_address", "malformed"}


def test_the_usual_port_is_the_same_written_or_not(relay):
    key = relay.add_store("store-8", "https://wifi.example:443", "http://[fd50::1]:80")
    for address in ("https://wifi.example/x", "http://[fd50::1]/x"):
        question = {"reference": "p", "return_url": address, "language": "zh", "ways": ["oauth"]}
        body, headers = relay.signed(wechat_relay.BEGIN, store="store-8", key=key, **question)
        answer = relay.browser.post(wechat_relay.BEGIN, data=body, headers=headers)
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "urls"),
    [("Store 7", ["http://a.test"]), ("store-7", []), ("store-7", ["ftp://a.test"])],
    ids=["a bad name", "no address", "a bad address"],
)
def test_a_store_is_registered_with_a_name_and_addresses(hq_database, sealer, now, name, urls):
    with pytest.raises(stores.StoreError), hq_database.writing() as session:
        stores.add(session, sealer, name, urls, now)


def put(database, sealer, now, place):
    with database.writing() as session:
        stores.add(session, sealer, "store-1", [PORTAL], now, place=place)
        store = session.get_one(Store, "store-1")
        return store.name, store.region, store.latitude, store.longitude


def test_of_a_store_that_is_known_what_is_given_is_changed(hq_sqlite, sealer, now):
    assert put(hq_sqlite, sealer, now, Place("Bund", "East")) == ("Bund", "East", None, None)
    found = put(hq_sqlite, sealer, now, Place(latitude=31.2, longitude=121.4))

    assert found == ("Bund", "East", 31.2, 121.4)
    assert put(hq_sqlite, sealer, now, Place(region="")) == ("Bund", "", 31.2, 121.4)


@pytest.mark.parametrize(
    "place",
    [
        pytest.param({"region": "*"}, id="all regions"),
        pytest.param({"region": "-"}, id="no region"),
        pytest.param({"region": "华" * 29}, id="no folder's name"),
        pytest.param({"region": "a" * 81}, id="too long"),
        pytest.param({"region": "a\x00"}, id="no text"),
        pytest.param({"name": "a\nb"}, id="two lines"),
        pytest.param({"latitude": 91.0, "longitude": 0.0}, id="beyond the pole"),
        pytest.param({"latitude": float("nan"), "longitude": 0.0}, id="nowhere"),
    ],
)
def test_a_place_that_cannot_be_is_refused(hq_sqlite, sealer, now, place):
    with pytest.raises(StoreError, match=r"--(region|name|at)"):
        put(hq_sqlite, sealer, now, Place(**place))


def test_a_region_of_26_chinese_characters_is_a_folder(hq_sqlite, sealer, now, tmp_path):
    put(hq_sqlite, sealer, now, Place(region="华" * 26))
    (tmp_path / Partition(now.date(), "华" * 26).folder("landed")).mkdir(parents=True)
