"""The list of all parts has what boxes are made of."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text()


def made(*words):
    command = [sys.executable, ROOT / "scripts/sbom", *words]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def sbom():
    return made()


def of(sbom, kind):
    return [part for part in sbom["components"] if part["purl"].startswith(f"pkg:{kind}/")]


def test_it_lists_what_is_locked_and_nothing_else(sbom):
    locked = re.findall(r"(?m)^([^\s#=\[]+)\S*?==(\S+)", LOCK)

    assert sorted((part["name"], part["version"]) for part in of(sbom, "pypi")) == sorted(locked)


def test_every_package_of_the_lock_has_its_hashes(sbom):
    hashes = [each["content"] for part in of(sbom, "pypi") for each in part["hashes"]]

    assert all(part["hashes"] for part in of(sbom, "pypi"))
    assert sorted(hashes) == sorted(re.findall(r"--hash=sha256:(\w+)", LOCK))


def test_every_part_is_needed_by_one_that_is_listed(sbom):
    refs = {part["bom-ref"] for part in sbom["components"]}
    needed = {ref for each in sbom["dependencies"] for ref in each["dependsOn"]}

    assert needed == {part["bom-ref"] for part in of(sbom, "pypi")}
    assert {each["ref"] for each in sbom["dependencies"]} - refs == {"pkg:pypi/doorman@0.1.0"}


def test_what_the_roles_install_and_pages_bring_along_is_listed(sbom):
    assert {"nftables", "dnsmasq", "nginx-light"} < {part["name"] for part in of(sbom, "deb")}
    assert {part["name"] for part in of(sbom, "npm")} == {"echarts", "zrender", "tslib"}


def test_a_boxs_own_packages_come_with_their_versions(tmp_path):
    box = tmp_path / "box.txt"
    box.write_text("nftables\t1.0.6-2+deb12u2\nlibc6:amd64\t2.36-9\ndnsmasq\t2:2.90-4~deb12u1\n")

    assert [part["purl"] for part in of(made("--installed", box), "deb")] == [
        "pkg:deb/debian/dnsmasq@2%3A2.90-4~deb12u1",
        "pkg:deb/debian/libc6@2.36-9",
        "pkg:deb/debian/nftables@1.0.6-2+deb12u2",
    ]


def test_the_same_files_give_the_same_list(sbom):
    assert made() == sbom


def test_a_box_takes_nothing_without_its_hash():
    tasks = ROOT / "deploy/ansible/roles/release/tasks"

    assert "sha256sum --check --strict" in (tasks / "bundle.yml").read_text()
    assert "--require-hashes" in (tasks / "environment.yml").read_text()
