"""Opens the way for a phone whose grant is on disk, and closes it again.

The gate is always the last to hear "open" and the first to hear "close": when
something fails in between, a shopper is offline who might be online, never the reverse.
"""

import dataclasses
import datetime as dt
from typing import Protocol

from core import revocation
from core.database import Database
from core.mac import Mac
from core.models.grant import EndCause, Grant
from core.models.login import Login, LoginState
from core.sealing import Sealer
from gate.client import GateError, Online


class Gate(Protocol):
    """What the portal needs of the gate's client. Each may raise GateError."""

    def admit(self, mac: str, seconds: int) -> None: ...
    def revoke(self, mac: str) -> None: ...
    def find(self, mac: str) -> Online | None: ...
    def kind(self) -> str: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Admission:
    gate: Gate
    database: Database
    sealer: Sealer

    def open(self, mac: Mac, grant: Grant, now: dt.datetime) -> bool:
        """Let the phone through for what is left of its grant. GateError: it is offline.

        Safe to repeat: the grant stays, and the gate may hear the same twice.

        Returns:
            Whether it is online now; not if its grant ran out or was ended meanwhile.
        """
        seconds = int((grant.expires_at - now).total_seconds())
        if seconds < 1:
            return False
        self.gate.admit(mac.text(), seconds)
        with self.database.writing() as session:
            held = session.get(Grant, grant.id, with_for_update=True)
            runs = held is not None and held.ended_at is None and held.challenged_at is None
            if runs:
                login = session.get_one(Login, grant.login_id)
                login.state = LoginState.ONLINE
        if not runs:
            # Whoever ended it told the gate first, perhaps before we did the contrary.
            self.gate.revoke(mac.text())
        return runs

    def close(self, mac: Mac, now: dt.datetime) -> None:
        """Stop the phone, then end its grant. GateError: it may still be online."""
        revocation.revoke(
            self.database, self.sealer, self.gate, mac, cause=EndCause.LOGGED_OUT, now=now
        )

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
