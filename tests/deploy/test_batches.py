"""A roll-out of the chain's inventory by site.yml, with roles that do nothing, or fail."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ANSIBLE = Path(__file__).parents[2] / "deploy" / "ansible"
PLAYBOOK = Path(__file__).parents[2] / ".venv" / "ansible" / "bin" / "ansible-playbook"


@pytest.fixture
def roll_out(tmp_path):
    """Roll out to the first shops of the chain; say which each batch had that was begun."""
    for name in ("site.yml", "gateway.yml"):
        shutil.copy(ANSIBLE / name, tmp_path)
    reached = {"name": "Reach it", "ansible.builtin.raw": "true"}
    unhealthy = {
        "name": "Look after it",
        "ansible.builtin.fail": {"msg": "unhealthy"},
        "when": "inventory_hostname == failing",
    }
    for role in (ANSIBLE / "roles").iterdir():
        tasks = tmp_path / "roles" / role.name / "tasks"
        tasks.mkdir(parents=True)
        does = {"base": [reached], "programs": [unhealthy]}.get(role.name, [])
        (tasks / "main.yml").write_text(yaml.safe_dump(does))

    def batches(count, failing, why="unhealthy", **given):
        shops = ":".join(f"shop-{number:03}" for number in range(1, count + 1))
        given = {
            "failing": failing,
            "ansible_connection": "local",
            "ansible_become": False,
        } | given
        done = subprocess.run(
            [
                *(PLAYBOOK, "-i", ANSIBLE / "inventories" / "chain", "--limit", shops),
                *("-e", json.dumps(given), tmp_path / "site.yml"),
            ],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "LC_ALL": "C.UTF-8",
                # What kind of box it is, no role of these asks.
                "ANSIBLE_GATHERING": "explicit",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode > 0, why in done.stdout) == (True, True), done.stderr
        plays = done.stdout.split("PLAY [Set up gateways]")[1:]
        plays[-1] = plays[-1].split("PLAY RECAP")[0]
        told = re.compile(r"^\w+: \[shop-0*(\d+)\]", re.MULTILINE)
        return [sorted(set(told.findall(each))) for each in plays]

    return batches


def test_batches_are_those_of_the_inventory_and_end_with_the_first_box_that_fails(roll_out):
    assert roll_out(9, "shop-004") == [["1"], ["2"], ["3", "4", "5", "6", "7"]]


def test_nobody_follows_a_canary_that_fails(roll_out):
    assert roll_out(3, "shop-001") == [["1"]]


def test_nobody_follows_a_box_that_cannot_be_reached(roll_out):
    away = "{{ 'ssh' if inventory_hostname == failing else 'local' }}"
    unreachable = {"ansible_connection": away, "ansible_host": "127.0.0.1", "ansible_port": 1}

    begun = roll_out(9, "shop-004", "UNREACHABLE", **unreachable)

    assert begun == [["1"], ["2"], ["3", "4", "5", "6", "7"]]
