import shutil
import subprocess

import pytest

from portal.advertising import dnsmasq
from portal.advertising.dnsmasq import DhcpOptions

URI = "https://wifi.store.test/captive-portal/api"


@pytest.fixture
def options_file(tmp_path):
    return tmp_path / "run" / "options"


@pytest.fixture
def daemon(tmp_path):
    """A program of the right name that counts how often it is told, and its pid file."""
    program = tmp_path / "dnsmasq"
    # With a time-out: a signal between two commands is not looked at while `read` waits.
    waits = "while read -t 0.1 || (( $? > 128 )); do :; done"
    program.write_text(f"#!/bin/bash\ntrap 'echo again' HUP\necho ready\n{waits}\n")
    program.chmod(0o755)
    # Whoever runs the tests may have been told to ignore hang-ups, and a shell cannot undo that.
    command = ["env", "--default-signal=HUP", program]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        (tmp_path / "pid").write_text(f"{process.pid}\n")
        yield process
        process.kill()


def test_writes_both_options_and_tells(tmp_path, options_file, daemon):
    DhcpOptions(options_file, tmp_path / "pid").advertise(URI)

    assert f"\n114,{URI}\noption6:103,{URI}\n" in options_file.read_text()
    assert options_file.stat().st_mode & 0o777 == 0o644
    assert daemon.stdout.readline() == "again\n"


def test_tells_once_what_does_not_change(tmp_path, options_file, daemon):
    dhcp = DhcpOptions(options_file, tmp_path / "pid")
    for uri in (URI, URI, URI, None):
        dhcp.advertise(uri)
    assert daemon.stdout.readline() == "again\n"

    # What is heard next is the withdrawal.
    assert "114" not in options_file.read_text()
    assert URI not in options_file.read_text()
    assert list(options_file.parent.iterdir()) == [options_file]


def test_withdraws_what_an_earlier_run_left_behind(tmp_path, options_file, daemon):
    options_file.parent.mkdir()
    options_file.write_text(f"114,{URI}\n")
    DhcpOptions(options_file, tmp_path / "pid").advertise(None)

    assert "114" not in options_file.read_text()
    assert daemon.stdout.readline() == "again\n"


def test_tells_later_who_was_not_there_and_complains_once(tmp_path, options_file, request, caplog):
    dhcp = DhcpOptions(options_file, tmp_path / "pid")
    dhcp.advertise(URI)
    dhcp.advertise(URI)
    assert [each.message for each in caplog.records] == ["dnsmasq not told"]

    daemon = request.getfixturevalue("daemon")
    dhcp.advertise(URI)
    assert daemon.stdout.readline() == "again\n"


def test_mends_a_file_that_was_taken_away(tmp_path, options_file, daemon):
    dhcp = DhcpOptions(options_file, tmp_path / "pid")
    dhcp.advertise(URI)
    options_file.unlink()
    dhcp.advertise(URI)

    assert URI in options_file.read_text()


@pytest.mark.skipif(not shutil.which("dnsmasq"), reason="not installed: dnsmasq")
@pytest.mark.parametrize("uri", [URI, None], ids=["advertised", "withdrawn"])
def test_dnsmasq_understands_every_line(tmp_path, uri):
    options = tmp_path / "options"
    options.write_text(dnsmasq.options(uri))
    file = tmp_path / "dnsmasq.conf"
    file.write_text(dnsmasq.configuration(str(options)))
    command = ["dnsmasq", "--test", f"--conf-file={file}"]

    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "syntax check OK" in done.stderr, done.stderr
