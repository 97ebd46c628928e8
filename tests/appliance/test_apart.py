"""What the sensor knows and what the portal knows cannot be put together."""

import datetime as dt
import re
import subprocess
import sys

import numpy as np
import pytest
import sqlalchemy as sa

from analytics.devices import linking
from core import sightings
from core.do_not_count import DoNotCountKey
from core.mac import Mac
from core.models.every import metadata
from core.models.opt_out import OptOut
from core.sightings import DayFile
from portal import devices
from portal.opt_outs import OptOutDesk
from sniffer.box import sensor as of_box
from sniffer.frames import LINK_RADIOTAP, Frame
from tests.conftest import NOON
from tests.sniffer.octets import PHONE, probe_request

NOON_US = int(NOON.timestamp()) * 1_000_000
# A moment alone joins nobody to anything.
_TIMES = {"heard_at_us", "start_us"}


def heard(settings):
    """What the day file holds of a phone that all know."""
    of_box(settings).run([Frame(NOON_US, LINK_RADIOTAP, probe_request())], lambda: False)
    with sightings.reading(settings.sightings_dir, settings.today(NOON)) as connection:
        [row] = connection.execute("SELECT address, fingerprint FROM sightings")
    return row


def test_no_column_is_in_both(tmp_path):
    DayFile(tmp_path, dt.date(2026, 5, 16)).close()
    with sightings.reading(tmp_path, dt.date(2026, 5, 16)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        names = {
            row[1] for table in tables for row in connection.execute(f"PRAGMA table_info({table})")
        }
    ours = {"address", "fingerprint", "randomised", "signal_dbm", "frequency_mhz", "sensor"}
    assert ours <= names - _TIMES

    theirs = {
        column.name
        for table in metadata.sorted_tables
        for column in table.columns
        # Pseudonyms are numbers; what is sealed or a blind index is called as it likes.
        if isinstance(column.type, (sa.Integer, sa.Boolean))
    }
    # That an address was made up is known of both; it is one bit.
    assert ours & theirs == {"randomised"}


def test_nothing_stored_of_a_phone_is_its_pseudonym_or_a_part_of_it(
    settings, database, secrets, sealer
):
    phone, desk = Mac(PHONE), OptOutDesk(DoNotCountKey.of_store(secrets.lookup_key), 30, dt.UTC)
    with database.writing() as session:
        devices.find_or_make(session, sealer, phone, NOON)
        desk.leave_out(session, phone, NOON)

    pseudonyms = heard(settings)

    with database.reading() as session:
        for table in (devices.Device.__table__, OptOut.__table__):
            [row] = session.execute(sa.select(table))
            for value in row:
                assert value not in pseudonyms
                if isinstance(value, bytes):
                    shown = {each.to_bytes(3) for each in pseudonyms}
                    assert not any(part in value for part in shown)


def test_entries_of_the_list_lead_to_no_device(database, secrets, sealer):
    """They are hashed with a key of their own: else the one would be the index of the other."""
    phone = Mac(PHONE)
    entry = DoNotCountKey.of_store(secrets.lookup_key).entry(phone.octets)

    with database.writing() as session:
        device = devices.find_or_make(session, sealer, phone, NOON)

    assert device.lookup != entry


def test_the_sensor_s_process_has_no_way_to_the_portal_s_data():
    code = "import sys, appliance.hearing; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    known = re.compile(
        r"(core\.(database|models|sealing|secret_file)|portal|crm|gate|sqlalchemy)\b"
    )
    # How it tells systemd that it lives; nothing that asks the gate.
    harmless = {"gate", "gate.systemd"}
    assert [name for name in modules if known.match(name) and name not in harmless] == []


@pytest.mark.parametrize("days", [0, 1])
def test_two_stores_and_two_days_have_nothing_in_common(settings, tmp_path, days):
    other = settings.model_copy(update={"data_dir": tmp_path / "other"})
    first = heard(settings)
    later_us = NOON_US + days * 86_400_000_000
    of_box(other).run([Frame(later_us, LINK_RADIOTAP, probe_request())], lambda: False)
    with sightings.reading(other.sightings_dir, sightings.days_in(other.sightings_dir)[0]) as file:
        [second] = file.execute("SELECT address, fingerprint FROM sightings")

    assert not set(first) & set(second)


def test_a_made_up_address_is_followed_over_no_long_silence():
    half_an_hour = 1801.0
    at_s = np.array([0.0, 60, 120, 120 + half_an_hour, 180 + half_an_hour])
    same, looks = np.zeros(5, dtype=np.int64), np.arange(5)

    device = linking.link(at_s, same, looks, 900, randomised=np.ones(5, dtype=np.bool_))

    assert len(set(device[:3])) == len(set(device[3:])) == 1
    assert device[0] != device[3]
