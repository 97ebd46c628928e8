"""What `doorman doctor` says of more than one sensor in a store, on the box and on the others."""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

from appliance.finding import Finding, Grade
from appliance.store_sensors import authority_of
from core import clock, sensor_status
from core.place import place_of
from core.sensor_status import SensorStatus, State
from core.settings import Settings
from sniffer.remote import bundle
from sniffer.remote.authority import RENEW_BEFORE, KnownSensor
from sniffer.remote.bundle import BundleError
from sniffer.remote.line import Broken, Line, LineError
from sniffer.remote.shape import Greet, Reason, Refused

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what is warned of, not listened on

_MENDS = {
    Broken.UNREACHABLE: "see that the box is on, its sensor runs, and sensor.listen is set there",
    Broken.NOT_THE_BOX: "check sensor.send_to and this machine's date; or add this sensor anew",
    Broken.NOT_TAKEN: "on the box: doorman sensors list; add this sensor anew",
    Broken.LOST: "look at the log of the box's sensor",
    Broken.NONSENSE: "bring box and sensor to the same version",
    Reason.REVOKED: "on the box: doorman sensors add, if it shall send again",
    Reason.CLOCK: "set this machine's clock (timedatectl), or have it ask the box for the time",
}


def examine(found: Settings) -> Iterator[Finding]:
    if found.sensor.listen:
        yield from _box(found)
    if found.sensor.send_to:
        yield _sensor(found)


def _box(found: Settings) -> Iterator[Finding]:
    if place_of(found.sensor.listen)[0] in _EVERYWHERE:
        mend = "give it the address of the management side"
        yield Finding(Grade.NOTE, "sensor.listen is open to every network of this box", mend)
    known = authority_of(found).known()
    if not known:
        mend = "doorman sensors add NAME FILE"
        yield Finding(Grade.NOTE, "sensor.listen is set, and no other sensor may send", mend)
    status = sensor_status.read(found.status_dir)
    for each in known:
        yield _known(each, status, clock.now())


def _known(known: KnownSensor, status: SensorStatus | None, now: dt.datetime) -> Finding:
    renew = f"doorman sensors add {known.name} FILE, and carry that file there"
    if now > known.certificate_ends_at:
        return Finding(Grade.WRONG, f"the certificate of sensor {known.name} has ended", renew)
    word = status.sources.get(known.name) if status and not status.is_stale(now) else None
    if word is None or word.state is not State.HEARING:
        since = f" since {word.heard_at:%Y-%m-%d %H:%M} UTC" if word and word.heard_at else ""
        mend = f"see that it is on and reaches this box; or doorman sensors remove {known.name}"
        return Finding(Grade.WRONG, f"nothing is heard of sensor {known.name}{since}", mend)
    if now > known.certificate_ends_at - RENEW_BEFORE:
        until = f"{known.certificate_ends_at:%Y-%m-%d}"
        return Finding(Grade.NOTE, f"the certificate of sensor {known.name} ends {until}", renew)
    return Finding(Grade.GOOD, f"sensor {known.name} sends")


def _sensor(found: Settings) -> Finding:
    where = found.sensor.send_to
    try:
        whose = bundle.read(Path(found.sensor.bundle))
        with Line(place_of(where), whose) as line:
            sent_us = time.time_ns() // 1000
            answer = line.ask(Greet(whose.name, sent_us))
    except BundleError as error:
        return Finding(Grade.WRONG, "sensor.bundle", str(error))
    except LineError as error:
        return Finding(Grade.WRONG, f"no line to the box at {where}: {error}", _MENDS[error.reason])
    if isinstance(answer, Refused):
        mend = _MENDS.get(answer.reason, "look at the log of the box's sensor")
        return Finding(Grade.WRONG, f"the box at {where} refuses: {answer.reason}", mend)
    behind_s = (answer.received_us - sent_us) / 1e6
    text = f"the box at {where} takes what {whose.name} hears; its clock is {behind_s:+.1f} s ahead"
    return Finding(Grade.GOOD, text)
