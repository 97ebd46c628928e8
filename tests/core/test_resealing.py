"""Every sealed field under a new key, on both databases, while others read and write."""

import importlib
import pkgutil

import pytest
import sqlalchemy as sa

import core
import core.models
import hq.models
from core import resealing
from core.mac import Mac
from core.models import device as devices
from core.models.device import Device
from core.models.every import metadata
from core.resealing import Resealing
from core.sealing import FieldKeys, SealBrokenError, Sealer
from hq.models import every as of_hq

ONE, TWO, LOOKUP = b"1" * 32, b"2" * 32, b"l" * 32
MACS = [Mac(bytes([2, 0, 0, 0, *divmod(number, 256)])) for number in range(250)]


def sealer_with(**keys):
    """`sealer_with(k1=ONE, k2=TWO)`"""
    return Sealer(FieldKeys({int(name[1:]): key for name, key in keys.items()}, LOOKUP))


FIRST, BOTH = sealer_with(k1=ONE), sealer_with(k1=ONE, k2=TWO)


def device(sealer, mac, now):
    return Device(
        lookup=sealer.lookup("mac", mac.octets),
        sealed_mac=sealer.seal(devices.MAC, mac.octets),
        randomised=True,
        first_seen_at=now,
        last_seen_at=now,
    )


@pytest.fixture
def filled(any_database, now):
    with any_database.writing() as session:
        session.add_all([device(FIRST, mac, now) for mac in MACS])
    return any_database


def opened(database, sealer):
    with database.reading() as session:
        rows = session.scalars(sa.select(Device.sealed_mac).order_by(Device.id)).all()
    return [Mac(sealer.open(devices.MAC, sealed)) for sealed in rows]


def constants(package):
    """What modules have given names to, those of packages inside left out."""
    for module in pkgutil.iter_modules(package.__path__):
        found = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        yield from (value for name, value in found.items() if name.isupper())


@pytest.mark.parametrize(
    ("packages", "tables"),
    [
        pytest.param([core, core.models], metadata, id="store"),
        pytest.param([core, core.models, hq.models], of_hq.metadata, id="hq"),
    ],
)
def test_every_sealed_column_has_its_own_name_for_a_place(packages, tables):
    """By the name that a program seals with, `Resealing` has to find the column, and back."""
    values = [value for package in packages for value in constants(package)]
    named = {value for value in values if isinstance(value, str) and ".sealed_" in value}
    places = {value for value in named if value.partition(".")[0] in tables.tables}

    assert places == {resealing.place(column) for column in resealing.columns(tables)}


def test_what_is_called_sealed_is_known_to_be():
    for tables in (metadata, of_hq.metadata):
        named = {
            f"{table.name}.{column.name}"
            for table in tables.sorted_tables
            for column in table.columns
            if column.name.startswith("sealed_")
        }
        assert named == {resealing.place(column) for column in resealing.columns(tables)}


def test_every_field_opens_with_the_new_key_alone(filled):
    run = Resealing(filled, BOTH, metadata)
    run.run()

    assert (run.resealed, run.broken.total()) == (250, 0)
    assert resealing.census(filled, metadata) == {2: 250}
    assert opened(filled, sealer_with(k2=TWO)) == MACS


def test_a_second_run_finds_nothing_to_do(filled):
    Resealing(filled, BOTH, metadata).run()
    again = Resealing(filled, BOTH, metadata)
    again.run()

    assert again.resealed == 0


def test_what_was_emptied_stays_empty(filled):
    with filled.writing() as session:
        session.execute(sa.update(Device).where(Device.id == 1).values(sealed_mac=b""))
    run = Resealing(filled, BOTH, metadata)
    run.run()

    with filled.reading() as session:
        assert session.get(Device, 1).sealed_mac == b""
    assert (run.resealed, run.broken.total()) == (249, 0)


def test_a_field_that_does_not_open_is_named_and_left_alone(filled):
    spoilt = FIRST.seal("elsewhere", b"value")
    with filled.writing() as session:
        session.execute(sa.update(Device).where(Device.id == 3).values(sealed_mac=spoilt))
    run = Resealing(filled, BOTH, metadata)
    run.run()

    assert (run.resealed, dict(run.broken)) == (249, {"devices.sealed_mac": 1})
    with filled.reading() as session:
        assert session.get(Device, 3).sealed_mac == spoilt
    assert resealing.census(filled, metadata) == {1: 1, 2: 249}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(sealer_with(k2=TWO), id="missing"),
        pytest.param(sealer_with(k1=TWO), id="other"),
    ],
)
def test_without_the_right_old_key_nothing_is_changed(filled, wrong):
    with pytest.raises(SealBrokenError, match="key 1"):
        resealing.try_keys(filled, wrong, metadata)
    run = Resealing(filled, sealer_with(k1=LOOKUP, k2=TWO), metadata)
    run.run()

    assert (run.resealed, run.broken.total()) == (0, 250)
    assert opened(filled, FIRST) == MACS


def test_others_write_and_delete_between_two_batches(filled, now):
    """A value changed meanwhile is not written over, one deleted does not come back."""
    other = Mac.parse("02:ff:00:00:00:01")
    turns = []

    def change(_seconds):
        turns.append(1)
        if len(turns) > 1:
            return
        with filled.writing() as session:
            session.execute(sa.delete(Device).where(Device.id == 2))
            session.execute(
                sa.update(Device)
                .where(Device.id == 240)
                .values(sealed_mac=FIRST.seal(devices.MAC, other.octets))
            )
            session.add(device(FIRST, Mac.parse("02:ff:00:00:00:02"), now))

    Resealing(filled, BOTH, metadata, sleep=change).run()

    found = opened(filled, sealer_with(k2=TWO))
    assert len(found) == 250
    assert (MACS[1] in found, other in found) == (False, True)


@pytest.mark.parametrize("any_database", ["postgresql"], indirect=True)
def test_a_row_that_somebody_holds_is_passed_over_and_done_later(filled):
    with filled.writing() as holder:
        holder.execute(sa.select(Device).where(Device.id == 5).with_for_update())
        seen = []

        def let_go(_seconds):
            seen.append(resealing.census(filled, metadata)[1])
            if seen[-1] == 1:
                holder.commit()

        run = Resealing(filled, BOTH, metadata, sleep=let_go)
        run.run()

    assert 1 in seen
    assert resealing.census(filled, metadata) == {2: 250}
