"""Answers the gate's socket: checks who calls, then does what each line asks.

A caller that sends nonsense, or nothing, keeps one of `_CALLERS` threads until it has
been silent for `_SILENCE_S`; the others are served meanwhile.
"""

import contextlib
import itertools
import logging
import os
import socket
import stat
import struct
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gate import protocol
from gate.checks import ProtocolError
from gate.failures import Failures
from gate.shape import Gate, GateFailedError, Witness
from gate.vital_signs import Tasks
from gate.whereabouts import MOST_GUESTS

_CALLERS = 32
_SILENCE_S = 5.0
# How long a stop may go unnoticed.
_NOTICE_S = 0.2
# SO_PEERCRED gives a `struct ucred`: pid, uid, gid.
_PEER = struct.Struct("3i")

# Of one request; the firewall answers within milliseconds, another gateway within seconds.
_LONGEST_S = 30.0

_Work = Callable[[protocol.Request], protocol.Answer]

_log = logging.getLogger("gate")


class SocketTakenError(Exception):
    """Another gate, or something that is no socket, is where ours should be."""


def serve(
    socket_path: Path,
    gate: Gate,
    allowed_uids: Collection[int],
    stop_event: threading.Event,
    *,
    takes_turns: bool = True,
    on_turn: Callable[[], None] = lambda: None,
    longest_s: float = _LONGEST_S,
) -> None:
    """Answer until `stop_event` is set, then finish what is being done.

    Args:
        socket_path: made with mode 0660; what a killed gate left there is replaced.
        gate: what is commanded.
        allowed_uids: who may ask, besides root and this process's own user.
        stop_event: ends this.
        takes_turns: whether `gate` must never be commanded by two callers at once.
        on_turn: called while callers are waited for, as long as `gate` brings all to an end.
        longest_s: how long one request may take until that is doubted.

    Raises:
        SocketTakenError: something is at `socket_path` that must not be replaced.
    """
    allowed = frozenset({0, os.geteuid(), *allowed_uids})
    turn = threading.Lock() if takes_turns else contextlib.nullcontext()
    tasks = Tasks(within_s=longest_s)
    connections: set[socket.socket] = set()
    failures = Failures()

    def work(request: protocol.Request) -> protocol.Answer:
        with tasks, turn:
            return _done(request, gate, failures)

    def attend(connection: socket.socket) -> None:
        with connection:
            try:
                _converse(connection, work, allowed)
            except OSError:
                _log.debug("caller gone or silent")
            except Exception:  # noqa: BLE001 - a fault costs this caller its answer, not others
                _log.exception("caller not answered")
            finally:
                connections.discard(connection)

    with _listening(socket_path) as listener, ThreadPoolExecutor(_CALLERS) as threads:
        while not stop_event.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                connection.settimeout(_SILENCE_S)
                connections.add(connection)
                threads.submit(attend, connection)
            if tasks.all_end:
                on_turn()
        for connection in list(connections):
            # No more requests from here; an answer on its way still goes out.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)


def _converse(connection: socket.socket, work: _Work, allowed: Collection[int]) -> None:
    _, uid, _ = _PEER.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    )
    with connection.makefile("rb") as lines:
        # One byte more than allowed, so that a line that is too long shows as one.
        while line := lines.readline(protocol.REQUEST_LIMIT + 1):
            if uid not in allowed:
                answer: protocol.Answer = protocol.Refused(
                    "caller", f"user {uid} may not command the gate (setting gate.allowed_users)"
                )
            else:
                answer = _answer(line, work)
            connection.sendall(protocol.write_answer(answer))
            if isinstance(answer, protocol.Refused):
                # After a refusal nothing says where the next request begins.
                return


def _answer(line: bytes, work: _Work) -> protocol.Answer:
    try:
        return work(protocol.read_request(line))
    except ProtocolError as error:
        return protocol.Refused(error.field, error.problem)


def _done(request: protocol.Request, gate: Gate, failures: Failures) -> protocol.Answer:
    try:
        answer = _do(request, gate)
    except GateFailedError as error:
        failures.failed(protocol.verb_of(request), str(error))
        return protocol.Failed(str(error))
    failures.worked(protocol.verb_of(request))
    return answer


def _do(request: protocol.Request, gate: Gate) -> protocol.Answer:
    answer: protocol.Answer = protocol.Done()
    match request:
        case protocol.Admit(mac, seconds):
            gate.admit(mac, seconds, request.limits)
        case protocol.GivePass(mac, seconds):
            gate.give_pass(mac, seconds, request.limits)
        case protocol.Revoke(mac):
            gate.revoke(mac)
        case protocol.Find(mac):
            answer = protocol.Found(gate.find(mac))
        case protocol.ListOnline():
            answer = protocol.OnlineList(gate.online())
        case protocol.ListCounters():
            answer = protocol.CountersList(gate.counters())
        case protocol.AskKind():
            answer = protocol.Kind(gate.kind)
        case protocol.Vouch() | protocol.PhoneAt() | protocol.ListWhereabouts():
            answer = _testify(request, _witness(gate))
    return answer


def _testify(
    request: protocol.Vouch | protocol.PhoneAt | protocol.ListWhereabouts, gate: Witness
) -> protocol.Answer:
    match request:
        case protocol.Vouch():
            return protocol.Phone(gate.vouch(request.redirected))
        case protocol.PhoneAt(address):
            return protocol.Phone(gate.phone_at(address))
        case protocol.ListWhereabouts():
            found = itertools.islice(gate.whereabouts().items(), MOST_GUESTS)
            return protocol.WhereaboutsList(dict(found))


def _witness(gate: Gate) -> Witness:
    if not isinstance(gate, Witness):
        raise ProtocolError("do", f"is nothing that a gate of kind {gate.kind} knows")
    return gate


@contextlib.contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    """A socket at `path`, there from one moment to the next, with its mode already right."""
    _refuse_if_taken(path)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(draft))
        draft.chmod(0o660)
        listener.listen()
        listener.settimeout(_NOTICE_S)
        mine = draft.stat().st_ino
        draft.rename(path)
        try:
            yield listener
        finally:
            if path.exists() and path.stat().st_ino == mine:
                path.unlink()


def _refuse_if_taken(path: Path) -> None:
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.lstat().st_mode):
        raise SocketTakenError(f"{path} is there and is no socket: remove it, or set gate.socket")
    with socket.socket(socket.AF_UNIX) as other:
        other.settimeout(1)
        try:
            other.connect(str(path))
        except ConnectionRefusedError:
            return
        except OSError:
            # Full or slow, so somebody is there.
            pass
    raise SocketTakenError(f"another gate is listening on {path}: stop it first")
