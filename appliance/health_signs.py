"""Asks each program of this box for a sign of life. No Flask, no pandas: it is asked often."""

import http.client
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from appliance import front_check, web_tls
from core import clock, sensor_status, sign_of_life
from core.health_answer import PATH
from core.sensor_status import State
from core.setting_groups.front import FrontServer
from core.setting_groups.network import GateKind
from core.settings import Settings
from gate.client import GateClient, GateError
from portal.advertising import api_uri
from portal.advertising.api_uri import ApiUriError

_WITHIN_S = 2.0
# All of them, side by side: what has no end of its own is looking up a name, or a statement.
_ALL_WITHIN_S = 10.0
_OK = 200
_LOCAL = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask, not to listen
# Of DNS: a header that asks one question, and the question for the TXT record of the root. The
# resolver answers it by itself, with nothing.
_QUESTION = struct.Struct("!2s5H")
_ROOT_TXT = struct.pack("!BHH", 0, 16, 1)


class Health(NamedTuple):
    program: str
    is_well: bool
    text: str


def ask(found: Settings, within_s: float = _ALL_WITHIN_S) -> list[Health]:
    """One answer of each program that should run by these settings."""
    programs = _programs(found)
    answers: dict[str, Health] = {}

    def asks(name: str) -> None:
        answers[name] = _asked(name, programs[name], found)

    # Daemons: what hangs must not keep whoever asks.
    threads = [threading.Thread(target=asks, args=(name,), daemon=True) for name in programs]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + within_s
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0.0))
    late = f"does not answer within {within_s:g} s"
    return [answers.get(name) or Health(name, is_well=False, text=late) for name in programs]


def _asked(name: str, question: Callable[[Settings], Health], found: Settings) -> Health:
    try:
        return question(found)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Health(name, is_well=False, text=f"does not answer ({reason})")


def _programs(found: Settings) -> dict[str, Callable[[Settings], Health]]:
    if found.sensor.send_to:
        # A box that only hears, for another one.
        return {"sensor": _sensor}
    stands_in_the_way = found.gate.kind is GateKind.NFTABLES
    should = {
        "database": (True, _database),
        "gate": (True, _gate),
        "radius": (found.gate.kind is GateKind.RADIUS, _radius),
        "resolver": (stands_in_the_way, _resolver),
        "portal": (True, _portal),
        "front": (found.front.server is FrontServer.NGINX, _front),
        "advertise": (stands_in_the_way and _has_api(found), _advertise),
        "sensor": (bool(found.sensor.interfaces or found.sensor.listen), _sensor),
        "jobs": (True, _jobs),
        "dashboard": (True, _dashboard),
        # Not every store has to keep them; one that has begun to goes on.
        "flows": (sign_of_life.read(found.run_dir, "flows") is not None, _flows),
    }
    return {name: question for name, (does, question) in should.items() if does}


def _has_api(found: Settings) -> bool:
    try:
        api_uri.of_portal(found.portal.url)
    except ApiUriError:
        return False
    return True


def _database(found: Settings) -> Health:
    from sqlalchemy import exc  # noqa: PLC0415 - slow to load, and a sensor alone needs none

    from core import database as databases  # noqa: PLC0415 - as above
    from core import migrate  # noqa: PLC0415 - as above

    if not databases.is_there(found.database_url):
        return Health("database", is_well=False, text="there is none: doorman migrate")
    database = databases.Database(found.database_url, soon=True)
    try:
        if not migrate.is_current(database):
            text = "not of this version's form: doorman migrate"
            return Health("database", is_well=False, text=text)
    except exc.SQLAlchemyError as error:
        text = f"does not open ({type(error).__name__})"
        return Health("database", is_well=False, text=text)
    finally:
        database.dispose()
    return Health("database", is_well=True, text="of this version's form")


def _gate(found: Settings) -> Health:
    try:
        kind = GateClient(found.gate_socket).kind()
    except GateError as error:
        return Health("gate", is_well=False, text=str(error))
    return Health("gate", is_well=True, text=f"answers ({kind})")


def _radius(found: Settings) -> Health:
    from gear.radius import freeradius  # noqa: PLC0415 - only where it is asked

    is_well = freeradius.is_alive(found.radius.status_port)
    return Health("radius", is_well, "answers" if is_well else "does not answer")


def _resolver(found: Settings) -> Health:
    number = secrets.token_bytes(2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(_WITHIN_S)
        asking.connect(("127.0.0.1", found.resolver.port))
        asking.send(_QUESTION.pack(number, 0, 1, 0, 0, 0) + _ROOT_TXT)
        is_well = asking.recv(512)[:2] == number
    return Health("resolver", is_well, "answers" if is_well else "answers nonsense")


def _portal(found: Settings) -> Health:
    host = urlsplit(found.portal.url).netloc
    if found.front.server is FrontServer.NGINX:
        return _page("portal", _unix(found.portal_socket), host)
    return _page("portal", _address(found.portal.host, found.portal.port), host)


def _dashboard(found: Settings) -> Health:
    where = _address(found.dashboard.host, found.dashboard.port)
    if found.dashboard.chain:
        where = web_tls.unproven(where)
    return _page("dashboard", where, found.dashboard.host)


def _front(found: Settings) -> Health:
    if front_check.redirects(found):
        return Health("front", is_well=True, text="leads phones to the portal")
    return Health("front", is_well=False, text="does not lead phones to the portal")


def _page(program: str, connection: socket.socket, host: str) -> Health:
    with connection:
        asking = http.client.HTTPConnection("unused")
        asking.sock = connection
        asking.request("GET", PATH, headers={"Host": host})
        status = asking.getresponse().status
    text = "answers" if status == _OK else f"answers with status {status}"
    return Health(program, status == _OK, text)


def _unix(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_WITHIN_S)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def _address(host: str, port: int) -> socket.socket:
    return socket.create_connection((_LOCAL.get(host, host), port), _WITHIN_S)


def _advertise(found: Settings) -> Health:
    return _by_sign(found, "advertise")


def _jobs(found: Settings) -> Health:
    return _by_sign(found, "jobs")


def _flows(found: Settings) -> Health:
    return _by_sign(found, "flows")


def _by_sign(found: Settings, program: str) -> Health:
    sign = sign_of_life.read(found.run_dir, program)
    if sign is None or sign.is_stale(clock.now()):
        since = f" since {sign.told_at:%Y-%m-%d %H:%M} UTC" if sign else ""
        return Health(program, is_well=False, text=f"gives no sign of life{since}")
    return Health(program, not sign.trouble, sign.trouble or "lives")


def _sensor(found: Settings) -> Health:
    status = sensor_status.read(found.status_dir)
    if status is None or status.is_stale(clock.now()):
        return Health("sensor", is_well=False, text="gives no sign of life")
    # One radio may be unplugged, which is doctor's; a sensor that hears by none is of no use.
    states = ", ".join(f"{name} {each.state}" for name, each in sorted(status.sources.items()))
    is_well = any(each.state is not State.GONE for each in status.sources.values())
    return Health("sensor", is_well, states or "has nothing to hear by")
