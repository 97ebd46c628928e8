import ssl

import pytest
import trustme

from hq.models.every import metadata
from tests import tables
from tests.attack.served import serving


@pytest.fixture
def hq(in_memory):
    """Headquarters' empty database."""
    database = tables.sqlite(in_memory / "hq.sqlite", metadata)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def served():
    with serving() as place:
        yield place


@pytest.fixture(scope="session")
def served_by_tls(tmp_path_factory):
    """The same, with a certificate of its own."""
    file, authority = tmp_path_factory.mktemp("tls") / "pair.pem", trustme.CA()
    authority.issue_cert("box.example").private_key_and_cert_chain_pem.write_to_path(file)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with serving((str(file), str(file)), trusting) as place:
        yield place


@pytest.fixture(params=["served", "served_by_tls"], ids=["http", "https"])
def web(request):
    return request.getfixturevalue(request.param)
