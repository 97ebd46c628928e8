"""Ansible, run from a store's office as somebody of IT would run it."""

import dataclasses
import json
import os
import re
import subprocess

from tests.deploy import debian
from tests.deploy.store import Store

PLAYBOOKS = debian.ROOT / "deploy" / "ansible"
BIN = debian.ROOT / ".venv" / "ansible" / "bin"

_RECAP = re.compile(r"(?m)^box +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)")


@dataclasses.dataclass(frozen=True, slots=True)
class Recap:
    status: int
    changed: int
    output: str


class Playbooks:
    """For one store. What every run is told beside its facts may change between runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._inventory = store.folder / "inventory.json"
        self.facts = store.facts()

    def run(self, playbook: str, *options: str, **facts: object) -> Recap:
        """Run it to its end, whatever that is."""
        process = self.start(playbook, *options, **facts)
        output, _ = process.communicate()
        found = _RECAP.search(output)
        return Recap(process.returncode, int(found[2]) if found else -1, output)

    def start(self, playbook: str, *options: str, **facts: object) -> subprocess.Popen[str]:
        self._write_inventory(facts)
        words = (BIN / "ansible-playbook", "-i", self._inventory, PLAYBOOKS / playbook, *options)
        return subprocess.Popen(
            self._store.office.command(*words),
            env=environment() | self._folders(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _write_inventory(self, facts: dict[str, object]) -> None:
        hosts = {"box": self.facts | facts}
        self._inventory.write_text(json.dumps({"shops": {"hosts": hosts}}))
        self._inventory.chmod(0o600)

    def _folders(self) -> dict[str, str]:
        # Short: a connection that is kept has a socket there.
        return {
            "ANSIBLE_HOME": str(self._store.folder / "ansible"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._store.folder / "cp"),
        }


def environment() -> dict[str, str]:
    """What Ansible runs with here, whatever this machine's own settings are."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE")}
    return outside | {
        "ANSIBLE_CONFIG": str(PLAYBOOKS / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
