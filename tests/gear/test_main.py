"""The real program, with a console that cannot be reached."""

import os
import signal
import socket
import subprocess
import sys

SETTINGS = {
    "GATE__KIND": "unifi",
    "PORTAL__NEIGHBOURS": "redirect",
    "CLONES__CHALLENGES": "0",
    "UNIFI__URL": "https://127.0.0.1:1",
    "UNIFI__API_KEY": "key-of-the-console",
}


def test_tells_systemd_when_it_can_be_asked_and_when_it_ends(tmp_path):
    environment = os.environ | {f"DOORMAN_{name}": value for name, value in SETTINGS.items()}
    environment |= {"DOORMAN_DATA_DIR": str(tmp_path), "NOTIFY_SOCKET": str(tmp_path / "notify")}
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        (tmp_path / "log").open("w") as log,
    ):
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        with subprocess.Popen(
            [sys.executable, "-I", "-m", "gear"], env=environment, stderr=log
        ) as gear:
            try:
                assert systemd.recv(100) == b"READY=1"
                gear.send_signal(signal.SIGTERM)
                while (word := systemd.recv(100)) != b"STOPPING=1":
                    assert word.startswith((b"WATCHDOG=", b"STATUS="))
            finally:
                gear.kill()
