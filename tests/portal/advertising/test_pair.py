import datetime as dt
import ssl

import pytest
import trustme

from portal.advertising import pair
from portal.advertising.pair import Pair, PairError
from tests.portal.advertising.self_signed import self_signed
from tests.portal.advertising.stand_in import NAME


@pytest.fixture
def new(tmp_path):
    """`new(certificate)`: what was handed in."""

    def write(certificate, key=None):
        folder = tmp_path / "handed-in"
        folder.mkdir(exist_ok=True)
        files = Pair(folder / "chain", folder / "key")
        files.chain.write_bytes(b"".join(each.bytes() for each in certificate.cert_chain_pems))
        files.key.write_bytes(key or certificate.private_key_pem.bytes())
        return files

    return write


@pytest.fixture(params=["one-file", "two-files"])
def place(tmp_path, request):
    folder = tmp_path / "tls"
    return Pair(
        folder / "portal.pem", folder / ("portal.pem" if request.param == "one-file" else "key.pem")
    )


def test_puts_a_good_pair_in_place(authority, new, place, now):
    issued = authority.create_child_ca().issue_cert(NAME)
    taken = pair.install(new(issued), place, NAME, now)

    assert ("DNS", NAME) in taken["subjectAltName"]
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(place.chain, place.key)
    assert issued.cert_chain_pems[1].bytes().strip() in place.chain.read_bytes()
    assert place.key.stat().st_mode & 0o777 == 0o600
    assert pair.check(place, NAME, now) == taken
    assert set(place.chain.parent.iterdir()) == set(place)


def test_the_next_one_keeps_its_readers_but_never_all_the_world(authority, new, place, now):
    pair.install(new(authority.issue_cert(NAME)), place, NAME, now)
    before = place.chain.read_bytes()
    place.key.chmod(0o644)
    pair.install(new(authority.issue_cert(NAME)), place, NAME, now)

    assert place.chain.read_bytes() != before
    assert place.key.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        pytest.param(lambda _: self_signed(NAME), "self_signed", id="self-signed"),
        pytest.param(lambda _: trustme.CA().issue_cert(NAME), "incomplete", id="unknown"),
        pytest.param(lambda ca: ca.issue_cert("else.test"), "another_name", id="another-name"),
        pytest.param(
            lambda ca: ca.issue_cert(NAME, not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
            "expired",
            id="expired",
        ),
    ],
)
def test_a_bad_one_leaves_what_was_there(authority, new, place, certificate, says):
    now = dt.datetime.now(dt.UTC)
    pair.install(new(authority.issue_cert(NAME)), place, NAME, now)
    before = {file: file.read_bytes() for file in place}

    with pytest.raises(PairError, match=says):
        pair.install(new(certificate(authority)), place, NAME, now)
    assert {file: file.read_bytes() for file in place} == before
    assert set(place.chain.parent.iterdir()) == set(place)


def test_a_key_of_another_certificate_is_refused(authority, new, place, now):
    other = authority.issue_cert(NAME).private_key_pem.bytes()

    with pytest.raises(PairError, match="not this certificate's"):
        pair.install(new(authority.issue_cert(NAME), other), place, NAME, now)


def test_a_locked_key_is_refused_without_asking(authority, new, place, now):
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - here alone

    issued = authority.issue_cert(NAME)
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )

    with pytest.raises(PairError, match="password"):
        pair.install(new(issued, locked), place, NAME, now)


def test_what_is_no_pem_is_refused(authority, new, place, now):
    with pytest.raises(PairError, match="PEM"):
        pair.install(new(authority.issue_cert(NAME), b"\x30\x82"), place, NAME, now)


def test_a_folder_that_cannot_be_written_is_named(authority, new, now):
    place = Pair(*[pair.Path("/proc/nowhere/portal.pem")] * 2)

    with pytest.raises(PairError, match="/proc/nowhere"):
        pair.install(new(authority.issue_cert(NAME)), place, NAME, now)
