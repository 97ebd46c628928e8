"""What the gateway's roles write for shops of several kinds, read by those who will have to."""

import ast
import importlib.util
import os
import re
import subprocess

import pytest
import yaml

from tests.deploy import rendering
from tests.deploy.rendering import ROLES

COMMON = {
    "shop_uplink_interface": "eth0",
    "shop_shopper_interface": "br-lan",
    "shop_shopper_ports": ["eth1", "eth2"],
    "shop_management_addresses": {"eth3": "10.9.0.2/24"},
    "shop_portal_name": "wifi.example.com",
    "shop_guest_network": "湖滨 Wi-Fi",
}
SHOPS = {
    "router": COMMON,
    "behind-a-router": COMMON
    | {
        "shop_uplink_kind": "static",
        "shop_uplink_address": "10.1.2.3/24",
        "shop_uplink_gateway": "10.1.2.1",
        "shop_uplink_address6": "2001:db8::2/64",
        "shop_uplink_gateway6": "2001:db8::1",
        "shop_country": "DE",
        "shop_name_servers": ["10.1.2.1"],
        "shop_portal_https": False,
    },
    "pppoe": COMMON
    | {
        "shop_uplink_kind": "pppoe",
        "shop_uplink_port": "eth0",
        "shop_uplink_interface": "wan0",
        "shop_pppoe_user": "someone@provider",
        "shop_pppoe_password": "secret",
        "shop_uplink_delegation": True,
    },
    "trunk": {
        "shop_uplink_interface": "uplink",
        "shop_uplink_delegation": True,
        "shop_vlans": [
            {"name": "uplink", "port": "eth0", "id": 35},
            {"name": "guests", "port": "eth0", "id": 20},
            {"name": "office", "port": "eth0", "id": 10},
        ],
        "shop_shopper_interface": "guests",
        "shop_management_addresses": {"office": "dhcp"},
        "shop_shopper_prefix": "",
        "shop_portal_name": "wifi.example.com",
    },
    "radios": COMMON
    | {
        "shop_guest_password": "on the poster",
        "shop_access_points": [
            {"interface": "wlan0", "channel": 6},
            {"interface": "wlan1", "channel": 36, "security": "owe-transition"},
            {"interface": "wlan2", "channel": 149, "security": "wpa-transition"},
        ],
        "shop_sensor_radios": [{"interface": "mon0", "address": "00:11:22:AA:BB:CC"}],
    },
}

every_shop = pytest.mark.parametrize("shop", SHOPS)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="not root: needs a network of its own")


def variables(role, shop):
    return rendering.variables(role, SHOPS[shop])


def rendered(role, template, shop, **changes):
    return rendering.rendered(role, template, SHOPS[shop], **changes)


def described(shop):
    """By the interface's name and its kind."""
    files = rendering.described(SHOPS[shop])
    return {name.removeprefix("05-doorman-"): text for name, text in files.items()}


