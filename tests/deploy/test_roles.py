"""What holds for every role, without a box: names, descriptions, units that systemd reads."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from core import settings

ANSIBLE = Path(__file__).parents[2] / "deploy" / "ansible"
ROLES = sorted(path for path in (ANSIBLE / "roles").iterdir() if path.is_dir())
PLAYBOOK = Path(__file__).parents[2] / ".venv" / "ansible" / "bin" / "ansible-playbook"

every_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)

FACTS = {
    "shop_id": "shop-1",
    "shop_name": 'Lakeside "Store" 湖滨',
    "shop_portal_name": "wifi.example.com",
    "shop_portal_https": True,
    "shop_uplink_interface": "eth0",
    "shop_shopper_interface": "br-lan",
    "shop_sensor_radios": [{"interface": "mon0", "plan": "fixed 1"}],
    "release_version": "0.1.0",
}


def variables(role, kind):
    file = role / kind / "main.yml"
    return (yaml.safe_load(file.read_text()) or {}) if file.exists() else {}


@every_role
def test_each_default_is_described_and_nothing_else(role):
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())
    options = specs["argument_specs"]["main"]["options"]
    required = {name for name, each in options.items() if each.get("required")}

    assert set(variables(role, "defaults")) == set(options) - required
    assert [name for name, each in options.items() if not each.get("description")] == []


@every_role
def test_each_default_stands_below_a_sentence_about_it(role):
    paragraphs = (role / "defaults" / "main.yml").read_text().removeprefix("---\n").split("\n\n")

    assert [each for each in paragraphs if not each.startswith("#")] == []


@every_role
def test_variables_carry_the_name_of_their_role(role):
    named = {*variables(role, "defaults"), *variables(role, "vars")}
    for file in [*role.glob("tasks/*.yml"), *role.glob("handlers/*.yml")]:
        named |= set(re.findall(r"^ *register: (\w+)", file.read_text(), re.MULTILINE))

    assert [name for name in named if not name.startswith(f"{role.name}_")] == []


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What the roles release and programs write for a box of these facts."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "units").mkdir()
    # Where templates look for what they include, as in the role.
    (folder / "templates").symlink_to(ANSIBLE / "roles" / "programs" / "templates")
    play = [
        {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars_files": [
                str(ANSIBLE / "roles" / role / kind / "main.yml")
                for role in ("release", "programs")
                for kind in ("defaults", "vars")
            ],
            "tasks": [
                task("Write a unit", "programs/templates/units/{{ item }}.j2", "units/{{ item }}")
                | {"loop": "{{ programs_units }}"},
                task("Write settings", "release/templates/doorman.toml.j2", "doorman.toml")
                | {"vars": {"release_settings_written": "{{ release_settings_all }}"}},
                task(
                    "Write them without secrets",
                    "release/templates/doorman.toml.j2",
                    "without-secrets.toml",
                )
                | {"vars": {"release_settings_written": "{{ release_settings_without_secrets }}"}},
            ],
        }
    ]
    (folder / "play.yml").write_text(yaml.safe_dump(play))
    # Above what the files say.
    facts = FACTS | {"folder": str(folder), "ansible_python_interpreter": "/usr/bin/python3"}
    done = subprocess.run(
        [PLAYBOOK, "-i", "localhost,", "-e", json.dumps(facts), folder / "play.yml"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def task(name, source, target):
    # Included templates are looked for beside the role's own.
    return {
        "name": name,
        "ansible.builtin.template": {
            "src": f"{ANSIBLE}/roles/{source}",
            "dest": f"{{{{ folder }}}}/{target}",
            "mode": "0644",
        },
    }


def test_settings_are_those_that_every_program_reads(written, monkeypatch):
    for name in ("doorman.toml", "without-secrets.toml"):
        monkeypatch.setenv("DOORMAN_CONFIG", str(written / name))

        assert settings.load().store.name == FACTS["shop_name"]


def test_programs_with_a_power_of_their_own_are_given_no_secrets(written):
    for name in ("gate", "resolver", "front", "advertise", "sensor"):
        unit = (written / "units" / f"doorman-{name}.service").read_text()

        assert "secrets.env" not in unit, name
        assert "without-secrets.toml" in unit, name


def test_no_program_has_more_power_than_architecture_md_says(written):
    powers = {
        path.stem.removeprefix("doorman-"): set(re.findall(r"CAP_\w+", path.read_text()))
        for path in (written / "units").glob("doorman-*.service")
    }
    port_80 = {"CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID", "CAP_CHOWN", "CAP_KILL"}

    assert powers == {
        "gate": {"CAP_NET_ADMIN"},
        "front": port_80,
        "advertise": {"CAP_NET_RAW"},
        "sensor": {"CAP_NET_RAW", "CAP_NET_ADMIN"},
        **{
            name: set() for name in ("resolver", "portal", "jobs", "dashboard", "database", "proof")
        },
    }


def test_systemd_understands_every_unit(written):
    units = written / "units"
    for unit in units.iterdir():
        # Of a release that is not on this machine.
        unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units.iterdir()],
        capture_output=True,
        text=True,
        check=False,
    )

    assert [line for line in done.stderr.splitlines() if "doorman" in line] == []
