"""Asks the gate. The one part of `gate` that other programs may import."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gate import protocol
from gate.checks import ProtocolError
from gate.shape import Counters, Limits, Online, Redirected
from gate.whereabouts import Whereabouts

__all__ = [
    "Counters",
    "GateClient",
    "GateError",
    "GateRefusedError",
    "GateUnavailableError",
    "Limits",
    "Online",
    "Redirected",
]

_A = TypeVar("_A", bound=protocol.Answer)
_UNLIMITED = Limits()


class GateError(Exception):
    """The gate did not do what was asked. No message repeats an address."""


class GateUnavailableError(GateError):
    """The gate is not there, too slow, or failed: it may work later."""


class GateRefusedError(GateError):
    """The request is wrong, or not ours to make: asking again will not help."""


class GateClient:
    """One connection a request: nothing is shared between processes or kept over a restart."""

    def __init__(
        self,
        socket_path: Path,
        timeout_s: float = 2.0,
        told: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        """`told` hears after each request what came of it: done, unavailable or refused."""
        self._socket_path = socket_path
        self._timeout_s = timeout_s
        self._told = told

    def admit(self, mac: str, seconds: int, limits: Limits = _UNLIMITED) -> None:
        """Let a phone pass for `seconds` from now, whatever it had before."""
        self._ask(protocol.Done, protocol.Admit, mac, seconds, *limits)

    def give_pass(self, mac: str, seconds: int, limits: Limits = _UNLIMITED) -> None:
        """Let a phone reach the pass hosts alone, for `seconds` from now, whatever it had."""
        self._ask(protocol.Done, protocol.GivePass, mac, seconds, *limits)

    def revoke(self, mac: str) -> None:
        """End what a phone has, at once. Does nothing if it has nothing."""
        self._ask(protocol.Done, protocol.Revoke, mac)

    def find(self, mac: str) -> Online | None:
        """How one phone stands, None if it is not admitted. Cheap, however many are."""
        return self._ask(protocol.Found, protocol.Find, mac).phone

    def online(self) -> dict[str, Online]:
        """Who is admitted now, by address; passes are not."""
        return dict(self._ask(protocol.OnlineList, protocol.ListOnline).phones)

    def counters(self) -> dict[str, Counters]:
        """Every phone that something passed for in the last hour, online or not.

        Each of the two counts only grows, across admissions and revocations, until nothing
        has passed that way for an hour; then it begins at 0 again.
        """
        return dict(self._ask(protocol.CountersList, protocol.ListCounters).phones)

    def vouch(self, redirected: Redirected) -> str | None:
        """Whose redirect by another gateway this is; None if that gateway does not confirm it."""
        return self._ask(protocol.Phone, protocol.Vouch, *redirected).mac

    def phone_at(self, address: str) -> str | None:
        """Which guest of another gateway has this IP address now; None if that is not certain."""
        return self._ask(protocol.Phone, protocol.PhoneAt, address).mac

    def whereabouts(self) -> dict[str, Whereabouts]:
        """Where guests of another gateway are who may pass now, by address."""
        return dict(self._ask(protocol.WhereaboutsList, protocol.ListWhereabouts).phones)

    def kind(self) -> str:
        """`nftables`; the make of another gateway; `recording` where nobody is really let in."""
        return self._ask(protocol.Kind, protocol.AskKind).kind

    def _ask(self, wanted: type[_A], sort: Callable[..., protocol.Request], *values: object) -> _A:
        outcome = "unavailable"
        try:
            answer = self._answer(wanted, sort, *values)
            outcome = "done"
        except GateRefusedError:
            outcome = "refused"
            raise
        else:
            return answer
        finally:
            self._told(outcome)

    def _answer(
        self, wanted: type[_A], sort: Callable[..., protocol.Request], *values: object
    ) -> _A:
        try:
            line = protocol.write_request(sort(*values))
        except ProtocolError as error:
            raise GateRefusedError(str(error)) from error
        try:
            answer = protocol.read_answer(self._exchange(line))
        except OSError as error:
            raise GateUnavailableError(
                f"no answer from the gate at {self._socket_path}: {_reason(error)}"
            ) from error
        except ProtocolError as error:
            raise GateUnavailableError(f"the gate's answer makes no sense: {error}") from error
        match answer:
            case protocol.Refused(field, problem):
                raise GateRefusedError(f"{field}: {problem}")
            case protocol.Failed(problem):
                raise GateUnavailableError(problem)
        if not isinstance(answer, wanted):
            raise GateUnavailableError("the gate answered another question")
        return answer

    def _exchange(self, line: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(self._timeout_s)
            connection.connect(str(self._socket_path))
            connection.sendall(line)
            with connection.makefile("rb") as lines:
                return lines.readline(protocol.ANSWER_LIMIT)


def _reason(error: OSError) -> str:
    return "timed out" if isinstance(error, TimeoutError) else error.strerror or "broken off"
