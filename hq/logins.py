"""A login by WeChat from its beginning to the moment the store has the identity.

The identity goes to the device that brings a token back to the store's portal (a link in
WeChat, a redirect), or, from the mini-program, to the device for which the login was begun.
"""

import dataclasses
import datetime as dt
import json
import re
import secrets
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import link_token
from core.sealing import Sealer
from core.wechat_relay import TOKEN_PARAMETER, Level, Refusal, Stage, Way
from hq import retention, store_keys, stores
from hq.models.proof import IDENTITY, Proof
from hq.models.store import Store
from hq.models.wechat_login import WechatLogin

# Whatever else a stranger writes there is not even looked up.
_ID = re.compile(r"[0-9a-f]{32}")
# Each costs the chain money at WeChat.
_MOST_ATTEMPTS = 5
# Whoever began these is the one who comes back: the browser stays the same.
_OWN_DEVICE_ONLY = {Way.OAUTH, Way.WEBSITE, Way.MINI_PROGRAM}


class LoginError(Exception):
    """A login does not go on; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who somebody is, by WeChat's word. Hides itself when printed."""

    way: Way
    app_id: str
    openid: str
    unionid: str | None = None
    phone: str | None = None
    """E.164, verified by WeChat."""

    @property
    def level(self) -> Level:
        return Level.PHONE if self.phone else Level.OPENID

    def __repr__(self) -> str:
        return "Identity(hidden)"


def begin(
    session: Session,
    store: Store,
    *,
    reference: str,
    return_url: str,
    language: str,
    lasts: dt.timedelta,
    most_a_minute: int,
    now: dt.datetime,
) -> WechatLogin:
    """A new login.

    Raises:
        LoginError: it would lead shoppers anywhere but to the store's portal, or the store
            begins more than a store does, and would use up what all of them share at WeChat.
    """
    if not stores.is_own_address(store, return_url):
        raise LoginError(Refusal.FOREIGN_ADDRESS)
    lately = sa.select(sa.func.count()).where(
        WechatLogin.store_id == store.id, WechatLogin.begun_at > now - dt.timedelta(minutes=1)
    )
    if session.scalars(lately).one() >= most_a_minute:
        raise LoginError(Refusal.BUSY)
    retention.forget(session, now)
    login = WechatLogin(
        id=secrets.token_hex(16),
        store_id=store.id,
        reference=reference,
        return_url=return_url,
        language=language,
        match_code=f"{secrets.randbelow(10_000):04}",
        begun_at=now,
        expires_at=now + lasts,
        attempts=0,
    )
    session.add(login)
    return login


def running(session: Session, login_id: str, now: dt.datetime) -> WechatLogin:
    """The login of this id, held until the session ends; LoginError if it is over."""
    known = _ID.fullmatch(login_id)
    login = session.get(WechatLogin, login_id, with_for_update=True) if known else None
    if login is None:
        raise LoginError(Refusal.UNKNOWN)
    if login.expires_at <= now:
        raise LoginError(Refusal.EXPIRED)
    return login


def attempt(session: Session, login_id: str, now: dt.datetime) -> None:
    """Let the mini-program try its codes for this login, a few times at most."""
    login = running(session, login_id, now)
    if login.redeemed_at or login.attempts >= _MOST_ATTEMPTS:
        raise LoginError(Refusal.USED)
    login.attempts += 1


def use_state(session: Session, login_id: str, now: dt.datetime) -> WechatLogin:
    """Take the state that a browser brought back: it is good once."""
    login = running(session, login_id, now)
    if login.state_used_at:
        raise LoginError(Refusal.USED)
    login.state_used_at = now
    return login


def give_back_state(session: Session, login_id: str) -> None:
    """The state brought nothing, through no fault of the shopper's: let it be used again."""
    session.get_one(WechatLogin, login_id).state_used_at = None


