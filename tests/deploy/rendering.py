"""What roles write for a shop, with no box to write it on: their templates, filled as Ansible does.

A shop is its facts (`shop_...`), as they stand in an inventory.
"""

import functools
import os
import re
import shlex
from pathlib import Path

import jinja2
import yaml
from jinja2.nativetypes import NativeEnvironment

ROLES = Path(__file__).parents[2] / "deploy" / "ansible" / "roles"


def variables(role, shop):
    """Defaults and vars of a role for a shop, worked out one after the other."""
    found = dict(shop)
    native = _of_ansible(NativeEnvironment(undefined=jinja2.StrictUndefined))
    texts = {}
    for kind in ("defaults", "vars"):
        file = ROLES / role / kind / "main.yml"
        if file.exists():
            texts |= yaml.safe_load(file.read_text())
    templates = {name: text for name, text in texts.items() if "{{" in str(text)}
    found |= {name: value for name, value in texts.items() if name not in templates}
    for name, text in templates.items():
        value = native.from_string(text.strip()).render(found)
        found[name] = list(value) if hasattr(value, "__next__") else value
    return found


def rendered(role, template, shop, **changes):
    loader = jinja2.FileSystemLoader(ROLES / role / "templates")
    # As Ansible has it.
    environment = _of_ansible(
        jinja2.Environment(  # noqa: S701 - none of it is HTML
            loader=loader,
            trim_blocks=True,
            keep_trailing_newline=True,
            undefined=jinja2.StrictUndefined,
        )
    )
    return environment.get_template(template).render(variables(role, shop) | changes)


def described(shop):
    """The files of systemd-networkd, by name, as role network's tasks/describe.yml writes them."""
    found = variables("network", shop)
    texts = {
        f"{name}.network": rendered("network", "interface.network.j2", shop, item=name)
        for name in found["network_interfaces"]
    }
    texts |= {
        f"{vlan['name']}.netdev": rendered("network", "vlan.netdev.j2", shop, item=vlan)
        for vlan in found["network_vlans"]
    }
    if found["network_is_bridged"]:
        bridge = found["network_shopper_interface"]
        texts[f"{bridge}.netdev"] = rendered("network", "bridge.netdev.j2", shop)
    return {f"05-doorman-{name}": text for name, text in texts.items()}


def _of_ansible(environment):
    """Those of Ansible's own filters and tests that these roles use."""
    environment.filters |= {
        "basename": os.path.basename,
        "difference": lambda these, those: [each for each in these if each not in those],
        "quote": shlex.quote,
        "regex_replace": lambda text, this, that: re.sub(this, that, text),
        "split": lambda text, by: text.split(by),
        "ternary": lambda is_so, yes, no: yes if is_so else no,
    }
    # Lists, as Ansible has them.
    for name in ("map", "reject", "select", "selectattr", "unique"):
        environment.filters[name] = _listed(environment.filters[name])
    environment.tests["match"] = lambda text, pattern: re.match(pattern, text) is not None
    return environment


def _listed(found):
    @functools.wraps(found)
    def call(*words, **named):
        return list(found(*words, **named))

    return call
