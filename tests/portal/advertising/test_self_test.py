import datetime as dt
import socket

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from portal.advertising import self_test
from portal.advertising.api_uri import ApiUri
from portal.advertising.fault import Fault, UnfitError, mending
from tests.portal.advertising.self_signed import self_signed
from tests.portal.advertising.stand_in import NAME, answer

MARGIN = dt.timedelta(hours=48)


def fault(stand_in, now, port=None):
    uri = ApiUri("", NAME, port or stand_in.port, "/captive-portal/api")
    try:
        self_test.examine(uri, "127.0.0.1", now, MARGIN)
    except UnfitError as error:
        return error.fault
    return None


def test_asks_as_a_phone_does(stand_in, now):
    assert fault(stand_in, now) is None

    [asked] = stand_in.asked
    assert asked.startswith(b"GET /captive-portal/api HTTP/1.1\r\n")
    assert f"\r\nHost: {NAME}:{stand_in.port}\r\n".encode() in asked
    assert b"\r\nAccept: application/captive+json\r\n" in asked


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param(answer(kind="Application/Captive+JSON; charset=utf-8"), None, id="parameter"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/captive+json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
            b'2f\r\n{"captive":false,"user-portal-url":"https://x/"}\r\n0\r\n\r\n',
            Fault.NOT_HTTP,
            id="chunk-of-a-wrong-length",
        ),
        pytest.param(answer(status="500 No"), Fault.NOT_OK, id="error"),
        pytest.param(
            answer(status="302 Found", headers="Location: /\r\n"), Fault.NOT_OK, id="redirect"
        ),
        pytest.param(answer(kind="application/json"), Fault.WRONG_TYPE, id="json"),
        pytest.param(answer(kind="text/html", body=b"<p>"), Fault.WRONG_TYPE, id="page"),
        pytest.param(answer(body=b"{"), Fault.NOT_JSON, id="half"),
        pytest.param(answer(body=b"\xff"), Fault.NOT_JSON, id="not-utf-8"),
        pytest.param(answer(["captive"]), Fault.NOT_JSON, id="no-object"),
        pytest.param(answer(body=b"[" * 4000), Fault.NOT_JSON, id="deep"),
        pytest.param(answer({}), Fault.NO_CAPTIVE, id="empty"),
        pytest.param(answer({"captive": "true"}), Fault.NO_CAPTIVE, id="captive-is-text"),
        pytest.param(answer({"captive": True}), Fault.NO_PORTAL_URL, id="no-portal-url"),
        pytest.param(
            answer({"captive": True, "user-portal-url": "http://x/"}),
            Fault.NO_PORTAL_URL,
            id="portal-without-tls",
        ),
        pytest.param(answer(body=b" " * 4097), Fault.TOO_LONG, id="longer-than-android-reads"),
        pytest.param(answer(body=b" " * 99_999), Fault.TOO_LONG, id="very-long"),
        pytest.param(b"SSH-2.0-x\r\n", Fault.NOT_HTTP, id="not-http"),
        pytest.param(b"", Fault.NOT_HTTP, id="nothing"),
        pytest.param(answer()[:-5], Fault.NOT_HTTP, id="cut-off"),
    ],
)
def test_demands_of_the_answer_what_phones_do(stand_in, now, given, found):
    stand_in.answer = given

    assert fault(stand_in, now) is found


@given(st.binary(max_size=300))
def test_no_answer_upsets_it(raw):
    for each in (raw, b"HTTP/1.1 200 OK\r\n" + raw, answer(body=raw)):
        with pytest.raises(UnfitError):
            self_test.check_answer(each)


@pytest.mark.parametrize(
    ("certificate", "found"),
    [
        pytest.param(lambda _: self_signed(NAME), Fault.SELF_SIGNED, id="self-signed"),
        pytest.param(
            lambda _: trustme.CA().issue_cert(NAME), Fault.CHAIN_INCOMPLETE, id="unknown-authority"
        ),
        pytest.param(lambda ca: ca.issue_cert("else.test"), Fault.WRONG_NAME, id="another-name"),
        pytest.param(
            lambda ca: ca.issue_cert(NAME, not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
            Fault.EXPIRED,
            id="expired",
        ),
        pytest.param(
            lambda ca: ca.issue_cert(NAME, not_after=dt.datetime.now(dt.UTC) + MARGIN),
            Fault.ENDS_SOON,
            id="ends-soon",
        ),
        pytest.param(lambda ca: ca.create_child_ca().issue_cert(NAME), None, id="with-its-issuer"),
    ],
)
def test_demands_a_certificate_that_phones_take(stand_in, authority, now, certificate, found):
    stand_in.certificate = certificate(authority)

    assert fault(stand_in, now) is found


def test_a_chain_without_its_issuer_is_incomplete(stand_in, authority, now):
    whole = authority.create_child_ca().issue_cert(NAME)
    stand_in.certificate = trustme.LeafCert(
        whole.private_key_pem.bytes(), whole.cert_chain_pems[0].bytes(), []
    )

    assert fault(stand_in, now) is Fault.CHAIN_INCOMPLETE


def test_a_self_signed_certificate_that_is_trusted_here_is_still_none(
    stand_in, now, tmp_path, monkeypatch
):
    stand_in.certificate = self_signed(NAME)
    file = tmp_path / "also-trusted.pem"
    stand_in.certificate.cert_chain_pems[0].write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    assert fault(stand_in, now) is Fault.SELF_SIGNED


def test_says_that_nobody_answers(stand_in, now):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))

        assert fault(stand_in, now, nobody.getsockname()[1]) is Fault.UNREACHABLE


def test_waits_for_a_silent_portal_no_longer_than_a_phone(stand_in, now):
    stand_in.answer = None

    assert fault(stand_in, now) is Fault.TOO_SLOW


@pytest.mark.parametrize("each", Fault)
def test_every_fault_says_how_to_mend_it(each):
    assert mending(each)
