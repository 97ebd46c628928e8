"""The whole program on loopback, with a portal and a dnsmasq that are stand-ins."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import trustme

from core import sign_of_life
from tests.appliance.systemd import Systemd
from tests.portal.advertising.stand_in import NAME, StandIn, answer

_WITHIN_S = 30


@pytest.fixture
def authority(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "trusted.pem"))
    return authority


@pytest.fixture
def stand_in(authority):
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        StandIn(listening, authority.issue_cert(NAME)) as stand_in,
    ):
        yield stand_in


@pytest.fixture
def options_file(tmp_path):
    return tmp_path / "options"


@pytest.fixture
def surroundings(tmp_path, stand_in, options_file):
    empty = tmp_path / "doorman.toml"
    empty.touch()
    return os.environ | {
        "DOORMAN_CONFIG": str(empty),
        "DOORMAN_PORTAL__URL": f"https://{NAME}:{stand_in.port}",
        "DOORMAN_ADVERTISE__ADDRESSES": '["127.0.0.1"]',
        "DOORMAN_ADVERTISE__BY_ROUTER": "false",
        "DOORMAN_ADVERTISE__CHECK_EVERY_S": "1",
        "DOORMAN_ADVERTISE__OPTIONS_FILE": str(options_file),
        "DOORMAN_ADVERTISE__DNSMASQ_PID_FILE": str(tmp_path / "no-pid"),
        "SSL_CERT_FILE": str(tmp_path / "trusted.pem"),
        "SSL_CERT_DIR": str(tmp_path / "no-more"),
    }


COMMAND = [sys.executable, "-m", "appliance", "advertise"]


@pytest.fixture
def systemd(tmp_path):
    with Systemd(tmp_path / "systemd.sock") as systemd:
        yield systemd


@pytest.fixture
def advertising(surroundings, tmp_path, systemd):
    (tmp_path / "alive").mkdir()
    surroundings |= systemd.environment(watchdog_s=1) | {"DOORMAN_RUN_DIR": str(tmp_path)}
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(COMMAND, env=surroundings, stderr=log) as process,
    ):
        yield process
        process.kill()


def wait_until(true):
    deadline = time.monotonic() + _WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_withdraws_nonsense_comes_back_and_withdraws_at_its_own_end(
    advertising, stand_in, options_file, tmp_path, systemd
):
    def told():
        return options_file.exists() and f"https://{NAME}" in options_file.read_text()

    systemd.wait_for("READY=1")
    wait_until(told)
    stand_in.answer = answer(kind="text/html", body=b"<p>It works!")
    wait_until(lambda: not told())
    stand_in.answer = answer()
    wait_until(told)
    systemd.wait_for("WATCHDOG=1")
    assert sign_of_life.read(tmp_path, "advertise").trouble == ""

    advertising.send_signal(signal.SIGTERM)
    systemd.wait_for("STOPPING=1")
    assert advertising.wait(_WITHIN_S) == 0
    assert sign_of_life.read(tmp_path, "advertise") is None
    assert not told()
    assert (tmp_path / "log").read_text().count('"answer_of_another_type"') == 1


def test_withdraws_what_an_earlier_run_told_if_the_settings_are_wrong(surroundings, options_file):
    options_file.write_text("114,https://wifi.store.test/captive-portal/api\n")
    wrong = {"DOORMAN_PORTAL__URL": "http://wifi.store.test"}
    done = subprocess.run(
        COMMAND, env=surroundings | wrong, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "portal.url: phones ask the API over https alone" in done.stderr
    assert "114" not in options_file.read_text()


def test_says_which_interface_is_missing(surroundings):
    wrong = {
        "DOORMAN_ADVERTISE__BY_ROUTER": "true",
        "DOORMAN_GATE__SHOPPER_INTERFACE": "no-such-one",
    }
    done = subprocess.run(
        COMMAND, env=surroundings | wrong, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "no interface no-such-one (gate.shopper_interface)" in done.stderr
