import pytest

from tests.kernel.machine import Machine


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    """With four simulated radios."""
    radios = ("bridge", "mac80211_hwsim radios=4")
    return Machine(tmp_path_factory.mktemp("machine"), *radios)
