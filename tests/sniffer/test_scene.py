import datetime as dt
import itertools

import pytest
from scapy.layers.dot11 import Dot11Elt, Dot11FCS, Dot11ProbeReq, RadioTap
from scapy.utils import RawPcapReader

from core.setting_groups.traffic import TrafficSettings
from sniffer import capture_file, frames
from sniffer.frames import ProbeRequest, Rejected
from sniffer.scene.models import AddressHabit, market
from sniffer.scene.people import Kind
from sniffer.scene.shop import Scene

OPENING = dt.datetime(2026, 5, 16, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))
THRESHOLDS = TrafficSettings()


@pytest.fixture(scope="module")
def scene():
    return Scene(OPENING, hours=2)


@pytest.fixture(scope="module")
def played(scene):
    return scene.play()


@pytest.fixture(scope="module")
def heard(played):
    """Each phone's probe requests, by phone."""
    by_phone = {phone.phone: [] for phone in played[1].phones}
    for frame in played[0]:
        if frame.phone is not None:
            by_phone[frame.phone].append((frame.at_us, frames.decode(frame.data, 127)))
    return by_phone


def test_a_seed_always_gives_the_same_file(tmp_path):
    for name in ("first", "second"):
        Scene(OPENING, hours=0.2).write(tmp_path / name)

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_another_seed_gives_another_day():
    assert Scene(OPENING, seed=1, hours=0.2).play() != Scene(OPENING, seed=2, hours=0.2).play()


def test_the_file_holds_the_frames_in_order(played, scene, tmp_path):
    scene.write(tmp_path / "shop.pcap")

    read = [(frame.at_us, frame.data) for frame in capture_file.read(tmp_path / "shop.pcap")]

    assert read == [(frame.at_us, frame.data) for frame in played[0]]
    assert read == sorted(read, key=lambda frame: frame[0])


@pytest.mark.parametrize("with_fcs", [True, False], ids=["with-fcs", "without-fcs"])
def test_scapy_reads_every_probe_request_to_its_last_element(with_fcs, tmp_path):
    Scene(OPENING, hours=0.1, with_fcs=with_fcs).write(tmp_path / "shop.pcap")

    with RawPcapReader(str(tmp_path / "shop.pcap")) as reader:
        captured = [data for data, _ in reader]
    for data in captured:
        frame = RadioTap(data)
        assert frame.haslayer(Dot11FCS) == with_fcs
        if frame.haslayer(Dot11ProbeReq):
            last = list(frame.iterpayloads())[-1]
            assert isinstance(last, Dot11Elt)
            assert last.len == len(last.info)


def test_what_is_a_phones_is_a_probe_request_and_the_rest_is_not(played):
    for frame in played[0]:
        decoded = frames.decode(frame.data, 127)
        assert isinstance(decoded, ProbeRequest) == (frame.phone is not None)
        if frame.phone is None:
            assert decoded is Rejected.OTHER_TYPE


def test_there_is_something_to_reject(played):
    assert sum(frame.phone is None for frame in played[0]) > 100


def test_everybody_is_somewhere_between_coming_and_going(played):
    for phone in played[1].phones:
        assert phone.near_from < phone.near_until
        if phone.kind is Kind.PASSER_BY:
            assert phone.inside_from is phone.inside_until is None
        else:
            assert phone.near_from <= phone.inside_from < phone.inside_until <= phone.near_until


def test_a_phone_is_heard_only_while_it_is_near(played, heard):
    for phone in played[1].phones:
        for at_us, _ in heard[phone.phone]:
            at = dt.datetime.fromtimestamp(at_us / 1e6, dt.UTC)
            assert phone.near_from <= at <= phone.near_until + dt.timedelta(seconds=1)


def test_about_as_many_come_by_and_come_in_as_was_asked_for():
    _, truth = Scene(OPENING, hours=12, people_per_hour=100, entry_share=0.2).play()

    people = truth.count(Kind.PASSER_BY) + truth.count(Kind.VISITOR)
    assert people == pytest.approx(1200, rel=0.15)
    assert truth.count(Kind.VISITOR) / people == pytest.approx(0.2, abs=0.05)
    assert truth.count(Kind.STAFF) == 3
    assert truth.count(Kind.FIXTURE) == 3


@pytest.mark.parametrize(
    ("kind", "loudest", "share"),
    [
        pytest.param(Kind.VISITOR, 0, 0.7, id="visitors-inside"),
        pytest.param(Kind.STAFF, 0, 0.7, id="staff-inside"),
        pytest.param(Kind.PASSER_BY, THRESHOLDS.inside_dbm - 1, 0.95, id="passers-by-outside"),
    ],
)
def test_the_thresholds_we_ship_with_make_sense_here(kind, loudest, share, played, heard):
    signals = [
        request.signal_dbm
        for phone in played[1].phones
        if phone.kind is kind
        for _, request in heard[phone.phone]
    ]
    if kind is Kind.PASSER_BY:
        fitting = [THRESHOLDS.outside_dbm <= signal <= loudest for signal in signals]
        assert sum(signal <= loudest for signal in signals) / len(signals) > share
        assert sum(fitting) / len(signals) > 0.75
    else:
        assert sum(signal >= THRESHOLDS.inside_dbm for signal in signals) / len(signals) > share


def test_most_addresses_are_made_up_and_soon_dropped(heard):
    lives_us = {}
    for at_us, request in itertools.chain.from_iterable(heard.values()):
        first, _ = lives_us.setdefault(request.sender, (at_us, at_us))
        lives_us[request.sender] = (first, at_us)

    made_up = [last - first for mac, (first, last) in lives_us.items() if mac.is_randomised]
    assert len(made_up) > len(lives_us) / 2
    assert sorted(made_up)[len(made_up) // 2] < 1_000_000


def test_fixtures_keep_the_address_from_the_factory(played, heard):
    for phone in played[1].phones:
        if phone.kind is Kind.FIXTURE:
            senders = {request.sender for _, request in heard[phone.phone]}
            assert len(senders) == 1
            assert not senders.pop().is_randomised


def test_hardly_two_versions_of_models_look_alike():
    looks = [
        model.elements(version, 1, short=short)
        for model in market().phones + market().fixtures
        for short in (False, True)
        for version in range(model.versions)
    ]

    repeated = len(looks) - len(set(looks))
    assert repeated / len(looks) < 0.1


def test_models_differ_in_how_they_behave():
    phones = market().phones

    assert len(phones) >= 25
    assert {phone.address for phone in phones} == set(AddressHabit)
    assert {phone.restarts for phone in phones} == {True, False}
    assert {phone.asks_by_name for phone in phones} == {True, False}
