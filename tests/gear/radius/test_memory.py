import sqlite3
import stat

from gate.protocol import LARGEST_BYTES
from gate.shape import Counters, Limits
from gate.whereabouts import NOWHERE, Whereabouts
from gear.radius import memory_file
from gear.radius.memory import Memory
from gear.radius.records import Admission, Place
from gear.radius.words import Phone

ALICE = "02:00:00:00:00:0a"


def remembered(path, admission=None, boot_id_path=memory_file.BOOT_ID):
    with Memory(path, lambda: 1000.0, boot_id_path) as memory:
        if admission:
            memory.admit(ALICE, admission)
        return memory.admission(ALICE)


ADMISSION = Admission(2000.0, Limits(1, 2, 3), 0, "doorman-online-1")


def test_it_outlives_a_restart_of_the_program(tmp_path):
    remembered(tmp_path / "radius.sqlite", ADMISSION)

    assert remembered(tmp_path / "radius.sqlite") == ADMISSION


def test_it_does_not_outlive_a_reboot_of_the_machine(tmp_path):
    remembered(tmp_path / "radius.sqlite", ADMISSION)
    (tmp_path / "boot_id").write_text("another\n")

    assert remembered(tmp_path / "radius.sqlite", boot_id_path=tmp_path / "boot_id") is None


def test_it_begins_anew_if_it_cannot_be_read(tmp_path):
    (tmp_path / "radius.sqlite").write_bytes(b"no database" * 1000)

    assert remembered(tmp_path / "radius.sqlite") is None


def test_nobody_else_may_read_it(tmp_path):
    remembered(tmp_path / "radius.sqlite", ADMISSION)

    assert stat.S_IMODE((tmp_path / "radius.sqlite").stat().st_mode) == 0o600


def test_what_nobody_asks_for_is_forgotten(tmp_path):
    now = [1000.0]
    with Memory(tmp_path / "radius.sqlite", lambda: now[0]) as memory:
        memory.admit(ALICE, ADMISSION)
        now[0] += 90_000
        memory.forget()
        now[0] = 1000.0

        assert memory.admission(ALICE) is None


def place(mac, heard_at, *, is_open=False):
    return Place(Phone("ac1", mac, "", "s1", {}), is_open, True, heard_at, heard_at)


def test_places_without_admission_are_forgotten_after_an_hour(tmp_path):
    bert, carl = "02:00:00:00:00:0b", "02:00:00:00:00:0c"
    with Memory(tmp_path / "radius.sqlite", lambda: 5000.0) as memory:
        memory.admit(ALICE, Admission(9000.0, Limits(), 0, "doorman-online-1"))
        memory.put_place(place(ALICE, 1000.0))
        memory.put_place(place(bert, 1000.0, is_open=True))
        memory.put_place(place(carl, 1000.0))
        memory.forget()

        assert [len(memory.places(mac)) for mac in (ALICE, bert, carl)] == [1, 1, 0]


def test_of_too_many_places_the_oldest_are_forgotten(tmp_path):
    macs = [f"02:00:00:00:{number:02x}:0a" for number in range(4)]
    with Memory(tmp_path / "radius.sqlite", lambda: 1000.0, most_places=2) as memory:
        with memory.together():
            for age, mac in enumerate(macs):
                memory.put_place(place(mac, 1000.0 - age, is_open=age == 3))
        memory.forget()

        assert [len(memory.places(mac)) for mac in macs] == [1, 1, 0, 1]


def test_counters_stay_within_what_callers_can_read(tmp_path):
    with Memory(tmp_path / "radius.sqlite") as memory:
        memory.count(ALICE, Counters(LARGEST_BYTES, 1))
        memory.count(ALICE, Counters(LARGEST_BYTES, 1))

        assert memory.counters() == {ALICE: Counters(LARGEST_BYTES, 2)}


FOUND = Whereabouts(("10.0.0.7", "2001:db8::7"), "f0:9f:c2:00:00:01")


def at_home(heard_at):
    return Place(Phone("ac1", ALICE, "10.0.0.7", "s1", {}, FOUND), True, True, 900.0, heard_at)


def test_where_a_phone_is_outlives_a_restart_and_nothing_else(tmp_path):
    path = tmp_path / "radius.sqlite"
    with Memory(path, lambda: 1000.0) as memory:
        memory.put_place(at_home(1000.0))

    with Memory(path, lambda: 1000.0) as memory:
        assert memory.place(ALICE, "ac1") == at_home(1000.0)
        assert memory.guests() == []
        memory.admit(ALICE, ADMISSION)
        assert memory.guests() == [at_home(1000.0)]

        memory.empty("ac1")
        assert memory.guests() == []
        assert memory.place(ALICE, "ac1").phone.whereabouts == NOWHERE


def test_where_forgotten_phones_were_is_forgotten_as_well(tmp_path):
    path = tmp_path / "radius.sqlite"
    with Memory(path, lambda: 9000.0) as memory:
        memory.put_place(at_home(1000.0))
        memory.shut(at_home(1000.0))
        memory.forget()
        with sqlite3.connect(path) as rows:
            assert rows.execute("SELECT * FROM whereabouts").fetchall() == []


# What versions that knew nothing of whereabouts wrote.
OF_BEFORE = """
CREATE TABLE began (boot_id TEXT, at REAL);
CREATE TABLE admissions (
    mac TEXT PRIMARY KEY, ends_at REAL, down INTEGER, up INTEGER, bytes INTEGER,
    counted INTEGER, label TEXT);
CREATE TABLE places (
    mac TEXT, nas TEXT, address TEXT, session TEXT, keys TEXT, is_open INTEGER,
    is_here INTEGER, asked_at REAL, heard_at REAL, PRIMARY KEY (mac, nas));
INSERT INTO admissions VALUES ('02:00:00:00:00:0a', 2000.0, 1, 2, 3, 0, 'doorman-online-1');
"""
PLACE_OF_BEFORE = """
INSERT OR REPLACE INTO places
VALUES ('02:00:00:00:00:0a', 'ac1', '10.0.0.8', 's1', '{}', 1, 1, 900.0, ?)
"""


def test_what_a_version_before_has_remembered_is_read_and_added_to(tmp_path):
    path = tmp_path / "radius.sqlite"
    with sqlite3.connect(path) as rows:
        rows.executescript(OF_BEFORE)
        rows.execute("INSERT INTO began VALUES (?, 1)", (memory_file.BOOT_ID.read_text().strip(),))
        rows.execute(PLACE_OF_BEFORE, (950.0,))
    rows.close()

    with Memory(path, lambda: 1000.0) as memory:
        assert memory.admission(ALICE) == ADMISSION
        (place,) = memory.guests()
        assert (place.phone.address, place.phone.whereabouts) == ("10.0.0.8", NOWHERE)

        memory.put_place(at_home(1000.0))
        assert memory.guests() == [at_home(1000.0)]


def test_a_version_before_writes_into_what_this_one_remembers(tmp_path):
    """After a roll-back; and what it wrote is not taken for what was known then."""
    path = tmp_path / "radius.sqlite"
    with Memory(path, lambda: 1000.0) as memory:
        memory.admit(ALICE, ADMISSION)
        memory.put_place(at_home(1000.0))
    with sqlite3.connect(path) as rows:
        rows.execute(PLACE_OF_BEFORE, (1001.0,))
    rows.close()

    with Memory(path, lambda: 1002.0) as memory:
        (place,) = memory.guests()
        assert (place.phone.address, place.phone.whereabouts) == ("10.0.0.8", NOWHERE)
