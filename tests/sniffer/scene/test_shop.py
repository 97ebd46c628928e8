import datetime as dt

import pytest
from scapy.layers.dot11 import Dot11Elt, Dot11FCS, Dot11ProbeReq, RadioTap
from scapy.utils import RawPcapReader

from core.setting_groups.traffic import TrafficSettings
from sniffer import frames
from sniffer.frames import ProbeRequest, Rejected
from sniffer.scene.people import Kind
from sniffer.scene.shop import Scene

OPENING = dt.datetime(2026, 5, 16, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))
THRESHOLDS = TrafficSettings()
GEAR = (Kind.FURNITURE, Kind.NEIGHBOUR)


@pytest.fixture(scope="module")
def played():
    return Scene(OPENING, hours=1, staff=10).play()


@pytest.fixture(scope="module")
def heard(played):
    """Each device's probe requests, by device."""
    by_device = {device.number: [] for device in played[1].devices}
    for frame in played[0]:
        if frame.phone is not None:
            by_device[frame.phone].append((frame.at_us, frames.decode(frame.data, 127)))
    return by_device


@pytest.fixture(scope="module")
def trips(played):
    """The trips of each device's owner, by device."""
    return {device.number: played[1].people[device.person].trips for device in played[1].devices}


def test_a_seed_always_gives_the_same_file(tmp_path):
    for name in ("first", "second"):
        Scene(OPENING, hours=0.2).write(tmp_path / name)

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_another_seed_gives_another_day():
    first, second = (Scene(OPENING, seed=seed, hours=0.2).play() for seed in (1, 2))

    assert first[0] != second[0]


def test_frames_come_in_the_order_of_time(played):
    at_us = [frame.at_us for frame in played[0]]

    assert at_us == sorted(at_us)


@pytest.mark.parametrize("with_fcs", [True, False], ids=["with-fcs", "without-fcs"])
def test_scapy_reads_every_probe_request_to_its_last_element(with_fcs, tmp_path):
    Scene(OPENING, hours=0.03, with_fcs=with_fcs, channels=(1, 36)).write(tmp_path / "shop.pcap")

    with RawPcapReader(str(tmp_path / "shop.pcap")) as reader:
        captured = [RadioTap(data) for data, _ in reader]
    assert {frame.ChannelFrequency for frame in captured} == {2412, 5180}
    for frame in captured:
        assert frame.haslayer(Dot11FCS) == with_fcs
        if frame.haslayer(Dot11ProbeReq):
            last = list(frame.iterpayloads())[-1]
            assert isinstance(last, Dot11Elt)
            assert last.len == len(bytes(last)) - 2


def test_what_is_a_phones_is_a_probe_request_and_the_rest_is_not(played):
    for frame in played[0]:
        decoded = frames.decode(frame.data, 127)
        assert isinstance(decoded, ProbeRequest) == (frame.phone is not None)
        if frame.phone is None:
            assert decoded is Rejected.OTHER_TYPE


def test_there_is_something_to_reject(played):
    assert sum(frame.phone is None for frame in played[0]) > 100


def test_a_phone_is_heard_only_while_it_is_near(heard, trips, played):
    start_s = played[1].start.timestamp()
    for device, requests in heard.items():
        walks = [trip.walk for trip in trips[device]]
        for at_us, _ in requests:
            at_s = at_us / 1e6 - start_s
            assert any(walk.start_s <= at_s <= walk.end_s for walk in walks)


@pytest.mark.parametrize(
    ("kind", "inside", "share"),
    [
        pytest.param(Kind.VISITOR, True, 0.6, id="visitors-inside"),
        pytest.param(Kind.STAFF, True, 0.6, id="staff-inside"),
        pytest.param(Kind.PASSER_BY, False, 0.8, id="passers-by-outside"),
        pytest.param(Kind.NEIGHBOUR, False, 0.9, id="neighbours-outside"),
    ],
)
def test_the_thresholds_we_ship_with_make_sense_here(kind, inside, share, heard, trips):
    signals = [
        request.signal_dbm
        for device, requests in heard.items()
        if trips[device][0].kind is kind
        for _, request in requests
    ]

    fitting = [(signal >= THRESHOLDS.inside_dbm) == inside for signal in signals]
    assert sum(fitting) / len(signals) > share


def test_furniture_keeps_the_address_from_the_factory(heard, trips):
    for device, requests in heard.items():
        if trips[device][0].kind is Kind.FURNITURE and requests:
            senders = {request.sender for _, request in requests}
            assert len(senders) == 1
            assert not senders.pop().is_randomised
