"""Makes Prometheus's targets of the Ansible inventory. Standard library only.

ansible-inventory -i ../ansible/inventories/chain --list | python3 targets.py > targets/stores.yml

A store's address is its `ansible_host`, the port 8081 unless `monitoring_port` says another.
"""

# ruff: noqa: INP001 - a program by itself, of no package

import json
import sys
from typing import Any

_PORT = 8081


def targets(inventory: dict[str, Any]) -> list[dict[str, Any]]:
    """What file_sd_configs read, of all hosts that are a shop; JSON is YAML as well."""
    hosts = inventory.get("_meta", {}).get("hostvars", {})
    return [
        {
            "targets": [f"{facts.get('ansible_host', name)}:{facts.get('monitoring_port', _PORT)}"],
            "labels": {"store": facts["shop_id"], "region": facts.get("shop_region", "")},
        }
        for name, facts in sorted(hosts.items())
        if "shop_id" in facts
    ]


if __name__ == "__main__":
    json.dump(targets(json.load(sys.stdin)), sys.stdout, indent=2, ensure_ascii=False)
