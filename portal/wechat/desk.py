"""From the button for WeChat to an account, on the store's side.

Each method works in the caller's transaction. The relay is asked outside of any, so that the
database never waits for it.
"""

import dataclasses
import datetime as dt
import enum
import json
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.account import Account, AccountKind
from core.models import identity as identities
from core.models import login as logins
from core.models.device import Device
from core.models.identity import Identity, IdentityKind
from core.models.login import Login, LoginState, LoginWay, Serves
from core.phone_number import InvalidPhoneNumberError, PhoneNumber
from core.sealing import Sealer
from core.setting_groups.wechat import WechatSettings
from portal import mutex
from portal.ways import standing
from portal.wechat.shape import Offer, WechatIdentity

# Each costs headquarters a call to WeChat, and all stores share what that allows.
LOGINS_AN_HOUR = 10

_HOUR = dt.timedelta(hours=1)
_SHOWN = ("mini_program_scheme", "mini_program_link", "follow_qr", "oauth_url", "website_url")


class Outcome(enum.Enum):
    PROVEN = enum.auto()
    NEEDS_NUMBER = enum.auto()
    """WeChat has said who it is, and the law wants a number besides."""
    NUMBER_REFUSED = enum.auto()
    """WeChat's number is of a country or kind that may not log in here."""
    NOTHING_PENDING = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class WechatDesk:
    settings: WechatSettings
    countries: tuple[str, ...]
    sealer: Sealer
    serves: Serves = Serves.INTERNET

    def reference(self, device: Device) -> str:
        """What the relay knows a device by: the same on every visit, and no way back to it."""
        return self.sealer.lookup("wechat_reference", device.lookup).hex()

    def may_begin(self, session: Session, device: Device, now: dt.datetime) -> bool:
        lately = sa.select(sa.func.count()).where(
            Login.device_id == device.id,
            Login.way == LoginWay.WECHAT,
            Login.started_at > now - _HOUR,
        )
        return (session.scalar(lately) or 0) < LOGINS_AN_HOUR

    def keep(
        self, session: Session, device: Device, offer: Offer, language: str, now: dt.datetime
    ) -> Login:
        """Write down that this device is away at WeChat; for the internet, its terms accepted."""
        mutex.hold(session, device.lookup)
        login = Login(
            device_id=device.id,
            state=LoginState.BEGUN,
            language=language,
            serves=self.serves,
            way=LoginWay.WECHAT,
            sealed_offer=self._sealed(offer),
            failures=0,
            started_at=now,
            terms_accepted_at=now,
        )
        session.add(login)
        session.flush()
        return login

    def offer_of(self, login: Login, now: dt.datetime) -> Offer | None:
        """What is shown for a login; None if its time at WeChat is over."""
        if login.sealed_offer is None:
            return None
        found = json.loads(self.sealer.open(logins.OFFER, login.sealed_offer))
        expires_at = dt.datetime.fromisoformat(found.pop("expires_at"))
        return Offer(expires_at=expires_at, **found) if now < expires_at else None

    def take(
        self,
        session: Session,
        device: Device,
        login_id: int,
        identity: WechatIdentity,
        now: dt.datetime,
    ) -> Outcome:
        """Write down who it is, for the login that this device is away with."""
        mutex.hold(session, device.lookup)
        login = standing.newest_login(session, device, self.serves)
        if login is None or login.id != login_id or not standing.is_away(login, now):
            return Outcome.NOTHING_PENDING
        login.sealed_offer = None
        number = self._allowed(identity.phone.e164()) if identity.phone else None
        is_for_internet = self.serves is Serves.INTERNET
        if identity.phone is not None and number is None and is_for_internet:
            login.state = LoginState.LOCKED
            return Outcome.NUMBER_REFUSED
        keys = _keys(identity)
        login.sealed_keys = self.sealer.seal(logins.KEYS, json.dumps(keys).encode())
        if number is None and is_for_internet and not self.settings.openid_suffices:
            number, login.number_proven_at = self._known_number(session, keys, now)
            if number is None:
                return Outcome.NEEDS_NUMBER
        openid = Account(AccountKind.OPENID, keys[IdentityKind.OPENID])
        account = Account.of_phone(number) if number else openid
        login.account_lookup = account.lookup(self.sealer)
        login.sealed_account = account.sealed(self.sealer, logins.ACCOUNT)
        login.state = LoginState.VERIFIED
        login.verified_at = now
        return Outcome.PROVEN

    def give_up(self, session: Session, device: Device) -> None:
        """End the login that this device is away with: WeChat knows it no longer."""
        mutex.hold(session, device.lookup)
        login = standing.newest_login(session, device, self.serves)
        if login is None or login.way is not LoginWay.WECHAT:
            return
        if login.state is LoginState.BEGUN and login.sealed_keys is None:
            login.state, login.sealed_offer = LoginState.LOCKED, None

    def _known_number(
        self, session: Session, keys: Mapping[IdentityKind, str], now: dt.datetime
    ) -> tuple[PhoneNumber, dt.datetime] | tuple[None, None]:
        """The number last proven together with this WeChat account, and when that was.

        Proven by itself, it may have been so by the number's next owner.
        """
        lookups = [self.sealer.lookup(kind, value.encode()) for kind, value in keys.items()]
        whose = sa.select(Identity.member_id).where(
            Identity.kind.in_(keys), Identity.lookup.in_(lookups)
        )
        found = session.scalar(
            sa.select(Identity)
            .where(
                Identity.kind == IdentityKind.PHONE,
                Identity.member_id.in_(whose),
                Identity.bound_at > now - dt.timedelta(days=self.settings.number_lasts_days),
            )
            .order_by(Identity.bound_at.desc())
            .limit(1)
        )
        if found is None or found.bound_at is None:
            return None, None
        value = self.sealer.open(identities.VALUE, found.sealed_value).decode()
        number = self._allowed(value)
        return (number, found.bound_at) if number else (None, None)

    def _allowed(self, number: str) -> PhoneNumber | None:
        """None if numbers of its country or kind may not log in here."""
        try:
            return PhoneNumber.parse(number, self.countries)
        except InvalidPhoneNumberError:
            return None

    def _sealed(self, offer: Offer) -> bytes:
        fields = {
            "login_id": offer.login_id,
            "match_code": offer.match_code,
            "expires_at": offer.expires_at.isoformat(),
            **{name: getattr(offer, name) for name in _SHOWN},
        }
        return self.sealer.seal(logins.OFFER, json.dumps(fields).encode())


def _keys(identity: WechatIdentity) -> dict[IdentityKind, str]:
    keys = {IdentityKind.OPENID: f"{identity.app_id}:{identity.openid}"}
    if identity.unionid:
        keys[IdentityKind.UNIONID] = identity.unionid
    return keys
