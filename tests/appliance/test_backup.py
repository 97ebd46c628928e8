"""A box is backed up, lost, and put up anew from the target and the owner's key: both databases."""

import datetime as dt
import hashlib
import io
import re
import shutil
import subprocess
import tarfile

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from access_log import verification
from access_log import verified as results
from access_log.verified import ACCESS_LOG, Result
from appliance import backup_check
from appliance.cli import doorman
from appliance.finding import Grade
from backup import contents, making
from backup.age import Opening, Sealing
from backup.ledger import Ledger
from backup.making import is_due
from core import access_records, clock, gone_members, secret_file
from core.access_records import Draft
from core.models import identity as identities
from core.models.access_record import Kind
from core.models.consent import Consent
from core.models.identity import Identity
from core.models.member import Member
from core.models.opt_out import OptOut
from core.models.sign_in import SignIn
from core.models.user import Role, User
from core.settings import load
from tests.appliance.backed_up_box import ANNA, BEN, KEY, Box


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request):
    return "" if request.param == "sqlite" else request.getfixturevalue("new_postgresql")()


def _box(tmp_path, monkeypatch, url, now):
    monkeypatch.setenv("DOORMAN_CONFIG", str(tmp_path / "doorman.toml"))
    box = Box(tmp_path, url, now)
    box.fill()
    return box


@pytest.fixture
def box(in_memory, monkeypatch, now):
    return _box(in_memory, monkeypatch, "", now)


@pytest.fixture
def any_box(in_memory, monkeypatch, any_url, now):
    return _box(in_memory, monkeypatch, any_url, now)


def test_a_lost_box_comes_back_and_who_was_erased_since_does_not(any_box):
    before = any_box.make()
    any_box.erase(BEN)
    any_box.change(
        lambda session: session.execute(
            sa.update(Consent).values(withdrawn_at=any_box.now).where(Consent.member_id == 1)
        )
    )
    any_box.change(lambda session: session.add(OptOut(entry=bytes(16), until=any_box.now)))
    any_box.make(hours=24)
    any_box.lose()

    back = any_box.restore(before.name)

    assert back.exit_code == 0, back.output
    assert any_box.members() == [ANNA]
    sealer = secret_file.open_sealer(any_box.data)
    sealed = any_box.change(lambda session: session.scalars(sa.select(Identity.sealed_value)).one())
    assert sealer.open(identities.VALUE, sealed) == b"+8613800138000"
    open_consents = sa.select(Consent.id).where(Consent.withdrawn_at.is_(None))
    assert any_box.change(lambda session: session.scalars(open_consents).all()) == []
    assert any_box.change(lambda session: session.scalars(sa.select(OptOut.entry)).all())
    assert (any_box.data / "pictures/summer.webp").read_bytes() == b"picture"
    assert "1 members erased, 1 consents withdrawn, 1 phones left out" in back.output


def test_a_restore_is_a_row_of_the_access_log_that_explains_what_is_lost(any_box, now):
    def verified(anchors=None):
        database = any_box.open()
        sealer = secret_file.open_sealer(any_box.data)
        verdict = verification.verify(database, sealer, clock.now(), anchors)
        database.dispose()
        return verdict

    def note(state):
        sealer = secret_file.open_sealer(any_box.data)
        draft = Draft(Kind.CLOCK, any_box.now, {"state": state})
        any_box.change(lambda session: access_records.note(session, sealer, draft))

    note("right")
    before = any_box.make()
    note("off")
    lost = verified()
    results.write(any_box.data, ACCESS_LOG, Result(now, "", 2, f"2:{lost.hash.hex()}"))
    back = any_box.restore("--replace", before.name)
    assert back.exit_code == 0, back.output

    verdict = verified()
    assert (verdict.trouble, verdict.rows) == (None, 2)
    [restored] = verdict.restored
    assert (restored.number, restored.as_of) == (2, any_box.now.isoformat())
    of_lost = verified({2: lost.hash}).trouble
    assert (of_lost.number, of_lost.is_of_anchor) == (2, True)
    # What the jobs kept was of the log that is lost.
    assert results.read(any_box.data) == {}
    said = CliRunner().invoke(doorman, ["access-log", "verify"]).output
    assert f"written between {any_box.now.isoformat()} and then is lost\nwhole: 2 rows" in said


