import pytest

from tests.kernel.machine import Machine


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    """With five simulated radios, their ciphers, and what carries a line."""
    radios = ("bridge", "mac80211_hwsim radios=5", "ccm", "cmac", "gcm", "ctr")
    line = ("8021q", "pppoe", "ppp_async")
    return Machine(tmp_path_factory.mktemp("machine"), *radios, *line)
