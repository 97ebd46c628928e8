import datetime as dt
import socket

import pytest
import trustme

from tests.portal.advertising.stand_in import NAME, StandIn


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """An authority that this machine trusts."""
    authority = trustme.CA()
    file = tmp_path / "trusted.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "no-more"))
    return authority


@pytest.fixture
def stand_in(authority):
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        StandIn(listening, authority.issue_cert(NAME)) as stand_in,
    ):
        yield stand_in


@pytest.fixture
def now():
    """Certificates are checked by this machine's clock."""
    return dt.datetime.now(dt.UTC)
