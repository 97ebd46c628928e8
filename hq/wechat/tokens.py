"""Access tokens: one for each app, shared by all workers, fetched by one of them at a time.

WeChat makes a new token five minutes before the old one ends, and takes both in those
five minutes. We ask in the last four: whoever still holds the old one can use it.
"""

import dataclasses
import datetime as dt
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core.database import Database
from core.log import Log
from core.sealing import Sealer
from hq.models.access_token import TOKEN, AccessToken
from hq.wechat.errors import MENDS, PermanentWechatError, TemporaryWechatError
from hq.wechat.transport import Transport, text

_RENEWED_BEFORE_END = dt.timedelta(minutes=4)
# Longer than a call may take: a worker that died while fetching holds up nobody for long.
_CLAIM = dt.timedelta(seconds=30)
# WeChat may be told to make a new token only so often.
_FORCED_APART = dt.timedelta(seconds=60)
_WAIT_S = 6.0
_PAUSE_S = 0.05

_log = Log("hq")


@dataclasses.dataclass(frozen=True, slots=True)
class App:
    """An account at WeChat."""

    app_id: str
    secret: str = dataclasses.field(repr=False)


class Tokens:
    """Gives out tokens, and replaces one that WeChat no longer takes."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        transport: Transport,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._database, self._sealer = database, sealer
        self._transport, self._clock = transport, clock

    def current(self, app: App) -> str:
        """A token to call with. Raises WechatError if there is none to be had."""
        return self._obtain(app, refused=None)

    def replacement(self, app: App, refused: str) -> str:
        """Another token than `refused`, which WeChat did not take."""
        return self._obtain(app, refused)

    def _obtain(self, app: App, refused: str | None) -> str:
        deadline = time.monotonic() + _WAIT_S
        while True:
            now = self._clock()
            row = self._row(app)
            token = self._opened(row)
            if token == refused:
                token = None
            ends = row.expires_at if row and row.expires_at else now
            if token and ends - now > _RENEWED_BEFORE_END:
                return token
            if self._claim(app, row, now):
                return self._fetch(app, refused, row.forced_at if row else None)
            if token and ends > now:
                return token
            if time.monotonic() > deadline:
                raise TemporaryWechatError("another worker's token takes too long")
            time.sleep(_PAUSE_S)

    def _row(self, app: App) -> AccessToken | None:
        with self._database.reading() as session:
            return session.get(AccessToken, app.app_id)

    def _opened(self, row: AccessToken | None) -> str | None:
        if row is None or row.sealed_token is None:
            return None
        return self._sealer.open(TOKEN, row.sealed_token).decode()

    def _claim(self, app: App, seen: AccessToken | None, now: dt.datetime) -> bool:
        """Whether it is ours to replace what we have seen: true for one worker only."""
        claimed = (
            sa.update(AccessToken)
            .where(
                AccessToken.app_id == app.app_id,
                AccessToken.expires_at.is_not_distinct_from(seen.expires_at if seen else None),
                sa.or_(AccessToken.claimed_until.is_(None), AccessToken.claimed_until <= now),
            )
            .values(claimed_until=now + _CLAIM)
        )
        try:
            with self._database.writing() as session:
                if session.get(AccessToken, app.app_id) is None:
                    session.add(AccessToken(app_id=app.app_id))
                    session.flush()
                return session.connection().execute(claimed).rowcount == 1
        except IntegrityError:
            # Two workers came to the first token at once.
            return False

    def _fetch(self, app: App, refused: str | None, forced_at: dt.datetime | None) -> str:
        try:
            token, lasts_s = self._ask(app, force=False)
            if token == refused:
                token, lasts_s = self._force(app, forced_at)
        except BaseException:
            self._write(app, claimed_until=None)
            raise
        self._write(
            app,
            sealed_token=self._sealer.seal(TOKEN, token.encode()),
            expires_at=self._clock() + dt.timedelta(seconds=lasts_s),
            claimed_until=None,
        )
        _log.info("access token renewed", app=app.app_id, lasts_s=lasts_s)
        return token

    def _force(self, app: App, forced_at: dt.datetime | None) -> tuple[str, int]:
        """A new token although WeChat holds the old one to be good."""
        now = self._clock()
        if forced_at and now - forced_at < _FORCED_APART:
            raise PermanentWechatError(
                "WeChat refuses the token that it gives", 40001, MENDS[40001]
            )
        self._write(app, forced_at=now)
        return self._ask(app, force=True)

    def _ask(self, app: App, *, force: bool) -> tuple[str, int]:
        answer = self._transport.post(
            "/cgi-bin/stable_token",
            {
                "grant_type": "client_credential",
                "appid": app.app_id,
                "secret": app.secret,
                "force_refresh": force,
            },
        )
        lasts_s = answer.get("expires_in")
        if not isinstance(lasts_s, int) or lasts_s <= 0:
            raise TemporaryWechatError("WeChat's answer lacks expires_in")
        return text(answer, "access_token"), lasts_s

    def _write(self, app: App, **values: object) -> None:
        with self._database.writing() as session:
            session.execute(
                sa.update(AccessToken).where(AccessToken.app_id == app.app_id).values(**values)
            )
