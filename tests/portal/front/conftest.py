import pytest

from appliance import front
from tests.portal.front.fronted import Fronted


def _fronted(tmp_path_factory, **kind):
    if front.find_program() is None:
        pytest.skip("not installed: nginx (apt-get install nginx-light)")
    with Fronted(tmp_path_factory.mktemp("front"), **kind) as fronted:
        yield fronted


@pytest.fixture(scope="session")
def fronted(tmp_path_factory):
    """A portal at an http address, behind nginx. Tests take phones of their own."""
    yield from _fronted(tmp_path_factory)


@pytest.fixture(scope="session")
def secure(tmp_path_factory):
    """The same at an https address."""
    yield from _fronted(tmp_path_factory, secure=True)


@pytest.fixture(scope="module")
def abandoned(tmp_path_factory):
    """The web server alone: no portal is behind it."""
    yield from _fronted(tmp_path_factory, portal=False)