def prove(
    session: Session, sealer: Sealer, login: WechatLogin, identity: Identity, now: dt.datetime
) -> str:
    """Keep what WeChat said; returns the address at the portal that redeems it."""
    key = store_keys.current(session, sealer, login.store_id, now)
    if key is None:
        raise LoginError(Refusal.UNKNOWN)
    token = link_token.make(key, login.expires_at)
    _add(session, sealer, login, identity, token=token, now=now)
    joint = "&" if "?" in login.return_url else "?"
    return f"{login.return_url}{joint}{TOKEN_PARAMETER}={quote(token)}"


def prove_at_once(
    session: Session, sealer: Sealer, login: WechatLogin, identity: Identity, now: dt.datetime
) -> None:
    """Keep what WeChat said, for the device that began: no link leads back to it."""
    _add(session, sealer, login, identity, token=None, now=now)


def stage(session: Session, store: Store, login_id: str, now: dt.datetime) -> Stage:
    login = running(session, login_id, now)
    if login.store_id != store.id:
        raise LoginError(Refusal.UNKNOWN)
    if login.redeemed_at:
        return Stage.REDEEMED
    ways = set(session.scalars(sa.select(Proof.way).where(Proof.login_id == login.id)))
    if Way.MINI_PROGRAM in ways:
        return Stage.PROVED
    return Stage.FOLLOWED if Way.FOLLOW in ways else Stage.WAITING


def redeem_token(
    session: Session, sealer: Sealer, store: Store, token: str, *, reference: str, now: dt.datetime
) -> Identity:
    """Whom the bearer of `token` is, told once: for the device `reference`."""
    found = sa.select(Proof).where(Proof.token_lookup == _lookup(sealer, token))
    return _redeem(session, sealer, store, found, reference=reference, now=now)


def redeem_login(
    session: Session,
    sealer: Sealer,
    store: Store,
    login_id: str,
    *,
    reference: str,
    now: dt.datetime,
) -> Identity:
    """Who proved a phone number for this login; only for the device that began it."""
    found = (
        sa.select(Proof)
        .where(Proof.login_id == login_id, Proof.way == Way.MINI_PROGRAM)
        .order_by(Proof.id)
        .limit(1)
    )
    return _redeem(session, sealer, store, found, reference=reference, now=now)


def _add(
    session: Session,
    sealer: Sealer,
    login: WechatLogin,
    identity: Identity,
    *,
    token: str | None,
    now: dt.datetime,
) -> None:
    value = json.dumps(dataclasses.asdict(identity), ensure_ascii=False).encode()
    session.add(
        Proof(
            login_id=login.id,
            way=identity.way,
            token_lookup=_lookup(sealer, token) if token else None,
            sealed_identity=sealer.seal(IDENTITY, value),
            made_at=now,
        )
    )


def _redeem(
    session: Session,
    sealer: Sealer,
    store: Store,
    found: sa.Select[Proof],
    *,
    reference: str,
    now: dt.datetime,
) -> Identity:
    proof = session.scalars(found.with_for_update()).one_or_none()
    if proof is None:
        raise LoginError(Refusal.UNKNOWN)
    login = running(session, proof.login_id, now)
    if login.store_id != store.id:
        raise LoginError(Refusal.UNKNOWN)
    if proof.way in _OWN_DEVICE_ONLY and reference != login.reference:
        raise LoginError(Refusal.OTHER_DEVICE)
    if proof.redeemed_by not in {None, reference}:
        raise LoginError(Refusal.USED)
    if login.redeemed_at and proof.redeemed_by is None:
        # Somebody else was faster with another token of the same login.
        raise LoginError(Refusal.USED)
    proof.redeemed_by = reference
    login.redeemed_at = login.redeemed_at or now
    fields = json.loads(sealer.open(IDENTITY, proof.sealed_identity))
    return Identity(**{**fields, "way": Way(fields["way"])})


def _lookup(sealer: Sealer, token: str) -> bytes:
    return sealer.lookup("wechat_token", token.encode())
