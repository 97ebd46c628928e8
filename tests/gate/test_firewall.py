import contextlib
import itertools
import os
import re
import subprocess
import sys
import time

import pytest

from gate.client import GateClient
from gate.firewall import TABLE, FirewallGate
from gate.netlink import Netlink
from gate.nf_tables import Add, Delete
from gate.ruleset import Ruleset
from gate.shape import GateFailedError, Limits
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
def netlink(namespace):
    with namespace.call(lambda: Netlink(TABLE)) as netlink:
        yield netlink


@pytest.fixture
def load_rules(namespace, tmp_path):
    def load():
        (tmp_path / "rules.nft").write_text(RULES)
        namespace.run("nft", "-f", tmp_path / "rules.nft")

    return load


@pytest.fixture
def gate(netlink, load_rules):
    load_rules()
    return FirewallGate(netlink)


def listed(namespace):
    return namespace.run("nft", "list", "table", "inet", "doorman").stdout


def test_a_phone_is_in_the_sets_for_its_time(gate):
    gate.admit(ALICE, 3600, Limits())

    assert gate.online().keys() == {ALICE}
    assert gate.online()[ALICE].seconds_left in {3599, 3600}


def test_its_time_ends_by_itself(gate):
    gate.admit(ALICE, 1, Limits())
    gate.admit(BOB, 60, Limits())
    time.sleep(1.1)

    assert gate.online().keys() == {BOB}


def test_admitting_again_extends(gate):
    gate.admit(ALICE, 60, Limits())
    gate.admit(ALICE, 3600, Limits())

    assert gate.online()[ALICE].seconds_left > 3590


def test_revoking_takes_one_phone_out_of_every_set(gate, namespace):
    gate.admit(ALICE, 60, Limits())
    gate.admit(BOB, 60, Limits())
    gate.revoke(ALICE)
    gate.revoke(ALICE)
    assert gate.online().keys() == {BOB}

    gate.revoke(BOB)
    assert "elements" not in listed(namespace)


def test_loading_the_ruleset_again_keeps_who_is_online(gate, load_rules):
    gate.admit(ALICE, 60, Limits())
    load_rules()
    gate.admit(BOB, 60, Limits())

    assert gate.online().keys() == {ALICE, BOB}


def test_loading_the_ruleset_again_doubles_no_rule(load_rules, namespace):
    load_rules()
    before = listed(namespace)
    load_rules()

    assert listed(namespace) == before


def test_finds_one_phone_as_the_list_has_it(gate):
    gate.admit(ALICE, 3600, Limits())
    gate.admit(BOB, 60, Limits())

    assert gate.find(ALICE).seconds_left in {3599, 3600}
    assert gate.find(BOB).seconds_left in {59, 60}
    assert (gate.find(BOB).bytes_up, gate.find(BOB).bytes_down) == (0, 0)


def test_a_phone_that_is_not_online_is_not_found(gate):
    assert gate.find(ALICE) is None


def test_a_phone_is_not_found_once_it_is_revoked_or_its_time_is_up(gate):
    gate.admit(ALICE, 60, Limits())
    gate.admit(BOB, 1, Limits())
    gate.revoke(ALICE)
    time.sleep(1.1)

    assert (gate.find(ALICE), gate.find(BOB)) == (None, None)


def test_a_question_that_the_kernel_refuses_is_a_failure(gate, netlink):
    with pytest.raises(OSError, match="Invalid argument"):
        netlink.find("online", b"too long for an address")

    assert gate.find(ALICE) is None


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda gate: gate.admit(ALICE, 60, Limits()), id="admit"),
        pytest.param(lambda gate: gate.revoke(ALICE), id="revoke"),
        pytest.param(lambda gate: gate.find(ALICE), id="find"),
        pytest.param(lambda gate: gate.online(), id="online"),
        pytest.param(lambda gate: gate.counters(), id="counters"),
    ],
)
def test_without_the_ruleset_it_says_so_and_shows_no_address(netlink, ask):
    with pytest.raises(GateFailedError, match="ruleset is not loaded") as caught:
        ask(FirewallGate(netlink))

    assert ALICE not in str(caught.value)


