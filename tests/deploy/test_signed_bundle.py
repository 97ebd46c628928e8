"""Who may have made a bundle: the script of role release, and OpenSSH as it is."""

import importlib.machinery
import importlib.util
import subprocess
import sys

import pytest
import yaml

from tests.deploy.rendering import ROLES

ROLE = ROLES / "release"
SCRIPT = ROLE / "files" / "verify_bundle.py"
OURS = "release_signers"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Private ones by name, with the public ones beside them."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ours", "newer", "strangers"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name]
        subprocess.run(command, check=True)
    return folder


@pytest.fixture(scope="module")
def sign():
    """As `make bundle` does."""
    path = str(ROLES.parents[2] / "scripts" / "bundle")
    loader = importlib.machinery.SourceFileLoader("doorman_bundle", path)
    script = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(script)
    return script.sign


@pytest.fixture
def bundle(tmp_path):
    file = tmp_path / "doorman-1-bundle.tar.gz"
    file.write_bytes(b"wheels" * 1000)
    return file


def verify(bundle, *signers):
    command = [sys.executable, SCRIPT, bundle]
    return subprocess.run(
        command, input="\n".join(signers), capture_output=True, text=True, check=False
    )


def public(keys, name):
    return (keys / f"{name}.pub").read_text().strip()


def test_one_that_we_have_signed_is_taken(keys, sign, bundle):
    sign(bundle, keys / "ours")

    assert verify(bundle, public(keys, "ours")).returncode == 0
    assert verify(bundle, public(keys, "newer"), "", public(keys, "ours")).returncode == 0


def unsigned(_keys, _sign, _bundle):
    pass


def signed_by_a_stranger(keys, sign, bundle):
    sign(bundle, keys / "strangers")


def changed_since(keys, sign, bundle):
    sign(bundle, keys / "ours")
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"S")


def signed_for_something_else(keys, _sign, bundle):
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", keys / "ours", bundle]
    subprocess.run(command, check=True)


def anothers_signature(keys, sign, bundle):
    other = bundle.with_name("other")
    other.write_text("other")
    sign(other, keys / "ours")
    other.with_name("other.sig").rename(bundle.with_name(f"{bundle.name}.sig"))


def made_anew_without_a_key(keys, sign, bundle):
    sign(bundle, keys / "ours")
    sign(bundle, None)


@pytest.mark.parametrize(
    "spoil",
    [
        unsigned,
        signed_by_a_stranger,
        changed_since,
        signed_for_something_else,
        anothers_signature,
        made_anew_without_a_key,
    ],
)
def test_any_other_is_refused(keys, sign, bundle, spoil):
    spoil(keys, sign, bundle)

    done = verify(bundle, public(keys, "ours"))

    assert done.returncode == 1
    assert "signature" in done.stderr or "signed by none" in done.stderr


@pytest.mark.parametrize(
    "signers",
    [[], ["releases.pub"], ["* ssh-ed25519 AAAA"], ["ssh-ed25519 AAAA", "cert-authority * x"]],
)
def test_what_is_no_key_lets_nobody_in(keys, sign, bundle, signers):
    sign(bundle, keys / "ours")
    done = verify(bundle, *signers)

    assert done.returncode == 1
    assert OURS in done.stderr


def test_the_role_asks_before_anything_gets_to_the_box():
    first, *_ = yaml.safe_load((ROLE / "tasks" / "bundle.yml").read_text())

    assert first["ansible.builtin.command"]["argv"][1:] == [
        "{{ role_path }}/files/verify_bundle.py",
        "{{ release_bundle }}",
    ]
    assert OURS in first["ansible.builtin.command"]["stdin"]
    assert first["when"] == f"{OURS} | length > 0"
    assert first["delegate_to"] == "localhost"
    assert "ignore_errors" not in first
    # Nobody has to sign who does not ask for it.
    assert yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())[OURS] == []