def said_by(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def wanted(tmp_path):
    """A folder that systemd-networkd, which is no root for long, may read."""
    tmp_path.chmod(0o755)
    return tmp_path


@pytest.fixture(scope="module")
def check():
    file = ROLES / "network" / "files" / "network_check.py"
    spec = importlib.util.spec_from_file_location("network_check", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@as_root
@every_shop
def test_networkd_reads_every_description(shop, check, wanted):
    for name, text in described(shop).items():
        (wanted / f"05-doorman-{name}").write_text(text)

    assert check.complaints(wanted) == []


@as_root
def test_networkd_complains_of_what_it_cannot_read(check, wanted):
    (wanted / "05-doorman-x.network").write_text(
        "[Match]\nName=x\n[Network]\nAddress=10.1.2.300/24\n"
    )

    assert "10.1.2.300" in "".join(check.complaints(wanted))


@pytest.mark.parametrize(
    ("shop", "ports"),
    [
        pytest.param("router", ["eth1", "eth2"], id="cables"),
        pytest.param(
            "radios", ["eth1", "eth2", "wlan0", "wlan1", "wlan1-owe", "wlan2"], id="radios"
        ),
        pytest.param("trunk", [], id="no-bridge"),
    ],
)
def test_no_port_of_the_shoppers_bridge_carries_to_another(shop, ports):
    isolated = [name for name, text in described(shop).items() if "Isolated=yes" in text]
    joined = [name for name, text in described(shop).items() if "Bridge=br-lan" in text]

    assert sorted(isolated) == sorted(joined)
    assert set(joined) == {f"{port}.network" for port in ports}


@every_shop
def test_only_the_uplink_believes_routers(shop):
    believing = [name for name, text in described(shop).items() if "IPv6AcceptRA=yes" in text]
    uplink = SHOPS[shop]["shop_uplink_interface"]

    assert set(believing) <= {f"{uplink}.network"}


def test_a_delegated_prefix_goes_to_the_shoppers_and_dnsmasq_tells_of_it():
    assert "DHCPPrefixDelegation=yes\n" in described("pppoe")["br-lan.network"]
    assert "Announce=no\n" in described("pppoe")["br-lan.network"]
    assert "constructor:br-lan" in rendered("resolver", "dnsmasq.conf.j2", "pppoe")


def test_pppoe_dials_on_its_port_and_keeps_its_password_to_itself():
    peer = rendered("network", "pppoe.peer.j2", "pppoe")

    assert {"nic-eth0", "ifname wan0", "hide-password"} <= set(peer.splitlines())
    tasks = yaml.safe_load((ROLES / "network" / "tasks" / "pppoe.yml").read_text())
    (dialled,) = [task for task in tasks if "peers" in str(task.get("ansible.builtin.template"))]
    assert dialled["no_log"] is True
    assert dialled["ansible.builtin.template"]["mode"] == "0600"


def test_a_line_is_dialled_again_when_its_port_was_away():
    unit = rendered("network", "doorman-pppoe.service.j2", "pppoe")

    assert "Restart=always\n" in unit
    # It would be stopped with the port, and not be started with it.
    assert "BindsTo=" not in unit


@every_shop
def test_dnsmasq_reads_what_is_written_for_it(shop, tmp_path):
    file = tmp_path / "dnsmasq.conf"
    file.write_text(rendered("resolver", "dnsmasq.conf.j2", shop))

    assert said_by("dnsmasq", "--test", f"--conf-file={file}")[0] == 0


def test_dnsmasq_writes_no_phone_into_the_log_and_no_lease_to_the_disk():
    lines = rendered("resolver", "dnsmasq.conf.j2", "router").splitlines()

    assert {"quiet-dhcp", "quiet-dhcp6", "quiet-ra"} <= set(lines)
    assert "dhcp-leasefile=/run/dnsmasq/doorman.leases" in lines


@pytest.mark.parametrize(
    ("shop", "server"),
    [("router", "223.5.5.5"), ("behind-a-router", "10.1.2.1")],
    ids=["cn", "own"],
)
def test_names_are_asked_near_the_shop(shop, server):
    assert f"server={server}\n" in rendered("resolver", "dnsmasq.conf.j2", shop)
    assert f"nameserver {server}\n" in rendered("resolver", "resolv.conf.j2", shop)


@as_root
@pytest.mark.parametrize("radio", SHOPS["radios"]["shop_access_points"], ids=["open", "owe", "wpa"])
def test_hostapd_reads_what_is_written_for_it(radio, tmp_path):
    file = tmp_path / "hostapd.conf"
    text = rendered("access_point", "hostapd.conf.j2", "radios", item=radio)
    check = ROLES / "access_point" / "files" / "hostapd-check"
    file.write_text(text)
    assert said_by(check, file) == (0, "")

    file.write_text(text.replace("ap_isolate", "ap_isolated"))
    status, words = said_by(check, file)
    assert (status, "ap_isolated" in words) == (1, True)


@pytest.mark.parametrize("radio", SHOPS["radios"]["shop_access_points"], ids=["open", "owe", "wpa"])
def test_every_network_of_a_radio_keeps_its_phones_apart(radio):
    text = rendered("access_point", "hostapd.conf.j2", "radios", item=radio)

    assert text.count("ap_isolate=1\n") == text.count("\nssid=")


@pytest.mark.parametrize(
    ("shop", "server"),
    [("router", "ntp.aliyun.com"), ("behind-a-router", "2.debian.pool.ntp.org")],
    ids=["cn", "de"],
)
def test_the_clock_is_set_from_near_and_served_to_nobody(shop, server):
    lines = rendered("clock", "chrony.conf.j2", shop).splitlines()

    assert f"server {server} iburst" in lines
    assert {"port 0", "bindcmdaddress 127.0.0.1", "makestep 1.0 3"} <= set(lines)


def test_no_law_asks_a_shop_elsewhere_for_a_flow_log():
    assert variables("flow_log", "router")["flow_log_wanted"] is True
    assert variables("flow_log", "behind-a-router")["flow_log_wanted"] is False


@pytest.mark.parametrize(
    ("shop", "days"), [("router", 190), ("behind-a-router", 90)], ids=["cn", "de"]
)
def test_the_journal_is_kept_for_as_long_as_the_law_of_the_shop_asks(shop, days):
    assert f"MaxRetentionSec={days}day" in rendered("base", "journald.conf.j2", shop).splitlines()


def test_a_reboot_waits_for_its_hour():
    text = rendered("base", "updates.conf.j2", "router")

    assert 'Unattended-Upgrade::Automatic-Reboot-Time "04:30";\n' in text
    assert '"now"' not in text.lower().replace('// never "now"', "")


def test_no_role_switches_forwarding_on_but_with_the_rules():
    mentions = {
        path.parents[1].name
        for path in ROLES.glob("*/templates/*.j2")
        if re.search(r"^[^#]*ip_forward=1|^[^#]*ip_forward = 1", path.read_text(), re.MULTILINE)
    }

    assert mentions == {"firewall"}


def test_what_asks_for_a_certificate_is_a_script_whatever_the_secrets_are(tmp_path):
    (tmp_path / "lego.env").write_text(
        rendered(
            "certificate",
            "lego.env.j2",
            "router",
            certificate_credentials={"A": "it's $HOME", "B": 7},
        )
    )
    script = tmp_path / "ask"
    script.write_text(rendered("certificate", "ask-for-certificate.j2", "router"))

    assert said_by("sh", "-n", script) == (0, "")
    told = said_by("sh", "-c", f'. {tmp_path}/lego.env; printf \'%s|%s\' "$A" "$B"')
    assert told == (0, "it's $HOME|7")


IFUPDOWN = """\
source /etc/network/interfaces.d/*

auto lo eth0
iface lo inet loopback

allow-hotplug eth9
iface eth0 inet static
    address 10.1.2.3/24
# Not ours.
auto eth9
iface eth9 inet dhcp
"""


def test_ifupdown_keeps_what_is_not_ours(check):
    kept = check.without(IFUPDOWN, ["eth0", "br-lan"]).splitlines()

    assert "auto lo" in kept
    assert "iface eth9 inet dhcp" in kept
    assert not [line for line in kept if "eth0" in line or "10.1.2.3" in line]


def test_the_program_that_goes_back_needs_nothing_but_python_and_what_comes_with_it():
    files = {file.stem: file.read_text() for file in (ROLES / "network" / "files").glob("*.py")}
    imported = {
        name.split(".")[0]
        for text in files.values()
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported <= files.keys() | {
        "collections",
        "os",
        "pathlib",
        "re",
        "shutil",
        "signal",
        "subprocess",
        "sys",
        "threading",
    }
