import http.client
import json
import socket
import ssl

import pytest

from tests.portal.front.fronted import NAME, PHONE


def test_the_captive_portal_api_comes_by_https(secure):
    reply = secure.ask("/captive-portal/api")

    assert reply.status == 200
    assert json.loads(reply.body) == {"captive": True, "user-portal-url": f"{secure.url}/"}


@pytest.mark.parametrize("path", ["/", "/captive-portal/api", "/code"])
def test_by_http_our_own_name_leads_to_https(secure, path):
    reply = secure.ask(path, host=NAME)

    assert reply.status == 302
    assert reply.headers["Location"] == f"{secure.url}/"
    assert reply.headers["Connection"] == "close"


def test_apples_phones_are_shown_no_page_by_http(secure):
    reply = secure.ask("/", host=NAME, User_Agent="CaptiveNetworkSupport-1 wispr")

    assert reply.status == 302


def test_no_page_binds_phones_to_https(secure):
    # They would hold to it when the certificate has run out, and never see the portal again.
    assert "Strict-Transport-Security" not in secure.ask("/").headers


def test_a_connection_to_our_own_name_may_be_kept(secure):
    with secure.connect_securely() as connection:
        asking = http.client.HTTPSConnection(NAME)
        asking.sock = connection
        for _ in range(2):
            asking.request("GET", "/robots.txt", headers={"Host": NAME})
            assert asking.getresponse().read()


def trusting_anybody():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@pytest.mark.parametrize("name", ["www.example", "g.cn", None])
def test_no_certificate_is_shown_under_another_name(secure, name):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        secure.connect_securely(name=name, context=trusting_anybody()).close()


def test_http_2_is_spoken_and_nothing_older_than_tls_1_2(secure):
    with secure.connect_securely() as connection:
        assert connection.version() == "TLSv1.3"
    context = ssl.create_default_context(cafile=secure.authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with secure.connect_securely(context=context) as connection:
        assert connection.selected_alpn_protocol() == "h2"


def test_old_versions_of_tls_are_refused(secure):
    context = trusting_anybody()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        secure.connect_securely(context=context).close()


def test_another_host_on_that_connection_is_redirected(secure):
    with secure.connect_securely(PHONE) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: g.cn\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()

    assert answer.startswith("HTTP/1.1 302 ")
    assert f"\r\nLocation: {secure.url}/\r\n" in answer


@pytest.mark.parametrize(
    "octets", [b"GET / HTTP/1.1\r\nHost: g.cn\r\n\r\n", b"rubbish\r\n\r\n"], ids=["http", "rubbish"]
)
def test_plain_http_to_the_port_of_https_opens_nothing(secure, octets):
    with socket.create_connection(("127.0.0.1", secure.https_port), 10, (PHONE, 0)) as connection:
        connection.sendall(octets)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer[:12] in {b"", b"HTTP/1.1 302"}
