import socket
import threading
from types import MappingProxyType

import pytest

from gate.client import GateClient, GateRefusedError, GateUnavailableError
from gate.shape import Counters, GateFailedError, Limits, Online
from tests.gate.conftest import serving

ALICE = "02:00:00:00:00:0a"


@pytest.fixture
def client(running):
    return GateClient(running)


def test_admits_lists_and_revokes(client):
    client.admit(ALICE, 3600)
    assert client.online()[ALICE].seconds_left in {3599, 3600}

    client.revoke(ALICE)
    assert client.online() == {}


def test_finds_one_phone_or_nothing(client):
    client.admit(ALICE, 3600)
    assert client.find(ALICE).seconds_left in {3599, 3600}

    client.revoke(ALICE)
    assert client.find(ALICE) is None


def test_limits_reach_the_gate_and_none_is_the_default(client, recording):
    client.admit(ALICE, 60, Limits(1000, 200, 3_000_000))
    assert recording.recorded()[ALICE].limits == Limits(1000, 200, 3_000_000)

    client.admit(ALICE, 60)
    assert recording.recorded()[ALICE].limits == Limits()


def test_a_pass_is_not_an_admission(client, recording):
    client.give_pass(ALICE, 60, Limits(bytes=7))

    assert (client.find(ALICE), client.online(), client.counters()) == (None, {}, {})
    assert recording.recorded()[ALICE].is_pass
    assert recording.recorded()[ALICE].limits == Limits(bytes=7)


def test_says_which_kind_of_gate_it_is(client):
    assert client.kind() == "recording"


@pytest.mark.parametrize(
    ("mac", "seconds", "limits"),
    [
        ("ff:ff:ff:ff:ff:ff", 60, Limits()),
        (ALICE, 0, Limits()),
        (ALICE, 604_801, Limits()),
        ("?", 60, Limits()),
        (ALICE, 60, Limits(down_kbit_s=-1)),
        (ALICE, 60, Limits(up_kbit_s=10_000_001)),
        (ALICE, 60, Limits(bytes=10**15 + 1)),
    ],
)
def test_a_wrong_request_is_refused(client, mac, seconds, limits):
    with pytest.raises(GateRefusedError) as caught:
        client.admit(mac, seconds, limits)

    assert ALICE not in str(caught.value)
    assert client.online() == {}


def test_whoever_counts_is_told_what_came_of_each_request(running, socket_path):
    told = []
    client = GateClient(running, told=told.append)
    client.admit(ALICE, 60)
    with pytest.raises(GateRefusedError):
        client.admit("?", 60)
    with pytest.raises(GateUnavailableError):
        GateClient(socket_path.with_name("no.sock"), told=told.append).kind()

    assert told == ["done", "refused", "unavailable"]


def test_a_gate_that_is_not_there_is_unavailable(socket_path):
    with pytest.raises(GateUnavailableError, match="No such file"):
        GateClient(socket_path).online()


class CrowdedGate:
    """As many phones as nobody expects, and no strength to let one more in."""

    kind = "crowded"
    phones = MappingProxyType(
        {f"02:00:00:00:{n >> 8:02x}:{n & 255:02x}": Online(n, n, n) for n in range(5000)}
    )

    def admit(self, _mac, _seconds, _limits):
        raise GateFailedError("set is full")

    def counters(self):
        return {mac: Counters(each.bytes_up, each.bytes_down) for mac, each in self.phones.items()}

    def online(self):
        return self.phones


def test_a_failure_of_the_gate_is_temporary(socket_path):
    with (
        serving(socket_path, CrowdedGate()),
        pytest.raises(GateUnavailableError, match="set is full"),
    ):
        GateClient(socket_path).admit(ALICE, 60)


def test_a_long_list_comes_whole(socket_path):
    with serving(socket_path, CrowdedGate()):
        assert GateClient(socket_path).online() == dict(CrowdedGate.phones)
        assert GateClient(socket_path).counters() == CrowdedGate().counters()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n", id="empty"),
        pytest.param(b'{"answer":"do', id="cut-off"),
        pytest.param(b'{"answer":"perhaps"}\n', id="unknown"),
        pytest.param(b'{"answer":"kind","kind":"x"}\n', id="to-another-question"),
    ],
)
def test_nonsense_from_the_gate_is_no_admission(socket_path, answer):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path))
        listener.listen()

        def reply():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=reply)
        thread.start()
        with pytest.raises(GateUnavailableError):
            GateClient(socket_path).admit(ALICE, 60)
        thread.join()


def test_a_gate_that_does_not_answer_is_given_up(socket_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path))
        listener.listen()

        with pytest.raises(GateUnavailableError, match="timed out"):
            GateClient(socket_path, timeout_s=0.05).kind()
