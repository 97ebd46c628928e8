"""A console of ours, and gates that speak to it."""

import contextlib

import pytest
import trustme
from pydantic import SecretStr

from core.setting_groups.unifi import UnifiConsole, UnifiSettings
from gear.unifi.console import Console
from gear.unifi.driver import UnifiGate
from gear.unifi.line import Line
from tests.fakes.unifi import PASSWORD, USER, FakeConsole

ALICE, BERT = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
AT, OTHER = "192.168.1.23", "192.168.1.24"


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(params=["unifi-os", "standalone"])
def any_console(request, authority):
    """The same test on a console with UniFi OS, and on the application alone."""
    with FakeConsole(authority, standalone=request.param == "standalone") as console:
        yield console


@pytest.fixture
def console(authority):
    with FakeConsole(authority) as console:
        yield console


@pytest.fixture
def settings_of(ca_file):
    def make(console, /, **others):
        given = {
            "url": console.url,
            "console": UnifiConsole.STANDALONE if console.standalone else UnifiConsole.UNIFI_OS,
            "username": USER,
            "password": SecretStr(PASSWORD),
            "ca_file": ca_file,
        }
        return UnifiSettings(**given | others)

    return make


@pytest.fixture
def gate_of(settings_of):
    """A gate that reads when the test says so."""
    with contextlib.ExitStack() as lines:

        def make(console, *, behind_nat=False, **others):
            line = Line(settings_of(console, **others))
            lines.callback(line.close)
            return UnifiGate(
                Console(line), "default", read_every_s=5, longest_s=14_400, behind_nat=behind_nat
            )

        yield make


@pytest.fixture
def gate(gate_of, console):
    gate = gate_of(console)
    gate.read()
    return gate
