"""Who may make a backup, where programs keep keys that are theirs alone."""

import os
import pwd
from types import SimpleNamespace

import pytest

from appliance import backup_jobs
from backup import contents, making
from core.settings import Settings, load
from tests.appliance.backed_up_box import Box

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot be somebody else")


@pytest.fixture
def box(in_memory, monkeypatch, now):
    monkeypatch.setenv("DOORMAN_CONFIG", str(in_memory / "doorman.toml"))
    box = Box(in_memory, "", now)
    box.fill()
    return box


def as_user(user, call):
    """What it comes to, called by another user in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
            os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
            os.write(writing, repr(call()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        found = told.read()
    os.waitpid(child, 0)
    return found


@AS_ROOT
def test_who_may_not_read_all_keys_makes_no_backup_without_them(tmp_path):
    tmp_path.chmod(0o755)
    data = tmp_path / "data"
    (data / "sensors").mkdir(parents=True)
    (data / "flows.key").write_text("00")
    (data / "flows.key").chmod(0o600)
    (data / "sensors").chmod(0o700)
    found = Settings(data_dir=data)

    assert contents.out_of_reach(found) == []
    nobody = pwd.getpwnam("nobody")
    told = as_user(nobody, lambda: [each.name for each in contents.out_of_reach(found)])
    assert told == "['flows.key', 'sensors']"


def test_without_reach_none_is_made_and_the_jobs_leave_it_to_whom_it_is(box, monkeypatch):
    kept = box.data / "flows.key"
    monkeypatch.setattr(contents, "out_of_reach", lambda _: [kept])
    making_one = box.run("make")

    assert making_one.exit_code != 0
    assert f"{kept} is another program's own" in making_one.output
    monkeypatch.setattr(backup_jobs.making, "is_due", lambda *_: True)
    monkeypatch.setattr(backup_jobs.making, "make", None)
    backup_jobs._make(SimpleNamespace(settings=load(), database=None))


def test_one_that_is_not_due_is_not_made(box, monkeypatch):
    monkeypatch.setattr(making, "is_due", lambda *_: False)
    assert (box.run("make", "--if-due").output, box.run("list").output) == ("", "")

    monkeypatch.setattr(making, "is_due", lambda *_: True)
    made, _ = box.run("make", "--if-due").output.split(maxsplit=1)
    assert made in box.run("list").output


@AS_ROOT
def test_what_is_restored_belongs_to_whom_it_belonged(box):
    key, nobody = box.data / "flows.key", pwd.getpwnam("nobody")
    key.write_text("00")
    made = box.make()
    os.chown(key, nobody.pw_uid, nobody.pw_gid)

    assert box.restore("--replace", made.name).exit_code == 0
    assert (key.stat().st_uid, key.stat().st_gid) == (nobody.pw_uid, nobody.pw_gid)
    assert (box.data / "secrets.toml").stat().st_uid == 0
