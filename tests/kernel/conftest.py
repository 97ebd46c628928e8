import pytest

from tests.kernel.machine import Machine


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    """With five simulated radios."""
    radios = ("bridge", "mac80211_hwsim radios=5")
    return Machine(tmp_path_factory.mktemp("machine"), *radios)
