import pytest

from core.settings import SettingsError
from gear.opening import open_driver


def test_a_firewall_of_ours_is_no_gateway_of_another_make(settings):
    with pytest.raises(SettingsError, match=r"gate\.kind"):
        open_driver(settings)
