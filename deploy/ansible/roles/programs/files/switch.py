#!/usr/bin/python3
"""Switches a box to its next deployment, and back if what runs then is not healthy.

Where a power cut falls before the rename of `current` (deployments.py), the box comes up as it
was; after it, as it is to be, and doorman-proof.service looks whether that is healthy, as this
would have. Nothing here needs the machine that Ansible runs on: a connection that breaks changes
nothing.
"""

import argparse
import contextlib
import fcntl
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

sys.dont_write_bytecode = True
from deployments import Deployments, link, releases_in_use  # noqa: E402 - leaves nothing beside it
from machine import LONG_S, Machine, Run, SwitchError, last, run  # noqa: E402 - as above

ROOT = Path("/opt/doorman")
UNITS = Path("/etc/systemd/system")
LOCK = Path("/run/doorman-switch.lock")

DATABASE = "doorman-database.service"
# Of the database, which changes its form while they are stopped. The front answers meanwhile.
READERS = ("doorman-portal.service", "doorman-dashboard.service", "doorman-jobs.service")
# In the order in which they are started.
PROGRAMS = (
    "doorman-gate.service",
    "doorman-radius.service",
    "doorman-flows.service",
    "doorman-resolver.service",
    "doorman-portal.service",
    "doorman-front.service",
    "doorman-advertise.service",
    "doorman-sensor.service",
    "doorman-dashboard.service",
    "doorman-jobs.service",
)
# Begun with the machine; all else is wanted by the target.
AT_BOOT = ("doorman.target", "doorman-proof.service")
# What the sensor goes by. Of another change it need not hear: a new start draws a new key, to
# which every phone in the shop looks new.
SENSOR_READS = ("data_dir", "run_dir", "log_level", "store", "sensor", "traffic")


