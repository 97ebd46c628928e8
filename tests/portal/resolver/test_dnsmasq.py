import shutil
import subprocess

import pytest

from portal.resolver import dnsmasq


@pytest.mark.parametrize("refuse", [False, True], ids=["allow", "refuse"])
@pytest.mark.skipif(not shutil.which("dnsmasq"), reason="not installed: dnsmasq")
def test_dnsmasq_understands_every_line(tmp_path, refuse):
    file = tmp_path / "dnsmasq.conf"
    file.write_text(dnsmasq.configuration(refuse_private_relay=refuse))

    command = ["dnsmasq", "--test", f"--conf-file={file}"]
    assert (
        "syntax check OK"
        in subprocess.run(command, check=True, capture_output=True, text=True).stderr
    )


def test_private_relay_is_refused_only_when_asked_for():
    assert "icloud" not in dnsmasq.configuration(refuse_private_relay=False)
    assert "address=/mask.icloud.com/\n" in dnsmasq.configuration(refuse_private_relay=True)
