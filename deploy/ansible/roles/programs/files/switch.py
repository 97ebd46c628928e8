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
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

sys.dont_write_bytecode = True
from deployments import Deployments, link, secrets_of  # noqa: E402 - leaves nothing beside it

ROOT = Path("/opt/doorman")
UNITS = Path("/etc/systemd/system")
LOCK = Path("/run/doorman-switch.lock")

DATABASE = "doorman-database.service"
# Of the database, which changes its form while they are stopped. The front answers meanwhile.
READERS = ("doorman-portal.service", "doorman-dashboard.service", "doorman-jobs.service")
# In the order in which they are started.
PROGRAMS = (
    "doorman-gate.service",
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


class SwitchError(Exception):
    """What could not be done. The message says what runs now."""


Result = subprocess.CompletedProcess[str]
Run = Callable[[Sequence[str], dict[str, str]], Result]


def run(command: Sequence[str], environment: dict[str, str]) -> Result:
    return subprocess.run(  # noqa: S603 - our own command lines, no shell
        list(command), env=environment, capture_output=True, text=True, check=False
    )


class Switch:
    def __init__(self, deployments: Deployments, units: Path = UNITS, runner: Run = run) -> None:
        self._box, self._units, self._run = deployments, units, runner

    def to_next(self, wait_s: int) -> str:
        new, old = self._box.next_name(), self._box.named("current")
        if new == old:
            if not self._box.noted():
                return f"{new} runs already"
            return self.prove(wait_s, PROGRAMS)
        self._box.stage(new)
        # Tried with all secrets when they were written (role release).
        settings = self._doorman(new, "settings", "--read")
        if settings.returncode:
            raise SwitchError(f"nothing was changed: {_last(settings)}")
        restart = self._to_restart(old, new)
        self._stop_readers(old)
        if old:
            self._take_database_back(old, new)
        self._box.note(to=new, came_from=old)
        if old:
            self._box.point("previous", old)
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
            self._look(name, wait_s)
        except SwitchError as error:
            return self._recover(name, noted.get("came_from"), error, wait_s)
        self._box.proven()
        self._doorman(name, "migrate", "--forget-copy")
        self._box.prune(_releases_in_use(self._box.root))
        return f"{name} runs and is healthy"

    def back(self, wait_s: int) -> str:
        """To the deployment before, because somebody wants so."""
        name, old = self._box.named("current"), self._box.named("previous")
        if name is None or old is None or old == name:
            raise SwitchError(f"{name or 'nothing'} runs, and there is none to go back to")
        self._return(name, old)
        self._start(old, PROGRAMS)
        self._look(old, wait_s)
        return f"{old} runs and is healthy"

    def _recover(self, name: str, old: str | None, reason: SwitchError, wait_s: int) -> str:
        if old is None or not self._box.folder(old).exists():
            raise SwitchError(f"{name} is not healthy, and nothing ran before it: {reason}")
        self._return(name, old)
        self._box.proven()
        try:
            self._start(old, PROGRAMS)
            self._look(old, wait_s)
        except SwitchError as error:
            raise SwitchError(
                f"{name} is not healthy ({reason}); {old} runs again, and is not either: {error}"
            ) from error
        raise SwitchError(f"{name} is not healthy, {old} runs again: {reason}")

    def _return(self, name: str, old: str) -> None:
        self._stop_readers(name)
        self._take_database_back(name, old)
        self._box.point("current", old)
        self._box.drop_previous()

    def _take_database_back(self, name: str, to: str) -> None:
        """For a release of an older form, which only the newer one of the two knows a way to.

        A power cut after it costs nothing: `name` brings the database forward again.
        """
        revision = self._box.revision(to)
        # Numbered, with as many digits each.
        if revision >= self._box.revision(name):
            return
        done = self._doorman(name, "migrate", "--copy", "--to", revision)
        if done.returncode:
            self._start(name, ())
            raise SwitchError(
                f"{name} runs on: the database cannot be taken back to {revision}: {_last(done)}"
            )

    def _start(self, name: str, restart: Sequence[str]) -> None:
        self._install_units(name)
        present = self._box.units(name)
        if restart:
            # Their lines are the deployment's. Both keep what they know: who is online, leases.
            self._again("reload-or-restart", "doorman-firewall.service")
            self._again("restart", "dnsmasq.service")
        self._systemctl("restart" if restart else "start", DATABASE)
        problems = []
        for unit in (unit for unit in PROGRAMS if unit in present):
            # One that does not start keeps no other from starting.
            try:
                self._systemctl("restart" if unit in restart else "start", unit)
            except SwitchError as error:
                problems.append(str(error))
        self._systemctl("start", "--no-block", "doorman.target")
        if problems:
            raise SwitchError("; ".join(problems))

    def _install_units(self, name: str) -> None:
        """Links to those of the deployment; what it has no more is stopped, and goes."""
        folder, present = self._box.root / "current" / "units", self._box.units(name)
        for found in self._units.glob("doorman*"):
            ours = found.is_symlink() and found.readlink().parent == folder
            if ours and found.name not in present:
                self._systemctl("stop", found.name)
                found.unlink()
        wants = self._units / "multi-user.target.wants"
        wants.mkdir(exist_ok=True)
        for unit in present:
            link(self._units / unit, folder / unit)
        for unit in present.intersection(AT_BOOT):
            link(wants / unit, folder / unit)
        self._systemctl("daemon-reload")

    def _stop_readers(self, name: str | None) -> None:
        present = self._box.units(name)
        for unit in READERS:
            if unit in present:
                self._systemctl("stop", unit)

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
        return self._doorman(name, "front", "--nginx").stdout, unit.exists() and unit.read_text()

    def _look(self, name: str, wait_s: int) -> None:
        done = self._doorman(name, "health", "--wait", str(wait_s))
        if done.returncode:
            raise SwitchError(_last(done))

    def _again(self, how: str, unit: str) -> None:
        """Of a unit that other roles bring, where they do: another gateway needs neither."""
        if not self._run(["systemctl", "cat", unit], dict(os.environ)).returncode:
            self._systemctl(how, unit)

    def _systemctl(self, *words: str) -> None:
        done = self._run(["systemctl", *words], dict(os.environ))
        if done.returncode:
            raise SwitchError(f"systemctl {' '.join(words)}: {_last(done)}")

    def _doorman(self, name: str, *words: str) -> Result:
        """The command of a deployment, with its settings and no more power than the programs."""
        folder = self._box.folder(name)
        ours = {"DOORMAN_CONFIG": str(folder / "doorman.toml")}
        environment = dict(os.environ) | secrets_of(folder / "secrets.env") | ours
        as_user = ["setpriv", "--reuid=doorman", "--regid=doorman", "--init-groups"]
        command = str(self._box.release(name) / "bin" / "doorman")
        return self._run([*as_user, command, *words], environment)


def _last(done: Result) -> str:
    """What a command said that failed, on one line."""
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return "; ".join(lines[-6:]) or f"it ended with {done.returncode}"


def _releases_in_use(root: Path) -> set[str]:
    """Releases that a process was started from, such as a front that had no reason to restart."""
    found, folder = set(), f"{root}/releases/"
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            for word in file.read_bytes().decode(errors="replace").split("\0"):
                if word.startswith(folder):
                    found.add(word.removeprefix(folder).split("/")[0])
    return found


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
    except SwitchError as error:
        sys.stderr.write(f"doorman: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
