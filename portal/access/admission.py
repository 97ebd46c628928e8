"""Opens the way for a phone whose grant is on disk, and closes it again.

The gate is always the last to hear "open" and the first to hear "close": when
something fails in between, a shopper is offline who might be online, never the reverse.
"""

import dataclasses
import datetime as dt
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import revocation, session_records
from core.database import Database
from core.mac import Mac
from core.metrics import counted
from core.models.grant import EndCause, Grant
from core.models.login import Login, LoginState, LoginWay
from core.sealing import Sealer
from core.session_records import Change
from gate.client import GateError, Limits, Online
from portal.access import grants

# The gate refuses the packet that would be too much, so what it counts may end just short
# of its limit; and a packet may be 64 kB long in the kernel. With so much more at the gate,
# the count reaches the quota, and `portal.access.accounting` sees that it is used up.
OVERRUN_BYTES = 128 * 1024


class Gate(Protocol):
    """What the portal needs of the gate's client. Each may raise GateError."""

    def admit(self, mac: str, seconds: int, limits: Limits) -> None: ...
    def revoke(self, mac: str) -> None: ...
    def find(self, mac: str) -> Online | None: ...
    def kind(self) -> str: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Admission:
    gate: Gate
    database: Database
    sealer: Sealer

    def open(self, mac: Mac, grant: Grant, now: dt.datetime, *, is_anew: bool = False) -> bool:
        """Let the phone through for what is left of its time and data. GateError: it is offline.

        Safe to repeat: the grant stays, and the gate may hear the same twice.

        Args:
            mac: of the phone.
            grant: which it has.
            now: the present moment.
            is_anew: it was online, and the gate has forgotten; the access log will say so.

        Returns:
            Whether it is online now; not if its grant ran out or was ended meanwhile.
        """
        seconds, data = int((grant.expires_at - now).total_seconds()), grants.bytes_left(grant)
        if seconds < 1:
            return False
        if data == 0:
            self._end(mac, EndCause.QUOTA, now)
            return False
        most = 0 if data is None else data + OVERRUN_BYTES
        limits = Limits(grant.down_kbit_s, grant.up_kbit_s, most)
        try:
            self.gate.admit(mac.text(), seconds, limits)
        except GateError:
            counted.LOGINS.add(self._way(grant), "gate_failed")
            raise
        # On disk before its owner reads it: restoration goes by it after a power cut.
        with self.database.writing() as session:
            # Active now: else a phone that comes back after a power cut would count as
            # silent till then.
            held = (
                Grant.id == grant.id,
                Grant.ended_at.is_(None),
                Grant.challenged_at.is_(None),
            )
            touch = sa.update(Grant).where(*held).values(last_active_at=now)
            login_id = session.execute(touch.returning(Grant.login_id)).scalar()
            way = None if login_id is None else _go_online(session, login_id)
            if is_anew and login_id is not None:
                held_grant = session.get_one(Grant, grant.id)
                session_records.changed(session, self.sealer, held_grant, Change.RESTORED, now)
        if way is not None:
            counted.LOGINS.add(way, "online")
        if login_id is None:
            # Whoever ended it told the gate first, perhaps before we did the contrary.
            self.gate.revoke(mac.text())
        return login_id is not None

    def close(self, mac: Mac, now: dt.datetime) -> None:
        """Stop the phone, then end its grant. GateError: it may still be online."""
        self._end(mac, EndCause.LOGGED_OUT, now)

    def extend(self, mac: Mac, grant_id: int, now: dt.datetime) -> bool:
        """Make a grant longer, on disk and then at the gate; False if it may not be.

        GateError: it is longer on disk, and `portal.access.restoration` tells the gate later.
        """
        with self.database.writing() as session:
            grant = grants.extend(session, self.sealer, grant_id, now)
        return grant is not None and self.open(mac, grant, now)

    def is_open(self, mac: Mac) -> bool:
        """Whether the gate lets this phone through.

        A gate that does not answer has forgotten nobody: the firewall holds its sets
        by itself, so what the database says then stands.
        """
        try:
            return self.gate.find(mac.text()) is not None
        except GateError:
            return True

    def is_demo(self) -> bool:
        """Whether no firewall stands behind the gate."""
        try:
            return self.gate.kind() == "recording"
        except GateError:
            return False

    def _way(self, grant: Grant) -> LoginWay:
        with self.database.reading() as session:
            return session.scalars(sa.select(Login.way).where(Login.id == grant.login_id)).one()

    def _end(self, mac: Mac, cause: EndCause, now: dt.datetime) -> None:
        revocation.revoke(self.database, self.sealer, self.gate, mac, cause=cause, now=now)


def _go_online(session: Session, login_id: int) -> LoginWay | None:
    """Note that a login has come to its end; its way, if it had not before."""
    noted = (
        sa.update(Login)
        .where(Login.id == login_id, Login.state != LoginState.ONLINE)
        .values(state=LoginState.ONLINE)
    )
    return session.execute(noted.returning(Login.way)).scalar()
