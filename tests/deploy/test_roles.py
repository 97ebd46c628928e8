"""What holds for every role, without a box: names, descriptions, units that systemd reads."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from backup.keys import PrivateKey
from core import settings
from core.setting_groups.radius import RadiusSettings

ANSIBLE = Path(__file__).parents[2] / "deploy" / "ansible"
ROLES = sorted(path for path in (ANSIBLE / "roles").iterdir() if path.is_dir())
PLAYBOOK = Path(__file__).parents[2] / ".venv" / "ansible" / "bin" / "ansible-playbook"

another_gateway = pytest.mark.parametrize("kind", ["unifi", "radius"])
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
    "release_secrets": {"DOORMAN_UNIFI__PASSWORD": "one", "DOORMAN_CRM__SIGNING_KEY": "two"},
}
# What differs where the store keeps a gateway of its own.
KINDS = {
    "ours": {
        "shop_gateway_kind": "nftables",
        "release_settings": {
            "backup": {
                "target": "/mnt/nas/doorman",
                "public_key": PrivateKey.new().public().text(),
            },
            "sensor": {"sightings_dir": "/run/doorman/sightings"},
            "sms": {
                "carriers": ["gammu"],
                "gammu": {"outbox": "/var/spool/gammu/outbox", "errors": "/var/spool/gammu/error"},
            },
        },
    },
    "unifi": {
        "shop_gateway_kind": "unifi",
        "release_settings": {"unifi": {"url": "https://192.168.1.1", "username": "doorman"}},
    },
    "radius": {
        "shop_gateway_kind": "radius",
        "release_settings": {
            "radius": {
                "nas": [
                    {"name": "ac1", "address": "10.9.0.10", "role": "guests"},
                    {"name": "ac2", "address": "fd00::2", "role": "guests"},
                ]
            }
        },
    },
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
def each_written(tmp_path_factory):
    """What the roles release and programs write for boxes of these facts, one of each kind."""
    folder = tmp_path_factory.mktemp("written")
    for kind in KINDS:
        (folder / kind / "units").mkdir(parents=True)
    # Where templates look for what they include, as in the role.
    (folder / "templates").symlink_to(ANSIBLE / "roles" / "programs" / "templates")
    play = [
        {
            "hosts": "all",
            "connection": "local",
            "gather_facts": False,
            "vars_files": [
                str(ANSIBLE / "roles" / role / kind / "main.yml")
                for role in ("release", "programs", "flow_log")
                for kind in ("defaults", "vars")
                if (ANSIBLE / "roles" / role / kind).exists()
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
                *(
                    task("Write secrets", "release/templates/secrets.env.j2", f"{name}.env")
                    | {"vars": {"release_secrets_written": f"{{{{ release_secrets_of_{of} }}}}"}}
                    for name, of in (("secrets", "programs"), ("gateway", "gateway"))
                ),
            ],
        }
    ]
    (folder / "play.yml").write_text(yaml.safe_dump(play))
    # Above what the files say.
    facts = FACTS | {
        "folder": str(folder),
        **{name: f"{{{{ kinds[inventory_hostname].{name} }}}}" for name in KINDS["ours"]},
        "kinds": KINDS,
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    done = subprocess.run(
        [PLAYBOOK, "-i", ",".join(KINDS), "-e", json.dumps(facts), folder / "play.yml"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def written(each_written):
    return each_written / "ours"


def task(name, source, target):
    # Included templates are looked for beside the role's own.
    return {
        "name": name,
        "ansible.builtin.template": {
            "src": f"{ANSIBLE}/roles/{source}",
            "dest": f"{{{{ folder }}}}/{{{{ inventory_hostname }}}}/{target}",
            "mode": "0644",
        },
    }


def units_of(box):
    return {path.name: path.read_text() for path in (box / "units").iterdir()}


@pytest.mark.parametrize("kind", KINDS)
def test_settings_are_those_that_every_program_reads(kind, each_written, monkeypatch):
    for name in ("doorman.toml", "without-secrets.toml"):
        monkeypatch.setenv("DOORMAN_CONFIG", str(each_written / kind / name))

        found = settings.load()
        assert (found.store.name, found.gate.kind.is_foreign) == (
            FACTS["shop_name"],
            kind != "ours",
        )


@another_gateway
def test_another_gateways_gate_has_a_network_its_secret_and_no_power(kind, each_written):
    units = units_of(each_written / kind)
    gate = units.pop("doorman-gate.service")

    assert "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n" in gate
    assert "RuntimeDirectoryPreserve=restart\n" in gate
    assert "CapabilityBoundingSet=\n" in gate
    assert not [word for word in ("IPAddressDeny", "PrivateNetwork", "CAP_") if word in gate]
    assert "gateway.env" in gate
    assert "secrets.env" not in gate
    also = {"radius": ["doorman-radius.service"]}.get(kind, [])
    assert [name for name, text in units.items() if "gateway.env" in text] == also


def test_freeradius_is_open_to_the_gateways_alone_and_sees_no_database(each_written):
    unit = units_of(each_written / "radius")["doorman-radius.service"]
    found = tomllib.loads((each_written / "radius" / "without-secrets.toml").read_text())

    assert "IPAddressDeny=any\nIPAddressAllow=localhost 10.9.0.10 fd00::2\n" in unit
    assert f"InaccessiblePaths=-{found['data_dir']}\n" in unit
    assert "CapabilityBoundingSet=\n" in unit
    assert not [word for word in ("secrets.env", "CAP_") if word in unit]
    assert "DynamicUser=yes\n" in unit
    # Its memory ends with the machine's run, which it asks /proc/sys for.
    gate = units_of(each_written / "radius")["doorman-gate.service"]
    assert re.findall(r"^ProcSubset=(\w+)$", gate, re.MULTILINE)[-1] == "all"
    # Where it writes the gateways' secrets.
    folder = RadiusSettings().folder.removeprefix("/run/")
    assert f"RuntimeDirectory={folder}\nRuntimeDirectoryMode=0700\n" in unit
    assert [
        kind for kind in KINDS if "doorman-radius.service" in units_of(each_written / kind)
    ] == ["radius"]


@another_gateway
def test_another_gateways_box_runs_nothing_that_stands_in_phones_way(kind, each_written):
    names = units_of(each_written / kind).keys()

    ours = {f"doorman-{name}.service" for name in ("resolver", "advertise", "flows")}
    assert names & ours == set()
    assert {"doorman-gate.service", "doorman-front.service", "doorman-sensor.service"} <= names


def test_no_program_is_given_secrets_of_another(each_written):
    box = each_written / "unifi"

    assert "DOORMAN_CRM__SIGNING_KEY='two'" in (box / "secrets.env").read_text()
    assert "DOORMAN_UNIFI" not in (box / "secrets.env").read_text()
    assert "DOORMAN_UNIFI__PASSWORD='one'" in (box / "gateway.env").read_text()
    assert "DOORMAN_CRM" not in (box / "gateway.env").read_text()


def test_a_stores_bundle_has_nothing_of_headquarters_figures():
    lock = (ANSIBLE.parents[1] / "requirements.lock").read_text()
    wanted = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))

    assert "numpy" in wanted
    assert (
        wanted & {"pandas", "pyarrow", "dask", "distributed", "duckdb", "fsspec", "s3fs"} == set()
    )


def test_programs_with_a_power_of_their_own_are_given_no_secrets(written):
    for name in ("gate", "resolver", "front", "advertise", "sensor", "flows"):
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
        "flows": {"CAP_NET_ADMIN"},
        # To read keys of other programs, once a night.
        "backup": {"CAP_DAC_READ_SEARCH"},
        "front": port_80,
        "advertise": {"CAP_NET_RAW"},
        "sensor": {"CAP_NET_RAW", "CAP_NET_ADMIN"},
        **{
            name: set() for name in ("resolver", "portal", "jobs", "dashboard", "database", "proof")
        },
    }


@pytest.mark.parametrize(
    ("folder", "writers"),
    [
        ("/run/doorman/sightings", {"sensor", "jobs", "dashboard"}),
        ("/var/spool/gammu/outbox", {"portal"}),
    ],
)
def test_a_folder_that_settings_name_may_be_written_by_whose_it_is(written, folder, writers):
    line = f"\nReadWritePaths=-{folder}\n"

    found = {name for name, text in units_of(written).items() if line in text}
    assert found == {f"doorman-{name}.service" for name in writers}


def test_what_keeps_flows_sees_neither_database_nor_network(written):
    unit = (written / "units" / "doorman-flows.service").read_text()
    found = tomllib.loads((written / "without-secrets.toml").read_text())

    assert f"InaccessiblePaths=-{found['data_dir']}\n" in unit
    assert "RestrictAddressFamilies=AF_UNIX AF_NETLINK\nIPAddressDeny=any\n" in unit
    folder = "/var/lib/" + re.search(r"StateDirectory=(\S+)", unit)[1]
    assert {str(Path(found["flows"][name]).parent) for name in ("folder", "key_file")} == {folder}
    assert found["flows"]["days"] >= 183


def test_no_program_opens_a_device_such_as_a_camera(written):
    # `proof` is root's own: it switches releases, and runs nothing of ours.
    programs = set((written / "units").glob("doorman-*.service"))
    programs -= set((written / "units").glob("doorman-proof.service"))

    assert programs
    for unit in programs:
        text = unit.read_text()
        assert "PrivateDevices=yes\nDevicePolicy=closed\n" in text, unit.name
        assert "DeviceAllow" not in text, unit.name


@pytest.mark.parametrize("kind", KINDS)
def test_systemd_understands_every_unit(kind, each_written):
    units = each_written / kind / "units"
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
