"""What the official account's callbacks tell, and what is answered to the shopper.

Only the database is asked here, never WeChat: an answer is due within five seconds.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.sealing import Sealer
from core.texts import Texts
from core.wechat_relay import Way
from hq import logins, receipts
from hq.models.binding import Binding
from hq.models.receipt import ANSWER
from hq.models.store import Store
from hq.models.withdrawal import USER, Withdrawal

_SCENE = "wifi_"
# Scenes of other purposes (posters, sales guides) begin otherwise and are left alone here.
_NEW_FOLLOWER = "qrscene_"


def scene_of(login_id: str) -> str:
    """What the QR code of a login carries to us through WeChat."""
    return _SCENE + login_id


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """Answers the callbacks of one official account."""

    app_id: str
    sealer: Sealer
    texts: Texts

    def answer(self, session: Session, message: Mapping[str, str], now: dt.datetime) -> str | None:
        """The text to reply with, if any. A message sent again changes nothing and gets the
        reply it got before, which may have been lost.
        """
        sender, message_id = f"wechat/{self.app_id}", _id(message)
        receipt = receipts.take(session, self.sealer, sender, message_id, now)
        if receipt is None:
            given = receipts.answer_given(session, self.sealer, sender, message_id)
            return given.decode() if given else None
        text = self._take_in(session, message, now)
        if text:
            receipt.sealed_answer = self.sealer.seal(ANSWER, text.encode())
        return text

    def _take_in(
        self, session: Session, message: Mapping[str, str], now: dt.datetime
    ) -> str | None:
        if message.get("MsgType") != "event":
            return None
        openid, key = message["FromUserName"], message.get("EventKey", "")
        match message.get("Event", "").lower():
            case "subscribe":
                return self._greet(session, openid, key.removeprefix(_NEW_FOLLOWER), now)
            case "scan":
                return self._greet(session, openid, key, now)
            case "unsubscribe":
                self._withdraw(session, openid, now)
        return None

    def _greet(self, session: Session, openid: str, scene: str, now: dt.datetime) -> str | None:
        """The way online for whoever scanned the code of a login."""
        if not scene.startswith(_SCENE):
            return None
        try:
            login = logins.running(session, scene.removeprefix(_SCENE), now)
        except logins.LoginError:
            # Of a login that is gone we do not know the language.
            return self.texts.text("zh", "follow.too_late")
        if login.redeemed_at:
            return self.texts.text(login.language, "follow.too_late")
        identity = logins.Identity(Way.FOLLOW, self.app_id, openid)
        link = logins.prove(session, self.sealer, login, identity, now)
        minutes = max((login.expires_at - now) // dt.timedelta(minutes=1), 1)
        return self.texts.text(login.language, "follow.link", link=link, minutes=minutes)

    def _withdraw(self, session: Session, openid: str, now: dt.datetime) -> None:
        of_user = Binding.lookup == lookup(self.sealer, self.app_id, openid)
        user = json.dumps({"app_id": self.app_id, "openid": openid}).encode()
        for store_id in session.scalars(sa.select(Binding.store_id).where(of_user)).all():
            session.add(
                Withdrawal(
                    store_id=store_id,
                    sealed_user=self.sealer.seal(USER, user),
                    withdrawn_at=now,
                )
            )
        session.execute(sa.delete(Binding).where(of_user))


def bind(
    session: Session, sealer: Sealer, store: Store, identity: logins.Identity, now: dt.datetime
) -> None:
    """Remember that the store knows this user, so that it hears of their withdrawal."""
    key = lookup(sealer, identity.app_id, identity.openid)
    session.merge(Binding(lookup=key, store_id=store.id, bound_at=now))


def unbind(session: Session, sealer: Sealer, store_id: str, account: str) -> None:
    """Forget that the store knows the user of `appid:openid`: it has erased them."""
    key = lookup(sealer, *account.split(":", 1))
    session.execute(sa.delete(Binding).where(Binding.lookup == key, Binding.store_id == store_id))


def withdrawals(
    session: Session, sealer: Sealer, store: Store, done: Sequence[int], most: int = 100
) -> list[dict[str, object]]:
    """Whom the store has to forget, oldest first. What it has `done` is deleted here."""
    session.execute(
        sa.delete(Withdrawal).where(Withdrawal.store_id == store.id, Withdrawal.id.in_(done))
    )
    rows = session.scalars(
        sa.select(Withdrawal)
        .where(Withdrawal.store_id == store.id)
        .order_by(Withdrawal.id)
        .limit(most)
    )
    return [
        {
            "number": row.id,
            "withdrawn_at": row.withdrawn_at.isoformat(),
            **json.loads(sealer.open(USER, row.sealed_user)),
        }
        for row in rows
    ]


def lookup(sealer: Sealer, app_id: str, openid: str) -> bytes:
    return sealer.lookup("wechat_user", f"{app_id}\0{openid}".encode())


def _id(message: Mapping[str, str]) -> str:
    """By this WeChat's documentation tells a message that is sent again."""
    # The kind of event as well: a second holds a SCAN and an unsubscribe.
    event = (message.get("FromUserName"), message.get("CreateTime"), message.get("Event"))
    return message.get("MsgId") or "/".join(part or "" for part in event)
