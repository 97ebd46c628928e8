"""From a phone number or e-mail address to a proven one.

Each method works in the caller's transaction and returns what happened, refusals
included: what it counted has to be committed either way. Sending comes after the
commit, so that the database never waits for a carrier.
"""

import dataclasses
import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.account import Account, AccountKind
from core.models import login as logins
from core.models.code_send import CodeSend, SendState
from core.models.device import Device
from core.models.login import Login, LoginState, LoginWay, Serves
from core.sealing import Sealer
from core.setting_groups.sms import SmsSettings
from portal import mutex
from portal.sms.carriers import Sent
from portal.ways import codes, limits, standing
from portal.ways.limits import Refusal

CODE_LASTS = dt.timedelta(minutes=5)
# Resends included (NIST SP 800-63B-4, 3.1.3.2).
CODE_LASTS_AT_MOST = dt.timedelta(minutes=10)
TRIES = 5
_WAYS = {AccountKind.PHONE: LoginWay.SMS, AccountKind.EMAIL: LoginWay.EMAIL}


class Outcome(enum.Enum):
    ON_ITS_WAY = enum.auto()
    """This phone was sent a code for this number a moment ago."""
    PROVEN = enum.auto()
    """This phone has just proven this number: an old page was sent again."""
    NOTHING_PENDING = enum.auto()


