"""A box beside a gateway that the store keeps, which becomes its gateway, with every program.

In this order: each test goes on with the box as the one before has left it.
"""

import http.client
import json
import re
import shutil
import socket
import ssl
import time

import pytest
import trustme
import yaml

from tests.deploy import authority, playbook
from tests.deploy.authority import Authority
from tests.deploy.gateway import DATABASE, is_healthy
from tests.deploy.store import BOX, PORTAL_NAME
from tests.fakes.radius import FakeGateway
from tests.fakes.unifi import PASSWORD, USER, FakeConsole
from tests.lab import network
from tests.lab.browser import Browser
from tests.lab.test_advertising import told_by_dhcp
from tests.lab.test_login import log_in, newest_code
from tests.sniffer.air import on_air
from tests.sniffer.octets import probe_request

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

OWN_GATEWAY = playbook.PLAYBOOKS / "inventories" / "own-gateway" / "host_vars"
# The box's one cable is in the store's network, with an address from there.
BESIDE = "203.0.113.2"
ALICE, BERT = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
RADIUS_SECRET = "a-secret-of-more-than-sixteen"
LISTENS = f"{BOX}:8444"
API_PATH = "/captive-portal/api"
_WITHIN_S = 120
_SAYS_OF_RESTARTS = (
    "journalctl --no-pager --lines=40 --unit=doorman-front --unit=doorman-restarts"
    " --unit=apt-daily-upgrade; systemctl list-jobs --no-pager"
)
_MOST_EXPOSED = 3.0
_INSTALLED = f"""
ip link set wan0 up
ip address add {BESIDE}/24 dev wan0
ip route add default via {network.RESOLVER}
echo nameserver {network.RESOLVER} >/etc/resolv.conf
"""


@pytest.fixture(scope="module")
def own_authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def console(store, own_authority):
    """Of the gateway that the store keeps."""
    made = store.internet.call(lambda: FakeConsole(own_authority, address=network.CARRIER))
    with made as console:
        yield console


