import stat

from gate.shape import Limits
from gear.radius import memory_file
from gear.radius.memory import Memory
from gear.radius.records import Admission

ALICE = "02:00:00:00:00:0a"


def remembered(path, admission=None):
    with Memory(path, lambda: 1000.0) as memory:
        if admission:
            memory.admit(ALICE, admission)
        return memory.admission(ALICE)


ADMISSION = Admission(2000.0, Limits(1, 2, 3), 0, "doorman-online-1")


def test_it_outlives_a_restart_of_the_program(tmp_path):
    remembered(tmp_path / "radius.sqlite", ADMISSION)

    assert remembered(tmp_path / "radius.sqlite") == ADMISSION


def test_it_does_not_outlive_a_reboot_of_the_machine(tmp_path, monkeypatch):
    remembered(tmp_path / "radius.sqlite", ADMISSION)
    (tmp_path / "boot_id").write_text("another\n")
    monkeypatch.setattr(memory_file, "_BOOT_ID", tmp_path / "boot_id")

    assert remembered(tmp_path / "radius.sqlite") is None


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
