"""`doorman keys` with real files and databases."""

import datetime as dt

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from appliance.keys import keys
from core import clock, migrate, secret_file, webhook_signature
from core.database import Database
from core.mac import Mac
from core.models import device as devices
from core.models.device import Device
from core.settings import Settings
from hq import store_keys, stores
from hq import wsgi as hq_wsgi

MACS = [Mac(bytes([2, 0, 0, 0, 0, number])) for number in range(5)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A store's data, with five devices sealed with key 1."""
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    migrate.upgrade(database)
    add(database, secret_file.open_sealer(tmp_path), MACS)
    database.dispose()
    return tmp_path


@pytest.fixture
def database(folder):
    database = Database(f"sqlite:///{folder / 'doorman.sqlite'}")
    yield database
    database.dispose()


def add(database, sealer, macs):
    with database.writing() as session:
        for mac in macs:
            session.add(
                Device(
                    lookup=sealer.lookup("mac", mac.octets),
                    sealed_mac=sealer.seal(devices.MAC, mac.octets),
                    randomised=True,
                    first_seen_at=clock.now(),
                    last_seen_at=clock.now(),
                )
            )


def sealed(database):
    with database.reading() as session:
        return session.scalars(sa.select(Device.sealed_mac).order_by(Device.id)).all()


def opened(folder, database):
    sealer = secret_file.open_sealer(folder)
    return [Mac(sealer.open(devices.MAC, each)) for each in sealed(database)]


def numbers(folder):
    return [each.number for each in secret_file.load(folder).field_keys]


def age(folder, by):
    """Make every key as much older."""
    path = folder / secret_file.NAME
    for each in secret_file.load(folder).field_keys:
        then = each.made_at.isoformat(timespec="seconds")
        earlier = (each.made_at - by).isoformat(timespec="seconds")
        path.write_text(path.read_text().replace(then, earlier))


def ask(*arguments):
    return CliRunner().invoke(keys, arguments)


def test_status_counts_fields_by_key(folder):
    ask("rotate")
    today = f"{clock.now():%Y-%m-%d}"

    assert [line.split() for line in ask("status").output.splitlines()] == [
        ["key", "made", "fields"],
        ["1", today, "0"],
        ["2", today, "5", "seals"],
    ]


def test_rotation_makes_a_key_and_seals_every_field_with_it(folder, database):
    result = ask("rotate")

    assert (result.exit_code, result.output.partition(",")[0]) == (0, "5 fields sealed with key 2")
    assert {each[0] for each in sealed(database)} == {2}
    assert opened(folder, database) == MACS


def test_two_rotations_in_a_row(folder, database):
    assert [ask("rotate").exit_code for _ in range(2)] == [0, 0]

    assert numbers(folder) == [1, 2, 3]
    assert {each[0] for each in sealed(database)} == {3}
    assert opened(folder, database) == MACS


def test_a_rotation_that_ended_before_its_first_field_is_finished_with_its_key(folder, database):
    secret_file.replace(folder, secret_file.load(folder).with_new_field_key(clock.now()))
    result = ask("rotate")

    assert result.output.startswith("finishing the rotation to key 2\n5 fields")
    assert numbers(folder) == [1, 2]
    assert {each[0] for each in sealed(database)} == {2}


def test_headquarters_database_is_rotated_with_the_stores(folder):
    found = Settings(data_dir=folder)
    hq = hq_wsgi.open_database(found)
    migrate.upgrade(hq, hq_wsgi.REVISIONS)
    with hq.writing() as session:
        key = stores.add(
            session, hq_wsgi.open_sealer(found), "store-1", ["http://192.0.2.1"], clock.now()
        )
    result = ask("rotate")
    age(folder, dt.timedelta(minutes=11))
    assert ask("forget").output == "forgotten: 1\n"
    with hq.reading() as session:
        sealer = hq_wsgi.open_sealer(found)
        again = store_keys.current(session, sealer, "store-1", clock.now())
    hq.dispose()

    assert result.output.startswith("6 fields sealed with key 2")
    assert webhook_signature.write_key(again) == key


def test_a_machine_without_a_database_gets_none(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    secret_file.load_or_create(tmp_path)

    assert ask("rotate").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == [secret_file.NAME]


def test_only_keys_that_none_uses_are_forgotten(folder, database):
    ask("rotate")
    ask("rotate")
    age(folder, dt.timedelta(minutes=11))

    assert ask("forget").output == "forgotten: 1, 2\n"
    assert numbers(folder) == [3]
    assert opened(folder, database) == MACS


def test_a_key_in_use_is_not_forgotten(folder, database):
    secret_file.replace(folder, secret_file.load(folder).with_new_field_key(clock.now()))
    age(folder, dt.timedelta(minutes=11))
    result = ask("forget")

    assert result.exit_code == 1
    assert "key 1 still seals 5 fields: doorman keys rotate" in result.output
    assert opened(folder, database) == MACS


def test_nothing_is_forgotten_while_programs_may_still_write_with_it(folder):
    ask("rotate")
    result = ask("forget")

    assert (result.exit_code, numbers(folder)) == (1, [1, 2])
    assert "wait" in result.output


def lose_key_1(folder):
    made = secret_file.load(folder).with_new_field_key(clock.now())
    secret_file.replace(folder, made.with_field_keys({2}))


def change_key_1(folder):
    (folder / secret_file.NAME).unlink()
    secret_file.load_or_create(folder)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(lose_key_1, "5 fields are sealed with key 1, which", id="missing"),
        pytest.param(change_key_1, "devices.sealed_mac does not open with key 1", id="another's"),
    ],
)
def test_a_wrong_file_is_named_and_nothing_is_lost(folder, database, harm, said):
    path = folder / secret_file.NAME
    good = path.read_text()
    harm(folder)
    before = sealed(database), path.read_text()
    result = ask("rotate")

    assert result.exit_code == 1
    assert said in result.output
    assert f"{path}" in result.output
    assert "restore" in result.output
    assert "Nothing was changed" in result.output
    assert (sealed(database), path.read_text()) == before
    path.write_text(good)
    assert ask("rotate").exit_code == 0
    assert opened(folder, database) == MACS


def test_anyway_leaves_a_spoilt_field_and_seals_the_others(folder, database):
    with database.writing() as session:
        session.execute(sa.update(Device).where(Device.id == 2).values(sealed_mac=b"\x09spoilt"))
    assert ask("rotate").exit_code == 1
    result = ask("rotate", "--anyway")

    assert result.exit_code == 1
    assert "left as they are: 1 of devices.sealed_mac" in result.output
    assert [each[0] for each in sealed(database)] == [2, 9, 2, 2, 2]


def test_a_lost_file_is_not_made_anew_by_a_rotation(folder):
    (folder / secret_file.NAME).unlink()
    results = [ask(command) for command in ("status", "rotate", "forget")]

    assert [result.exit_code for result in results] == [1, 1, 1]
    assert all("restore it" in result.output for result in results)
    assert not (folder / secret_file.NAME).exists()


def test_two_rotations_at_once_are_one(folder):
    with secret_file.changing(folder):
        result = ask("rotate")

    assert (result.exit_code, numbers(folder)) == (1, [1])
    assert "at work" in result.output


def test_a_database_of_an_older_form_is_migrated_first(folder, database):
    with database.writing() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0003'"))
    result = ask("rotate")

    assert (result.exit_code, numbers(folder)) == (1, [1])
    assert "doorman migrate" in result.output
