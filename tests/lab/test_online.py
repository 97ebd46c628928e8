import socket
import time

import pytest

from tests.lab import network
from tests.lab.test_reach import PORT, listening
from tests.lab.uplink import RESOLVER_NAME

pytestmark = pytest.mark.timed

BOTH = pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])


@BOTH
def test_one_admission_opens_both_families(online, version):
    assert online.get(version).body.startswith("<title>Internet")
    assert "https www.internet.test" in online.get_securely(version)


def test_a_phone_may_choose_its_resolver_once_it_is_online(online):
    assert online.resolve(RESOLVER_NAME, network.RESOLVER) == network.RESOLVER


@BOTH
def test_bytes_are_counted_in_both_directions(shop, online, version):
    before = shop.gate.online()[online.mac]
    online.get_securely(version)
    after = shop.gate.online()[online.mac]

    assert after.bytes_up > before.bytes_up
    # A certificate comes down, and little more than a question goes up.
    assert after.bytes_down - before.bytes_down > after.bytes_up - before.bytes_up


def test_one_phone_is_found_with_its_bytes_as_the_list_has_them(shop, online):
    online.get_securely(4)
    found, listed = shop.gate.find(online.mac), shop.gate.online()[online.mac]

    # A packet may have passed between the two questions.
    assert 0 < found.bytes_up <= listed.bytes_up
    assert 0 < found.bytes_down <= listed.bytes_down


def test_loading_the_ruleset_again_keeps_a_phone_online_and_its_download_running(shop, online):
    with online.download(4) as download:
        shop.load_ruleset()

        assert not online.falls_silent(download, within_s=1.5)
    assert online.get(6).status == 200


@BOTH
def test_a_revoked_phone_is_where_it_was_before(shop, online, version):
    shop.gate.revoke(online.mac)

    assert online.get(version).status == 302
    with pytest.raises(ConnectionRefusedError):
        online.connect(version, 443)


@BOTH
def test_a_revocation_cuts_an_open_download(shop, online, version):
    with online.download(version) as download:
        assert download.recv(1000)
        shop.gate.revoke(online.mac)

        with pytest.raises(ConnectionResetError):
            online.read_on(download)


@BOTH
def test_a_revocation_cuts_what_comes_by_udp(shop, online, version):
    with online.listen(version) as datagrams:
        datagrams.recv(100)
        shop.gate.revoke(online.mac)

        assert online.falls_silent(datagrams)


def silent(namespace, address):
    """A socket that takes datagrams and never answers."""

    def bind():
        taking = socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM
        )
        taking.bind((address, PORT))
        return taking

    return namespace.call(bind)


@BOTH
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda gate, mac: gate.revoke(mac), id="revoked"),
        pytest.param(lambda gate, mac: gate.admit(mac, 1), id="time-is-up"),
    ],
)
def test_uploads_that_get_no_answer_end_as_well(shop, online, version, end):
    with (
        listening(shop.internet, network.WEB[version]) as server,
        online.connect(version, PORT) as upload,
        server.accept()[0],
        silent(shop.internet, network.WEB[version]),
        online.datagrams(network.WEB[version], PORT) as datagrams,
    ):
        datagrams.send(b"into the blue")
        datagrams.send(b"and nobody minds")
        end(shop.gate, online.mac)

        # What is refused comes back as an error to whoever sends on.
        for sending in (upload, datagrams):
            deadline = time.monotonic() + 5
            with pytest.raises(OSError) as caught:
                while time.monotonic() < deadline:
                    sending.send(b"one more")
                    time.sleep(0.05)
            assert not isinstance(caught.value, TimeoutError)


@BOTH
def test_the_end_of_the_time_cuts_like_a_revocation(shop, online, version):
    with online.download(version) as download, online.listen(version) as datagrams:
        shop.gate.admit(online.mac, 1)

        with pytest.raises(ConnectionResetError):
            online.read_on(download)
        assert online.falls_silent(datagrams)
    assert online.get(version).status == 302


def test_admitting_again_extends_and_interrupts_nothing(shop, online):
    shop.gate.admit(online.mac, 1)
    with online.download(4) as download:
        shop.gate.admit(online.mac, 600)
        time.sleep(1.2)

        assert not online.falls_silent(download, within_s=1.5)


def test_revoking_one_phone_leaves_another_online(shop, online):
    other = "02:00:00:00:00:0b"
    shop.gate.admit(other, 600)
    shop.gate.revoke(other)

    assert online.get(4).status == 200
