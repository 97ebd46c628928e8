"""A relay of the store's, as strict as headquarters', for tests that need no WeChat."""

import dataclasses
import datetime as dt
import re

from core.phone_number import PhoneNumber
from core.texts import LANGUAGES
from core.wechat_relay import Level, Refusal, Stage, Way
from portal.wechat.shape import LoginOverError, Offer, WechatIdentity

APP = "wx1111111111111111"
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OWN = {Way.OAUTH, Way.WEBSITE, Way.MINI_PROGRAM}


@dataclasses.dataclass
class Begun:
    reference: str
    return_url: str
    ways: tuple
    expires_at: dt.datetime
    stage: Stage = Stage.WAITING
    proofs: dict = dataclasses.field(default_factory=dict)
    redeemed_by: str | None = None


class FakeRelay:
    """Refuses with `error` while that is set; `closed` ways are not on offer."""

    def __init__(self):
        self.logins, self.error, self.closed, self.gone = {}, None, (), []

    def begin(self, *, reference, return_url, language, ways, now):
        self._asked()
        assert _REFERENCE.fullmatch(reference)
        assert language in LANGUAGES
        assert ways
        login_id = f"{len(self.logins):032x}"
        self.logins[login_id] = Begun(
            reference, return_url, tuple(ways), now + dt.timedelta(minutes=10)
        )
        open_ = set(ways) - set(self.closed)
        return Offer(
            login_id=login_id,
            match_code="0427",
            expires_at=self.logins[login_id].expires_at,
            mini_program_scheme="weixin://dl/business/?a=b" if Way.MINI_PROGRAM in open_ else None,
            mini_program_link="https://wxaurl.test/x" if Way.MINI_PROGRAM in open_ else None,
            follow_qr="http://weixin.test/q/x" if Way.FOLLOW in open_ else None,
            oauth_url="https://open.test/oauth#wechat_redirect" if Way.OAUTH in open_ else None,
            website_url="https://open.test/website" if Way.WEBSITE in open_ else None,
        )

    def look(self, login_id, now):
        return self._running(login_id, now).stage

    def redeem_token(self, token, reference, now):
        for login_id, begun in self.logins.items():
            if token in begun.proofs:
                return self._redeem(login_id, token, reference, now)
        self._asked()
        raise LoginOverError(Refusal.UNKNOWN)

    def redeem_login(self, login_id, reference, now):
        if "" not in self._running(login_id, now).proofs:
            raise LoginOverError(Refusal.UNKNOWN)
        return self._redeem(login_id, "", reference, now)

    def withdrawals(self, done, now):
        self._asked()
        assert now.tzinfo
        self.gone = [each for each in self.gone if each.number not in done]
        return self.gone[:100]

    @property
    def newest(self):
        return list(self.logins.values())[-1]

    def prove(self, way, name="alice", phone=None):
        """What somebody does in WeChat, for the newest login; the token that comes back."""
        token = (
            ""
            if way is Way.MINI_PROGRAM
            else f"token-of-{name}-{len(self.logins)}-{len(self.newest.proofs)}"
        )
        number = PhoneNumber.from_e164(phone) if phone else None
        level = Level.PHONE if phone else Level.OPENID
        self.newest.proofs[token] = WechatIdentity(
            way, level, APP, f"o-{name}", f"u-{name}", number
        )
        self.newest.stage = Stage.PROVED if way is Way.MINI_PROGRAM else Stage.FOLLOWED
        return token

    def _asked(self):
        if self.error:
            raise self.error

    def _running(self, login_id, now):
        self._asked()
        begun = self.logins.get(login_id)
        if begun is None:
            raise LoginOverError(Refusal.UNKNOWN)
        if begun.expires_at <= now:
            raise LoginOverError(Refusal.EXPIRED)
        return begun

    def _redeem(self, login_id, token, reference, now):
        begun = self._running(login_id, now)
        identity = begun.proofs[token]
        if identity.way in _OWN and reference != begun.reference:
            raise LoginOverError(Refusal.OTHER_DEVICE)
        if begun.redeemed_by not in {None, reference}:
            raise LoginOverError(Refusal.USED)
        begun.redeemed_by, begun.stage = reference, Stage.REDEEMED
        return identity
