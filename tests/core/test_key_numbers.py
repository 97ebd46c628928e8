"""Fields that were sealed before keys had numbers, brought to the form of today."""

import pytest
import sqlalchemy as sa
from alembic import command

from core import migrate
from core.database import Database
from core.models import device as devices
from core.models.device import Device

MAC = b"\x02\x00\x00\x00\x00\x01"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path, now):
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        yield database
        database.dispose()
        return
    database = Database(request.getfixturevalue("postgresql_url"))
    yield database
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    database.dispose()


def step(database, move, revision):
    config = migrate._config(migrate.STORE)
    with database.engine.execution_options(doorman_write=True).begin() as connection:
        config.attributes["connection"] = connection
        move(config, revision)


def sealed(database):
    with database.reading() as session:
        return session.scalars(sa.select(Device.sealed_mac).order_by(Device.id)).all()


def test_a_field_of_the_old_form_opens_afterwards(empty, sealer, now):
    migrate.upgrade(empty)
    new = sealer.seal(devices.MAC, MAC)
    with empty.writing() as session:
        session.add_all(
            Device(
                lookup=sealer.lookup("mac", bytes([number])),
                sealed_mac=value,
                randomised=True,
                first_seen_at=now,
                last_seen_at=now,
            )
            for number, value in enumerate([new, b""])
        )
    step(empty, command.downgrade, "0006")
    before = sealed(empty)
    step(empty, command.upgrade, "head")

    assert before == [new[1:], b""]
    assert sealed(empty) == [new, b""]
    assert sealer.open(devices.MAC, sealed(empty)[0]) == MAC
