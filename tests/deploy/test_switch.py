"""A switch is cut off anywhere: what comes up is the old or the new, and finds its way."""

import importlib
import subprocess
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

    def __call__(self, command, _environment):
        if self.cut_at is not None and len(self.asked) >= self.cut_at:
            raise PowerCutError
        release, words = "", list(command)
        if words[0] == "setpriv":
            release, words = Path(words[4]).parents[1].name, words[5:]
        self.asked.append(" ".join([release, *words]).strip())
        bad = words[0] == "health" and release in self.unhealthy
        return subprocess.CompletedProcess(command, int(bad), "portal: does not answer", "")


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
    assert "1.1 migrate --copy --to 0001" in deployed.machine.asked


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
