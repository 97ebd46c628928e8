import contextlib
import os
import subprocess
import sys
import time

import pytest

from gate.client import GateClient
from gate.firewall import FirewallGate
from gate.libnftables import Nftables, NftablesError
from gate.ruleset import Ruleset
from gate.set_element import SetElements
from gate.shape import GateFailedError
from tests.lab.namespace import Namespace

ALICE = "02:00:00:00:00:0a"
BOB = "02:00:00:00:00:0b"
RULES = Ruleset(shopper_interface="br-lan", uplink_interface="wan0", portal_port=8080).text()

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot make a network namespace"),
]


@pytest.fixture
def namespace():
    with Namespace(f"doorman-test-{os.getpid()}") as namespace:
        yield namespace


@pytest.fixture
def nftables(namespace):
    with namespace.call(Nftables) as nftables:
        yield nftables


@pytest.fixture
def elements(namespace):
    with namespace.call(SetElements) as elements:
        yield elements


@pytest.fixture
def load_rules(namespace, tmp_path):
    def load():
        (tmp_path / "rules.nft").write_text(RULES)
        namespace.run("nft", "-f", tmp_path / "rules.nft")

    return load


@pytest.fixture
def gate(nftables, elements, load_rules):
    load_rules()
    return FirewallGate(nftables, elements)


def test_a_phone_is_in_the_sets_for_its_time(gate):
    gate.admit(ALICE, 3600)

    assert gate.online().keys() == {ALICE}
    assert gate.online()[ALICE].seconds_left in {3599, 3600}


def test_its_time_ends_by_itself(gate):
    gate.admit(ALICE, 1)
    gate.admit(BOB, 60)
    time.sleep(1.1)

    assert gate.online().keys() == {BOB}


def test_admitting_again_extends(gate):
    gate.admit(ALICE, 60)
    gate.admit(ALICE, 3600)

    assert gate.online()[ALICE].seconds_left > 3590


def test_revoking_takes_one_phone_out_of_every_set(gate, namespace):
    gate.admit(ALICE, 60)
    gate.admit(BOB, 60)
    gate.revoke(ALICE)
    gate.revoke(ALICE)
    assert gate.online().keys() == {BOB}

    gate.revoke(BOB)
    listed = namespace.run("nft", "list", "table", "inet", "doorman").stdout
    assert "elements" not in listed


def test_loading_the_ruleset_again_keeps_who_is_online(gate, load_rules):
    gate.admit(ALICE, 60)
    load_rules()
    gate.admit(BOB, 60)

    assert gate.online().keys() == {ALICE, BOB}


def test_loading_the_ruleset_again_doubles_no_rule(load_rules, namespace):
    load_rules()
    before = namespace.run("nft", "list", "table", "inet", "doorman").stdout
    load_rules()

    assert namespace.run("nft", "list", "table", "inet", "doorman").stdout == before


def test_finds_one_phone_as_the_list_has_it(gate):
    gate.admit(ALICE, 3600)
    gate.admit(BOB, 60)

    assert gate.find(ALICE).seconds_left in {3599, 3600}
    assert gate.find(BOB).seconds_left in {59, 60}
    assert (gate.find(BOB).bytes_up, gate.find(BOB).bytes_down) == (0, 0)


@pytest.mark.parametrize("loaded", [True, False], ids=["ruleset", "no-ruleset"])
def test_a_phone_that_is_not_online_is_not_found(nftables, elements, load_rules, loaded):
    if loaded:
        load_rules()

    assert FirewallGate(nftables, elements).find(ALICE) is None


def test_a_phone_is_not_found_once_it_is_revoked_or_its_time_is_up(gate):
    gate.admit(ALICE, 60)
    gate.admit(BOB, 1)
    gate.revoke(ALICE)
    time.sleep(1.1)

    assert (gate.find(ALICE), gate.find(BOB)) == (None, None)


def test_a_question_that_the_kernel_refuses_is_a_failure(gate, elements):
    with pytest.raises(OSError, match="Invalid argument"):
        elements.find("doorman", "online", b"too long for an address")

    assert gate.find(ALICE) is None


def test_without_the_ruleset_it_says_so_and_shows_no_address(nftables, elements):
    with pytest.raises(GateFailedError, match="ruleset") as caught:
        FirewallGate(nftables, elements).admit(ALICE, 60)

    assert ALICE not in str(caught.value)


def test_an_error_of_nftables_shows_no_address(gate, nftables):
    with pytest.raises(NftablesError) as caught:
        nftables.run(f"add element inet doorman nowhere {{ {ALICE} }}")

    assert "No such file" in str(caught.value)
    assert ALICE not in str(caught.value)


def test_a_batch_with_one_bad_command_changes_nothing(gate, nftables):
    with pytest.raises(NftablesError):
        nftables.run(
            f"add element inet doorman online {{ {ALICE} timeout 60s }}\n"
            f"delete element inet doorman online {{ {BOB} }}"
        )

    assert gate.online() == {}


def test_a_closed_context_is_not_used(namespace):
    nftables = namespace.call(Nftables)
    nftables.close()

    with pytest.raises(NftablesError, match="closed"):
        nftables.run("list ruleset")


@contextlib.contextmanager
def gate_process(namespace, socket_path, log):
    # No power but the one it needs.
    only = ["--bounding-set=-all,+net_admin", "--inh-caps=-all,+net_admin"]
    command = ["setpriv", *only, sys.executable, "-I", "-m", "gate", f"--socket={socket_path}"]
    process = namespace.start(command, log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def test_the_process_needs_net_admin_alone(gate, namespace, tmp_path):
    socket_path, log = tmp_path / "gate.sock", tmp_path / "log"
    with gate_process(namespace, socket_path, log) as process:
        deadline = time.monotonic() + 5
        while not socket_path.exists() and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        client = GateClient(socket_path)
        client.admit(ALICE, 60)
        assert client.kind() == "nftables"
        assert client.online().keys() == {ALICE}

    assert process.returncode == 0
    assert not socket_path.exists()
    assert gate.online().keys() == {ALICE}


def test_the_process_does_not_start_without_the_ruleset(namespace, tmp_path):
    done = subprocess.run(
        namespace.command(sys.executable, "-I", "-m", "gate", f"--socket={tmp_path / 's'}"),
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "is the ruleset loaded" in done.stderr
