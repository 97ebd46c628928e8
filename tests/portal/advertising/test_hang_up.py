import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from portal.advertising.hang_up import HangUpError, hang_up


@pytest.fixture
def pid_file(tmp_path):
    return tmp_path / "pid"


@pytest.mark.parametrize("content", ["", "x", "-1", "0", "9" * 30], ids=repr)
def test_an_unreadable_pid_file_is_nobodys(pid_file, content):
    pid_file.write_text(content)

    with pytest.raises(HangUpError, match="pid"):
        hang_up(pid_file, "dnsmasq")


def test_a_missing_pid_file_is_nobodys(pid_file):
    with pytest.raises(HangUpError, match="no dnsmasq runs"):
        hang_up(pid_file, "dnsmasq")


def test_another_program_under_an_old_number_is_left_alone(pid_file):
    # SIGHUP would end this very process.
    pid_file.write_text(str(os.getpid()))

    with pytest.raises(HangUpError, match="not of a dnsmasq"):
        hang_up(pid_file, "dnsmasq")


def test_one_that_has_ended_is_not_told(pid_file):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    pid_file.write_text(str(ended.pid))

    with pytest.raises(HangUpError, match="no dnsmasq runs"):
        hang_up(pid_file, "dnsmasq")


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot become another user")
def test_another_users_program_cannot_be_told():
    # Not in pytest's own folder, which is closed to other users.
    with (
        tempfile.NamedTemporaryFile("w") as pid_file,
        subprocess.Popen(["sleep", "60"]) as sleeping,
    ):
        pid_file.write(str(sleeping.pid))
        pid_file.flush()
        Path(pid_file.name).chmod(0o644)
        code = (
            "import os\n"
            "from pathlib import Path\n"
            "from portal.advertising.hang_up import hang_up, HangUpError\n"
            "os.setuid(65534)\n"
            f"try: hang_up(Path({pid_file.name!r}), 'sleep')\n"
            "except HangUpError as error: print(error)\n"
        )
        try:
            said = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            ).stdout
            assert sleeping.poll() is None
        finally:
            sleeping.kill()

    assert said == "sleep may be told by its own user alone\n"
