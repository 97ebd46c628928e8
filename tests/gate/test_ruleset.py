import re

import pytest

from gate.ruleset import Ruleset, RulesetError


def rules(**changes):
    values = {"shopper_interface": "br-lan", "uplink_interface": "wan0", "portal_port": 8080}
    return Ruleset(**(values | changes))


def test_names_the_interfaces_and_the_port():
    head = rules(management_interfaces=("mgmt0",)).text().split("\n\n")[0]

    assert head.splitlines() == [
        'define shopper = "br-lan"',
        'define uplink = "wan0"',
        'define trusted = { "lo", "mgmt0" }',
        "define portal_port = 8080",
        "define portal_ports = { 8080 }",
        "define resolver_port = 5335",
        "define managed_ports = { 22 }",
    ]


def test_the_portals_secure_port_is_open_like_the_other():
    assert "define portal_ports = { 8080, 8443 }\n" in rules(https_port=8443).text()


def test_networks_that_phones_may_reach_are_filled_in():
    text = rules(reachable_networks=("10.1.2.0/25", "10.1.2.128/25", "fd00:1::/64")).text()

    assert "add element inet doorman reachable4 { 10.1.2.0/24 }\n" in text
    assert "add element inet doorman reachable6 { fd00:1::/64 }\n" in text
    assert "add element" not in rules().text()


def test_networks_that_look_after_the_box_are_filled_in():
    text = rules(management_networks=("10.9.0.0/16",), management_ports=(22, 8081)).text()

    assert "define managed_ports = { 22, 8081 }\n" in text
    assert "add element inet doorman managers4 { 10.9.0.0/16 }\n" in text


def test_every_rule_says_what_it_is_for():
    verdicts = re.compile(r"\b(accept|drop|reject|jump|redirect|return|masquerade)\b")
    text = rules().text()
    lines = [line.strip() for line in text.splitlines() if not line.strip().startswith("#")]
    found = [line for line in lines if verdicts.search(line) and not line.startswith("type ")]

    assert len(found) > 20
    assert [line for line in found if not re.search(r'comment "[^"]{4,100}"$', line)] == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"shopper_interface": ""}, "interface name", id="empty"),
        pytest.param({"uplink_interface": "a" * 16}, "interface name", id="long"),
        pytest.param({"uplink_interface": 'x" accept'}, "interface name", id="quote"),
        pytest.param({"management_interfaces": ("a\n",)}, "interface name", id="line-end"),
        pytest.param({"uplink_interface": "br-lan"}, "different", id="both-sides-one"),
        pytest.param({"management_interfaces": ("br-lan",)}, "different", id="trusted-shoppers"),
        pytest.param({"portal_port": 0}, "portal_port", id="port-0"),
        pytest.param({"portal_port": 65_536}, "portal_port", id="port-too-high"),
        pytest.param({"resolver_port": 0}, "resolver_port", id="resolver-port-0"),
        pytest.param({"management_networks": ("10.9.0.1/16",)}, "networks", id="host-bits"),
        pytest.param({"management_ports": ()}, "management_ports", id="no-port-of-management"),
        pytest.param({"management_ports": (0,)}, "management_ports", id="management-port-0"),
        pytest.param({"resolver_port": 8080}, "different ports", id="one-port-for-both"),
        pytest.param({"https_port": 0}, "https_port", id="https-port-0"),
        pytest.param({"https_port": 8080}, "different ports", id="one-port-for-both-portals"),
        pytest.param({"reachable_networks": ("10.1.2.3/24",)}, "10.1.2.0/24", id="host-bits"),
        pytest.param({"reachable_networks": ("all",)}, "10.1.2.0/24", id="no-network"),
    ],
)
def test_refuses_what_no_rules_can_be_made_with(changes, message):
    with pytest.raises(RulesetError, match=message):
        rules(**changes)