class Switch:
    def __init__(self, deployments: Deployments, units: Path = UNITS, runner: Run = run) -> None:
        self._box, self._units = deployments, units
        self._machine = Machine(deployments, runner)

    def to_next(self, wait_s: int) -> str:
        new, old = self._box.next_name(), self._box.named("current")
        if new == old:
            if not self._box.noted():
                return f"{new} runs already"
            return self.prove(wait_s, PROGRAMS)
        self._box.stage(new)
        # Tried with all secrets when they were written (role release).
        settings = self._machine.doorman(new, "settings", "--read")
        if settings.returncode:
            raise SwitchError(f"nothing was changed: {last(settings)}")
        restart = self._to_restart(old, new)
        noted = self._box.noted()
        if old is None or noted.get("to") != old or noted.get("came_from") == new:
            noted = {"came_from": old, "known": self._machine.unwell(old)}
        # Else what runs has not been proven itself: back would be to what ran before it.
        back, known = noted["came_from"], noted.get("known", [])
        with self._readers_stopped(old, new):
            if old:
                self._take_database_back(old, new)
            self._box.note(to=new, came_from=back, known=known)
            if back:
                self._box.point("previous", back)
            self._box.point("current", new)
        return self.prove(wait_s, restart)

    def prove(self, wait_s: int, restart: Sequence[str] = ()) -> str:
        """Show that what `current` names is healthy, or go back."""
        name, noted = self._box.named("current"), self._box.noted()
        if name is None or noted.get("to") != name:
            # Cut off before the rename: what runs is what ran.
            self._box.proven()
            return f"{name or 'nothing'} runs, as before"
        try:
            self._start(name, restart)
            still = self._machine.look(name, wait_s, noted.get("known", []))
        except (SwitchError, OSError) as error:
            return self._recover(name, noted, error, wait_s)
        self._box.proven()
        self._machine.doorman(name, "migrate", "--forget-copy")
        self._box.prune(releases_in_use(self._box.root))
        return f"{name} runs and is healthy{still}"

    def back(self, wait_s: int) -> str:
        """To the deployment before, because somebody wants so."""
        name, old = self._box.named("current"), self._box.named("previous")
        if name is None or old is None or old == name:
            raise SwitchError(f"{name or 'nothing'} runs, and there is none to go back to")
        self._return(name, old)
        self._start(old, PROGRAMS)
        self._machine.look(old, wait_s, [])
        return f"{old} runs and is healthy"

    def _recover(
        self, name: str, noted: dict[str, Any], reason: Exception, wait_s: int
    ) -> NoReturn:
        old = noted.get("came_from")
        if old is None or not self._box.folder(old).exists():
            raise SwitchError(f"{name} is not healthy, and nothing ran before it: {reason}")
        try:
            # There is a copy already, and may be no room for another.
            self._return(name, old, copy=False)
        except (SwitchError, OSError) as error:
            raise SwitchError(f"{name} is not healthy ({reason}), and {error}") from error
        self._box.proven()
        try:
            self._start(old, PROGRAMS)
            self._machine.look(old, wait_s, noted.get("known", []))
        except (SwitchError, OSError) as error:
            raise SwitchError(
                f"{name} is not healthy ({reason}); {old} runs again, and is not either: {error}"
            ) from error
        self._machine.doorman(old, "migrate", "--forget-copy")
        raise SwitchError(f"{name} is not healthy, {old} runs again: {reason}")

    def _return(self, name: str, old: str, *, copy: bool = True) -> None:
        with self._readers_stopped(name, old):
            self._take_database_back(name, old, copy=copy)
            self._box.point("current", old)
        self._box.drop_previous()

    def _take_database_back(self, name: str, to: str, *, copy: bool = True) -> None:
        """For a release of an older form, which only the newer one of the two knows a way to.

        A power cut after it costs nothing: `name` brings the database forward again.
        """
        revision = self._box.revision(to)
        # Numbered, with as many digits each.
        if revision >= self._box.revision(name):
            return
        words = ["migrate", *(["--copy"] if copy else []), "--to", revision]
        done = self._machine.doorman(name, *words, limit_s=LONG_S)
        if done.returncode:
            # Changed whole or not at all; and `name` knows its way from either form.
            raise SwitchError(
                f"{name} runs on: the database cannot be taken back to {revision}: {last(done)}"
            )

    def _start(self, name: str, restart: Sequence[str]) -> None:
        self._install_units(name)
        present = self._box.units(name)
        if restart:
            # Their lines are the deployment's. Both keep what they know: who is online, leases.
            self._machine.again("reload-or-restart", "doorman-firewall.service")
            self._machine.again("restart", "dnsmasq.service")
        self._machine.systemctl("restart" if restart else "start", DATABASE)
        problems = []
        for unit in (unit for unit in PROGRAMS if unit in present):
            # One that does not start keeps no other from starting.
            try:
                self._machine.systemctl("restart" if unit in restart else "start", unit)
            except SwitchError as error:
                problems.append(str(error))
        self._machine.systemctl("start", "--no-block", "doorman.target")
        if problems:
            raise SwitchError("; ".join(problems))

    def _install_units(self, name: str) -> None:
        """Links to those of the deployment; what it has no more is stopped, and goes."""
        folder, present = self._box.root / "current" / "units", self._box.units(name)
        for found in self._units.glob("doorman*"):
            ours = found.is_symlink() and found.readlink().parent == folder
            if ours and found.name not in present:
                self._machine.systemctl("stop", found.name)
                found.unlink()
        wants = self._units / "multi-user.target.wants"
        wants.mkdir(exist_ok=True)
        for unit in present:
            link(self._units / unit, folder / unit)
        for unit in present.intersection(AT_BOOT):
            link(wants / unit, folder / unit)
        self._machine.systemctl("daemon-reload")

    @contextlib.contextmanager
    def _readers_stopped(self, name: str | None, to: str) -> Iterator[None]:
        """Until `current` leads elsewhere. Where that fails, they run again as before."""
        readers = [unit for unit in READERS if unit in self._box.units(name)]
        try:
            for unit in readers:
                self._machine.systemctl("stop", unit)
            yield
        except BaseException:
            if name and self._box.named("current") == name:
                # It may have been taken back already.
                older = self._box.revision(to) < self._box.revision(name)
                for how, unit in [("restart" if older else "start", DATABASE)] + [
                    ("start", unit) for unit in readers
                ]:
                    # One that does not start keeps no other from starting.
                    with contextlib.suppress(SwitchError, OSError):
                        self._machine.systemctl(how, unit)
            raise

    def _to_restart(self, old: str | None, new: str) -> tuple[str, ...]:
        """What may go by something else than before; the others are left in peace."""
        if old is None or self._box.release(old) != self._box.release(new):
            return PROGRAMS
        seen = {
            "doorman-sensor.service": self._seen_by_sensor,
            "doorman-front.service": self._seen_by_front,
        }
        spared = {unit for unit, look in seen.items() if look(old) == look(new)}
        return tuple(unit for unit in PROGRAMS if unit not in spared)

    def _seen_by_sensor(self, name: str) -> object:
        settings = tomllib.loads((self._box.folder(name) / "doorman.toml").read_text())
        unit = self._box.folder(name) / "units" / "doorman-sensor.service"
        return [settings.get(key) for key in SENSOR_READS], unit.exists() and unit.read_text()

    def _seen_by_front(self, name: str) -> object:
        unit = self._box.folder(name) / "units" / "doorman-front.service"
        return self._machine.doorman(
            name, "front", "--nginx"
        ).stdout, unit.exists() and unit.read_text()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with LOCK.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Switches this box to its next deployment.")
    parser.add_argument(
        "what",
        choices=["differences", "switch", "prove", "back", "status"],
        help="what `next` has otherwise; go by it; prove what runs; go back; say what runs",
    )
    parser.add_argument("--wait", type=int, default=60, help="seconds until it has to be healthy")
    wanted = parser.parse_args(None if arguments is None else list(arguments))
    box = Deployments(ROOT)
    if wanted.what == "differences":
        unproven = ["unproven"] if box.noted() else []
        sys.stdout.write("".join(f"{each}\n" for each in box.differences() + unproven))
        return 0
    if wanted.what == "status":
        for name in ("current", "previous"):
            sys.stdout.write(f"{name} {box.named(name) or 'none'}\n")
        return 0
    switch = Switch(box)
    steps = {"switch": switch.to_next, "prove": switch.prove, "back": switch.back}
    try:
        with _alone():
            sys.stdout.write(f"{steps[wanted.what](wanted.wait)}\n")
    except (SwitchError, OSError) as error:
        sys.stderr.write(f"doorman: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
