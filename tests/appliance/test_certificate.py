import os
import subprocess
import sys

import pytest
import trustme

from tests.appliance import acme
from tests.appliance.acme import Acme

NAME = "wifi.store.test"
COMMAND = [sys.executable, "-m", "appliance", "certificate"]


@pytest.fixture
def place(tmp_path):
    return tmp_path / "tls" / "portal.pem"


@pytest.fixture
def surroundings(tmp_path, place):
    """Settings, and what this machine trusts, in variables of the environment."""
    return {
        "DOORMAN_CONFIG": str(empty_file(tmp_path / "doorman.toml")),
        "DOORMAN_PORTAL__URL": f"https://{NAME}",
        "DOORMAN_CERTIFICATE__CHAIN": str(place),
        "DOORMAN_CERTIFICATE__KEY": str(place),
        "DOORMAN_FRONT__FOLDER": str(tmp_path / "front"),
        "SSL_CERT_FILE": str(empty_file(tmp_path / "trusted.pem")),
        "SSL_CERT_DIR": str(tmp_path / "no-more"),
    }


def empty_file(file):
    file.touch()
    return file


def run(surroundings, *words):
    return subprocess.run(
        [*COMMAND, *words],
        env=os.environ | surroundings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_takes_what_is_handed_in_and_says_how_long_it_lasts(tmp_path, surroundings, place):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(surroundings["SSL_CERT_FILE"])
    issued = authority.issue_cert(NAME)
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(str(chain))
    issued.private_key_pem.write_to_path(str(key))

    done = run(surroundings, "install", str(chain), str(key))
    assert done.returncode == 0, done.stderr
    assert "the front reads it at its next start: no nginx runs" in done.stdout
    assert place.read_bytes() == issued.cert_chain_pems[0].bytes() + issued.private_key_pem.bytes()
    assert "good until" in run(surroundings, "status").stdout


def test_keeps_what_was_there_if_the_new_one_is_bad(tmp_path, surroundings, place):
    place.parent.mkdir()
    place.write_text("old")
    issued = trustme.CA().issue_cert(NAME)
    file = tmp_path / "both.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(str(file))

    done = run(surroundings, "install", str(file), str(file))
    assert done.returncode == 1
    assert "kept what was there: certificate_chain_incomplete" in done.stderr
    assert place.read_text() == "old"
    assert run(surroundings, "status").returncode == 1


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DOORMAN_PORTAL__URL", "http://wifi.store.test", "portal.url"),
        ("DOORMAN_CERTIFICATE__KEY", "", "certificate.key"),
    ],
    ids=["no-https", "no-place"],
)
def test_names_the_setting_that_is_wrong(surroundings, variable, value, says):
    done = run(surroundings | {variable: value}, "status")

    assert done.returncode == 2
    assert says in done.stderr


@pytest.mark.skipif(bool(acme.missing()), reason=f"not installed: {acme.missing()}")
def test_lego_gets_renews_and_keeps_the_old_one_if_the_new_one_is_bad(
    tmp_path, surroundings, place
):
    hook = " ".join([*COMMAND, "install"])
    with Acme(tmp_path) as authority:
        trusting = surroundings | {"SSL_CERT_FILE": str(authority.root)}
        got = authority.lego(NAME, "run", "--run-hook", hook, environment=trusting)
        assert got.returncode == 0, got.stderr
        first = place.read_bytes()
        assert first.count(b"BEGIN CERTIFICATE") == 2
        assert b"PRIVATE KEY" in first
        assert place.stat().st_mode & 0o777 == 0o600

        renewal = ("renew", "--days", "99999", "--no-random-sleep", "--renew-hook", hook)
        # This machine trusts its authority no longer.
        bad = authority.lego(NAME, *renewal, environment=surroundings)
        assert bad.returncode != 0
        assert place.read_bytes() == first

        good = authority.lego(NAME, *renewal, environment=trusting)
        assert good.returncode == 0, good.stderr
        assert place.read_bytes() != first
        assert "good until" in run(trusting, "status").stdout