def test_a_batch_with_one_bad_change_changes_nothing(gate, netlink):
    key = bytes.fromhex(ALICE.replace(":", ""))
    changes = [Add("online", key, 60_000), Delete("passing", key), Add("online", key[::-1], 1000)]
    with pytest.raises(FileNotFoundError):
        netlink.change(changes)

    assert gate.online() == {}
    # What is left to be read of that failure belongs to no later question.
    gate.admit(BOB, 60, Limits())
    assert gate.online().keys() == {BOB}


def test_a_full_set_is_said_to_be_full(gate, netlink):
    keys = (number.to_bytes(6) for number in range(65_535))
    while some := list(itertools.islice(keys, 1000)):
        netlink.change([Add("online", key, 60_000) for key in some])

    with pytest.raises(GateFailedError, match="full"):
        gate.admit(ALICE, 60, Limits())
    assert len(gate.online()) == 65_535


def test_limits_are_what_nft_shows_and_a_later_admission_replaces_them(gate, namespace):
    gate.admit(ALICE, 60, Limits(down_kbit_s=2000, up_kbit_s=1000, bytes=5_000_000))
    shown = listed(namespace)
    assert "limit rate over 250000 bytes/second burst 128 kbytes" in shown
    assert "limit rate over 125000 bytes/second burst 128 kbytes" in shown
    assert "quota over 5000000 bytes" in shown

    gate.admit(ALICE, 60, Limits(up_kbit_s=80))
    shown = listed(namespace)
    assert "quota over" not in shown.partition("chain")[0]
    assert shown.partition("chain")[0].count("limit rate over") == 1
    assert "limit rate over 10000 bytes/second" in shown


def test_a_pass_is_no_admission_and_each_replaces_the_other(gate, namespace):
    gate.give_pass(ALICE, 60, Limits(bytes=1000))
    assert (gate.find(ALICE), gate.online()) == (None, {})

    gate.admit(ALICE, 60, Limits())
    assert gate.find(ALICE)

    gate.give_pass(ALICE, 60, Limits())
    assert gate.find(ALICE) is None
    gate.revoke(ALICE)
    assert "elements" not in listed(namespace)


def test_loading_the_ruleset_again_keeps_limits_and_passes(gate, namespace, load_rules):
    gate.admit(ALICE, 60, Limits(1000, 2000, 3000))
    gate.give_pass(BOB, 60, Limits(4000, 5000, 6000))
    before = steady(listed(namespace))
    load_rules()

    assert steady(listed(namespace)) == before


def steady(listing):
    """Without how long somebody is still there, and each once.

    While the kernel moves a set to a smaller table, it may tell of one twice.
    """
    return re.sub(
        r"elements = \{(.*?)\}",
        lambda found: str(sorted({each.strip() for each in found[1].split(",")})),
        re.sub(r" expires \w+", "", listing),
        flags=re.DOTALL,
    )


def addresses(count):
    return [b"\x02\0" + number.to_bytes(4) for number in range(count)]


def fill(netlink, set_name, keys, timeout_ms=60_000):
    for start in range(0, len(keys), 500):
        netlink.change([Add(set_name, key, timeout_ms) for key in keys[start : start + 500]])


def test_none_is_missing_while_the_kernel_moves_a_set(netlink, load_rules, namespace):
    for _ in range(5):
        load_rules()
        first, *others = addresses(10_000)
        fill(netlink, "online", [first, *others])
        # From now on the first size, for 65,535 elements, is too large for the kernel.
        netlink.change([Delete("online", first)])

        for _ in range(3):
            assert sorted(each.key for each in netlink.dump("online")) == others
        namespace.run("nft", "delete", "table", "inet", TABLE)


def test_none_is_missing_while_others_run_out(gate, netlink):
    keys = addresses(8_000)
    staying = keys[::2]
    fill(netlink, "sent", staying)
    for seconds in range(1, 5):
        fill(netlink, "sent", keys[2 * seconds - 1 :: 8], 1000 * seconds)

    end = time.monotonic() + 6
    while time.monotonic() < end:
        found = [each.key for each in netlink.dump("sent")]
        assert len(found) == len(set(found))
        assert set(staying).issubset(found)


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
    assert "the ruleset is not loaded" in done.stderr
