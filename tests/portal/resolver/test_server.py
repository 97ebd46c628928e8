import contextlib
import socket
import threading

import pytest
from scapy.layers.dns import DNS, DNSQR, DNSRR

from portal.resolver.server import Resolver, ResolverError

ADDRESS = "203.0.113.10"
_PATIENCE_S = 5


class Upstream:
    """Answers every name but those that begin with `slow`."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = self._socket.getsockname()
        self.asked = []
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.address)
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            words, asker = self._socket.recvfrom(1000)
            if not words:
                return
            query = DNS(words)
            name = query.qd[0].qname
            self.asked.append(name)
            if not name.startswith(b"slow"):
                record = DNSRR(rrname=name, rdata=ADDRESS)
                self._socket.sendto(bytes(DNS(id=query.id, qr=1, qd=query.qd, an=[record])), asker)


@pytest.fixture
def upstream():
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def port(upstream):
    stop_event = threading.Event()
    with Resolver(0, upstream.address) as resolver:
        thread = threading.Thread(target=resolver.serve, args=(stop_event,))
        thread.start()
        yield resolver.port
        stop_event.set()
        thread.join()


@contextlib.contextmanager
def phone(port, host="127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.settimeout(_PATIENCE_S)
        # Hears from the address it asked alone, as phones do.
        asking.connect((host, port))
        yield asking


def ask(asking, name, kind="A"):
    asking.send(bytes(DNS(id=5, rd=1, qd=DNSQR(qname=name, qtype=kind))))
    return DNS(asking.recv(1000))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1"])
def test_answers_from_the_address_that_was_asked(port, host):
    with phone(port, host) as asking:
        assert ask(asking, "www.shop.test").an[0].rdata == ADDRESS


@pytest.mark.parametrize("kind", ["TXT", "CNAME", "HTTPS"])
def test_only_questions_for_addresses_go_further(port, upstream, kind):
    with phone(port) as asking:
        answer = ask(asking, "www.shop.test", kind)

    assert (answer.rcode, answer.ancount) == (0, 0)
    assert upstream.asked == []


def test_a_long_name_goes_no_further(port, upstream):
    with phone(port) as asking:
        answer = ask(asking, ".".join(["a" * 60] * 3))

    assert answer.rcode == 5
    assert upstream.asked == []


def test_goes_on_after_nonsense(port):
    with phone(port) as asking:
        for words in (b"", b"\x10\xd1\x9e\x10", bytes(600)):
            asking.send(words)

        assert ask(asking, "www.shop.test").an[0].rdata == ADDRESS


def test_names_that_are_slow_on_purpose_do_not_crowd_out_the_others(port, upstream):
    with phone(port) as slow, phone(port) as asking:
        for number in range(20):
            for each in range(20):
                slow.send(bytes(DNS(rd=1, qd=DNSQR(qname=f"slow{each}.tunnel.test"))))

            assert ask(asking, f"www{number}.shop.test").an[0].rdata == ADDRESS
    assert len(upstream.asked) == 20 * 21


def test_says_that_its_port_is_taken(port, upstream):
    with pytest.raises(ResolverError, match=r"resolver\.port"):
        Resolver(port, upstream.address)
