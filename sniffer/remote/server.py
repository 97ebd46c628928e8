"""The box's side of the lines to its sensors: TLS 1.3, both ends by the store's certificates.

Each line has a thread, which waits for the next request and has `Reception` answer it. What
was taken comes out at `read`, in the sensor's own thread.
"""

import contextlib
import datetime as dt
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core import clock
from core.log import Log
from core.sensor_status import Hearing, State
from sniffer.remote import protocol
from sniffer.remote.authority import Authority
from sniffer.remote.reception import LastWord, Reception, StoreKeys
from sniffer.remote.shape import Answer, Reason, Refused, RefusedError
from sniffer.source import Batch

# A store has a handful of sensors. Each may leave a line behind that does not know it ended.
_MOST_LINES = 32
# Batches in one go, for the box's own radios wait meanwhile.
_AT_ONCE = 2
# Sensors speak every few seconds.
_SILENCE_S = 30.0
_GONE_AFTER = dt.timedelta(seconds=30)
_HANDSHAKE_S = 10.0
_PART_S = 1.0
_PART_READS = 16

# The box's certificate is made anew before it ends, without a restart.
_LOOK_AT_CERTIFICATE_S = 86_400.0

# After these, nothing good can come on the same line.
_LAST = frozenset({Reason.MALFORMED, Reason.VERSION, Reason.REVOKED})

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_log = Log("remote")


class ServerError(Exception):
    """Nothing can be listened for there. The message names what to mend."""


