"""From a code on paper to being online."""

import dataclasses
import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.account import Account, AccountKind
from core.models import login as logins
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login, LoginState, LoginWay
from core.models.voucher import Voucher, VoucherBatch, VoucherTry, VoucherUse
from core.sealing import Sealer
from core.setting_groups.plans import PlansSettings
from portal import mutex
from portal.access.plan import Plan
from portal.ways.agreement import Agreement, Choice
from portal.ways.limits import Refusal

WRONG_TRIES_PER_HOUR = 10
WRONG_TRIES_OF_STORE_PER_HOUR = 500
"""By all phones together. Then those that came within the hour may try no more: whoever guesses has
a new address for every ten tries. At this pace a store with a thousand good vouchers, of 40 bits,
loses one in 250 years.
"""
_HOUR = dt.timedelta(hours=1)
_MINUTE = dt.timedelta(minutes=1)


class VoucherFault(enum.StrEnum):
    """Why a voucher lets nobody in. Each has its text in the catalogues, under `voucher_fault`."""

    UNKNOWN = "unknown"
    OVER = "over"
    """Expired, or revoked by the store."""
    USED_UP = "used_up"
    TOO_MANY = "too_many"
    """This phone has tried too many that are none, or it is new and others have."""


@dataclasses.dataclass(frozen=True, slots=True)
class VoucherDesk:
    sealer: Sealer
    plans: PlansSettings
    agreement: Agreement

    def redeem(
        self, session: Session, device: Device, code: str, language: str, now: dt.datetime
    ) -> Grant | VoucherFault | Refusal:
        """Count one use, and let `device` in for it; what was counted is to be committed.

        The terms have been accepted. A phone that comes back within its time goes on with it.
        """
        mutex.hold(session, device.lookup)
        if _is_guessing(session, device, now):
            return VoucherFault.TOO_MANY
        account = Account(AccountKind.VOUCHER, code)
        # The batch is held: nobody else counts a use meanwhile, nor revokes it.
        found = session.execute(
            sa.select(Voucher, VoucherBatch)
            .join(VoucherBatch, VoucherBatch.id == Voucher.batch_id)
            .where(Voucher.lookup == account.lookup(self.sealer))
            .with_for_update(of=VoucherBatch)
        ).one_or_none()
        if found is None:
            session.add(VoucherTry(device_id=device.id, tried_at=now))
            return VoucherFault.UNKNOWN
        voucher, batch = found
        use = self._use(session, device, voucher, batch, now)
        if isinstance(use, VoucherFault):
            return use
        login = self._log_in(session, device, account, language, now)
        plan = dataclasses.replace(
            Plan.of(self.plans.guest), lasts=use.until - now, extensions=0
        ).limited_to(batch.speed_kbit_s)
        settled = self.agreement.conclude(
            session, device, login, Choice(frozenset(), language), own=plan, now=now
        )
        if isinstance(settled, Grant) and use.id is None:
            session.add(use)
        return settled

    def _use(
        self,
        session: Session,
        device: Device,
        voucher: Voucher,
        batch: VoucherBatch,
        now: dt.datetime,
    ) -> VoucherUse | VoucherFault:
        """The use that this phone goes on with, or a new one that is not counted yet."""
        if batch.revoked_at is not None:
            return VoucherFault.OVER
        uses = session.scalars(
            sa.select(VoucherUse)
            .where(VoucherUse.voucher_id == voucher.id)
            .order_by(VoucherUse.until.desc())
        ).all()
        # Less than a minute is not worth a session.
        running = (u for u in uses if u.device_id == device.id and u.until > now + _MINUTE)
        if (own := next(running, None)) is not None:
            return own
        if batch.expires_at <= now:
            return VoucherFault.OVER
        if len(uses) >= batch.uses_each:
            return VoucherFault.USED_UP
        until = now + batch.minutes * _MINUTE
        return VoucherUse(voucher_id=voucher.id, device_id=device.id, started_at=now, until=until)

    def _log_in(
        self,
        session: Session,
        device: Device,
        account: Account,
        language: str,
        now: dt.datetime,
    ) -> Login:
        login = Login(
            device_id=device.id,
            state=LoginState.VERIFIED,
            language=language,
            way=LoginWay.VOUCHER,
            account_lookup=account.lookup(self.sealer),
            sealed_account=account.sealed(self.sealer, logins.ACCOUNT),
            failures=0,
            started_at=now,
            terms_accepted_at=now,
            verified_at=now,
        )
        session.add(login)
        session.flush()
        return login


def _is_guessing(session: Session, device: Device, now: dt.datetime) -> bool:
    wanted = sa.select(
        sa.func.count(), sa.func.count().filter(VoucherTry.device_id == device.id)
    ).where(VoucherTry.tried_at > now - _HOUR)
    of_store, of_device = session.execute(wanted).one()
    is_new = device.first_seen_at > now - _HOUR
    return of_device >= WRONG_TRIES_PER_HOUR or (
        is_new and of_store >= WRONG_TRIES_OF_STORE_PER_HOUR
    )
