"""What `doorman doctor` says of the sensor: its interfaces, and whether it hears."""

from collections.abc import Iterator
from pathlib import Path

from appliance import radio_check
from appliance.finding import Finding, Grade
from appliance.store_sensors import authority_of
from core import clock, sensor_status
from core.sensor_status import Hearing, State
from core.settings import Settings
from sniffer.remote.sender import BOX

_INTERFACES = Path("/sys/class/net")
_RADIOTAP_LINK_TYPE = "803"


def examine(found: Settings) -> Iterator[Finding]:
    names, plans = found.sensor.interfaces, found.sensor.hopping
    if not names and not found.sensor.listen:
        yield Finding(Grade.NOTE, "no sensor.interfaces: no live sensing on this machine")
    for name in names:
        yield _interface(name, sets_up_itself=bool(plans))
    yield from radio_check.examine(found)
    if names or found.sensor.listen:
        yield from _running(found)


def _interface(name: str, *, sets_up_itself: bool) -> Finding:
    kind = _INTERFACES / name / "type"
    if not kind.exists():
        there = sorted(path.parent.name for path in _INTERFACES.glob("*/phy80211"))
        return Finding(
            Grade.WRONG,
            f"no interface {name} for the sensor",
            f"plug it in, or set sensor.interfaces; of Wi-Fi there is: {', '.join(there) or '-'}",
        )
    if kind.read_text().strip() == _RADIOTAP_LINK_TYPE:
        return Finding(Grade.GOOD, f"sensor interface {name} in monitor mode")
    if sets_up_itself:
        return Finding(Grade.NOTE, f"sensor interface {name}: the sensor sets it up at its start")
    return Finding(
        Grade.WRONG,
        f"interface {name} is not in monitor mode",
        f"ip link set {name} down; iw dev {name} set type monitor; ip link set {name} up",
    )


def _running(found: Settings) -> Iterator[Finding]:
    status = sensor_status.read(found.status_dir)
    if status is None:
        yield Finding(Grade.NOTE, "the sensor has not run yet: doorman sensor")
    elif status.is_stale(clock.now()):
        yield Finding(Grade.WRONG, "the sensor does not run", "start it: doorman sensor")
    else:
        # Of those, `store_sensors_check` tells.
        others = {each.name for each in authority_of(found).known()}
        for name in sorted(status.sources.keys() - others - {BOX}):
            source = status.sources[name]
            yield _source(name, source)
            if source.problem:
                text = f"{name} does not listen as planned: {source.problem}"
                yield Finding(Grade.WRONG, text, "docs/sensor.md, Channels")


def _source(name: str, hearing: Hearing) -> Finding:
    if hearing.state is State.HEARING:
        return Finding(Grade.GOOD, f"the sensor hears on {name}")
    if hearing.state is State.SILENT:
        mend = "is there an antenna, and does another program use the card? (docs/sensor.md)"
        return Finding(Grade.WRONG, f"{name} is open and hears nothing", mend)
    mend = "the sensor's log says why; it goes on by itself when it is back"
    return Finding(Grade.WRONG, f"{name} is not available to the sensor", mend)