@pytest.fixture(scope="module")
def acme(store):
    missing = [name for name in authority.PROGRAMS if not shutil.which(name)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with Authority(store.internet, store.folder) as acme:
        yield acme


@pytest.fixture(scope="module")
def radio(store):
    """Something for the sensor to listen on, which ends with the box."""
    with on_air(store.gateway, "mon0") as radio:
        yield radio


@pytest.fixture(scope="module")
def gateway_facts(playbooks, own_authority):
    """Of a gateway with every program, and a certificate that somebody has handed in."""
    certificate = own_authority.create_child_ca().issue_cert(PORTAL_NAME)
    return {
        "shop_portal_https": True,
        "certificate_chain": b"".join(
            each.bytes() for each in certificate.cert_chain_pems
        ).decode(),
        "certificate_key": certificate.private_key_pem.bytes().decode(),
        "shop_sensor_radios": [{"interface": "mon0", "address": "02:00:00:00:07:01"}],
        "release_settings": playbooks.facts["release_settings"]
        | {
            # Away from the flash, as a shop may have it.
            "sensor": {
                "write_every_s": 1,
                "sightings_dir": "/run/doorman/sightings",
                "listen": LISTENS,
            },
            "jobs": {"roll_up_every_s": 1},
            "advertise": {"check_every_s": 1},
        },
    }


@pytest.fixture(scope="module")
def controller(store):
    """Of access points that the store keeps, which ask by RADIUS."""
    portal = f"http://{BESIDE}/gateway"
    made = store.internet.call(
        lambda: FakeGateway(
            RADIUS_SECRET, 1812, 1813, portal, address=network.CARRIER, server=BESIDE
        )
    )
    with made as controller:
        yield controller


def own_gateway_facts(store, playbooks, host, settings, secrets, **others):
    """The example's own, but for what is another one here: addresses and secrets."""
    said = {}
    for name in ("shop.yml", "release.yml"):
        said |= yaml.safe_load((OWN_GATEWAY / host / name).read_text())
    of_box = {
        name: value
        for name, value in playbooks.facts.items()
        if name.startswith(("ansible_", "base_", "release_", "programs_"))
    }
    given = {
        "shop_portal_name": BESIDE,
        "release_settings": said["release_settings"]
        | settings
        | {"sms": playbooks.facts["release_settings"]["sms"]},
        "release_secrets": store.secrets | secrets,
    }
    return said | of_box | given | others


def trust(store, name, certificates):
    """As the box trusts the authorities of the internet."""
    file = f"/usr/local/share/ca-certificates/{name}.crt"
    store.run(f"cat >{file} <<'EOF'\n{certificates}EOF\nupdate-ca-certificates")


def until(is_so, what):
    deadline = time.monotonic() + _WITHIN_S
    while not is_so():
        assert time.monotonic() < deadline, what if isinstance(what, str) else what()
        time.sleep(0.2)


def findings(store, grade, **environment):
    given = " ".join(f"DOORMAN_{name}='{value}'" for name, value in environment.items())
    told = json.loads(store.ssh(f"{given} doorman doctor --json").stdout)
    return [each["text"] for each in told["findings"] if each["grade"] == grade]


def wrong(store):
    return findings(store, "wrong")


def main_pid(store, program):
    return store.run(f"systemctl show --value --property=MainPID doorman-{program}").strip()


def api_asked(phone, trusted):
    """What the API answers a phone that trusts these, and the certificate that it showed."""
    context = ssl.create_default_context(cadata=trusted)
    portal = (network.GATEWAY[4], 443)
    with (
        phone.here.call(lambda: socket.create_connection(portal, timeout=10)) as connection,
        context.wrap_socket(connection, server_hostname=PORTAL_NAME) as secure,
    ):
        secure.sendall(f"GET {API_PATH} HTTP/1.0\r\nHost: {PORTAL_NAME}\r\n\r\n".encode())
        answer = http.client.HTTPResponse(secure)
        answer.begin()
        return json.load(answer), secure.getpeercert(binary_form=True)


def log_in_at(store, url, number):
    browser = Browser(store.internet, "iPhone 14", "en")
    try:
        browser.open(url)
        browser.fill("#phone", number)
        browser.tick("#terms")
        browser.press("#next")
        browser.fill("#code", newest_code(store, number))
        browser.press("#next")
        browser.press("#go-online")
        assert browser.text("#online")
    finally:
        browser.close()


def test_beside_a_unifi_gateway_it_is_healthy(store, playbooks, console, own_authority):
    store.run(_INSTALLED)
    beside = playbook.Playbooks(store)
    beside.facts = own_gateway_facts(
        store,
        playbooks,
        "shop-2",
        {"unifi": {"url": console.url, "username": USER}},
        {"DOORMAN_UNIFI__PASSWORD": PASSWORD},
        release_gateway_certificate=own_authority.cert_pem.bytes().decode(),
    )
    done = beside.run("site.yml")

    assert done.status == 0, done.output[-4000:]
    assert is_healthy(store), store.ssh("doorman health").stdout
    assert wrong(store) == ["nothing sets this machine's clock"]
    assert store.ssh("nft list tables").stdout == ""


def test_the_stores_console_lets_in_who_logs_in(store, console):
    console.connect(ALICE, network.RESOLVER)
    log_in_at(store, f"http://{BESIDE}{console.redirect(ALICE)}", "13800139998")

    assert console.is_open(ALICE)


def test_beside_gateways_that_speak_radius_it_is_healthy(store, playbooks, controller):
    beside = playbook.Playbooks(store)
    heard_at = {"address": BESIDE, "nas": [{
        "name": "ac1", "address": network.CARRIER, "role": "guest-portal",
        "order_port": controller.order_port,
    }]}  # fmt: skip
    beside.facts = own_gateway_facts(
        store,
        playbooks,
        "shop-3",
        {"radius": heard_at},
        {"DOORMAN_RADIUS__SECRETS__AC1": RADIUS_SECRET},
    )
    done = beside.run("site.yml")

    assert done.status == 0, done.output[-4000:]
    assert is_healthy(store), store.ssh("doorman health").stdout
    assert "radius" in store.run("doorman health")
    exposure = re.findall(
        r"doorman-radius.service +([\d.]+)", store.run("systemd-analyze --no-pager security")
    )
    assert [float(value) <= _MOST_EXPOSED for value in exposure] == [True]
    assert beside.run("site.yml").changed == 0


def test_the_stores_controller_lets_in_who_logs_in(store, controller):
    guest = controller.join(BERT, network.RESOLVER)
    assert not guest.is_online
    log_in_at(store, controller.browse(guest), "13800139999")

    until(lambda: guest.is_online, "not let in")
    assert wrong(store) == ["nothing sets this machine's clock"]


def test_it_becomes_the_stores_gateway_with_every_program(
    store, playbooks, gateway_facts, own_authority, radio
):
    trust(store, "handed-in", own_authority.cert_pem.bytes().decode())
    playbooks.facts |= gateway_facts
    done = playbooks.run("site.yml")

    assert done.status == 0, done.output[-4000:]
    assert is_healthy(store), store.ssh("doorman health").stdout
    listed = store.run("systemd-analyze --no-pager security")
    exposed = dict(re.findall(r"(doorman-\S+)\.service +([\d.]+)", listed))
    assert {"doorman-sensor", "doorman-advertise", "doorman-flows"} <= exposed.keys()
    assert {unit for unit, value in exposed.items() if float(value) > _MOST_EXPOSED} == set()


def test_a_collector_fetches_every_metric(store):
    token = store.run("doorman token add prometheus").strip()
    asked = (
        f"Request('http://127.0.0.1:8081/metrics', headers={{'Authorization': 'Bearer {token}'}})"
    )
    fetch = f"from urllib.request import *; print(urlopen({asked}).read().decode())"
    told = store.run(f'python3 -c "{fetch}"')
    successes = dict(re.findall(r'\ndoorman_collector_success{collector="(\w+)"} (\S+)', told))

    assert {"certificate", "clock", "gate", "programs", "sensor"} <= successes.keys()
    assert {name for name, value in successes.items() if float(value) != 1} == set()
    assert "\ndoorman_certificate_end_timestamp_seconds " in told


def test_what_the_sensor_hears_is_counted_and_its_radio_sends_nothing(store, radio):
    def sent():
        return store.run("cat /sys/class/net/mon0/statistics/tx_packets")

    def counted():
        radio.play(probe_request())
        ask = "SELECT COALESCE(SUM(probe_requests), 0) FROM traffic_days"
        words = f"sqlite3.connect('{DATABASE}').execute('{ask}').fetchone()[0]"
        return int(store.run(f'python3 -c "import sqlite3; print({words})"')) > 0

    before = sent()
    # As if it was pulled out: it is then that the kernel would speak.
    store.run("ip link set mon0 down && ip link set mon0 up")

    until(counted, "no probe request reached the database")
    assert sent() == before


def test_another_sensor_of_the_store_finds_it(store):
    store.run("doorman sensors add corner /run/corner.pem")
    found = findings(
        store, "good", SENSOR__LISTEN="", SENSOR__SEND_TO=LISTENS, SENSOR__BUNDLE="/run/corner.pem"
    )

    assert [each for each in found if f"the box at {LISTENS} takes what corner hears" in each]


def test_phones_are_told_of_the_api_and_it_answers(store, phone, own_authority):
    until(lambda: told_by_dhcp(store, phone) == f"https://{PORTAL_NAME}{API_PATH}", "not told")
    phone.join()
    told, _ = api_asked(phone, own_authority.cert_pem.bytes().decode())

    assert told["captive"] is True
    assert told["user-portal-url"].startswith(f"https://{PORTAL_NAME}/")


def test_one_by_acme_takes_its_place(store, playbooks, acme, phone):
    trust(store, "acme", acme.trusted)
    playbooks.facts |= {
        "certificate_source": "acme",
        "certificate_provider": "httpreq",
        "certificate_credentials": acme.credentials,
        "certificate_email": "it@store.test",
        "certificate_server": acme.directory,
        # Each time that it is asked.
        "certificate_renew_days": 99_999,
    }
    done = playbooks.run("site.yml", "--tags", "certificate")

    assert done.status == 0, done.output[-4000:]
    assert api_asked(phone, acme.trusted)
    assert store.run("systemctl is-active doorman-certificate.timer") == "active\n"


def test_a_renewal_by_its_unit_cuts_nobody_off(store, acme, phone):
    browser = Browser(store.shopper, "Pixel 7", "en-GB")
    try:
        log_in(store, browser)
        browser.press("#go-online")
        assert browser.text("#online")
    finally:
        browser.close()
    _, before = api_asked(phone, acme.trusted)
    with phone.download(4) as download:
        store.run("systemctl start doorman-certificate.service")
        # The unit has ended when nginx is told: its old workers answer until the new ones stand.
        until(lambda: api_asked(phone, acme.trusted)[1] != before, "the old certificate is shown")
        assert not phone.falls_silent(download, within_s=2)

    told, _ = api_asked(phone, acme.trusted)
    assert told["captive"] is False


def test_a_program_on_a_replaced_file_starts_anew_after_the_nights_updates(store, phone):
    front, gate = main_pid(store, "front"), main_pid(store, "gate")
    # As dpkg replaces a file: another one takes its name.
    store.run("cp -p /usr/sbin/nginx /usr/sbin/nginx.new && mv /usr/sbin/nginx.new /usr/sbin/nginx")
    with phone.download(4) as download:
        store.run("systemctl start apt-daily-upgrade.service")
        until(
            lambda: main_pid(store, "front") not in {"0", front},
            lambda: store.run(_SAYS_OF_RESTARTS),
        )
        assert not phone.falls_silent(download, within_s=2)

    assert main_pid(store, "gate") == gate
    assert is_healthy(store)