class Verdict(enum.StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    LOCKED = "locked"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class CodeToSend:
    """What to send once the transaction has committed. Hides itself when printed."""

    login_id: int
    send_id: int
    account: Account
    code: str
    lasts: dt.timedelta
    usual_carrier: str | None
    """Who made the code that is out already, if a carrier did."""


@dataclasses.dataclass(frozen=True, slots=True)
class Try:
    verdict: Verdict
    left: int = 0
    """How many tries are left after a wrong one."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class LoginDesk:
    sms: SmsSettings
    sealer: Sealer
    code_key: bytes
    serves: Serves = Serves.INTERNET

    def start(
        self, session: Session, device: Device, account: Account, language: str, now: dt.datetime
    ) -> CodeToSend | Refusal | Outcome:
        """Begin a login, or go on with the one this phone has under way for this account.

        The account is a number or an e-mail address: else KeyError.
        """
        mutex.hold(session, device.lookup)
        way = _WAYS[account.kind]
        lookup = account.lookup(self.sealer)
        mutex.hold(session, lookup)
        login = standing.newest_login(session, device, self.serves)
        if login and standing.is_pending(login, now) and login.account_lookup == lookup:
            outcome = self._send(session, login, now)
            too_soon = isinstance(outcome, Refusal) and outcome.reason is limits.Reason.TOO_SOON
            return Outcome.ON_ITS_WAY if too_soon else outcome
        if login and standing.is_verified(login, now) and login.account_lookup == lookup:
            return Outcome.PROVEN
        refusal = limits.judge_send(session, self.sms, lookup, device.id, now, way=way)
        if refusal:
            return refusal
        login = Login(
            device_id=device.id,
            state=LoginState.CODE_SENT,
            language=language,
            serves=self.serves,
            way=way,
            account_lookup=lookup,
            sealed_account=account.sealed(self.sealer, logins.ACCOUNT),
            sealed_keys=_keys_so_far(login, now),
            failures=0,
            started_at=now,
            terms_accepted_at=now,
        )
        session.add(login)
        session.flush()
        return self._prepare(session, login, now)

    def resend(
        self, session: Session, device: Device, now: dt.datetime
    ) -> CodeToSend | Refusal | Outcome:
        """Send the pending code again; a new one only if it has expired."""
        mutex.hold(session, device.lookup)
        login = standing.newest_login(session, device, self.serves)
        if login is None or not standing.is_pending(login, now):
            return Outcome.NOTHING_PENDING
        mutex.hold(session, whose(login))
        return self._send(session, login, now)

    def record_sent(self, session: Session, sending: CodeToSend, sent: Sent) -> None:
        """Keep who took the message, to ask what became of it."""
        session.execute(
            sa.update(CodeSend)
            .where(CodeSend.id == sending.send_id)
            .values(state=SendState.TAKEN, carrier=sent.carrier, message_id=sent.message_id)
        )
        code_carrier = sent.carrier if sent.keeps_code else None
        if code_carrier != sending.usual_carrier:
            session.execute(
                sa.update(Login)
                .where(Login.id == sending.login_id)
                .values(code_carrier=code_carrier)
            )

    def verify(
        self,
        session: Session,
        device: Device,
        code: str,
        now: dt.datetime,
        *,
        carrier_says: bool | None = None,
    ) -> Try | None:
        """Check a code; None if this phone waits for none.

        `carrier_says`: whether it is right, where a carrier made it (`Login.code_carrier`).
        """
        mutex.hold(session, device.lookup)
        login = standing.newest_login(session, device, self.serves)
        if login is None or not standing.is_pending(login, now):
            return None
        mutex.hold(session, whose(login))
        if limits.is_locked(session, whose(login), now):
            return self._close(login, Verdict.LOCKED)
        if not login.code_hash or not login.code_expires_at or now >= login.code_expires_at:
            return Try(Verdict.EXPIRED)
        if login.code_carrier is None:
            is_right = codes.fits(self.code_key, login.id, code, login.code_hash)
        else:
            is_right = carrier_says is True
        if not is_right:
            login.failures += 1
            left = TRIES - login.failures
            return Try(Verdict.WRONG, left) if left > 0 else self._close(login, Verdict.LOCKED)
        self._forget_code(login)
        login.state = LoginState.VERIFIED
        login.verified_at = now
        return Try(Verdict.RIGHT)

    def abandon(self, session: Session, device: Device) -> None:
        """Give up the pending login: its number cannot be reached."""
        mutex.hold(session, device.lookup)
        login = standing.newest_login(session, device, self.serves)
        if login is not None and login.state is LoginState.CODE_SENT:
            self._close(login, Verdict.LOCKED)

    def _send(self, session: Session, login: Login, now: dt.datetime) -> CodeToSend | Refusal:
        refusal = limits.judge_send(
            session, self.sms, whose(login), login.device_id, now, way=login.way
        )
        return refusal or self._prepare(session, login, now)

    def _prepare(self, session: Session, login: Login, now: dt.datetime) -> CodeToSend:
        """Write down that a code is sent; whether it may be has been judged."""
        code, expires_at = self._current_code(login, now)
        login.code_expires_at = expires_at
        send = CodeSend(
            account_lookup=whose(login),
            device_id=login.device_id,
            login_id=login.id,
            way=login.way,
            sent_at=now,
            state=SendState.BEGUN,
        )
        session.add(send)
        session.flush()
        account, lasts = account_of(self.sealer, login), expires_at - now
        return CodeToSend(login.id, send.id, account, code, lasts, login.code_carrier)

    def _current_code(self, login: Login, now: dt.datetime) -> tuple[str, dt.datetime]:
        """The pending code, or a new one, and until when it is good after this send.

        Text messages overtake each other, so whichever arrives has to work: a code is
        repeated as long as it lives.
        """
        alive = login.code_expires_at is not None and now < login.code_expires_at
        if alive and login.sealed_code and login.code_made_at:
            code = self.sealer.open(logins.CODE, login.sealed_code).decode()
            return code, min(now + CODE_LASTS, login.code_made_at + CODE_LASTS_AT_MOST)
        code = codes.make()
        login.code_hash = codes.digest(self.code_key, login.id, code)
        login.sealed_code = self.sealer.seal(logins.CODE, code.encode())
        login.code_made_at = now
        return code, now + CODE_LASTS

    def _close(self, login: Login, verdict: Verdict) -> Try:
        self._forget_code(login)
        login.state = LoginState.LOCKED
        return Try(verdict)

    def _forget_code(self, login: Login) -> None:
        login.code_hash = login.sealed_code = None


def _keys_so_far(login: Login | None, now: dt.datetime) -> bytes | None:
    """What WeChat has said of whoever types a number now: both are one person's."""
    if login is None or not (standing.needs_number(login, now) or standing.is_pending(login, now)):
        return None
    return login.sealed_keys


def whose(login: Login) -> bytes:
    """Blind index of the account of a login that has one."""
    if login.account_lookup is None:
        raise ValueError("nobody has shown yet whose login this is")
    return login.account_lookup


def account_of(sealer: Sealer, login: Login) -> Account:
    """The account of a login that has one."""
    if login.sealed_account is None:
        raise ValueError("nobody has shown yet whose login this is")
    return Account.opened(sealer, logins.ACCOUNT, login.sealed_account)
