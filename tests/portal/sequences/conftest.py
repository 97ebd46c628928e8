import pytest

from tests.portal.sequences.air import Air
from tests.portal.sequences.handsets import Android, Iphone


@pytest.fixture
def air(app, gate, clock):
    return Air(app, gate, clock)


@pytest.fixture
def iphone(air):
    return Iphone(air, "127.0.0.11")


@pytest.fixture
def android(air):
    return Android(air, "127.0.0.12")


@pytest.fixture(params=[Iphone, Android])
def handset(request, air):
    """Whichever of the two: what is claimed holds for both."""
    return request.param(air, "127.0.0.13")