def test_what_a_step_says_of_a_row_is_not_repeated(any_box, monkeypatch):
    def fails(*_):
        raise ValueError("no such member: +8613800138000")

    before = any_box.make()
    any_box.lose()
    monkeypatch.setattr("backup.restoring.resealing.try_keys", fails)

    back = any_box.restore(before.name)

    assert back.exit_code
    assert "13800138000" not in back.output
    if any_box.url:
        assert "restore again (ValueError)" in back.output


def test_the_target_s_thief_reads_nothing(box):
    whole = box.make().read_bytes()

    assert [
        text for text in (ANNA, "SQLite", "sha", "store-1", "summer") if text.encode() in whole
    ] == []
    assert (box.target / box.make(1).name).stat().st_mode & 0o077 == 0


def test_sightings_are_never_in_it(box, tmp_path):
    """Wherever they are kept, and whatever the day files are called."""
    (box.data / "sightings").mkdir()
    (box.data / "sightings/sightings-2026-05-16.sqlite").write_bytes(b"heard")
    hidden = box.data / "pictures/heard"
    hidden.mkdir()
    (hidden / "sightings-2026-05-16.sqlite").write_bytes(b"heard")
    box.set_up(f'[sensor]\nsightings_dir = "{hidden}"\n')

    listed = unpacked(box.make(), tmp_path)

    assert listed == {
        *("backup.json", "database.sqlite", "doorman.toml", "secrets.toml"),
        "pictures/summer.webp",
    }


def test_the_log_of_connections_is_in_it_if_set(box, tmp_path):
    (box.data / "flows").mkdir()
    (box.data / "flows/00000042-20260516T06Z.flows").write_bytes(b"sealed")
    (box.data / "flows.key").write_bytes(b"key")
    box.set_up("flows = true\n")
    box.make()
    box.lose()

    assert box.restore().exit_code == 0
    assert (box.data / "flows/00000042-20260516T06Z.flows").read_bytes() == b"sealed"
    assert (box.data / "flows.key").read_bytes() == b"key"


def test_keys_kept_apart_are_not_beside_the_data(any_box, tmp_path):
    apart = any_box.root / "safe"
    apart.mkdir()
    any_box.set_up(f'keys_target = "{apart}"\n')
    data = any_box.make()
    any_box.lose()

    assert "secrets.toml" not in unpacked(data, tmp_path)
    assert [path.name[-8:] for path in apart.iterdir()] == ["keys.age"]
    without = any_box.restore(data, "--without-undone")
    assert "kept apart" in without.output
    assert any_box.restore().exit_code == 0
    assert any_box.members() == [ANNA, BEN]


def test_age_itself_opens_it(box):
    if not shutil.which("age"):
        pytest.skip("age is not installed (apt-get install age)")
    command = ["age", "--decrypt", "--identity", box.key, box.make()]

    opened = subprocess.run(command, capture_output=True, check=True).stdout
    listed = subprocess.run(["tar", "tz"], input=opened, capture_output=True, check=True).stdout

    assert b"database.sqlite" in listed


def test_without_a_list_of_what_was_undone_nothing_is_restored_unsaid(box):
    data = box.make()
    for path in box.target.glob("*-undone.age"):
        path.unlink()
    box.lose()

    refused = box.restore()
    said = box.restore("--without-undone")

    assert "members who were erased would be back" in refused.output
    assert "WHO WAS ERASED SINCE IS BACK" in said.output
    assert data.name in said.output


def test_the_list_of_a_new_box_does_not_hide_that_of_the_lost_one(box):
    """Its jobs may have begun before anybody restored anything."""
    before = box.make()
    box.erase(BEN)
    box.make(hours=24)
    box.lose()
    box.fill()
    database = box.open()
    making.tell_undone(load(), database, box.now + dt.timedelta(hours=48))
    database.dispose()
    box.lose()

    assert box.restore(before.name).exit_code == 0
    assert box.members() == [ANNA]


def test_who_was_signed_in_is_out(box):
    def sign_in(session):
        user = User(name="anna", role=Role.MANAGER, password_hash="x", created_at=box.now)
        session.add(user)
        session.flush()
        times = {"begun_at": box.now, "seen_at": box.now}
        session.add(SignIn(token_lookup=bytes(16), user_id=user.id, **times))

    box.change(sign_in)
    box.make()
    box.lose()

    assert "doorman user list" in box.restore().output
    assert box.change(lambda session: session.scalars(sa.select(SignIn.id)).all()) == []
    assert box.change(lambda session: session.scalars(sa.select(User.name)).all()) == ["anna"]


