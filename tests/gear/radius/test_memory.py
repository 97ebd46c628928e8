import stat

from gate.protocol import LARGEST_BYTES
from gate.shape import Counters, Limits
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
