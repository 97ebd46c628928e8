import numpy as np

from analytics.devices import linking
from analytics.devices.names import NOBODY
from analytics.visits import bursts
from analytics.visits.sightings_table import Sightings

WINDOW_US = 900_000_000


def found(*rows):
    """Bursts of (seconds, address, look, dBm), as (seconds, address, look, sightings, dBm)."""
    at_s, address, look, dbm = np.array(sorted(rows)).T
    made_up = address > 5
    heard = Sightings((at_s * 1e6).astype(np.int64), address, look, made_up, dbm.astype(np.int16))
    linked = linking.follow(NOBODY, linking.Heard(*heard[:4]), WINDOW_US)
    table = bursts.find(heard, linked.edge, linked.device)
    columns = ("heard_at_us", "address", "fingerprint", "sightings", "strongest_dbm")
    return [(at // 10**6, *rest) for at, *rest in table[list(columns)].tolist()]


def test_a_burst_is_over_after_five_seconds_of_silence():
    assert found((0, 1, 7, -60), (4, 1, 7, -50), (9, 1, 7, -70), (15, 1, 7, -40)) == [
        (0, 1, 7, 3, -50),
        (15, 1, 7, 1, -40),
    ]


def test_every_address_and_every_look_has_bursts_of_its_own():
    assert found((0, 1, 7, -60), (1, 1, 8, -60), (2, 2, 7, -60), (3, 1, 7, -60)) == [
        (0, 1, 7, 2, -60),
        (1, 1, 8, 1, -60),
        (2, 2, 7, 1, -60),
    ]


def test_no_burst_goes_on_into_the_next_window():
    assert [begin for begin, *_ in found((898, 1, 7, -60), (901, 1, 7, -60))] == [898, 901]
