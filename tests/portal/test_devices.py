import datetime as dt
import threading

import sqlalchemy as sa

from core.mac import Mac
from core.models import device as devices_table
from core.models.device import Device
from portal import devices

MAC = Mac.parse("02:00:5e:10:00:01")


def test_a_phone_is_found_again_by_its_address(any_database, sealer, now):
    later = now + dt.timedelta(hours=1)
    with any_database.writing() as session:
        first = devices.find_or_make(session, sealer, MAC, now)
    with any_database.writing() as session:
        second = devices.find_or_make(session, sealer, MAC, later)

    assert second.id == first.id
    assert (second.first_seen_at, second.last_seen_at) == (now, later)


def test_the_address_is_stored_sealed(database, sealer, now):
    with database.writing() as session:
        device = devices.find_or_make(session, sealer, MAC, now)

    assert MAC.octets not in device.sealed_mac + device.lookup
    assert sealer.open(devices_table.MAC, device.sealed_mac) == MAC.octets
    assert device.randomised


def test_an_unknown_phone_is_not_made_by_looking(database, sealer):
    with database.reading() as session:
        assert devices.find(session, sealer, MAC) is None


def test_a_phone_that_asks_twice_at_once_is_one_phone(any_database, sealer, now):
    start = threading.Barrier(4)

    def ask():
        start.wait()
        with any_database.writing() as session:
            devices.find_or_make(session, sealer, MAC, now)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with any_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Device)) == 1
