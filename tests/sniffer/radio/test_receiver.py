import errno

import pytest

from core.netlink import BadMessageError
from sniffer.radio.channels import Channel
from sniffer.radio.nl80211 import Mode
from sniffer.radio.plans import Plan
from sniffer.radio.receiver import RadioError, RadioGoneError, Receiver
from tests.sniffer.radio.radios import Radios, refusal

ONE, SIX = Channel.of(1), Channel.of(6)
MESH, ACCESS_POINT = 7, Mode.ACCESS_POINT


def test_an_interface_is_brought_into_monitor_mode_and_then_up():
    air = Radios("wlan1")
    air.up = set(air.found)
    receiver = Receiver("wlan1", air)
    assert not receiver.is_ready()

    receiver.prepare()

    assert receiver.is_ready()
    # Never up in a mode in which it might send.
    assert air.done == [("wlan1", Mode.STATION, "down"), ("wlan1", Mode.MONITOR, "up")]


def test_an_interface_that_is_down_is_not_ready():
    air = Radios()
    air.plug_in("wlan1", mode=Mode.MONITOR)
    receiver = Receiver("wlan1", air)
    assert not receiver.is_ready()

    receiver.prepare()
    assert receiver.is_ready()

    receiver.take_down()
    assert not receiver.is_ready()


@pytest.mark.parametrize(
    ("mode", "is_connected"),
    [
        pytest.param(ACCESS_POINT, True, id="access point"),
        pytest.param(MESH, False, id="mesh"),
        pytest.param(Mode.STATION, True, id="the way to the internet"),
    ],
)
def test_an_interface_in_use_is_left_alone(mode, is_connected):
    air = Radios()
    air.plug_in("wlan0", mode=mode, is_connected=is_connected)

    with pytest.raises(RadioError, match="wlan0 is in use"):
        Receiver("wlan0", air).prepare()

    assert air.done == []


@pytest.mark.parametrize(
    ("radio", "mode", "is_connected", "shares"),
    [
        pytest.param(0, ACCESS_POINT, True, True, id="access point"),
        pytest.param(0, ACCESS_POINT, False, True, id="access point about to open"),
        pytest.param(0, Mode.STATION, True, True, id="connected"),
        pytest.param(0, Mode.STATION, False, False, id="idle"),
        pytest.param(0, Mode.MONITOR, False, False, id="another ear"),
        pytest.param(1, ACCESS_POINT, True, False, id="on another radio"),
    ],
)
def test_a_radio_is_shared_with_whoever_serves_a_network_on_it(radio, mode, is_connected, shares):
    air = Radios()
    air.plug_in("mon0", 0, Mode.MONITOR)
    air.plug_in("wlan0", radio, mode, is_connected=is_connected)

    assert Receiver("mon0", air).shared_with() == ("wlan0" if shares else None)


def test_it_is_tuned_and_tells_its_channels():
    air = Radios("wlan0", "wlan1")
    receiver = Receiver("wlan1", air)

    receiver.tune(SIX)

    assert air.done == [("wlan1", SIX)]
    assert receiver.channels() == (ONE, SIX)


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (errno.EPERM, "CAP_NET_ADMIN"),
        (errno.EBUSY, "another interface uses its radio"),
        (errno.EOPNOTSUPP, "another Wi-Fi card"),
        (errno.ERFKILL, "rfkill unblock"),
        (errno.EPROTONOSUPPORT, "driver loaded"),
        (errno.EAFNOSUPPORT, "RestrictAddressFamilies"),
        (errno.ENODEV, "no Wi-Fi interface"),
        (errno.EIO, "Input/output error"),
    ],
    ids=errno.errorcode.get,
)
def test_a_refusal_is_told_with_what_to_mend(number, mend):
    air = Radios("wlan1")
    air.refuse["set_channel"] = refusal(number)

    with pytest.raises(RadioError, match=mend) as raised:
        Receiver("wlan1", air).tune(SIX)

    assert str(raised.value).startswith("wlan1 cannot be tuned: ")


def test_a_channel_that_is_refused_is_named():
    air = Radios("wlan1")
    air.refuse["set_channel"] = refusal(errno.EINVAL)

    with pytest.raises(RadioError, match=r"wlan1 may not listen on channel 6 \(2437 MHz\): "):
        Receiver("wlan1", air).tune(SIX)


def test_a_plan_is_fitted_to_the_radio():
    receiver = Receiver("wlan1", Radios("wlan1"))

    assert receiver.fit(Plan.read("slow 1 6", 10)) == (Plan.read("slow 1 6", 10), None)
    possible, problem = receiver.fit(Plan.read("slow 1 6 11 36", 10))
    assert possible == Plan.read("slow 1 6", 10)
    assert "may not listen on channel 11 (2462 MHz), 36 (5180 MHz)" in problem
    assert receiver.fit(Plan.read("fixed 36", 10))[0] is None


def test_no_plan_fits_a_radio_that_serves_a_network():
    air = Radios()
    air.plug_in("mon0", mode=Mode.MONITOR)
    air.plug_in("wlan0", mode=ACCESS_POINT)

    possible, problem = Receiver("mon0", air).fit(Plan.read("fixed 6", 10))

    assert possible is None
    assert "mon0 shares its radio with wlan0" in problem


@pytest.mark.parametrize(
    ("what", "ask"),
    [
        ("interface", Receiver.is_ready),
        ("set_mode", Receiver.prepare),
        ("set_up", Receiver.take_down),
        ("interfaces", Receiver.shared_with),
        ("radio", Receiver.channels),
    ],
)
@pytest.mark.parametrize("error", [refusal(errno.EPERM), BadMessageError("nonsense")], ids=type)
def test_whatever_is_refused_is_an_error_of_the_radio(what, ask, error):
    air = Radios("wlan1")
    air.refuse[what] = error

    with pytest.raises(RadioError, match="wlan1") as raised:
        ask(Receiver("wlan1", air))

    assert not isinstance(raised.value, RadioGoneError)


def test_an_interface_that_is_not_there_may_come():
    air = Radios()
    receiver = Receiver("wlan1", air)
    with pytest.raises(RadioGoneError, match="no interface wlan1"):
        receiver.prepare()

    air.plug_in("wlan1")
    receiver.prepare()

    assert receiver.is_ready()


def test_an_interface_may_go_in_the_middle_of_a_question():
    class Slipping(Radios):
        def set_channel(self, _index, _channel):
            self.found.clear()
            raise refusal(errno.ENODEV)

    with pytest.raises(RadioGoneError, match="wlan1 has gone"):
        Receiver("wlan1", Slipping("wlan1")).tune(SIX)


def test_a_card_without_monitor_mode_is_told():
    radios = Radios("wlan1")
    radios.can_monitor = False

    possible, problem = Receiver("wlan1", radios).fit(Plan.read("fixed 6", 10))

    assert possible is None
    assert "another Wi-Fi card" in problem