def test_who_was_merged_into_somebody_erased_is_erased(box):
    before = box.make()
    box.change(lambda session: gone_members.remember(session, [BEN], box.now, into=ANNA))
    box.erase(ANNA)
    box.make(hours=24)
    box.lose()
    box.restore(before.name)

    assert box.members() == []


def test_what_is_there_is_not_overwritten_unsaid(any_box):
    any_box.make()
    any_box.erase(BEN)

    refused = any_box.restore()

    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert any_box.members() == [ANNA]


def test_a_database_in_use_is_not_replaced(any_box):
    any_box.make()
    running = any_box.open()
    with running.reading() as session:
        session.scalars(sa.select(Member.id)).all()
        refused = any_box.restore("--replace")
    running.dispose()

    assert "stop the programs first" in refused.output
    assert any_box.restore("--replace").exit_code == 0
    assert any_box.members() == [ANNA, BEN]


DAMAGES = {
    "cut off": lambda whole: whole[:-1],
    "changed": lambda whole: whole[:-300] + b"x" + whole[-299:],
    "something else": lambda _: b"x" * 100,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_backup_changes_nothing(box, damage):
    data = box.make()
    data.write_bytes(damage(data.read_bytes()))

    refused = box.restore("--replace")

    assert refused.exit_code == 1
    assert box.members() == [ANNA, BEN]
    assert not (box.data / "restore.new").exists()


def test_a_backup_of_another_store_is_refused(box):
    data = box.make()
    box.set_up('[store]\nid = "store-2"\n')

    assert "set store.id" in box.restore(data, "--without-undone", "--replace").output


def test_a_backup_with_something_of_others_in_it_is_refused(box, tmp_path):
    """Who can write to the target may have made it, and knows the public key."""
    forged, written = tmp_path / "forged.age", io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../../etc/cron.d/x"))
    with forged.open("xb") as file:
        sealing = Sealing(file, KEY.public())
        sealing.write(written.getvalue())
        sealing.close()

    refused = box.restore(forged, "--without-undone", "--replace")

    assert "no backup has" in refused.output


def test_old_ones_go_and_each_is_in_the_ledger(box):
    box.set_up("daily = 2\nweekly = 0\n")

    made = [box.make(hours=24 * day).name for day in range(4)]

    assert sorted(path.name for path in box.target.glob("*-data.age")) == made[2:]
    assert [each.name for each in Ledger.read(box.data).made] == made
    digest = hashlib.sha256((box.target / made[-1]).read_bytes()).hexdigest()
    assert Ledger.read(box.data).made[-1].sha256 == digest


def test_the_command_makes_lists_and_knows_the_key(box):
    made = box.run("make")

    assert made.exit_code == 0, made.output
    assert made.output.split()[0] in box.run("list").output
    answer = CliRunner().invoke(doorman, ["backup", "key", "--check"], input=KEY.text() + "\n")
    assert "opens the backups of this box" in answer.output
    other = CliRunner().invoke(doorman, ["backup", "key", "--check"], input=_new_key(box) + "\n")
    assert "of other backups" in other.output


def _new_key(box):
    """As it is printed; it is nowhere in the box's folder."""
    printed = re.search(r"AGE-SECRET-KEY-1\w+", box.run("key").output)[0]
    held = [path for path in box.root.rglob("*") if path.is_file() and path != box.key]
    assert not any(printed.encode() in path.read_bytes() for path in held)
    return printed


def test_one_is_due_each_night_and_an_hour_after_a_failure(box):
    found, night = load(), box.now.replace(hour=20)
    day = dt.timedelta(days=1)
    box.make()

    assert is_due(found, Ledger(), night)
    assert not is_due(found, Ledger(), box.now)
    assert not is_due(found, Ledger.read(box.data), box.now + dt.timedelta(hours=3))
    assert is_due(found, Ledger.read(box.data), night)
    failed = Ledger(Ledger.read(box.data).made, failed_at=night)
    assert not is_due(found, failed, night + dt.timedelta(minutes=10))
    assert is_due(found, failed, night + day)


def test_a_target_that_is_gone_is_told_and_doctor_says_so(box):
    box.make()
    made = Ledger.read(box.data).made
    Ledger(made, None).write(box.data)
    shutil.rmtree(box.target)

    failed = box.run("make")

    assert "is it mounted?" in failed.output
    assert Ledger.read(box.data).failed_at is not None
    assert backup_check.backups(load()).grade is Grade.WRONG
    assert [path.name for path in box.data.iterdir() if "new" in path.name] == []


def unpacked(path, folder):
    with path.open("rb") as file:
        contents.read(Opening(file, KEY), folder)
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
