"""A real tunnel (iodine) through names: it carries for a phone that is online, and not before."""

import contextlib
import shutil
import socket
import subprocess
import time

import pytest

from tests.lab import network
from tests.lab.uplink import TUNNEL_ZONE

FAR_END = "10.99.0.1"
_UP_WITHIN_S = 20
_PASSWORD = "secret"

pytestmark = pytest.mark.skipif(not shutil.which("iodine"), reason="not installed: iodine")


@pytest.fixture(scope="module")
def far_end(shop):
    """The end on the internet, which answers for a zone of its own."""
    log = shop.folder / "iodined.log"
    here = ("-n", network.TUNNEL_END, "-l", network.TUNNEL_END, f"{FAR_END}/24")
    process = shop.internet.start(["iodined", "-f", "-c", "-P", _PASSWORD, *here, TUNNEL_ZONE], log)
    wait_for(log, "Listening to dns", process)
    yield
    process.terminate()
    process.wait()


def wait_for(log, words, process):
    """Whether the program comes to say so before it ends."""
    deadline = time.monotonic() + _UP_WITHIN_S
    while words not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextlib.contextmanager
def tunnel(shop, tmp_path, *options, resolver=network.GATEWAY[4]):
    """The phone's end; whether it got through."""
    log = tmp_path / "iodine.log"
    command = ["iodine", "-f", "-P", _PASSWORD, *options, resolver, TUNNEL_ZONE]
    with log.open("wb") as output:
        process = subprocess.Popen(
            shop.shopper.command(*command), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield wait_for(log, "Connection setup complete", process)
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize("kind", ["NULL", "TXT", "A"])
def test_the_tool_carries_where_nothing_guards(shop, online, far_end, tmp_path, kind):
    with tunnel(shop, tmp_path, "-r", "-T", kind) as up:
        assert up
        online.reach(FAR_END, 80)


@pytest.mark.parametrize("kind", ["NULL", "PRIVATE", "TXT", "SRV", "MX", "CNAME", "A"])
def test_no_kind_of_question_carries_a_tunnel_before_login(shop, phone, far_end, tmp_path, kind):
    with tunnel(shop, tmp_path, "-r", "-T", kind) as up:
        assert not up


def test_a_tool_that_looks_for_a_way_finds_none_before_login(shop, phone, far_end, tmp_path):
    with tunnel(shop, tmp_path, resolver=network.TUNNEL_END) as up:
        assert not up


def test_what_is_no_question_does_not_get_out_by_the_port_of_names(shop, phone):
    def listen():
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listening.bind((network.WEB[4], 53))
        listening.settimeout(1)
        return listening

    # iodine's raw mode begins like this.
    with shop.internet.call(listen) as listening:
        with phone.datagrams(network.WEB[4], 53) as sending:
            sending.send(b"\x10\xd1\x9e\x10")
            with pytest.raises(TimeoutError):
                listening.recv(100)
        shop.gate.admit(phone.mac, 60)
        with phone.datagrams(network.WEB[4], 53) as sending:
            sending.send(b"\x10\xd1\x9e\x10")
            assert listening.recv(100) == b"\x10\xd1\x9e\x10"
