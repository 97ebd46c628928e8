"""A switch is cut off anywhere: what comes up is the old or the new, and finds its way."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FILES = Path(__file__).parents[2] / "deploy" / "ansible" / "roles" / "programs" / "files"
ALL_UNITS = ("doorman.target", "doorman-database.service", "doorman-portal.service")


class PowerCutError(Exception):
    pass


class Machine:
    """Stands in for systemd and the releases; keeps what they were asked."""

    def __init__(self):
        self.asked, self.unhealthy, self.cut_at = [], set(), None
        self.refused, self.unwell, self.up = "", {}, set()

    def __call__(self, command, _environment, _limit_s):
        if self.cut_at is not None and len(self.asked) >= self.cut_at:
            raise PowerCutError
        release, words = "", list(command)
        if words[0] == "setpriv":
            release, words = Path(words[4]).parents[1].name, words[5:]
        self.asked.append(" ".join([release, *words]).strip())
        if words[0] == "health":
            return self._health(command, words, release)
        bad = bool(self.refused) and self.refused in self.asked[-1]
        if words[:2] == ["systemctl", "stop"]:
            self.up.discard(words[-1])
        elif words[0] == "systemctl" and not bad:
            self.up.add(words[-1])
        return subprocess.CompletedProcess(command, int(bad), "", "no room")

    def _health(self, command, words, release):
        unwell = self.unwell.get(release, [])
        told = "".join(f"BAD {program}: is not there\n" for program in unwell)
        if "--json" in words:
            told = json.dumps({"programs": [{"program": each, "ok": False} for each in unwell]})
        if release in self.unhealthy:
            told = "portal: does not answer"
        bad = release in self.unhealthy or not set(unwell) <= set(words)
        return subprocess.CompletedProcess(command, int(bad), told, "")


@pytest.fixture
def box(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(FILES)
    switch = importlib.import_module("switch")
    root, units = tmp_path / "doorman", tmp_path / "systemd"
    units.mkdir()
    for version, revision in (("1.0", "0001"), ("1.1", "0002")):
        (root / "releases" / version).mkdir(parents=True)
        (root / "releases" / version / "revision").write_text(revision)
    (root / "deployments").mkdir()
    (root / "next" / "units").mkdir(parents=True)
    for unit in ALL_UNITS:
        (root / "next" / "units" / unit).touch()
    return Box(switch, root, units)


class Box:
    def __init__(self, module, root, units):
        self.module, self.root, self.units = module, root, units
        self.machine = Machine()

    def ask_for(self, version):
        link = self.root / "next" / "release"
        link.unlink(missing_ok=True)
        link.symlink_to(self.root / "releases" / version)
        (self.root / "next" / "doorman.toml").write_text(f'log_level = "{version}"')

    @property
    def switch(self):
        deployments = self.module.Deployments(self.root, sync=lambda: None)
        return self.module.Switch(deployments, self.units, self.machine)

    @property
    def runs(self):
        """The release that comes up, with its own settings."""
        release = (self.root / "current" / "release").readlink().name
        assert release in (self.root / "current" / "doorman.toml").read_text()
        return release


@pytest.fixture
def deployed(box):
    box.ask_for("1.0")
    box.switch.to_next(1)
    box.ask_for("1.1")
    box.machine.asked.clear()
    return box


def test_goes_by_what_comes_next(deployed):
    assert "is healthy" in deployed.switch.to_next(1)

    assert deployed.runs == "1.1"
    assert "systemctl restart doorman-portal.service" in deployed.machine.asked
    assert (deployed.units / ALL_UNITS[2]).readlink().parent == deployed.root / "current" / "units"


def test_a_second_time_changes_nothing(deployed):
    deployed.switch.to_next(1)
    deployed.machine.asked.clear()

    assert "already" in deployed.switch.to_next(1)
    assert deployed.machine.asked == []


def test_what_is_not_healthy_goes_back_with_the_database(deployed):
    deployed.machine.unhealthy = {"1.1"}

    with pytest.raises(deployed.module.SwitchError, match="runs again: portal: does not answer"):
        deployed.switch.to_next(1)

    assert deployed.runs == "1.0"
    asked = deployed.machine.asked
    # The upgrade has made a copy; for another there may be no room.
    assert asked.index("1.1 migrate --to 0001") < asked.index("1.0 migrate --forget-copy")


def test_where_the_database_cannot_go_back_the_new_one_runs_on(deployed):
    deployed.machine.unhealthy, deployed.machine.refused = {"1.1"}, "migrate --to"

    with pytest.raises(
        deployed.module.SwitchError, match=r"does not answer.*1.1-.* runs on.*no room"
    ):
        deployed.switch.to_next(1)

    assert deployed.runs == "1.1"
    assert "doorman-portal.service" in deployed.machine.up
    assert (deployed.root / "unproven").exists(), "the next boot tries again"


@pytest.mark.parametrize("way", ["forward", "back"])
def test_a_disk_that_refuses_leaves_the_readers_running(deployed, way):
    def full():
        # While the readers are stopped, that is.
        if "doorman-portal.service" not in deployed.machine.up:
            raise OSError(28, "No space left on device")

    switch = deployed.switch
    if way == "back":
        switch.to_next(1)
    switch = deployed.module.Switch(
        deployed.module.Deployments(deployed.root, sync=full), deployed.units, deployed.machine
    )
    before = deployed.runs

    with pytest.raises(OSError, match="No space"):
        (switch.to_next if way == "forward" else switch.back)(1)

    assert deployed.runs == before
    assert "doorman-portal.service" in deployed.machine.up


def test_what_was_not_well_before_is_told_and_does_not_count(deployed):
    deployed.machine.unwell = {"1.0": ["sensor"], "1.1": ["sensor"]}

    said = deployed.switch.to_next(1)

    assert deployed.runs == "1.1"
    assert said.endswith("is healthy, but for what was not before: sensor: is not there")


def test_what_has_become_unwell_counts(deployed):
    deployed.machine.unwell = {"1.0": ["sensor"], "1.1": ["sensor", "portal"]}

    with pytest.raises(deployed.module.SwitchError, match=r"1.0-.* runs again"):
        deployed.switch.to_next(1)


def test_from_an_unproven_one_the_way_back_is_to_the_proven_one(deployed):
    proven = (deployed.root / "current").readlink().name
    deployments = deployed.module.Deployments(deployed.root, sync=lambda: None)
    unproven = deployments.next_name()
    deployments.stage(unproven)
    deployments.note(to=unproven, came_from=proven)
    deployments.point("current", unproven)
    (deployed.root / "next" / "more").touch()
    deployed.machine.unhealthy = {"1.1"}

    with pytest.raises(deployed.module.SwitchError, match=f"{proven} runs again"):
        deployed.switch.to_next(1)

    assert deployed.runs == "1.0"


def test_nobody_reads_secrets_while_they_are_copied(deployed, monkeypatch):
    seen, copy = [], shutil.copyfile

    def looked_at(source, target, **options):
        seen.append((deployed.root / "deployments" / ".draft").stat().st_mode & 0o777)
        return copy(source, target, **options)

    monkeypatch.setattr(shutil, "copyfile", looked_at)
    secrets = deployed.root / "next" / "secrets.env"
    secrets.touch(mode=0o600)
    deployed.switch.to_next(1)

    assert set(seen) == {0o700}
    current = deployed.root / "current"
    assert current.stat().st_mode & 0o777 == (deployed.root / "next").stat().st_mode & 0o777
    assert (current / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_what_hangs_is_ended(box):
    done = box.module.run([sys.executable, "-c", "import time; time.sleep(60)"], {}, 0.01)

    assert (done.returncode, done.stderr) == (124, "no end of it within 0 s")


def test_a_release_of_an_older_form_is_given_it_by_the_newer_one(deployed):
    deployed.switch.to_next(1)
    deployed.ask_for("1.0")

    deployed.switch.to_next(1)

    assert deployed.runs == "1.0"
    assert "1.1 migrate --copy --to 0001" in deployed.machine.asked


def test_somebody_goes_back_once(deployed):
    deployed.switch.to_next(1)

    deployed.switch.back(1)

    assert deployed.runs == "1.0"
    with pytest.raises(deployed.module.SwitchError, match="none to go back to"):
        deployed.switch.back(1)


@pytest.mark.parametrize("unhealthy", [set(), {"1.1"}], ids=["healthy", "unhealthy"])
def test_a_power_cut_anywhere_leaves_one_whole_and_finds_its_way(deployed, unhealthy):
    deployed.machine.unhealthy = unhealthy
    for cut_at in range(40):
        deployed.machine.asked.clear()
        deployed.machine.cut_at = cut_at
        try:
            deployed.switch.to_next(1)
        except PowerCutError:
            assert deployed.runs in {"1.0", "1.1"}
        except deployed.module.SwitchError:
            break
        else:
            break
        # The machine comes up: what was cut off is proven, or goes back.
        deployed.machine.cut_at = None
        try:
            deployed.switch.prove(1)
        except deployed.module.SwitchError:
            assert deployed.runs == "1.0"
        assert not (deployed.root / "unproven").exists()
        if deployed.runs == "1.1":
            deployed.switch.back(1)
    else:
        pytest.fail("it never came to an end")

    assert cut_at > len(ALL_UNITS)
    assert deployed.runs == ("1.0" if unhealthy else "1.1")
