import contextlib
import socket
import ssl

import pytest
import trustme

from appliance import web_tls
from appliance.web_tls import Certificate
from tests.attack.served import serving

ASKED = b"GET /members?page=2 HTTP/1.1\r\nAccept: */*\r\nHost: box.example:8081\r\n\r\n"


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def issue(tmp_path, authority):
    """Puts a certificate and its key in place, in one file as renewals do."""
    place = tmp_path / "pair.pem"

    def issue(name="box.example"):
        new = tmp_path / "new.pem"
        authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(new)
        new.replace(place)
        return str(place)

    return issue


def handshake(certificate, authority):
    """Whose certificate a browser sees."""
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    authority.configure_trust(trusting)
    with contextlib.ExitStack() as closing:
        ours, theirs = (closing.enter_context(each) for each in socket.socketpair())
        ours.setblocking(False)
        theirs.setblocking(False)
        server = closing.enter_context(certificate.wrap(ours))
        browser = closing.enter_context(trusting.wrap_socket(theirs, do_handshake_on_connect=False))
        while True:
            with contextlib.suppress(BlockingIOError):
                web_tls.received(server, 100)
            with contextlib.suppress(ssl.SSLWantReadError):
                browser.do_handshake()
                break
        return [name for _, name in browser.getpeercert()["subjectAltName"]]


def test_a_renewed_certificate_is_shown_without_a_restart(issue, authority):
    certificate = Certificate(issue(), issue())
    assert handshake(certificate, authority) == ["box.example"]

    issue("renewed.example")

    assert handshake(certificate, authority) == ["renewed.example"]


def test_one_that_cannot_be_used_leaves_the_old_one(issue, authority, tmp_path):
    certificate = Certificate(issue(), issue())
    (tmp_path / "pair.pem").write_text("half a certificate")
    assert handshake(certificate, authority) == ["box.example"]

    (tmp_path / "pair.pem").unlink()
    assert handshake(certificate, authority) == ["box.example"]

    issue("renewed.example")
    assert handshake(certificate, authority) == ["renewed.example"]


@pytest.mark.parametrize(
    ("request_", "leads_to"),
    [
        pytest.param(ASKED, "https://box.example:8081/members?page=2", id="page"),
        pytest.param(ASKED.replace(b"box.example", b"[::1]"), "https://[::1]:8081/", id="ipv6"),
        pytest.param(ASKED.replace(b"GET", b"POST"), None, id="form"),
        pytest.param(ASKED.replace(b"Host: box.example:8081\r\n", b""), None, id="no host"),
        pytest.param(
            ASKED.replace(b"/members", b"//evil.example"),
            "https://box.example:8081//evil.example?page=2",
            id="a path like a host",
        ),
        pytest.param(ASKED.replace(b"box.", b"evil.example/x@box."), None, id="no host's name"),
        pytest.param(ASKED.replace(b"?page", b"\r\nX: y"), None, id="two lines"),
        pytest.param(b"\x80\x00\x01\r\n\r\n", None, id="no HTTP"),
    ],
)
def test_who_asks_in_the_clear_is_led_to_the_same_page_or_refused(request_, leads_to):
    answer = web_tls.led_over(request_).decode()

    if leads_to is None:
        assert answer.startswith("HTTP/1.1 400 ")
        assert "Location" not in answer
    else:
        assert answer.startswith("HTTP/1.1 301 ")
        assert f"\r\nLocation: {leads_to}" in answer


def test_the_program_speaks_https_and_nothing_older(issue, authority):
    file = issue()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with serving((file, file), trusting) as place:
        assert place.ask(b"GET / HTTP/1.1\r\n\r\n").endswith(b"https 0 octets")
        with place.connect() as in_the_clear:
            in_the_clear.sendall(ASKED)
            assert in_the_clear.recv(4096).startswith(b"HTTP/1.1 301 ")
        older = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        older.check_hostname, older.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            older.minimum_version = older.maximum_version = ssl.TLSVersion.TLSv1_1
        older.set_ciphers("ALL:@SECLEVEL=0")
        with place.connect() as asking, pytest.raises((ssl.SSLError, ConnectionError)):
            older.wrap_socket(asking)
