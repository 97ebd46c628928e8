"""Batches of vouchers: making, printing and revoking them. No Flask."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.dashboard.online import Gate
from core import clock, revocation, voucher_code
from core.account import Account, AccountKind
from core.database import Database
from core.mac import Mac
from core.models import device as devices
from core.models import voucher as vouchers
from core.models.device import Device
from core.models.grant import EndCause, Grant
from core.models.login import Login
from core.models.voucher import Voucher, VoucherBatch, VoucherUse
from core.sealing import Sealer

LONGEST_NAME = 80
# Least and most of each number in the form.
BOUNDS = {
    "number": (1, 200),
    "uses": (1, 1000),
    "minutes": (5, 43_200),
    "days": (1, 730),
    "speed": (0, 1_000_000),
}


@dataclasses.dataclass(frozen=True, slots=True)
class BatchForm:
    """What a batch is to be like."""

    name: str
    number: int
    uses: int
    minutes: int
    days: int
    """Until the end of which store day, from today, a use may begin."""
    speed: int


@dataclasses.dataclass(frozen=True, slots=True)
class BatchLine:
    batch: VoucherBatch
    vouchers: int
    uses: int


def read(form: Mapping[str, str]) -> tuple[BatchForm | None, frozenset[str]]:
    """The batch, or the names of the fields that are wrong."""
    name = " ".join(form.get("name", "").split())
    wrong = set() if 1 <= len(name) <= LONGEST_NAME else {"name"}
    numbers: dict[str, int] = {}
    for field, (least, most) in BOUNDS.items():
        typed = form.get(field, "").strip() or ("0" if least == 0 else "")
        is_number = typed.isascii() and typed.isdigit() and len(typed) <= len(str(most))
        if is_number and least <= int(typed) <= most:
            numbers[field] = int(typed)
        else:
            wrong.add(field)
    return (None, frozenset(wrong)) if wrong else (BatchForm(name, **numbers), frozenset())


def make(
    database: Database, sealer: Sealer, form: BatchForm, zone: ZoneInfo, now: dt.datetime
) -> int:
    """Make a batch with its codes; its number."""
    last_day = clock.store_day(now, zone) + dt.timedelta(days=form.days)
    _, expires_at = clock.day_bounds(last_day, zone)
    with database.writing() as session:
        batch = VoucherBatch(
            name=form.name,
            uses_each=form.uses,
            minutes=form.minutes,
            speed_kbit_s=form.speed,
            created_at=now,
            expires_at=expires_at,
        )
        session.add(batch)
        session.flush()
        for code in _new_codes(session, sealer, form.number):
            lookup = Account(AccountKind.VOUCHER, code).lookup(sealer)
            sealed = sealer.seal(vouchers.CODE, code.encode())
            session.add(Voucher(batch_id=batch.id, lookup=lookup, sealed_code=sealed))
        return batch.id


def found(database: Database) -> list[BatchLine]:
    """Every batch, the newest first."""
    of_batch = sa.select(sa.func.count()).where(Voucher.batch_id == VoucherBatch.id)
    used = (
        sa.select(sa.func.count())
        .select_from(VoucherUse)
        .join(Voucher, Voucher.id == VoucherUse.voucher_id)
        .where(Voucher.batch_id == VoucherBatch.id)
    )
    wanted = sa.select(VoucherBatch, of_batch.scalar_subquery(), used.scalar_subquery())
    with database.reading() as session:
        rows = session.execute(wanted.order_by(VoucherBatch.id.desc())).all()
    return [BatchLine(*row) for row in rows]


def codes(database: Database, sealer: Sealer, number: int) -> tuple[VoucherBatch, list[str]] | None:
    """A batch that is still good, and its codes, to print them."""
    with database.reading() as session:
        batch = session.get(VoucherBatch, number)
        if batch is None or batch.revoked_at is not None:
            return None
        wanted = sa.select(Voucher.sealed_code).where(Voucher.batch_id == number)
        sealed = session.scalars(wanted.order_by(Voucher.id)).all()
    return batch, [sealer.open(vouchers.CODE, each).decode() for each in sealed]


def revoke(database: Database, sealer: Sealer, gate: Gate, number: int, now: dt.datetime) -> int:
    """Make a batch good for nothing, and stop whoever is online by it; how many were.

    GateError: nobody new gets in, and some may still be online; asked again, it goes on.
    """
    with database.writing() as session:
        batch = session.get(VoucherBatch, number, with_for_update=True)
        if batch is None:
            return 0
        batch.revoked_at = batch.revoked_at or now
    with database.reading() as session:
        online = session.scalars(
            sa.select(Device.sealed_mac)
            .join(Grant, Grant.device_id == Device.id)
            .join(Login, Login.id == Grant.login_id)
            .join(Voucher, Voucher.lookup == Login.account_lookup)
            .where(Voucher.batch_id == number, Grant.ended_at.is_(None), Grant.expires_at > now)
        ).all()
    for sealed in online:
        mac = Mac(sealer.open(devices.MAC, sealed))
        revocation.revoke(database, sealer, gate, mac, cause=EndCause.REVOKED, now=now)
    return len(online)


def address(portal_url: str, code: str) -> str:
    """Where the QR code of a voucher leads."""
    return f"{portal_url.rstrip('/')}/voucher?code={code}"


def _new_codes(session: Session, sealer: Sealer, number: int) -> list[str]:
    """Codes that no other voucher has."""
    made: dict[bytes, str] = {}
    while len(made) < number:
        code = voucher_code.make()
        lookup = Account(AccountKind.VOUCHER, code).lookup(sealer)
        is_taken = session.scalar(sa.select(Voucher.id).where(Voucher.lookup == lookup))
        if is_taken is None:
            made[lookup] = code
    return list(made.values())