class Server:
    """A source (`sniffer.source`) of what the store's other sensors have heard.

    Raises:
        ServerError: on making it: the address is none of this machine's, or taken.
        AuthorityError: as above: the store's certificates are not usable.
    """

    def __init__(
        self,
        place: tuple[str, int],
        authority: Authority,
        keys: StoreKeys,
        leave_out: Callable[[], str],
        clock_limit_s: int,
    ) -> None:
        self._authority = authority
        self._context = _context(authority)
        self._looked_at_s = time.monotonic()
        self._socket = _listen(place)
        self._ready = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._reception = Reception(keys, leave_out, clock_limit_s, on_arrival=self._wake)
        self._stop = threading.Event()
        self._lines: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, name="remote", daemon=True)
        self._accepting.start()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def fileno(self) -> int:
        return self._ready

    def read(self) -> Iterable[Batch]:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._ready)
        batches = self._reception.take_out(_AT_ONCE)
        if len(batches) == _AT_ONCE:
            # There may be more.
            self._wake()
        return batches

    def look_after(self) -> Mapping[str, int]:
        return self._reception.take_counts()

    def hearing(self) -> Mapping[str, Hearing]:
        """Of each sensor that may send, by its last word."""
        words, now = self._reception.last_words(), clock.now()
        return {
            known.name: _hearing(words.get(known.name), now) for known in self._authority.known()
        }

    def close(self) -> None:
        if self._stop.is_set():
            return
        self._stop.set()
        with contextlib.suppress(OSError):
            # Wakes who waits for a line.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._socket.close()
        with self._lock:
            threads = list(self._threads)
            for line in self._lines:
                with contextlib.suppress(OSError):
                    # Not TLS's own: that would have the line go on in the clear.
                    socket.socket.shutdown(line, socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        os.close(self._ready)

    def _wake(self) -> None:
        os.eventfd_write(self._ready, 1)

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                line, _ = self._socket.accept()
            except OSError:
                if not self._stop.is_set():
                    # Such as too many open files: the next one may get through.
                    _log.exception("no sensor can connect")
                    self._stop.wait(1)
                continue
            with self._lock:
                if len(self._threads) >= _MOST_LINES:
                    line.close()
                    continue
                thread = threading.Thread(target=self._attend, args=(line,), daemon=True)
                self._threads.add(thread)
            thread.start()

    def _attend(self, line: socket.socket) -> None:
        try:
            line.settimeout(_HANDSHAKE_S)
            context = self._current_context()
            with (
                context.wrap_socket(
                    line, server_side=True, do_handshake_on_connect=False
                ) as secured,
                self._open(secured),
            ):
                try:
                    secured.do_handshake()
                except ssl.SSLError:
                    # Mostly somebody without a certificate, or with an old one.
                    self._reception.refuse(Reason.HANDSHAKE)
                else:
                    secured.settimeout(_SILENCE_S)
                    self._converse(secured)
                _part(secured)
        except OSError:
            _log.debug("a line ended")
        except Exception:  # noqa: BLE001 - a fault costs this line, not the others
            _log.exception("a line is not attended to")
        finally:
            line.close()
            with self._lock:
                self._threads.discard(threading.current_thread())

    @contextlib.contextmanager
    def _open(self, line: socket.socket) -> Iterator[None]:
        """Ended by `close`, whoever keeps it open."""
        with self._lock:
            self._lines.add(line)
        try:
            if self._stop.is_set():
                raise ConnectionAbortedError("about to end")
            yield
        finally:
            with self._lock:
                self._lines.discard(line)

    def _converse(self, line: ssl.SSLSocket) -> None:
        certificate = line.getpeercert(binary_form=True) or b""
        name = _name_in(line)
        with line.makefile("rb") as lines:
            # One octet more than allowed, so that a line that is too long shows as one.
            while not self._stop.is_set() and (asked := lines.readline(protocol.LINE_LIMIT + 1)):
                answer = self._answer(name, certificate, asked)
                line.sendall(protocol.write_answer(answer))
                if isinstance(answer, Refused) and answer.reason in _LAST:
                    return

    def _answer(self, name: str, certificate: bytes, asked: bytes) -> Answer:
        # At each request: who is removed is refused from the next word on.
        if not self._authority.is_known(name, certificate):
            return self._reception.refuse(Reason.REVOKED)
        try:
            request = protocol.read_request(asked)
        except RefusedError as error:
            return self._reception.refuse(error.reason, name)
        return self._reception.answer(name, request)

    def _current_context(self) -> ssl.SSLContext:
        with self._lock:
            if time.monotonic() - self._looked_at_s > _LOOK_AT_CERTIFICATE_S:
                self._looked_at_s = time.monotonic()
                self._context = _context(self._authority)
            return self._context


def _hearing(word: LastWord | None, now: dt.datetime) -> Hearing:
    if word is None:
        return Hearing(State.GONE, None)
    at = _EPOCH + dt.timedelta(microseconds=word.at_us)
    return Hearing(State.GONE if now - at > _GONE_AFTER else State.HEARING, at)


def _context(authority: Authority) -> ssl.SSLContext:
    """Takes nobody without a certificate of the store's authority."""
    now = clock.now()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    # A resumed session would show a certificate that was looked at some time ago.
    context.num_tickets = 0
    context.load_cert_chain(authority.box_file(now))
    context.load_verify_locations(cadata=authority.certificate_pem(now))
    return context


def _listen(place: tuple[str, int]) -> socket.socket:
    host, port = place
    try:
        listener = socket.create_server(place, family=_family(host))
    except OSError as error:
        raise ServerError(
            f"cannot listen for sensors on {host}, port {port} (sensor.listen): {error.strerror}"
        ) from error
    return listener


def _part(line: ssl.SSLSocket) -> None:
    """Let what was said last arrive: a line closed with something unread is torn instead.

    By the plain socket's own calls, for nothing more is to be said under TLS.
    """
    line.settimeout(_PART_S)
    socket.socket.shutdown(line, socket.SHUT_WR)
    for _ in range(_PART_READS):
        if not socket.socket.recv(line, protocol.LINE_LIMIT):
            return


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _name_in(line: ssl.SSLSocket) -> str:
    """The name in a certificate that was verified; empty if it is none of ours."""
    certificate: dict[str, Any] = line.getpeercert() or {}
    names = dict(pair for part in certificate.get("subject", ()) for pair in part)
    return str(names.get("commonName", ""))
